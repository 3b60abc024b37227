"""The packaged encoder in ONNX Runtime: the word pieces of a text in, its unit vector out.

The graphs in ``index/models`` hold no weights. These are read from the package when the encoder is
loaded, and for the 8-bit graph brought to 7 bits there: so they are shipped once, and one checksum
holds for both. ``index/training/export_encoder.py`` makes the graphs.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from index.processor import cuts_sums_off
from index.weights import check_weights, on_disk

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

Floats = npt.NDArray[np.float32]
Array = npt.NDArray[np.float32] | npt.NDArray[np.int8]
Precision = Literal["fp32", "int8"]

LAYERS, HEADS, SIZE = 6, 12, 384
"""Of the encoder: layers, heads of its attention, length of a vector."""

LONGEST = 256
"""Word pieces of a text that are read; what the model was published with."""

WORDS = "embeddings.word_embeddings.weight"

_NONE: Mapping[str, Array] = MappingProxyType({})

_MOST = 64
"""Largest 8-bit weight. Products of two such weights with two activations (0 to 255) stay within
the 16 bits in which processors without VNNI add them up, so that no sum is cut off there."""

MODELS = Path(__file__).parent / "models"
GRAPHS: dict[Precision, str] = {"fp32": "encoder.onnx", "int8": "encoder-int8.onnx"}
_SHA256: dict[Precision, str] = {
    "fp32": "9797e67b8cfb52d0286aca40d5d3a49df59f712ee2ea2eb6bcc35a1574ac633b",
    "int8": "468f07a69a0235a69b1f2749d88ae710aff8b70a254d9793a22644b6f7015751",
}
"""Of each graph."""


class Encoder:
    """Turns one text into its vector. Usable from many threads at once.

    A text is read by itself: it is padded to no other's length, and its vector does not depend on
    what else is read or on how many threads there are.

    Args:
        weights: the packaged ``model.safetensors``; its checksum is the caller's to check.
        tokenizer: the packaged ``tokenizer.json``.
        precision: of the matrix products.

    Raises:
        IndexProblem: the graph is missing or not the expected one, or the weights are of another
            kind.
    """

    def __init__(self, weights: Path, tokenizer: Path, precision: Precision) -> None:
        from tokenizers import Tokenizer

        self._words = on_disk(weights, WORDS)
        positions = on_disk(weights, "embeddings.position_embeddings.weight")[:LONGEST]
        segments = on_disk(weights, "embeddings.token_type_embeddings.weight")
        self._places = positions + segments[0]
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        # Set once and then left alone: only setting them while others encode is unsafe.
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(LONGEST)
        graph = MODELS / GRAPHS[precision]
        check_weights(graph, _SHA256[precision], "model", "Pincite")
        self._session = session(graph, parameters(weights, precision))

    def pieces(self, text: str) -> list[int]:
        """The numbers of the text's word pieces, at most :data:`LONGEST`."""
        return list(self._tokenizer.encode(text).ids)

    def vector(self, text: str) -> Floats:
        """The text's vector: float32 of shape (SIZE,), of unit length."""
        return self.read(self.pieces(text))

    def read(self, pieces: list[int]) -> Floats:
        """The vector of word pieces: float32 of shape (SIZE,), of unit length."""
        summed = self._words[pieces] + self._places[: len(pieces)]
        (vectors,) = self._session.run(None, {"summed": summed[None]})
        return np.asarray(vectors[0], dtype=np.float32)


def session(
    graph: Path, given: Mapping[str, Array] = _NONE, *, wide: bool = False
) -> InferenceSession:
    """A graph with its weights, ready to run on the thread that calls it.

    One text a thread is faster than many texts in one call, whose threads would wait for each
    other after every small operation, and nothing is padded.

    Args:
        graph: the file of an ONNX graph.
        given: by name, the weights that are not in it.
        wide: whether some 8-bit weights are larger than 64. Sums of their products are then kept
            whole on processors without VNNI too, which is an eighth slower there.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = 1
    if wide and cuts_sums_off():
        # Only there: with AMX it would more than double the time, and change nothing.
        options.add_session_config_entry("session.x64quantprecision", "1")
    if given:
        values = [onnxruntime.OrtValue.ortvalue_from_numpy(array) for array in given.values()]
        options.add_external_initializers(list(given), values)
    return onnxruntime.InferenceSession(
        graph,
        options,
        providers=["CPUExecutionProvider"],
        # The fused operation is slower than its two parts (onnxruntime 1.31).
        disabled_optimizers=["SkipLayerNormFusion"],
    )


def parameters(weights: Path, precision: Precision) -> dict[str, Array]:
    """What the graph of that precision wants, by name, from the packaged weights.

    Query, key and value are one matrix, the attention's scale put into the query. Matrices have
    the shape (inputs, outputs).
    """
    found: dict[str, Array] = {
        "norm.weight": np.array(on_disk(weights, "embeddings.LayerNorm.weight")),
        "norm.bias": np.array(on_disk(weights, "embeddings.LayerNorm.bias")),
    }
    for number in range(LAYERS):
        for name, value in _layer(weights, number):
            full = f"layers.{number}.{name}"
            if precision == "int8" and value.ndim > 1:
                found[f"{full}_quantized"], found[f"{full}_scale"] = seven_bits(value)
                found[f"{full}_zero_point"] = np.zeros(value.shape[1], np.int8)
            else:
                found[full] = value
    return found


def _layer(weights: Path, number: int) -> Iterator[tuple[str, Floats]]:
    front = f"encoder.layer.{number}"
    own = f"{front}.attention.self"
    scale = {"query": np.float32(1 / math.sqrt(SIZE // HEADS))}
    for kind in ("weight", "bias"):
        parts = [
            on_disk(weights, f"{own}.{part}.{kind}") * scale.get(part, np.float32(1))
            for part in ("query", "key", "value")
        ]
        yield f"mixed.{kind}", np.ascontiguousarray(np.concatenate(parts).T)
        for name, place in (
            ("dense", "attention.output.dense"),
            ("wide", "intermediate.dense"),
            ("narrow", "output.dense"),
            ("first", "attention.output.LayerNorm"),
            ("second", "output.LayerNorm"),
        ):
            value = on_disk(weights, f"{front}.{place}.{kind}")
            yield f"{name}.{kind}", np.ascontiguousarray(value.T)


def seven_bits(matrix: Floats) -> tuple[npt.NDArray[np.int8], Floats]:
    """Whole numbers from -64 to 64 and, for each column, what they are to be multiplied by.

    Args:
        matrix: of shape (inputs, outputs).

    Returns:
        int8 of the same shape, and float32 of shape (outputs,).
    """
    largest = np.abs(matrix).max(axis=0)
    scale = np.where(largest > 0, largest / np.float32(_MOST), np.float32(1))
    return np.rint(matrix / scale).astype(np.int8), scale
