"""The dense index: FAISS, exact inner product over unit vectors.

An index object is never changed once made, so that whoever searches it sees one generation;
:meth:`DenseIndex.extended` makes the next one.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import faiss
import numpy as np
import numpy.typing as npt

from index.base import Vectors

Rows = npt.NDArray[np.int64]
Chunk = tuple[Rows, Vectors]

SLACK = 1e-5
"""How far a float32 score of FAISS may lie from the exact one. The order of its additions depends
on where a vector stands, so all scores this close to the last place are handed on."""


class DenseIndex:
    """Passage rows and their vectors.

    Args:
        index: a FAISS index with ids, or None where there is nothing.
    """

    def __init__(self, index: faiss.Index | None = None) -> None:
        self._index = index

    @classmethod
    def of(cls, chunks: Iterable[Chunk]) -> DenseIndex:
        """A new index of these rows and vectors."""
        return cls().extended(np.zeros(0, dtype=np.int64), chunks)

    @classmethod
    def load(cls, path: Path) -> DenseIndex:
        """The index that :meth:`save` wrote.

        Raises:
            RuntimeError: the file is not a FAISS index.
        """
        if not path.stat().st_size:
            return cls()
        return cls(faiss.read_index(str(path)))

    def save(self, path: Path) -> None:
        """Write the index to a file; an empty one gives an empty file."""
        if self._index is None:
            path.touch()
        else:
            faiss.write_index(self._index, str(path))

    def __len__(self) -> int:
        """How many vectors there are."""
        return 0 if self._index is None else int(self._index.ntotal)

    def extended(self, removed: Rows, added: Iterable[Chunk]) -> DenseIndex:
        """A new index without the rows ``removed`` and with those ``added``; this one stays."""
        index = None if self._index is None else faiss.clone_index(self._index)
        if index is not None and len(removed):
            index.remove_ids(faiss.IDSelectorBatch(removed))
        for rows, vectors in added:
            if index is None:
                index = faiss.IndexIDMap(faiss.IndexFlatIP(vectors.shape[1]))
            index.add_with_ids(np.ascontiguousarray(vectors, dtype=np.float32), rows)
        return DenseIndex(index)

    def candidates(self, query: Vectors, count: int, rows: Rows | None = None) -> list[int]:
        """Rows among which the ``count`` nearest surely are, in no particular order.

        Vectors as near as the last one, within :data:`SLACK`, are all among them: which of them
        counts is decided on exact scores, not on the order in which they were added.

        Args:
            query: one unit vector, float32 of shape (dimensions,).
            count: how many nearest to cover.
            rows: the rows that may be given, all of them in the index; None for any.
        """
        there = len(self) if rows is None else len(rows)
        if self._index is None or not there or count <= 0:
            return []
        limited = None
        if rows is not None:
            selector = faiss.IDSelectorBatch(rows)  # held here: the parameters only point to it
            limited = faiss.SearchParameters()
            limited.sel = selector
        one = np.ascontiguousarray(query[None, :], dtype=np.float32)
        scores, nearest = self._index.search(one, min(count, there), params=limited)
        if count >= there:
            return [int(row) for row in nearest[0]]
        least = float(scores[0, -1]) - SLACK
        _, _, near = self._index.range_search(one, least, params=limited)
        return [int(row) for row in near]
