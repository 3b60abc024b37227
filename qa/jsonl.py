"""JSON lines: one record a line, and each line judged by itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO, TypeVar

from pydantic import BaseModel, ValidationError

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a text file: its 1-based number and its words without the line end."""

    number: int
    text: str


def read_lines(path: Path) -> Iterator[Line]:
    """Read the lines of a UTF-8 text file, with or without a byte order mark.

    Only a line feed (after an optional carriage return) ends a line: a JSON string may hold any
    other character that Python would split at. Bytes that are not UTF-8 come through as lone
    surrogates, so that one bad line is refused by itself and not the file with it.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        yield from lines_in(file)


def lines_in(stream: BinaryIO) -> Iterator[Line]:
    """Read the lines of a stream of UTF-8 text; see ``read_lines``."""
    text_stream = TextIOWrapper(
        stream, encoding="utf-8-sig", errors="surrogateescape", newline="\n"
    )
    for number, text in enumerate(text_stream, start=1):
        yield Line(number, text.rstrip("\r\n"))
    text_stream.detach()


def is_text(words: str) -> bool:
    """Whether ``words`` can be written as UTF-8 (no lone surrogates)."""
    return words.isascii() or not any("\ud800" <= character <= "\udfff" for character in words)


def parse(model: type[Model], text: str) -> Model:
    """Read one line as a record.

    Raises:
        ValueError: it is not one; the message is a clause for the person, without the line number.
    """
    if not is_text(text):
        raise ValueError("is not UTF-8 text")
    try:
        return model.model_validate_json(text)
    except ValidationError as error:
        raise ValueError(describe(error)) from None


def describe(error: ValidationError) -> str:
    """Name the first thing that is wrong with a record, as a clause: ``has no "question"``."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    message = first["msg"]
    if first["type"] == "json_invalid":
        message = message.removeprefix("Invalid JSON: ").replace("at line 1 column", "at character")
        return f"is not valid JSON ({message})"
    if first["type"] in {"model_type", "model_attributes_type"} and not where:
        return "is not a JSON object"
    if first["type"] == "missing":
        return f'has no "{where}"'
    if first["type"] == "extra_forbidden":
        return f'has an unknown field "{where}"'
    message = message.removeprefix("Value error, ")
    return f'has a wrong "{where}": {message[:1].lower()}{message[1:]}'
