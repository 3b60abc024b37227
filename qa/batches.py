"""Batches that are kept: question files that people brought to the web page, and their answers.

Each run is a folder below the index's folder, ``batches/OWNER/ID``: ``run.json`` says what it is,
``questions.jsonl`` is what is asked, ``answers.jsonl`` is the truth that every download is made
from. Every call names an owner and sees nothing of any other's.
"""

from __future__ import annotations

import re
import secrets
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from qa.question_set import Question, QuestionFileProblem, QuestionSet, read_questions

FOLDER = "batches"
"""Where the runs are kept, inside the index's folder."""

LARGEST = 5_000_000
"""Bytes of a question file."""

MOST_QUESTIONS = 10_000
MOST_RUNS = 50
"""Runs that one owner may keep."""

NAMED = 20
"""Refused lines of a file that are named; the rest is counted."""

_RUN, _QUESTIONS, _ANSWERS = "run.json", "questions.jsonl", "answers.jsonl"
_ID = re.compile(r"[0-9a-f]{32}")
_OWNER = re.compile(r"[0-9a-f]{32}|user-(?:[0-9a-f]{2})+")


class Run(BaseModel):
    """A run, as it is kept.

    Attributes:
        id: names it among its owner's.
        title: the name of the question file.
        begun: when it was brought, ISO 8601 in UTC.
        risk: accepted share of wrong answers; None for the usual.
        questions: how many questions there are.
        refused: a sentence for each line of the file that is no question, the first ``NAMED``.
        more_refused: how many further lines are none.
        failed: a sentence for each question that could not be answered.
        state: ``running`` also where the server ended in the middle of it.
        problem: why it stopped by itself, in a sentence; empty where it did not.
        note: what else the person should know, in a sentence.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    title: str
    begun: str
    risk: float | None = None
    questions: int
    refused: tuple[str, ...] = ()
    more_refused: int = 0
    failed: tuple[str, ...] = ()
    state: Literal["running", "stopped", "done"] = "running"
    problem: str = ""
    note: str = ""


class Batches:
    """The kept runs of everybody who uses an index.

    Args:
        folder: the index's folder.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder / FOLDER

    def of(self, owner: str) -> list[Run]:
        """List an owner's runs, the newest first; one that cannot be read is left out."""
        folder = self._owned(owner)
        names = [path.name for path in folder.iterdir()] if folder.is_dir() else []
        found = [run for name in names if (run := self.get(owner, name))]
        return sorted(found, key=lambda run: (run.begun, run.id), reverse=True)

    def get(self, owner: str, run: str) -> Run | None:
        """Give a run; None where the owner has no such run."""
        try:
            return Run.model_validate_json((self.folder(owner, run) / _RUN).read_bytes())
        except (KeyError, OSError, ValidationError):
            return None

    def folder(self, owner: str, run: str) -> Path:
        """Give the folder of a run that may or may not be there.

        Raises:
            KeyError: no run can have this id.
        """
        if not _ID.fullmatch(run):
            raise KeyError(run)
        return self._owned(owner) / run

    def answers(self, owner: str, run: str) -> Path:
        """Give the file that a run's answers are written to."""
        return self.folder(owner, run) / _ANSWERS

    def questions(self, owner: str, run: str) -> tuple[Question, ...]:
        """Read a run's questions.

        Raises:
            QuestionFileProblem: they cannot be read.
        """
        return read_questions(self.folder(owner, run) / _QUESTIONS).questions

    def add(self, owner: str, file: Path, risk: float | None = None) -> Run:
        """Keep a question file as a new run.

        Args:
            owner: whose it is.
            file: the file as it was brought; it stays where it is.
            risk: accepted share of wrong answers; None for the usual.

        Raises:
            QuestionFileProblem: it holds no question, is too large, cannot be kept, or there are
                too many runs. The message is for the person and names the file without its folder.
        """
        found = _read(file)
        if len(self.of(owner)) >= MOST_RUNS:
            raise QuestionFileProblem(
                f"{MOST_RUNS} runs are kept already; delete one before you bring {file.name}."
            )
        run = Run(
            id=secrets.token_hex(16),
            title=file.name,
            begun=datetime.now(UTC).isoformat(),
            risk=risk,
            questions=len(found.questions),
            refused=found.refused[:NAMED],
            more_refused=max(0, len(found.refused) - NAMED),
        )
        folder = self.folder(owner, run.id)
        lines = (f"{question.model_dump_json()}\n" for question in found.questions)
        try:
            folder.mkdir(parents=True)
            (folder / _QUESTIONS).write_bytes("".join(lines).encode())
            self.save(owner, run)
        except OSError as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise QuestionFileProblem(
                f"{file.name} cannot be kept: {error.strerror or error}."
            ) from error
        return run

    def save(self, owner: str, run: Run) -> None:
        """Write down what a run is now, in one step; nothing where it was deleted."""
        folder = self.folder(owner, run.id)
        if folder.is_dir():
            half = folder / f"{_RUN}.half"
            half.write_bytes(run.model_dump_json().encode())
            half.replace(folder / _RUN)

    def delete(self, owner: str, run: str) -> None:
        """Delete a run for good."""
        folder = self.folder(owner, run)
        if folder.is_dir():
            shutil.rmtree(folder)

    def _owned(self, owner: str) -> Path:
        if not _OWNER.fullmatch(owner):
            raise KeyError(owner)
        return self._folder / owner


def _read(file: Path) -> QuestionSet:
    """The questions of a file that was brought, its name without the server's folder."""
    size = file.stat().st_size
    if size > LARGEST:
        raise QuestionFileProblem(
            f"{file.name} has {size / 1e6:.1f} MB; a question file may have {LARGEST / 1e6:.0f} MB."
        )
    if b"\0" in file.read_bytes():
        raise QuestionFileProblem(f"{file.name} is no text file, so no question can be read in it.")
    try:
        found = read_questions(file)
    except QuestionFileProblem as problem:
        raise QuestionFileProblem(_named(str(problem), file)) from None
    refused = tuple(_named(sentence, file) for sentence in found.refused)
    if not found.questions:
        raise QuestionFileProblem(
            f"{file.name} holds no question: {len(refused):,} line"
            f"{'' if len(refused) == 1 else 's'} refused. The first: {refused[0]}"
        )
    if len(found.questions) > MOST_QUESTIONS:
        raise QuestionFileProblem(
            f"{file.name} holds {len(found.questions):,} questions; a run takes "
            f"{MOST_QUESTIONS:,} at most."
        )
    return QuestionSet(found.questions, refused)


def _named(sentence: str, file: Path) -> str:
    return sentence.replace(str(file), file.name)
