"""A shipped network can be trained on: its files turn back into weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper
from onnxruntime import RunOptions
from safetensors.torch import save_file
from tokenizers import Tokenizer

from index.embed import packaged_folder
from qa.readers.network import onnx_encoder
from qa.readers.pieces import Pieces, collate
from qa.training.export_reader import load_network
from qa.training.restore_reader import restore

MODELS = Path(__file__).parents[3] / "qa" / "models"
QUESTION = "What dose did the mice receive?"
TEXT = "The mice were kept warm. Each mouse received 5 mg of the drug. It rained."
SENTENCES = [(0, 24), (25, 62), (63, 73)]


@pytest.mark.slow
def test_restored_weights_score_sentences_as_the_shipped_files_do(tmp_path: Path) -> None:
    weights = tmp_path / "weights.safetensors"
    save_file({n: t.contiguous() for n, t in restore(MODELS / "reader-1.onnx").items()}, weights)
    network = load_network(weights)
    folder = packaged_folder()
    pieces = Pieces(Tokenizer.from_file(str(folder / "tokenizer.json")))
    row = pieces.encode(QUESTION, "Mice", TEXT, SENTENCES)
    batch = collate([row], [len(SENTENCES)])
    with torch.no_grad():
        restored = network(batch).sentence.numpy()
        encoder = onnx_encoder(MODELS / "reader-1.onnx")
        hidden = torch.from_numpy(encoder(network.summed(batch).numpy(), RunOptions()))
        shipped = network.heads(hidden, batch).sentence.numpy()
    assert restored.argmax() == shipped.argmax() == 1
    np.testing.assert_allclose(restored, shipped, atol=0.6)


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    graph = helper.make_graph(
        [helper.make_node("Identity", ["x"], ["y"])],
        "none",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1])],
    )
    path = tmp_path / "other.onnx"
    onnx.save(helper.make_model(graph), path)
    with pytest.raises(ValueError, match="no encoder that export_reader"):
        restore(path)
