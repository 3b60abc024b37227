"""Percentile bootstrap intervals (Efron, 1979) of figures that are not means.

Means have ``qa.metrics.mean``. What is drawn are groups, not cases: two askings of one question are
not independent of each other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from qa.metrics import Measure

RESAMPLES = 1000
Weights = npt.NDArray[np.float64]


def bootstrapped(figure: Callable[[Weights], float], groups: Sequence[str]) -> Measure:
    """A figure over cases, with its 95 % interval.

    Args:
        figure: of the cases' weights, of shape (cases,): how often each was drawn. It may give
            NaN for a draw that lacks what it needs; such draws are left out.
        groups: of each case, which group it is drawn with.

    Returns:
        The figure over all cases; None where it is NaN.
    """
    if not groups:
        return Measure(None, 0)
    value = figure(np.ones(len(groups)))
    if np.isnan(value):
        return Measure(None, len(groups))
    _, group_of = np.unique(np.asarray(groups), return_inverse=True)
    count = int(group_of.max()) + 1
    draw = np.random.default_rng(0)
    drawn = [
        figure(np.bincount(draw.integers(0, count, count), minlength=count)[group_of].astype(float))
        for _ in range(RESAMPLES)
    ]
    low, high = np.nanpercentile(drawn, [2.5, 97.5])
    return Measure(round(value, 4), len(groups), round(float(low), 4), round(float(high), 4))


def median(values: Sequence[float]) -> Measure:
    """The median with its interval."""
    if not values:
        return Measure(None, 0)
    numbers = np.asarray(values, dtype=np.float64)
    drawn = np.random.default_rng(0).integers(0, len(numbers), (RESAMPLES, len(numbers)))
    low, high = np.percentile(np.median(numbers[drawn], axis=1), [2.5, 97.5])
    return Measure(
        round(float(np.median(numbers)), 4),
        len(values),
        round(float(low), 4),
        round(float(high), 4),
    )


def shown(found: Measure, digits: int = 3) -> str:
    """A figure for a table: ``0.445 (0.380–0.515)``."""
    if found.value is None:
        return "–"
    value = f"{found.value:.{digits}f}"
    if found.low is None or found.high is None:
        return value
    return f"{value} ({found.low:.{digits}f}–{found.high:.{digits}f})"
