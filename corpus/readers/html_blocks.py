"""The tree of a web page to blocks: title, headings, paragraphs, list items, tables, references."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from corpus.document import QUOTABLE, BlockKind
from corpus.metadata import read_citation_line
from corpus.readers.base import Metadata, Piece, RawBlock
from corpus.readers.html_furniture import REFERENCE_NAMES, names
from corpus.readers.html_tables import flatten, has_text, is_layout, table_blocks
from corpus.readers.html_tree import BLOCKS, HEADINGS, Node
from corpus.readers.section_names import is_about_section, is_reference_section

_OBJECT_LABEL = re.compile(r"\s*(?:figure|fig\.?|table|box|scheme)\s*\d+", re.IGNORECASE)
_LABEL_ALONE = re.compile(
    r"\s*(?:(?:supplementary|extended data)\s+)?(?:figure|fig\.?|table|box|scheme)\s*S?\d+[a-z]?"
    r"\s*[.:|]?\s*",
    re.IGNORECASE,
)
_KINDS = {"li": BlockKind.LIST_ITEM, "dd": BlockKind.LIST_ITEM, "dt": BlockKind.LIST_ITEM}
_CAPTION_NAMES = re.compile(r"(?:^|\s)(?:caption|thumbcaption|figcaption|wp-caption-text)(?=\s|$)")
_KINDS_OF_FRONT = (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM)
_LONGEST_FRONT = 150
_ABOUT = re.compile(
    r"(?:key\s?words?|copyright|cite this article|citation|received|accepted|published(?: online)?|"
    r"doi|pmid|pmcid|mesh terms|handling editor|academic editor|edited by|reviewed by)\s*[:：]|©|"
    r"copyright\s+(?:©|\(c\)|\d{4})|open access this article|this is an open[- ]access article",
    re.IGNORECASE,
)
_LONGEST_HEADING = 300
_LONGEST_MARK = 2


def page_blocks(part: Node, title: Node | None, source: str) -> list[RawBlock]:
    """The blocks of a page in reading order.

    Args:
        part: the element to read.
        title: the heading that is the document's title; it may stand outside of ``part``.
        source: the page's source.
    """
    walk = _Walk(source, title)
    if title is not None and all(node is not title for node in part.elements()):
        walk.heading(title)
    walk.run(part)
    return walk.blocks


def mark_front(blocks: list[RawBlock], source: str, into: Metadata) -> list[RawBlock]:
    """Tell what an article's page says of the article, over its first section, from its text.

    Journal, date, authors, identifiers and counts of readers are short; an abstract without a
    heading of its own is not.

    Args:
        blocks: of a page that is an article by its metadata.
        source: the page's source.
        into: what a line that cites the article itself states is noted there.
    """
    texts = [_text(block, source) for block in blocks]
    heads = (i for i, b in enumerate(blocks) if b.kind is BlockKind.HEADING)
    first = next((i for i in heads if not is_about_section(texts[i])), 0)
    out: list[RawBlock] = []
    for number, (block, text) in enumerate(zip(blocks, texts, strict=True)):
        over = number < first and len(text) <= _LONGEST_FRONT
        about = block.kind is BlockKind.PARAGRAPH and len(text) < 600 and _ABOUT.match(text)
        if (over and block.kind in _KINDS_OF_FRONT) or about:
            out.append(replace(block, kind=BlockKind.REFERENCE))
            if over:
                read_citation_line(text, into)
        else:
            out.append(block)
    return out if any(block.kind in QUOTABLE for block in out) else blocks


def _text(block: RawBlock, source: str) -> str:
    runs = (source[p.start : p.end] if p.text is None else p.text for c in block.cells for p in c)
    return " ".join("".join(runs).split())


class _Walk:
    """One pass over the tree. ``open`` gathers the text run that the next block border ends."""

    def __init__(self, source: str, title: Node | None) -> None:
        self.source = source
        self.title = title
        self.title_text = title.text(source) if title else None
        self.blocks: list[RawBlock] = []
        self.open: list[Piece] = []
        self.kinds = [BlockKind.PARAGRAPH]
        self.breaks = 0
        self.held: list[RawBlock] = []  # headings that have no text under them yet
        self.reference_parts = 0
        self.reference_level = 0
        self.term = False

    def run(self, part: Node) -> None:
        """Read ``part``; headings that stay without text under them are left out."""
        stack: list[tuple[Node | Piece, bool]] = [(part, False)]
        while stack:
            item, leaving = stack.pop()
            if isinstance(item, Piece):
                self.text(item)
            elif leaving:
                self.leave(item)
            elif self.enter(item):
                stack.append((item, True))
                stack.extend((child, False) for child in reversed(item.children))
        self.flush()
        if all(block.kind is BlockKind.TITLE for block in self.blocks):
            self.blocks.extend(self.held)

    def text(self, piece: Piece) -> None:
        self.open.append(piece)
        if (self.breaks or self.term) and has_text([piece], self.source):
            self.breaks, self.term = 0, False

    def enter(self, node: Node) -> bool:
        """Begin an element; whether its children are to be read."""
        if node.tag == "br":
            self.line_break(node)
            return False
        if node.tag in HEADINGS:
            self.flush()
            self.heading(node)
            return False
        if node.tag == "table" and not is_layout(node):
            self.flush()
            self.table(node)
            return False
        if node.tag in BLOCKS:
            self.border(node)
        kind = self.kind_of(node)
        if kind is not None:
            self.kinds.append(kind)
        if REFERENCE_NAMES.search(f"{names(node)} {node.attributes.get('role', '')}"):
            self.reference_parts += 1
        return True

    def leave(self, node: Node) -> None:
        if node.tag == "dt":
            self.term = has_text(self.open, self.source)
        elif node.tag in BLOCKS and (not self.term or node.tag == "dl"):
            self.flush()
        if self.kind_of(node) is not None:
            self.kinds.pop()
        if REFERENCE_NAMES.search(f"{names(node)} {node.attributes.get('role', '')}"):
            self.reference_parts -= 1

    def kind_of(self, node: Node) -> BlockKind | None:
        """The kind of block that an element's own text makes; None where it does not say."""
        if node.tag in ("figure", "figcaption", "caption") or (
            node.tag in BLOCKS and _CAPTION_NAMES.search(node.attributes.get("class", ""))
        ):
            return BlockKind.CAPTION
        return _KINDS.get(node.tag)

    def border(self, node: Node) -> None:
        """A block begins; right after a term it goes on in the term's own block."""
        if (self.term and node.tag != "dt") or (node.tag == "p" and self.is_mark()):
            self.open.append(Piece(node.start, node.end, " "))
        else:
            self.flush()

    def is_mark(self) -> bool:
        """Whether no more than the mark of a note is open, "a" or "*": its text comes next."""
        return len(self.open) < 9 and 0 < len(self.text_of(self.open).strip()) <= _LONGEST_MARK

    def line_break(self, node: Node) -> None:
        self.breaks += 1
        self.open.append(Piece(node.start, node.end, "\n"))
        if self.breaks > 1:
            self.flush()  # two in a row part paragraphs

    def flush(self) -> None:
        """End the block that is open."""
        pieces, self.open = tuple(self.open), []
        self.term, self.breaks = False, 0
        if has_text(pieces, self.source):
            kind = self.in_references(self.kinds[-1])
            if kind is BlockKind.CAPTION and self.says_title(pieces):
                return  # an infobox that is headed by the title once more
            self.add([RawBlock(kind, (pieces,))])

    def says_title(self, pieces: Sequence[Piece]) -> bool:
        return " ".join(self.text_of(pieces).split()) == self.title_text

    def in_references(self, kind: BlockKind) -> BlockKind:
        return BlockKind.REFERENCE if self.reference_parts or self.reference_level else kind

    def add(self, blocks: list[RawBlock]) -> None:
        self.blocks.extend(self.held)
        self.held.clear()
        alone = len(blocks) == 1 and bool(self.blocks)  # a table's blocks know their places
        if alone and blocks[0].kind is self.blocks[-1].kind is BlockKind.CAPTION:
            label, caption = self.blocks[-1].cells[0], blocks[0].cells[0]
            if _LABEL_ALONE.fullmatch(self.text_of(label)):
                gap = Piece(caption[0].start, caption[0].start, " ")
                both = RawBlock(BlockKind.CAPTION, ((*label, gap, *caption),))
                self.blocks.pop()
                blocks = [both]
        self.blocks.extend(blocks)

    def text_of(self, pieces: Sequence[Piece]) -> str:
        return "".join(self.source[p.start : p.end] if p.text is None else p.text for p in pieces)

    def heading(self, node: Node) -> None:
        pieces = flatten(node, self.source)
        text = node.text(self.source)
        level = int(node.tag[1])
        if not text:
            return
        if node is self.title:
            self.blocks.append(RawBlock(BlockKind.TITLE, (pieces,)))
            return
        if _OBJECT_LABEL.match(text):
            self.add([RawBlock(BlockKind.CAPTION, (pieces,))])
            return
        if len(text) > _LONGEST_HEADING:
            self.add([RawBlock(self.in_references(BlockKind.PARAGRAPH), (pieces,))])
            return
        if text == self.title_text:
            return  # the title once more
        if not self.reference_level or level <= self.reference_level:
            apart = is_reference_section(text, web=True) or is_about_section(text)
            self.reference_level = level if apart else 0
        self.held = [held for held in self.held if held.level < level]
        self.held.append(RawBlock(BlockKind.HEADING, (pieces,), level=level))

    def table(self, node: Node) -> None:
        if self.reference_parts or self.reference_level:
            rows = [flatten(row, self.source) for row in node.elements() if row.tag == "tr"]
            self.add([RawBlock(BlockKind.REFERENCE, (row,)) for row in rows if row])
            return
        blocks = table_blocks(node, self.source, len(self.blocks) + len(self.held))
        if blocks and blocks[0].kind is BlockKind.CAPTION and self.says_title(blocks[0].cells[0]):
            blocks = table_blocks(node, self.source, len(self.blocks) + len(self.held) - 1)[1:]
        if blocks:
            self.add(blocks)
