"""Thresholds that keep a promised share of wrong answers, found on questions with known answers.

What a person bounds is the *selective risk*: the share of the given answers that are wrong. It is
not monotone in the threshold (a stricter one may, by chance or by a bad reader, leave a worse
share), so plain conformal risk control (Angelopoulos, Bates, Fisch, Lei and Schuster, 2022) does
not bound it. Learn-then-test (Angelopoulos, Bates, Candès, Jordan and Lei, 2021) does: each
threshold is a hypothesis "more than the accepted share is wrong", rejected by an exact binomial
test, in a fixed sequence from strict to lax, so that all of them together err with probability at
most delta. Plain conformal risk control is here too, for the loss that is monotone: wrong answers
as a share of all questions.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

RISKS = tuple(round(0.01 * n, 2) for n in range(1, 100))
"""The risks that a table of thresholds is made for."""

DELTA = 0.1
"""The accepted chance that a threshold does not keep its risk."""

STEPS = 20
"""Thresholds are tested at every 20th part of the questions, from the surest on."""

SLACK = 2
"""The first test is passable with so many wrong answers. One that forgives none stops half of all
sequences at their start: at a risk of 0.3, with 300 questions, 0.44 against 0.48 of the questions
are answered on average (simulated; see docs/calibration.md)."""

Matrix = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]


def least_number(risk: float, delta: float = DELTA, wrong: int = 0) -> int:
    """The least number of given answers on which a risk can be guaranteed, ``wrong`` being wrong.

    Args:
        risk: accepted share of wrong answers among the given ones, in (0, 1).
        delta: accepted chance that the guarantee fails, in (0, 1).
        wrong: how many of the answers may be wrong.
    """
    _check(risk, delta)
    # P(at most w of n are wrong) <= delta means that the (w + 1)th wrong one comes within n.
    from scipy.stats import nbinom  # half a second, which no question needs

    return int(nbinom.ppf(1 - delta, wrong + 1, risk)) + wrong + 1


def least_threshold(
    confidences: Sequence[float], right: Sequence[bool], risk: float, delta: float = DELTA
) -> float | None:
    """The least confidence to answer at, so that at most ``risk`` of the answers are wrong.

    Learn-then-test with fixed-sequence testing. The sequence is fixed by numbers of questions
    alone, never by which of them are right: it starts where a test can be passed with ``SLACK``
    wrong answers (in small sets at half of the questions, but where a test can be passed at all)
    and goes on by ``STEPS``-ths of the questions. Over draws of the calibration questions, the
    chance that the threshold keeps the risk on further questions of their kind is at least
    1 - delta. That is exact where surer answers are no more often wrong than less sure ones;
    answers of equal confidence are answered together.

    Args:
        confidences: of each question's answer, in [0, 1].
        right: whether that answer is right.
        risk: accepted share of wrong answers among the given ones, in (0, 1).
        delta: accepted chance that the guarantee fails, in (0, 1).

    Returns:
        One of ``confidences``; None where the risk cannot be guaranteed, be it that too few
        questions are known or that too many answers are wrong.

    Raises:
        ValueError: lists of different lengths, or a risk or delta out of range.
    """
    _check(risk, delta)
    surest, wrong = _surest_first(confidences, right)
    counts = _sequence(surest, risk, delta)
    if len(counts) == 0:
        return None
    from scipy.stats import binom

    passed = binom.cdf(wrong[counts - 1], counts, risk) <= delta
    steps = len(counts) if passed.all() else int(np.argmin(passed))
    return float(surest[counts[steps - 1] - 1]) if steps else None


def thresholds(
    confidences: Sequence[float],
    right: Sequence[bool],
    risks: Sequence[float] = RISKS,
    delta: float = DELTA,
) -> tuple[tuple[float, float], ...]:
    """A table of (risk, threshold), rising in risk, of the risks that can be guaranteed.

    A larger risk never has the higher threshold: where its own test stops earlier than that of a
    smaller risk, the smaller one's threshold serves both.

    Args:
        confidences: of each question's answer, in [0, 1].
        right: whether that answer is right.
        risks: accepted shares of wrong answers, each in (0, 1).
        delta: accepted chance that a threshold does not keep its risk, in (0, 1).
    """
    table: list[tuple[float, float]] = []
    for risk in sorted(risks):
        found = least_threshold(confidences, right, risk, delta)
        known = [threshold for _, threshold in table[-1:]] + ([] if found is None else [found])
        if known:
            table.append((risk, min(known)))
    return tuple(table)


def threshold_at(table: Sequence[tuple[float, float]], risk: float) -> float | None:
    """The threshold of the largest risk in a table up to ``risk``; None where there is none."""
    kept = [threshold for named, threshold in table if named <= risk + 1e-9]
    return min(kept, default=None)


def least_threshold_of_all(
    confidences: Sequence[float], right: Sequence[bool], risk: float
) -> float | None:
    """The least confidence at which at most ``risk`` of *all* questions get a wrong answer.

    Conformal risk control (Angelopoulos et al., 2022) for the loss "answered, and wrong", which
    never rises with the threshold: the expected share over all questions asked, declined ones
    among them, is at most ``risk``. A weaker promise than ``least_threshold``'s, but on average it
    holds exactly.

    Args:
        confidences: of each question's answer, in [0, 1].
        right: whether that answer is right.
        risk: accepted share of wrong answers among all questions, in (0, 1).

    Returns:
        One of ``confidences``; None where not even the surest answer may be given.

    Raises:
        ValueError: lists of different lengths, or a risk out of range.
    """
    _check(risk, DELTA)
    surest, wrong = _surest_first(confidences, right)
    if len(surest) == 0:
        return None
    bound = (wrong[_with_ties(surest, np.arange(1, len(surest) + 1)) - 1] + 1) / (len(surest) + 1)
    allowed = surest[bound <= risk]
    return float(allowed[-1]) if len(allowed) else None


def _check(risk: float, delta: float) -> None:
    for name, value in (("risk", risk), ("delta", delta)):
        if not 0 < value < 1:
            raise ValueError(f"{name} must be between 0 and 1, not {value:g}")


def _surest_first(confidences: Sequence[float], right: Sequence[bool]) -> tuple[Matrix, Counts]:
    """Confidences in falling order, and how many of the first n are wrong."""
    given, good = np.asarray(confidences, dtype=np.float64), np.asarray(right, dtype=bool)
    if given.shape != good.shape:
        raise ValueError("each confidence needs to be known right or wrong")
    order = np.argsort(-given, kind="stable")
    return given[order], np.cumsum(~good[order])


def _sequence(surest: Matrix, risk: float, delta: float) -> Counts:
    """How many of the surest questions are answered at each tested threshold."""
    total = len(surest)
    passable = min(least_number(risk, delta, SLACK), total // 2)
    start = max(least_number(risk, delta), passable)
    if start > total:
        return np.array([], dtype=np.int64)
    steps = -(-np.arange(1, STEPS + 1) * total // STEPS)
    return np.unique(_with_ties(surest, np.concatenate([[start], steps[steps > start]])))


def _with_ties(surest: Matrix, counts: Counts) -> Counts:
    """The counts, each raised so that equal confidences are not cut apart."""
    return np.searchsorted(-surest, -surest[counts - 1], side="right")
