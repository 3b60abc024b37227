"""Question sets: what is asked, and where it is known, what a right answer is."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    field_validator,
    model_validator,
)

from qa.jsonl import describe, is_text, parse, read_lines

FORMATS = (".jsonl", ".csv", ".txt", ".md")
_LISTS = ("answers", "evidence", "tags", "history", "documents")
_LIST_CELL: TypeAdapter[list[Any]] = TypeAdapter(list[Any])
_YEARS = re.compile(r"(\d*)\s*(?:([|–-])\s*(\d*))?")
_LIST_MARK = re.compile(r"(?:[-*+]|\d+[.)])\s+")


class _Part(BaseModel):
    """Base of a question and its parts: immutable; what it does not know, it ignores."""

    model_config = ConfigDict(
        frozen=True, extra="ignore", coerce_numbers_to_str=True, str_strip_whitespace=True
    )

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, data: object) -> object:
        # Other programs write an absent value as null.
        if isinstance(data, dict):
            return {key: value for key, value in data.items() if value is not None}
        return data


class Evidence(_Part):
    """Words that answer a question: a quote in a source, or its exact place, or both.

    ``start`` and ``end`` are characters of the decoded source file, half-open; they come together.
    """

    source: str
    quote: str = ""
    start: int | None = Field(default=None, ge=0)
    end: int | None = None

    @model_validator(mode="after")
    def _names_words(self) -> Self:
        if (self.start is None) != (self.end is None):
            raise ValueError('"start" and "end" of an evidence must come together')
        if self.start is not None and self.end is not None and self.end <= self.start:
            raise ValueError('the "end" of an evidence must lie after its "start"')
        return self


class EarlierQuestion(_Part):
    """A question that was asked before in the same conversation."""

    question: str = Field(min_length=1)


class Question(_Part):
    """One question of a set.

    Attributes:
        id: names the question in its set.
        question: what is asked.
        answerable: False where the collection holds no answer and must decline.
        answers: short answers, any of which is right.
        evidence: every place that answers.
        tags: groups that figures are also given for.
        history: what was asked before, oldest first.
        documents: sources or ids of the documents that alone may answer; none for all.
        years: the first and the last year of the documents that may answer, both included; null
            for an open end.
    """

    id: str = ""
    question: str = Field(min_length=1)
    answerable: bool = True
    answers: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    tags: tuple[str, ...] = ()
    history: tuple[EarlierQuestion, ...] = ()
    documents: tuple[str, ...] = ()
    years: tuple[int | None, int | None] | None = None

    @field_validator("years", mode="before")
    @classmethod
    def _years_in_a_cell(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        if value.startswith("["):
            return _list_cell("years", value)
        parts = _YEARS.fullmatch(value)
        if parts is None:
            raise ValueError("must be the first and the last year, as in 1998-2004")
        first, between, last = parts.groups()
        return first or None, (last if between else first) or None

    @field_validator("years")
    @classmethod
    def _years_in_order(cls, value: tuple[int | None, int | None] | None) -> object:
        first, last = value or (None, None)
        if first is not None and last is not None and first > last:
            raise ValueError(f"the first year, {first}, comes after the last, {last}")
        return None if first is None and last is None else value

    @field_validator("history", mode="before")
    @classmethod
    def _bare_strings(cls, value: object) -> object:
        if isinstance(value, list):
            return [{"question": item} if isinstance(item, str) else item for item in value]
        return value

    @property
    def earlier(self) -> tuple[str, ...]:
        """The earlier questions' words, oldest first, as ``ask`` takes them."""
        return tuple(item.question for item in self.history)


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """The questions of a file in its order, and one sentence for each line that was refused."""

    questions: tuple[Question, ...]
    refused: tuple[str, ...] = ()


class QuestionFileProblem(Exception):
    """A question file that cannot be used at all; the message is for the person."""


def read_questions(path: Path) -> QuestionSet:
    """Read a question set: JSON lines, CSV with the same columns, or one question a line.

    A bad line is refused with a sentence and the others go on. A question without an id is named
    after its line, ``q7``; an id that came before is refused.

    Raises:
        QuestionFileProblem: there is no such file, its kind is unknown, or nothing is in it.
    """
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        raise QuestionFileProblem(
            f"{path} is no question file that can be read: its name must end in "
            f"{', '.join(FORMATS[:-1])} or {FORMATS[-1]}."
        )
    if path.is_dir():
        raise QuestionFileProblem(f"{path} is a folder, not a question file.")
    questions: dict[str, Question] = {}
    lines: dict[str, int] = {}
    refused: list[str] = []
    try:
        for number, result in _records(path, suffix):
            if isinstance(result, str):
                refused.append(f"{path}, line {number}: {result}.")
                continue
            question = result if result.id else result.model_copy(update={"id": f"q{number}"})
            if question.id in questions:
                refused.append(
                    f'{path}, line {number}: the id "{question.id}" '
                    f"stands already in line {lines[question.id]}."
                )
                continue
            questions[question.id] = question
            lines[question.id] = number
    except OSError as error:
        reason = error.strerror or str(error)
        raise QuestionFileProblem(f"{path} cannot be read: {reason}.") from error
    if not questions and not refused:
        raise QuestionFileProblem(f"{path} holds no question.")
    return QuestionSet(tuple(questions.values()), tuple(refused))


def _records(path: Path, suffix: str) -> Iterator[tuple[int, Question | str]]:
    """Give line numbers with the question that stands there, or the reason why none does."""
    if suffix == ".csv":
        yield from _csv_records(path)
        return
    for line in read_lines(path):
        text = line.text.strip()
        if suffix == ".md":
            text = "" if text.startswith("#") else _LIST_MARK.sub("", text, count=1)
        if not text:
            continue
        try:
            yield line.number, parse(Question, text) if suffix == ".jsonl" else _plain(text)
        except ValueError as error:
            yield line.number, str(error)


def _plain(text: str) -> Question:
    if not is_text(text):
        raise ValueError("is not UTF-8 text")
    return Question(question=text)


def _csv_records(path: Path) -> Iterator[tuple[int, Question | str]]:
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        text = file.read()
    head = text.partition("\n")[0]
    # Spreadsheets write semicolons where the comma is the decimal sign.
    delimiter = max(",;\t", key=head.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    columns = [name.strip() for name in next(rows, [])]
    if "question" not in columns:
        raise QuestionFileProblem(f'{path} has no column named "question" in its first line.')
    while True:
        number = rows.line_num + 1
        try:
            cells = next(rows, None)
            if cells is None:
                return
            if any(cell.strip() for cell in cells):
                yield number, _from_cells(dict(zip(columns, cells, strict=False)))
        except ValidationError as error:
            yield number, describe(error)
        except (ValueError, csv.Error) as error:
            yield number, str(error)


def _from_cells(cells: dict[str, str]) -> Question:
    record: dict[str, object] = {}
    for column, cell in cells.items():
        if not is_text(cell):
            raise ValueError("is not UTF-8 text")
        if cell.strip():
            record[column] = _list_cell(column, cell.strip()) if column in _LISTS else cell
    return Question.model_validate(record)


def _list_cell(column: str, cell: str) -> list[Any]:
    """Read a cell that holds several values: a JSON list, or values with ``|`` between them."""
    if cell.startswith("["):
        try:
            return _LIST_CELL.validate_json(cell)
        except ValidationError:
            raise ValueError(f'has a "{column}" that begins like a JSON list and is none') from None
    if column == "evidence":
        raise ValueError('has an "evidence" that is not a JSON list')
    return [value.strip() for value in cell.split("|") if value.strip()]
