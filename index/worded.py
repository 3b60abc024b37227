"""Lexical search of one question in several wordings, each passage scored by its document's own."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from index.fuse import best
from index.lexical import LexicalIndex, Rows, Scorer, Wording, terms
from index.snapshot import Snapshot, StoredPassage


class WordedSearch:
    """The passages and exact scores of one question.

    Args:
        lexical: the lexical index.
        snapshot: where the passages are.
    """

    def __init__(self, lexical: LexicalIndex, snapshot: Snapshot) -> None:
        self._lexical = lexical
        self._snapshot = snapshot
        self._found: dict[int, StoredPassage] = {}
        self._terms: dict[int, list[str]] = {}
        self._scorers: dict[Wording, Scorer] = {}

    def candidates(
        self, wordings: Collection[Wording], count: int, rows: Rows | None = None
    ) -> set[int]:
        """Rows of the ``count`` best passages of each wording, of those that hold a word of it.

        Cut by exact scores: which passages Tantivy gives beyond them depends on the past, and a
        document's own wording may yet raise one.

        Args:
            wordings: what is searched for.
            count: how many of each.
            rows: the rows that may be given, ascending; None for any.
        """
        chosen: set[int] = set()
        for wording in wordings:
            near = self.passages(self._lexical.candidates(wording, count, rows))
            scores = {row: self.score(row, wording) for row in near}
            there = {row: score for row, score in scores.items() if score > 0.0}
            chosen.update(best(there, ties(near), count))
        return chosen

    def passages(self, rows: Collection[int]) -> dict[int, StoredPassage]:
        """The passages of these rows, by row in ascending order."""
        new = sorted(set(rows) - self._found.keys())
        for stored in self._snapshot.passages(new) if new else ():
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
