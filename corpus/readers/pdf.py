"""PDF: papers with a text layer, in one or two columns, with pages and boxes.

Words come from PDFium (``pdf_pages``), lose running heads and page numbers (``pdf_furniture``), are
put in lines and columns (``pdf_lines``), grouped (``pdf_groups``, ``pdf_tables``) and joined into
the flow of a document (``pdf_flow``).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from corpus.document import BlockKind, Places
from corpus.readers.base import Piece, RawBlock, RawDocument, Unreadable
from corpus.readers.pdf_flow import arrange, body_style
from corpus.readers.pdf_furniture import split_furniture
from corpus.readers.pdf_groups import Group, group_lines
from corpus.readers.pdf_lines import Line, Segment, gap_before, lines_in_order
from corpus.readers.pdf_meta import read_metadata
from corpus.readers.pdf_pages import Word, read_pages


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
    words, furniture = split_furniture(file.pages)
    lines: list[Line] = []
    for page, own in zip(file.pages, words, strict=True):
        first = lines[-1].region + 1 if lines else 0
        lines.extend(lines_in_order(own, page.number, first))
    if not lines:
        raise Unreadable(
            "is a scan without a text layer",
            "Add one with: ocrmypdf IN.pdf OUT.pdf, and use OUT.pdf.",
        )
    raw, places, starts = _lay_out(lines)
    groups = arrange(group_lines(lines), body_style(lines), file.information.get("Title", ""))
    return RawDocument(
        raw=raw,
        blocks=_blocks(groups, starts),
        metadata=read_metadata(groups, furniture, file.information),
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


def _blocks(groups: Sequence[Group], starts: dict[int, int]) -> list[RawBlock]:
    blocks: list[RawBlock] = []
    for group in groups:
        if group.grid is None:
            pieces = tuple(Piece(line.start, line.end + 1) for line in group.lines)
            blocks.append(RawBlock(group.kind, (pieces,), level=group.level))
            continue
        header = len(blocks) if group.grid.has_header else None
        for number, row in enumerate(group.grid.rows):
            cells = tuple((_cell(segment, starts),) for segment in row)
            if number == 0 and header is not None:
                blocks.append(RawBlock(BlockKind.TABLE_HEADER, cells))
            else:
                blocks.append(RawBlock(BlockKind.TABLE_ROW, cells, header=header))
    return blocks


def _cell(segment: Segment, starts: dict[int, int]) -> Piece:
    first = min(starts[id(word)] for word in segment.words)
    last = max(segment.words, key=lambda word: starts[id(word)])
    return Piece(first, starts[id(last)] + len(last.text))
