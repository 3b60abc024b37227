"""Words of a page to lines in reading order: rows, columns, and what spans them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from corpus.readers.pdf_marks import raised
from corpus.readers.pdf_pages import Word

_MIN_COLUMN = 0.18  # of the page's width
_MIN_SIDE_LINES = 3
_MIN_FILL = 0.5
_LONGEST_RAISED = 8


@dataclass(slots=True)
class Line:
    """Words on one line of one column.

    Attributes:
        words: in reading order.
        page: 1-based.
        left, right: the edges of the column that it stands in.
        region: its column's number in reading order, unique in the document.
        start, end: its characters in the raw text, once they are laid out.
        glued: whether its last word goes on in the next line, without a hyphen.
        table: the number of the table on its page that it belongs to; None outside of tables.
    """

    words: list[Word]
    page: int
    left: float = 0.0
    right: float = 0.0
    region: int = 0
    start: int = 0
    end: int = 0
    glued: bool = False
    table: int | None = None
    x0: float = field(init=False)
    x1: float = field(init=False)
    y0: float = field(init=False)
    y1: float = field(init=False)
    size: float = field(init=False)
    font: str = field(init=False)
    bold: bool = field(init=False)
    text: str = field(init=False)

    def __post_init__(self) -> None:
        """Measure the words."""
        styles: Counter[tuple[float, str, bool]] = Counter()
        for word in self.words:
            styles[word.size, word.font, word.bold] += len(word.text)
        usual = styles.most_common(1)[0][0]
        self.size, self.font, _ = usual
        lettered = [w for w in self.words if sum(c.isalpha() for c in w.text) > 1]
        self.bold = all(w.bold for w in lettered or self.words)
        main = [w for w in self.words if (w.size, w.font, w.bold) == usual]
        self.x0, self.x1 = min(w.x0 for w in self.words), max(w.x1 for w in self.words)
        self.y0, self.y1 = min(w.y0 for w in main), max(w.y1 for w in main)
        for word in self.words:
            if word.size < 0.85 * self.size and word.y1 < self.y1 - 0.2 * self.size:
                word.text = raised(word.text)
        self.text = "".join(
            (" " if i and gap_before(self.words, i) else "") + w.text
            for i, w in enumerate(self.words)
        )

    @property
    def height(self) -> float:
        """The height of its type in points, ascenders and descenders included."""
        return max(self.y1 - self.y0, 1.0)


def gap_before(words: Sequence[Word], index: int) -> bool:
    """Whether white space stands before a word of a line (``index`` at least 1)."""
    before, word = words[index - 1], words[index]
    gap = word.x0 - before.x1
    size = max(min(word.size, before.size), 1.0)
    if size < 0.85 * max(word.size, before.size) and gap < 0.22 * max(word.size, before.size):
        return False  # raised or lowered type stands a little apart without a space
    if before.order + len(before.text) > word.order or not word.spaced:
        # Not neighbours in the text layer, or set without a space: only a clear gap parts them.
        return gap > (0.2 if word.spaced else 0.4) * size
    # An italic letter leans over the space behind it, if that is a character of the file.
    return gap > (-0.25 if before.closed else 0.015) * size


def rows_of(words: Sequence[Word]) -> list[list[Word]]:
    """Words grouped by the height at which they stand, top to bottom, each in reading order."""
    rows: list[list[Word]] = []
    main: list[Word] = []  # the tallest word of each row: raised and lowered ones join it
    for word in sorted(words, key=lambda w: (w.y0 + w.y1, w.x0)):
        for i in range(len(rows) - 1, max(len(rows) - 4, -1), -1):
            if same_row(main[i], word):
                rows[i].append(word)
                if word.y1 - word.y0 > main[i].y1 - main[i].y0:
                    main[i] = word
                break
        else:
            rows.append([word])
            main.append(word)
    _reunite(rows, main)
    return [sorted(row, key=lambda w: w.x0) for row in rows if row]


def _reunite(rows: list[list[Word]], main: Sequence[Word]) -> None:
    """Put raised and lowered words that fell to a neighbouring row beside the word they are at."""
    for i, row in enumerate(rows):
        tallest = max(word.size for word in main[max(i - 1, 0) : i + 2])
        small = [w for w in row if w.size < 0.82 * tallest and len(w.text) <= _LONGEST_RAISED]
        for word in small:
            if any(_is_beside(other, word, 0.6) for other in row):
                continue
            for j in (i + 1, i - 1):
                if 0 <= j < len(rows) and any(_holds(other, word) for other in rows[j]):
                    row.remove(word)
                    rows[j].append(word)
                    break


def _is_beside(word: Word, small: Word, gap: float) -> bool:
    """Whether a word stands right before or behind another, ``gap`` (of the type size) away."""
    apart = max(small.x0 - word.x1, word.x0 - small.x1)
    return word is not small and -0.3 * word.size < apart < gap * word.size


def _holds(word: Word, small: Word) -> bool:
    """Whether a small word stands at a larger one, at part of its height."""
    level = min(word.y1, small.y1) > max(word.y0, small.y0)
    return level and small.size < 0.82 * word.size and _is_beside(word, small, 0.15)


def same_row(a: Word, b: Word) -> bool:
    """Whether two words overlap by half the height of the lower one."""
    overlap = min(a.y1, b.y1) - max(a.y0, b.y0)
    return overlap > 0.5 * min(a.y1 - a.y0, b.y1 - b.y0)


def lines_in_order(words: Sequence[Word], page: int, first_region: int) -> list[Line]:
    """The lines of a page in reading order, columns one after the other.

    Args:
        words: the page's words, running heads and the like taken out.
        page: its 1-based number.
        first_region: the number for the first column found.
    """
    if not words:
        return []
    left, right = min(w.x0 for w in words), max(w.x1 for w in words)
    segments = [segment for row in rows_of(words) for segment in segments_of(row)]
    lines: list[Line] = []
    for number, region in enumerate(_regions(segments, right - left, depth=2)):
        inside = [word for segment in region for word in segment.words]
        edges = min(w.x0 for w in inside), max(w.x1 for w in inside)
        for row in rows_of(inside):
            lines.append(Line(row, page, *edges, first_region + number))
    return lines


def page_gutter(words: Sequence[Word]) -> float | None:
    """The left edge of a page's second column; None where it has but one."""
    segments = [segment for row in rows_of(words) for segment in segments_of(row)]
    return _gutter(segments, max(w.x1 for w in words) - min(w.x0 for w in words))


