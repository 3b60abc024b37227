"""Tables without rules: what stands in columns below a line that begins with "Table 1."."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from corpus.readers.pdf_lines import page_gutter, rows_of
from corpus.readers.pdf_pages import Word
from corpus.readers.pdf_rows import Grid, PlacedTable, column_edges, mostly_numbers, split_rows
from corpus.readers.pdf_words import CAPTION, is_known_heading

_GAP = 0.9  # of the type size: wider than a space can be
_PROSE = 0.6  # of the table's width
_FARTHEST = 2.8  # of the height of a line: the step to the next row
_CAPTION_LINES = 5
_FEWEST_ROWS = 3
_MOST_WORDS = 4.5  # on a line of a cell, on average
_FACING = 5  # lines of text beside lines of text that make a page one of two columns
_APART = 1.5  # of the type size, between the only two columns

Line = list[Word]


def captioned_tables(words: Sequence[Word], known: Sequence[PlacedTable]) -> list[PlacedTable]:
    """The tables below captions.

    Args:
        words: those of a page that stand in no table yet.
        known: the tables of the page that rules show; their captions are not looked at.
    """
    rows = rows_of(words)
    out: list[PlacedTable] = []
    for number, row in enumerate(rows):
        for part in _parts(row):
            text = " ".join(word.text for word in part)
            if not CAPTION.match(text) or text[:3].lower() != "tab" or _has_table(part, known):
                continue
            table = _widest(words, rows[number + 1 :], part)
            if table is not None:
                out.append(table)
    return out


def _widest(words: Sequence[Word], rows: Sequence[Line], caption: Line) -> PlacedTable | None:
    """The table below a caption: in its column, where the page has two; else the widest."""
    found: PlacedTable | None = None
    gutter = page_gutter(words)
    for left, right in _limits(words, caption, gutter):
        grid = _grid(_below(rows, caption, left, right), left, right)
        if grid is None or (found is not None and len(grid.edges) <= len(found.grid.edges)):
            continue
        own = grid.words
        box = (left, min(w.y0 for w in own), right, max(w.y1 for w in own))
        found = PlacedTable(grid, box)
        if gutter is not None and _has_columns(words, gutter - 3):
            break
    return found


def _has_columns(words: Sequence[Word], gutter: float) -> bool:
    """Whether running text stands on both sides of a gutter."""
    facing = 0
    for row in rows_of(words):
        sides = [[w for w in row if (w.x0 < gutter) is left] for left in (True, False)]
        facing += all(len(side) > _MOST_WORDS and len(_parts(side)) == 1 for side in sides)
    return facing >= _FACING


def _has_table(caption: Line, known: Sequence[PlacedTable]) -> bool:
    """Whether a table that is known stands right below a caption, or right above it."""
    height = caption[0].y1 - caption[0].y0
    return any(
        min(table.box[2], caption[-1].x1) > max(table.box[0], caption[0].x0)
        and (
            -height < table.box[1] - caption[0].y1 < (_CAPTION_LINES + 1) * height
            or 0 < caption[0].y0 - table.box[3] < 2 * height
        )
        for table in known
    )


def _parts(row: Sequence[Word]) -> list[Line]:
    """A row cut where the gap is wider than a space can be."""
    parts: list[Line] = []
    for word in row:
        if parts and word.x0 - parts[-1][-1].x1 <= _GAP * max(word.size, 1.0):
            parts[-1].append(word)
        else:
            parts.append([word])
    return parts


def _limits(
    words: Sequence[Word], caption: Line, gutter: float | None
) -> Iterator[tuple[float, float]]:
    """Where the table may stand: in the caption's column, or over the whole page."""
    left, right = min(w.x0 for w in words), max(w.x1 for w in words)
    if gutter is not None:
        if caption[0].x0 > gutter - 3:
            yield gutter - 3, right + 1
        elif caption[-1].x1 < gutter:
            yield left - 1, gutter - 3
    yield left - 1, right + 1


def _below(rows: Sequence[Line], caption: Line, left: float, right: float) -> list[Line]:
    """The lines under a caption that stand in columns, to where running text begins."""
    lines: list[Line] = []
    before = caption
    for row in rows:
        line = [w for w in row if left < (w.x0 + w.x1) / 2 < right]
        if not line:
            continue
        parts = _parts(line)
        step = max(w.y1 for w in line) - max(w.y1 for w in before)
        if step > _FARTHEST * max(w.y1 - w.y0 for w in line):
            break
        wide = line[-1].x1 - line[0].x0 > _PROSE * (right - left)
        text = " ".join(word.text for word in line)
        if not lines and len(parts) == 1:
            if step < 0 or _distance(caption, line) > _CAPTION_LINES:
                break
        elif CAPTION.match(text) or is_known_heading(text) or (len(parts) == 1 and wide):
            break
        else:
            lines.append(line)
        before = line
    return lines


def _distance(caption: Line, line: Line) -> float:
    """How many lines of print are between two."""
    return (line[0].y1 - caption[0].y1) / max(caption[0].y1 - caption[0].y0, 1.0)


def _grid(lines: list[Line], left: float, right: float) -> Grid | None:
    if len(lines) < _FEWEST_ROWS or _is_prose(lines):
        return None
    edges = column_edges(lines, left, right)
    while len(lines) > 1 and (_crosses(lines[-1], edges) or _is_heading(lines)):
        lines = lines[:-1]
    if len(edges) < 3 or len(lines) < _FEWEST_ROWS:
        return None
    rows, labels = split_rows([word for line in lines for word in line], edges)
    full = [row for i, row in enumerate(rows) if i not in labels and sum(map(bool, row)) > 1]
    if len(full) < _FEWEST_ROWS or len(full) < 0.5 * len(rows):
        return None
    if len(edges) == 3 and not _apart(lines, edges[1]):
        return None
    has_header = 0 not in labels and not mostly_numbers(rows[0])
    return Grid(rows, has_header, frozenset(labels), edges)


def _is_prose(lines: Sequence[Line]) -> bool:
    """Whether lines in columns are running text: many words between two gaps."""
    parts = [part for line in lines for part in _parts(line)]
    return sum(map(len, parts)) > _MOST_WORDS * len(parts)


def _is_heading(lines: Sequence[Line]) -> bool:
    """Whether the last line begins what comes after the table: it is bold, or further away."""
    last = lines[-1]
    if len(_parts(last)) > 1:
        return False
    if all(word.bold for word in last):
        return True
    steps = [b[0].y1 - a[0].y1 for a, b in pairwise(lines)]
    return last[0].x0 < lines[0][0].x0 + 3 and steps[-1] > 1.15 * max(steps[:-1], default=0)


def _crosses(line: Line, edges: Sequence[float]) -> bool:
    """Whether a line is one text over a border: a note below the table."""
    single = len(_parts(line)) == 1
    return single and any(line[0].x0 < e - 2 and line[-1].x1 > e + 2 for e in edges[1:-1])


def _apart(lines: Sequence[Line], edge: float) -> bool:
    """Whether two columns are clearly apart wherever both have text."""
    gaps = [
        b.x0 - a.x1
        for line in lines
        for a, b in pairwise(line)
        if (a.x0 + a.x1) / 2 < edge < (b.x0 + b.x1) / 2
    ]
    return bool(gaps) and min(gaps) > _APART * lines[0][0].size
