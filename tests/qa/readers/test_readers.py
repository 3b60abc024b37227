"""The contract that every reader keeps, and what is expected of those that were fitted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from corpus.load import load_bytes
from corpus.passages import passages
from index.base import Hit, IndexView
from index.embed import Embedder
from index.local import LocalIndex
from index.words import search_text
from qa.reader import Reader
from qa.readers.other import OtherReader
from qa.readers.overlap import OverlapReader
from qa.readers.trained import TrainedReader
from tests.qa.readers.tiny_models import tiny_reranker, tiny_span_finder

FITTED: dict[str, Callable[[Embedder], Reader]] = {
    "overlap": OverlapReader,
    "trained": lambda _: TrainedReader(),
}
"""Readers that were fitted or trained: beside the contract, they must find what answers."""

RANDOM: dict[str, Callable[[Path], Path]] = {
    "cross-encoder": tiny_reranker,
    "question answering": tiny_span_finder,
}
"""Models of random weights: these must keep the contract, whatever they say."""

PAPERS = {
    "mice.md": "# Mice\n\n## Survival\n\nMice given alphatine lived for 12 weeks. They ate well. "
    "The cages were blue, because blue paint was cheap.\n",
    "rats.md": "# Rats\n\n## Doses\n\nRats received 5 mg of betamycin twice daily. In 1987 "
    "the dose was halved.\n\n| Drug | Weight |\n|---|---|\n| Betamycin | 310 g |\n",
    "signs.txt": "IFN‑α (10 µg·kg⁻¹) was given to naïve voles 🐭 in Tromsø, 北海道 and Þingvellir. "
    "Ὁ ἀριθμός was ≥ 4 ± 0.5 %.\n",
}
LIVED = "How long did the mice live?"


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[IndexView]:
    with LocalIndex(tmp_path_factory.mktemp("reader"), embedder) as index:
        for name, text in PAPERS.items():
            document = load_bytes(text.encode(), name)
            cut = passages(document)
            vectors = embedder.embed_passages([search_text(document.info, p) for p in cut])
            index.add(document, cut, vectors, path=f"/{name}", sha256=document.id)
        index.sync()
        with index.view() as opened:
            yield opened


@pytest.fixture(scope="module")
def make(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, embedder: Embedder
) -> Callable[[], Reader]:
    """Makes the reader anew."""
    if request.param in FITTED:
        return lambda: FITTED[request.param](embedder)
    folder = RANDOM[request.param](tmp_path_factory.mktemp("model"))
    return lambda: OtherReader(folder)


@pytest.fixture(scope="module")
def reader(make: Callable[[], Reader]) -> Reader:
    return make()


every = pytest.mark.parametrize("make", [*FITTED, *RANDOM], indirect=True, scope="module")
fitted = pytest.mark.parametrize("make", [*FITTED], indirect=True, scope="module")


def ask(reader: Reader, view: IndexView, question: str) -> tuple[list[str], float]:
    """The sentences, most probable first, and the confidence."""
    judgement = reader.read(question, view.search(question, 10))
    judged = [
        (s.score, r.hit.passage.sentence_text(s.span))
        for r in judgement.readings
        for s in r.sentences
    ]
    return [text for _, text in sorted(judged, reverse=True)], judgement.confidence


def keeps_the_contract(reader: Reader, question: str, hits: list[Hit]) -> None:
    """Whatever is asked of whichever passages, this holds of the judgement."""
    judgement = reader.read(question, hits)
    assert 0 <= judgement.confidence <= 1
    assert sorted(id(r.hit) for r in judgement.readings) == sorted(map(id, hits))
    relevance = [r.relevance for r in judgement.readings]
    assert relevance == sorted(relevance, reverse=True)
    for reading in judgement.readings:
        passage = reading.hit.passage
        spans = [s.span for s in reading.sentences]
        assert set(spans) <= set(passage.sentences)
        assert spans == sorted(set(spans))
        for sentence in reading.sentences:
            assert 0 <= sentence.score <= 1
            if sentence.short_answer is not None:
                start, end = sentence.short_answer
                assert sentence.span.start <= start < end <= sentence.span.end
                words = passage.text[start - passage.start : end - passage.start]
                assert words
                assert words == words.strip()


@every
def test_every_hit_gets_one_reading_and_all_figures_are_probabilities(
    reader: Reader, view: IndexView
) -> None:
    hits = view.search(LIVED, 10)
    assert len(hits) == 4
    keeps_the_contract(reader, LIVED, hits)
    assert any(r.sentences for r in reader.read(LIVED, hits).readings)


@every
@pytest.mark.parametrize(
    "question",
    [
        "",
        "   ",
        "?!",
        "the of and",
        "Ὁ ἀριθμός? 北海道 🐭 µg·kg⁻¹ naïve a\u0301\u200b\x00\ufffd",
        "mice " * 5000,
        "m" * 20000,
    ],
    ids=["empty", "blank", "no word", "common words", "signs", "many words", "one long word"],
)
def test_strange_questions_are_judged_like_any_other(
    reader: Reader, view: IndexView, question: str
) -> None:
    keeps_the_contract(reader, question, view.search("mice rats voles", 10))


@every
def test_a_single_passage_is_enough(reader: Reader, view: IndexView) -> None:
    for hit in view.search("mice rats voles", 10):
        keeps_the_contract(reader, LIVED, [hit])


@every
def test_passages_of_equal_content_are_judged_one_by_one(reader: Reader, view: IndexView) -> None:
    hits = view.search(LIVED, 10)
    twins = [replace(h, passage=replace(h.passage, document_id="twin")) for h in hits]
    keeps_the_contract(reader, LIVED, [*hits, *twins, *hits[::-1]][:-1])
    keeps_the_contract(reader, LIVED, [h for pair in zip(twins, hits, strict=True) for h in pair])


@every
def test_no_candidates_give_no_readings_and_no_confidence(reader: Reader) -> None:
    judgement = reader.read(LIVED, [])
    assert (judgement.readings, judgement.confidence) == ((), 0.0)


@every
def test_equal_input_gives_equal_output(
    make: Callable[[], Reader], reader: Reader, view: IndexView
) -> None:
    hits = view.search(LIVED, 10)
    first = reader.read(LIVED, hits)
    reader.read("What weight had the rats?", hits[:2])
    assert reader.read(LIVED, hits) == first
    again = make()
    assert again is not reader
    assert (again.name, again.read(LIVED, hits)) == (reader.name, first)


@every
def test_a_smaller_risk_asks_for_more_confidence(reader: Reader) -> None:
    thresholds = [reader.threshold(risk) for risk in (1.0, 0.9, 0.5, 0.3, 0.1, 0.01, 0.0001)]
    assert thresholds[0] == 0.0
    assert thresholds == sorted(thresholds)
    assert 0 < reader.default_risk <= 1


@every
def test_a_reader_has_a_name(reader: Reader) -> None:
    assert reader.name.strip() == reader.name != ""


@fitted
@pytest.mark.parametrize(
    ("question", "best"),
    [
        ("How long did mice live on alphatine?", "Mice given alphatine lived for 12 weeks."),
        (
            "Which dose of betamycin did rats receive?",
            "Rats received 5 mg of betamycin twice daily.",
        ),
        ("Why were the cages blue?", "The cages were blue, because blue paint was cheap."),
        ("When was the dose of betamycin halved?", "In 1987 the dose was halved."),
    ],
)
def test_the_sentence_that_answers_is_the_most_probable(
    reader: Reader, view: IndexView, question: str, best: str
) -> None:
    assert ask(reader, view, question)[0][0] == best


@fitted
def test_a_table_row_is_read_with_its_header(reader: Reader, view: IndexView) -> None:
    assert "Betamycin | 310 g" in ask(reader, view, "What weight with the drug betamycin?")[0][:2]


@fitted
def test_an_answered_question_has_more_confidence_than_others(
    reader: Reader, view: IndexView
) -> None:
    answered = ask(reader, view, "How long did mice live on alphatine?")[1]
    near_miss = ask(reader, view, "How long did mice live on gammacin?")[1]
    foreign = ask(reader, view, "Who painted the Mona Lisa?")[1]
    assert answered > near_miss > foreign
