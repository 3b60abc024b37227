"""Running heads and feet, page numbers and line numbers: what a page layout adds to its text."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Container, Sequence
from dataclasses import dataclass
from itertools import pairwise

from corpus.readers.pdf_lines import Line, rows_of, segments_of
from corpus.readers.pdf_pages import Page, Word

_MARGIN = 0.12  # of the page's height, at the top and at the bottom
_SAME_PLACE = 0.015
_PAGE_NUMBER = re.compile(
    r"[-–—|\s]*(?:page|p\.)?\s*(?:\d{1,5}|[ivxl]{1,6})\s*"
    r"(?:(?:of|/)\s*\d{1,5})?[-–—|\s]*",
    re.IGNORECASE,
)
_EDGE_NUMBER = re.compile(r"^[^\w]*(\d{1,5})\b|\b(\d{1,5})[^\w]*$")
_PRINTED = re.compile(
    r"\bpage\s+(\d{1,4})\s+of\s+\d|^\W*(\d{1,4})\b(?!\s?[(:;])|(?<![:;,(.]\s)\b(?<![\d:;.,(-])(\d{1,4})\W*$",
    re.IGNORECASE,
)
_LARGEST_JUMP = 1000
_LONGEST_HEAD = 120
_FEWEST_LINE_NUMBERS = 12


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A run of words near the top or bottom edge of a page; ``row`` is all that is beside it."""

    page: int
    place: float
    text: str
    words: tuple[Word, ...]
    row: tuple[Word, ...]

    @property
    def key(self) -> str:
        """Its text without a page number at either end, all other digits alike."""
        text = _EDGE_NUMBER.sub(" ", _EDGE_NUMBER.sub(" ", self.text)).lower()
        return " ".join(re.sub(r"\d+", "#", text).split())


@dataclass(frozen=True, slots=True)
class Furnished:
    """Pages without what their layout added.

    Attributes:
        words: for each page those that are its text.
        texts: what was taken out.
        parted: the pages behind which the printed numbers leave some out.
    """

    words: list[list[Word]]
    texts: list[str]
    parted: frozenset[int]


def split_furniture(pages: Sequence[Page], kept: Container[int] = ()) -> Furnished:
    """Part the words of each page from what the layout added.

    Args:
        pages: all pages.
        kept: identities of words that are none of it: the heads of a table that goes on.

    """
    margins = [stretch for page in pages for stretch in _margins(page)]
    by_page = {page.number: page.words for page in pages}
    repeated = _repeated(margins)
    numbered = [s for s in _numbered(margins) if not _is_raised(s, by_page[s.page])]
    taken = {id(word) for stretch in repeated for word in stretch.words}
    taken |= {id(word) for stretch in numbered for word in stretch.row}
    taken = {word for word in taken if word not in kept}
    words: list[list[Word]] = []
    for page in pages:
        rest = [w for w in page.words if id(w) not in taken]
        numbers = {id(w) for w in _line_numbers(rest)}
        words.append([w for w in rest if id(w) not in numbers])
    gone = [s.text for s in repeated + numbered if not any(id(word) in kept for word in s.words)]
    return Furnished(words, list(dict.fromkeys(gone)), _missing_after(repeated + numbered))


def _margins(page: Page) -> list[_Stretch]:
    height = max(page.bottom - page.top, 1.0)
    out = []
    for row in rows_of(page.words):
        middle = (min(w.y0 for w in row) + max(w.y1 for w in row)) / 2
        place = (middle - page.top) / height
        if place < _MARGIN or place > 1 - _MARGIN:
            whole = tuple(row)
            for segment in segments_of(row):
                text = Line(segment.words, page.number).text
                out.append(_Stretch(page.number, place, text, tuple(segment.words), whole))
    return out


def _is_raised(stretch: _Stretch, words: Sequence[Word]) -> bool:
    """Whether a number alone on its row is a power or a mark at another word."""
    first, last = stretch.words[0], stretch.words[-1]
    return any(
        other.size > 1.15 * first.size
        and min(other.y1, first.y1) > max(other.y0, first.y0)
        and -other.size < max(other.x0 - last.x1, first.x0 - other.x1) < 0.5 * other.size
        for other in words
    )


