"""Printed lines to rows of cells: where the columns of a table part, and where its rows begin."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from corpus.readers.pdf_lines import rows_of
from corpus.readers.pdf_pages import Word

Cell = list[list[Word]]
"""The printed lines of a cell; [] where it is empty."""

_GAP = 0.55  # of the type size: wider than a space between words, except in loose lines
_SPACE = 0.4  # the widest space between words of one text
_CROSSING = 0.08  # the share of lines that may cross a gap between columns
_BIGGER = 1.18
_DIGIT = re.compile(r"\d")
_GOES_ON = re.compile(r"[a-z(\[%/&,;+–-]|[<≥≤>=±]|and\b|or\b")
_NUMBER = re.compile(r"[<>≤≥=~±+−–-]?\s*\d[\d.,:/%()\[\]±–−\s<>=*+-]*")


@dataclass(slots=True)
class Grid:
    """A table as rows of cells.

    Attributes:
        rows: from top to bottom; every row has a cell for each column, a label has one.
        has_header: whether the first row heads the others.
        labels: the rows that name those below them.
        edges: the x of the borders between its columns, outer ones included.
        start, end: the lines of a column that it was made of, where it was made of such.
    """

    rows: list[list[Cell]]
    has_header: bool
    labels: frozenset[int] = frozenset()
    edges: list[float] = field(default_factory=list)
    start: int = 0
    end: int = 0

    @property
    def words(self) -> list[Word]:
        """All its words; one that stands in several cells is there several times."""
        return [word for row in self.rows for cell in row for line in cell for word in line]


@dataclass(slots=True)
class PlacedTable:
    """A table on a page: its grid, and the box that it stands in (layout frame)."""

    grid: Grid
    box: tuple[float, float, float, float]


def cell_text(cell: Cell) -> str:
    """The words of a cell, a space apart."""
    return " ".join(word.text for line in cell for word in line)


def column_edges(lines: Sequence[Sequence[Word]], left: float, right: float) -> list[float]:
    """The borders of the columns that the lines leave free between them.

    Args:
        lines: printed lines, each from left to right; those without a gap are not asked.
        left: the outer border on the left.
        right: that on the right.
    """
    asked = [line for line in lines if len(_parts(line)) > 1]
    if not asked:
        return [left, right]
    size = sorted(word.size for line in asked for word in line)[len(asked[0]) // 2]
    changes: list[tuple[float, int]] = []
    for line in asked:
        for part in _joined(line, 0.3):
            changes += [(part[0], 1), (part[1], -1)]
    changes.sort()
    allowed = int(_CROSSING * len(asked))
    edges, covering = [left], 0
    since = None
    for x, change in changes:
        if since is not None and covering <= allowed and covering + change > allowed:
            if x - since >= _GAP * size and edges[-1] < since and changes[0][0] < since:
                edges.append((since + x) / 2)
            since = None
        covering += change
        if covering <= allowed and since is None:
            since = x
    return [*edges, right]


def _parts(line: Sequence[Word]) -> list[tuple[float, float]]:
    return _joined(line, 2 * _GAP)


def _joined(line: Sequence[Word], gap: float) -> list[tuple[float, float]]:
    """The stretches of ink on a line, narrower gaps than ``gap`` (of the type size) filled."""
    out: list[tuple[float, float]] = []
    for word in line:
        if out and word.x0 - out[-1][1] <= gap * word.size:
            out[-1] = out[-1][0], max(out[-1][1], word.x1)
        else:
            out.append((word.x0, word.x1))
    return out


def to_columns(line: Sequence[Word], edges: Sequence[float]) -> list[list[Word]]:
    """The words of a line by column; a text that runs over a border stays whole.

    It is parted there only where the gap between its words is wider than a space.
    """
    columns: list[list[Word]] = [[] for _ in edges[1:]]
    for part in _segments(line):
        rest: list[Word] = []
        for word in part:
            parted = rest and word.x0 - rest[-1].x1 > _SPACE * word.size
            if parted and _column(word, edges) != _column(rest[-1], edges):
                columns[_of_most(rest, edges)].extend(rest)
                rest = []
            rest.append(word)
        columns[_of_most(rest, edges)].extend(rest)
    return columns


def _column(word: Word, edges: Sequence[float]) -> int:
    middle = (word.x0 + word.x1) / 2
    return sum(middle > edge for edge in edges[1:-1])


def _of_most(words: Sequence[Word], edges: Sequence[float]) -> int:
    """The column that most of a text's width stands in."""
    wide = [0.0] * (len(edges) - 1)
    for word in words:
        wide[_column(word, edges)] += word.x1 - word.x0
    return wide.index(max(wide))


@dataclass(slots=True)
class _Printed:
    """One printed line of a table's body, by columns."""

    columns: list[list[Word]]
    top: float
    bottom: float
    across: bool

    @property
    def filled(self) -> list[int]:
        return [i for i, words in enumerate(self.columns) if words]

    @property
    def text(self) -> str:
        return " ".join(word.text for words in self.columns for word in words)


def split_rows(words: Sequence[Word], edges: Sequence[float]) -> tuple[list[list[Cell]], set[int]]:
    """Rows of cells, and which of the rows only name those below them.

    A row begins where the step from line to line is larger than inside a cell; where all steps
    are alike, with a line that fills the first column and another.
    """
    printed = [_printed(line, edges) for line in rows_of(words)]
    rows: list[list[_Printed]] = []
    steps = [b.bottom - a.bottom for a, b in pairwise(printed)]
    tight = _tight(printed, steps)
    for i, line in enumerate(printed):
        if not rows or _begins_row(printed, i, rows[-1], steps, tight):
            rows.append([])
        rows[-1].append(line)
    cells = [
        [[p.columns[c] for p in row if p.columns[c]] for c in range(len(edges) - 1)] for row in rows
    ]
    labels = {i for i, row in enumerate(rows) if _is_label(rows, i, row)}
    return [[_as_one(row)] if i in labels else row for i, row in enumerate(cells)], labels


