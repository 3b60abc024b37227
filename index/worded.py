"""Lexical search of one question in several wordings, each passage scored by its document's own."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Protocol

from index.bm25 import Counted, Promising, Scorer, Wording, counted
from index.fuse import best
from index.snapshot import StoredPassage

FURTHER = 140
"""How many more than the best an index is asked for, which costs little; fewer are scored."""

STEP = 20
"""How many of them are scored before it is asked again whether that is enough."""


class Lexical(Protocol):
    """Where passages are found by their words."""

    @abstractmethod
    def promising(self, scorers: Sequence[Scorer], count: int) -> Promising:
        """At least so many rows that may score best; fewer where no others hold a word.

        Args:
            scorers: of the wordings of a question.
            count: how many rows are wanted.
        """

    @abstractmethod
    def scorer(self, wording: Wording) -> Scorer:
        """Exact BM25 for this wording."""


class Passages(Protocol):
    """Where passages lie."""

    @abstractmethod
    def passages(self, rows: Sequence[int]) -> list[StoredPassage]:
        """The passages of these rows, ordered by row."""


class WordedSearch:
    """The passages and exact scores of one question.

    Args:
        lexical: finds the candidates.
        stored: where the passages are.
    """

    def __init__(self, lexical: Lexical, stored: Passages) -> None:
        self._lexical = lexical
        self._stored = stored
        self._found: dict[int, StoredPassage] = {}
        self._counted: dict[int, Counted] = {}
        self._scorers: dict[Wording, Scorer] = {}

    def candidates(self, wordings: Collection[Wording], count: int) -> set[int]:
        """Rows of the ``count`` best passages of each wording, of those that hold a word of it.

        Cut by exact scores: which passages an index gives beyond them depends on the past, and a
        document's own wording may yet raise one.

        Args:
            wordings: what is searched for.
            count: how many of each.
        """
        scorers = [self._scorer(wording) for wording in wordings]

        def scored(rows: Sequence[int]) -> list[dict[int, float]]:
            near = self.passages(rows)
            return [{row: self.score(row, wording) for row in near} for wording in wordings]

        if not wordings:
            return set()
        found = covering(lambda limit: self._lexical.promising(scorers, limit), scored, count)
        there = [{row: score for row, score in one.items() if score > 0.0} for one in found]
        return {row for one in there for row in best(one, ties(self.passages(one)), count)}

    def _scorer(self, wording: Wording) -> Scorer:
        if wording not in self._scorers:
            self._scorers[wording] = self._lexical.scorer(wording)
        return self._scorers[wording]

    def passages(self, rows: Collection[int]) -> dict[int, StoredPassage]:
        """The passages of these rows, by row in ascending order."""
        new = sorted(set(rows) - self._found.keys())
        for stored in self._stored.passages(new) if new else ():
            self._found[stored.row] = stored
        return {row: self._found[row] for row in sorted(set(rows))}

    def score(self, row: int, wording: Wording) -> float:
        """BM25 of a passage that was fetched."""
        if row not in self._counted:
            self._counted[row] = counted(self._found[row].search_text)
        return self._scorer(wording).score_counted(self._counted[row])


def covering(
    promising: Callable[[int], Promising],
    scored: Callable[[Sequence[int]], Sequence[Mapping[int, float]]],
    count: int,
) -> list[dict[int, float]]:
    """The exact scores of rows among which the ``count`` best of each wording surely are.

    Rows are scored in the order of what they can score at most, until nothing that is left can be
    among the best (the threshold algorithm: Fagin, Lotem and Naor 2003, "Optimal aggregation
    algorithms for middleware"). Those that score as the last one are all scored, in whatever order
    they were added.

    Args:
        promising: gives so many rows, and says what the others score at most.
        scored: gives the exact scores of rows, by each wording.
        count: how many best to cover.
    """
    known: list[dict[int, float]] = [dict(one) for one in scored([])]

    def settled(most: float) -> bool:
        """Whether rows that score so much at most cannot be among the best."""
        return all(_last(one, count) > most for one in known)

    limit = count + FURTHER
    while True:
        rows, most, others = promising(limit)
        left = [(row, bound) for row, bound in zip(rows, most, strict=True) if row not in known[0]]
        start = 0
        while start < len(left):
            if settled(left[start][1]):
                return known
            some = [row for row, _ in left[start : start + (STEP if known[0] else count)]]
            for one, scores in zip(known, scored(some), strict=True):
                one.update(scores)
            start += len(some)
        if not others or settled(others):
            return known
        limit *= 2


def _last(scores: Mapping[int, float], count: int) -> float:
    """The score of the last of the ``count`` best; 0.0 where there are fewer."""
    return sorted(scores.values(), reverse=True)[count - 1] if len(scores) >= count else 0.0


def ties(found: Mapping[int, StoredPassage]) -> dict[int, tuple[str, int, int]]:
    """What decides between equal scores: document id and offsets."""
    return {row: (s.document.id, s.passage.start, s.passage.end) for row, s in found.items()}