@dataclass(slots=True)
class Segment:
    """Words that follow one another on a row with no more than a space between them."""

    words: list[Word]
    x0: float = field(init=False)
    x1: float = field(init=False)
    y: float = field(init=False)
    height: float = field(init=False)

    def __post_init__(self) -> None:
        """Measure the words."""
        self.x0, self.x1 = min(w.x0 for w in self.words), max(w.x1 for w in self.words)
        self.y = (self.words[0].y0 + self.words[0].y1) / 2
        self.height = self.words[0].y1 - self.words[0].y0

    @property
    def letters(self) -> int:
        """How many characters it has."""
        return sum(len(w.text) for w in self.words)


def segments_of(row: Sequence[Word]) -> list[Segment]:
    """Cut a row, left to right, where the gap is wider than a space can be."""
    parts: list[list[Word]] = []
    for word in row:
        before = parts[-1][-1] if parts else None
        if before is None or word.x0 - before.x1 > 0.9 * max(word.size, before.size, 1.0):
            parts.append([])
        parts[-1].append(word)
    return [Segment(part) for part in parts]


def _regions(segments: list[Segment], page_width: float, depth: int) -> list[list[Segment]]:
    """Part segments into columns and full-width stretches, in reading order."""
    gutter = _gutter(segments, page_width) if depth else None
    if gutter is None:
        return [segments] if segments else []
    out: list[list[Segment]] = []
    for zone in _zones(segments, gutter):
        sides = _sides(zone, gutter)
        if (
            any(_spans(s, gutter) for s in zone)
            or not (sides[0] and sides[1])
            or _ragged(sides, gutter)
        ):
            out.append(zone)
        else:
            for side in sides:
                out.extend(_regions(side, page_width, depth - 1))
    return out


