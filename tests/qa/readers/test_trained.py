"""The shipped reader: its files, what it marks, and what decides between sentences."""

from __future__ import annotations

import math
import shutil
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper
from onnxruntime import RunOptions

from corpus.document import BlockKind, DocumentInfo, Passage, Span
from index.base import Hit, IndexProblem
from index.embed import load_embedder
from qa.readers.evidence import CONFIDENCE_FEATURES, FEATURES, confidence_features, gather
from qa.readers.load import load_reader
from qa.readers.network import (
    OUTSIDE,
    Encoder,
    Floats,
    Network,
    PassageScores,
    onnx_encoder,
)
from qa.readers.trained import (
    READ_ALL,
    Cascade,
    ReaderModel,
    TrainedReader,
    network_files,
    shipped_model,
    shipped_network,
)

MODELS = Path("qa/models")


def hit(text: str, sentences: list[tuple[int, int]], title: str = "Mice") -> Hit:
    spans = tuple(Span(100 + s, 100 + e) for s, e in sentences)
    passage = Passage("d", 100, 100 + len(text), text, sentences=spans)
    return Hit(passage, DocumentInfo("d", "d.md", title), 0.1, 0.5, 3.0, 0, 0)


TEXT = "The mice were kept in blue cages. Median survival was 10.7 months (95% CI 9.4 to 13.3)."
HIT = hit(TEXT, [(0, 33), (34, len(TEXT))])


def test_the_shipped_files_are_those_that_the_model_names() -> None:
    files = network_files(shipped_model(), MODELS)
    scores = Network(files).score("How long did they live?", [HIT])
    assert len(scores[0].sentences) == 2


def test_changed_weights_are_refused_by_name(tmp_path: Path) -> None:
    files = network_files(shipped_model(), MODELS)
    changed = tmp_path / files.heads.name
    shutil.copy(files.heads, changed)
    with changed.open("ab") as file:
        file.write(b"\0")
    with pytest.raises(IndexProblem, match=r"not the expected ones.*reader-1\.safetensors"):
        Network(files._replace(heads=changed)).score("Why?", [HIT])


def test_missing_weights_are_told_by_name(tmp_path: Path) -> None:
    files = network_files(shipped_model(), tmp_path)
    with pytest.raises(IndexProblem, match=r"missing: .*reader-1\.onnx"):
        Network(files).score("Why?", [HIT])


def test_a_model_fitted_for_other_features_is_refused() -> None:
    model = shipped_model()
    other = ReaderModel.model_validate({**model.model_dump(), "weights": (1.0, 2.0)})
    with pytest.raises(ValueError, match="other features"):
        TrainedReader(other)


def test_the_sentence_with_the_answer_wins_and_the_figure_in_it_is_marked() -> None:
    judgement = TrainedReader().read("What was the median survival?", [HIT])
    cages, survival = judgement.readings[0].sentences
    assert survival.score > cages.score
    assert survival.short_answer is not None
    start, end = survival.short_answer
    assert "10.7" in TEXT[start - 100 : end - 100]
    assert survival.span.start <= start < end <= survival.span.end


def test_a_marked_answer_has_no_loose_punctuation_at_its_ends() -> None:
    judgement = TrainedReader().read("Where were the mice kept?", [HIT])
    for sentence in judgement.readings[0].sentences:
        if sentence.short_answer:
            start, end = sentence.short_answer
            marked = TEXT[start - 100 : end - 100]
            assert marked == marked.strip(" ,;:.")


def test_a_sentence_behind_what_is_read_gets_the_lowest_score() -> None:
    text = "word " * 700 + "The last one."
    far = hit(text, [(0, 3500), (3500, len(text))])
    (scores,) = shipped_network().score("Which one?", [far])
    assert scores.sentences[1] == OUTSIDE
    assert tuple(scores.places[1]) == (0, 0)


def test_a_passage_scores_the_same_whatever_it_is_read_beside() -> None:
    other = hit("Rats were heavy. " * 30, [(0, 16)], "Rats")
    alone = shipped_network().score("How long?", [HIT])[0]
    beside = shipped_network().score("How long?", [HIT, other])[0]
    assert alone.sentences.tolist() == beside.sentences.tolist()


