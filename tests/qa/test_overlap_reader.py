"""Readers: one contract for every reader, and what the first one looks at."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from corpus.load import load_bytes
from corpus.passages import passages
from index.base import Hit, IndexView
from index.embed import Embedder
from index.local import LocalIndex
from index.words import search_text
from qa.overlap_features import FEATURES, KEPT, most_promising, overlap, rare_words
from qa.overlap_reader import CONFIDENCE_FEATURES, OverlapReader, shipped_model
from qa.reader import Reader
from qa.training.overlap_examples import near_miss

PAPERS = {
    "mice.md": "# Mice\n\n## Survival\n\nMice given alphatine lived for 12 weeks. They ate well. "
    "The cages were blue, because blue paint was cheap.\n",
    "rats.md": "# Rats\n\n## Doses\n\nRats received 5 mg of betamycin twice daily. In 1987 "
    "the dose was halved.\n\n| Drug | Weight |\n|---|---|\n| Betamycin | 310 g |\n",
}
READERS: dict[str, Callable[[Embedder], Reader]] = {"overlap": OverlapReader}


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


@pytest.fixture(scope="module", params=sorted(READERS))
def reader(request: pytest.FixtureRequest, embedder: Embedder) -> Reader:
    return READERS[request.param](embedder)


def ask(reader: Reader, view: IndexView, question: str) -> tuple[list[str], float]:
    """The sentences, most probable first, and the confidence."""
    judgement = reader.read(question, view.search(question, 10))
    judged = [
        (s.score, r.hit.passage.sentence_text(s.span))
        for r in judgement.readings
        for s in r.sentences
    ]
    return [text for _, text in sorted(judged, reverse=True)], judgement.confidence


def test_every_hit_gets_one_reading_most_relevant_first(reader: Reader, view: IndexView) -> None:
    hits = view.search("How long did the mice live?", 10)
    readings = reader.read("How long did the mice live?", hits).readings
    assert {id(r.hit) for r in readings} == {id(h) for h in hits}
    assert [r.relevance for r in readings] == sorted((r.relevance for r in readings), reverse=True)


def test_scores_and_confidence_are_probabilities(reader: Reader, view: IndexView) -> None:
    judgement = reader.read("How long did the mice live?", view.search("mice", 10))
    assert 0 <= judgement.confidence <= 1
    assert all(0 <= s.score <= 1 for r in judgement.readings for s in r.sentences)


def test_judged_sentences_are_sentences_of_their_passage(reader: Reader, view: IndexView) -> None:
    for reading in reader.read("mice", view.search("mice", 10)).readings:
        assert {s.span for s in reading.sentences} <= set(reading.hit.passage.sentences)


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


def test_a_table_row_is_read_with_its_header(reader: Reader, view: IndexView) -> None:
    assert "Betamycin | 310 g" in ask(reader, view, "What weight with the drug betamycin?")[0][:2]


def test_an_answered_question_has_more_confidence_than_others(
    reader: Reader, view: IndexView
) -> None:
    answered = ask(reader, view, "How long did mice live on alphatine?")[1]
    near_miss = ask(reader, view, "How long did mice live on gammacin?")[1]
    foreign = ask(reader, view, "Who painted the Mona Lisa?")[1]
    assert answered > near_miss > foreign


def test_equal_input_gives_equal_output(reader: Reader, view: IndexView) -> None:
    hits = view.search("How long did the mice live?", 10)
    assert reader.read("mice?", hits) == reader.read("mice?", hits)


def test_no_candidates_give_no_readings_and_no_confidence(reader: Reader) -> None:
    judgement = reader.read("How long did the mice live?", [])
    assert (judgement.readings, judgement.confidence) == ((), 0.0)


def test_a_smaller_risk_asks_for_more_confidence(reader: Reader) -> None:
    thresholds = [reader.threshold(risk) for risk in (1.0, 0.5, 0.3, 0.1, 0.001)]
    assert thresholds[0] == 0.0
    assert thresholds == sorted(thresholds)
    assert 0 < reader.default_risk <= 1


def test_the_shipped_model_fits_its_features() -> None:
    model = shipped_model()
    assert len(model.weights) == len(model.preselection) == len(FEATURES)
    assert len(model.confidence) == len(CONFIDENCE_FEATURES) + 1
    risks = [risk for _, risk in model.curve]
    assert risks == sorted(risks)


def test_only_the_most_promising_sentences_are_kept(view: IndexView) -> None:
    hits: list[Hit] = view.search("mice", 10) * 10
    found = overlap("How long did mice live on alphatine?", hits)
    kept = most_promising(found, shipped_model().preselection)
    assert len(found.sentences) > KEPT == len(kept.sentences)
    assert kept.values[:, 2].max() == found.values[:, 2].max()


def test_rare_words_name_what_a_question_is_about_rarest_first() -> None:
    assert rare_words("What was the survival of patients on lenvatinib?")[0] == "lenvatinib"
    assert "was" not in rare_words("What was the survival?")


def test_a_near_miss_asks_the_same_of_something_else() -> None:
    missed = near_miss("How does sorafenib work?", "Who studied octreotide?")
    assert missed == "How does octreotide work?"
    assert near_miss("How does sorafenib work?", "When was sorafenib tested?") is None
