"""Readers that a person names: which models are taken, and what is made of their figures."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from corpus.document import BlockKind, DocumentInfo, Passage, Span
from index.base import Hit, IndexProblem
from index.embed import WEIGHTS, Embedder
from qa.reader import ScoredSentence
from qa.readers.load import load_reader
from qa.readers.other import OtherReader
from qa.readers.other_models import HEADING_CHARACTERS, heading
from tests.qa.readers.tiny_models import tiny_reranker, tiny_span_finder

ASKED = "How heavy were the voles?"
INFO = DocumentInfo(id="voles", source="voles.md", title="Voles of the north")


def hit_of(text: str, *sentences: str, start: int = 100) -> Hit:
    """A hit on a passage that begins somewhere inside its document."""
    spans = [
        Span(start + text.index(s), start + text.index(s) + len(s)) for s in sentences or (text,)
    ]
    passage = Passage("voles", start, start + len(text), text, sentences=tuple(spans))
    return Hit(passage, INFO, 0.1, 0.5, 1.0, 0, 0)


def with_passage(hit: Hit, passage: Passage) -> Hit:
    """The hit, had it brought another passage."""
    return replace(hit, passage=passage)


WEIGHED = hit_of("Voles weighed 31 g. They ate barley.", "Voles weighed 31 g.", "They ate barley.")
_ROW = hit_of("Voles | 31")
ROW = with_passage(
    _ROW,
    replace(
        _ROW.passage,
        kind=BlockKind.TABLE_ROW,
        section="Weights",
        header=Span(10, 23),
        header_text="Animal | Gram",
        context="Table 1. Weights",
    ),
)


@pytest.fixture(scope="module")
def reranker(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_reranker(tmp_path_factory.mktemp("models") / "tiny-reranker")


@pytest.fixture(scope="module")
def span_finder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_span_finder(tmp_path_factory.mktemp("models") / "tiny-span-finder")


def logistic(x: float) -> float:
    return float(1 / (1 + np.exp(-x)))


def sentences_of(reader: OtherReader, hit: Hit) -> tuple[ScoredSentence, ...]:
    return reader.read(ASKED, [hit]).readings[0].sentences


def test_the_settings_name_a_reader(embedder: Embedder, reranker: Path) -> None:
    assert load_reader("", embedder).name
    assert load_reader("overlap", embedder).name == "overlap-1"
    assert load_reader("overlap-1", embedder).name == "overlap-1"
    digest = hashlib.sha256((reranker / WEIGHTS).read_bytes()).hexdigest()
    assert load_reader(str(reranker), embedder).name == f"tiny-reranker@{digest[:12]}"


@pytest.mark.parametrize("name", ["overlapp", "./nowhere", "/no/such/folder", "a/b/c", "../model"])
def test_a_name_that_means_no_reader_is_refused(embedder: Embedder, name: str) -> None:
    with pytest.raises(IndexProblem, match="There is no reader"):
        load_reader(name, embedder)


@pytest.mark.parametrize(
    ("config", "cause"),
    [
        (None, "no config.json"),
        ("{", "does not describe a model"),
        ("[]", "does not describe a model"),
        ("{}", "no architecture"),
        ('{"architectures": ["BertModel"]}', "BertModel"),
        ('{"architectures": ["BertForSequenceClassification"]}', "with 2 labels"),
        ('{"architectures": ["BertForSequenceClassification"], "id2label": 3}', "id2label"),
        ('{"architectures": "Bert"}', "architectures"),
    ],
)
def test_a_folder_that_holds_no_model_that_reads_is_refused_when_it_is_named(
    tmp_path: Path, embedder: Embedder, config: str | None, cause: str
) -> None:
    if config is not None:
        (tmp_path / "config.json").write_text(config)
    with pytest.raises(IndexProblem, match=cause) as refused:
        load_reader(str(tmp_path), embedder)
    assert str(tmp_path) in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("damage", ["cut short", "missing", "pickled", "no tokenizer"])
@pytest.mark.parametrize("kind", ["reranker", "span_finder"])
def test_a_model_that_cannot_be_loaded_is_one_sentence(
    tmp_path: Path, request: pytest.FixtureRequest, kind: str, damage: str
) -> None:
    folder = shutil.copytree(request.getfixturevalue(kind), tmp_path / "model")
    weights = folder / WEIGHTS
    if damage == "cut short":
        weights.write_bytes(weights.read_bytes()[:1000])
    elif damage == "missing":
        weights.unlink()
    elif damage == "pickled":
        import torch

        torch.save({}, folder / "pytorch_model.bin")
        weights.unlink()
    else:
        for path in folder.glob("*token*"):
            path.unlink()
    reader = OtherReader(folder)
    with pytest.raises(IndexProblem, match="cannot be loaded") as refused:
        reader.read(ASKED, [WEIGHED])
    assert str(folder) in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_model_on_a_hub_is_not_looked_for_before_the_first_question(
    monkeypatch: pytest.MonkeyPatch, embedder: Embedder
) -> None:
    monkeypatch.setattr(os, "environ", dict(os.environ, HF_HUB_OFFLINE="1"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    reader = load_reader("no-such-owner/no-such-model", embedder)
    assert reader.name == "no-such-owner/no-such-model"
    assert reader.read(ASKED, []).readings == ()
    with pytest.raises(IndexProblem, match="no-such-model, which is no folder here"):
        reader.read(ASKED, [WEIGHED])


def test_only_a_model_on_a_hub_lets_the_libraries_reach_out(
    monkeypatch: pytest.MonkeyPatch, embedder: Embedder, reranker: Path
) -> None:
    before = {k: v for k, v in os.environ.items() if not k.startswith(("HF_", "TRANSFORMERS_"))}
    monkeypatch.setattr(os, "environ", dict(before))
    load_reader(str(reranker), embedder)
    assert os.environ == before
    load_reader("owner/model", embedder)
    assert os.environ["HF_HUB_OFFLINE"] == os.environ["TRANSFORMERS_OFFLINE"] == "0"


def test_naming_a_folder_loads_no_model_library(span_finder: Path) -> None:
    code = (
        "import sys\n"
        "from index.embed import load_embedder\n"
        "from qa.readers.load import load_reader\n"
        "print(load_reader(sys.argv[1], load_embedder()).name)\n"
        "assert not {'torch', 'transformers', 'sentence_transformers'} & set(sys.modules)"
    )
    root = Path(__file__).parents[3]
    ran = subprocess.run(
        [sys.executable, "-c", code, span_finder], check=True, cwd=root, capture_output=True
    )
    assert ran.stdout.startswith(b"tiny-span-finder@")


def test_a_cross_encoder_scores_a_sentence_by_itself_and_by_its_passage(reranker: Path) -> None:
    from sentence_transformers import CrossEncoder
    from torch.nn import Identity

    model = CrossEncoder(str(reranker), local_files_only=True, activation_fn=Identity())
    title, passage = INFO.title, WEIGHED.passage
    whole, *alone = (
        float(model.predict((ASKED, f"{title}\n{text}")))
        for text in (passage.text, *map(passage.sentence_text, passage.sentences))
    )
    judgement = OtherReader(reranker).read(ASKED, [WEIGHED])
    (reading,) = judgement.readings
    expected = [(whole + one) / 2 for one in alone]
    assert abs(expected[0] - expected[1]) > 1e-3
    assert reading.relevance == pytest.approx(max(expected), abs=1e-4)
    assert [s.score for s in reading.sentences] == pytest.approx(
        [logistic(x) for x in expected], abs=1e-4
    )
    assert judgement.confidence == pytest.approx(logistic(max(expected)), abs=1e-4)
    assert all(s.short_answer is None for s in reading.sentences)


def test_a_question_answering_model_marks_the_best_span_of_each_sentence(
    span_finder: Path,
) -> None:
    import torch
    from transformers import AutoModelForQuestionAnswering, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(span_finder)
    model = AutoModelForQuestionAnswering.from_pretrained(span_finder).eval()
    title, passage = f"{INFO.title}\n", WEIGHED.passage
    batch = tokenizer(ASKED, title + passage.text, return_tensors="pt", return_offsets_mapping=True)
    offsets = batch.pop("offset_mapping")[0].tolist()
    with torch.inference_mode():
        out = model(**batch)
    starts, ends = out.start_logits[0].tolist(), out.end_logits[0].tolist()
    found = sentences_of(OtherReader(span_finder), WEIGHED)
    assert len(found) == 2
    for sentence, judged in zip(passage.sentences, found, strict=True):
        low, high = (x - passage.start + len(title) for x in sentence)
        spans = [
            (starts[i] + ends[j] - starts[0] - ends[0], offsets[i][0], offsets[j][1])
            for i, side in enumerate(batch.sequence_ids(0))
            for j in range(i, len(offsets))
            if side == 1 and low <= offsets[i][0] and 0 < offsets[j][1] <= high
        ]
        log_odds, first, last = max(spans)
        assert judged.score == pytest.approx(logistic(log_odds / 2), abs=1e-4)
        assert judged.short_answer is not None
        words = passage.text[judged.short_answer[0] - 100 : judged.short_answer[1] - 100]
        assert words == (title + passage.text)[first:last]


@pytest.mark.parametrize("kind", ["reranker", "span_finder"])
def test_a_table_row_is_read_with_caption_section_and_column_names(
    request: pytest.FixtureRequest, kind: str
) -> None:
    reader = OtherReader(request.getfixturevalue(kind))
    (judged,) = sentences_of(reader, ROW)
    if judged.short_answer is not None:
        assert ROW.passage.start <= judged.short_answer.start < judged.short_answer.end
        assert judged.short_answer.end <= ROW.passage.end
    row = ROW.passage
    others = (
        replace(row, header_text="Animal | Year"),
        replace(row, context=None),
        replace(row, section="Food"),
    )
    for other in others:
        assert sentences_of(reader, with_passage(ROW, other))[0].score != judged.score


@pytest.mark.parametrize("kind", ["reranker", "span_finder"])
def test_a_huge_heading_leaves_room_for_the_passage(
    request: pytest.FixtureRequest, kind: str
) -> None:
    reader = OtherReader(request.getfixturevalue(kind))
    wide = with_passage(ROW, replace(ROW.passage, header_text="Dose | " * 2000))
    assert len(heading(wide)) == HEADING_CHARACTERS + 1
    other = with_passage(wide, replace(wide.passage, text="Voles | 99"))
    assert sentences_of(reader, wide)[0].score != sentences_of(reader, other)[0].score


def test_a_passage_longer_than_the_model_sees_at_once_is_read_to_its_end(span_finder: Path) -> None:
    many = [f"Vole number {n} weighed {n} g in spring and {n + 3} g in autumn." for n in range(90)]
    hit = hit_of(" ".join(many), *many)
    found = sentences_of(OtherReader(span_finder), hit)
    assert len(found) == 90
    for judged in found:
        assert judged.score > 1e-6
        assert judged.short_answer is not None
        assert judged.span.start <= judged.short_answer.start
        assert judged.short_answer.end <= judged.span.end


def test_the_confidence_is_the_best_score_and_taken_at_its_word(reranker: Path) -> None:
    reader = OtherReader(reranker)
    judgement = reader.read(ASKED, [ROW, WEIGHED])
    best = max(s.score for r in judgement.readings for s in r.sentences)
    assert judgement.confidence == pytest.approx(best, abs=1e-4)
    assert [reader.threshold(risk) for risk in (1, 0.5, 0.1)] == [0.0, 0.5, 0.9]
    assert reader.default_risk == 0.5


def test_weights_in_several_files_all_count_for_the_name(reranker: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(reranker, tmp_path / "model")
    (folder / WEIGHTS).rename(folder / "model-00001-of-00002.safetensors")
    second = folder / "model-00002-of-00002.safetensors"
    names = set()
    for content in (b"one", b"two"):
        second.write_bytes(content)
        names.add(OtherReader(folder).name)
    assert len(names) == 2
    assert all(name.startswith("model@") for name in names)
