"""Turn trained weights into the files that are shipped: an encoder in ONNX, heads in safetensors.

    python -m qa.training.export_reader WEIGHTS OUT

The word embeddings are not in them: they are those of the packaged encoder, which sums words,
places, segments and matches before the encoder runs. The encoder's matrices are 8-bit integers, one
scale a column, and its activations are brought to 8 bits as they come ("dynamic quantization").
Every export is held against torch in single precision, on questions and passages of its own.
"""

from __future__ import annotations

import logging
import math
import tempfile
from pathlib import Path
from typing import Annotated

import numpy as np
import onnx
import onnxruntime
import torch
import typer
from onnxruntime.quantization import QuantType, quantize_dynamic
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from transformers.models.bert.modeling_bert import BertLayer

from index.embed import packaged_folder
from qa.training.network import ReaderNetwork

log = logging.getLogger(__name__)
OPSET = 18
LEAST_COSINE = {"fp32": 0.99999, "int8": 0.98}
"""Least mean cosine of a piece's vector to torch's; a worse export is refused."""


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


def export(weights: Path, out: Path, name: str) -> None:
    """Write ``name.onnx`` and ``name.safetensors`` into ``out``.

    Raises:
        ValueError: the exported encoder does not say what the network says.
    """
    network = ReaderNetwork(packaged_folder()).eval()
    missing = network.load_state_dict(load_file(weights), strict=False)
    if missing.unexpected_keys:
        raise ValueError(f"{weights} is of another network: {missing.unexpected_keys[:3]}")
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        exact = Path(folder) / "exact.onnx"
        to_onnx(network, exact)
        _compare(network, exact, "fp32")
        quantize_dynamic(exact, out / f"{name}.onnx", weight_type=QuantType.QInt8, per_channel=True)
    _compare(network, out / f"{name}.onnx", "int8")
    heads = {
        key: tensor.detach().float().contiguous()
        for key, tensor in network.named_parameters()
        if not key.startswith(("encoder", "words"))
    }
    embeddings = network.encoder.embeddings
    heads["positions"] = embeddings.position_embeddings.weight.detach().half()
    heads["segments"] = embeddings.token_type_embeddings.weight.detach().float()
    save_file(heads, out / f"{name}.safetensors")


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


def _compare(network: ReaderNetwork, path: Path, kind: str) -> None:
    """Hold an exported encoder against the network on random pieces of several lengths."""
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    cosines: list[float] = []
    draw = torch.Generator().manual_seed(0)
    for passages, pieces in ((1, 9), (3, 64), (4, 200)):
        ids = torch.randint(1000, 20000, (passages, pieces), generator=draw)
        segments = (torch.arange(pieces) > 12).long().expand(passages, -1)
        mask = torch.ones(passages, pieces)
        mask[0, pieces // 2 :] = 0
        embeddings = network.encoder.embeddings
        with torch.no_grad():
            expected = network.encoder(
                input_ids=ids, token_type_ids=segments, attention_mask=mask.long()
            ).last_hidden_state
            summed = (
                embeddings.word_embeddings(ids)
                + embeddings.position_embeddings.weight[:pieces]
                + embeddings.token_type_embeddings(segments)
            )
        found = session.run(None, {"summed": summed.numpy(), "mask": mask.numpy()})[0]
        found = torch.from_numpy(np.asarray(found))
        alike = torch.cosine_similarity(found, expected, dim=-1)[mask.bool()]
        cosines.append(float(alike.mean()))
    log.info("%s: cosine to torch %s", kind, [round(c, 6) for c in cosines])
    if min(cosines) < LEAST_COSINE[kind]:
        raise ValueError(f"the {kind} export is off: cosine {min(cosines):.4f} to torch")


def main(
    weights: Annotated[Path, typer.Argument(help="What ``train_reader`` wrote.")],
    out: Annotated[Path, typer.Argument(help="Folder for the files.")],
    name: Annotated[str, typer.Option(help="Name of the files.")] = "reader-1",
) -> None:
    """Export, quantize, compare."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    log.setLevel(logging.INFO)
    export(weights, out, name)
    for path in sorted(out.glob(f"{name}.*")):
        log.info("%s: %.1f MB", path, path.stat().st_size / 1e6)


if __name__ == "__main__":
    typer.run(main)
