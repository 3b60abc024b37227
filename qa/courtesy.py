"""Whose question is next: people who wait for an answer first, long work one question at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Condition

from index.base import PassageIndex
from index.embed import Embedder
from qa.answer import Answer
from qa.asking import Asks
from qa.chat import Chats
from qa.reader import Reader


class GivenUp(Exception):
    """Somebody who stood in line does not want the turn any more."""


class Line:
    """A line for work that can wait, such as batches: one turn at a time, first come first served.

    A turn begins only while nobody who came ``first`` is being answered. Safe to use from several
    threads.
    """

    GLANCE = 0.2
    """Seconds between two looks at whether a turn is still wanted."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._first = 0
        self._line: deque[object] = deque()

    @property
    def waiting(self) -> int:
        """How many stand in line, the one whose turn it is among them."""
        return len(self._line)

    @contextmanager
    def first(self) -> Iterator[None]:
        """Be answered at once; the line waits meanwhile."""
        with self._changed:
            self._first += 1
        try:
            yield
        finally:
            with self._changed:
                self._first -= 1
                self._changed.notify_all()

    @contextmanager
    def behind(self, given_up: Callable[[], bool] = lambda: False) -> Iterator[None]:
        """Stand in line for one turn.

        Args:
            given_up: whether the turn is not wanted any more; asked while waiting.

        Raises:
            GivenUp: it was not wanted any more before it came.
        """
        ticket = object()
        with self._changed:
            self._line.append(ticket)
            try:
                while self._first or self._line[0] is not ticket:
                    if given_up():
                        raise GivenUp
                    self._changed.wait(self.GLANCE)
            except BaseException:
                self._leave(ticket)
                raise
        try:
            yield
        finally:
            with self._changed:
                self._leave(ticket)

    def _leave(self, ticket: object) -> None:
        self._line.remove(ticket)
        self._changed.notify_all()


class Courteous:
    """An assistant whose questions come first; see :class:`qa.chat.Chats`.

    Args:
        assistant: who answers.
        line: the line that waits meanwhile.
    """

    def __init__(self, assistant: Chats, line: Line) -> None:
        self._assistant = assistant
        self._line = line

    @property
    def index(self) -> PassageIndex:
        """The collection."""
        return self._assistant.index

    @property
    def embedder(self) -> Embedder:
        """Makes the vectors of what is added."""
        return self._assistant.embedder

    @property
    def reader(self) -> Reader:
        """Reads what was found."""
        return self._assistant.reader

    def ask(self, question: str, history: Sequence[str] = (), **options: object) -> Answer:
        """Answer one question, before those that stand in line; the options are the assistant's."""
        with self._line.first():
            return self._assistant.ask(question, history, **options)


class InLine:
    """An assistant that stands in line with every question; see :class:`qa.asking.Asks`.

    Args:
        assistant: who answers.
        line: where each question waits for its turn.
        given_up: whether the turn is not wanted any more; then asking raises ``GivenUp``.
    """

    def __init__(
        self, assistant: Asks, line: Line, given_up: Callable[[], bool] = lambda: False
    ) -> None:
        self._assistant = assistant
        self._line = line
        self._given_up = given_up

    @property
    def index(self) -> PassageIndex:
        """The collection."""
        return self._assistant.index

    def ask(self, question: str, history: Sequence[str] = (), **options: object) -> Answer:
        """Wait for the turn, then ask; the options are the assistant's."""
        with self._line.behind(self._given_up):
            return self._assistant.ask(question, history, **options)
