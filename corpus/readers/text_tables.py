"""Tables in plain text, as a PDF's copied text leaves them: labels, then numbers set apart.

A table is recognised by its numbers: at least three lines that end in the same count of numeric
columns, two or more spaces apart, with nothing but short lines between them. Labels that were
broken over lines are put together again, a flush-left label over indented rows names a group, and
the lines above the first row are the header.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from corpus.document import BlockKind
from corpus.readers.base import Piece, RawBlock
from corpus.readers.text_lines import Line, ends_sentence

_NUMBER = r"[<>≤≥~±]?\s?\d[\d.,]*\s?%?(?:\s?(?:[-–±/]|to)\s?\d[\d.,]*\s?%?)?|NR|NA|N/A|ND|[-–—]"
_ROW = re.compile(rf"^(?P<label>.*?\S)??(?P<numbers>(?:(?:^|\s{{2,}})(?:{_NUMBER}))+)$")
_CELL = re.compile(rf"(?:{_NUMBER})(?=\s{{2,}}|$)")
_CAPTION = re.compile(r"^(?:table|tab\.)\s+(?:\d{1,3}|[IVX]{1,5})\b[.:]?\s+\S", re.IGNORECASE)
_MAX_GAP = 4
_MAX_HEADER = 8


@dataclass(slots=True)
class Table:
    """A table found among lines: ``[first, last]`` are the indices of the lines it takes up."""

    first: int
    last: int
    caption: tuple[int, int] | None
    header: list[tuple[Piece, ...]]
    rows: list[Row] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Row:
    """A row's cells; ``group`` is the label that it stands under."""

    cells: tuple[tuple[Piece, ...], ...]
    group: Line | None


def find_tables(raw: str, lines: Sequence[Line], width: int) -> list[Table]:
    """The tables among the lines, in order.

    Args:
        raw: the file's text.
        lines: its lines.
        width: the usual width of a full line of running text (0 where lines are not wrapped).
    """
    numeric = [i for i, line in enumerate(lines) if _columns(line)]
    tables: list[Table] = []
    run: list[int] = []
    for i in [*numeric, None]:
        gap = [] if i is None or not run else [x for x in lines[run[-1] + 1 : i] if not x.blank]
        if i is not None and (
            not run or (len(gap) <= _MAX_GAP and not any(_prose(x, width) for x in gap))
        ):
            run.append(i)
            continue
        if _is_table(lines, run):
            tables.append(_table(raw, lines, run, width, tables[-1].last if tables else -1))
        run = [] if i is None else [i]
    return tables


def table_blocks(table: Table, first: int) -> list[RawBlock]:
    """The blocks of a table: caption, header, group labels and rows.

    Args:
        table: a table found by ``find_tables``.
        first: the index that the first of the blocks will have in its document.
    """
    blocks: list[RawBlock] = []
    if table.caption:
        blocks.append(RawBlock(BlockKind.CAPTION, ((Piece(*table.caption),),)))
    header = None
    if table.header:
        header = first + len(blocks)
        blocks.append(RawBlock(BlockKind.TABLE_HEADER, tuple(table.header)))
    group: Line | None = None
    at: int | None = None
    for row in table.rows:
        if row.group is not group:
            group = row.group
            at = None
            if group is not None:
                at = first + len(blocks)
                piece = Piece(group.start, group.end)
                blocks.append(RawBlock(BlockKind.TABLE_HEADER, ((piece,),)))
        blocks.append(RawBlock(BlockKind.TABLE_ROW, row.cells, header=header, group=at))
    return blocks


def _columns(line: Line) -> int:
    """How many numeric columns the line ends in; 0 for a line of text."""
    match = None if line.blank or len(line.text) > 200 else _ROW.match(line.text)
    if match is None:
        return 0
    label = match["label"] or ""
    if label and not re.search(r"[^\W\d_]", label):
        return 0
    return len(_CELL.findall(match["numbers"]))


def _prose(line: Line, width: int) -> bool:
    full = width * 0.75 if width else 60
    return len(line.text) >= full or (ends_sentence(line.text) and len(line.text) > full / 2)


def _is_table(lines: Sequence[Line], run: Sequence[int]) -> bool:
    labelled = [i for i in run if lines[i].text[0].isalpha()]
    if len(run) < 3 or len(labelled) < 2:
        return False
    (columns, count), *_ = Counter(_columns(lines[i]) for i in run).most_common(1)
    return count >= 0.8 * len(run) and (columns >= 2 or len(run) >= 5)


