"""What may be found in one revision of an index in Milvus: candidates, never scores."""

from __future__ import annotations

from collections.abc import Sequence

from index.base import Vectors
from index.glossary import Glossary
from index.lexical import Scorer, Wording, terms
from index.milvus_snapshot import MilvusSnapshot
from index.milvus_tables import MOST, Tables, at
from index.milvus_words import WordCounts, candidates, frequencies
from index.searching import Searched
from index.segment import SLACK
from index.snapshot import StoredPassage


class MilvusSearched(Searched):
    """What may be found in one revision.

    Args:
        tables: the collections.
        snapshot: the revision.
        counts: how many passages hold each word.
        owners: the documents that may be found; None for all.
    """

    def __init__(
        self,
        tables: Tables,
        snapshot: MilvusSnapshot,
        counts: WordCounts,
        owners: Sequence[int] | None,
    ) -> None:
        self._tables = tables
        self._snapshot = snapshot
        self._counts = counts
        self._condition = at(snapshot.head.revision)
        if owners is not None:
            self._condition += f" and owner in {list(owners)}"
        self._found: dict[int, StoredPassage] = {}

    def near(self, vector: Vectors, count: int) -> list[int]:
        """Rows among which the nearest surely are, those that tie with the last among them."""
        limit = 2 * count
        while True:
            found = self._tables.nearest("vector", vector.tolist(), self._condition, limit)
            if len(found) < limit or found[-1][1] < found[count - 1][1] - SLACK:
                return [row for row, _ in found]
            if limit >= MOST:
                return [row for row, _ in found]
            limit = min(4 * limit, MOST)

    def worded(self, wording: Wording, count: int) -> list[int]:
        """Rows among which the best surely are."""
        scorer = self.scorer(wording)

        def score(rows: Sequence[int]) -> dict[int, float]:
            found = self.passages(rows)
            return {one.row: scorer.score_terms(terms(one.search_text)) for one in found}

        def nearest(vector: dict[int, float], limit: int) -> list[tuple[int, float]]:
            return self._tables.nearest("terms", vector, self._condition, limit)

        return candidates(scorer, count, self._snapshot.head, nearest, score)

    def scorer(self, wording: Wording) -> Scorer:
        """Exact BM25 for this wording."""
        head = self._snapshot.head
        counts = frequencies(wording, self._counts.at(head.revision))
        return Scorer(wording, counts, head.passages, head.length)

    def passages(self, rows: Sequence[int]) -> list[StoredPassage]:
        """The passages of these rows, ordered by row."""
        new = set(rows) - self._found.keys()
        for stored in self._snapshot.passages(sorted(new)) if new else ():
            self._found[stored.row] = stored
        return [self._found[row] for row in sorted(set(rows))]

    def glossary(self) -> Glossary:
        """What the documents say of their acronyms."""
        return self._snapshot.glossary()
