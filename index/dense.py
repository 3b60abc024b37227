"""The dense index: which passages lie near a question; FAISS, inner product over unit vectors.

It consists of segments (:mod:`index.segment`). What is new becomes a segment of its own; small ones
are joined as they gather, so that bringing in a paper costs the same in a large index as in a small
one (log-structured merging, O'Neil et al. 1996). What is removed is marked, and left out when a
segment is written again.

An index object is never changed once made, so that whoever searches it sees one generation;
:meth:`DenseIndex.extended` makes the next one.
"""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.base import Vectors
from index.files import link
from index.segment import SLACK, Chunk, Kind, Rows, Segment, segment_of

Scores = npt.NDArray[np.float64]
Fetch = Callable[[Rows], Iterable[Chunk]]
"""Gives the stored vectors of these rows, ascending, in chunks."""

SEGMENT_ROWS = 131_072
"""Rows of a segment at most: several can be searched at once, and one fits into memory as it is
made."""

JOINED = 4
"""A segment is joined with the newer ones when it has at most this many times their rows."""

SMALL = 4096
"""Rows up to which a segment is written again as soon as one of them was removed."""

DEAD_SHARE = 1 / 8
"""The share of removed rows from which on a larger one is."""

FIRST = 64
"""How many more than wanted a segment is asked for at first."""

LIST = "segments.json"
"""The file of a folder that says which segments lie in it."""

_DEAD = "dead.rows"

OWN_FILES = (LIST, _DEAD)
"""The files of a folder that change; all others are segments, written once."""


@dataclass(frozen=True, slots=True)
class _Found:
    """What a segment gave.

    Attributes:
        rows, scores: the best ones, best first.
        whole: whether it has no others that may be given.
    """

    rows: Rows
    scores: Scores
    whole: bool


