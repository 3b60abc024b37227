"""Turn trained weights into the files that are shipped: an encoder in ONNX, heads in safetensors.

    python -m qa.training.export_reader WEIGHTS GROUPS OUT

The word embeddings are not in them: they are those of the packaged encoder, which sums words,
places, segments and matches before the encoder runs. The encoder's matrices are 8-bit integers, one
scale a column, and its activations are brought to 8 bits as they come ("dynamic quantization"),
after they were made even (see ``smoothing``). Every export is held against torch in single
precision, on questions and passages that were set aside.
"""

from __future__ import annotations

import copy
import logging
import math
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
import onnx
import onnxruntime
import torch
import typer
from onnxruntime.quantization import QuantType, quantize_dynamic
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers.models.bert.modeling_bert import BertLayer

from index.embed import packaged_folder
from index.training.unmark import unmark_file
from qa.readers.pieces import Ints, Pieces
from qa.training.examples import Lesson, Shown, lesson
from qa.training.groups import read_groups
from qa.training.network import ReaderNetwork
from qa.training.smoothing import even_factors

log = logging.getLogger(__name__)
OPSET = 20
MOST_ERROR = {"fp32": 0.001, "int8": 0.3}
"""Most that the logit of a sentence may be off, as a standard deviation; a worse export is refused.
Logits of the right and the wrong sentence lie several units apart."""
PART = "covidqa"
SMOOTHED_ON, COMPARED_ON = 8, 12
"""Groups of that part's training and set-aside questions."""


