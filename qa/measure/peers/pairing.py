"""Paired runs: in which order the systems go, and ratios that a slow hour does not move."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from qa.measure.peers.results import Run
from qa.metrics import Measure
from qa.training.bootstrap import median

T = TypeVar("T")
Figure = Callable[[Run], float]


def order(systems: Sequence[T], round_: int) -> list[T]:
    """The systems' order in a round: forwards in even rounds, backwards in odd ones.

    Each system so stands at both ends alike, and whatever drifts over a round weighs on all.
    """
    return list(systems) if round_ % 2 == 0 else list(reversed(systems))


def ratios(runs: Sequence[Run], system: str, base: str, figure: Figure) -> list[float]:
    """A system's figure by the base's, one of each round that both have; none by zero."""
    by_round = {(run.round, run.system): figure(run) for run in runs}
    rounds = sorted({run.round for run in runs})
    pairs = [(by_round.get((r, system)), by_round.get((r, base))) for r in rounds]
    return [own / other for own, other in pairs if own is not None and other]


def ratio(runs: Sequence[Run], system: str, base: str, figure: Figure) -> Measure:
    """The median of the paired ratios, with its bootstrap interval (Efron, 1979) over rounds."""
    return median(ratios(runs, system, base, figure))
