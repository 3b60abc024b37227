"""The packaged model as an embedder: ONNX Runtime, one text a thread, no model library."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from index.base import Vectors
from index.embed import PACKAGE, PACKAGED_SHA256, WEIGHTS, Embedder, LastAsked, packaged_folder
from index.encoder import SIZE, Encoder, Precision
from index.kinds import KINDS
from index.weights import check_weights, cores


class PackagedEmbedder(Embedder):
    """all-MiniLM-L6-v2, loaded when the first text comes. Usable from many threads at once.

    Each text is read by itself on one of as many threads as there are cores. So a vector depends
    on its text alone: not on what is embedded with it, nor on how many threads there are.

    Args:
        kind: one of :data:`index.kinds.KINDS`: in what precision passages are read. Questions are
            always read in single precision.
        threads: how many texts are read at once; one a core if left out.
    """

    def __init__(self, kind: str, threads: int | None = None) -> None:
        self._kind = kind
        self._threads = threads or cores()
        self._encoders: dict[Precision, Encoder] = {}
        self._pool: ThreadPoolExecutor | None = None
        self._asked = LastAsked()
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """Name of the model, with the precision of passages where that is not single."""
        return self._kind

    @property
    def dimensions(self) -> int:
        """Length of a vector."""
        return SIZE

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Vectors of passages, in the precision of the kind."""
        return self._embed(texts, KINDS[self._kind])

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Vectors of questions, in single precision; those of the last call are kept."""
        return self._asked.vectors(texts, lambda: self._embed(texts, "fp32"))

    def _embed(self, texts: Sequence[str], precision: Precision) -> Vectors:
        if not texts:
            return np.zeros((0, SIZE), dtype=np.float32)
        encoder, pool = self._loaded(precision)
        # One text needs no other thread.
        each = map(encoder.vector, texts) if len(texts) == 1 else pool.map(encoder.vector, texts)
        return np.stack(list(each))

    def _loaded(self, precision: Precision) -> tuple[Encoder, ThreadPoolExecutor]:
        with self._lock:
            if self._pool is None:
                self._pool = ThreadPoolExecutor(
                    self._threads, thread_name_prefix="pincite-embedder"
                )
            if precision not in self._encoders:
                folder = packaged_folder()
                weights = folder / WEIGHTS
                if not self._encoders:
                    check_weights(weights, PACKAGED_SHA256, "model", PACKAGE)
                self._encoders[precision] = _encoder(folder, precision)
            return self._encoders[precision], self._pool


def _encoder(folder: Path, precision: Precision) -> Encoder:
    return Encoder(folder / WEIGHTS, folder / "tokenizer.json", precision)
