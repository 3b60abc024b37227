"""Reciprocal rank fusion: several ranked lists become one."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)

K = 60
"""How slowly a rank loses weight: the constant of Cormack, Clarke and Büttcher (2009), "Reciprocal
rank fusion outperforms Condorcet and individual rank learning methods", SIGIR."""


def reciprocal_rank_fusion(
    lists: Sequence[Sequence[Key]], weights: Sequence[float] | None = None, k: int = K
) -> dict[Key, float]:
    """Score each key by the sum of ``weight / (k + rank)`` over the lists that hold it.

    Ranks count from 1.

    Args:
        lists: ranked lists, best first; a key stands at most once in each.
        weights: one for each list; all 1 where None.
        k: the constant of the method.

    Returns:
        The keys with their scores, in no particular order.

    Raises:
        ValueError: as many weights as lists are needed, or a list repeats a key.
    """
    shares = [1.0] * len(lists) if weights is None else list(weights)
    if len(shares) != len(lists):
        raise ValueError(f"{len(lists)} lists need as many weights, not {len(shares)}")
    scores: dict[Key, float] = {}
    for ranked, share in zip(lists, shares, strict=True):
        if len(set(ranked)) != len(ranked):
            raise ValueError("a ranked list repeats a key")
        for rank, key in enumerate(ranked, start=1):
            scores[key] = scores.get(key, 0.0) + share / (k + rank)
    return scores


def best(
    scores: Mapping[Key, float], tie: Mapping[Key, tuple[str, int, int]], count: int
) -> list[Key]:
    """The ``count`` keys with the highest scores, best first.

    Args:
        scores: a score for each key.
        tie: for each key, what decides between equal scores: document id and offsets,
            ascending. They do not depend on the order in which documents came in.
        count: how many to give at most.
    """
    return sorted(scores, key=lambda key: (-scores[key], tie[key]))[: max(0, count)]
