"""Fixtures for all tests."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from hypothesis import settings

from index.base import Vectors
from index.embed import Embedder, load_embedder

# The same examples every time: a run that is green stays green.
settings.register_profile("same", derandomize=True)
settings.load_profile("same")


class RememberingEmbedder(Embedder):
    """The packaged model; a call that was made before is answered from memory.

    Equal calls give equal vectors (a test of its own holds the model to that), so tests that
    store the same papers again and again need not wait for it each time.
    """

    def __init__(self) -> None:
        self._model = load_embedder()
        self._known: dict[tuple[bool, tuple[str, ...]], Vectors] = {}

    @property
    def name(self) -> str:
        """The model's name."""
        return self._model.name

    @property
    def dimensions(self) -> int:
        """The model's dimensions."""
        return self._model.dimensions

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """The model's vectors."""
        return self._remembered(texts, False, self._model.embed_passages)

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """The model's vectors."""
        return self._remembered(texts, True, self._model.embed_queries)

    def _remembered(
        self, texts: Sequence[str], query: bool, embed: Callable[[Sequence[str]], Vectors]
    ) -> Vectors:
        key = query, tuple(texts)
        if key not in self._known:
            self._known[key] = embed(texts)
        return self._known[key].copy()


@pytest.fixture(scope="session")
def embedder() -> Embedder:
    """The packaged model, loaded once."""
    return RememberingEmbedder()
