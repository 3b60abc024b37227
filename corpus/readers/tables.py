"""Separated values and spreadsheets: lists of records, a document a row; else one table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import NamedTuple

from corpus.document import BlockKind
from corpus.readers.base import Piece, RawBlock, RawDocument, Unreadable
from corpus.readers.columns import Columns, is_list_header, refuse_own_files
from corpus.readers.csv_rows import cell_value, rows, shape_of
from corpus.readers.records import Keys, Value, document_of

MAX_TABLE_ROWS = 100_000
HEADER_WITHIN = 20
_EVEN = 0.8


class TableRow(NamedTuple):
    """A row of a table: its words, where they begin in the source, its number, its cells.

    The cells' pieces point into ``raw``.
    """

    raw: str
    first: int
    number: int
    cells: list[Value]

    @property
    def texts(self) -> list[str]:
        """The words of the cells."""
        return [cell.text for cell in self.cells]


def read_csv(text: str) -> Iterator[RawDocument | Unreadable]:
    """Read a file of separated values.

    Args:
        text: the decoded file.

    Yields:
        Of a list of records a document a row, or the reason why there is none. Of any other table
        one document. What is no table (one column, or rows of many lengths) is read as plain text.

    Raises:
        Unreadable: a list without abstracts, a table without end, or a file of Pincite's own.
    """
    shape = shape_of(text)
    found = _csv_rows(text, shape.delimiter, shape.start)
    head = list(islice(found, HEADER_WITHIN))
    if head:
        refuse_own_files(head[0].texts)
    header = list_header(head)
    if header is not None:
        yield from records(chain(head[header:], found), Keys(), "csv")
    elif shape.width < 2 or shape.agreeing < _EVEN:
        from corpus.readers import text as plain_text

        yield plain_text.read(text)
    else:
        blocks = table_blocks(chain(head, found), 0, source=0)
        yield RawDocument(raw=text, blocks=blocks, format="csv")


def _csv_rows(text: str, delimiter: str, start: int) -> Iterator[TableRow]:
    for number, row in enumerate(rows(text, delimiter, start), start=1):
        cells = [cell_value(text, row.start, cell) for cell in row.cells]
        yield TableRow(text[row.start : row.end], row.start, number, cells)


def list_header(head: Sequence[TableRow]) -> int | None:
    """The index of the row that is the header of a list of records; None where there is none."""
    return next((i for i, row in enumerate(head) if is_list_header(row.texts)), None)


def records(
    table: Iterable[TableRow], keys: Keys, format_name: str
) -> Iterator[RawDocument | Unreadable]:
    """The documents of a list of records.

    Args:
        table: its rows, the header first.
        keys: the names given so far in the file.
        format_name: the name of the reader.
    """
    table = iter(table)
    header = next(table)
    width = len(header.cells)
    columns = Columns(header.texts)
    for row in table:
        if not any(row.cells):
            continue
        if any(row.cells[width:]):
            yield Unreadable(
                f"has {len(row.cells)} cells where the header has {width}",
                "A delimiter or a quotation mark is out of place.",
                key=keys.unique(str(row.number)),
            )
            continue
        record = columns.record(row.raw, row.first, row.number, row.cells)
        # The words of a row mean what the header says.
        record.identity = f"{header.raw}\n{row.raw}"
        yield document_of(record, keys, format_name)


def table_blocks(table: Iterable[TableRow], before: int, source: int) -> list[RawBlock]:
    """A table as rows with their header.

    Args:
        table: its rows.
        before: the number of blocks in front of it in its document.
        source: where the document's ``raw`` begins in what the rows' ``first`` counts.

    Returns:
        The blocks. The first row is the header where all its cells are words.

    Raises:
        Unreadable: there is no end to it.
    """
    blocks: list[RawBlock] = []
    header: int | None = None
    for number, row in enumerate(row for row in table if any(row.cells)):
        if number > MAX_TABLE_ROWS:
            raise Unreadable(
                f"is a table of more than {MAX_TABLE_ROWS:,} rows",
                "Pincite reads lists of abstracts, and tables as papers have them.",
            )
        by = row.first - source
        cells = tuple(
            tuple(Piece(p.start + by, p.end + by, p.text) for p in cell.pieces)
            for cell in row.cells
        )
        if number == 0 and _is_header(row.texts):
            header = before
            blocks.append(RawBlock(BlockKind.TABLE_HEADER, cells))
        else:
            blocks.append(RawBlock(BlockKind.TABLE_ROW, cells, header=header))
    return blocks


def _is_header(names: Sequence[str]) -> bool:
    """Whether a first row names columns: words, but for the corner, each once."""
    stated = [name.strip() for name in names[1:]]
    return bool(stated) and all(stated) and not any(map(_is_number, stated))


def _is_number(words: str) -> bool:
    return words.strip("<>≤≥=~± %").replace(",", "").replace(".", "").replace("-", "").isdigit()
