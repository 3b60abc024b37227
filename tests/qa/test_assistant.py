"""The main path on the starter corpus: verbatim, cited, calibrated, the same bytes each time."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path

import pytest

import corpus
import qa
from corpus.load import load
from index.base import IndexProblem, PassageIndex, Within
from index.embed import Embedder, load_embedder
from index.ingest import ingest
from index.kinds import KINDS
from index.local import LocalIndex
from index.settings import Settings
from qa.answer import Answer
from qa.assistant import Assistant
from qa.compose import LISTED
from qa.readers.trained import Cascade, TrainedReader

STARTER = Path(corpus.__file__).parent / "starter"
SURVIVAL = "What was the median overall survival with sorafenib in SHARP?"


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Assistant]:
    with LocalIndex(tmp_path_factory.mktemp("starter"), embedder) as index:
        ingest(index, embedder, [STARTER])
        yield Assistant(index, embedder, TrainedReader())


@pytest.fixture(scope="module")
def survival(assistant: Assistant) -> Answer:
    return assistant.ask(SURVIVAL)


def _letters(text: str) -> str:
    return "".join(text.replace("|", "").replace("*", "").split())


def test_an_answer_is_one_to_three_quotes_the_best_first(survival: Answer) -> None:
    assert survival.status == "answered"
    assert 1 <= len(survival.quotes) <= 3
    assert "10.7" in survival.quotes[0].text
    scores = [q.score for q in survival.quotes]
    assert scores[0] == max(scores)


def test_every_quote_stands_letter_for_letter_where_its_citation_says(survival: Answer) -> None:
    for quote, citation in zip(survival.quotes, survival.citations, strict=True):
        document = load(citation.document.source)
        raw = Path(citation.document.source).read_text("utf-8")
        assert document.id == citation.document.id
        assert document.text[citation.start : citation.end] == quote.text
        words = "".join(raw[a:b] for a, b in citation.source_spans)
        assert _letters(words) == _letters(quote.text)


def test_a_citation_names_title_section_and_the_original_of_a_digest(survival: Answer) -> None:
    citation = survival.citations[0]
    assert citation.document.title
    assert citation.document.digest_of
    assert citation.section


def test_all_passages_that_were_read_are_named(survival: Answer, assistant: Assistant) -> None:
    assert len(survival.passages) == assistant.candidates
    scores = [p.score for p in survival.passages]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize(
    "question",
    [
        "What is the capital of France?",
        "How do I bake a chocolate cake?",
        "Who won the 1998 World Cup?",
    ],
)
def test_what_the_collection_does_not_hold_is_declined_with_a_reason(
    assistant: Assistant, question: str
) -> None:
    answer = assistant.ask(question)
    assert answer.status == "not_found"
    assert answer.quotes == ()
    assert answer.reason
    assert answer.passages


def test_the_reason_tells_what_was_found_from_what_was_read(assistant: Assistant) -> None:
    brief = TrainedReader(cascade=Cascade(((2, math.inf),), hopeless=0.4))
    answer = Assistant(assistant.index, assistant.embedder, brief).ask("What dose of atezolizumab?")
    with assistant.index.view() as view:
        found = len(view.search(answer.understood_as, 20))
    assert [passage.read for passage in answer.passages] == [True] * 2 + [False] * 8
    assert len(answer.passages) == LISTED < found
    reason = str(answer.reason)
    assert reason.startswith(f"None of the {found} passages found mentions “atezolizumab”")
    assert reason.endswith(f"Of the {found} passages found, the 2 most promising were read.")


def test_at_risk_one_every_question_is_answered(assistant: Assistant) -> None:
    answer = assistant.ask("What is the capital of France?", risk=1.0)
    assert answer.status == "answered"
    assert answer.reason is None


def test_a_smaller_risk_never_answers_more(assistant: Assistant) -> None:
    questions = [SURVIVAL, "Which drugs make up PIAF?", "Is tamoxifen useful?", "Who is Napoleon?"]
    counts = [
        sum(assistant.ask(q, risk=risk).status == "answered" for q in questions)
        for risk in (1.0, 0.5, 0.3, 0.1, 0.01)
    ]
    assert counts == sorted(counts, reverse=True)


def test_a_follow_up_is_understood_and_shown(assistant: Assistant) -> None:
    answer = assistant.ask("And with placebo?", [SURVIVAL])
    assert answer.question == "And with placebo?"
    assert answer.understood_as == "What was the median overall survival with placebo in SHARP?"


def test_a_table_row_is_quoted_with_its_header(assistant: Assistant) -> None:
    answer = assistant.ask("What was the response rate in Falkson's study of cisplatin?", risk=1.0)
    rows = [q for q in answer.quotes if q.text == "Cisplatin | Falkson | 35 | 17"]
    assert rows
    assert rows[0].header is not None
    assert rows[0].header.text.startswith("Chemotherapy | Study")


def test_the_same_question_gives_the_same_bytes(assistant: Assistant, survival: Answer) -> None:
    assert assistant.ask(SURVIVAL).model_dump_json() == survival.model_dump_json()


@pytest.mark.slow
def test_another_order_of_ingest_gives_the_same_bytes(
    tmp_path: Path, embedder: Embedder, survival: Answer
) -> None:
    with LocalIndex(tmp_path / "index", embedder) as index:
        files = sorted(STARTER.glob("*.md"), reverse=True)
        for file in files:
            ingest(index, embedder, [file])
        answer = Assistant(index, embedder, TrainedReader()).ask(SURVIVAL)
    assert answer.model_dump_json() == survival.model_dump_json()


def test_a_reader_that_cannot_be_used_is_refused_and_not_passed_over(tmp_path: Path) -> None:
    with pytest.raises(IndexProblem, match="PINCITE_READER"):
        Assistant.open(tmp_path / "index", Settings(reader="no-such-reader"))
    assert not (tmp_path / "index").exists()


def test_an_empty_collection_and_an_empty_question_are_declined(
    tmp_path: Path, embedder: Embedder
) -> None:
    with LocalIndex(tmp_path / "index", embedder) as index:
        assistant = Assistant(index, embedder, TrainedReader())
        assert "no passage" in (assistant.ask(SURVIVAL).reason or "")
        assert assistant.ask("  ").reason == "No question was asked."


def test_an_answer_comes_from_one_generation(assistant: Assistant, survival: Answer) -> None:
    index: PassageIndex = assistant.index
    assert survival.index["fingerprint"] == index.stats().fingerprint


def test_the_committed_result_is_of_this_corpus_and_these_models(
    assistant: Assistant, survival: Answer, tmp_path: Path
) -> None:
    path = Path(qa.__file__).parent / "questions" / "starter.result.json"
    result = json.loads(path.read_text("utf-8"))
    assert result["models"]["reader"] == survival.models["reader"]
    # In what precision passages are embedded is for the machine to say that it ran on.
    kind = result["models"]["embedder"]
    assert kind in KINDS
    found = assistant.index.stats()
    if found.embedder != kind:
        embedder = load_embedder(kind)
        with LocalIndex(tmp_path, embedder) as index:
            ingest(index, embedder, [STARTER])
            found = index.stats()
    assert result["index"]["fingerprint"] == found.fingerprint, "make bench-starter"


def chosen(assistant: Assistant, *names: str) -> Within:
    """These documents and no others."""
    records = assistant.index.sources()
    ids = {r.document.id for r in records if r.document and Path(r.source).name in names}
    assert len(ids) == len(names)
    return Within(documents=frozenset(ids))


def test_a_limited_question_is_answered_from_the_chosen_documents_only(
    assistant: Assistant, survival: Answer
) -> None:
    assert "asia-pacific-trial.md" not in survival.citations[0].document.source
    within = chosen(assistant, "asia-pacific-trial.md", "thalidomide-hcc.md")
    question = "What was the median overall survival with sorafenib?"
    answer = assistant.ask(question, within=within, risk=1)
    assert answer.quotes
    assert {passage.document for passage in answer.passages} <= set(within.documents or ())
    assert answer.citations[0].document.source.endswith("asia-pacific-trial.md")
    assert answer.within is not None
    assert answer.within.documents == tuple(sorted(within.documents or ()))
    assert assistant.ask(question, within=within, risk=1) == answer


def test_an_answer_without_limits_is_the_same_bytes_as_ever(
    assistant: Assistant, survival: Answer
) -> None:
    assert assistant.ask(SURVIVAL, within=Within()).model_dump_json() == survival.model_dump_json()
    assert '"within"' not in survival.model_dump_json()


def test_the_reason_says_what_the_question_was_limited_to(assistant: Assistant) -> None:
    limited = assistant.ask(SURVIVAL, within=chosen(assistant, "thalidomide-hcc.md"))
    assert limited.status == "not_found"
    assert (limited.reason or "").endswith(
        " Only 1 document was searched, as the question was limited to it."
    )
    nothing = assistant.ask(SURVIVAL, within=Within(years=(1850, 1900)))
    assert nothing.reason == (
        "The question was limited to documents from 1850 to 1900, and the collection holds no "
        "passage of them."
    )
    assert nothing.passages == ()