def _repeated(stretches: Sequence[_Stretch]) -> list[_Stretch]:
    """What stands at the same height of several pages with the same words."""
    alike: dict[str, list[_Stretch]] = defaultdict(list)
    for stretch in stretches:
        if len(stretch.key) >= 3:
            alike[stretch.key].append(stretch)
    return [
        one
        for same in alike.values()
        for one in same
        if any(o.page != one.page and abs(o.place - one.place) < _SAME_PLACE for o in same)
    ]


def _numbered(stretches: Sequence[_Stretch]) -> list[_Stretch]:
    """Page numbers that stand alone, and heads that carry the page's number at one end."""
    alone = [s for s in stretches if len(s.words) == len(s.row) and _PAGE_NUMBER.fullmatch(s.text)]
    outermost = _outermost(stretches)
    counted: list[tuple[_Stretch, int]] = []
    for stretch in stretches:
        if id(stretch.row) in outermost and len(stretch.text) <= _LONGEST_HEAD:
            found = (
                n for match in _EDGE_NUMBER.finditer(stretch.text) for n in match.groups() if n
            )
            counted.extend((stretch, int(number) - stretch.page) for number in found)
    # Where the numbers rise with the pages, the difference between the two stays the same.
    steps = Counter(step for step, _ in {(step, stretch.page) for stretch, step in counted})
    (step, pages), *_ = steps.most_common(1) or [(0, 0)]
    return alone + [stretch for stretch, own in counted if own == step and pages >= 2]


def _outermost(stretches: Sequence[_Stretch]) -> set[int]:
    """The first row at the top and the last at the bottom of each page."""
    out: dict[tuple[int, bool], _Stretch] = {}
    for stretch in stretches:
        at_top = stretch.place < 0.5
        best = out.get((stretch.page, at_top))
        if best is None or (stretch.place < best.place) == at_top:
            out[stretch.page, at_top] = stretch
    return {id(stretch.row) for stretch in out.values()}


def _missing_after(stretches: Sequence[_Stretch]) -> frozenset[int]:
    """Pages behind which page numbers jump: a file that holds only some pages of a paper."""
    numbered: dict[str, dict[int, int]] = defaultdict(dict)
    for stretch in stretches:
        match = _PRINTED.search(stretch.text)
        if match:
            numbered[stretch.key][stretch.page] = int(next(n for n in match.groups() if n))
            if match.group(1) and stretch.page > 1:
                numbered[stretch.key].setdefault(1, 1)  # "Page 9 of 11" counts from the first page
    out: set[int] = set()
    for by_page in numbered.values():
        counts = sorted(by_page.items())
        for (a, first), (b, second) in pairwise(counts):
            if second - first > b - a and second < first + _LARGEST_JUMP:
                out.add(b - 1)
    return frozenset(out)


def _line_numbers(words: Sequence[Word]) -> list[Word]:
    """Numbers in the margin that count the lines by ones or fives, as in manuscripts."""
    rows = rows_of(words)
    firsts = [(i, row[0]) for i, row in enumerate(rows) if row[0].text.isdigit() and len(row) > 1]
    edges = Counter(round(word.x1 / 3) for _, word in firsts)
    if not edges:
        return []
    edge = edges.most_common(1)[0][0]
    column = [(i, w) for i, w in firsts if abs(w.x1 / 3 - edge) <= 1]
    if len(column) < _FEWEST_LINE_NUMBERS:
        return []
    body = min((rows[i][1].x0 for i, _ in column), default=0.0)
    if any(w.x0 < body - 0.5 * w.size and not w.text.isdigit() for row in rows for w in row):
        return []  # other words reach into the margin: it is a list, not a margin
    counts = [(i, int(w.text)) for i, w in column]
    steps = Counter((b - a, j - i) for (i, a), (j, b) in pairwise(counts))
    (step, rows_between), often = steps.most_common(1)[0]
    regular = often >= 0.8 * (len(counts) - 1) and step in (1, 5) and rows_between == step
    return [w for _, w in column] if regular else []
