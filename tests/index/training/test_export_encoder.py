"""The shipped graphs can be made anew from the package."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest

from index import encoder
from index.embed import WEIGHTS, packaged_folder
from index.encoder import GRAPHS, Encoder, parameters
from index.training.export_encoder import TEXTS, export, take_out
from index.weights import sha256_of


def made() -> list[np.ndarray]:
    folder = packaged_folder()
    return [
        np.stack([one.vector(text) for text in TEXTS])
        for one in (Encoder(folder / WEIGHTS, folder / "tokenizer.json", p) for p in GRAPHS)
    ]


@pytest.mark.slow
def test_graphs_made_today_give_the_vectors_of_the_shipped_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = made()
    export(tmp_path)
    monkeypatch.setattr(encoder, "MODELS", tmp_path)
    monkeypatch.setattr(encoder, "_SHA256", {p: sha256_of(tmp_path / n) for p, n in GRAPHS.items()})
    for again, before in zip(made(), shipped, strict=True):
        np.testing.assert_allclose(again, before, atol=1e-6)


def test_a_graph_without_a_weight_that_it_is_to_be_given_is_refused() -> None:
    model = onnx.load(encoder.MODELS / GRAPHS["int8"], load_external_data=False)
    given = set(parameters(packaged_folder() / WEIGHTS, "int8"))
    take_out(model, given)
    with pytest.raises(ValueError, match="no weights named"):
        take_out(model, given | {"another"})
