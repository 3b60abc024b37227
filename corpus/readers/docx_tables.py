"""Tables of a Word file laid out on their grid: merged cells, stated and seen headers."""

from __future__ import annotations

from collections.abc import Sequence

from corpus.readers.base import Piece, RawBlock
from corpus.readers.docx_layer import Layer
from corpus.readers.docx_runs import Paragraph
from corpus.readers.docx_story import Table, TableCell, TableRow
from corpus.readers.docx_styles import Styles
from corpus.readers.table_rows import LONG_LABEL, Cell, GridRow, add_rows

_LONG_CELL = 600
_LONGEST_LABEL = 60
_MAX_WIDTH = 1000


def is_layout(table: Table, styles: Styles) -> bool:
    """Whether a table only places things on the page, so that its text is running text."""
    if any(row.header for row in table.rows):
        return False
    if len(table.rows) < 2 or max(len(row.cells) for row in table.rows) < 2:
        return True
    paragraphs = [cell.paragraphs for row in table.rows for cell in row.cells]
    if any(styles.heading_level(p.properties) for cell in paragraphs for p in cell):
        return True
    return any(sum(len(p.text) for p in cell) > _LONG_CELL for cell in paragraphs)


def is_reference_table(table: Table) -> bool:
    """Whether a table among the references is a way to set them: a number and an entry a row."""
    return max((len(row.cells) for row in table.rows), default=0) < 3 and not any(
        row.header for row in table.rows
    )


def table_blocks(table: Table, layer: Layer, first: int) -> list[RawBlock]:
    """The blocks of a data table: header, group labels and rows.

    A table inside a cell follows the row that holds it, as rows of its own.

    Args:
        table: as the file states it.
        layer: its text is written there.
        first: the index that the first of the blocks will have in its document.
    """
    blocks: list[RawBlock] = []

    def add(one: Table) -> None:
        add_rows(_layout(one, layer), layer.text_of, first, blocks, add)

    add(table)
    return blocks


def _layout(table: Table, layer: Layer) -> list[GridRow[Table]]:
    """The rows on the table's grid; a cell that spans rows is repeated in each of them.

    One that spans columns is given once, so that the columns after it stay in place.
    """
    rows: list[GridRow[Table]] = []
    above: dict[int, Cell] = {}  # column: the cell that begins there, for those that go on with it
    width = max((_width(row) for row in table.rows), default=0)
    set_apart = _is_shaded_alone(table) or _reads_like_header(table)
    for number, stated in enumerate(table.rows):
        row: GridRow[Table] = GridRow(in_head=stated.header)
        row.cells.extend(() for _ in range(stated.before))
        for cell in stated.cells:
            column = len(row.cells)
            row.cells.extend(() for _ in range(0 if cell.merges_left else cell.columns))
            if len(row.cells) > _MAX_WIDTH:
                break
            if cell.merges_left:
                row.cells.append(())
            elif cell.continues:
                row.cells[column] = above.get(column, ())
            else:
                row.own.append(column)
                row.cells[column] = _write(cell.paragraphs, layer)
                length = sum(p.end - p.start for p in row.cells[column])
                above[column] = row.cells[column] if length <= LONG_LABEL else ()
            row.tables.extend(cell.tables)
        first = number == 0 and (table.first_row or set_apart)
        row.marked = _is_marked(stated, first=first)
        row.whole = width > 1 and _spans(stated, width) and not row.tables
        while row.cells and not row.cells[-1]:
            row.cells.pop()
        row.own = [column for column in row.own if column < len(row.cells)]
        if row.cells or row.tables:
            rows.append(row)
    return rows


def _width(row: TableRow) -> int:
    return row.before + sum(1 if cell.merges_left else cell.columns for cell in row.cells)


def _write(paragraphs: Sequence[Paragraph], layer: Layer) -> Cell:
    """Write a cell's paragraphs down, a line each; in the cell they are a space apart."""
    pieces: list[Piece] = []
    for paragraph in paragraphs:
        piece = layer.write(paragraph.text)
        if pieces:
            pieces.append(Piece(pieces[-1].end, piece.start, " "))
        pieces.append(piece)
    return tuple(pieces)


def _is_marked(row: TableRow, *, first: bool) -> bool:
    """Whether all cells that hold text are set as headers are."""
    filled = [cell.paragraphs for cell in row.cells if not cell.continues and cell.paragraphs]
    return bool(filled) and (first or all(p.bold for cell in filled for p in cell))


def _spans(row: TableRow, width: int) -> bool:
    """Whether a row is one cell as wide as the table."""
    if len(row.cells) != 1 or row.before or row.cells[0].continues:
        return False
    return row.cells[0].columns >= width


def _is_shaded_alone(table: Table) -> bool:
    """Whether the first row has one background that no other row is set in."""
    fills = [{_fill(cell) for cell in row.cells} for row in table.rows]
    if len(fills) < 2 or len(fills[0]) != 1 or "" in fills[0]:
        return False
    return not any(fills[0] & row for row in fills[1:])


def _fill(cell: TableCell) -> str:
    return "" if cell.fill == "ffffff" else cell.fill


def _reads_like_header(table: Table) -> bool:
    """Whether the first row of a wider table holds a short label of its own over each column.

    Word marks a header only where the author asks for it, and most do not.
    """
    if len(table.rows) < 3 or len(table.rows[0].cells) < 3:
        return False
    if any(p.bold for row in table.rows for cell in row.cells[1:] for p in cell.paragraphs):
        return False  # what is bold says which cells are headers
    labels = [" ".join(p.text for p in cell.paragraphs) for cell in table.rows[0].cells]
    return len(set(labels)) == len(labels) and all(
        len(label) <= _LONGEST_LABEL
        and (sum(c.isalpha() for c in label) > len(label) / 2 or (i == 0 and not label))
        for i, label in enumerate(labels)
    )