class DenseIndex:
    """Passage rows and their vectors.

    Args:
        segments: their rows ascending from one to the next.
        kind: how vectors are kept; all segments are of this kind.
    """

    def __init__(self, segments: Sequence[Segment] = (), kind: Kind = Kind.EXACT) -> None:
        self._segments = tuple(segments)
        self.kind = kind

    @classmethod
    def of(cls, chunks: Iterable[Chunk], kind: Kind = Kind.EXACT) -> DenseIndex:
        """A new index of these rows, ascending, and vectors."""
        return cls(kind=kind).extended(np.zeros(0, dtype=np.int64), chunks)

    @classmethod
    def load(cls, folder: Path) -> DenseIndex:
        """The index that :meth:`saved` wrote.

        Raises:
            OSError: a file is missing.
            RuntimeError, ValueError: a file is not what was written.
        """
        said = json.loads((folder / LIST).read_text("utf-8"))
        dead = np.load(folder / _DEAD)
        # A row that came again is dead in one segment and not in another.
        ends = np.cumsum([one["dead"] for one in said["segments"]], dtype=np.int64)
        segments = [
            Segment.load(folder / one["name"], one).without(dead[end - one["dead"] : end])
            for one, end in zip(said["segments"], ends, strict=True)
        ]
        return cls(segments, Kind(said["kind"]))

    def saved(self, folder: Path) -> DenseIndex:
        """Write the index to an empty folder; gives the one that is read from there.

        Segments that lie in another folder are shared with it.
        """
        folder.mkdir(parents=True)
        segments = []
        for segment in self._segments:
            if segment.file is None:
                name = f"{len(segment.rows):07d}-{uuid.uuid4().hex[:12]}"
                segments.append(segment.save(folder / name))
                continue
            target = folder / segment.file.name
            for ending in (".faiss", ".rows"):
                link(segment.file.with_suffix(ending), target.with_suffix(ending))
            segments.append(replace(segment, file=target))
        dead = [one.gone for one in segments]
        with (folder / _DEAD).open("wb") as file:
            np.save(file, np.concatenate([np.zeros(0, dtype=np.int64), *dead]))
        named = [
            {"name": one.file.name, "dead": len(one.gone), **one.describe()}
            for one in segments
            if one.file is not None
        ]
        said = {"kind": self.kind.value, "segments": named}
        (folder / LIST).write_text(json.dumps(said, indent=1), "utf-8")
        return DenseIndex(segments, self.kind)

    def __len__(self) -> int:
        """How many vectors there are."""
        return sum(map(len, self._segments))

    @property
    def size(self) -> int:
        """Bytes that the vectors and their rows take."""
        return sum(segment.size for segment in self._segments)

    def extended(
        self, removed: Rows, added: Iterable[Chunk], stored: Fetch | None = None
    ) -> DenseIndex:
        """A new index without the rows ``removed`` and with those ``added``; this one stays.

        Args:
            removed: rows that are in the index, ascending.
            added: rows, ascending, and their vectors. A row may come again that was removed.
            stored: gives vectors that the index itself does not keep exactly; without it segments
                of such vectors are never written again.
        """
        segments = [segment.without(removed) for segment in self._segments]
        segments = [one for one in segments if len(one)]
        fresh = list(_sealed(self.kind, added))
        segments = _in_order([*segments, *fresh], stored)
        return DenseIndex(_joined(segments, self.kind, stored), self.kind)

    def candidates(
        self, query: Vectors, count: int, rows: Rows | None = None, stored: Fetch | None = None
    ) -> list[int]:
        """Rows among which the ``count`` nearest surely are, in no particular order.

        Vectors as near as the last one, within :data:`SLACK`, are all among them: which of them
        counts is decided on exact scores, not on the order in which they were added.

        No score of a segment is further from the exact one than the segment's error. So if
        ``count`` vectors are known to have exact scores of t or more, the nearest are all among
        those that score at least t minus the error. t is taken from the exact scores of the best.

        Args:
            query: one unit vector, float32 of shape (dimensions,).
            count: how many nearest to cover.
            rows: the rows that may be given, ascending, all of them in the index; None for any.
            stored: gives exact vectors, for segments that do not keep them; without it more
                candidates are given than it takes.
        """
        there = len(self) if rows is None else len(rows)
        if not there or count <= 0:
            return []
        if count >= there:
            every = np.concatenate([one.live for one in self._segments]) if rows is None else rows
            return [int(row) for row in every]
        allowed = [segment.allowed(rows) for segment in self._segments]
        found = self._search(query, [count + FIRST] * len(allowed), allowed)
        known = _Known(query, stored if self.kind is not Kind.EXACT else None)
        least = known.least(*self._together(found), count)
        found = self._completed(found, query, allowed, least)
        chosen, scores, errors = self._together(found)
        near = scores + errors >= least
        return known.nearest(chosen[near], count)

    def _together(self, found: Sequence[_Found]) -> tuple[Rows, Scores, Scores]:
        """Rows, scores and errors of what all segments gave."""
        errors = [
            np.full(len(one.rows), segment.error)
            for one, segment in zip(found, self._segments, strict=True)
        ]
        return (
            np.concatenate([one.rows for one in found]),
            np.concatenate([one.scores for one in found]),
            np.concatenate(errors),
        )

    def _completed(
        self,
        found: list[_Found],
        query: Vectors,
        allowed: Sequence[npt.NDArray[np.bool_] | None],
        least: float,
    ) -> list[_Found]:
        """Ask segments again, for more, that may have others whose exact score is ``least``."""
        while True:
            short = [
                not one.whole and one.scores[-1] + segment.error >= least
                for one, segment in zip(found, self._segments, strict=True)
            ]
            if not any(short):
                return found
            counts = [
                4 * len(one.rows) if again else 0 for one, again in zip(found, short, strict=True)
            ]
            more = self._search(query, counts, allowed)
            found = [
                new if again else one for one, new, again in zip(found, more, short, strict=True)
            ]

    def _search(
        self,
        query: Vectors,
        counts: Sequence[int],
        allowed: Sequence[npt.NDArray[np.bool_] | None],
    ) -> list[_Found]:
        """Search each segment for so many, several at once where they are large."""

        def one(segment: Segment, count: int, among: npt.NDArray[np.bool_] | None) -> _Found:
            if not count:
                return _Found(np.zeros(0, dtype=np.int64), np.zeros(0), True)
            rows, scores = segment.search(query, count, among)
            return _Found(rows, scores, len(rows) < count)

        large = sum(len(s.rows) > SMALL for s in self._segments) > 1
        run = _threads().map if large else map
        return list(run(one, self._segments, counts, allowed))


