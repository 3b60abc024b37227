"""What may be found in one revision of an index in Milvus: candidates, never scores."""

from __future__ import annotations

from collections.abc import Sequence

from index.base import Vectors
from index.bm25 import Promising, Scorer, Wording
from index.glossary import Glossary
from index.milvus_snapshot import MilvusSnapshot
from index.milvus_tables import MOST, Tables, at
from index.milvus_words import WordCounts, frequencies, promising
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

    def promising(self, scorers: Sequence[Scorer], count: int) -> Promising:
        """Rows that may score best."""

        def nearest(vector: dict[int, float], limit: int) -> list[tuple[int, float]]:
            return self._tables.nearest("terms", vector, self._condition, limit)

        return promising(scorers, count, self._snapshot.head, nearest)

    def scorer(self, wording: Wording) -> Scorer:
        """Exact BM25 for this wording."""
        head = self._snapshot.head
        counts = frequencies(wording, self._counts.at(head.revision))
        return Scorer(wording, counts, head.passages, head.length)

    def passages(self, rows: Sequence[int]) -> list[StoredPassage]:
        """The passages of these rows, ordered by row."""
        return self._snapshot.passages(rows)

    def glossary(self) -> Glossary:
        """What the documents say of their acronyms."""
        return self._snapshot.glossary()
