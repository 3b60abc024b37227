"""JATS tables to rows of cells: header rows joined over their columns, spans, groups of rows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from corpus.document import BlockKind
from corpus.readers.base import Piece, RawBlock
from corpus.readers.jats_text import GAP, flatten, has_text
from corpus.readers.xml_tree import Element, piece_text

Cell = tuple[Piece, ...]

_MAX_SPAN = 100
_MAX_COLUMNS = 500
_LONG_LABEL = 200
_LONG_HEADER = 1500
_DIGIT = re.compile(r"\d")
_INDENT = ("\u00a0", *map(chr, range(0x2000, 0x200B)), "\u202f", "\u3000")
_PARTS = {"thead": True, "tbody": False, "tfoot": False}


@dataclass(slots=True)
class _Row:
    """A row laid out on the table's grid.

    Attributes:
        cells: one for each column. A cell that spans rows is repeated in each; one that spans
            columns stands in the first of them only.
        spread: the same, with every cell repeated in all columns that it covers.
        own: the columns at which a cell begins in this very row.
        in_head: whether it stands in ``thead``.
        marked: whether every cell with text is a ``th``; ``bold`` whether all are set in bold.
    """

    cells: list[Cell] = field(default_factory=list)
    spread: list[Cell] = field(default_factory=list)
    own: list[int] = field(default_factory=list)
    in_head: bool = False
    marked: bool = False
    bold: bool = False

    def filled(self) -> list[int]:
        """The columns at which a cell with text begins in this row."""
        return [column for column in self.own if self.cells[column]]


def table_blocks(table: Element, raw: str, first: int) -> list[RawBlock]:
    """The header, group labels and rows of a table.

    Args:
        table: a ``table`` or ``array`` element.
        raw: the record's source.
        first: the index that the first of the blocks will have in its document.
    """
    rows = _layout(table, raw)
    if not rows:
        return []
    width = max(len(row.cells) for row in rows)
    blocks: list[RawBlock] = []
    heads = _header_rows(rows, raw)
    header: int | None = None
    columns: list[str] = []  # what the header says, column by column
    if heads:
        header = first
        cells = _join_header(rows[:heads], raw)
        columns = _texts(cells, raw)
        blocks.append(RawBlock(BlockKind.TABLE_HEADER, cells))
    group: int | None = None
    indented = False  # whether the rows under the group's label are set in
    labels = {n for n in range(heads, len(rows)) if _is_label(rows, n, width, raw)}
    for number in range(heads, len(rows)):
        row, at = rows[number], first + len(blocks)
        if number in labels:
            group, indented = at, _is_indented(rows[number + 1], raw)
            blocks.append(RawBlock(BlockKind.TABLE_HEADER, (row.cells[0],)))
        elif _is_inner_header(row, raw) or (header is not None and _repeats(row, columns, raw)):
            header, group, columns = at, None, _texts(row.spread, raw)
            blocks.append(RawBlock(BlockKind.TABLE_HEADER, _trimmed(row.spread)))
        elif any(row.cells):
            if indented and not _is_indented(row, raw):
                group, indented = None, False
            cells = _trimmed(row.cells) if header is not None else tuple(filter(None, row.cells))
            blocks.append(RawBlock(BlockKind.TABLE_ROW, cells, header=header, group=group))
    return blocks


def _header_rows(rows: Sequence[_Row], raw: str) -> int:
    """How many rows at the top are the header."""
    count = 0
    while count < len(rows) and rows[count].in_head:
        count += 1
    if count:
        # A head may go on in the body: words over columns, and nothing at the left.
        while count + 1 < len(rows) and _goes_on(rows, count, raw):
            count += 1
        return count
    while count < len(rows) and rows[count].marked:
        count += 1
    if 0 < count < len(rows):
        return count if any(len(r.filled()) > 1 for r in rows[:count]) else 0
    if len(rows) < 3 or len(rows[0].cells) < 2:
        return 0
    # No mark-up says so, but bold words, or words above columns of numbers, are their header.
    first = rows[0]
    if not all(cell and not _is_numeric(cell, raw) for cell in first.spread[1:]):
        return 0
    numeric = [
        sum(_is_numeric(r.cells[c], raw) for r in rows[1:] if c < len(r.cells))
        for c in range(1, len(first.cells))
    ]
    return int(first.bold or any(n >= 0.6 * (len(rows) - 1) for n in numeric))


def _goes_on(rows: Sequence[_Row], count: int, raw: str) -> bool:
    """Whether the row below the first ``count``, the head, belongs to it still.

    It stands above numbers and has none itself, and nothing at the left; or the head has not, and
    spans columns that this row tells apart.
    """
    row, below = rows[count], [r for r in rows[count + 1 : count + 4] if len(r.filled()) > 1]
    if not any(_is_mostly_numeric(other, raw) for other in below[:2]):
        return False
    filled = [column for column in row.filled() if column]
    if row.own[:1] != [0] or not filled or any(_is_numeric(row.cells[c], raw) for c in filled):
        return False
    spans = any(head.cells != head.spread for head in rows[:count])
    headless = not any(head.cells[0] for head in rows[:count])
    return not row.cells[0] or (spans and headless and len(filled) > 1)


def _is_mostly_numeric(row: _Row, raw: str) -> bool:
    """Whether at least half of a row's cells but the first are numbers."""
    numbers = [_is_numeric(row.cells[column], raw) for column in row.filled() if column]
    return any(numbers) and sum(numbers) * 2 >= len(numbers)


