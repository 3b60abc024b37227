"""Platt scaling: a confidence made a probability for the questions at hand."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from qa.readers.ranking import logistic

LEAST = 100
"""Judged questions from which a confidence is scaled anew."""

DIGITS = 4
"""Decimals of a scaled confidence, as readers give them."""

Matrix = npt.NDArray[np.float64]

_EDGE = 5e-5
_STRAIGHT = 1e-3


def fit(confidences: Sequence[float], right: Sequence[bool]) -> tuple[float, float] | None:
    """Slope and intercept of a logistic regression of ``right`` on the confidence's logit.

    After Platt (1999), with his targets a little inside 0 and 1. Isotonic regression follows any
    shape but needs about a thousand questions to do so better (Niculescu-Mizil and Caruana,
    2005); people's own sets have some hundred, for which two numbers are enough to learn.

    Returns:
        None with fewer than ``LEAST`` questions, where all or none are right, or where the
        confidence does not rise with being right (the order of the answers must stay).
    """
    # Whoever only answers questions need not wait for it.
    from scipy.optimize import minimize

    good = np.asarray(right, dtype=np.float64)
    positive = float(good.sum())
    if len(good) < LEAST or positive in (0.0, len(good)):
        return None
    x = np.array([_logit(c) for c in confidences])
    targets = np.where(good > 0, (positive + 1) / (positive + 2), 1 / (len(good) - positive + 2))

    def loss(line: Matrix) -> tuple[float, Matrix]:
        z = line[0] * x + line[1]
        missed = 1 / (1 + np.exp(-z)) - targets
        total = float((np.logaddexp(0, z) - targets * z).sum())
        return total, np.array([float(missed @ x), float(missed.sum())])

    found = minimize(loss, np.array([1.0, 0.0]), jac=True, method="L-BFGS-B")
    slope, intercept = (round(float(value), 6) for value in found.x)
    return (slope, intercept) if slope > _STRAIGHT else None


def scaled(confidence: float, line: tuple[float, float] | None) -> float:
    """A confidence on the fitted line; as it is without one."""
    if line is None:
        return confidence
    return round(1 / (1 + math.exp(-(line[0] * _logit(confidence) + line[1]))), DIGITS)


def unscaled(confidence: float, line: tuple[float, float] | None) -> float:
    """The confidence that the line takes to this one; one outside (0, 1) stays as it is."""
    if line is None or not 0.0 < confidence < 1.0:
        return confidence
    # A line that does not rise leaves the order of confidences to nobody.
    if line[0] <= 0.0:
        return 0.0
    return logistic((_logit(confidence) - line[1]) / line[0])


def _logit(confidence: float) -> float:
    inside = min(max(confidence, _EDGE), 1 - _EDGE)
    return math.log(inside / (1 - inside))
