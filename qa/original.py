"""Back to the original: the page of the PDF, or the lines of the file, that a quote stands in.

Everything comes from the quote's offsets and the document's maps; no text is searched for.
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from corpus.document import BlockKind, Document, DocumentInfo, Span
from corpus.load import LoadError, read_bytes
from corpus.pictures import page_picture
from corpus.readers.base import Unreadable
from corpus.readers.decode import decode
from index.base import SourceRecord

MOST_PAGES = 4
"""Pages drawn for one quote; a quote that stands on more is no quote that a person reads."""

LINES_AROUND = 2
"""Lines of the source file shown before and after the quote's."""

CHARACTERS_AROUND = 240
"""Characters shown before and after where lines are long: a web page may be one line."""

LONGEST = 8_000
"""Characters of the source file shown of one quote."""

_LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class PageView:
    """A page of a PDF with the quote marked.

    Attributes:
        number: the page, counting from 1.
        whole: the page as a PNG.
        near: only the marks and what is around them, as a PNG, where that was asked for.
    """

    number: int
    whole: bytes = field(repr=False)
    near: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class SourceLines:
    """Lines of a text file as they stand there, mark-up and all, with the quote's characters.

    Attributes:
        first, last: the lines, counting from 1, on which the quote begins and ends.
        text: these lines and some around them; cut within a line where lines are long.
        shown_from: the line on which ``text`` begins.
        marks: the quote's characters, as offsets into ``text``.
        cut_before, cut_after: whether ``text`` begins or ends within a line.
    """

    first: int
    last: int
    text: str = field(repr=False)
    shown_from: int
    marks: tuple[Span, ...]
    cut_before: bool = False
    cut_after: bool = False


@dataclass(frozen=True, slots=True)
class Original:
    """A quote where it comes from.

    Attributes:
        info: the document.
        kind: what the paragraph is.
        section: the heading path that it stands under.
        paragraph: the block of reading text around the quote.
        start, end: the quote, as offsets into ``paragraph``.
        header: of a table row, the header's words.
        path: the source file, found unchanged; None where it is not.
        problem: where the file cannot be shown, a sentence that names it and says why.
        pages: of a PDF, the pages that the quote stands on.
        lines: of a text format, the lines of the file.
    """

    info: DocumentInfo
    kind: BlockKind
    section: str | None
    paragraph: str = field(repr=False)
    start: int
    end: int
    header: str | None = None
    path: Path | None = None
    problem: str | None = None
    pages: tuple[PageView, ...] = ()
    lines: SourceLines | None = None


def original(
    document: Document,
    start: int,
    end: int,
    records: Iterable[SourceRecord],
    *,
    near: bool = False,
) -> Original:
    """Show ``document.text[start:end]`` in its source.

    Args:
        document: the document, as it was indexed.
        start: where the quote begins in its reading text.
        end: where it ends.
        records: what the index knows of source files; those of other documents are passed over.
        near: whether to draw also the surroundings of the marks alone, for narrow screens.

    Returns:
        The paragraph always; page pictures or lines where the file is there, its bytes unchanged.

    Raises:
        ValueError: the range is empty or not inside the text.
    """
    if not 0 <= start < end <= len(document.text):
        raise ValueError(f"{start} to {end} is no range of {len(document.text)} characters")
    around, kind, section, header = _block(document, start, end)
    path: Path | None = None
    pages: tuple[PageView, ...] = ()
    lines, problem = None, None
    try:
        path, data = _find(document.info, records)
        pages = _pages(document, start, end, data, near=near)
        lines = _lines(document.source_spans(start, end), data)
    except Unreadable as error:
        problem = f"{document.info.source} {error.reason}."
        problem += f" {error.hint}" if error.hint else ""
    return Original(
        info=document.info,
        kind=kind,
        section=section,
        paragraph=document.text[around.start : around.end],
        start=start - around.start,
        end=end - around.start,
        header=document.text[header.start : header.end] if header else None,
        path=path,
        problem=problem,
        pages=pages,
        lines=lines,
    )


def _block(
    document: Document, start: int, end: int
) -> tuple[Span, BlockKind, str | None, Span | None]:
    """The block around a range, or the blocks from its first to its last."""
    blocks = document.blocks
    first = bisect_right(blocks, start, key=lambda block: block.start) - 1
    last = bisect_right(blocks, end - 1, key=lambda block: block.start) - 1
    if first < 0:
        return Span(start, end), BlockKind.PARAGRAPH, None, None
    here = blocks[first]
    around = Span(here.start, max(end, blocks[last].end))
    return around, here.kind, here.section, here.header


def _find(info: DocumentInfo, records: Iterable[SourceRecord]) -> tuple[Path, bytes]:
    """The file that a document was read from, with its bytes.

    Raises:
        Unreadable: every file that held it is gone or has changed since.
    """
    known = list(records)
    files = {record.path: record for record in known if record.document is None}
    reason = "is no longer where it was indexed"
    for record in known:
        if record.document is None or record.document.id != info.id:
            continue
        # A record of a file with many is known by a path below that file.
        file = files.get(str(Path(record.path).parent), record)
        path = Path(file.path)
        try:
            data = read_bytes(path)
        except LoadError:
            continue
        digest = hashlib.sha256(data).hexdigest()
        # A record's id is that of its own bytes; its file is known by the digest it had.
        if digest.startswith(info.id) or (file.state == "indexed" and digest == file.sha256):
            return path, data
        reason = "has changed since it was indexed"
    raise Unreadable(reason, "What was indexed is still shown as text.")


def _pages(
    document: Document, start: int, end: int, data: bytes, *, near: bool
) -> tuple[PageView, ...]:
    """Draw the pages of a PDF's quote.

    Raises:
        Unreadable: a page cannot be drawn.
    """
    boxes = document.boxes(start, end)
    return tuple(
        PageView(
            number,
            page_picture(data, number, boxes),
            page_picture(data, number, boxes, crop=True) if near else None,
        )
        for number in document.pages(start, end)[:MOST_PAGES]
    )


def _lines(spans: list[Span], data: bytes) -> SourceLines | None:
    """The lines of a text file that hold some characters; None where there are none to show."""
    if not spans:
        return None
    text = decode(data)  # the bytes were read as text before, so they can be again
    low, high = min(span.start for span in spans), max(span.end for span in spans)
    high = min(high, low + LONGEST, len(text))
    ends = [match.end() for match in _LINE_END.finditer(text)]
    first, last = bisect_right(ends, low), bisect_right(ends, high - 1)
    starts = [0, *ends]
    top, bottom = max(0, first - LINES_AROUND), min(len(ends), last + LINES_AROUND)
    begin, stop = starts[top], ends[bottom] if bottom < len(ends) else len(text)
    shown = Span(max(begin, low - CHARACTERS_AROUND), min(stop, high + CHARACTERS_AROUND))
    marks = (Span(max(s.start, low), min(s.end, high)) for s in sorted(spans))
    return SourceLines(
        first=first + 1,
        last=last + 1,
        text=text[shown.start : shown.end],
        shown_from=bisect_right(ends, shown.start) + 1,
        marks=tuple(
            Span(m.start - shown.start, m.end - shown.start) for m in marks if m.start < m.end
        ),
        cut_before=shown.start > begin,
        cut_after=shown.end < stop,
    )
