"""The words around a quote: what a person reads to check it in its place."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from corpus.document import Block, BlockKind, Document, Span

REACH = 400
"""Characters shown before and after the quote."""

ROWS = 2
"""Table rows shown before and after the quoted one."""


@dataclass(frozen=True, slots=True)
class Line:
    """A stretch of reading text shown as one paragraph or one table row.

    ``kind`` is its block's; ``start`` and ``end`` are offsets into the reading text.
    """

    kind: BlockKind
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A quote's surroundings, in reading order.

    Attributes:
        lines: paragraphs, or the rows of one table; the quote lies in one of them.
        header: of a table, the header row's span.
        cut_before, cut_after: whether the block goes on beyond what is shown.
    """

    lines: tuple[Line, ...]
    header: Span | None = None
    cut_before: bool = False
    cut_after: bool = False


def excerpt(document: Document, start: int, end: int, reach: int = REACH) -> Excerpt:
    """Cut out what stands around ``document.text[start:end]``.

    Running text is shown up to ``reach`` characters before and after, whole words only and never
    beyond the section's end; a table row with its header and its neighbours.

    Args:
        document: the document quoted.
        start: where the quote begins in the reading text.
        end: where it ends.
        reach: characters before and after.
    """
    blocks = document.blocks
    here = bisect_right(blocks, start, key=lambda block: block.start) - 1
    if here < 0 or blocks[here].end < end:
        # Not inside one block: show the bare window rather than nothing.
        low, high = max(0, start - reach), min(len(document.text), end + reach)
        return Excerpt((Line(BlockKind.PARAGRAPH, low, high),), None, low > 0, high < end)
    if blocks[here].kind is BlockKind.TABLE_ROW:
        return _rows(blocks, here)
    return _prose(document, here, Span(start, end), reach)


def section_at(document: Document, start: int) -> str | None:
    """Name the section that the character at ``start`` stands in, if any."""
    here = bisect_right(document.blocks, start, key=lambda block: block.start) - 1
    return document.blocks[here].section if here >= 0 else None


def _rows(blocks: tuple[Block, ...], here: int) -> Excerpt:
    """Take the row, its header and up to ``ROWS`` rows of the same table on either side."""
    row = blocks[here]

    def same_table(i: int) -> bool:
        in_range = 0 <= i < len(blocks)
        return in_range and blocks[i].kind is BlockKind.TABLE_ROW and blocks[i].header == row.header

    low = high = here
    while here - low < ROWS and same_table(low - 1):
        low -= 1
    while high - here < ROWS and same_table(high + 1):
        high += 1
    lines = [Line(b.kind, b.start, b.end) for b in blocks[low : high + 1]]
    label = row.group
    if label is not None and not any(line.start == label.start for line in lines):
        # A row of a group means little without the label it stands under.
        lines.insert(0, Line(BlockKind.TABLE_ROW, label.start, label.end))
        lines.sort(key=lambda line: line.start)
    return Excerpt(tuple(lines), row.header, same_table(low - 1), same_table(high + 1))


def _prose(document: Document, here: int, quote: Span, reach: int) -> Excerpt:
    """Take the quote's block and its neighbours in the same section, cut at word boundaries."""
    blocks, text = document.blocks, document.text
    window = Span(max(0, quote.start - reach), min(len(text), quote.end + reach))
    first = last = here
    while first and _shown_with(blocks[first - 1], blocks[here]):
        if blocks[first - 1].end <= window.start:
            break
        first -= 1
    while last + 1 < len(blocks) and _shown_with(blocks[last + 1], blocks[here]):
        if blocks[last + 1].start >= window.end:
            break
        last += 1
    low = max(blocks[first].start, window.start)
    high = min(blocks[last].end, window.end)
    if low > blocks[first].start:
        low = _next_word(text, low, quote.start)
    if high < blocks[last].end:
        high = _last_word(text, high, quote.end)
    shown = (Line(b.kind, max(b.start, low), min(b.end, high)) for b in blocks[first : last + 1])
    return Excerpt(
        tuple(line for line in shown if line.start < line.end),
        None,
        low > blocks[first].start,
        high < blocks[last].end,
    )


def _shown_with(block: Block, quoted: Block) -> bool:
    prose = {BlockKind.PARAGRAPH, BlockKind.LIST_ITEM, BlockKind.CAPTION}
    return block.kind in prose and block.section == quoted.section


def _next_word(text: str, low: int, limit: int) -> int:
    """Find the first word that begins at or after ``low``, at most ``limit``."""
    while low < limit and not (text[low - 1].isspace() and not text[low].isspace()):
        low += 1
    return low


def _last_word(text: str, high: int, limit: int) -> int:
    """Find the last word's end at or before ``high``, at least ``limit``."""
    while high > limit and not (text[high].isspace() and not text[high - 1].isspace()):
        high -= 1
    return high
