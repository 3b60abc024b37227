"""The figures of an evaluation, each a pure function of lists."""

from __future__ import annotations

import re
import unicodedata
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

RESAMPLES = 2000
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—−", "-"))


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure over ``n`` cases, with its 95 % interval where one is given; None for no case."""

    value: float | None
    n: int
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """What answering from a confidence on gives: share of questions answered, share wrong."""

    threshold: float
    coverage: float
    risk: float


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Answers with a confidence in [low, high): how many, how sure, and how many of them right."""

    low: float
    high: float
    n: int
    confidence: float
    right: float


def mean(values: Sequence[float], *, interval: bool = True) -> Measure:
    """The mean of values, with a percentile bootstrap interval (Efron, 1979) of fixed seed."""
    if not values:
        return Measure(None, 0)
    numbers = np.asarray(values, dtype=np.float64)
    value = round(float(numbers.mean()), 4)
    if not interval:
        return Measure(value, len(values))
    drawn = np.random.default_rng(0).integers(0, len(numbers), (RESAMPLES, len(numbers)))
    low, high = np.percentile(numbers[drawn].mean(axis=1), [2.5, 97.5])
    return Measure(value, len(values), round(float(low), 4), round(float(high), 4))


def share(values: Sequence[float]) -> Measure:
    """The mean of zeros and ones, with its interval.

    Where all of them are alike, drawing them anew can only give the same again: the interval is
    exact there (Clopper and Pearson, 1934), so that none of three is not taken for never.
    """
    found = mean(values)
    if found.value not in {0.0, 1.0}:
        return found
    # Its import takes a while, and help comes at once.
    from scipy.stats import binomtest

    low, high = binomtest(round(sum(values)), len(values)).proportion_ci(method="exact")
    return Measure(found.value, found.n, round(float(low), 4), round(float(high), 4))


