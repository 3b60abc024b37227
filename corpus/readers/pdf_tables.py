"""Tables in a PDF, where alignment makes them certain: rows of cells under one another."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from corpus.readers.pdf_lines import Line, Segment, segments_of
from corpus.readers.pdf_rows import Grid

_FEWEST_ROWS = 3
_ALIGNED = 4.0  # points
_DIGIT = re.compile(r"\d")


def find_grids(lines: Sequence[Line]) -> list[Grid]:
    """The tables among the lines of one column.

    A table is at least three lines in a row that have the same number of cells, three or more (or
    two, where the second are numbers well apart from the first), each under the one above.
    """
    cells = [[] if _is_justified(line) else segments_of(line.words) for line in lines]
    grids: list[Grid] = []
    start = 0
    while start < len(lines):
        end = start + 1
        while end < len(lines) and _continues(
            cells[end - 1], cells[end], lines[end - 1], lines[end]
        ):
            end += 1
        rows = cells[start:end]
        if end - start >= _FEWEST_ROWS and (len(rows[0]) >= 3 or _pairs(rows)):
            printed = [[[segment.words] for segment in row] for row in rows]
            grids.append(Grid(printed, _heads(rows), start=start, end=end))
        start = end
    return grids


def _is_justified(line: Line) -> bool:
    """Whether a full line of text was only spread out to reach the column's edge."""
    gaps = [b.x0 - a.x1 for a, b in pairwise(line.words) if b.spaced]
    even = len(gaps) >= 2 and max(gaps) - min(gaps) < 1.0
    words = sum(word.text[0].islower() for word in line.words)
    return even and line.x1 > line.right - 2 and words >= len(line.words) / 2


def _continues(above: list[Segment], cells: list[Segment], before: Line, line: Line) -> bool:
    if len(above) < 2 or len(above) != len(cells):
        return False
    if line.y0 - before.y0 > 3 * line.height:
        return False
    return all(_aligned(a, b) for a, b in zip(above, cells, strict=True))


def _aligned(a: Segment, b: Segment) -> bool:
    """Whether two cells share their left edge, right edge or middle."""
    left, right = abs(a.x0 - b.x0), abs(a.x1 - b.x1)
    middle = abs(a.x0 + a.x1 - b.x0 - b.x1) / 2
    return min(left, right, middle) <= _ALIGNED


def _pairs(rows: list[list[Segment]]) -> bool:
    """Two columns are a table only as labels with numbers, clearly apart."""
    body = rows[1:] if _heads(rows) else rows
    size = rows[0][0].words[0].size
    apart = all(row[1].x0 - row[0].x1 > 1.5 * size for row in rows)
    numbers = all(_DIGIT.search(_text(row[1])) for row in body)
    labels = all(not _text(row[0]).rstrip(".)]").isdigit() for row in body)
    return len(rows[0]) == 2 and len(body) >= _FEWEST_ROWS and apart and numbers and labels


def _heads(rows: list[list[Segment]]) -> bool:
    first = rows[0][1:]
    bold = all(word.bold for cell in rows[0] for word in cell.words)
    wordy = all(sum(c.isalpha() for c in _text(cell)) > len(_text(cell)) / 3 for cell in first)
    return bold or (wordy and any(_DIGIT.search(_text(c)) for row in rows[1:] for c in row[1:]))


def _text(cell: Segment) -> str:
    return " ".join(word.text for word in cell.words)