def test_no_sum_of_products_is_cut_off_whatever_the_processor(tmp_path: Path) -> None:
    # Products with unsigned weights are summed up in 32 bits everywhere.
    graph = onnx.load(MODELS / "reader-1.onnx")
    weights = {tensor.name: tensor for tensor in graph.graph.initializer}
    for node in graph.graph.node:
        if node.op_type == "MatMulInteger":
            for name in (node.input[1], node.input[3]):
                signed = numpy_helper.to_array(weights[name]).astype(np.int16)
                unsigned = numpy_helper.from_array((signed + 128).astype(np.uint8), name)
                weights[name].CopyFrom(unsigned)
    onnx.save(graph, tmp_path / "unsigned.onnx")
    summed = np.random.default_rng(0).normal(0, 0.5, (1, 200, 384)).astype(np.float32)
    ours = onnx_encoder(MODELS / "reader-1.onnx")(summed, RunOptions())
    whole = onnx_encoder(tmp_path / "unsigned.onnx")(summed, RunOptions())
    assert np.array_equal(ours, whole)


def test_passages_that_nobody_asks_for_any_more_are_not_read_to_their_end() -> None:
    long = hit("Rats were heavy. " * 30, [(0, 16)], "Rats")
    begun: list[RunOptions] = []

    def encoder(path: Path) -> Encoder:
        def encode(summed: Floats, run: RunOptions) -> Floats:
            if summed.shape[1] > 100:
                begun.append(run)
                while not run.terminate:
                    time.sleep(0.001)
            return summed

        return encode

    network = Network(network_files(shipped_model(), MODELS), encoder)
    with network.reading("Why?") as read:
        first, second, *_ = [read(hit) for hit in (HIT, HIT, *[long] * 198)]
        assert first.result().passage == second.result().passage
    assert len(begun) < 100


def row(text: str, header: str) -> Hit:
    passage = Passage(
        "d", 0, len(text), text, BlockKind.TABLE_ROW, None, (Span(0, len(text)),),
        header=Span(90, 99), header_text=header,
    )  # fmt: skip
    return replace(HIT, passage=passage)


def test_a_table_row_is_read_under_its_columns() -> None:
    question = "What was the median survival with sorafenib?"
    named = row("Sorafenib | 10.7", "Drug | Median survival (months)")
    other = row("Sorafenib | 10.7", "Drug | Price of a tablet")
    scores = shipped_network().score(question, [named, other])
    assert scores[0].sentences[0] > scores[1].sentences[0]


def test_no_cell_of_a_table_row_is_marked() -> None:
    judgement = TrainedReader().read("What was survival with sorafenib?", [row("A | 1", "B | C")])
    (sentence,) = judgement.readings[0].sentences
    assert sentence.short_answer is None


def scores_of(*sentences: float) -> PassageScores:
    places = np.zeros((len(sentences), 2), dtype=np.int64)
    return PassageScores(
        1.5, np.array(sentences, np.float32), np.zeros(len(sentences), np.float32), places
    )


def test_evidence_has_a_row_a_sentence_and_the_networks_logits_in_it() -> None:
    found = gather("What was the median survival?", [HIT], [scores_of(-2.0, 3.0)])
    assert found.values.shape == (2, len(FEATURES))
    assert found.values[:, FEATURES.index("network: sentence")].tolist() == [-2.0, 3.0]
    shared = found.values[:, FEATURES.index("question words in the sentence")]
    assert shared[1] > shared[0]


def test_confidence_looks_at_the_best_sentence() -> None:
    found = gather("What was the median survival?", [HIT], [scores_of(-2.0, 3.0)])
    features = confidence_features(found, np.array([0.0, 2.0]))
    assert features[CONFIDENCE_FEATURES.index("lead over the second sentence")] == 2.0
    assert features[CONFIDENCE_FEATURES.index("network: best sentence")] == 3.0


