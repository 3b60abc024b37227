"""Passages embedded in a process of their own."""

from __future__ import annotations

import io
import json
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from index.aside import FEW, NICENESS, AsideEmbedder, serve
from index.base import IndexProblem, Vectors
from index.embed import Embedder, load_embedder

TEXTS = ["Mice lived for 12 weeks.", "They ate “well”; β = 0.3."]


@pytest.fixture(scope="module")
def aside() -> Iterator[AsideEmbedder]:
    made = AsideEmbedder(load_embedder())
    made.embed_passages(["Few are embedded here."] * FEW)
    assert made._child is None
    yield made
    made.close()


def child_of(embedder: AsideEmbedder) -> int:
    child = embedder._child
    assert child is not None
    return child.pid


@pytest.mark.slow
def test_the_vectors_are_those_that_are_made_here(aside: AsideEmbedder, embedder: Embedder) -> None:
    texts = [*TEXTS, *(f"Rat number {i} lived for {i} weeks." * 5 for i in range(40))]
    made = aside.embed_passages(texts)
    assert np.array_equal(made, embedder.embed_passages(texts))
    assert made.flags.writeable
    assert np.array_equal(aside.embed_queries(TEXTS[:1]), embedder.embed_queries(TEXTS[:1]))
    assert aside.name == embedder.name
    assert aside.dimensions == embedder.dimensions


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "getpriority"), reason="this system has no nice")
def test_the_process_stands_back_behind_this_one(aside: AsideEmbedder) -> None:
    aside.embed_passages(TEXTS[:1])
    own = os.getpriority(os.PRIO_PROCESS, 0)
    child = child_of(aside)
    tasks = Path(f"/proc/{child}/task")
    threads = [int(task.name) for task in tasks.iterdir()] if tasks.is_dir() else [child]
    found = {os.getpriority(os.PRIO_PROCESS, thread) for thread in threads}
    assert found == {min(19, own + NICENESS)}


@pytest.mark.slow
def test_a_process_that_dies_costs_no_document(aside: AsideEmbedder, embedder: Embedder) -> None:
    aside.embed_passages(TEXTS[:1])
    died = child_of(aside)
    os.kill(died, signal.SIGKILL)
    made = aside.embed_passages(TEXTS)
    assert np.array_equal(made, embedder.embed_passages(TEXTS))
    aside.embed_passages(TEXTS[:1])
    assert child_of(aside) != died


def test_nothing_is_started_for_nothing(embedder: Embedder) -> None:
    made = AsideEmbedder(embedder)
    assert made.embed_passages([]).shape == (0, embedder.dimensions)
    assert made._child is None


def test_what_was_closed_says_so(embedder: Embedder) -> None:
    made = AsideEmbedder(embedder)
    made.close()
    with pytest.raises(IndexProblem, match="being stopped"):
        made.embed_passages(TEXTS[:1] * (FEW + 1))


class Stumbling(Embedder):
    """Fails on one word."""

    name = "stumbling"
    dimensions = 2

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        if "bad" in texts:
            raise ValueError("cannot\nread this")
        return np.array([[len(text), 1] for text in texts], dtype=np.float32)

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return self.embed_passages(texts)


def test_the_process_goes_on_after_a_text_that_it_stumbled_over() -> None:
    asked = io.BytesIO(b"".join(json.dumps(one).encode() + b"\n" for one in (["bad"], ["abc"])))
    said = io.BytesIO()
    serve(asked, said, Stumbling())
    first, second, rest = said.getvalue().split(b"\n", 2)
    assert first == b"ValueError: cannot read this"
    assert np.frombuffer(rest, np.float32).tolist() == [3, 1]
    assert int(second) == len(rest)


def test_where_the_process_cannot_be_started_passages_are_embedded_here(
    monkeypatch: pytest.MonkeyPatch, embedder: Embedder
) -> None:
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    made = AsideEmbedder(embedder)
    texts = TEXTS[:1] * (FEW + 1)
    assert np.array_equal(made.embed_passages(texts), embedder.embed_passages(texts))
