"""Whose question is next."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Thread
from time import monotonic, sleep

import pytest

from qa.courtesy import Courteous, GivenUp, Line
from tests.qa.chatting import Desk
from tests.qa.librarian import Librarian


def until(holds: Callable[[], bool]) -> None:
    """Wait for something that another thread does."""
    end = monotonic() + 20
    while not holds():
        assert monotonic() < end, "it never came true"
        sleep(0.005)


def in_line(line: Line, turns: list[str], name: str, go: Event) -> Thread:
    def work() -> None:
        with line.behind():
            turns.append(name)
            go.wait(20)
            turns.append(f"{name} done")

    thread = Thread(target=work)
    thread.start()
    return thread


def test_turns_come_one_at_a_time_in_the_order_of_the_line() -> None:
    line, turns, gates = Line(), list[str](), [Event(), Event(), Event()]
    threads = []
    for number, gate in enumerate(gates):
        threads.append(in_line(line, turns, str(number), gate))
        until(lambda: line.waiting == len(threads))
    until(lambda: turns == ["0"])
    for gate in reversed(gates):
        gate.set()
    for thread in threads:
        thread.join(20)
    assert turns == ["0", "0 done", "1", "1 done", "2", "2 done"]


def test_who_waits_for_an_answer_goes_before_the_whole_line() -> None:
    line, turns, gate = Line(), list[str](), Event()
    gate.set()
    with line.first(), line.first():
        thread = in_line(line, turns, "batch", gate)
        until(lambda: line.waiting == 1)
        sleep(3 * line.GLANCE)
        assert turns == []
    thread.join(20)
    assert turns == ["batch", "batch done"]


def test_a_turn_that_is_given_up_lets_the_others_go_on() -> None:
    line, turns, gate = Line(), list[str](), Event()
    first = in_line(line, turns, "first", gate)
    until(lambda: turns == ["first"])
    with pytest.raises(GivenUp), line.behind(lambda: True):
        turns.append("never")
    second = in_line(line, turns, "second", gate)
    gate.set()
    first.join(20)
    second.join(20)
    assert turns == ["first", "first done", "second", "second done"]


def test_a_turn_that_fails_is_over() -> None:
    line = Line()
    with pytest.raises(ValueError, match="no"), line.behind():
        raise ValueError("no")
    with line.behind():
        pass


def test_a_courteous_assistant_holds_up_the_line_only_while_it_answers(
    librarian: Librarian,
) -> None:
    line, turns, gate, asked = Line(), list[str](), Event(), Event()
    gate.set()
    desk = Desk(list(librarian.documents.values()))

    def on_ask(question: str) -> None:
        threads.append(in_line(line, turns, "batch", gate))
        sleep(2 * line.GLANCE)
        turns.append("asked")
        asked.set()

    threads: list[Thread] = []
    desk.on_ask = on_ask
    answer = Courteous(desk, line).ask("Which load was checked by Brandt?", id="a", risk=1.0)
    threads[0].join(20)
    assert turns == ["asked", "batch", "batch done"]
    assert answer.id == "a"
    desk.on_ask = lambda question: None
    assert answer == desk.ask("Which load was checked by Brandt?", id="a", risk=1.0)
    with pytest.raises(TypeError):
        Courteous(desk, line).ask("What?", colour="red")
