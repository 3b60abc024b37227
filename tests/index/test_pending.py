"""Writes that wait for vectors keep their order, whichever vectors come first."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence

import numpy as np
import pytest

from index import pending
from index.base import IndexProblem, Vectors
from index.embed import Embedder
from index.pending import Pending


class Held(Embedder):
    """Embeds nothing before it is let go; a text is its length."""

    name = "held"
    dimensions = 1

    def __init__(self) -> None:
        self.go = threading.Event()
        self.calls: list[int] = []

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        self.calls.append(len(texts))
        assert self.go.wait(60)
        if "bad" in texts:
            raise IndexProblem("The model cannot be loaded.")
        return np.array([[len(text)] for text in texts], dtype=np.float32)

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return self.embed_passages(texts)


@pytest.fixture
def embedder() -> Iterator[Held]:
    """Let go at the end, or its threads would never be."""
    held = Held()
    yield held
    held.go.set()


def test_writes_are_done_in_order_and_the_writer_does_not_wait(embedder: Held) -> None:
    done: list[object] = []
    with Pending(embedder) as writes:
        writes.then(lambda: done.append("first"))
        assert done == ["first"]
        writes.add(["four", "three"], lambda made: done.append(made.tolist()))
        writes.then(lambda: done.append("after them"))
        writes.add(["x"], lambda made: done.append(made.tolist()))
        assert done == ["first"]
        embedder.go.set()
        writes.finish()
    assert done == ["first", [[4], [5]], "after them", [[1]]]


def test_what_waits_is_bounded(embedder: Held, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pending, "AHEAD", 10)
    embedder.go.set()
    waiting, most = 0, 0

    def write(made: Vectors) -> None:
        nonlocal waiting
        waiting -= len(made)

    with Pending(embedder) as writes:
        for count in (4, 4, 4, 4, 25, 1):
            writes.add(["x"] * count, write)
            waiting += count
            most = max(most, waiting)
        writes.finish()
    assert waiting == 0
    assert most <= 25, "the largest alone"


def test_a_long_document_is_embedded_in_parts_and_written_at_once(embedder: Held) -> None:
    embedder.go.set()
    shapes: list[tuple[int, ...]] = []
    with Pending(embedder) as writes:
        writes.add(["x"] * (2 * pending.BATCH + 1), lambda made: shapes.append(made.shape))
        writes.add([], lambda made: shapes.append(made.shape))
        writes.finish()
    assert sorted(embedder.calls) == [1, pending.BATCH, pending.BATCH]
    assert shapes == [(2 * pending.BATCH + 1, 1), (0, 1)]


def test_what_goes_wrong_in_embedding_is_said_to_the_writer(embedder: Held) -> None:
    embedder.go.set()
    done: list[str] = []

    def run() -> None:
        with Pending(embedder) as writes:
            writes.add(["bad"], lambda _: done.append("bad"))
            writes.then(lambda: done.append("after it"))
            writes.finish()

    with pytest.raises(IndexProblem, match="cannot be loaded"):
        run()
    assert done == []


def test_closing_forgets_what_was_not_written(embedder: Held) -> None:
    done: list[str] = []
    with Pending(embedder) as writes:
        for _ in range(50):
            writes.add(["x"], lambda _: done.append("x"))
        embedder.go.set()
    assert len(embedder.calls) + len(done) < 100
    writes.finish()
    assert done == []
