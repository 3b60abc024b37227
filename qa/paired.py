"""The figures of two runs over the same questions, and whether they differ by more than chance.

Everything is paired by question. Of each difference there is a 95 % percentile bootstrap interval
(Efron, 1979), questions drawn anew, and a p-value, two-sided and exact where that can be counted:

- figures that are right or wrong for each question: McNemar's test, exact (McNemar, 1947), which is
  the binomial test of the questions that changed;
- other means, and shares of the given answers: the paired randomisation test (Fisher, 1935; for
  retrieval Smucker, Allan and Carterette, 2007), the two runs exchanged question by question;
- the area under the ROC curve: the same with the ranks of the confidences exchanged, as the
  confidences of two readers need not be on one scale (Bandos, Rockette and Gur, 2005).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from qa.cases import Case
from qa.metrics import Floats, Measure, mean
from qa.training.bootstrap import bootstrapped

Indices = npt.NDArray[np.int64]

MEANS = (
    *("recall@1", "recall@5", "recall@10", "mrr", "ndcg@10", "sentence_hit@1", "sentence_hit@3"),
    *("short_answer_contained", "short_answer_f1", "short_answer_em"),
    *("false_answers", "false_refusals"),
)
LESS_IS_BETTER = frozenset({"false_answers", "false_refusals", "wrong_answers"})
DRAWS = 9999
"""Random exchanges where not all of them can be gone through."""
CLEAR = 0.05
"""A p-value below this is called a clear difference."""
Pairs = Sequence[tuple[Case, Case]]


@dataclass(frozen=True, slots=True)
class Differing:
    """A figure in both runs.

    Attributes:
        name: of the figure.
        n: how many questions it is over.
        changed: of how many of them the value differs.
        earlier, later: the figure in each run.
        difference: later less earlier, with its 95 % interval.
        p: the chance of such a difference, or a greater one, if nothing but chance were at work.
        test: which test says so, ``McNemar`` or ``randomisation``.
    """

    name: str
    n: int
    changed: int
    earlier: float
    later: float
    difference: float
    low: float | None
    high: float | None
    p: float
    test: str

    @property
    def clear(self) -> bool:
        """Whether the difference is more than chance easily makes."""
        return self.p < CLEAR

    @property
    def better(self) -> bool | None:
        """Whether the later run is better; None where they are equal."""
        if not self.difference:
            return None
        return (self.difference < 0) == (self.name in LESS_IS_BETTER)


def differences(pairs: Pairs) -> tuple[Differing, ...]:
    """Set every figure that both runs have beside itself.

    Args:
        pairs: what came of each question, in the earlier and in the later run.
    """
    found = [_of_means(name, pairs) for name in MEANS]
    return tuple(filter(None, [*found, _wrong_answers(pairs), _auroc(pairs)]))


def _of_means(name: str, pairs: Pairs) -> Differing | None:
    both = [(a.scores, b.scores) for a, b in pairs if name in a.scores and name in b.scores]
    if not both:
        return None
    values = np.asarray([(a[name], b[name]) for a, b in both]).T
    found = mean(list(values[1] - values[0]))
    binary = bool(np.isin(values, (0.0, 1.0)).all())
    p = _mcnemar(*values) if binary else _randomised(np.ones_like(values), values)
    return _differing(name, values, tuple(values.mean(axis=1)), found, p, binary)


def _wrong_answers(pairs: Pairs) -> Differing | None:
    """The share of wrong ones among the given answers: each run gave others."""
    wrongs = [[case.scores.get("wrong_answers") for case in pair] for pair in pairs]
    kept = [row for row in wrongs if row != [None, None]]
    given = np.asarray([[value is not None for value in row] for row in kept], np.float64).T
    values = np.asarray([[value or 0.0 for value in row] for row in kept], np.float64).T
    if not kept or not given.sum(axis=1).all():
        return None

    def difference(weights: Floats) -> float:
        with np.errstate(invalid="ignore", divide="ignore"):
            earlier, later = (values @ weights) / (given @ weights)
        return float(later - earlier)

    shares = tuple(values.sum(axis=1) / given.sum(axis=1))
    found = bootstrapped(difference, [str(i) for i in range(len(kept))])
    marked = np.where(given > 0, values, -1.0)
    return _differing("wrong_answers", marked, shares, found, _randomised(given, values), False)


def _auroc(pairs: Pairs) -> Differing | None:
    from scipy.stats import permutation_test, rankdata

    answerable = np.asarray([later.answerable for _, later in pairs])
    if answerable.all() or not answerable.any():
        return None
    sure = np.asarray([[a.confidence, b.confidence] for a, b in pairs]).T
    above = sure[:, answerable][:, :, None] - sure[:, ~answerable][:, None, :]
    wins = (above > 0) + (above == 0) / 2

    def difference(weights: Floats) -> float:
        here, there = weights[answerable], weights[~answerable]
        with np.errstate(invalid="ignore", divide="ignore"):
            earlier, later = (here @ won @ there / (here.sum() * there.sum()) for won in wins)
        return float(later - earlier)

    def gain(before: Floats, after: Floats, axis: int) -> Floats:
        ranks = (
            rankdata(run, axis=axis)[..., answerable].sum(axis=axis) for run in (before, after)
        )
        earlier, later = ranks
        return np.asarray((later - earlier) / (answerable.sum() * (~answerable).sum()))

    found = bootstrapped(difference, [str(i) for i in range(len(pairs))])
    ranks = rankdata(sure, axis=1)
    p = 1.0
    if (ranks[0] != ranks[1]).any():
        p = float(permutation_test(tuple(ranks), gain, **_AS_PAIRS, rng=_chance()).pvalue)
    return _differing("auroc", ranks, tuple(wins.mean(axis=(1, 2))), found, p, False)


_AS_PAIRS: dict[str, Any] = {
    "permutation_type": "samples",
    "vectorized": True,
    "n_resamples": DRAWS,
    "batch": 500,
}


def _chance() -> np.random.Generator:
    return np.random.default_rng(0)


def _mcnemar(before: Floats, after: Floats) -> float:
    from scipy.stats import binomtest

    gained, lost = int((after > before).sum()), int((after < before).sum())
    return float(binomtest(gained, gained + lost).pvalue) if gained + lost else 1.0


def _randomised(counts: Floats, values: Floats) -> float:
    """The p-value of a difference of shares, the runs exchanged question by question.

    Args:
        counts: of each run and question, what it adds to what the share is of; (2, questions).
        values: what it adds to the share's numerator; the same shape.
    """
    from scipy.stats import permutation_test

    unlike = ((counts[0] != counts[1]) | (values[0] != values[1])).astype(bool)
    changing = int(unlike.sum())
    if changing < 2:
        return 1.0  # one question, exchanged or not, differs by the same amount
    # What is the same in both runs stays where it is, whichever way the others are exchanged.
    same = counts[0, ~unlike].sum(), values[0, ~unlike].sum()
    number, value = counts[:, unlike].ravel(), values[:, unlike].ravel()

    def share(places: Indices, axis: int) -> Floats:
        given = np.maximum(same[0] + number[places].sum(axis=axis), 1.0)
        return np.asarray((same[1] + value[places].sum(axis=axis)) / given)

    def difference(before: Indices, after: Indices, axis: int) -> Floats:
        return share(after, axis) - share(before, axis)

    places = np.arange(changing), np.arange(changing, 2 * changing)
    return float(permutation_test(places, difference, **_AS_PAIRS, rng=_chance()).pvalue)


def _differing(
    name: str,
    values: Floats,
    figures: tuple[float, ...],
    found: Measure,
    p: float,
    binary: bool,
) -> Differing:
    earlier, later = (round(float(figure), 4) for figure in figures)
    return Differing(
        name=name,
        n=values.shape[1],
        changed=int((values[0] != values[1]).sum()),
        earlier=earlier,
        later=later,
        difference=round(float(figures[1] - figures[0]), 4),
        low=found.low,
        high=found.high,
        p=round(p, 4),
        test="McNemar" if binary else "randomisation",
    )
