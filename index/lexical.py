"""The lexical index: Tantivy finds candidates, BM25 is then computed exactly.

Tantivy adds its scores in single precision, in an order that depends on how passages lie in
segments. So its scores only choose candidates (with some slack); the scores that rank and are shown
come from :class:`index.bm25.Scorer`, the same formula in double precision. Equal collections thus
give equal scores, however they came to be.

An index folder is never changed once written; :meth:`LexicalIndex.extend` writes a new folder that
shares the old segments. What is removed stays in the old segments, and its words are counted in an
index of their own, ``gone``, so that they can be taken off again: Tantivy itself would go on
counting a deleted passage until it happened to merge, and scores would depend on the past.
"""

from __future__ import annotations

import math
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import tantivy

from index.bm25 import Promising, Scorer, Wording, at_most, idf
from index.files import link
from index.terms import ANALYZER, asked
from index.words import words

Rows = npt.NDArray[np.int64]

_GONE = "gone"
_DEAD = "dead.rows"
FEW = 4
"""Times as many passages as are wanted may be given at most, for all of them to be candidates."""
_HEAP = 64_000_000
_ANALYZER = "pincite"
_FIELD = "words"
_ROW = "passage"
OWN_FILES = ("meta.json", ".managed.json", _DEAD)
"""The files of a Tantivy folder that change; all others are segments, written once."""


