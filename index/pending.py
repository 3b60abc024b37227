"""Writes to an index in their order, some of which wait for vectors that other threads make.

So reading, embedding and writing go on side by side, and what is written, and in which order, is
what it would be one after the other.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple

import numpy as np

from index.base import Closing, Vectors
from index.embed import Embedder
from index.weights import cores

AHEAD = 256
"""Passages whose vectors may be in the making while the writer is busy; a document that has more
of them waits alone."""

BATCH = 64
"""Passages that are embedded in one call: a run that is stopped waits for no more than a few."""

_CORES_A_CALL = 16
"""One call keeps about so many cores busy to its end."""


class _Write(NamedTuple):
    passages: int
    vectors: list[Future[Vectors]]
    write: Callable[[Vectors], None]


class Pending(Closing):
    """The writes that were asked for and not yet done.

    All writing happens on the thread that calls :meth:`add`, :meth:`then` and :meth:`finish`.
    Closing it forgets the writes that are not done.

    Args:
        embedder: makes the vectors; called from several threads at once.
    """

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        # Two calls at least: while the last texts of one are read, the next one has begun.
        calls = max(2, math.ceil(cores() / _CORES_A_CALL))
        self._threads = ThreadPoolExecutor(calls, thread_name_prefix="pincite-pending")
        self._writes: deque[_Write] = deque()
        self._passages = 0

    def add(self, texts: Sequence[str], write: Callable[[Vectors], None]) -> None:
        """Write something once the vectors of its texts are made.

        Args:
            texts: of its passages.
            write: is given float32 of shape (len(texts), dimensions).
        """
        while self._writes and self._passages + len(texts) > AHEAD:
            self._next()
        made = [
            self._threads.submit(self._embedder.embed_passages, texts[start : start + BATCH])
            for start in range(0, len(texts), BATCH)
        ]
        self._writes.append(_Write(len(texts), made, write))
        self._passages += len(texts)
        self._ready()

    def then(self, write: Callable[[], None]) -> None:
        """Write something that needs no vectors, after all that was asked for before."""
        self._writes.append(_Write(0, [], lambda _: write()))
        self._ready()

    def finish(self) -> None:
        """Do all that is left."""
        while self._writes:
            self._next()

    def close(self) -> None:
        """Forget what is left."""
        self._writes.clear()
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _ready(self) -> None:
        """Do what waits for nothing any more."""
        while self._writes and all(made.done() for made in self._writes[0].vectors):
            self._next()

    def _next(self) -> None:
        passages, made, write = self._writes.popleft()
        self._passages -= passages
        parts = [one.result() for one in made]
        dimensions = self._embedder.dimensions if not parts else parts[0].shape[1]
        write(np.concatenate([np.zeros((0, dimensions), np.float32), *parts]))
