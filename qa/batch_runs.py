"""Batches at work: each run in a thread of its own, one question at a time among them all."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Event, Lock, Thread
from typing import Literal

from filelock import FileLock, Timeout

from index.base import IndexProblem
from qa.asking import Asks
from qa.batch import BatchReport, OutputProblem, rendered, run_batch
from qa.batch_results import Results
from qa.batches import Batches, Run
from qa.courtesy import GivenUp, InLine, Line
from qa.export import TextOf
from qa.question_set import QuestionFileProblem

log = logging.getLogger(__name__)

State = Literal["running", "stopping", "stopped", "interrupted", "done"]

ANEW = "The collection or the models had changed since: all questions were asked again."
ELSEWHERE = "Another server of this index is working on it."
_PACE = 20
"""Questions from whose seconds the time left is estimated."""


@dataclass(frozen=True, slots=True)
class Now:
    """A run as it stands now.

    Attributes:
        run: what is kept of it.
        state: ``interrupted`` where the server ended in the middle of it.
        answered: questions that were answered.
        not_found: questions that the collection has no answer to.
        failed: a sentence for each question that could not be answered.
        left: seconds that the rest will take; None where that is not known.
    """

    run: Run
    state: State
    answered: int
    not_found: int
    failed: tuple[str, ...] = ()
    left: float | None = None

    @property
    def done(self) -> int:
        """Questions that are dealt with."""
        return self.answered + self.not_found + len(self.failed)

    @property
    def live(self) -> bool:
        """Whether it is being worked on."""
        return self.state in {"running", "stopping"}


@dataclass(slots=True)
class _Live:
    """A run that is being worked on."""

    stop: Event = field(default_factory=Event)
    thread: Thread | None = None
    left: float | None = None
    report: BatchReport = field(default_factory=BatchReport)


class BatchRuns:
    """Runs that are begun, watched, stopped and resumed; they go on while nobody looks.

    Args:
        batches: where they are kept.
        assistant: who answers.
        text_of: the texts that every quote is held against.
        line: where each question waits for its turn.
    """

    def __init__(self, batches: Batches, assistant: Asks, text_of: TextOf, line: Line) -> None:
        self.batches = batches
        self._assistant = assistant
        self._text_of = text_of
        self._line = line
        self._lock = Lock()
        self._live: dict[tuple[str, str], _Live] = {}
        self._results: dict[tuple[str, str], Results] = {}
        self._closed = False

    def of(self, owner: str) -> list[Now]:
        """List an owner's runs, the newest first."""
        return [self._now(owner, run) for run in self.batches.of(owner)]

    def get(self, owner: str, run: str) -> Now | None:
        """Give a run as it stands now; None where the owner has no such run."""
        found = self.batches.get(owner, run)
        return self._now(owner, found) if found else None

    def results(self, owner: str, run: str) -> Results:
        """Give a run's answers."""
        path = self.batches.answers(owner, run)
        with self._lock:
            return self._results.setdefault((owner, run), Results(path))

    def start(self, owner: str, run: str) -> None:
        """Begin a run, or let it go on from where it stopped; nothing where that is needless."""
        found = self.batches.get(owner, run)
        with self._lock:
            if found is None or found.state == "done" or (owner, run) in self._live or self._closed:
                return
            begun = {"state": "running", "problem": "", "failed": ()}
            self._save(owner, found.model_copy(update=begun))
            live = self._live[owner, run] = _Live()
            live.thread = Thread(
                target=self._work, args=(owner, run, live), name=f"batch {run}", daemon=True
            )
            live.thread.start()

    def stop(self, owner: str, run: str) -> None:
        """Let a run stop after the question that it is at."""
        with self._lock:
            live = self._live.get((owner, run))
        if live:
            live.stop.set()

    def delete(self, owner: str, run: str) -> None:
        """Stop a run and delete it for good; nothing where the owner has no such run."""
        if self.batches.get(owner, run) is None:
            return
        self._end([(owner, run)])
        self.batches.delete(owner, run)
        with self._lock:
            self._results.pop((owner, run), None)

    def close(self) -> None:
        """Stop all runs as the server ends; they can be resumed later."""
        with self._lock:
            self._closed = True
            names = list(self._live)
        self._end(names)

    def file(self, owner: str, run: str, ending: str) -> bytes:
        """Give the answers so far as a file.

        Args:
            owner: whose run.
            run: its id.
            ending: one of ``qa.batch.FORMATS``.

        Raises:
            qa.answer.NotVerbatim: a quote differs from its document.
            KeyError: the owner has no such run, or a document that is quoted has left the index.
        """
        found = self.batches.get(owner, run)
        if found is None:
            raise KeyError(run)
        results = self.results(owner, run)
        if ending == ".jsonl":
            return results.raw()
        return rendered(results.all(), self._text_of, ending, found.failed)

    def _now(self, owner: str, run: Run) -> Now:
        with self._lock:
            live = self._live.get((owner, run.id))
        answered, not_found = self.results(owner, run.id).counts()
        if live is None:
            state: State = "interrupted" if run.state == "running" else run.state
            return Now(run, state, answered, not_found, run.failed)
        state = "stopping" if live.stop.is_set() else "running"
        return Now(run, state, answered, not_found, tuple(live.report.refused), live.left)

    def _end(self, names: Sequence[tuple[str, str]]) -> None:
        with self._lock:
            found = [live for name in names if (live := self._live.get(name))]
        for live in found:
            live.stop.set()
        for live in found:
            if live.thread:
                live.thread.join()

    def _work(self, owner: str, run: str, live: _Live) -> None:
        """The body of a run's thread: work, then write down how it ended."""
        try:
            ended = self._ended(owner, run, live)
        except Exception:
            log.exception("A batch could not go on.")
            problem = "It could not go on; the server's log says why."
            ended = {"state": "stopped", "problem": problem}
        found = self.batches.get(owner, run)
        with self._lock:
            del self._live[owner, run]
            # A server that ends leaves the run as one that was under way.
            if found and not (self._closed and ended["state"] == "stopped"):
                self._save(owner, found.model_copy(update=ended))

    def _save(self, owner: str, run: Run) -> None:
        """Write down what a run is now; where the disk is full it stays as it was said to be."""
        try:
            self.batches.save(owner, run)
        except OSError:
            log.exception("What became of a batch could not be written down.")

    def _ended(self, owner: str, run: str, live: _Live) -> dict[str, object]:
        """Work until the run is done or stopped; the fields of ``Run`` that say which."""
        found = self.batches.get(owner, run)
        if found is None:
            return {"state": "stopped"}
        out = self.batches.answers(owner, run)
        asks = InLine(self._assistant, self._line, live.stop.is_set)
        ended: dict[str, object] = {"state": "stopped"}
        try:
            questions = self.batches.questions(owner, run)
            with FileLock(out.with_suffix(".lock"), timeout=0):
                run_batch(
                    asks,
                    questions,
                    out,
                    self._text_of,
                    risk=found.risk,
                    progress=_Pace(live),
                    report=live.report,
                )
            ended["state"] = "done"
        except GivenUp:
            pass
        except Timeout:
            ended["problem"] = ELSEWHERE
        except (OutputProblem, QuestionFileProblem, IndexProblem) as problem:
            ended["problem"] = str(problem).replace(str(out.parent), "").lstrip("/\\")
        if live.report.outdated:
            ended["note"] = ANEW
        return {**ended, "failed": tuple(live.report.refused)}


class _Pace:
    """What a run is told of its progress: stops it when asked to, and estimates the time left.

    Args:
        live: the run.
    """

    def __init__(self, live: _Live) -> None:
        self._live = live
        self._ticks: deque[float] = deque(maxlen=_PACE + 1)

    def __call__(self, done: int, total: int) -> None:
        """Take note that ``done`` of ``total`` questions are done.

        Raises:
            GivenUp: the run is to stop here.
        """
        self._ticks.append(time.monotonic())
        if len(self._ticks) > 1:
            pace = (self._ticks[-1] - self._ticks[0]) / (len(self._ticks) - 1)
            self._live.left = pace * (total - done)
        if done < total and self._live.stop.is_set():
            raise GivenUp