def test_nothing_to_read_is_no_evidence() -> None:
    found = gather("Why?", [], [])
    assert found.values.shape == (0, len(FEATURES))
    assert not confidence_features(found, np.zeros(0)).any()


def other_than(number: int) -> Hit:
    text = f"The cages of row {number} were painted blue. They were cleaned on Mondays."
    return hit(text, [(0, text.index(".") + 1), (text.index(".") + 2, len(text))], "Cages")


@pytest.mark.parametrize(
    ("cascade", "read"),
    [
        (READ_ALL, 6),
        (Cascade(((2, math.inf),)), 6),
        (Cascade(most=4), 4),
        (Cascade(((2, math.inf),), most=2), 2),
        (Cascade(((2, math.inf),), hopeless=1.0), 6),
        (Cascade(((2, 0.0),)), 2),
        (Cascade(((2, 1000.0),)), 6),
        (Cascade(((2, 1000.0), (4, -1000.0))), 4),
        (Cascade(((6, -math.inf),)), 6),
        (Cascade(((9, -math.inf),), most=9), 6),
    ],
)
def test_a_cascade_ends_where_the_first_passages_decide(cascade: Cascade, read: int) -> None:
    hits = [HIT, *(other_than(number) for number in range(5))]
    judged = TrainedReader(cascade=cascade).read("What was median survival?", hits)
    assert judged.read == read
    assert len(judged.readings) == len(hits)
    assert max(judged.readings, key=lambda one: one.relevance).hit is HIT


@pytest.mark.parametrize(("least", "read"), [(0.0, 6), (0.5, 6), (1.01, 2)])
def test_nothing_is_hopeless_that_would_be_answered(least: float, read: int) -> None:
    hits = [HIT, *(other_than(number) for number in range(5))]
    reader = TrainedReader(cascade=Cascade(((2, math.inf),), hopeless=1.0))
    assert reader.read("What was median survival?", hits, least).read == read


def test_after_the_first_two_the_most_promising_is_read_wherever_retrieval_put_it() -> None:
    hits = [*(other_than(number) for number in range(5)), HIT]
    judged = TrainedReader(cascade=Cascade(most=3)).read("What was median survival?", hits)
    best, *others = (reading.hit for reading in judged.readings if reading.read)
    assert best is HIT
    assert {id(hit) for hit in others} == {id(hit) for hit in hits[:2]}


def test_what_was_left_unread_comes_last_as_retrieval_put_it() -> None:
    hits = [*(other_than(number) for number in range(5)), HIT]
    judged = TrainedReader(cascade=Cascade(most=3)).read("What was median survival?", hits)
    unread = judged.readings[3:]
    assert [id(reading.hit) for reading in unread] == [id(hit) for hit in hits[2:5]]
    assert not any(reading.read or reading.sentences for reading in unread)
    relevance = [reading.relevance for reading in judged.readings]
    assert relevance == sorted(set(relevance), reverse=True)


def test_a_cascade_that_goes_on_judges_as_if_all_had_been_read_at_once() -> None:
    hits = [other_than(0), other_than(1), HIT]
    whole = TrainedReader().read("What was median survival?", hits)
    assert (
        TrainedReader(cascade=Cascade(((1, math.inf),))).read("What was median survival?", hits)
        == whole
    )


def test_a_folder_that_training_wrote_is_a_reader_named_by_its_weights(tmp_path: Path) -> None:
    for name in ("reader-1.json", "reader-1.onnx", "reader-1.safetensors"):
        shutil.copy(MODELS / name, tmp_path)
    reader = load_reader(str(tmp_path), load_embedder())
    shipped = load_reader("", load_embedder())
    assert reader.name == f"reader-1@{shipped_model().files[0][1][:12]}"
    assert reader.threshold(0.2) == shipped.threshold(0.2)


def test_a_folder_of_another_version_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "reader-1.json").write_text('{"name": "reader-9"}', "utf-8")
    with pytest.raises(IndexProblem, match=f"The folder {tmp_path} .* cannot use"):
        load_reader(str(tmp_path), load_embedder())
