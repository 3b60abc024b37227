"""An earlier run, read from the file it left: figures (``.json``) or answers (``.jsonl``)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from qa.answer import Answer
from qa.cases import Case, cases, gold_name
from qa.comparing import Run
from qa.gold import Gold
from qa.jsonl import describe, parse, read_lines
from qa.opening import WrongUse
from qa.outcome import judge
from qa.question_set import Question


class _Result(BaseModel):
    """What is read of a file of figures."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    risk: float | None
    models: dict[str, str]
    index: dict[str, str | int]
    questions: tuple[Case, ...]


def read_earlier(
    path: Path, questions: Sequence[Question], gold: Gold, *, risk: float | None
) -> Run:
    """Read an earlier run to compare with.

    Args:
        path: figures as ``pincite eval --json`` writes them, judged by the gold of then; or
            answers as ``--answers`` and ``pincite batch`` write them, judged by the gold of now.
        questions: the questions of now.
        gold: finds their evidence.
        risk: the accepted share of wrong answers of now; an answers file does not say its own.

    Raises:
        WrongUse: the file cannot be read, is something else, or holds none of the questions.
    """
    try:
        if path.suffix.lower() == ".json":
            run = _figures(path)
        else:
            run = _answers(path, questions, gold, risk)
    except OSError as error:
        raise WrongUse(f"{path} cannot be read: {error.strerror or error}.") from error
    now = {(q.id, q.question, q.earlier, gold_name(q)) for q in questions}
    if not any((c.id, c.question, c.history, c.gold) in now for c in run.cases):
        raise WrongUse(
            f"{path} cannot be compared with: it holds none of these questions with the same id, "
            f"words and gold. {' '.join(run.remarks)}".rstrip()
        )
    return run


def _figures(path: Path) -> Run:
    try:
        found = _Result.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise WrongUse(
            f"{path} cannot be compared with: it {describe(error)}. It must be what 'pincite eval "
            "--json' of this version wrote, or an answers file (.jsonl)."
        ) from None
    return Run(path.name, found.questions, found.risk, found.models, found.index)


def _answers(path: Path, questions: Sequence[Question], gold: Gold, risk: float | None) -> Run:
    asked = {question.id: question for question in questions}
    outcomes, others, gone = [], 0, 0
    remarks: list[str] = []
    models: dict[str, str] = {}
    index: dict[str, str | int] = {}
    for line in read_lines(path):
        if not line.text.strip():
            continue
        try:
            answer = parse(Answer, line.text)
        except ValueError as error:
            remarks.append(f"{path.name}, line {line.number} {error}, and is passed over.")
            continue
        models, index = answer.models, answer.index
        question = asked.get(answer.id or "")
        # An assistant folds white space.
        if question is None or question.question.split() != answer.question.split():
            others += 1
        elif not gold.knows(answer):
            gone += 1
        else:
            outcomes.append(judge(question, answer, 0.0, gold))
    for number, one, more, what in (
        (others, "belongs", "belong", "to none of these questions"),
        (gone, "was read", "were read", "from documents that the index does not hold as they were"),
    ):
        if number:
            remarks.append(f"{number} of its answers {one if number == 1 else more} {what}.")
    return Run(path.name, cases(outcomes), risk, models, index, tuple(remarks))
