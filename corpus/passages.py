"""Documents become passages: whole sentences, never across a heading; a table row by itself.

A passage is what is embedded, searched and read. Running text is cut at sentence ends so that a
passage has 600 to 1,000 characters where the section is long enough; a table row is a passage of
its own that travels with its header, its group label and the table's caption.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from corpus.document import QUOTABLE, Block, BlockKind, Document, Passage, Span
from corpus.sentences import sentence_spans


@dataclass(frozen=True, slots=True)
class PassageSize:
    """Lengths in characters.

    A passage is closed from ``least`` on at a paragraph's end and never grows beyond ``most``, but
    for a single sentence that is longer. A sentence longer than ``longest_sentence`` (a list that
    was never punctuated) is cut at white space.
    """

    least: int = 600
    most: int = 1000
    longest_sentence: int = 1500


DEFAULT_SIZE = PassageSize()


def passages(document: Document, size: PassageSize = DEFAULT_SIZE) -> list[Passage]:
    """Cut a document into passages.

    Args:
        document: the document.
        size: lengths to aim for.

    Returns:
        Passages in document order, not overlapping. Titles, headings, table headers and
        references are in none.
    """
    out: list[Passage] = []
    for group in _groups(document):
        if group[0].kind is BlockKind.TABLE_ROW:
            out.extend(_rows(document, group))
        else:
            out.extend(_running(document, group, size))
    return out


def _groups(document: Document) -> Iterator[list[Block]]:
    """Neighbouring blocks that may share a passage: of one section, and rows apart from text."""
    group: list[Block] = []
    for block in document.blocks:
        if block.kind not in QUOTABLE:
            # A heading ends a passage; a reference or a row label does not belong to one either.
            if group and block.kind is not BlockKind.TABLE_HEADER:
                yield group
                group = []
            continue
        row = block.kind is BlockKind.TABLE_ROW
        if group and (
            group[0].section != block.section or (group[0].kind is BlockKind.TABLE_ROW) != row
        ):
            yield group
            group = []
        group.append(block)
    if group:
        yield group


def _running(document: Document, blocks: list[Block], size: PassageSize) -> Iterator[Passage]:
    sentences: list[Span] = []
    for block in blocks:
        found = [
            part
            for sentence in sentence_spans(document.text, block.start, block.end)
            for part in _bounded(document.text, sentence, size.longest_sentence)
        ]
        for i, sentence in enumerate(found):
            start = sentences[0].start if sentences else sentence.start
            if sentences and sentence.end - start > size.most:
                yield _passage(document, blocks[0], sentences)
                sentences = []
            sentences.append(sentence)
            full = sentence.end - sentences[0].start >= size.least
            if full and i + 1 == len(found):
                yield _passage(document, blocks[0], sentences)
                sentences = []
    if sentences:
        yield _passage(document, blocks[0], sentences)


def _bounded(text: str, sentence: Span, longest: int) -> Iterator[Span]:
    start = sentence.start
    while sentence.end - start > longest:
        cut = text.rfind(" ", start + longest // 2, start + longest)
        end = cut if cut > start else start + longest
        yield Span(start, end)
        start = end + 1 if cut > start else end
    if start < sentence.end:
        yield Span(start, sentence.end)


def _passage(document: Document, block: Block, sentences: list[Span]) -> Passage:
    start, end = sentences[0].start, sentences[-1].end
    return Passage(
        document_id=document.id,
        start=start,
        end=end,
        text=document.text[start:end],
        kind=BlockKind.PARAGRAPH,
        section=block.section,
        sentences=tuple(sentences),
    )


def _rows(document: Document, rows: list[Block]) -> Iterator[Passage]:
    captions = _captions(document)
    for row in rows:
        header = row.header
        around = [captions.get(row.start), row.group]
        context = " ".join(document.text[s.start : s.end] for s in around if s is not None)
        yield Passage(
            document_id=document.id,
            start=row.start,
            end=row.end,
            text=document.text[row.start : row.end],
            kind=BlockKind.TABLE_ROW,
            section=row.section,
            sentences=(row.span,),
            header=header,
            header_text=document.text[header.start : header.end] if header else None,
            context=context or None,
        )


def _captions(document: Document) -> dict[int, Span]:
    """For each table row (by its start) the caption that stands right above or below its table."""
    captions: dict[int, Span] = {}
    caption: Block | None = None
    table: list[Block] = []
    for block in [*document.blocks, None]:
        if block is not None and block.kind in (BlockKind.TABLE_HEADER, BlockKind.TABLE_ROW):
            table.append(block)
            continue
        is_caption = block is not None and block.kind is BlockKind.CAPTION
        if table:
            found = caption or (block if is_caption else None)
            if found is not None:
                captions.update((row.start, found.span) for row in table)
            table = []
            caption = block if is_caption and found is not block else None
        else:
            caption = block if is_caption else None
    return captions
