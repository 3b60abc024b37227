"""HTML tables to rows of cells: header rows, group labels, spans, tables inside tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from corpus.document import BlockKind
from corpus.readers.base import Piece, RawBlock
from corpus.readers.html_tree import BLOCKS, HEADINGS, Node

Cell = tuple[Piece, ...]

_LONG_CELL = 600
_LONG_LABEL = 200
_MAX_SPAN = 100
_DIGIT = re.compile(r"\d")


@dataclass(slots=True)
class _Row:
    """A row laid out on the table's grid.

    Attributes:
        cells: one for each column; ``()`` where a cell to the left reaches over the column.
        own: the columns at which a cell begins in this very row.
        marked: whether every cell with text is a ``th`` (or set in bold as a whole).
        in_head: whether it stands in ``thead``.
        whole: whether it is one cell that spans the table.
        tables: the tables inside its cells.
    """

    cells: list[Cell] = field(default_factory=list)
    own: list[int] = field(default_factory=list)
    marked: bool = False
    in_head: bool = False
    whole: bool = False
    tables: list[Node] = field(default_factory=list)

    def filled(self) -> list[Cell]:
        """The cells that begin here and have text."""
        return [self.cells[i] for i in self.own if self.cells[i]]


def is_layout(table: Node) -> bool:
    """Whether a table only places things on the page, so that its text is running text."""
    if table.attributes.get("role", "").lower() in ("presentation", "none"):
        return True
    rows = [_cells_of(row) for row in _rows_of(table)]
    cells = [cell for row in rows for cell in row]
    if any(cell.tag == "th" for cell in cells) or _caption(table) is not None:
        return False
    if max((len(row) for row in rows), default=0) < 2 or len(rows) < 2:
        return True
    return any(cell.size > _LONG_CELL or _holds_heading(cell) for cell in cells)


def table_blocks(table: Node, source: str, first: int) -> list[RawBlock]:
    """The blocks of a data table: caption, header, group labels and rows.

    A table inside a cell follows the row that holds it, as rows of its own.

    Args:
        table: a ``table`` element.
        source: the page's source.
        first: the index that the first of the blocks will have in its document.
    """
    blocks: list[RawBlock] = []
    _one_table(table, source, first, blocks)
    return blocks


def flatten(node: Node, source: str, tables: list[Node] | None = None) -> Cell:
    """All text inside ``node`` as the pieces of one cell.

    Block borders and line breaks become white space. Tables inside are left out and noted in
    ``tables`` if that is given.
    """
    pieces: list[Piece] = []
    stack: list[Node | Piece] = list(reversed(node.children))
    while stack:
        item = stack.pop()
        if isinstance(item, Piece):
            pieces.append(item)
        elif item.tag == "table" and tables is not None:
            tables.append(item)
        else:
            if item.tag in BLOCKS or item.tag == "br":
                gap = Piece(item.start, item.end, "\n")
                pieces.append(gap)
                stack.append(gap)
            stack.extend(reversed(item.children))
    return tuple(pieces) if has_text(pieces, source) else ()


def has_text(pieces: Sequence[Piece], source: str) -> bool:
    """Whether the pieces hold anything but white space."""
    return any((source[p.start : p.end] if p.text is None else p.text).strip() for p in pieces)


def _one_table(table: Node, source: str, first: int, blocks: list[RawBlock]) -> None:
    """Append the blocks of one table and of those inside it."""
    caption = _caption(table)
    if caption is not None and (pieces := flatten(caption, source)):
        blocks.append(RawBlock(BlockKind.CAPTION, (pieces,)))
    rows = _layout(table, source)
    rows = rows[_take_titles(rows, blocks) :]
    heads = _header_rows(rows, source)
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
        elif row.whole:
            group = at
            blocks.append(RawBlock(BlockKind.TABLE_HEADER, (filled[0],)))
        else:
            cells = tuple(row.cells) if header is not None else tuple(filled)
            blocks.append(RawBlock(BlockKind.TABLE_ROW, cells, header=header, group=group))
        for inner in row.tables:
            _one_table(inner, source, first, blocks)


def _take_titles(rows: Sequence[_Row], blocks: list[RawBlock]) -> int:
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


def _header_rows(rows: Sequence[_Row], source: str) -> int:
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
        sum(_is_numeric(r.cells[c], source) for r in rows[1:] if c < len(r.cells))
        for c in range(len(rows[0].cells))
    ]
    plain = all(c and not _is_numeric(c, source) for c in rows[0].cells[1:])
    return int(plain and any(n >= 0.6 * (len(rows) - 1) for n in numeric[1:]))


def _merge(rows: Sequence[_Row]) -> tuple[Cell, ...]:
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


def _layout(table: Node, source: str) -> list[_Row]:
    """The rows of a table on its grid, column and row spans resolved.

    A cell that spans rows is repeated in each of them, as it is seen beside each; one that spans
    columns is given once, so that the columns after it stay in place.
    """
    rows: list[_Row] = []
    hanging: dict[int, tuple[int, Cell]] = {}  # column: (rows still to come, cell)
    for node in _rows_of(table):
        row = _Row(in_head=node.attributes.get("#head") == "1")
        cells = _cells_of(node)
        row.marked = bool(cells) and all(_is_marked(c) for c in cells if c.size)
        row.marked = row.marked and any(c.size for c in cells)
        row.whole = len(cells) == 1 and not hanging
        for cell in cells:
            _take_hanging(row, hanging)
            _place(row, cell, flatten(cell, source, row.tables), hanging)
        _take_hanging(row, hanging)
        while row.cells and not row.cells[-1]:
            row.cells.pop()
        row.own = [c for c in row.own if c < len(row.cells)]
        if row.cells or row.tables:
            rows.append(row)
    width = max((len(row.cells) for row in rows), default=0)
    for row in rows:
        row.whole = row.whole and width > 1 and not row.tables
    return rows


def _place(row: _Row, node: Node, cell: Cell, hanging: dict[int, tuple[int, Cell]]) -> None:
    columns, below = _span(node, "colspan"), _span(node, "rowspan") - 1
    repeated = cell if node.size <= _LONG_LABEL else ()
    row.own.append(len(row.cells))
    for offset in range(columns):
        if below > 0:
            hanging[len(row.cells)] = (below, repeated if offset == 0 else ())
        row.cells.append(cell if offset == 0 else ())


def _take_hanging(row: _Row, hanging: dict[int, tuple[int, Cell]]) -> None:
    """Fill the columns that cells of earlier rows reach down into."""
    while (column := len(row.cells)) in hanging and column not in row.own:
        left, cell = hanging.pop(column)
        row.cells.append(cell)
        if left > 1:
            hanging[column] = (left - 1, cell)


def _span(node: Node, name: str) -> int:
    value = node.attributes.get(name, "").strip()
    return min(int(value), _MAX_SPAN) if value.isascii() and value.isdigit() and int(value) else 1


def _rows_of(table: Node) -> Iterator[Node]:
    """The rows of this table, not those of tables inside it; ``#head`` marks those in ``thead``."""
    for child in table.children:
        if isinstance(child, Piece):
            continue
        if child.tag == "tr":
            yield child
        elif child.tag in ("thead", "tbody", "tfoot"):
            for row in child.children:
                if isinstance(row, Node) and row.tag == "tr":
                    if child.tag == "thead":
                        row.attributes["#head"] = "1"
                    yield row


def _cells_of(row: Node) -> list[Node]:
    return [c for c in row.children if isinstance(c, Node) and c.tag in ("td", "th")]


def _caption(table: Node) -> Node | None:
    return next((c for c in table.children if isinstance(c, Node) and c.tag == "caption"), None)


def _holds_heading(cell: Node) -> bool:
    return any(n.tag in HEADINGS for n in cell.elements())


def _is_marked(cell: Node) -> bool:
    if cell.tag == "th":
        return cell.attributes.get("scope", "").lower() not in ("row", "rowgroup")
    bold = sum(n.size for n in cell.elements() if n.tag in ("b", "strong"))
    return 0 < cell.size <= bold


def _is_numeric(cell: Cell, source: str) -> bool:
    text = "".join(source[p.start : p.end] if p.text is None else p.text for p in cell).strip()
    return bool(_DIGIT.search(text)) and sum(c.isalpha() for c in text) <= len(text) / 3
