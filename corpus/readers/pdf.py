"""PDF: papers with a text layer, in one or two columns, with pages and boxes.

Words come from PDFium (``pdf_pages``), lose running heads and page numbers (``pdf_furniture``), are
put in lines and columns (``pdf_lines``), grouped (``pdf_groups``, ``pdf_tables``) and joined into
the flow of a document (``pdf_flow``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from corpus.document import BlockKind, Places
from corpus.readers.base import Piece, RawBlock, RawDocument, Unreadable
from corpus.readers.pdf_captioned import captioned_tables
from corpus.readers.pdf_flow import arrange, body_style
from corpus.readers.pdf_furniture import split_furniture
from corpus.readers.pdf_groups import Group, group_lines
from corpus.readers.pdf_lines import Line, gap_before, lines_in_order
from corpus.readers.pdf_meta import read_metadata
from corpus.readers.pdf_pages import Word, read_pages
from corpus.readers.pdf_rows import Cell, Grid, PlacedTable
from corpus.readers.pdf_ruled import ruled_tables

_HANGUL = re.compile(r"[\uac00-\ud7a3]")
_FEWEST_SPACES = 0.2


def read(data: bytes) -> RawDocument:
    """Read a PDF's text layer.

    Args:
        data: the bytes of the file.

    Returns:
        ``raw`` holds the characters of all pages in reading order, a line of print a line, running
        heads and page numbers left out; ``places`` the page and box of every word.

    Raises:
        Unreadable: the file is broken, protected by a password, has no pages or no text layer.
    """
    file = read_pages(data)
    ruled = [ruled_tables(page) for page in file.pages]
    in_tables = {id(word) for found in ruled for table in found for word in table.grid.words}
    furnished = split_furniture(file.pages, in_tables)
    lines: list[Line] = []
    tables: dict[tuple[int, int], Grid] = {}
    for page, own, known in zip(file.pages, furnished.words, ruled, strict=True):
        found = [*known, *_captioned(own, known, in_tables)]
        tables |= {(page.number, number): table.grid for number, table in enumerate(found)}
        first = lines[-1].region + 1 if lines else 0
        lines.extend(_page_lines(page.number, own, found, first))
    if not lines:
        raise Unreadable(
            "is a scan without a text layer",
            "Add one with: ocrmypdf IN.pdf OUT.pdf, and use OUT.pdf.",
        )
    _glue(lines)
    raw, places, starts = _lay_out(lines)
    body = body_style(lines)
    title = file.information.get("Title", "")
    groups = arrange(group_lines(lines, tables, body.size), body, title, furnished.parted)
    return RawDocument(
        raw=raw,
        blocks=_blocks(groups, starts),
        metadata=read_metadata(groups, furnished.texts, file.information),
        places=places,
        format="pdf",
        mend=True,
    )


def _lay_out(lines: Sequence[Line]) -> tuple[str, Places, dict[int, int]]:
    """Write the lines down one after the other, noting where each word comes to stand.

    Returns:
        The raw text, the words' places, and the start of each word by its identity.
    """
    parts: list[str] = []
    placed: list[tuple[int, Word, int]] = []
    offset = 0
    for line in lines:
        line.start = offset
        for i, word in enumerate(line.words):
            if i and gap_before(line.words, i):
                parts.append(" ")
                offset += 1
            placed.append((offset, word, line.page))
            parts.append(word.text)
            offset += len(word.text)
        line.end = offset
        parts.append("\n")
        offset += 1
    places = Places(
        start=np.array([start for start, _, _ in placed], dtype=np.int32),
        end=np.array([start + len(word.text) for start, word, _ in placed], dtype=np.int32),
        page=np.array([page for _, _, page in placed], dtype=np.int32),
        box=np.array([word.box for _, word, _ in placed], dtype=np.float32).reshape(-1, 4),
    )
    return "".join(parts), places, {id(word): start for start, word, _ in placed}


def _glue(lines: Sequence[Line]) -> None:
    """Note the lines that end within a Korean word.

    Korean is broken anywhere at a line's end; only a file that writes the spaces there, as word
    processors do, tells where a word ends.
    """
    ends = [line for line in lines if _HANGUL.match(line.words[-1].text[-1])]
    if sum(line.words[-1].closed for line in ends) > _FEWEST_SPACES * len(ends):
        for line in ends:
            line.glued = not line.words[-1].closed


def _blocks(groups: Sequence[Group], starts: dict[int, int]) -> list[RawBlock]:
    blocks: list[RawBlock] = []
    for group in groups:
        if group.grid is None:
            pieces = tuple(Piece(line.start, line.end + (not line.glued)) for line in group.lines)
            blocks.append(RawBlock(group.kind, (pieces,), level=group.level))
            continue
        blocks.extend(_rows(group.grid, starts, len(blocks)))
    return blocks


def _rows(grid: Grid, starts: dict[int, int], first: int) -> Iterator[RawBlock]:
    """The rows of a table; ``first`` is the number of its first block in the document."""
    header = first if grid.has_header else None
    group: int | None = None
    for number, row in enumerate(grid.rows):
        cells = tuple(_cell(cell, starts) for cell in row)
        if number == 0 and header is not None:
            yield RawBlock(BlockKind.TABLE_HEADER, cells)
        elif number in grid.labels:
            group = first + number
            yield RawBlock(BlockKind.TABLE_HEADER, cells)
        else:
            yield RawBlock(BlockKind.TABLE_ROW, cells, header=header, group=group)


def _cell(cell: Cell, starts: dict[int, int]) -> tuple[Piece, ...]:
    """The pieces of a cell, a line end behind each of its lines."""
    pieces: list[Piece] = []
    for words in cell:
        start = min(starts[id(word)] for word in words)
        end = max(starts[id(word)] + len(word.text) for word in words)
        pieces += [Piece(start, end), Piece(end, end + 1, "\n")]
    return tuple(pieces)


def _captioned(
    words: Sequence[Word], known: Sequence[PlacedTable], taken: set[int]
) -> list[PlacedTable]:
    rest = [word for word in words if id(word) not in taken]
    return captioned_tables(rest, known) if rest else []


def _page_lines(
    number: int, words: Sequence[Word], tables: Sequence[PlacedTable], first: int
) -> Iterator[Line]:
    """The lines of a page in reading order; those of a table stand where the table begins.

    A table takes part in the layout as one word as wide as itself.
    """
    taken = {id(word) for table in tables for word in table.grid.words}
    marks: dict[int, tuple[int, PlacedTable]] = {}
    rest = [word for word in words if id(word) not in taken]
    for at, table in enumerate(tables):
        mark = _mark(table)
        marks[id(mark)] = at, table
        rest.append(mark)
    for line in lines_in_order(rest, number, first):
        own = [word for word in line.words if id(word) not in marks]
        if own:
            yield Line(own, number, line.left, line.right, line.region)
        for word in line.words:
            if id(word) in marks:
                at, table = marks[id(word)]
                yield from _table_lines(table.grid, at, line)


def _mark(table: PlacedTable) -> Word:
    top = min(table.grid.words, key=lambda word: word.y0)
    x0, _, x1, _ = table.box
    return replace(top, text="", x0=x0, x1=x1, order=-1, spaced=True)


def _table_lines(grid: Grid, number: int, place: Line) -> Iterator[Line]:
    seen: set[int] = set()
    for row in grid.rows:
        for cell in row:
            for words in cell:
                if id(words[0]) not in seen:
                    seen.update(map(id, words))
                    line = Line(words, place.page, place.left, place.right, place.region)
                    line.table = number
                    yield line