def ranking(gains: Sequence[Sequence[bool]], missed: Sequence[int]) -> dict[str, list[float]]:
    """Retrieval metrics of each question, by ranx (Bassani, 2022).

    ``recall@k`` is 1 where any relevant passage is among the first k; ``mrr`` is the reciprocal
    rank of the first one; ``ndcg@10`` (Järvelin and Kekäläinen, 2002) sets the gain of the first
    ten against the best that the gold evidence allows.

    Args:
        gains: for each question, whether its passages are relevant, best first.
        missed: for each question, how many pieces of evidence no passage overlaps.

    Returns:
        One value a question for each metric.
    """
    names = {"hit_rate@1": "recall@1", "hit_rate@5": "recall@5", "hit_rate@10": "recall@10"}
    names |= {"mrr": "mrr", "ndcg@10": "ndcg@10"}
    out: dict[str, list[float]] = {name: [0.0] * len(gains) for name in names.values()}
    # ranx wants at least one passage and one relevant passage for each question it judges.
    judged = [i for i, row in enumerate(gains) if any(row)]
    if not judged:
        return out
    # Numba makes this import slow.
    from ranx import Qrels, Run
    from ranx import evaluate as judge

    relevant = {
        f"q{i:09}": {f"p{rank}": 1 for rank, gain in enumerate(gains[i]) if gain}
        | {f"missed{n}": 1 for n in range(missed[i])}
        for i in judged
    }
    given = {
        f"q{i:09}": {f"p{rank}": -float(rank) for rank in range(len(gains[i]))} for i in judged
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = judge(Qrels(relevant), Run(given), list(names), return_mean=False)
    for metric, name in names.items():
        for i, value in zip(judged, found[metric], strict=True):
            out[name][i] = float(value)
    return out


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float | None:
    """The chance that a positive scores above a negative, ties half (Mann and Whitney, 1947)."""
    if not positive or not negative:
        return None
    above = np.asarray(positive)[:, None] - np.asarray(negative)[None, :]
    return round(float((above > 0).mean() + (above == 0).mean() / 2), 4)


def calibration_error(
    confidences: Sequence[float], correct: Sequence[bool], bins: int = 10
) -> float | None:
    """Expected calibration error over bins of equal width (Guo et al., 2017)."""
    if not confidences:
        return None
    given = np.asarray(confidences)
    right = np.asarray(correct, dtype=np.float64)
    bin_of = np.minimum((given * bins).astype(int), bins - 1)
    gaps = (abs(float((given[bin_of == b] - right[bin_of == b]).sum())) for b in np.unique(bin_of))
    return round(sum(gaps) / len(given), 4)


def reliability(
    confidences: Sequence[float], correct: Sequence[bool], bins: int = 10
) -> tuple[ReliabilityBin, ...]:
    """The bins of a reliability diagram (DeGroot and Fienberg, 1983): equal widths, none empty."""
    given = np.asarray(confidences, dtype=np.float64)
    right = np.asarray(correct, dtype=np.float64)
    bin_of = np.minimum((given * bins).astype(int), bins - 1)
    return tuple(
        ReliabilityBin(
            low=round(b / bins, 4),
            high=round((b + 1) / bins, 4),
            n=int((bin_of == b).sum()),
            confidence=round(float(given[bin_of == b].mean()), 4),
            right=round(float(right[bin_of == b].mean()), 4),
        )
        for b in map(int, np.unique(bin_of))
    )


def risk_coverage(
    confidences: Sequence[float], correct: Sequence[bool], *, asked: int, points: int = 20
) -> tuple[CurvePoint, ...]:
    """The risk-coverage curve (El-Yaniv and Wiener, 2010), the surest answers first.

    Args:
        confidences: of each given answer.
        correct: whether it is right.
        asked: how many questions coverage is a share of, the declined ones among them.
        points: how many steps of coverage are shown; equal confidences are not cut apart.
    """
    if not confidences:
        return ()
    surest, wrong = _surest_first(confidences, correct)
    wanted = -(-np.arange(1, points + 1) * asked // points)
    wanted = wanted[wanted <= len(surest)]
    if len(surest) > (wanted[-1] if len(wanted) else 0):
        wanted = np.append(wanted, len(surest))
    counts = np.unique(np.searchsorted(-surest, -surest[wanted - 1], side="right"))
    return tuple(
        CurvePoint(
            threshold=round(float(surest[n - 1]), 4),
            coverage=round(n / asked, 4),
            risk=round(float(wrong[n - 1]) / n, 4),
        )
        for n in map(int, counts)
    )


def aurc(confidences: Sequence[float], correct: Sequence[bool]) -> float | None:
    """Area under the risk-coverage curve (Geifman, Uziel and El-Yaniv, 2019); less is better.

    The mean, over n, of the share of wrong ones among the n surest answers; answers of equal
    confidence count as if in every order.
    """
    if not confidences:
        return None
    surest, wrong = _surest_first(confidences, correct)
    ends = np.flatnonzero(np.append(surest[1:] != surest[:-1], True)) + 1
    counts = np.arange(1, len(surest) + 1)
    expected = np.interp(counts, np.append(0, ends), np.append(0.0, wrong[ends - 1]))
    return round(float((expected / counts).mean()), 4)


def _surest_first(confidences: Sequence[float], correct: Sequence[bool]) -> tuple[Floats, Floats]:
    """Confidences in falling order, and how many of the first n are wrong."""
    given = np.asarray(confidences, dtype=np.float64)
    order = np.argsort(-given, kind="stable")
    return given[order], np.cumsum(1.0 - np.asarray(correct, dtype=np.float64)[order])


def quantile(values: Sequence[float], share: float) -> float | None:
    """The value below which ``share`` of the values lie; None of no values."""
    return round(float(np.quantile(values, share)), 3) if values else None


def holds_answer(answers: Sequence[str], texts: Sequence[str]) -> bool:
    """Whether any of the answers stands in any of the texts.

    Case, white space, the kind of dash and compatibility forms do not matter; a number must
    stand there whole (``5`` does not stand in ``15.3``).
    """
    patterns = [_pattern(_plain(answer)) for answer in answers if answer.strip()]
    plain = [_plain(text) for text in texts]
    return any(pattern.search(text) for pattern in patterns for text in plain)


def _plain(words: str) -> str:
    folded = unicodedata.normalize("NFKC", words).translate(_DASHES).casefold()
    return " ".join(folded.split())


def _pattern(answer: str) -> re.Pattern[str]:
    before = r"(?<!\d)(?<!\d[.,])" if answer[:1].isdigit() else ""
    after = r"(?!\d)(?![.,]\d)" if answer[-1:].isdigit() else ""
    return re.compile(before + re.escape(answer) + after)
