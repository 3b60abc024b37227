"""BM25, computed exactly: of a question in one wording, in double precision.

Scores do not depend on how passages lie in an index, nor on the order of the question's words. So
equal collections give equal scores, however they came to be and whatever found the candidates.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from index.terms import terms

K1 = 1.2
B = 0.75
OTHER_WAY = 0.5
"""What another way of saying something counts for beside the question's own; measured on
COVID-QA's training papers, see docs/index.md."""


class Counted(NamedTuple):
    """A passage's terms: how often it holds each, and how many it has."""

    counts: Mapping[str, int]
    length: int


def counted(text: str) -> Counted:
    """The terms of a text, counted."""
    found = terms(text)
    return Counted(Counter(found), len(found))


class Choice(NamedTuple):
    """One thing that may be said in several ways: the question's own terms for it, and others."""

    own: tuple[str, ...]
    others: tuple[tuple[str, ...], ...]


class Wording(NamedTuple):
    """What passages are searched by: terms that each count, and choices of which one way counts."""

    terms: tuple[str, ...]
    choices: tuple[Choice, ...] = ()

    def every_term(self) -> list[str]:
        """All its terms, sorted."""
        ways = [way for choice in self.choices for way in (choice.own, *choice.others)]
        return sorted({*self.terms, *(term for way in ways for term in way)})


class Scorer:
    """Exact BM25 for one wording of a question.

    Robertson et al. 1994 ("Okapi at TREC-3") as Lucene and Tantivy compute it: idf is
    ln(1 + (N - df + 0.5) / (df + 0.5)), k1 = 1.2, b = 0.75, and a passage's length is rounded
    down as :func:`rounded_length` says.

    Of a choice only the way that scores best in a passage counts, so that one with "hepatocellular
    carcinoma (HCC)" is not scored for it twice. Another way is scaled so that its terms together
    weigh at most as much as the question's own: a long form has more words, not more to say.

    Args:
        wording: what is searched for.
        frequencies: how many passages hold each of its terms.
        passages: how many passages there are.
        length: terms in all passages together.

    Attributes:
        terms: terms that each count, sorted.
        choices: of each choice the ways, each with its weight and its terms.
    """

    def __init__(
        self, wording: Wording, frequencies: dict[str, int], passages: int, length: int
    ) -> None:
        self._average = length / passages if passages else 1.0
        self._idf = {term: idf(passages, df) for term, df in frequencies.items()}
        # Sorted, so that a sum does not depend on the order of the question's words.
        self.terms = sorted(wording.terms)
        self.choices = sorted(self._weighed(choice) for choice in wording.choices)

    def _weighed(self, choice: Choice) -> list[tuple[float, list[str]]]:
        own = sum(self._idf[term] for term in sorted(choice.own))
        ways = [(1.0, sorted(choice.own))] if choice.own else []
        for other in choice.others:
            mass = sum(self._idf[term] for term in sorted(other))
            # "WHO" is a question word and no term: then one term of the long form is the measure.
            most = own or mass / len(other)
            ways.append((OTHER_WAY * min(1.0, most / mass), sorted(other)))
        return sorted(ways)

    def weighed(self) -> list[tuple[float, dict[str, float]]]:
        """All its terms with their idf, in groups that each count as much as their weight says.

        The sum over all groups is never less than the score, as of a choice only one way counts.
        """
        ways = [(1.0, self.terms), *(way for ways in self.choices for way in ways)]
        return [(weight, {term: self._idf[term] for term in way}) for weight, way in ways]

    def score(self, text: str) -> float:
        """BM25 of a passage's search text; 0.0 where it holds no term of the question."""
        return self.score_counted(counted(text))

    def score_counted(self, passage: Counted) -> float:
        """BM25 of a passage by its terms."""
        counts, length = passage
        norm = K1 * (1.0 - B + B * rounded_length(length) / self._average)
        total = self._sum(self.terms, counts, norm)
        for ways in self.choices:
            total += max(weight * self._sum(way, counts, norm) for weight, way in ways)
        return total

    def _sum(self, wanted: list[str], counts: Mapping[str, int], norm: float) -> float:
        total = 0.0
        for term in wanted:
            tf = counts.get(term)
            if tf:
                total += self._idf[term] * (K1 + 1.0) * tf / (tf + norm)
        return total


class Promising(NamedTuple):
    """Rows that may score best by any of the wordings of a question.

    Attributes:
        rows: each once.
        most: what each scores at most, descending.
        others: what every other row scores at most; 0.0 where none holds a word.
    """

    rows: list[int]
    most: list[float]
    others: float


def at_most(scorers: Sequence[Scorer]) -> dict[str, float]:
    """What each term weighs in a sum that is never less than a passage's score by any of these.

    Within a wording the ways of a choice are added up, of several wordings the largest weight of a
    term counts. So one search finds the candidates of all, the best first but for some that hold a
    thing's name in two ways.

    Args:
        scorers: of the same generation.
    """
    weights: dict[str, float] = {}
    for scorer in scorers:
        mine: dict[str, float] = defaultdict(float)
        for weight, wanted in scorer.weighed():
            for term, value in wanted.items():
                mine[term] += weight * value
        for term, value in mine.items():
            weights[term] = max(value, weights.get(term, 0.0))
    return weights


def idf(passages: int, df: int) -> float:
    """What a term weighs that ``df`` of so many passages hold."""
    return math.log(1.0 + (passages - df + 0.5) / (df + 0.5))


def rounded_length(length: int) -> int:
    """A passage's length as Lucene and Tantivy store it in one byte: exact to 40, then 4 bits.

    The mantissa keeps its leading bit and three more, so lengths fall on steps of an eighth.
    """
    free = 24
    if length < free:
        return length
    rest = length - free
    shift = max(0, rest.bit_length() - 4)
    return free + ((rest >> shift) << shift)