class LexicalIndex:
    """One generation of the lexical index, read-only.

    Args:
        folder: where it lies.
        lengths: terms in all passages that were ever added, and in those of them that are removed.
    """

    SLACK = 1e-4
    """How far, relatively, a score of Tantivy may lie from the exact one."""

    def __init__(self, folder: Path, lengths: tuple[int, int]) -> None:
        self._index = _registered(tantivy.Index.open(str(folder)))
        self._searcher = self._index.searcher()
        self.folder = folder
        self.lengths = lengths
        gone = folder / _GONE
        self._gone = LexicalIndex(gone, (lengths[1], 0)) if gone.is_dir() else None
        self._dead: Rows = np.load(folder / _DEAD) if self._gone else np.zeros(0, dtype=np.int64)

    def __len__(self) -> int:
        """How many passages there are."""
        return int(self._searcher.num_docs) - self.removed

    @property
    def removed(self) -> int:
        """How many passages are still in the segments, but removed."""
        return 0 if self._gone is None else len(self._gone)

    @property
    def length(self) -> int:
        """Terms in all its passages together."""
        return self.lengths[0] - self.lengths[1]

    @classmethod
    def write(cls, folder: Path, passages: Iterable[tuple[int, str]]) -> LexicalIndex:
        """Write a new index of (row, search text) to an empty folder."""
        folder.mkdir(parents=True)
        index = _registered(tantivy.Index(_schema(), path=str(folder), reuse=False))
        rows: list[int] = []
        return cls(folder, (_add(index, passages, rows), 0))

    def extend(
        self,
        folder: Path,
        passages: Iterable[tuple[int, str]],
        removed: Iterable[tuple[int, str]] = (),
    ) -> LexicalIndex:
        """Write an index of other passages to a new folder; this one stays.

        Args:
            folder: the new folder.
            passages: rows and search texts that come. A row may come again that was removed.
            removed: rows and search texts that go.
        """
        folder.mkdir(parents=True)
        for file in self.folder.iterdir():
            if file.name in OWN_FILES:
                shutil.copyfile(file, folder / file.name)
            elif file.is_file() and not file.name.endswith(".lock"):
                # Segments are written once and only ever deleted, so both folders can share them.
                link(file, folder / file.name)
        index = _registered(tantivy.Index.open(str(folder)))
        came: list[int] = []
        length = self.lengths[0] + _add(index, passages, came)
        going = list(removed)
        gone = self._gone
        if going:
            gone = gone.extend(folder / _GONE, going) if gone else self.write(folder / _GONE, going)
        elif gone:
            gone = gone.extend(folder / _GONE, ())
        if gone:
            left = np.union1d(self._dead, np.array([row for row, _ in going], dtype=np.int64))
            with (folder / _DEAD).open("wb") as dead:
                np.save(dead, np.setdiff1d(left, np.array(came, dtype=np.int64)))
        return LexicalIndex(folder, (length, gone.length if gone else 0))

    def scorer(self, query: str | Wording) -> Scorer:
        """Exact BM25 for this question in this generation."""
        wording = _wording(query)
        every = wording.every_term()
        frequencies = {term: self._frequency(term) for term in every}
        return Scorer(wording, frequencies, len(self), self.length)

    def _frequency(self, term: str) -> int:
        """How many passages hold a term."""
        gone = self._gone._frequency(term) if self._gone else 0
        return int(self._searcher.doc_freq(_FIELD, term)) - gone

    def promising(
        self, scorers: Sequence[Scorer], count: int, rows: Rows | None = None
    ) -> Promising:
        """Rows that may score best by any of the scorers.

        Where few rows may be given, these are all of them, also those that hold no word of the
        question.

        Args:
            scorers: of this generation.
            count: how many rows are wanted at least, if so many hold a word.
            rows: the rows that may be given, ascending; None for any.
        """
        weights = at_most(scorers)
        there = len(self) if rows is None else len(rows)
        if not weights or count <= 0 or not there:
            return Promising([], [], 0.0)
        if rows is not None and there <= FEW * count:
            # Tantivy would have to rank a large collection to its end to meet them.
            return Promising([int(row) for row in rows], [math.inf] * there, 0.0)
        query = self._query(weights)
        # As many as it should take to meet enough of those that may be given.
        limit = count * -(-len(self) // there)
        while True:
            hits = self._searcher.search(query, limit, count=False).hits
            most = np.array([score for score, _ in hits]) * (1.0 + self.SLACK) / self._likeness()
            found = self._rows_of([address for _, address in hits])
            chosen = self._those(found, rows)
            if len(hits) < limit or len(chosen) >= count:
                others = float(most[-1]) if len(hits) == limit else 0.0
                return Promising(found[chosen].tolist(), most[chosen].tolist(), others)
            limit *= 4

    def _query(self, weights: Mapping[str, float]) -> tantivy.Query:
        """What Tantivy is to look for, each term weighing this much.

        A plain sum of terms, as Tantivy leaves out passages that cannot be among the best only in
        such a one (block-max WAND: Ding and Suel 2011, "Faster top-k document retrieval using
        block-max indexes").
        """
        clauses = []
        for term, weight in weights.items():
            query = tantivy.Query.term_query(self._index.schema, _FIELD, term, "freq")
            counted = idf(self._searcher.num_docs, self._searcher.doc_freq(_FIELD, term))
            boosted = tantivy.Query.boost_query(query, weight / counted)
            clauses.append((tantivy.Occur.Should, boosted))
        return tantivy.Query.boolean_query(clauses)

    def _those(self, found: Rows, rows: Rows | None) -> Rows:
        """The places of those of these rows that may be given, each once, ascending."""
        chosen = np.arange(len(found))
        if self._gone is not None:
            # One that was removed and came again stands in the segments twice, with one score.
            _, first = np.unique(found, return_index=True)
            chosen = np.sort(first)
            chosen = chosen[~np.isin(found[chosen], self._dead)]
        return chosen if rows is None else chosen[np.isin(found[chosen], rows)]

    def _likeness(self) -> float:
        """The least share of one passage's exact score that another's of equal Tantivy score has.

        Tantivy's average length is that of removed passages too. A passage's score changes by no
        more than the average does.
        """
        if self._gone is None or not len(self):
            return 1.0
        ratio = (self.length / len(self)) / (self.lengths[0] / self._searcher.num_docs)
        return min(ratio, 1.0 / ratio) if ratio else 1.0

    def _rows_of(self, addresses: list[tantivy.DocAddress]) -> Rows:
        return np.array(self._searcher.fast_field_values(_ROW, addresses), dtype=np.int64)


def _wording(query: str | Wording) -> Wording:
    return Wording(tuple(asked(query))) if isinstance(query, str) else query


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field(_ROW, stored=False, indexed=False, fast=True)
    builder.add_text_field(_FIELD, stored=False, tokenizer_name=_ANALYZER, index_option="freq")
    return builder.build()


def _registered(index: tantivy.Index) -> tantivy.Index:
    index.register_tokenizer(_ANALYZER, ANALYZER)
    return index


def _add(index: tantivy.Index, passages: Iterable[tuple[int, str]], rows: list[int]) -> int:
    """Add passages and commit; gives the number of their terms, and notes their rows."""
    length = 0
    writer = index.writer(_HEAP, 1)
    for row, text in passages:
        document = tantivy.Document()
        found = words(text)
        length += len(found)
        rows.append(row)
        document.add_unsigned(_ROW, row)
        document.add_text(_FIELD, " ".join(found))
        writer.add_document(document)
    writer.commit()
    # Merges run in threads of their own; a folder is finished only when they are.
    writer.wait_merging_threads()
    index.reload()
    return length
