"""Excel workbooks: the values of their sheets, written down as a text layer."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime, time
from itertools import chain, islice
from typing import TYPE_CHECKING

from corpus.document import BlockKind
from corpus.readers.base import Piece, RawBlock, RawDocument, Unreadable
from corpus.readers.columns import refuse_own_files
from corpus.readers.records import Keys, Value
from corpus.readers.tables import HEADER_WITHIN, TableRow, list_header, records, table_blocks

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook

MAX_UNPACKED = 500_000_000
MAX_MEMBERS = 5_000
MAX_ROWS = 1_048_576
_UNNAMED = re.compile(r"(?:sheet|tabelle|feuil|hoja|foglio|blad|worksheet)\s*\d*", re.IGNORECASE)


def read(data: bytes) -> Iterator[RawDocument | Unreadable]:
    """Read a workbook.

    Args:
        data: the file's bytes.

    Yields:
        Of each sheet that is a list of records a document a row, or the reason why there is none;
        all other sheets together are one document, a table each under the sheet's name.

    Raises:
        Unreadable: it is broken, or would unpack to more than memory should hold.
    """
    _check(data)
    try:
        yield from _sheets(_open(data))
    except Unreadable:
        raise
    except Exception as error:  # whatever the library stumbles over, the file is at fault
        raise _broken() from error


def _broken() -> Unreadable:
    return Unreadable("is a broken Excel file", "Open it in a spreadsheet and save it anew.")


def _check(data: bytes) -> None:
    """Refuse what is no archive, or one that would unpack to too much.

    The sizes that an archive declares are kept to when it is unpacked, so they can be relied on.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, EOFError, NotImplementedError) as error:
        raise _broken() from error
    if len(members) > MAX_MEMBERS or sum(m.file_size for m in members) > MAX_UNPACKED:
        raise Unreadable(f"unpacks to more than {MAX_UNPACKED // 1_000_000} MB")
    if any(member.flag_bits & 1 for member in members):
        raise Unreadable("is protected by a password", "Save it without one.")


def _open(data: bytes) -> Workbook:
    from openpyxl import load_workbook

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)


def _sheets(book: Workbook) -> Iterator[RawDocument | Unreadable]:
    keys, layer, tables, lists = Keys(), _Layer(), _Tables(), 0
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            continue
        # A sheet may declare a million columns; only its cells count.
        sheet.reset_dimensions()
        begin = layer.length
        found = layer.rows(sheet.iter_rows(values_only=True))
        head = list(islice(found, HEADER_WITHIN))
        if head:
            refuse_own_files(head[0].texts)
        header = list_header(head)
        if header is None:
            tables.add(str(sheet.title or ""), chain(head, found), begin)
        else:
            lists += 1
            yield from records(chain(head[header:], found), keys, "xlsx")
    if tables.blocks or not lists:
        key = keys.unique("tables") if lists else None
        yield RawDocument(raw=tables.text(), blocks=tables.blocks, format="xlsx", key=key)


class _Layer:
    """Writes down the values of the sheets, a line a row, cells apart by tabs."""

    def __init__(self) -> None:
        self.length = 0

    def rows(self, sheet: Iterable[tuple[object, ...]]) -> Iterator[TableRow]:
        """The rows of a sheet, those that it leaves out among them."""
        for number, values in enumerate(sheet, start=1):
            if number > MAX_ROWS:
                raise Unreadable(f"has a sheet of more than {MAX_ROWS:,} rows")
            cells: list[Value] = []
            at = 0
            for words in map(_words, values):
                cells.append(Value(words, (Piece(at, at + len(words)),)))
                at += len(words) + 1
            raw = "\t".join(cell.text for cell in cells)
            yield TableRow(raw, self.length, number, cells)
            self.length += len(raw) + 1


def _words(value: object) -> str:
    """A cell's value as a person would write it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return f"{value:.15g}"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    return str(value).replace("_x000D_", "")


class _Tables:
    """The sheets that are no lists, as one document."""

    def __init__(self) -> None:
        self.blocks: list[RawBlock] = []
        self._lines: list[str] = []
        self._length = 0

    def add(self, name: str, sheet: Iterable[TableRow], begin: int) -> None:
        """Add a sheet, under its name if a person gave it one; its rows count from ``begin``."""
        if name.strip() and not _UNNAMED.fullmatch(name.strip()):
            piece = Piece(self._length, self._length + len(name))
            self.blocks.append(RawBlock(BlockKind.CAPTION, ((piece,),)))
            self._put(name)
        before, start = len(self.blocks), self._length
        rows = self._written(sheet)
        self.blocks.extend(table_blocks(rows, before, source=begin - start))

    def text(self) -> str:
        """The text layer."""
        return "\n".join(self._lines)

    def _written(self, sheet: Iterable[TableRow]) -> Iterator[TableRow]:
        for row in sheet:
            self._put(row.raw)
            yield row

    def _put(self, line: str) -> None:
        self._lines.append(line)
        self._length += len(line) + 1
