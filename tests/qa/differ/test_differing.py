"""Differences in an answer, through the real path: index, reader, quotes and their citations."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import corpus
from index.embed import Embedder
from index.ingest import ingest
from index.local import LocalIndex
from qa.answer import Answer
from qa.assistant import Assistant
from qa.export import to_json_line, to_markdown
from qa.readers.trained import TrainedReader

STARTER = Path(corpus.__file__).parent / "starter"
OCTREOTIDE = "Did octreotide help patients live longer?"
AGAINST = """---
title: "A second trial of octreotide in advanced hepatocellular carcinoma"
authors: ["Anna Weber", "Jo Lind"]
year: 2002
---

# A second trial of octreotide in advanced hepatocellular carcinoma

## Results

Seventy patients with advanced HCC were drawn by lot to octreotide or placebo. Patients with
advanced HCC did not live longer on octreotide. Octreotide was injected once a month.
"""


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Assistant]:
    folder = tmp_path_factory.mktemp("papers")
    (folder / "second-trial.md").write_text(AGAINST, encoding="utf-8")
    with LocalIndex(tmp_path_factory.mktemp("index"), embedder) as index:
        ingest(index, embedder, [STARTER, folder])
        yield Assistant(index, embedder, TrainedReader())


def sides(answer: Answer) -> list[list[str]]:
    quoted = {q.citation: q.text for q in answer.quotes}
    return [[quoted[n] for n in difference.sides] for difference in answer.differs]


def test_a_trial_against_stands_beside_the_trial_in_favour(assistant: Assistant) -> None:
    answer = assistant.ask(OCTREOTIDE)
    (difference,) = answer.differs
    assert difference.kind == "direction"
    cited = {c.n: c.document.source for c in answer.citations}
    assert len({cited[n] for n in difference.sides}) == 2
    (both,) = sides(answer)
    assert any("did not live longer" in words for words in both)


def test_two_trials_with_other_medians_stand_side_by_side(assistant: Assistant) -> None:
    answer = assistant.ask("What was median survival with sorafenib?")
    (difference,) = answer.differs
    assert difference.kind == "figures"
    assert {"10.7" in words for words in sides(answer)[0]} == {True, False}


def test_sources_that_rank_a_disease_differently_are_shown(assistant: Assistant) -> None:
    answer = assistant.ask("How high does HCC rank as a cause of cancer death?", risk=1)
    words = " ".join(sides(answer)[0])
    assert "second" in words
    assert "third" in words


@pytest.mark.parametrize(
    "question",
    [
        "What was the median overall survival with sorafenib in SHARP?",
        "Does tamoxifen improve survival?",
        "How common is diarrhoea with sorafenib?",
        "What is hepatocellular carcinoma?",
        "How much does a month of sorafenib cost?",
    ],
)
def test_sources_that_agree_do_not_differ(assistant: Assistant, question: str) -> None:
    assert assistant.ask(question, risk=1).differs == ()


def test_a_quote_that_differs_is_a_quote_like_any_other(assistant: Assistant) -> None:
    answer = assistant.ask(OCTREOTIDE)
    assert set(answer.differs[0].sides) <= {c.n for c in answer.citations}
    with assistant.index.view() as view:
        line = to_json_line(answer, lambda i: view.document(i).text)
        report = to_markdown([answer], lambda i: view.document(i).text)
    assert Answer.model_validate_json(line) == answer
    assert "Sources differ in what they found" in report
    assert "Weber et al., 2002" in report


def test_the_same_question_gives_the_same_bytes(assistant: Assistant) -> None:
    first, second = (assistant.ask(OCTREOTIDE).model_dump_json() for _ in range(2))
    assert first == second


def test_a_difference_brings_at_most_one_quote_more(assistant: Assistant) -> None:
    answer = assistant.ask(OCTREOTIDE, risk=1)
    assert len(answer.quotes) <= 4


def test_what_is_not_answered_does_not_differ(assistant: Assistant) -> None:
    answer = assistant.ask("Who won the football match in Oslo?")
    assert answer.status == "not_found"
    assert answer.differs == ()
