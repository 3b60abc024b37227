"""Evaluations under way: beside the conversation, behind its questions."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Event, Lock, Thread

from index.base import IndexProblem
from qa.asking import texts_of
from qa.chat import Chats
from qa.courtesy import InLine, Line
from qa.evaluate import Evaluation, evaluate
from qa.evaluations import Evaluations
from qa.gold import Gold
from qa.question_set import Question

log = logging.getLogger(__name__)


class Busy(Exception):
    """An owner whose evaluation is still under way; the message is for the person."""


@dataclass(slots=True)
class Running:
    """An evaluation under way, or just over.

    Attributes:
        name: of the question set.
        total: how many questions it has.
        done: how many were asked.
        began: when it was begun (``time.monotonic``).
        over: whether it has ended, in whatever way.
        kept: the id it is kept under, once it is.
        problem: a sentence where it failed.
        thread: what works on it.
        stopping: set to end it after the question that is being asked.
    """

    name: str
    total: int
    done: int = 0
    began: float = field(default_factory=time.monotonic)
    over: bool = False
    kept: str | None = None
    problem: str | None = None
    thread: Thread | None = None
    stopping: Event = field(default_factory=Event)

    def left(self) -> float | None:
        """Seconds that it will still take, judged by those it took; None before there are any."""
        if not self.done:
            return None
        return (time.monotonic() - self.began) / self.done * (self.total - self.done)


class EvaluationRuns:
    """Runs evaluations in threads of their own, watched or not, and keeps what comes of them.

    Each question stands in line, so that the conversation is not starved. What is stopped keeps the
    questions that were asked.

    Args:
        assistant: answers the questions.
        keeps: where finished evaluations go.
        line: where each question waits for its turn.
    """

    def __init__(self, assistant: Chats, keeps: Evaluations, line: Line) -> None:
        self._assistant = assistant
        self._keeps = keeps
        self._line = line
        self._lock = Lock()
        self._running: dict[str, Running] = {}

    def start(
        self,
        owner: str,
        name: str,
        questions: Sequence[Question],
        risk: float | None,
        *,
        refused: Sequence[str] = (),
        warnings: Sequence[str] = (),
    ) -> None:
        """Begin to evaluate.

        Args:
            owner: whose run it is.
            name: of the question set.
            questions: what to ask.
            risk: accepted share of wrong answers; None for the usual.
            refused: a sentence for each line of the set that could not be read.
            warnings: what to know before the figures are believed, a sentence each.

        Raises:
            Busy: the owner's last run is not over yet.
        """
        with self._lock:
            if (last := self._running.get(owner)) and not last.over:
                raise Busy("An evaluation of yours is still under way.")
            now = self._running[owner] = Running(name, len(questions))

        def work() -> None:
            try:
                found = self._evaluate(questions, risk, now)
                if found.outcomes or found.refused:
                    found = _with(found, refused, warnings)
                    now.kept = self._keeps.add(owner, name, found)
            except IndexProblem as problem:
                now.problem = str(problem)
            except Exception:
                log.exception("An evaluation failed.")
                now.problem = "The evaluation failed; the server's log says why."
            finally:
                now.over = True

        now.thread = Thread(target=work, name=f"evaluation of {name}", daemon=True)
        now.thread.start()

    def of(self, owner: str) -> Running | None:
        """Give an owner's run: under way, or over and not yet taken note of."""
        return self._running.get(owner)

    def stop(self, owner: str) -> None:
        """End an owner's run after the question that is being asked."""
        if now := self._running.get(owner):
            now.stopping.set()

    def close(self) -> None:
        """End all runs as the server ends, keeping what was asked."""
        running = list(self._running.values())
        for now in running:
            now.stopping.set()
        for now in running:
            if now.thread:
                now.thread.join()

    def noted(self, owner: str) -> None:
        """Take note that an owner's run is over."""
        with self._lock:
            if (now := self._running.get(owner)) and now.over:
                del self._running[owner]

    def _evaluate(
        self, questions: Sequence[Question], risk: float | None, now: Running
    ) -> Evaluation:
        def tell(done: int, total: int) -> None:
            now.done = done

        index = self._assistant.index
        return evaluate(
            InLine(self._assistant, self._line),
            questions,
            Gold(index.sources(), texts_of(index)),
            risk=risk,
            progress=tell,
            goes_on=lambda: not now.stopping.is_set(),
        )


def _with(found: Evaluation, refused: Sequence[str], warnings: Sequence[str]) -> Evaluation:
    return Evaluation(
        found.outcomes,
        (*refused, *found.refused),
        found.unfounded,
        found.risk,
        (*found.warnings, *warnings),
    )