def _printed(line: list[Word], edges: Sequence[float]) -> _Printed:
    columns = to_columns(line, edges)
    parts = _joined(line, 0.8)
    across = len(parts) == 1 and any(
        parts[0][0] < edge - 2 and parts[0][1] > edge + 2 for edge in edges[1:-1]
    )
    return _Printed(columns, min(w.y0 for w in line), max(w.y1 for w in line), across)


def _tight(printed: Sequence[_Printed], steps: Sequence[float]) -> float | None:
    """The largest step inside a cell; None where steps do not tell rows from lines of a cell."""
    if len(set(map(round, steps))) < 2 and len(steps) < 2:
        return None
    usable = [step for step in steps if step > 1]
    if not usable or max(usable) < _BIGGER * min(usable):
        return None
    limit = _BIGGER * min(usable)
    inner = [b for (_, b), step in zip(pairwise(printed), steps, strict=True) if step <= limit]
    whole = sum(map(_is_whole, inner))
    return None if whole > 0.5 * len(inner) else limit


def _is_whole(line: _Printed) -> bool:
    """Whether a line can be a row of its own: nearly all cells filled, none in mid-sentence."""
    if 0 not in line.filled or len(line.filled) < max(2, 0.7 * len(line.columns)):
        return False
    return not any(_GOES_ON.match(line.columns[i][0].text) for i in line.filled[1:])


def _begins_row(
    printed: Sequence[_Printed],
    i: int,
    row: Sequence[_Printed],
    steps: Sequence[float],
    tight: float | None,
) -> bool:
    line = printed[i]
    if tight is not None:
        return steps[i - 1] > tight
    if 0 not in line.filled:
        return not row[0].filled or row[0].across
    if len(line.filled) > 1:
        label = row[-1]
        # A label of several lines whose figures stand beside its last one.
        alone = all(p.filled == [0] and not p.across for p in row)
        return not (alone and _GOES_ON.match(line.text) and not label.text.endswith(":"))
    if line.across:
        return True
    first = row[0].columns[0]
    indented = bool(first) and line.columns[0][0].x0 > first[0].x0 + 2
    following = printed[i + 1] if i + 1 < len(printed) else None
    deeper = (
        following is not None
        and bool(following.columns[0])
        and following.columns[0][0].x0 > line.columns[0][0].x0 + 2
    )
    goes_on = _GOES_ON.match(line.text) is not None or indented
    return deeper or not goes_on


def _is_label(rows: Sequence[Sequence[_Printed]], i: int, row: Sequence[_Printed]) -> bool:
    """Whether a row has only one text, at the left, and rows of figures follow."""
    if len(row[0].columns) < 2 or i + 1 >= len(rows):
        return False
    if not all(p.across or p.filled == [0] for p in row):
        return False
    return any(len(p.filled) > 1 and not p.across for p in rows[i + 1]) or (
        i + 2 < len(rows) and any(len(p.filled) > 1 for p in rows[i + 2])
    )


def _as_one(row: list[Cell]) -> Cell:
    """A label that reaches over columns, as one cell."""
    lines: list[list[Word]] = []
    for words in rows_of([word for cell in row for line in cell for word in line]):
        lines.append(words)
    return lines


def header_cells(words: Sequence[Word], edges: Sequence[float]) -> list[Cell]:
    """The heads of the columns; a head that reaches over several stands in each of them."""
    cells: list[Cell] = [[] for _ in edges[1:]]
    lines = rows_of(words)
    for number, line in enumerate(lines):
        for part in _segments(line):
            x0, x1 = part[0].x0, part[-1].x1
            covered = [
                i
                for i, (left, right) in enumerate(pairwise(edges))
                if min(x1, right) - max(x0, left) > 0.4 * min(x1 - x0, right - left)
            ]
            below = [set(_filled(rest, edges)) for rest in lines[number + 1 :]]
            if len(covered) > 1 and any(set(covered) <= filled for filled in below):
                for i in covered:
                    cells[i].append(part)
                continue
            for i, own in enumerate(to_columns(part, edges)):
                if own:
                    cells[i].append(own)
    return cells


def _filled(line: Sequence[Word], edges: Sequence[float]) -> list[int]:
    return [i for i, own in enumerate(to_columns(line, edges)) if own]


def _segments(line: Sequence[Word]) -> list[list[Word]]:
    parts: list[list[Word]] = []
    for word in line:
        if parts and word.x0 - parts[-1][-1].x1 <= _GAP * 1.2 * word.size:
            parts[-1].append(word)
        else:
            parts.append([word])
    return parts


def heads(rows: Sequence[Sequence[Cell]]) -> bool:
    """Whether the first row heads the others: bold, or words over figures."""
    first = [cell for cell in rows[0] if cell]
    if all(word.bold for cell in first for line in cell for word in line):
        return True
    texts = [cell_text(cell) for cell in rows[0][1:]]
    wordy = all(sum(c.isalpha() for c in text) > len(text) / 3 for text in texts)
    return wordy and any(_DIGIT.search(cell_text(cell)) for row in rows[1:] for cell in row[1:])


def mostly_numbers(row: Sequence[Cell]) -> bool:
    """Whether the cells behind the first are figures."""
    texts = [cell_text(cell) for cell in row[1:] if cell]
    return bool(texts) and sum(_NUMBER.fullmatch(t) is not None for t in texts) > len(texts) / 2
