"""The lexical index: Tantivy finds candidates, BM25 is then computed exactly.

Tantivy adds its scores in single precision, in an order that depends on how passages lie in
segments. So its scores only choose candidates (with some slack); the scores that rank and are shown
come from :meth:`Scorer.score`, the same formula in double precision. Equal collections thus
give equal scores, however they came to be.

An index folder is never changed once written; :meth:`LexicalIndex.extend` writes a new folder that
shares the old segments.
"""

from __future__ import annotations

import math
import os
import shutil
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import tantivy

from index.words import words

K1 = 1.2
B = 0.75
QUESTION_WORDS = frozenset(
    "what which who whom whose when where why how did do does is are was were".split()
)
_HEAP = 64_000_000
_ANALYZER = "pincite"
_FIELD = "words"
_ROW = "passage"
OWN_FILES = ("meta.json", ".managed.json")
"""The files of a Tantivy folder that change; all others are segments, written once."""

_analyzer = (
    tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace())
    .filter(tantivy.Filter.stemmer("english"))
    .build()
)


def terms(text: str) -> list[str]:
    """The stemmed terms of a text, in the order of its words."""
    return [_stem(word) for word in words(text)]


def asked(question: str) -> list[str]:
    """The distinct terms that a question is searched by, sorted.

    "What", "which" and "how" are rare in papers, so BM25 would take them for telling words; they
    are left out unless the question holds nothing else.
    """
    found = set(words(question))
    telling = found - QUESTION_WORDS
    return sorted({_stem(word) for word in telling or found})


@lru_cache(maxsize=100_000)
def _stem(word: str) -> str:
    return _analyzer.analyze(word)[0]


class Scorer:
    """Exact BM25 for one question.

    Robertson et al. 1994 ("Okapi at TREC-3") as Lucene and Tantivy compute it: idf is
    ln(1 + (N - df + 0.5) / (df + 0.5)), k1 = 1.2, b = 0.75, and a passage's length is rounded
    down as :func:`rounded_length` says.

    Args:
        frequencies: how many passages hold each term of the question.
        passages: how many passages there are.
        length: terms in all passages together.
    """

    def __init__(self, frequencies: dict[str, int], passages: int, length: int) -> None:
        self._average = length / passages if passages else 1.0
        # Sorted, so that a sum does not depend on the order of the question's words.
        self._idf = {
            term: math.log(1.0 + (passages - df + 0.5) / (df + 0.5))
            for term, df in sorted(frequencies.items())
        }

    def score(self, text: str) -> float:
        """BM25 of a passage's search text; 0.0 where it holds no term of the question."""
        found = terms(text)
        counts = Counter(found)
        norm = K1 * (1.0 - B + B * rounded_length(len(found)) / self._average)
        total = 0.0
        for term, idf in self._idf.items():
            tf = counts[term]
            if tf:
                total += idf * (K1 + 1.0) * tf / (tf + norm)
        return total


class LexicalIndex:
    """One generation of the lexical index, read-only.

    Args:
        folder: where it lies.
        length: terms in all its passages together.
    """

    SLACK = 1e-4
    """How far, relatively, a score of Tantivy may lie from the exact one."""

    def __init__(self, folder: Path, length: int) -> None:
        self._index = _registered(tantivy.Index.open(str(folder)))
        self._searcher = self._index.searcher()
        self.folder = folder
        self.length = length

    def __len__(self) -> int:
        """How many passages there are."""
        return self._searcher.num_docs

    @classmethod
    def write(cls, folder: Path, passages: Iterable[tuple[int, str]]) -> LexicalIndex:
        """Write a new index of (row, search text) to an empty folder."""
        folder.mkdir(parents=True)
        index = _registered(tantivy.Index(_schema(), path=str(folder), reuse=False))
        return cls(folder, _add(index, passages))

    def extend(self, folder: Path, passages: Iterable[tuple[int, str]]) -> LexicalIndex:
        """Write an index of this one's passages and more to a new folder; this one stays."""
        folder.mkdir(parents=True)
        for file in self.folder.iterdir():
            if file.name in OWN_FILES:
                shutil.copyfile(file, folder / file.name)
            elif not file.name.endswith(".lock"):
                # Segments are written once and only ever deleted, so both folders can share them.
                _link(file, folder / file.name)
        index = _registered(tantivy.Index.open(str(folder)))
        return LexicalIndex(folder, self.length + _add(index, passages))

    def scorer(self, query: str) -> Scorer:
        """Exact BM25 for this question in this generation."""
        frequencies = {term: self._searcher.doc_freq(_FIELD, term) for term in asked(query)}
        return Scorer(frequencies, len(self), self.length)

    def candidates(self, query: str, count: int) -> list[int]:
        """Rows among which the ``count`` best surely are, in no particular order.

        The query is taken as plain words; no character of it has a meaning. Passages that score
        as the last one, within :attr:`SLACK`, are all among them.
        """
        wanted = asked(query)
        if not wanted or count <= 0:
            return []
        schema = self._index.schema
        term_query = tantivy.Query.term_query
        clauses = [
            (tantivy.Occur.Should, term_query(schema, _FIELD, term, "freq")) for term in wanted
        ]
        either = tantivy.Query.boolean_query(clauses)
        limit = count + 16
        while True:
            hits = self._searcher.search(either, limit, count=False).hits
            if len(hits) < limit:
                break
            floor = hits[count - 1][0] * (1.0 - self.SLACK)
            if hits[-1][0] < floor:
                hits = [hit for hit in hits if hit[0] >= floor]
                break
            limit *= 4
        addresses = [address for _, address in hits]
        rows = self._searcher.fast_field_values(_ROW, addresses)
        return [int(row) for row in rows if row is not None]


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


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field(_ROW, stored=False, indexed=False, fast=True)
    builder.add_text_field(_FIELD, stored=False, tokenizer_name=_ANALYZER, index_option="freq")
    return builder.build()


def _registered(index: tantivy.Index) -> tantivy.Index:
    index.register_tokenizer(_ANALYZER, _analyzer)
    return index


def _add(index: tantivy.Index, passages: Iterable[tuple[int, str]]) -> int:
    """Add passages and commit; gives the number of their terms."""
    length = 0
    writer = index.writer(_HEAP, 1)
    for row, text in passages:
        document = tantivy.Document()
        found = words(text)
        length += len(found)
        document.add_unsigned(_ROW, row)
        document.add_text(_FIELD, " ".join(found))
        writer.add_document(document)
    writer.commit()
    # Merges run in threads of their own; a folder is finished only when they are.
    writer.wait_merging_threads()
    index.reload()
    return length


def _link(old: Path, new: Path) -> None:
    try:
        os.link(old, new)
    except OSError:  # a file system without hard links
        shutil.copyfile(old, new)