class PlainLayer(nn.Module):
    """A layer of the encoder written out, so that the exported graph has nothing it does not need.

    Query, key and value are one matrix. Where ``factors`` are given, inputs are divided by them
    and matrices made up for it; what the attention's output is divided by is put into the values,
    which it is a mean of.
    """

    def __init__(self, layer: BertLayer, heads: int, factors: dict[str, Tensor] | None) -> None:
        super().__init__()
        own = layer.attention.self
        self.heads = heads
        self.first, self.second = layer.attention.output.LayerNorm, layer.output.LayerNorm
        parts = (own.query, own.key, own.value)
        mixed = nn.Linear(own.query.in_features, sum(part.out_features for part in parts))
        mixed.weight.data = torch.cat([part.weight for part in parts])
        mixed.bias.data = torch.cat([part.bias for part in parts])
        names = ("attention.self.query", "intermediate.dense", "output.dense")
        linears = (mixed, layer.intermediate.dense, layer.output.dense)
        dense = copy.deepcopy(layer.attention.output.dense)
        if factors is not None:
            values = factors["attention.output.dense"]
            dense.weight.data = dense.weight.data * values
            mixed.weight.data[-len(values) :] /= values[:, None]
            mixed.bias.data[-len(values) :] /= values
        self.mixed, self.wide, self.narrow = (
            _divided(linear, None if factors is None else factors[name])
            for linear, name in zip(linears, names, strict=True)
        )
        self.dense = dense

    def forward(self, x: Tensor) -> Tensor:
        """From and to vectors of shape (passages, pieces, size)."""
        passages, pieces, size = x.shape
        shape = (passages, pieces, self.heads, size // self.heads)
        query, key, value = (
            part.view(shape).transpose(1, 2) for part in self.mixed(x).split(size, dim=-1)
        )
        alike = query @ key.transpose(-1, -2) / math.sqrt(size // self.heads)
        seen = (torch.softmax(alike, dim=-1) @ value).transpose(1, 2).reshape(x.shape)
        x = self.first(self.dense(seen) + x)
        y: Tensor = self.second(self.narrow(nn.functional.gelu(self.wide(x))) + x)
        return y


class PlainEncoder(nn.Module):
    """The encoder written out. It reads passages of one length: there is no mask.

    Takes what the embeddings sum to, of shape (passages, pieces, size); gives the last layer's
    vectors.
    """

    def __init__(self, network: ReaderNetwork, factors: dict[str, Tensor] | None = None) -> None:
        super().__init__()
        self.norm = network.encoder.embeddings.LayerNorm
        heads = network.encoder.config.num_attention_heads
        self.layers = nn.ModuleList(
            PlainLayer(layer, heads, _of_layer(factors, number))
            for number, layer in enumerate(network.encoder.encoder.layer)
        )

    def forward(self, summed: Tensor) -> Tensor:
        """See the class."""
        x: Tensor = self.norm(summed)
        for layer in self.layers:
            x = layer(x)
        return x


class Divided(nn.Module):
    """A linear layer whose input columns are divided first, its matrix made up for it."""

    inverse: Tensor

    def __init__(self, linear: nn.Linear, factors: Tensor) -> None:
        super().__init__()
        self.linear = copy.deepcopy(linear)
        self.linear.weight.data = linear.weight.data * factors
        self.register_buffer("inverse", 1 / factors)

    def forward(self, x: Tensor) -> Tensor:
        """The same product."""
        y: Tensor = self.linear(x * self.inverse)
        return y


def _divided(linear: nn.Linear, factors: Tensor | None) -> nn.Module:
    return copy.deepcopy(linear) if factors is None else Divided(linear, factors)


def _of_layer(factors: dict[str, Tensor] | None, number: int) -> dict[str, Tensor] | None:
    if factors is None:
        return None
    front = f"layer.{number}."
    return {k.removeprefix(front): v for k, v in factors.items() if k.startswith(front)}


def export(weights: Path, groups: Path, out: Path, name: str) -> None:
    """Write ``name.onnx`` and ``name.safetensors`` into ``out``.

    Args:
        weights: what ``train_reader`` wrote.
        groups: folder of the groups.
        out: folder.
        name: of the files.

    Raises:
        ValueError: the exported encoder does not say what the network says.
    """
    network = load_network(weights)
    seen, held = _lessons(groups)
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        exact, even = Path(folder) / "exact.onnx", Path(folder) / "even.onnx"
        to_onnx(network, exact)
        _compare(network, exact, held, "fp32")
        to_onnx(network, even, even_factors(network, seen))
        quantize_dynamic(even, out / f"{name}.onnx", weight_type=QuantType.QInt8, per_channel=True)
        unmark_file(out / f"{name}.onnx")
    _compare(network, out / f"{name}.onnx", held, "int8")
    heads = {
        key: tensor.detach().float().contiguous()
        for key, tensor in network.named_parameters()
        if not key.startswith(("encoder", "words"))
    }
    embeddings = network.encoder.embeddings
    heads["positions"] = embeddings.position_embeddings.weight.detach().half()
    heads["segments"] = embeddings.token_type_embeddings.weight.detach().float()
    save_file(heads, out / f"{name}.safetensors")


def load_network(weights: Path) -> ReaderNetwork:
    """The network with trained weights.

    Raises:
        ValueError: the weights are of another network.
    """
    network = ReaderNetwork(packaged_folder()).eval()
    found = network.load_state_dict(load_file(weights), strict=False)
    if found.unexpected_keys:
        raise ValueError(f"{weights} is of another network: {found.unexpected_keys[:3]}")
    return network


def _lessons(groups: Path) -> tuple[list[Lesson], list[Lesson]]:
    """Groups to even the activations on, and others to compare on."""
    pieces = Pieces(Tokenizer.from_file(str(packaged_folder() / "tokenizer.json")))
    parts: tuple[list[Lesson], list[Lesson]] = ([], [])
    for group in read_groups(groups / f"{PART}.jsonl"):
        part, most = (parts[1], COMPARED_ON) if group.set_aside else (parts[0], SMOOTHED_ON)
        if len(part) < most:
            part.append(lesson([Shown(group.question, group.passages[:8])], pieces))
    return parts


def to_onnx(network: ReaderNetwork, path: Path, factors: dict[str, Tensor] | None = None) -> None:
    """Write the encoder in single precision, its activations evened where factors are given."""
    torch.onnx.export(
        PlainEncoder(network, factors).eval(),
        (torch.zeros(2, 24, network.encoder.config.hidden_size),),
        path,
        input_names=["summed"],
        output_names=["hidden"],
        opset_version=OPSET,
        dynamic_shapes={"summed": {0: torch.export.Dim("passages"), 1: torch.export.Dim("pieces")}},
        external_data=False,
        verbose=False,
    )
    onnx.checker.check_model(onnx.load(path))


def _compare(network: ReaderNetwork, path: Path, lessons: Sequence[Lesson], kind: str) -> None:
    """Hold an exported encoder against the network, by the sentences' logits."""
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    errors: list[float] = []
    best: list[bool] = []
    for one in lessons:
        with torch.no_grad():
            expected = network(one.batch).sentence
            hidden = _run(session, network.summed(one.batch), one.batch.mask)
            found = network.heads(hidden, one.batch).sentence
        errors += (found - expected).tolist()
        best.append(bool(found.argmax() == expected.argmax()))
    error = float(np.sqrt(np.mean(np.square(errors))))
    log.info("%s: logits off by %.4f, the same best sentence in %.2f", kind, error, np.mean(best))
    if error > MOST_ERROR[kind]:
        raise ValueError(f"the {kind} export is off: a sentence's logit by {error:.3f}")


def _run(session: onnxruntime.InferenceSession, summed: Tensor, mask: Ints) -> Tensor:
    """Each passage by itself, as the reader does; zeros where padding stands."""
    hidden = torch.zeros_like(summed)
    for row, length in enumerate(mask.sum(axis=1).tolist()):
        (found,) = session.run(None, {"summed": summed[row : row + 1, :length].numpy()})
        hidden[row, :length] = torch.from_numpy(found[0])
    return hidden


def main(
    weights: Annotated[Path, typer.Argument(help="What ``train_reader`` wrote.")],
    groups: Annotated[Path, typer.Argument(help="Folder of the groups.")],
    out: Annotated[Path, typer.Argument(help="Folder for the files.")],
    name: Annotated[str, typer.Option(help="Name of the files.")] = "reader-1",
) -> None:
    """Export, quantize, compare."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    log.setLevel(logging.INFO)
    export(weights, groups, out, name)
    for path in sorted(out.glob(f"{name}.*")):
        log.info("%s: %.1f MB", path, path.stat().st_size / 1e6)


if __name__ == "__main__":
    typer.run(main)
