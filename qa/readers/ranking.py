"""What readers do with scores: passages ranked by their sentences, log-odds made chances."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from index.base import Hit
from qa.reader import Reading, ScoredSentence
from qa.readers.overlap_features import Matrix, SentenceAt

DIGITS = 4
"""Decimals of every probability: enough to rank by, few enough to be the same on every machine."""


def passage_scores(
    sentences: Sequence[SentenceAt], scores: Matrix, passages: int, rank_weight: float
) -> Matrix:
    """How relevant each passage is: its best sentence's score, and its reciprocal rank weighed in.

    Args:
        sentences: where the scored sentences are.
        scores: of shape (sentences,).
        passages: how many passages there are.
        rank_weight: weight of 1 / (1 + rank of the passage in retrieval).

    Returns:
        Scores of shape (passages,).
    """
    # A passage none of whose sentences was scored comes after those that had one.
    best = np.full(passages, (scores.min() if len(scores) else 0.0) - 1.0)
    for at, score in zip(sentences, scores, strict=True):
        best[at.hit] = max(best[at.hit], score)
    return best + rank_weight / (1 + np.arange(passages))


def readings(
    hits: Sequence[Hit], judged: Sequence[Sequence[ScoredSentence]], relevance: Matrix
) -> tuple[Reading, ...]:
    """One reading for each hit, most relevant first; of equal ones the better hit."""
    found = [
        Reading(hit, round(float(relevance[i]), DIGITS), tuple(judged[i]))
        for i, hit in enumerate(hits)
    ]
    return tuple(sorted(found, key=lambda r: -r.relevance))


def best_and_lead(scores: Matrix) -> tuple[int, float]:
    """Where the best of the scores is, and how far it is before the second; at least one score."""
    order = np.argsort(-scores, kind="stable")
    lead = float(scores[order[0]] - scores[order[1]]) if len(order) > 1 else 0.0
    return int(order[0]), lead


def logistic(log_odds: float) -> float:
    """The probability of log-odds."""
    return 1.0 / (1.0 + math.exp(-max(-50.0, min(50.0, log_odds))))