def _join_header(rows: Sequence[_Row], raw: str) -> tuple[Cell, ...]:
    """Header rows as one: over each column all texts that cover it, from top to bottom.

    Where that would be very long, a text over many columns stands over the first of them only.
    """
    wide = [_joined([row.spread for row in rows])]
    if sum(len(piece_text(p, raw)) for cell in wide[0] for p in cell) > _LONG_HEADER:
        wide.append(_joined([row.cells for row in rows]))
    return wide[-1]


def _joined(rows: Sequence[Sequence[Cell]]) -> tuple[Cell, ...]:
    width = max(len(row) for row in rows)
    merged: list[list[Piece]] = [[] for _ in range(width)]
    last: list[Cell] = [()] * width
    for row in rows:
        for column, cell in enumerate(row):
            if not cell or cell == last[column]:
                continue  # a cell that reaches down into the next header row says it once
            if merged[column]:
                merged[column].append(GAP)
            merged[column].extend(cell)
            last[column] = cell
    return _trimmed([tuple(cell) for cell in merged])


def _trimmed(cells: Sequence[Cell]) -> tuple[Cell, ...]:
    """The cells up to the last that has text."""
    last = max((n for n, cell in enumerate(cells) if cell), default=-1)
    return tuple(cells[: last + 1])


def _is_label(rows: Sequence[_Row], number: int, width: int, raw: str) -> bool:
    """Whether a row labels the rows below it: one short cell at the left, before full rows."""
    row = rows[number]
    filled = [column for column, cell in enumerate(row.cells) if cell]
    if width < 2 or filled != [0] or row.own[:1] != [0]:
        return False
    if len(_text(row.cells[0], raw)) > _LONG_LABEL:
        return False
    # The row below may be a label of a lower order.
    return any(len(below.filled()) > 1 for below in rows[number + 1 : number + 3])


def _is_inner_header(row: _Row, raw: str) -> bool:
    """Whether a row amid the table heads the columns below it."""
    filled = row.filled()
    if not row.marked or len(filled) < 2:
        return False
    whole = len(filled) == len(row.own) or (len(filled) == len(row.own) - 1 and 0 not in filled)
    return whole and not any(_is_numeric(row.cells[c], raw) for c in filled[1:])


def _repeats(row: _Row, columns: Sequence[str], raw: str) -> bool:
    """Whether a row says of its columns what the header says: it heads another part."""
    texts = _texts(row.spread, raw)
    return len(texts) > 2 and texts[1:] == columns[1:] and any(texts[1:])


def _is_indented(row: _Row, raw: str) -> bool:
    """Whether a row is set in under a label, or goes on with the row above it."""
    if row.own[:1] != [0] or not row.cells[0]:
        return True
    text = "".join(piece_text(p, raw) for p in row.cells[0]).lstrip(" \t\r\n")
    return text.startswith(_INDENT)


