"""Conversations of one browser session."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus.load import load
from index.base import IndexProblem
from qa import chat
from tests.qa.chatting import Desk
from tests.qa.librarian import PAPERS

ALWAYS = chat.How(risk=1.0)


@pytest.fixture
def desk(papers: Path) -> Desk:
    return Desk([load(Path(name)) for name in PAPERS])


def last(desk: Desk, question: str, turns: chat.Turns = ()) -> chat.Turns:
    return list(chat.respond(desk, question, turns, ALWAYS))[-1]


def test_the_question_shows_at_once_and_the_answer_follows(desk: Desk) -> None:
    waiting, reading, done = chat.respond(desk, "Who opened the bridge?", (), ALWAYS)
    assert "Searching the collection" in waiting[-1].shown
    assert waiting[-1].kept is None
    assert "Reading 2 passages" in reading[-1].shown
    assert "pc-quote" in done[-1].shown
    assert 'id="cite-1-1"' in done[-1].sources


def test_an_answer_says_how_long_it_took(desk: Desk) -> None:
    (turn,) = last(desk, "Who opened the bridge?")
    assert turn.kept is not None
    assert f"read in {turn.kept.seconds:.1f} s" in turn.shown


def test_a_kept_conversation_looks_as_it_did(desk: Desk) -> None:
    turns = last(desk, "Load of the ferry?", last(desk, "Who opened the bridge?"))
    assert chat.restored(desk.index, [turn.kept for turn in turns if turn.kept]) == turns


def test_a_turn_is_numbered_after_the_ones_before(desk: Desk) -> None:
    turns = last(desk, "Load of the ferry?", last(desk, "Who opened the bridge?"))
    assert len(turns) == 2
    assert 'id="quote-2-1"' in turns[1].shown


def test_earlier_questions_are_handed_on_as_history(desk: Desk) -> None:
    turns = last(desk, "And the bridge?", last(desk, "Who opened it?"))
    assert "Who opened it? And the bridge?" in turns[-1].shown


def test_what_was_put_right_is_asked_whatever_was_asked_before(desk: Desk) -> None:
    turns = last(desk, "Who opened it?")
    how = chat.How(risk=1.0, afresh=True)
    turns = list(chat.respond(desk, "Who opened the bridge?", turns, how))[-1]
    assert turns[-1].kept is not None
    assert turns[-1].kept.answer.understood_as == "Who opened the bridge?"


def test_an_empty_question_changes_nothing(desk: Desk) -> None:
    assert list(chat.respond(desk, "  \n ", (), chat.How())) == []
    assert desk.asked == []


def test_white_space_is_folded_and_length_limited(desk: Desk) -> None:
    (turn,) = last(desk, "Who \n opened " + "x" * 5000)
    assert turn.question.startswith("Who opened x")
    assert len(turn.question) == chat.LONGEST


def test_a_problem_with_the_index_is_said_in_a_sentence_and_forgotten(desk: Desk) -> None:
    def fail(_: str) -> None:
        raise IndexProblem("The index was made with another embedder; rebuild it.")

    desk.on_ask = fail
    turns = last(desk, "Who opened the bridge?")
    assert "rebuild it" in turns[-1].shown
    desk.on_ask = lambda _: None
    turns = last(desk, "Who opened the ferry?", turns)
    assert "Who opened the bridge" not in turns[-1].shown


def test_an_unforeseen_failure_shows_no_traceback(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: str) -> None:
        raise RuntimeError("secret detail")

    desk.on_ask = fail
    turns = last(desk, "Who opened the bridge?")
    assert "could not be answered" in turns[-1].shown
    assert "secret detail" not in turns[-1].shown
    assert "secret detail" in caplog.text


def test_a_document_removed_meanwhile_does_not_break_the_sources(desk: Desk) -> None:
    desk.shelf.documents = {}
    turns = last(desk, "Who opened the bridge?")
    assert "has left the index" in turns[-1].sources


def test_the_sources_of_every_turn_are_on_the_page(desk: Desk) -> None:
    turns = last(desk, "Load of the ferry?", last(desk, "Who opened the bridge?"))
    panel = chat.sources(turns)
    assert 'data-turn="1"' in panel
    assert 'data-turn="2"' in panel
    assert "appear here" in chat.sources(())


def test_a_citation_is_shown_in_its_original(desk: Desk) -> None:
    document = next(iter(desk.documents.values()))
    start = document.text.index("It carried")
    shown = chat.original_of(
        desk.index, {"document": document.id, "start": start, "end": start + len("It carried 40")}
    )
    assert "<mark>It carried 40</mark> tonnes." in shown
    assert "Line 5 of bridge.md" in shown


@pytest.mark.parametrize(
    "wanted",
    [
        None,
        "bridge.md",
        {"document": "bridge.md", "start": 0, "end": 5},
        {"path": "bridge.md", "start": 0, "end": 5},
        {"document": "ID", "start": 0, "end": 5, "path": "bridge.md"},
        {"document": "ID", "start": "0", "end": 5},
        {"document": "ID", "start": 5, "end": 5},
        {"document": "ID", "start": -9, "end": 5},
        {"document": "ID", "start": 0, "end": 10**12},
    ],
)
def test_what_is_no_place_in_an_indexed_document_is_refused_in_a_sentence(
    desk: Desk, wanted: object
) -> None:
    known = next(iter(desk.documents))
    if isinstance(wanted, dict) and wanted.get("document") == "ID":
        wanted = {**wanted, "document": known}
    shown = chat.original_of(desk.index, wanted)
    assert "pc-problem" in shown or "has left the index" in shown
    assert "Lindau" not in shown


def test_an_original_that_fails_shows_no_traceback(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(chat, "original", fail)
    known = next(iter(desk.documents))
    shown = chat.original_of(desk.index, {"document": known, "start": 0, "end": 5})
    assert "could not be shown" in shown
    assert "secret detail" not in shown
    assert "secret detail" in caplog.text
