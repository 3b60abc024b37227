"""Rows laid out on a table's grid to blocks: which are its title, its header, its group labels."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from corpus.document import BlockKind
from corpus.readers.base import Piece, RawBlock

Cell = tuple[Piece, ...]
Table = TypeVar("Table")

LONG_LABEL = 200
"""A longer cell that spans rows is given once, not beside each of them."""

_DIGIT = re.compile(r"\d")


@dataclass(slots=True)
class GridRow(Generic[Table]):
    """A row laid out on the table's grid.

    Attributes:
        cells: one for each column; ``()`` where a cell to the left reaches over the column.
        own: the columns at which a cell begins in this very row.
        marked: whether every cell with text is marked as a header (or set in bold as a whole).
        in_head: whether it is stated to belong to the table's head.
        whole: whether it is one cell that spans the table.
        tables: the tables inside its cells.
    """

    cells: list[Cell] = field(default_factory=list)
    own: list[int] = field(default_factory=list)
    marked: bool = False
    in_head: bool = False
    whole: bool = False
    tables: list[Table] = field(default_factory=list)

    def filled(self) -> list[Cell]:
        """The cells that begin here and have text."""
        return [self.cells[i] for i in self.own if self.cells[i]]


def add_rows(
    rows: Sequence[GridRow[Table]],
    text_of: Callable[[Cell], str],
    first: int,
    blocks: list[RawBlock],
    add_inner: Callable[[Table], None],
) -> None:
    """Append the blocks of a table's rows: titles, header, group labels and rows.

    Args:
        rows: from top to bottom.
        text_of: the text of a cell.
        first: the index that the first of ``blocks`` has in its document.
        blocks: the blocks so far.
        add_inner: appends the blocks of a table that stands in a cell; it follows its row.
    """
    rows = rows[_take_titles(rows, blocks) :]
    heads = _header_rows(rows, text_of)
    header: int | None = None
    group: int | None = None
    if heads:
        header = first + len(blocks)
        blocks.append(RawBlock(BlockKind.TABLE_HEADER, _merge(rows[:heads])))
    for number, row in enumerate(rows):
        filled, at = row.filled(), first + len(blocks)
        if number < heads or not filled:
            pass
        elif row.marked and len(filled) > 1 and len(filled) == sum(map(bool, row.cells)):
            header, group = at, None
            blocks.append(RawBlock(BlockKind.TABLE_HEADER, tuple(row.cells)))
        elif row.whole and not (group == at - 1 and rows[number - 1].marked > row.marked):
            group = at
            blocks.append(RawBlock(BlockKind.TABLE_HEADER, (filled[0],)))
        else:
            cells = tuple(row.cells) if header is not None else tuple(filled)
            blocks.append(RawBlock(BlockKind.TABLE_ROW, cells, header=header, group=group))
        for inner in row.tables:
            add_inner(inner)


def _take_titles(rows: Sequence[GridRow[Table]], blocks: list[RawBlock]) -> int:
    """Make captions of the rows at the top that span the table; returns how many there are.

    The last of them labels a group instead where more such rows follow below.
    """
    count = 0
    while count < len(rows) and rows[count].whole:
        count += 1
    if count and any(row.whole for row in rows[count:]):
        count -= 1
    for row in rows[:count]:
        blocks.extend(RawBlock(BlockKind.CAPTION, (cell,)) for cell in row.filled())
    return count


def _header_rows(rows: Sequence[GridRow[Table]], text_of: Callable[[Cell], str]) -> int:
    """How many rows at the top are the header."""
    count = 0
    while count < len(rows) and rows[count].in_head:
        count += 1
    if count:
        return count
    while count < len(rows) and rows[count].marked:
        count += 1
    if count == len(rows) or count > 3:
        return 0
    if count or len(rows) < 3:
        return count if any(len(r.filled()) > 1 for r in rows[:count]) else 0
    # No mark-up says so, but words above columns of numbers are their header.
    numeric = [
        sum(_is_numeric(text_of(r.cells[c])) for r in rows[1:] if c < len(r.cells))
        for c in range(len(rows[0].cells))
    ]
    plain = all(c and not _is_numeric(text_of(c)) for c in rows[0].cells[1:])
    return int(plain and any(n >= 0.6 * (len(rows) - 1) for n in numeric[1:]))


def _merge(rows: Sequence[GridRow[Table]]) -> tuple[Cell, ...]:
    """Header rows as one: under each column the texts that begin there, from top to bottom."""
    width = max(len(row.cells) for row in rows)
    merged: list[list[Piece]] = [[] for _ in range(width)]
    for row in rows:
        for column in row.own:
            cell = row.cells[column]
            if cell and merged[column]:
                merged[column].append(Piece(cell[0].start, cell[0].start + 1, " "))
            merged[column].extend(cell)
    return tuple(tuple(cell) for cell in merged)


def _is_numeric(text: str) -> bool:
    text = text.strip()
    return bool(_DIGIT.search(text)) and sum(c.isalpha() for c in text) <= len(text) / 3
