"""Every shape of text in Pincite, named once.

All offsets are Unicode code points, half-open. *Reading* offsets point into ``Document.text``, the
text that is quoted; *source* offsets point into the decoded source file (text formats) or into the
characters of the PDF's text layer.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import groupby, pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int32]
FloatArray = npt.NDArray[np.float32]


class Span(NamedTuple):
    """A half-open range ``[start, end)`` of code points."""

    start: int
    end: int


class BlockKind(StrEnum):
    """What a block of text is in its document."""

    TITLE = "title"
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST_ITEM = "list item"
    TABLE_HEADER = "table header"
    TABLE_ROW = "table row"
    CAPTION = "caption"
    REFERENCE = "reference"


QUOTABLE = frozenset(
    {BlockKind.PARAGRAPH, BlockKind.LIST_ITEM, BlockKind.TABLE_ROW, BlockKind.CAPTION}
)
"""The kinds whose words may be quoted as an answer. Titles and headings are addresses, not claims;
references are somebody else's words about somebody else's paper."""


@dataclass(frozen=True, slots=True)
class Block:
    """A span of the reading text that is one thing: a paragraph, a heading, a table row.

    Attributes:
        start, end: offsets into the reading text.
        kind: what it is.
        section: the heading path above it, joined with `` › ``; None before the first heading.
        page: 1-based page on which it begins (PDF), else None.
        header: of a table row, the span of the header row it is read under.
        group: of a table row, the span of the row label it stands under, where the table has any.
    """

    start: int
    end: int
    kind: BlockKind
    section: str | None = None
    page: int | None = None
    header: Span | None = None
    group: Span | None = None

    @property
    def span(self) -> Span:
        """The block's range in the reading text."""
        return Span(self.start, self.end)


class Box(NamedTuple):
    """A rectangle on a page, in points, origin at the page's top left."""

    page: int
    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True, slots=True)
class SourceMap:
    """The map from reading offsets back to source offsets, run-length coded.

    Run ``i`` says that the reading characters ``[reading[i], reading[i] + length[i])`` come from
    the source characters ``[source[i], source[i] + source_length[i])``. Where both lengths agree
    the run is linear: character for character. Otherwise it is one replacement (an entity, a
    mended line break) and can only be given back whole. Reading characters in no run were put
    there by the reader (a separator between blocks). Runs are sorted by ``reading`` and never
    overlap there; in the source they may go back (a table moved out of a sentence).
    """

    reading: IntArray
    length: IntArray
    source: IntArray
    source_length: IntArray

    def moved(self, by: int) -> SourceMap:
        """The same map into a source that has ``by`` more characters in front."""
        if not by:
            return self
        source = (self.source + by).astype(np.int32)
        return SourceMap(self.reading, self.length, source, self.source_length)

    def spans(self, start: int, end: int) -> list[Span]:
        """Source spans of the reading range ``[start, end)``, in reading order, one a run."""
        out: list[Span] = []
        first = max(0, int(np.searchsorted(self.reading, start, side="right")) - 1)
        for i in range(first, len(self.reading)):
            run_start, run_length = int(self.reading[i]), int(self.length[i])
            if run_start >= end:
                break
            low, high = max(start, run_start), min(end, run_start + run_length)
            if low >= high:
                continue
            source, source_length = int(self.source[i]), int(self.source_length[i])
            if run_length == source_length:
                out.append(Span(source + low - run_start, source + high - run_start))
            else:
                out.append(Span(source, source + source_length))
        return out


@dataclass(frozen=True, slots=True)
class Places:
    """Where the words of a PDF's text layer stand on its pages.

    Row ``i`` says that the source characters ``[start[i], end[i])`` stand on ``page[i]`` (1-based)
    inside ``box[i]`` (x0, y0, x1, y1 in points from the page's top left). Rows are sorted by start.
    """

    start: IntArray
    end: IntArray
    page: IntArray
    box: FloatArray

    def boxes(self, spans: Iterable[Span]) -> list[Box]:
        """One box for each printed line that the source spans touch, in reading order."""
        out: list[Box] = []
        for page, rows in groupby(self._rows(spans), key=lambda row: int(self.page[row])):
            words = [_Sides(*(float(side) for side in self.box[row])) for row in rows]
            for line in _printed_lines(words):
                out.append(Box(page, *(round(side, 1) for side in line)))
        return out

    def pages(self, spans: Iterable[Span]) -> list[int]:
        """The pages that the source spans touch, ascending."""
        return sorted({int(self.page[i]) for i in self._rows(spans)})

    def _rows(self, spans: Iterable[Span]) -> list[int]:
        """The rows that the spans touch, in the order of the spans, each once."""
        rows: dict[int, None] = {}
        for span in spans:
            low = bisect_right(self.end, span.start)
            high = bisect_left(self.start, span.end)
            rows.update(dict.fromkeys(range(low, high)))
        return list(rows)


class _Sides(NamedTuple):
    """The sides of a rectangle."""

    x0: float
    y0: float
    x1: float
    y1: float

    def turned(self) -> _Sides:
        """The same with x and y exchanged."""
        return _Sides(self.y0, self.x0, self.y1, self.x1)


