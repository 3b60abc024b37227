"""The tree of a web page to blocks: title, headings, paragraphs, list items, tables, references."""

from __future__ import annotations

import re

from corpus.document import BlockKind
from corpus.readers.base import Piece, RawBlock
from corpus.readers.html_furniture import REFERENCE_NAMES, names
from corpus.readers.html_tables import flatten, has_text, is_layout, table_blocks
from corpus.readers.html_tree import BLOCKS, HEADINGS, Node
from corpus.readers.section_names import is_reference_section

_OBJECT_LABEL = re.compile(r"\s*(?:figure|fig\.?|table|box|scheme)\s*\d+", re.IGNORECASE)
_KINDS = {"li": BlockKind.LIST_ITEM, "dd": BlockKind.LIST_ITEM, "dt": BlockKind.LIST_ITEM}
_CAPTION_NAMES = re.compile(r"(?:^|\s)(?:caption|thumbcaption|figcaption|wp-caption-text)(?=\s|$)")
_LONGEST_HEADING = 300


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
        if node.tag in ("figcaption", "caption") or (
            node.tag in BLOCKS and _CAPTION_NAMES.search(node.attributes.get("class", ""))
        ):
            return BlockKind.CAPTION
        return _KINDS.get(node.tag)

    def border(self, node: Node) -> None:
        """A block begins; right after a term it goes on in the term's own block."""
        if self.term and node.tag != "dt":
            self.open.append(Piece(node.start, node.end, " "))
        else:
            self.flush()

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
            self.add([RawBlock(self.in_references(self.kinds[-1]), (pieces,))])

    def in_references(self, kind: BlockKind) -> BlockKind:
        return BlockKind.REFERENCE if self.reference_parts or self.reference_level else kind

    def add(self, blocks: list[RawBlock]) -> None:
        self.blocks.extend(self.held)
        self.held.clear()
        self.blocks.extend(blocks)

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
            self.reference_level = level if is_reference_section(text, web=True) else 0
        self.held = [held for held in self.held if held.level < level]
        self.held.append(RawBlock(BlockKind.HEADING, (pieces,), level=level))

    def table(self, node: Node) -> None:
        if self.reference_parts or self.reference_level:
            rows = [flatten(row, self.source) for row in node.elements() if row.tag == "tr"]
            self.add([RawBlock(BlockKind.REFERENCE, (row,)) for row in rows if row])
            return
        blocks = table_blocks(node, self.source, len(self.blocks) + len(self.held))
        if blocks:
            self.add(blocks)
