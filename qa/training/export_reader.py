"""Turn trained weights into the files that are shipped: an encoder in ONNX, heads in safetensors.

    python -m qa.training.export_reader WEIGHTS GROUPS OUT

The word embeddings are not in them: they are those of the packaged encoder, which sums words,
places, segments and matches before the encoder runs. The encoder's matrices are 8-bit integers, one
scale a column, and its activations are brought to 8 bits as they come ("dynamic quantization"),
after they were made even (see ``smoothing``). Every export is held against torch in single
precision, on questions and passages that were set aside.
"""

from __future__ import annotations

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
from qa.readers.pieces import Pieces
from qa.training.examples import Lesson, Shown, lesson
from qa.training.groups import read_groups
from qa.training.network import ReaderNetwork
from qa.training.smoothing import smoothed

log = logging.getLogger(__name__)
OPSET = 18
MOST_ERROR = {"fp32": 0.001, "int8": 0.3}
"""Most that the logit of a sentence may be off, as a standard deviation; a worse export is refused.
Logits of the right and the wrong sentence lie several units apart."""
PART = "covidqa"
SMOOTHED_ON, COMPARED_ON = 8, 12
"""Groups of that part's training and set-aside questions."""


class PlainEncoder(nn.Module):
    """The encoder written out, so that the exported graph has nothing that is not needed.

    Takes what the embeddings sum to, of shape (passages, pieces, size), and the mask, 1 where a
    piece stands; gives the last layer's vectors.
    """

    def __init__(self, network: ReaderNetwork) -> None:
        super().__init__()
        self.norm = network.encoder.embeddings.LayerNorm
        self.layers = network.encoder.encoder.layer
        self.heads = network.encoder.config.num_attention_heads

    def forward(self, summed: Tensor, mask: Tensor) -> Tensor:
        """See the class."""
        blocked = (1.0 - mask[:, None, None, :]) * -10000.0
        x: Tensor = self.norm(summed)
        for layer in self.layers:
            x = self._layer(layer, x, blocked)
        return x

    def _layer(self, layer: BertLayer, x: Tensor, blocked: Tensor) -> Tensor:
        own = layer.attention.self
        passages, pieces, size = x.shape
        shape = (passages, pieces, self.heads, size // self.heads)
        query, key, value = (
            part(x).view(shape).transpose(1, 2) for part in (own.query, own.key, own.value)
        )
        alike = query @ key.transpose(-1, -2) / math.sqrt(size // self.heads) + blocked
        mixed = (torch.softmax(alike, dim=-1) @ value).transpose(1, 2).reshape(x.shape)
        out = layer.attention.output
        x = out.LayerNorm(out.dense(mixed) + x)
        wide = nn.functional.gelu(layer.intermediate.dense(x))
        last = layer.output
        y: Tensor = last.LayerNorm(last.dense(wide) + x)
        return y


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
        to_onnx(smoothed(network, seen), even)
        quantize_dynamic(even, out / f"{name}.onnx", weight_type=QuantType.QInt8, per_channel=True)
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


def to_onnx(network: ReaderNetwork, path: Path) -> None:
    """Write the encoder as it is, in single precision."""
    summed, mask = torch.zeros(2, 24, network.encoder.config.hidden_size), torch.ones(2, 24)
    torch.onnx.export(
        PlainEncoder(network).eval(),
        (summed, mask),
        path,
        input_names=["summed", "mask"],
        output_names=["hidden"],
        opset_version=OPSET,
        dynamic_shapes={
            "summed": {0: torch.export.Dim("passages"), 1: torch.export.Dim("pieces")},
            "mask": {0: torch.export.Dim("passages"), 1: torch.export.Dim("pieces")},
        },
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
            summed, mask = network.summed(one.batch), torch.from_numpy(one.batch.mask).float()
            expected = network(one.batch).sentence
            (hidden,) = session.run(None, {"summed": summed.numpy(), "mask": mask.numpy()})
            found = network.heads(torch.from_numpy(hidden), one.batch).sentence
        errors += (found - expected).tolist()
        best.append(bool(found.argmax() == expected.argmax()))
    error = float(np.sqrt(np.mean(np.square(errors))))
    log.info("%s: logits off by %.4f, the same best sentence in %.2f", kind, error, np.mean(best))
    if error > MOST_ERROR[kind]:
        raise ValueError(f"the {kind} export is off: a sentence's logit by {error:.3f}")


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