def _layout(table: Element, raw: str) -> list[_Row]:
    """The rows of a table on its grid, column and row spans resolved."""
    rows: list[_Row] = []
    hanging: dict[int, tuple[int, Cell]] = {}  # column: (rows still to come, cell)
    was_head = False
    for node, in_head in _rows_of(table):
        if was_head and not in_head:
            hanging.clear()  # no cell reaches from the head into the body
        was_head = in_head
        cells = list(node.all("td", "th", "entry"))
        texts = [tuple(p) if has_text(p, raw) else () for p in (flatten(c, raw) for c in cells)]
        row = _Row(in_head=in_head)
        with_text = [c for c, text in zip(cells, texts, strict=True) if text]
        row.marked = bool(with_text) and all(_is_head_cell(c) for c in with_text)
        row.bold = bool(with_text) and all(_is_bold(c, raw) for c in with_text)
        for cell, text in zip(cells, texts, strict=True):
            _take_hanging(row, hanging)
            if len(row.cells) < _MAX_COLUMNS:
                _place(row, cell, text, hanging, raw)
        while any(column >= len(row.cells) for column in hanging):
            if len(row.cells) not in hanging:
                row.cells.append(())
                row.spread.append(())
            _take_hanging(row, hanging)
        if any(row.cells):
            rows.append(row)
    return rows


def _place(
    row: _Row, node: Element, cell: Cell, hanging: dict[int, tuple[int, Cell]], raw: str
) -> None:
    columns, below = _span(node, "colspan"), _span(node, "rowspan") - 1
    repeated = cell if len(_text(cell, raw)) <= _LONG_LABEL else ()
    row.own.append(len(row.cells))
    for offset in range(columns):
        if below > 0:
            hanging[len(row.cells)] = (below, repeated if offset == 0 else ())
        row.cells.append(cell if offset == 0 else ())
        row.spread.append(cell)


def _take_hanging(row: _Row, hanging: dict[int, tuple[int, Cell]]) -> None:
    """Fill the columns that cells of earlier rows reach down into."""
    while (column := len(row.cells)) in hanging and column not in row.own:
        left, cell = hanging.pop(column)
        row.cells.append(cell)
        row.spread.append(cell)
        if left > 1:
            hanging[column] = (left - 1, cell)


def _span(node: Element, name: str) -> int:
    value = node.attributes.get(name, "").strip()
    return min(int(value), _MAX_SPAN) if value.isascii() and value.isdigit() and int(value) else 1


def _rows_of(table: Element) -> Iterator[tuple[Element, bool]]:
    """The rows of this table with whether they stand in its head; the foot comes last."""
    late: list[Element] = []
    for child in table.all("tr", "row", "thead", "tbody", "tfoot", "tgroup"):
        if child.tag in ("tr", "row"):
            yield child, False
        elif child.tag == "tgroup":
            yield from _rows_of(child)
        elif child.tag == "tfoot":
            late.append(child)
        else:
            yield from ((row, _PARTS[child.tag]) for row in child.all("tr", "row"))
    for part in late:
        yield from ((row, False) for row in part.all("tr", "row"))


def _is_head_cell(cell: Element) -> bool:
    scope = cell.attributes.get("scope", "").lower()
    return cell.tag == "th" and scope not in ("row", "rowgroup")


def _is_bold(cell: Element, raw: str) -> bool:
    bold = sum(len(n.text(raw)) for n in cell.elements() if n.tag == "bold")
    return 0 < len(cell.text(raw)) <= bold


def _text(cell: Cell, raw: str) -> str:
    return " ".join("".join(piece_text(p, raw) for p in cell).split())


def _texts(cells: Sequence[Cell], raw: str) -> list[str]:
    return [_text(cell, raw) for cell in cells]


def _is_numeric(cell: Cell, raw: str) -> bool:
    text = _text(cell, raw)
    return bool(_DIGIT.search(text)) and sum(c.isalpha() for c in text) <= len(text) / 3
