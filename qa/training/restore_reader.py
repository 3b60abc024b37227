"""Turn a shipped network back into weights to train on: for another field, or for longer.

    python -m qa.training.restore_reader qa/models/reader-1.onnx OUT.safetensors

What 8 bits have lost stays lost (a sentence's logit is off by about 0.2); the first steps of
training mend it. ``train_reader --from OUT.safetensors`` goes on from there.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import numpy as np
import onnx
import torch
import typer
from onnx import numpy_helper
from safetensors.torch import load_file, save_file
from torch import Tensor

log = logging.getLogger(__name__)
_HEADS = ("match", "sentence_hidden", "sentence_score", "passage_score", "span")
_MATRICES = ("mixed", "dense", "wide", "narrow")
_PLACES = {
    "dense": "attention.output.dense",
    "wide": "intermediate.dense",
    "narrow": "output.dense",
    "first": "attention.output.LayerNorm",
    "second": "output.LayerNorm",
}
"""Parts of an exported layer and their names in the encoder."""


def restore(encoder: Path) -> dict[str, Tensor]:
    """The weights that ``export_reader`` wrote into ``encoder`` and the heads beside it.

    Args:
        encoder: the ONNX file; the heads have its name with the ending ``.safetensors``.

    Returns:
        What ``train_reader`` would have written, as far as 8 bits hold it.

    Raises:
        ValueError: the file is no export of ``export_reader``.
    """
    graph = onnx.load(encoder).graph
    found = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    matrices = [
        found[node.input[1]] * found[node.input[1].removesuffix("_quantized") + "_scale"]
        for node in graph.node
        if node.op_type == "MatMulInteger"
    ]
    count, rest = divmod(len(matrices), len(_MATRICES))
    if not count or rest or "norm.weight" not in found:
        raise ValueError(f"{encoder} is no encoder that export_reader has written.")
    heads = load_file(encoder.with_suffix(".safetensors"))
    arrays = {
        "embeddings.LayerNorm.weight": found["norm.weight"],
        "embeddings.LayerNorm.bias": found["norm.bias"],
        "embeddings.position_embeddings.weight": heads["positions"].float().numpy(),
        "embeddings.token_type_embeddings.weight": heads["segments"].numpy(),
    }
    for number in range(count):
        own = dict(zip(_MATRICES, matrices[number * 4 : number * 4 + 4], strict=True))
        front = f"encoder.layer.{number}"
        arrays.update((f"{front}.{name}", value) for name, value in _layer(found, number, own))
    weights = {f"encoder.{n}": torch.from_numpy(np.float32(a).copy()) for n, a in arrays.items()}
    weights.update((n, t) for n, t in heads.items() if n.startswith(_HEADS))
    return weights


def _layer(
    found: dict[str, np.ndarray], number: int, matrices: dict[str, np.ndarray]
) -> Iterator[tuple[str, np.ndarray]]:
    """Name and value of each weight of a layer; ``matrices`` have the shape (inputs, outputs)."""
    for part, matrix in matrices.items():
        front = f"layers.{number}.{part}"
        even = found.get(f"{front}.inverse", np.ones(1, np.float32))
        weight = matrix.T * even
        bias = found.get(f"{front}.linear.bias", found.get(f"{front}.bias"))
        if bias is None:
            raise ValueError(f"{front} has no bias: not an encoder of export_reader.")
        if part != "mixed":
            yield f"{_PLACES[part]}.weight", weight
            yield f"{_PLACES[part]}.bias", bias
            continue
        names = ("query", "key", "value")
        for name, w, b in zip(names, np.split(weight, 3), np.split(bias, 3), strict=True):
            yield f"attention.self.{name}.weight", w
            yield f"attention.self.{name}.bias", b
    for part in ("first", "second"):
        for kind in ("weight", "bias"):
            yield f"{_PLACES[part]}.{kind}", found[f"layers.{number}.{part}.{kind}"]


def main(
    encoder: Annotated[Path, typer.Argument(help="What ``export_reader`` wrote, an ONNX file.")],
    out: Annotated[Path, typer.Argument(help="Weights to train on, a safetensors file.")],
) -> None:
    """Restore."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    weights = restore(encoder)
    out.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: tensor.contiguous() for name, tensor in weights.items()}, out)
    log.info("%s: %d tensors", out, len(weights))


if __name__ == "__main__":
    typer.run(main)
