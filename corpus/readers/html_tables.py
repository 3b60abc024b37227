"""HTML tables to rows of cells: header rows, group labels, spans, tables inside tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from corpus.document import BlockKind
from corpus.readers.base import Piece, RawBlock
from corpus.readers.html_tree import BLOCKS, HEADINGS, Node
from corpus.readers.table_rows import LONG_LABEL, Cell, GridRow, add_rows

_LONG_CELL = 600
_MAX_SPAN = 100


Row = GridRow[Node]


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

    def add_inner(inner: Node) -> None:
        _one_table(inner, source, first, blocks)

    def text_of(cell: Cell) -> str:
        return "".join(source[p.start : p.end] if p.text is None else p.text for p in cell)

    add_rows(_layout(table, source), text_of, first, blocks, add_inner)


def _layout(table: Node, source: str) -> list[Row]:
    """The rows of a table on its grid, column and row spans resolved.

    A cell that spans rows is repeated in each of them, as it is seen beside each; one that spans
    columns is given once, so that the columns after it stay in place.
    """
    rows: list[Row] = []
    hanging: dict[int, tuple[int, Cell]] = {}  # column: (rows still to come, cell)
    for node in _rows_of(table):
        row = Row(in_head=node.attributes.get("#head") == "1")
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


def _place(row: Row, node: Node, cell: Cell, hanging: dict[int, tuple[int, Cell]]) -> None:
    columns, below = _span(node, "colspan"), _span(node, "rowspan") - 1
    repeated = cell if node.size <= LONG_LABEL else ()
    row.own.append(len(row.cells))
    for offset in range(columns):
        if below > 0:
            hanging[len(row.cells)] = (below, repeated if offset == 0 else ())
        row.cells.append(cell if offset == 0 else ())


def _take_hanging(row: Row, hanging: dict[int, tuple[int, Cell]]) -> None:
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