def _gutter(segments: Sequence[Segment], page_width: float) -> float | None:
    """The left edge of a second column: where enough lines begin and none of its zone crosses."""
    left, right = min(s.x0 for s in segments), max(s.x1 for s in segments)
    margin = _MIN_COLUMN * page_width
    begins = Counter(round(s.x0 / 2) for s in segments if left + margin < s.x0 < right - margin)
    found: list[tuple[int, int, float, float]] = []
    for edge, _ in begins.most_common(12):
        if begins[edge] + begins[edge - 1] + begins[edge + 1] < _MIN_SIDE_LINES:
            continue
        x = 2.0 * edge - 1.5
        scored = [(zone, _zone_score(zone, x)) for zone in _zones(segments, x)]
        ends = [s.x1 for zone, score in scored if score for s in _sides(zone, x)[0]]
        if ends:
            crossed = sum(_spans(s, x) for s in segments)
            found.append((sum(score for _, score in scored), -crossed, x - max(ends), x))
    # Where two edges part the page alike (numbers and the entries they count), it is the one that
    # cuts least, then the one with the wider gap.
    enough = 0.95 * max((score for score, *_ in found), default=0)
    best = max((rest for score, *rest in found if score >= enough), default=None)
    return best[-1] if best else None


def _zone_score(zone: Sequence[Segment], gutter: float) -> int:
    """Letters in a stretch that reads as two columns; 0 where it does not."""
    sides = _sides(zone, gutter)
    if min(len(side) for side in sides) < _MIN_SIDE_LINES or any(_spans(s, gutter) for s in zone):
        return 0
    rows = [rows_of([w for s in side for w in s.words]) for side in sides]
    if min(map(len, rows)) < _MIN_SIDE_LINES:
        return 0
    return 0 if _ragged(sides, gutter, rows) else sum(s.letters for s in zone)


def _spans(segment: Segment, gutter: float) -> bool:
    return segment.x0 < gutter - 3 and segment.x1 > gutter


def _sides(zone: Sequence[Segment], gutter: float) -> tuple[list[Segment], list[Segment]]:
    return [s for s in zone if s.x0 < gutter - 3], [s for s in zone if s.x0 >= gutter - 3]


def _ragged(
    sides: tuple[list[Segment], list[Segment]],
    gutter: float,
    rows_by_side: Sequence[list[list[Word]]] | None = None,
) -> bool:
    """Whether the lines of either side leave their column mostly empty: cells, not text."""
    if rows_by_side is None:
        rows_by_side = [rows_of([w for s in side for w in s.words]) for side in sides]
    for side, rows in zip(sides, rows_by_side, strict=True):
        if len(rows) < _MIN_SIDE_LINES:
            continue
        edges = min(s.x0 for s in side), max(s.x1 for s in side)
        width = max((gutter if side is sides[0] else edges[1]) - edges[0], 1.0)
        if _usual_width(rows) < _MIN_FILL * width:
            return True
    return False


def _usual_width(rows: Sequence[Sequence[Word]]) -> float:
    """The width of ink on the row of the middle letter: labels of a figure count for little."""
    widths = sorted((sum(w.x1 - w.x0 for w in row), sum(len(w.text) for w in row)) for row in rows)
    left = sum(letters for _, letters in widths) / 2
    for width, letters in widths:
        left -= letters
        if left <= 0:
            return width
    return 0.0


def _zones(segments: Sequence[Segment], gutter: float) -> list[list[Segment]]:
    """Cut the page, top to bottom, into stretches whose lines do, or do not, cross the gutter."""
    zones: list[list[Segment]] = []
    spanning = False
    ordered = sorted(segments, key=lambda s: s.y)
    for i, segment in enumerate(ordered):
        across = _spans(segment, gutter) or (
            spanning and _is_last_line(zones[-1][-1], segment, ordered[i + 1 : i + 2], gutter)
        )
        if not zones or across != spanning:
            zones.append([])
        zones[-1].append(segment)
        spanning = across
    return zones


def _is_last_line(
    above: Segment, segment: Segment, following: Sequence[Segment], gutter: float
) -> bool:
    """Whether a short line on the left ends a paragraph that spans the columns."""
    step = segment.y - above.y
    alone = all(abs(other.y - segment.y) > 0.5 * segment.height for other in following)
    alike = abs(segment.height - above.height) < 0.15 * above.height
    return alone and alike and segment.x0 < gutter and step < 1.5 * above.height
