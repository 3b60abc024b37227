"""Tables that are drawn with rules: in a lattice of cells, or between level lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from corpus.readers.pdf_lines import rows_of
from corpus.readers.pdf_pages import Page, Word
from corpus.readers.pdf_rows import (
    Cell,
    Grid,
    PlacedTable,
    column_edges,
    header_cells,
    heads,
    mostly_numbers,
    split_rows,
)

Rule = tuple[float, float, float, float]

_NEAR = 3.0  # points: rules that meet, or stand at one height
_CLEAR = 2.0
_NARROWEST = 60.0
_PROSE = 0.75
_CAPTION = re.compile(r"(?:table|tab\.|fig(?:ure|\.)?)\s*[\dIVX]+", re.IGNORECASE)


def ruled_tables(page: Page) -> list[PlacedTable]:
    """The tables of a page that rules show, from top to bottom."""
    words = page.words
    level = _merge([r for r in page.rules if r[2] - r[0] >= r[3] - r[1]], 0)
    upright = _merge([r for r in page.rules if r[2] - r[0] < r[3] - r[1]], 1)
    found: list[PlacedTable] = []
    taken: set[Rule] = set()
    for lines, posts in _lattices(level, upright):
        table = _lattice(lines, posts, words)
        if table is not None:
            found.append(table)
            taken.update(lines)
    found += _between_lines([rule for rule in level if rule not in taken], words)
    return sorted(found, key=lambda table: table.box[1])


def _merge(rules: Sequence[Rule], axis: int) -> list[Rule]:
    """Join rules at one height (axis 0) or side (axis 1) that touch or overlap."""
    along, across = axis, 1 - axis
    out: list[list[float]] = []
    for rule in sorted(rules, key=lambda r: (round(r[across]), r[along])):
        for last in out[-3:]:
            near = abs(last[across] - rule[across]) <= 1.5
            if near and last[along] - _CLEAR <= rule[along] <= last[along + 2] + _CLEAR:
                last[along + 2] = max(last[along + 2], rule[along + 2])
                break
        else:
            out.append(list(rule))
    return [(r[0], r[1], r[2], r[3]) for r in out]


def _lattices(
    level: Sequence[Rule], upright: Sequence[Rule]
) -> list[tuple[list[Rule], list[Rule]]]:
    """Level and upright rules that meet, as connected groups."""
    groups: list[tuple[list[Rule], list[Rule]]] = []
    for post in upright:
        own = [line for line in level if _meet(line, post)]
        joined: tuple[list[Rule], list[Rule]] = (own, [post])
        apart = []
        for group in groups:
            if any(line in own for line in group[0]):
                joined = (
                    [*group[0], *(r for r in joined[0] if r not in group[0])],
                    [*group[1], *joined[1]],
                )
            else:
                apart.append(group)
        groups = [*apart, joined]
    return [group for group in groups if len(group[0]) >= 2]


def _meet(line: Rule, post: Rule) -> bool:
    crosses = line[0] - _NEAR <= post[0] <= line[2] + _NEAR
    return crosses and post[1] - _NEAR <= line[1] <= post[3] + _NEAR


def _steps(values: Sequence[float]) -> list[float]:
    """The values in order, those that are near one another as one."""
    out: list[float] = []
    for value in sorted(values):
        if not out or value - out[-1] > _NEAR:
            out.append(value)
    return out


def _lattice(
    lines: Sequence[Rule], posts: Sequence[Rule], words: Sequence[Word]
) -> PlacedTable | None:
    xs = _steps([*(p[0] for p in posts), *(v for r in lines for v in (r[0], r[2]))])
    ys = _steps([*(r[1] for r in lines), *(v for p in posts for v in (p[1], p[3]))])
    box = (xs[0], ys[0], xs[-1], ys[-1])
    inside = [w for w in words if _holds(box, w)]
    if len(xs) < 3 or len(ys) < 2 or len(inside) < 4:
        return None
    rows: list[list[Cell]] = []
    labels: set[int] = set()
    above: list[Cell] = []
    for top, bottom in pairwise(ys):
        own = [w for w in inside if top < (w.y0 + w.y1) / 2 <= bottom]
        middle = (top + bottom) / 2
        row = _band(own, xs, [p[0] for p in posts if p[1] < middle < p[3]])
        for i in range(len(row)):
            centre = (xs[i] + xs[i + 1]) / 2
            ruled = any(r[0] < centre < r[2] and abs(r[1] - top) <= _NEAR for r in lines)
            if above and not row[i] and not ruled:
                row[i] = above[i]  # a cell that reaches down over several rows
        split = _alike(row)
        if split:
            rows.extend([[line] for line in cells] for cells in zip(*row, strict=True))
        elif any(row):
            rows.append(row)
            if sum(map(bool, row)) == 1 and row[0] and len(rows) > 1:
                labels.add(len(rows) - 1)
        above = row
    filled = sum(bool(cell) for row in rows for cell in row)
    full = sum(sum(map(bool, row)) > 1 for row in rows)
    if full < 2 or filled < 0.4 * len(rows) * (len(xs) - 1):
        return None
    rows = [[row[0]] if i in labels else row for i, row in enumerate(rows)]
    return PlacedTable(Grid(rows, not mostly_numbers(rows[0]), frozenset(labels), xs), box)


def _band(words: Sequence[Word], xs: Sequence[float], posts: Sequence[float]) -> list[Cell]:
    """The cells of one band; one that reaches over several columns stands in the first."""
    borders = [xs[0], *(x for x in xs[1:-1] if any(abs(x - p) <= _NEAR for p in posts)), xs[-1]]
    row: list[Cell] = [[] for _ in xs[1:]]
    for left, right in pairwise(borders):
        own = [w for w in words if left < _side(w, borders) <= right]
        row[xs.index(left)] = rows_of(own)
    return row


def _side(word: Word, borders: Sequence[float]) -> float:
    """The x that says in which cell a word stands: where it begins, if it runs over a border."""
    over = any(word.x0 < border < word.x1 for border in borders)
    return word.x0 + _CLEAR if over else (word.x0 + word.x1) / 2


def _alike(row: Sequence[Cell]) -> bool:
    """Whether a band holds many rows: all its cells have the same lines, three or more."""
    counts = {len(cell) for cell in row}
    if len(counts) != 1 or min(counts) < 3:
        return False
    heights = [[line[0].y1 for line in cell] for cell in row]
    return all(abs(a - b) < _NEAR for ys in zip(*heights, strict=True) for a, b in pairwise(ys))


def _holds(box: Rule, word: Word) -> bool:
    x, y = (word.x0 + word.x1) / 2, (word.y0 + word.y1) / 2
    return box[0] - _CLEAR < x < box[2] + _CLEAR and box[1] - _CLEAR < y < box[3] + _CLEAR


def _between_lines(level: Sequence[Rule], words: Sequence[Word]) -> list[PlacedTable]:
    """Tables between level rules of one width: one above, one below the heads, one at the end."""
    wide = sorted((r for r in level if r[2] - r[0] >= _NARROWEST), key=lambda r: (r[1], r[0]))
    used: set[Rule] = set()
    out: list[PlacedTable] = []
    for rule in wide:
        if rule in used:
            continue
        chain = [rule]
        for other in wide:
            same = abs(other[0] - rule[0]) <= _NEAR and abs(other[2] - rule[2]) <= _NEAR
            if not same or other[1] <= chain[-1][1] + _CLEAR:
                continue
            if not _tabular(_inside(chain[-1], other, words), rule[2] - rule[0]):
                break
            chain.append(other)
        table = _three_line(chain, words) if len(chain) > 1 else None
        if table is not None:
            used.update(chain)
            out.append(table)
    return out


def _inside(above: Rule, below: Rule, words: Sequence[Word]) -> list[Word]:
    return [w for w in words if _holds((above[0], above[1] + 1, above[2], below[1] - 1), w)]


def _tabular(words: Sequence[Word], width: float) -> bool:
    """Whether what stands between two rules is cells and no running text."""
    lines = rows_of(words)
    if not lines:
        return False
    gaps = prose = 0
    for line in lines:
        if _CAPTION.match(" ".join(word.text for word in line[:3])):
            return False
        if any(b.x0 - a.x1 > 0.9 * max(a.size, 1) for a, b in pairwise(line)):
            gaps += 1
        elif line[-1].x1 - line[0].x0 > _PROSE * width:
            prose += 1
    return gaps >= max(1, 0.25 * len(lines)) and prose <= 0.3 * len(lines)


def _three_line(chain: Sequence[Rule], words: Sequence[Word]) -> PlacedTable | None:
    bands = [_inside(a, b, words) for a, b in pairwise(chain)]
    body = bands[1:] if len(bands) > 1 else bands
    left, right = chain[0][0] - _CLEAR, chain[0][2] + _CLEAR
    edges = column_edges([line for band in body for line in rows_of(band)], left, right)
    if len(edges) < 3:
        edges = column_edges([line for band in bands for line in rows_of(band)], left, right)
    if len(edges) < 3:
        return None
    rows: list[list[Cell]] = []
    labels: set[int] = set()
    if len(bands) > 1:
        rows.append(header_cells(bands[0], edges))
    for band in body:
        more, named = split_rows(band, edges)
        labels |= {len(rows) + i for i in named}
        rows.extend(more)
    if len(rows) < 2:
        return None
    has_header = len(bands) > 1 or (0 not in labels and heads(rows))
    box = (chain[0][0], chain[0][1], chain[0][2], chain[-1][1])
    return PlacedTable(Grid(rows, has_header, frozenset(labels), edges), box)