def _table(raw: str, lines: Sequence[Line], run: Sequence[int], width: int, floor: int) -> Table:
    columns = Counter(_columns(lines[i]) for i in run).most_common(1)[0][0]
    indent = _usual_indent(lines, run)
    start = _header_start(lines, run[0], width, floor)
    body = _body_start(lines, start, run[0], indent)
    table = Table(first=start, last=run[-1], caption=None, header=[])
    if start < body and _CAPTION.match(lines[start].text):
        table.caption = (lines[start].start, lines[start].end)
        start += 1
    if table.caption is None:
        caption = _next_filled(lines, run[-1] + 1)
        if caption < len(lines) and _CAPTION.match(lines[caption].text):
            table.caption = (lines[caption].start, lines[caption].end)
            table.last = caption
    header = [line for line in lines[start:body] if not line.blank]
    table.header = _header_cells(header)
    table.rows = _rows(lines[body : run[-1] + 1], columns, indent)
    _split_labels(raw, table, columns)
    return table


def _usual_indent(lines: Sequence[Line], run: Sequence[int]) -> int:
    indents = Counter(lines[i].indent for i in run if lines[i].text[0].isalpha())
    return indents.most_common(1)[0][0] if indents else 0


def _next_filled(lines: Sequence[Line], i: int) -> int:
    while i < len(lines) and lines[i].blank:
        i += 1
    return i


def _header_start(lines: Sequence[Line], first: int, width: int, floor: int) -> int:
    """The first line above the numbers that still belongs to the table."""
    start, filled = first, 0
    for i in range(first - 1, floor, -1):
        line = lines[i]
        if line.blank:
            continue
        if _CAPTION.match(line.text):
            return i
        if _prose(line, width) or filled >= _MAX_HEADER:
            break
        start, filled = i, filled + 1
    return start


def _body_start(lines: Sequence[Line], start: int, first: int, indent: int) -> int:
    """Where the header ends: at the group label or broken label before the first full row."""
    body = first
    for i in range(first - 1, start - 1, -1):
        if lines[i].blank:
            break
        grouped = indent >= 2 and lines[i].indent == 0 and lines[i].text[0].isupper()
        broken = lines[i].text.endswith((",", "-")) or (indent >= 2 and lines[i].indent == indent)
        if not (grouped or broken):
            break
        body = i
    return body


def _header_cells(lines: Sequence[Line]) -> list[tuple[Piece, ...]]:
    """Column titles: set apart by two spaces, or begun by a capital after a single one.

    A line that goes on in lower case goes on with the title before it ("No. of / patients").
    """
    cells: list[list[Piece]] = []
    for line in lines:
        for match in re.finditer(r"\S+(?: (?![A-Z(])\S+)*", line.text):
            piece = Piece(line.start + match.start(), line.start + match.end())
            if cells and match.group()[0].islower():
                cells[-1][-1] = Piece(cells[-1][-1].start, piece.end)
            else:
                cells.append([piece])
    return [tuple(cell) for cell in cells]


def _rows(lines: Sequence[Line], columns: int, indent: int) -> list[Row]:
    rows: list[Row] = []
    group: Line | None = None
    open_label: list[Line] = []
    for line in lines:
        if line.blank:
            continue
        if _columns(line):
            rows.append(_row(line, open_label, columns, group))
            open_label = []
        elif not open_label and line.indent < indent and not line.text.endswith((",", "-")):
            group = line
        else:
            open_label.append(line)
    return rows


def _row(line: Line, before: Sequence[Line], columns: int, group: Line | None) -> Row:
    match = _ROW.match(line.text)
    label_end = line.start + (match.end("label") if match and match["label"] else 0)
    numbers = [
        (Piece(line.start + m.start(), line.start + m.end()),)
        for m in _CELL.finditer(line.text, label_end - line.start)
    ]
    start = before[0].start if before else line.start
    end = label_end if match and match["label"] else (before[-1].end if before else line.start)
    label = ((Piece(start, end),),) if end > start else ()
    return Row((*label, *numbers[:columns]), group)


def _split_labels(raw: str, table: Table, columns: int) -> None:
    """Where the header names one column more than the rows show, the label holds two.

    Certain only if the last word of every label is a name: then it is the second column.
    """
    if len(table.header) != columns + 2:
        return
    split = [_split_last_word(raw, row) for row in table.rows]
    whole = [row for row in split if row is not None]
    if whole and len(whole) == len(table.rows):
        table.rows = whole


def _split_last_word(raw: str, row: Row) -> Row | None:
    """The row with its label's last word as a cell of its own; None where it is no name."""
    piece = row.cells[0][0]
    label = raw[piece.start : piece.end]
    match = re.search(r"\s(?P<name>[A-Z][\w'’]*(?:-\s*[A-Z]?[\w'’]+)*)$", label)
    if match is None:
        return None
    first = Piece(piece.start, piece.start + match.start())
    second = Piece(piece.start + match.start("name"), piece.end)
    return Row(((first,), (second,), *row.cells[1:]), row.group)
