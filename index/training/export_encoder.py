"""Make the graphs of ``index/models``: the packaged encoder for ONNX Runtime, without its weights.

    python -m index.training.export_encoder index/models

The graph is written by ``torch.onnx``, the 8-bit one made from it by ONNX Runtime's dynamic
quantization; then the weights are taken out, as :mod:`index.encoder` reads them from the package.
Both are held against sentence-transformers in single precision. The sha256 of the files, which are
printed, belong into ``index/encoder.py``.
"""

from __future__ import annotations

import logging
import tempfile
from pathlib import Path
from typing import Annotated

import numpy as np
import onnx
import torch
import typer
from onnxruntime.quantization import QuantType, quantize_dynamic

from index.embed import WEIGHTS, SentenceTransformerEmbedder, packaged_folder
from index.encoder import GRAPHS, SIZE, Encoder, Precision, parameters
from index.training.plain_encoder import PlainEncoder
from index.training.unmark import unmark
from index.weights import sha256_of

log = logging.getLogger(__name__)
OPSET = 20
LEAST_COSINE: dict[Precision, float] = {"fp32": 0.999_999, "int8": 0.97}
"""How near a vector must come to the one that sentence-transformers makes; worse is refused."""

TEXTS = (
    "What was median survival with sorafenib in SHARP?",
    "Median overall survival was 10.7 months in the sorafenib group and 7.9 months in the placebo "
    "group (hazard ratio 0.69; 95% CI 0.55 to 0.87; P<0.001).",
    "Table 2\nResponse\nComplete response | 0 | 0\nPartial response | 7 (2) | 2 (1)",
    "Ribavirin was given by mouth. " * 60,
    "?",
)


def export(out: Path) -> None:
    """Write both graphs.

    Args:
        out: folder.

    Raises:
        ValueError: a graph wants other weights than those that are given to it, or its vectors are
            not those of sentence-transformers.
    """
    out.mkdir(parents=True, exist_ok=True)
    weights = packaged_folder() / WEIGHTS
    given = parameters(weights, "fp32")
    network = PlainEncoder().eval()
    network.load_state_dict({name: torch.from_numpy(value) for name, value in given.items()})
    with tempfile.TemporaryDirectory() as folder:
        exact, small = Path(folder) / "exact.onnx", Path(folder) / "small.onnx"
        torch.onnx.export(
            network,
            (torch.zeros(1, 24, SIZE),),
            exact,
            input_names=["summed"],
            output_names=["vector"],
            opset_version=OPSET,
            dynamic_shapes={"summed": {1: torch.export.Dim("pieces")}},
            external_data=False,
            verbose=False,
        )
        quantize_dynamic(
            exact, small, weight_type=QuantType.QInt8, per_channel=True, reduce_range=True
        )
        graphs: dict[Precision, Path] = {"fp32": exact, "int8": small}
        for precision, path in graphs.items():
            graph = onnx.load(path)
            onnx.checker.check_model(graph)
            take_out(graph, set(parameters(weights, precision)))
            (out / GRAPHS[precision]).write_bytes(graph.SerializeToString(deterministic=True))


def take_out(model: onnx.ModelProto, given: set[str]) -> None:
    """Take the weights out of a graph, and what its maker noted about the machine it was made on.

    Args:
        model: changed in place.
        given: names of the weights that will be given to it.

    Raises:
        ValueError: it has not all of these.
    """
    graph = model.graph
    missing = given - {tensor.name for tensor in graph.initializer}
    if missing:
        raise ValueError(f"the graph has no weights named {sorted(missing)[:3]}")
    for tensor in graph.initializer:
        if tensor.name in given:
            for field in ("raw_data", "float_data", "int32_data"):
                tensor.ClearField(field)
            tensor.data_location = onnx.TensorProto.EXTERNAL
            tensor.external_data.add(key="location", value="the package")
    unmark(model)


def compare(precision: Precision) -> float:
    """The least cosine between a vector of the shipped graph and sentence-transformers' one."""
    folder = packaged_folder()
    encoder = Encoder(folder / WEIGHTS, folder / "tokenizer.json", precision)
    expected = SentenceTransformerEmbedder().embed_passages(TEXTS)
    found = np.stack([encoder.vector(text) for text in TEXTS])
    return float((expected * found).sum(axis=1).min())


def main(out: Annotated[Path, typer.Argument(help="Folder for the graphs.")]) -> None:
    """Export, and say which checksums to note."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    log.setLevel(logging.INFO)
    export(out)
    for path in sorted(out.glob("*.onnx")):
        log.info("%s: %d bytes, sha256 %s", path, path.stat().st_size, sha256_of(path))


if __name__ == "__main__":
    typer.run(main)
