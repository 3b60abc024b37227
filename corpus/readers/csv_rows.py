"""The rows of a file of separated values: what ``csv`` reads, each cell with its place."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from corpus.readers.base import Piece
from corpus.readers.columns import column_fields
from corpus.readers.records import Value

DELIMITERS = ",;\t|"
_SAMPLE = 200
_SEPARATOR = re.compile(r"sep=([,;\t|])[ \t]*(?:\r\n?|\n)", re.IGNORECASE)


class Row(NamedTuple):
    """A row: its place ``[start, end)`` in the text without its line end, and its cells."""

    start: int
    end: int
    cells: list[list[Piece]]


def rows(text: str, delimiter: str, start: int = 0) -> Iterator[Row]:
    """Cut a text into rows and cells as Python's ``csv`` does; a blank line has no cells.

    A cell in quotation marks may hold line ends, delimiters and, doubled, quotation marks. What
    stands behind its closing mark belongs to it. A mark that is never closed goes on to the end.

    Args:
        text: the decoded file.
        delimiter: one character.
        start: where to begin.
    """
    stop = re.compile(rf"[{re.escape(delimiter)}\r\n]")
    at, end = start, len(text)
    while at < end:
        begin, cells = at, []
        while True:
            cell, at = _cell(text, at, stop)
            cells.append(cell)
            if at < end and text[at] == delimiter:
                at += 1
                continue
            break
        yield Row(begin, at, cells if at > begin else [])
        at += 2 if text.startswith("\r\n", at) else 1


def _cell(text: str, at: int, stop: re.Pattern[str]) -> tuple[list[Piece], int]:
    """The pieces of the cell that begins at ``at``, and where it ends."""
    pieces: list[Piece] = []
    if text.startswith('"', at):
        at += 1
        while True:
            mark = text.find('"', at)
            if mark < 0:
                return [*pieces, Piece(at, len(text))], len(text)
            if mark > at:
                pieces.append(Piece(at, mark))
            at = mark + 1
            if not text.startswith('"', at):
                break
            pieces.append(Piece(mark, at + 1, '"'))
            at += 1
    match = stop.search(text, at)
    end = match.start() if match else len(text)
    if end > at:
        pieces.append(Piece(at, end))
    return pieces, end


def cell_value(text: str, first: int, pieces: list[Piece]) -> Value:
    """The words of a cell, its places counted from ``first``."""
    words = "".join(text[p.start : p.end] if p.text is None else p.text for p in pieces)
    return Value(words, tuple(Piece(p.start - first, p.end - first, p.text) for p in pieces))


class Shape(NamedTuple):
    """How a file is separated: the delimiter, where the first row begins, its usual width.

    ``agreeing`` is the share of the first rows that have that many cells.
    """

    delimiter: str
    start: int
    width: int
    agreeing: float


def shape_of(text: str) -> Shape:
    """Find the delimiter: the one whose header names most known columns, else the most even one."""
    separator = _SEPARATOR.match(text)
    start = separator.end() if separator else 0
    candidates = separator.group(1) if separator else DELIMITERS
    return max((_shape(text, start, delimiter) for delimiter in candidates), key=lambda s: s[1])[0]


def _shape(text: str, start: int, delimiter: str) -> tuple[Shape, tuple[int, float, int]]:
    sample = [row for row in islice(rows(text, delimiter, start), _SAMPLE) if row.cells]
    if not sample:
        return Shape(delimiter, start, 1, 1.0), (0, 0.0, 0)
    widths = Counter(len(row.cells) for row in sample)
    width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
    agreeing = count / len(sample)
    known = 0
    for row in sample[:20]:
        if len(row.cells) > 2:
            names = [cell_value(text, row.start, cell).text for cell in row.cells]
            known = max(known, len(column_fields(names)))
    even = agreeing if width > 1 else 0.0
    return Shape(delimiter, start, width, agreeing), (known if known > 1 else 0, even, width)