class _Known:
    """Exact scores of a question, as far as they are known.

    Args:
        query: the question's vector.
        stored: gives exact vectors; None where scores are exact but for :data:`SLACK`, or where
            nothing better is known.
    """

    def __init__(self, query: Vectors, stored: Fetch | None) -> None:
        self._query = query
        self._stored = stored
        self._scores: dict[int, float] = {}

    def least(self, rows: Rows, scores: Scores, errors: Scores, count: int) -> float:
        """A score that ``count`` of these rows surely have."""
        best = np.argsort(-scores, kind="stable")[:count]
        if self._stored is None:
            return float((scores - errors)[best].min())
        return min(self._exact(rows[best])) - SLACK

    def nearest(self, rows: Rows, count: int) -> list[int]:
        """Of these rows the ``count`` nearest, and those that cannot be told from the last one."""
        if self._stored is None:
            return [int(row) for row in rows]
        exact = np.array(self._exact(rows))
        last = np.partition(exact, -count)[-count]
        return [int(row) for row in rows[exact >= last - 2 * SLACK]]

    def _exact(self, rows: Rows) -> list[float]:
        wanted = [int(row) for row in rows]
        new = np.array(sorted(set(wanted) - self._scores.keys()), dtype=np.int64)
        if len(new) and self._stored is not None:
            for found, vectors in self._stored(new):
                scores = (vectors.astype(np.float64) * self._query).sum(axis=1)
                self._scores.update(zip(found.tolist(), scores.tolist(), strict=True))
        return [self._scores[row] for row in wanted]


def _sealed(kind: Kind, chunks: Iterable[Chunk]) -> Iterator[Segment]:
    """Segments of these rows, none too large."""
    held: list[Chunk] = []
    size = 0
    for rows, vectors in chunks:
        for start in range(0, len(rows), SEGMENT_ROWS):
            part = slice(start, start + SEGMENT_ROWS)
            if held and size + len(rows[part]) > SEGMENT_ROWS:
                yield segment_of(kind, held)
                held, size = [], 0
            held.append((rows[part], vectors[part]))
            size += len(rows[part])
    if held:
        yield segment_of(kind, held)


def _in_order(segments: list[Segment], stored: Fetch | None) -> list[Segment]:
    """Segments without those that have too many removed rows; such are written again."""
    out = []
    for one in segments:
        dead = len(one.rows) - len(one)
        again = dead and (len(one.rows) <= SMALL or dead > DEAD_SHARE * len(one.rows))
        out += _rewritten([one], one.kind, stored) if again else [one]
    return out


def _joined(segments: list[Segment], kind: Kind, stored: Fetch | None) -> list[Segment]:
    """Segments with the newest ones joined, as long as the one before is not much larger."""
    first = len(segments)
    size = 0
    while first and size + len(segments[first - 1]) <= SEGMENT_ROWS:
        if size and len(segments[first - 1]) > JOINED * size:
            break
        first -= 1
        size += len(segments[first])
    newest = segments[first:]
    if len(newest) < 2:
        return segments
    return [*segments[:first], *_rewritten(newest, kind, stored)]


def _rewritten(segments: Sequence[Segment], kind: Kind, stored: Fetch | None) -> list[Segment]:
    """The live rows of these segments in one, if their vectors can be had."""
    if kind is Kind.EXACT:
        # A row that came again may lie between older ones.
        rows = np.concatenate([one.live for one in segments])
        vectors = np.concatenate([one.vectors() for one in segments])
    elif stored is not None:
        rows = np.concatenate([one.live for one in segments])
        chunks = list(stored(np.sort(rows)))
        return list(_sealed(kind, chunks))
    else:
        return list(segments)
    order = np.argsort(rows, kind="stable")
    return list(_sealed(kind, [(rows[order], vectors[order])]))


@lru_cache(maxsize=1)
def _threads() -> ThreadPoolExecutor:
    """Threads that search segments at once; FAISS lets go of the interpreter's lock."""
    return ThreadPoolExecutor(min(4, os.cpu_count() or 1), "dense")


# The threads do not come along into a forked process.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_threads.cache_clear)
