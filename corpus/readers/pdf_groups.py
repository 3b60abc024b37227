"""Lines of a column to groups that are one thing: a paragraph, a heading, a list item, a table."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from corpus.document import BlockKind
from corpus.readers.pdf_lines import Line
from corpus.readers.pdf_rows import Grid
from corpus.readers.pdf_tables import find_grids
from corpus.readers.pdf_words import CAPTION, LIST_MARK, is_known_heading
from corpus.readers.section_names import is_reference_section

_BULLET = re.compile(r"[•●▪■◦‣∙]")
REFERENCE_MARK = re.compile(r"(?:\[\d{1,3}\]|\(\d{1,3}\)|\d{1,3}\.?)\s+\S")
_ENDS_SENTENCE = re.compile(r"[.!?:;][\"'”’)\]]*(?:\s?\[?\d+(?:[,–-]\d+)*\]?|[⁰¹²³⁴-⁹⁻,]+)?$")


_FEWEST_STEPS = 6
_USUAL_RATIO = 1.2  # of leading to type size


@dataclass(slots=True)
class Group:
    """Lines that are one thing.

    Attributes:
        lines: in reading order; of one column until ``pdf_flow`` joins groups.
        kind: what it is, as far as its own lines tell.
        level: of a heading.
        grid: the cells, where it is a table.
    """

    lines: list[Line]
    kind: BlockKind = BlockKind.PARAGRAPH
    level: int = 0
    grid: Grid | None = None

    @property
    def text(self) -> str:
        """Its lines, a space apart."""
        return " ".join(line.text for line in self.lines)

    @property
    def first(self) -> Line:
        """Its first line."""
        return self.lines[0]

    @property
    def last(self) -> Line:
        """Its last line."""
        return self.lines[-1]

    @property
    def size(self) -> float:
        """The type size of most of its letters."""
        sizes: Counter[float] = Counter()
        for line in self.lines:
            sizes[line.size] += len(line.text)
        return sizes.most_common(1)[0][0]

    @property
    def bold(self) -> bool:
        """Whether all of it is set in bold."""
        return all(line.bold for line in self.lines)


def ends_sentence(text: str) -> bool:
    """Whether a line or group ends as sentences end."""
    return _ENDS_SENTENCE.search(text.rstrip()) is not None


def group_lines(
    lines: Sequence[Line], tables: Mapping[tuple[int, int], Grid], body: float
) -> list[Group]:
    """Group the lines of all pages, column by column.

    Args:
        lines: in reading order.
        tables: those that rules showed, by page and number; their lines say which they belong to.
        body: the type size of the running text.
    """
    leading = _Leading([line for line in lines if line.table is None], body)
    groups: list[Group] = []
    in_references = False
    for region in _by_region(lines):
        number = region[0].table
        if number is not None:
            grid = tables[region[0].page, number]
            groups.append(Group(region, BlockKind.TABLE_ROW, grid=grid))
        else:
            in_references = _group_region(region, leading, groups, in_references)
    return groups


def _group_region(
    region: Sequence[Line],
    leading: _Leading,
    groups: list[Group],
    in_references: bool,
) -> bool:
    """Group the lines of one column; returns whether its end stands in a reference list."""
    grids = {} if in_references else {grid.start: grid for grid in find_grids(region)}
    at = 0
    current: list[Line] = []
    while at < len(region):
        grid = grids.get(at)
        if grid is not None or (
            current and _begins(region, at, len(current), leading, in_references)
        ):
            in_references = _flush(current, groups, in_references)
            current = []
        if grid is not None:
            groups.append(
                Group(list(region[grid.start : grid.end]), BlockKind.TABLE_ROW, grid=grid)
            )
            at = grid.end
            continue
        current.append(region[at])
        at += 1
    return _flush(current, groups, in_references)


def _flush(lines: list[Line], groups: list[Group], in_references: bool) -> bool:
    """Close a group; returns whether what follows stands in a reference list."""
    if not lines:
        return in_references
    group = Group(list(lines))
    groups.append(group)
    if is_reference_section(group.text):
        return True
    return in_references and not is_known_heading(group.text)


def _by_region(lines: Sequence[Line]) -> Iterator[list[Line]]:
    region: list[Line] = []
    for line in lines:
        if region and (line.region, line.table) != (region[-1].region, region[-1].table):
            yield region
            region = []
        region.append(line)
    if region:
        yield region


class _Leading:
    """The usual step from line to line, in points, by type size.

    Attributes:
        body: the type size of the running text.
    """

    def __init__(self, lines: Sequence[Line], body: float) -> None:
        self.body = body
        steps: dict[float, Counter[float]] = {}
        for a, b in pairwise(lines):
            step = b.y1 - a.y1
            if a.region == b.region and abs(a.size - b.size) < 0.3 and 0 < step < 4 * b.height:
                steps.setdefault(b.size, Counter())[round(step * 2) / 2] += 1
        # Of equally usual steps the smaller: the larger ones are the spaces between paragraphs.
        self._usual = {
            size: min((-often, step) for step, often in c.items())[1]
            for size, c in steps.items()
            if c.total() >= _FEWEST_STEPS or size == body
        }
        self._ratio = self._usual.get(body, _USUAL_RATIO * body) / max(body, 1.0)

    def of(self, line: Line) -> float:
        """The step to expect before a line; by the running text where its size is rare."""
        expected = max(self._ratio, _USUAL_RATIO) * line.size
        usual = self._usual.get(line.size, expected)
        if line.size > self.body:
            usual = min(usual, 1.15 * expected)  # many headings, each of one line
        return min(usual, 3 * line.height)


def _begins(
    lines: Sequence[Line], at: int, length: int, leading: _Leading, in_references: bool
) -> bool:
    """Whether the line ``at`` begins a new group after one of ``length`` lines."""
    before, line, first = lines[at - 1], lines[at], lines[at - length]
    if _is_set_apart(before, line, leading) or _is_own_heading(before, line, length):
        return True
    if in_references and REFERENCE_MARK.match(first.text):
        # A numbered list: an entry goes on until the next number at the edge.
        return line.x0 <= first.x0 + 6 and REFERENCE_MARK.match(line.text) is not None
    if LIST_MARK.match(line.text) and _is_item(before, line):
        return True
    if LIST_MARK.match(first.text) and line.x0 > first.x0 + 0.3 * line.size:
        return False  # an item goes on under its own text
    if CAPTION.match(line.text) and ends_sentence(before.text):
        return True
    if _is_centred(before) and _is_centred(line):
        return False
    if _indent_begins(lines, at, length) or _short_before(before, line):
        return True
    return line.size <= 1.08 * leading.body and not line.bold and _had_room(lines, at)


def _is_set_apart(before: Line, line: Line, leading: _Leading) -> bool:
    """Whether a space above or another type parts a line from the one before."""
    step = line.y1 - before.y1
    usual = leading.of(line)
    other_type = abs(line.size - before.size) > 0.12 * line.size or line.bold != before.bold
    return other_type or step <= 0 or step > 1.35 * usual + 0.5


def _is_own_heading(before: Line, line: Line, length: int) -> bool:
    """Whether either line is a section name by itself and not the end of a longer title."""
    if is_known_heading(line.text):
        return ends_sentence(before.text)
    return length == 1 and is_known_heading(before.text)


def _is_item(before: Line, line: Line) -> bool:
    """Whether a line with a list mark begins an item, unlike "… in Table / 5. The"."""
    if _BULLET.match(line.text):
        return True
    set_off = abs(line.x0 - line.left) > 0.5 * line.size
    return ends_sentence(before.text) or (set_off and before.x1 < line.right - 2 * line.size)


def _indent_begins(lines: Sequence[Line], at: int, length: int) -> bool:
    before, line = lines[at - 1], lines[at]
    step = line.x0 - before.x0
    if step > 0.8 * line.size:
        if length > 1:
            return True
        # After a first line: a hanging indent goes on with the next line, a paragraph's does not.
        following = lines[at + 1] if at + 1 < len(lines) else None
        if following is not None and abs(following.x0 - line.x0) < 0.3 * line.size:
            return False
        return ends_sentence(before.text) or before.x1 < line.right - 3 * line.size
    return step < -0.8 * line.size and length > 1


def _short_before(before: Line, line: Line) -> bool:
    width = before.right - before.left
    return before.x1 < before.right - 0.15 * width and ends_sentence(before.text)


def _had_room(lines: Sequence[Line], at: int) -> bool:
    """Whether a line's first word would have fitted on the line before: the break was meant."""
    before, line = lines[at - 1], lines[at]
    first = line.words[0]
    if not (first.text[0].isupper() or first.text[0].isdigit()) or before.text.endswith("-"):
        return False
    # The right edge of the lines that begin where the line before begins.
    right = max(other.x1 for other in lines if abs(other.x0 - before.x0) < 1)
    return before.x1 + first.x1 - first.x0 + 1.5 * line.size < right


def _is_centred(line: Line) -> bool:
    left, right = line.x0 - line.left, line.right - line.x1
    return left > line.size and right > line.size and abs(left - right) < 0.5 * line.size + 2
