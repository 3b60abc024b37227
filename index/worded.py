"""Lexical search of one question in several wordings, each passage scored by its document's own."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from index.fuse import best
from index.lexical import Scorer, Wording, terms
from index.snapshot import StoredPassage


class Lexical(Protocol):
    """Where passages are found by their words."""

    @abstractmethod
    def worded(self, wording: Wording, count: int) -> list[int]:
        """Rows among which the ``count`` best surely are, in no particular order."""

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
        self._terms: dict[int, list[str]] = {}
        self._scorers: dict[Wording, Scorer] = {}

    def candidates(self, wordings: Collection[Wording], count: int) -> set[int]:
        """Rows of the ``count`` best passages of each wording, of those that hold a word of it.

        Cut by exact scores: which passages an index gives beyond them depends on the past, and a
        document's own wording may yet raise one.

        Args:
            wordings: what is searched for.
            count: how many of each.
        """
        chosen: set[int] = set()
        for wording, rows in zip(wordings, self._worded(list(wordings), count), strict=True):
            near = self.passages(rows)
            scores = {row: self.score(row, wording) for row in near}
            there = {row: score for row, score in scores.items() if score > 0.0}
            chosen.update(best(there, ties(near), count))
        return chosen

    def _worded(self, wordings: Sequence[Wording], count: int) -> list[list[int]]:
        """What the index gives for each wording; of several, each on a thread of its own."""
        if len(wordings) < 2:
            return [self._lexical.worded(wording, count) for wording in wordings]
        with ThreadPoolExecutor(len(wordings), thread_name_prefix="pincite-words") as each:
            return list(each.map(lambda wording: self._lexical.worded(wording, count), wordings))

    def passages(self, rows: Collection[int]) -> dict[int, StoredPassage]:
        """The passages of these rows, by row in ascending order."""
        new = sorted(set(rows) - self._found.keys())
        for stored in self._stored.passages(new) if new else ():
            self._found[stored.row] = stored
        return {row: self._found[row] for row in sorted(set(rows))}

    def score(self, row: int, wording: Wording) -> float:
        """BM25 of a passage that was fetched."""
        if wording not in self._scorers:
            self._scorers[wording] = self._lexical.scorer(wording)
        if row not in self._terms:
            self._terms[row] = terms(self._found[row].search_text)
        return self._scorers[wording].score_terms(self._terms[row])


def ties(found: Mapping[int, StoredPassage]) -> dict[int, tuple[str, int, int]]:
    """What decides between equal scores: document id and offsets."""
    return {row: (s.document.id, s.passage.start, s.passage.end) for row, s in found.items()}
