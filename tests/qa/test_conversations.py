"""Conversations that are kept: whose they are, and what survives."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest

from qa.answer import Answer
from qa.conversations import FILE, LONGEST_TITLE, Conversations, NotKept
from tests.qa.librarian import Librarian

ME, OTHER = "a" * 32, "b" * 32


@pytest.fixture
def opened(librarian: Librarian) -> Answer:
    return librarian.ask("Who opened the bridge?")


@pytest.fixture
def boiler(librarian: Librarian) -> Answer:
    return librarian.ask("When did the boiler burst?", risk=1)


def test_a_conversation_is_called_after_its_first_question_and_grows(
    tmp_path: Path, opened: Answer, boiler: Answer
) -> None:
    keeps = Conversations(tmp_path)
    id = keeps.add(ME, None, opened, 0.5)
    assert keeps.add(ME, id, boiler, 1.25) == id
    (one,) = keeps.of(ME)
    assert (one.id, one.title, one.turns) == (id, "Who opened the bridge?", 2)
    first, second = keeps.turns(ME, id)
    assert (first.answer, first.seconds) == (opened, 0.5)
    assert (second.answer, second.seconds) == (boiler, 1.25)


def test_nothing_is_there_before_anything_was_asked(tmp_path: Path) -> None:
    keeps = Conversations(tmp_path / "not" / "yet")
    assert keeps.of(ME) == []
    assert keeps.turns(ME, "x") == []


def test_conversations_survive_a_restart(tmp_path: Path, opened: Answer) -> None:
    id = Conversations(tmp_path).add(ME, None, opened, 0.5)
    assert [one.id for one in Conversations(tmp_path).of(ME)] == [id]
    assert Conversations(tmp_path).turns(ME, id)[0].answer == opened


def test_an_owner_neither_sees_nor_changes_another_s(
    tmp_path: Path, opened: Answer, boiler: Answer
) -> None:
    keeps = Conversations(tmp_path)
    mine = keeps.add(ME, None, opened, 0.5)
    assert keeps.of(OTHER) == []
    assert keeps.turns(OTHER, mine) == []
    keeps.rename(OTHER, mine, "Stolen")
    keeps.delete(OTHER, mine)
    theirs = keeps.add(OTHER, mine, boiler, 1.0)
    assert theirs != mine
    (one,) = keeps.of(ME)
    assert (one.title, one.turns) == ("Who opened the bridge?", 1)


def test_the_one_that_was_added_to_last_comes_first(
    tmp_path: Path, opened: Answer, boiler: Answer
) -> None:
    keeps = Conversations(tmp_path)
    first, second = (keeps.add(ME, None, answer, 0.5) for answer in (opened, boiler))
    assert [one.id for one in keeps.of(ME)] == [second, first]
    keeps.add(ME, first, boiler, 0.5)
    assert [one.id for one in keeps.of(ME)] == [first, second]


def test_a_conversation_is_renamed_but_never_to_nothing(tmp_path: Path, opened: Answer) -> None:
    keeps = Conversations(tmp_path)
    id = keeps.add(ME, None, opened, 0.5)
    for title, shown in (
        ("  The bridge\n at Lindau ", "The bridge at Lindau"),
        (" \n ", "The bridge at Lindau"),
        ("half \ud83d a character", "half ? a character"),
        ("x" * 500, "x" * (LONGEST_TITLE - 1) + "…"),
    ):
        keeps.rename(ME, id, title)
        assert keeps.of(ME)[0].title == shown


def test_what_is_deleted_is_gone_from_the_file(
    tmp_path: Path, opened: Answer, boiler: Answer
) -> None:
    keeps = Conversations(tmp_path)
    id, other = keeps.add(ME, None, opened, 0.5), keeps.add(ME, None, boiler, 0.5)
    keeps.delete(ME, id)
    assert [one.id for one in keeps.of(ME)] == [other]
    assert keeps.turns(ME, id) == []
    assert b"Who opened" not in (tmp_path / FILE).read_bytes()
    assert keeps.add(ME, id, opened, 0.5) not in (id, other)


def test_a_turn_that_cannot_be_read_is_left_out_and_the_others_stay(
    tmp_path: Path, opened: Answer, boiler: Answer
) -> None:
    keeps = Conversations(tmp_path)
    id = keeps.add(ME, None, opened, 0.5)
    keeps.add(ME, id, boiler, 0.5)
    with sqlite3.connect(tmp_path / FILE) as store:
        store.execute('UPDATE turns SET answer = \'{"of": "another version"}\' WHERE number = 1')
    store.close()
    assert [turn.answer for turn in keeps.turns(ME, id)] == [boiler]
    keeps.add(ME, id, opened, 0.5)
    assert [turn.answer for turn in keeps.turns(ME, id)] == [boiler, opened]


def test_questions_at_the_same_time_are_all_kept(tmp_path: Path, opened: Answer) -> None:
    id = Conversations(tmp_path).add(ME, None, opened, 0.5)

    def ask() -> None:
        for _ in range(5):
            Conversations(tmp_path).add(ME, id, opened, 0.5)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(Conversations(tmp_path).turns(ME, id)) == 21


def test_a_file_that_is_no_store_is_named_with_the_reason(tmp_path: Path, opened: Answer) -> None:
    (tmp_path / FILE).write_bytes(b"no store" * 500)
    keeps = Conversations(tmp_path)
    for use in (
        lambda: keeps.of(ME),
        lambda: keeps.turns(ME, "x"),
        lambda: keeps.add(ME, None, opened, 0.5),
        lambda: keeps.delete(ME, "x"),
    ):
        with pytest.raises(NotKept, match=rf"{FILE}: file is not a database"):
            use()
