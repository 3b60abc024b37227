"""Plain text: copied PDF text, saved web pages, one-line-a-paragraph files.

Everything is decided line by line, so that every character keeps its address: which lines are page
furniture, headings, list items, references or tables; which lines go on with the paragraph before,
even over a blank line or a table that a page break put in the middle of a sentence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from corpus.document import BlockKind
from corpus.metadata import (
    LABELLED,
    doi_in,
    pmid_in,
    read_citation_line,
    read_colophon,
    read_labelled,
)
from corpus.readers.base import Metadata, Piece, RawBlock, RawDocument
from corpus.readers.section_names import is_reference_section, is_section_name
from corpus.readers.text_lines import (
    Line,
    ends_sentence,
    is_capitals,
    is_furniture,
    list_marker,
    split_lines,
    starts_reference,
    wrapped_width,
)
from corpus.readers.text_tables import Table, find_tables, table_blocks

_VALUE_LABELS = {"document type", "publication date", "publication title"}
_FIGURE_CAPTION = re.compile(
    r"^(?:fig(?:ure)?\.?|table)\s?\d{1,3}[a-z]?\s*[.:]\s+\S", re.IGNORECASE
)
_FIGURE_LINK = re.compile(r"^fig(?:ure)?\.?\s?\d{1,3}[a-z]?\.?$", re.IGNORECASE)
_HEAD_LINES = 40


@dataclass(slots=True)
class _Chunk:
    """Lines that belong together, before it is known how chunks join."""

    kind: BlockKind
    lines: list[Line]
    table: Table | None = None
    skip: int = 0

    @property
    def text(self) -> str:
        return " ".join(line.text for line in self.lines)


@dataclass(slots=True)
class _State:
    """What the line walk knows so far."""

    width: int
    metadata: Metadata = field(default_factory=Metadata)
    chunks: list[_Chunk] = field(default_factory=list)
    references: bool = False
    label: str | None = None
    figure: bool = False
    after_blank: bool = True


def read(raw: str) -> RawDocument:
    """Read a plain-text file.

    Args:
        raw: the decoded file.

    Returns:
        Its blocks and what it states about itself. Offsets are characters of ``raw``.
    """
    lines = split_lines(raw)
    width = wrapped_width(lines)
    tables = {table.first: table for table in find_tables(raw, lines, width)}
    state = _State(width)
    i = 0
    while i < len(lines):
        table = tables.get(i)
        if table is not None:
            state.chunks.append(_Chunk(BlockKind.TABLE_ROW, [], table))
            state.after_blank = True
            i = table.last + 1
            continue
        _take_line(state, lines, i)
        i += 1
    _find_title(state)
    chunks = _join_chunks(state.chunks)
    _read_tail(state.metadata, chunks)
    return RawDocument(
        raw=raw, blocks=_blocks(chunks), metadata=state.metadata, format="text", mend=width > 0
    )


def _take_line(state: _State, lines: list[Line], i: int) -> None:
    line = lines[i]
    if line.blank:
        state.after_blank = True
        return
    kind = _bibliographic(state, line, i)
    if kind is None and is_furniture(line.text) and not is_reference_section(line.text):
        state.after_blank = True
        state.figure = _FIGURE_LINK.match(line.text) is not None
        return
    if kind is None and state.label is not None:
        return  # the label's value stands on a line of its own
    if kind is None:
        kind = _line_kind(state, lines, i)
    state.figure = False
    if kind is BlockKind.HEADING:
        state.references = is_reference_section(line.text)
    if _goes_on(state, line, kind):
        state.chunks[-1].lines.append(line)
    else:
        skip = list_marker(line.text) if kind is BlockKind.LIST_ITEM else 0
        state.chunks.append(_Chunk(kind, [line], skip=skip))
    state.after_blank = False


def _bibliographic(state: _State, line: Line, i: int) -> BlockKind | None:
    """REFERENCE for a line that says where the document itself was published, else None."""
    label = line.text.rstrip(":").lower()
    if label in _VALUE_LABELS:
        state.label = label
        return None
    if state.label is not None and len(line.text) < 120 and not ends_sentence(line.text):
        read_labelled(state.label, line.text, state.metadata)
        state.label = None
        return BlockKind.REFERENCE
    state.label = None
    if i >= _HEAD_LINES:
        return None
    labelled = LABELLED.match(line.text)
    if labelled:
        read_labelled(labelled["label"], labelled["value"], state.metadata)
        return BlockKind.REFERENCE
    if len(line.text) < 200 and read_citation_line(line.text, state.metadata):
        return BlockKind.REFERENCE
    if re.match(r"(?:https?://\S+|doi:?\s*10\.\S+|PMC?ID:?\s*\w+)\.?$", line.text, re.IGNORECASE):
        state.metadata.doi = state.metadata.doi or doi_in(line.text)
        state.metadata.pmid = state.metadata.pmid or pmid_in(line.text)
        return BlockKind.REFERENCE
    return None


def _line_kind(state: _State, lines: list[Line], i: int) -> BlockKind:
    line = lines[i]
    if is_section_name(line.text) and (state.after_blank or line.indent or is_capitals(line.text)):
        return BlockKind.HEADING
    if is_capitals(line.text) and _followed_by_text(lines, i):
        return BlockKind.HEADING
    if state.references:
        return BlockKind.REFERENCE
    if list_marker(line.text) and (state.after_blank or _after_list(state)):
        return BlockKind.LIST_ITEM
    if state.figure or (state.after_blank and _FIGURE_CAPTION.match(line.text)):
        return BlockKind.CAPTION
    if not state.width and state.after_blank and _standing_alone(lines, i):
        return BlockKind.HEADING
    return BlockKind.PARAGRAPH


def _after_list(state: _State) -> bool:
    return bool(state.chunks) and state.chunks[-1].kind is BlockKind.LIST_ITEM


def _followed_by_text(lines: list[Line], i: int) -> bool:
    return any(not line.blank for line in lines[i + 1 : i + 4])


def _standing_alone(lines: list[Line], i: int) -> bool:
    """A short line between blank ones, begun by a capital, not ended, before a long paragraph."""
    line = lines[i]
    if len(line.text) > 90 or ends_sentence(line.text) or not line.text[0].isupper():
        return False
    if i + 1 < len(lines) and not lines[i + 1].blank:
        return False
    following = next((x for x in lines[i + 1 : i + 5] if not x.blank), None)
    return following is not None and len(following.text) > 120 and len(line.text.split()) <= 12


def _goes_on(state: _State, line: Line, kind: BlockKind) -> bool:
    """Whether a line belongs to the chunk before it."""
    if not state.chunks or state.after_blank or not state.width:
        return False
    last = state.chunks[-1]
    if last.table is not None or kind is BlockKind.HEADING or last.kind is BlockKind.HEADING:
        return False
    if kind is BlockKind.REFERENCE:
        return last.kind is kind and not starts_reference(line.text)
    if kind is BlockKind.LIST_ITEM:
        return False
    return last.kind in (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM, BlockKind.CAPTION)


def _find_title(state: _State) -> None:
    """The first line that reads like a title, in the head of the file; its twins are dropped."""
    if state.metadata.title:
        return
    seen = 0
    # A line that publication data follow at once is a title even where it ends in a full stop.
    headed = [c.kind for c in state.chunks[1:2]] == [BlockKind.REFERENCE]
    for chunk in state.chunks:
        if chunk.kind is BlockKind.REFERENCE:
            continue
        if chunk.table is not None or seen >= 4 or is_section_name(chunk.text):
            return
        seen += 1
        text = chunk.text.rstrip(".") if headed and chunk is state.chunks[0] else chunk.text
        if len(chunk.lines) <= 3 and _reads_like_title(text):
            state.metadata.title = chunk.text
            break
    title = state.metadata.title
    twins = [c for c in state.chunks if c.text == title]
    for number, chunk in enumerate(twins):
        if number == 0:
            chunk.kind = BlockKind.TITLE
        else:
            state.chunks.remove(chunk)


def _reads_like_title(text: str) -> bool:
    words = text.split()
    return (
        3 <= len(words) <= 40 and text[0].isalnum() and text[-1] not in ".,;:" and len(text) < 300
    )


def _join_chunks(chunks: list[_Chunk]) -> list[_Chunk]:
    """Put paragraphs together that a page break, a blank line or a table cut inside a sentence.

    The table is moved behind the paragraph that it interrupted.
    """
    out: list[_Chunk] = []
    for chunk in chunks:
        before = next((i for i in range(len(out) - 1, -1, -1) if out[i].table is None), None)
        if before is not None and len(out) - before <= 2 and _continues(out[before], chunk):
            out[before].lines.extend(chunk.lines)
        else:
            out.append(chunk)
    return out


def _continues(first: _Chunk, then: _Chunk) -> bool:
    if first.kind is not BlockKind.PARAGRAPH or then.kind is not BlockKind.PARAGRAPH:
        return False
    end, start = first.lines[-1].text, then.lines[0].text
    if ends_sentence(end) or len(first.text) < 40:
        return False
    return start[0].islower() or start[0] in "([,;" or end.endswith(("-", ","))


def _read_tail(metadata: Metadata, chunks: list[_Chunk]) -> None:
    """A posting note at the end ("published in …, 2018") states journal and year; it is no text."""
    texts = [c for c in chunks if c.kind is BlockKind.PARAGRAPH]
    for chunk in texts[-2:]:
        if re.match(
            r"(?:author posting|posted|this article (?:is|was))\b", chunk.text, re.IGNORECASE
        ):
            read_colophon(chunk.text, metadata)
            chunk.kind = BlockKind.REFERENCE


def _blocks(chunks: list[_Chunk]) -> list[RawBlock]:
    blocks: list[RawBlock] = []
    for chunk in chunks:
        if chunk.table is not None:
            blocks.extend(table_blocks(chunk.table, len(blocks)))
            continue
        pieces: list[Piece] = []
        for line in chunk.lines:
            if pieces:
                # The break between two lines stands for the white space that was there.
                before = pieces[-1].end
                gap = line.start if line.start > before and line.start - before < 8 else before
                pieces.append(Piece(before, gap, "\n"))
            skip = chunk.skip if not pieces else 0
            pieces.append(Piece(line.start + skip, line.end))
        level = 1 if chunk.kind is BlockKind.HEADING else 0
        blocks.append(RawBlock(chunk.kind, (tuple(pieces),), level=level))
    return blocks
