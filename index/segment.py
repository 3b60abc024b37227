"""A part of the dense index: vectors of some passages, written once and only ever read.

Two kinds. *Exact* keeps float32 numbers. *Eight bits* keeps each number as one of 256 steps, a
quarter of the memory, and with them :attr:`Segment.error`: how far the score of any vector in it
may lie from the exact one. By the inequality of Cauchy and Schwarz that is the length of what
rounding took from the vector, as questions have unit length; the largest of the segment counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import numpy.typing as npt

from index.base import Vectors

Rows = npt.NDArray[np.int64]
Chunk = tuple[Rows, Vectors]

SLACK = 1e-5
"""How far a float32 score of FAISS may lie from the exact one. The order of its additions depends
on where a vector stands, so all scores this close to the last place are handed on."""


class Kind(StrEnum):
    """How a segment keeps its vectors."""

    EXACT = "exact"
    EIGHT_BITS = "eight bits"


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """Rows and their vectors; :func:`segment_of` makes one.

    Attributes:
        kind: how the vectors are kept.
        rows: the passages' rows, int64 of shape (n,), ascending.
        index: a FAISS index whose position i is ``rows[i]``.
        error: how far a score may lie from the exact one, at most.
        dead: which positions were removed, bool of shape (n,); None where none was.
        file: where it lies, without ending; None where it was not saved.
    """

    kind: Kind
    rows: Rows
    index: faiss.Index
    error: float = SLACK
    dead: npt.NDArray[np.bool_] | None = None
    file: Path | None = None

    def __len__(self) -> int:
        """How many rows are not removed."""
        return len(self.rows) - (0 if self.dead is None else int(self.dead.sum()))

    @property
    def size(self) -> int:
        """Bytes that vectors and rows take."""
        return int(self.rows.nbytes + self.index.ntotal * self.index.sa_code_size())

    @property
    def live(self) -> Rows:
        """The rows that are not removed."""
        return self.rows if self.dead is None else self.rows[~self.dead]

    @property
    def gone(self) -> Rows:
        """The rows that are removed."""
        return self.rows[:0] if self.dead is None else self.rows[self.dead]

    def without(self, removed: Rows) -> Segment:
        """The same segment with some rows, ascending, removed; this one stays as it is."""
        gone = self._holds(removed)
        if not gone.any():
            return self
        return replace(self, dead=gone if self.dead is None else gone | self.dead)

    def allowed(self, rows: Rows | None) -> npt.NDArray[np.bool_] | None:
        """Which positions may be given, with rows ascending, where that is not all of them."""
        live = None if self.dead is None else ~self.dead
        if rows is None:
            return live
        among = self._holds(rows)
        return among if live is None else among & live

    def _holds(self, rows: Rows) -> npt.NDArray[np.bool_]:
        """Which positions hold one of these rows, ascending."""
        held = np.zeros(len(self.rows), dtype=np.bool_)
        if len(self.rows):
            first, end = np.searchsorted(rows, [self.rows[0], self.rows[-1] + 1])
            near = rows[first:end]
            at = np.searchsorted(self.rows, near)
            held[at[self.rows[at] == near]] = True
        return held

    def search(
        self, query: Vectors, count: int, allowed: npt.NDArray[np.bool_] | None
    ) -> tuple[Rows, npt.NDArray[np.float64]]:
        """Rows and scores of the ``count`` nearest by this segment's numbers, best first.

        Args:
            query: a unit vector, float32 of shape (dimensions,).
            count: how many at most.
            allowed: which positions may be given; None for all.
        """
        there = len(self.rows) if allowed is None else int(allowed.sum())
        if not there:
            return np.zeros(0, dtype=np.int64), np.zeros(0)
        parameters = None
        if allowed is not None:
            # Held here: the parameters only point to them.
            bits = np.packbits(allowed, bitorder="little")
            selector = faiss.IDSelectorBitmap(len(bits), faiss.swig_ptr(bits))
            parameters = faiss.SearchParameters()
            parameters.sel = selector
        one = np.ascontiguousarray(query[None, :], dtype=np.float32)
        scores, positions = self.index.search(one, min(count, there), params=parameters)
        return self.rows[positions[0]], scores[0].astype(np.float64)

    def vectors(self) -> Vectors:
        """The vectors of the live rows, if they are kept exactly."""
        kept: Vectors = self.index.reconstruct_n(0, self.index.ntotal)
        return kept if self.dead is None else kept[~self.dead]

    def save(self, file: Path) -> Segment:
        """Write it to ``file`` with endings of its own; gives the segment that is read from there.

        Which rows are dead is not written.
        """
        faiss.write_index(self.index, str(file.with_suffix(".faiss")))
        with file.with_suffix(".rows").open("wb") as rows:
            np.save(rows, self.rows)
        return replace(Segment.load(file, self.describe()), dead=self.dead)

    def describe(self) -> dict[str, Any]:
        """What :meth:`load` has to be told."""
        return {"kind": self.kind.value, "error": self.error}

    @classmethod
    def load(cls, file: Path, said: dict[str, Any]) -> Segment:
        """The segment that :meth:`save` wrote. Eight-bit ones are mapped, not read.

        Raises:
            OSError: a file is missing.
            RuntimeError, ValueError: a file is damaged.
        """
        kind = Kind(said["kind"])
        # What is mapped costs nothing to open, and the system may drop it from memory at any time.
        mapped = kind is Kind.EIGHT_BITS
        index = faiss.read_index(
            str(file.with_suffix(".faiss")), faiss.IO_FLAG_MMAP_IFC if mapped else 0
        )
        rows = np.load(file.with_suffix(".rows"), mmap_mode="r" if mapped else None)
        if len(rows) != index.ntotal:
            raise ValueError(f"{file.name} has {len(rows)} rows for {index.ntotal} vectors")
        return cls(kind, rows, index, float(said["error"]), None, file)


def segment_of(kind: Kind, chunks: Sequence[Chunk]) -> Segment:
    """A segment of these rows and vectors.

    Args:
        kind: how to keep the vectors.
        chunks: at least one; rows ascending over all of them.
    """
    rows = np.concatenate([rows for rows, _ in chunks])
    dimensions = chunks[0][1].shape[1]
    if kind is Kind.EXACT:
        flat = faiss.IndexFlatIP(dimensions)
        for _, vectors in chunks:
            flat.add(np.ascontiguousarray(vectors, dtype=np.float32))
        return Segment(kind, rows, flat)
    # One range for all numbers, that of the largest: nothing is cut off.
    largest = max(float(np.abs(vectors).max()) for _, vectors in chunks)
    index = faiss.IndexScalarQuantizer(
        dimensions, faiss.ScalarQuantizer.QT_8bit_uniform, faiss.METRIC_INNER_PRODUCT
    )
    index.train(np.array([[-largest], [largest]], dtype=np.float32).repeat(dimensions, axis=1))
    lost = 0.0
    for _, vectors in chunks:
        start = index.ntotal
        index.add(np.ascontiguousarray(vectors, dtype=np.float32))
        rest = vectors - index.reconstruct_n(start, len(vectors))
        lost = max(lost, float(np.linalg.norm(rest, axis=1).max()))
    return Segment(kind, rows, index, lost + SLACK)