def _printed_lines(words: list[_Sides]) -> list[_Sides]:
    """Join the words of each printed line, whichever way the lines run."""
    pairs = list(pairwise(words))
    level = sum(_on_a_level(before, word) for before, word in pairs)
    sideways = sum(_on_a_level(before.turned(), word.turned()) for before, word in pairs) > level
    lines: list[_Sides] = []
    before: _Sides | None = None
    for word in (word.turned() if sideways else word for word in words):
        if before and _on_a_level(lines[-1], word) and _goes_on(before, word):
            line = lines[-1]
            lines[-1] = _Sides(
                min(line.x0, word.x0),
                min(line.y0, word.y0),
                max(line.x1, word.x1),
                max(line.y1, word.y1),
            )
        else:
            lines.append(word)
        before = word
    return [line.turned() if sideways else line for line in lines]


def _on_a_level(a: _Sides, b: _Sides) -> bool:
    """Whether two boxes overlap by at least half of the lower one's height."""
    return min(a.y1, b.y1) - max(a.y0, b.y0) > 0.5 * min(a.y1 - a.y0, b.y1 - b.y0)


def _goes_on(before: _Sides, word: _Sides) -> bool:
    """Whether a word follows on the same line: to the right, or next to the left (Arabic, Hebrew).

    A raised figure that begins the next line can reach up beside the line above.
    """
    return word.x0 >= before.x0 or before.x0 - word.x1 < 2 * (before.y1 - before.y0)


BINARY = frozenset({"docx", "xlsx"})
"""Formats whose files are no text: the source map points into what the reader took out of them."""


@dataclass(frozen=True, slots=True)
class DocumentInfo:
    """What a citation says of a document: everything but its text.

    ``source`` is the path as the person gave it, with ``#`` and the record's key behind it where
    the file holds many records; ``digest_of`` names the original where the document is a digest of
    another one; ``page_range`` is where it stands in its journal's issue ("233-41").
    """

    id: str
    source: str
    title: str
    authors: tuple[str, ...] = ()
    year: int | None = None
    journal: str | None = None
    doi: str | None = None
    pmid: str | None = None
    digest_of: str | None = None
    format: str = "text"
    pmcid: str | None = None
    licence: str | None = None
    volume: str | None = None
    issue: str | None = None
    page_range: str | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """One source file as text that can be quoted and addressed.

    Attributes:
        info: id (sha256 of the source bytes, first 16 hex digits), source and metadata.
        text: the reading text, NFC.
        blocks: in reading order, not overlapping.
        source_map: reading offsets to source offsets.
        places: source offsets to pages and boxes (PDF only).
    """

    info: DocumentInfo
    text: str = field(repr=False)
    blocks: tuple[Block, ...] = field(repr=False)
    source_map: SourceMap = field(repr=False)
    places: Places | None = field(default=None, repr=False)

    @property
    def id(self) -> str:
        """The document's id: sha256 of the source bytes, first 16 hex digits."""
        return self.info.id

    def source_spans(self, start: int, end: int) -> list[Span]:
        """The words of ``text[start:end]`` as spans of the decoded source; [] for PDF and Office.

        Neighbouring runs are joined over the white space that the reading text folded away;
        anything else that was dropped (mark-up, a hyphen at a line's end) splits the span.
        """
        if self.places is not None or self.info.format in BINARY:
            return []
        out: list[Span] = []
        for span in self.source_map.spans(start, end):
            if out and out[-1].start <= span.start <= out[-1].end:
                out[-1] = Span(out[-1].start, max(out[-1].end, span.end))
            else:
                out.append(span)
        return out

    def boxes(self, start: int, end: int) -> list[Box]:
        """The boxes of ``text[start:end]`` on the pages, one a printed line; [] unless a PDF."""
        if self.places is None:
            return []
        return self.places.boxes(self.source_map.spans(start, end))

    def pages(self, start: int, end: int) -> list[int]:
        """The 1-based pages that ``text[start:end]`` stands on; [] where there are no pages."""
        if self.places is None:
            return []
        return self.places.pages(self.source_map.spans(start, end))


@dataclass(frozen=True, slots=True)
class Passage:
    """A span of whole sentences, or one table row: what is embedded, searched and read.

    Attributes:
        document_id: the document it belongs to.
        start, end: offsets into that document's reading text; ``text`` is exactly that range.
        kind: ``paragraph`` for running text, else the block's kind.
        section: the heading path it stands under.
        sentences: the sentence spans inside it (document offsets), in order, at least one. A
            table row is one sentence.
        header, header_text: of a table row, the header's span and text.
        context: words that are searched and embedded with it but not part of it: a table's
            caption and row group.
    """

    document_id: str
    start: int
    end: int
    text: str
    kind: BlockKind = BlockKind.PARAGRAPH
    section: str | None = None
    sentences: tuple[Span, ...] = ()
    header: Span | None = None
    header_text: str | None = None
    context: str | None = None

    def sentence_text(self, sentence: Span) -> str:
        """The words of one of ``sentences``."""
        return self.text[sentence.start - self.start : sentence.end - self.start]
