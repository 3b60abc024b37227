"""``pincite export``: the sources that answers cite, for a reference manager."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qa import terminal
from qa.opening import WrongUse

if TYPE_CHECKING:
    from qa.answer import Answer
    from qa.jsonl import Line

STDIN = Path("-")


class Format(StrEnum):
    """The formats of a bibliography."""

    BIBTEX = "bibtex"
    RIS = "ris"
    CSL_JSON = "csl-json"


def export(
    answers: Annotated[
        Path, typer.Argument(metavar="ANSWERS", help="Answers file: .jsonl; - for standard input.")
    ],
    format_: Annotated[
        Format, typer.Option("--format", help="Format of the bibliography.", show_default=False)
    ],
    out: Annotated[
        Path | None, typer.Option("-o", "--out", metavar="OUT", help="File to write.")
    ] = None,
) -> None:
    """Write the cited sources of an answers file, each once, for a reference manager."""
    if out is not None and not out.parent.is_dir():
        raise WrongUse(f"{out} cannot be written: there is no folder {out.parent}.")
    if out is not None and out.exists() and answers.exists() and out.samefile(answers):
        raise WrongUse(f"{out} is the answers file itself; choose another name for the output.")
    from qa.bibliography import WRITERS, cited_documents

    documents = cited_documents(_answers(answers))
    text = WRITERS[format_](documents)
    if out is None:
        typer.echo(text, nl=False)
        return
    try:
        out.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise WrongUse(f"{out} cannot be written: {error.strerror or error}.") from error
    typer.echo(f"{terminal.count(len(documents), 'source')} in {out}")


def _answers(path: Path) -> Iterator[Answer]:
    """The answers of a file, all of them or none.

    Raises:
        WrongUse: the file cannot be read, or holds something else.
    """
    from qa.answer import Answer
    from qa.jsonl import parse

    name = "standard input" if path == STDIN else str(path)
    number = 0
    try:
        for line in _lines(path):
            if not line.text.strip():
                continue
            number += 1
            try:
                yield parse(Answer, line.text)
            except ValueError as error:
                raise WrongUse(f"{name} is no answers file: line {line.number} {error}.") from None
    except OSError as error:
        raise WrongUse(f"{name} cannot be read: {error.strerror or error}.") from error
    if not number:
        raise WrongUse(f"{name} holds no answers.")


def _lines(path: Path) -> Iterator[Line]:
    from qa.jsonl import lines_in, read_lines

    return lines_in(sys.stdin.buffer) if path == STDIN else read_lines(path)
