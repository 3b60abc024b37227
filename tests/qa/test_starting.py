"""A page that is there before its models are."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from corpus.load import load
from index import open_index
from index.base import IndexProblem
from index.embed import Embedder
from qa import chat
from qa.assistant import Assistant
from qa.readers.load import load_reader
from qa.starting import LOADING, Starting, Tell, prepare, statuses
from tests.qa.chatting import Desk
from tests.qa.librarian import PAPERS

QUESTION = "Who opened the bridge?"


class Models:
    """Models that are there, or turn out to be broken, when the test says so."""

    def __init__(self) -> None:
        self.there = threading.Event()
        self.problem: Exception | None = None

    def load(self, tell: Tell) -> None:
        """Wait for the test."""
        tell("Dusting the shelf")
        assert self.there.wait(20)
        if self.problem is not None:
            raise self.problem


@pytest.fixture
def models() -> Iterator[Models]:
    made = Models()
    yield made
    made.there.set()


@pytest.fixture
def starting(papers: Path, models: Models) -> Starting:
    return Starting(Desk([load(Path(name)) for name in PAPERS]), models.load)


def test_a_question_that_comes_too_early_waits_and_is_answered(
    starting: Starting, models: Models
) -> None:
    starting.start()
    told: list[str] = []
    with ThreadPoolExecutor(1) as beside:
        waiting = beside.submit(starting.ask, QUESTION, risk=1, tell=told.append)
        while "Dusting the shelf" not in told:
            assert not waiting.done()
        models.there.set()
        answer = waiting.result(20)
    assert answer.status == "answered"
    assert told[-1] == "Reading 2 passages"
    assert starting.stage is None


def test_the_conversation_shows_what_is_waited_for(starting: Starting, models: Models) -> None:
    turns = chat.respond(starting, QUESTION, (), chat.How(risk=1.0))
    next(turns)
    assert f"{LOADING}…" in next(turns)[-1].shown
    starting.start()
    assert "Dusting the shelf…" in next(turns)[-1].shown
    models.there.set()
    assert "pc-quote" in list(turns)[-1][-1].shown


def test_the_head_says_what_is_being_done_and_then_that_it_is_ready(
    starting: Starting, models: Models
) -> None:
    lines = statuses(starting)
    assert f"{LOADING}…" in next(lines)
    starting.start()
    assert "Dusting the shelf…" in next(lines)
    models.there.set()
    (last,) = lines
    assert ">ready<" in last
    assert "2 documents" in last
    (later,) = statuses(starting)
    assert later == last


def test_an_assistant_that_need_not_be_started_is_ready_at_once(papers: Path) -> None:
    (line,) = statuses(Desk([load(Path(name)) for name in PAPERS]))
    assert ">ready<" in line


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        (
            IndexProblem("The model's weights are missing: x."),
            "The model's weights are missing: x.",
        ),
        (OSError("no <disk>"), "The models cannot be loaded (OSError: no <disk>)."),
    ],
)
def test_models_that_cannot_be_loaded_are_told_of_and_nobody_waits_for_ever(
    starting: Starting, models: Models, problem: Exception, said: str
) -> None:
    models.problem = problem
    models.there.set()
    starting.start()
    with pytest.raises(IndexProblem) as raised:
        starting.ask(QUESTION)
    assert str(raised.value) == said
    (line,) = statuses(starting)
    assert 'role="alert"' in line
    assert "<disk>" not in line
    assert ">ready<" not in line


def test_a_server_that_stops_lets_nobody_wait(starting: Starting) -> None:
    starting.start()
    with ThreadPoolExecutor(1) as beside:
        waiting = beside.submit(starting.ask, QUESTION)
        starting.close()
        with pytest.raises(IndexProblem, match="being stopped"):
            waiting.result(20)


def test_an_empty_index_is_given_documents_and_a_filled_one_is_left_alone(
    papers: Path, tmp_path: Path, embedder: Embedder
) -> None:
    with open_index(tmp_path / "index", embedder) as index:
        assistant = Assistant(index, embedder, load_reader("overlap", embedder))
        told: list[str] = []
        prepare(assistant, papers / "bridge.md", told.append)
        assert told == ["Adding the documents that come with Pincite", LOADING]
        prepare(assistant, papers / "ferry.md", told.append)
        assert len(told) == 2
        assert [record.source for record in index.sources()] == ["bridge.md"]
