"""A Word file's paragraphs and tables to blocks: headings, lists, captions, references."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from corpus.document import BlockKind
from corpus.metadata import LABELLED, read_citation_line, read_labelled
from corpus.readers.base import Metadata, Piece, RawBlock
from corpus.readers.docx_layer import Layer
from corpus.readers.docx_package import child, number
from corpus.readers.docx_runs import Paragraph
from corpus.readers.docx_story import Table
from corpus.readers.docx_styles import Styles
from corpus.readers.docx_tables import is_layout, is_reference_table, table_blocks
from corpus.readers.section_names import is_reference_section, is_section_name
from corpus.readers.text_lines import is_capitals, list_marker

CAPTION = re.compile(
    r"(?:(?:supplementary|supplemental|supporting|online|appendix|extended data)\s+)?"
    r"(?:fig(?:ure)?s?\.?|table|tab\.|scheme|box|chart|graph|plate)\s*(?:[SAe]-?)?"
    r"(?:\d{1,3}(?:[.-]\d{1,2})?|[IVX]{1,5})[A-Za-z]?\s*(?:[.:|)–—-]|\s(?-i:[A-Z(])|$)",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"(\d{1,2}(?:\.\d{1,2}){0,4})[.)]?\s+[^\W\d_]")
_YEAR = re.compile(r"\b(?:18|19|20)\d\d[a-z]?\b")
_CITED = re.compile(
    r"\bdoi\b|\bet al\b|\bISBN\b|\bpp?\.\s?\d|\bavailable (?:from|at)\b|\baccessed\b|"
    r"\d\s?(?:\([^)]{1,20}\))?\s?[:,]\s?e?\d{1,6}\s?[-–]\s?e?\d",
    re.IGNORECASE,
)
_ENDS = (".", ";", ",", "!", "?")
_LONGEST_HEADING = 300
_LONGEST_TYPED_HEADING = 120
_FRONT = 30  # paragraphs at the top that may state authors, journal, DOI


def running_parts(parts: Iterator[Paragraph | Table], styles: Styles) -> list[Paragraph | Table]:
    """The parts that say something; of tables that only place text the text is given.

    Empty paragraphs and tables of contents are left out.
    """
    out: list[Paragraph | Table] = []
    stack = [parts]
    while stack:
        part = next(stack[-1], None)
        if part is None:
            stack.pop()
        elif isinstance(part, Table):
            if part.rows and is_layout(part, styles):
                cells = [cell for row in part.rows for cell in row.cells if not cell.continues]
                stack.append(iter([inner for cell in cells for inner in cell.content]))
            elif part.rows:
                out.append(part)
        elif part.text.strip() and not (part.contents or styles.is_contents(part.properties)):
            out.append(part)
    return out


def document_blocks(
    parts: Sequence[Paragraph | Table],
    styles: Styles,
    layer: Layer,
    title: Paragraph | None,
    metadata: Metadata,
) -> list[RawBlock]:
    """The blocks of a document in reading order.

    Args:
        parts: as ``running_parts`` gives them.
        styles: the file's styles.
        layer: the text is written there.
        title: the paragraph that is the document's title.
        metadata: what lines at the top state of the document is noted there.
    """
    walk = _Walk(styles, layer, title, metadata)
    for i, part in enumerate(parts):
        if isinstance(part, Table):
            walk.table(part)
        else:
            walk.paragraph(part, parts[i + 1] if i + 1 < len(parts) else None)
    return walk.blocks


class _Walk:
    """One pass over the parts."""

    def __init__(
        self, styles: Styles, layer: Layer, title: Paragraph | None, metadata: Metadata
    ) -> None:
        self.styles = styles
        self.layer = layer
        self.title = title
        self.metadata = metadata
        self.blocks: list[RawBlock] = []
        self.reference_level = 0  # of the heading over the references, while among them
        self.styled_level = 0  # of the last heading that has the style of one
        self.headed = False  # whether any heading came before
        self.named = False  # whether a heading without style had the usual name of a section

    def table(self, table: Table) -> None:
        if self.reference_level and is_reference_table(table):
            for row in table.rows:
                texts = [p.text for cell in row.cells for p in cell.paragraphs]
                self.add(BlockKind.REFERENCE, " ".join(texts))
            return
        self.reference_level = 0  # tables are often put behind the references
        self.blocks.extend(table_blocks(table, self.layer, len(self.blocks)))

    def paragraph(self, paragraph: Paragraph, following: Paragraph | Table | None) -> None:
        text = " ".join(paragraph.text.split())
        if paragraph is self.title:
            self.add(BlockKind.TITLE, paragraph.text)
            return
        if not (paragraph.bibliography or paragraph.note or CAPTION.match(text)):
            level = self.level_of(paragraph, text, following)
            if level:
                self.heading(paragraph.text, text, level)
                return
        kind = self.kind_of(paragraph, text)
        skip = list_marker(paragraph.text) if kind is BlockKind.LIST_ITEM else 0
        self.add(kind, paragraph.text, skip)

    def kind_of(self, paragraph: Paragraph, text: str) -> BlockKind:
        properties = paragraph.properties
        if paragraph.bibliography or self.styles.is_bibliography(properties):
            return BlockKind.REFERENCE
        if paragraph.note:
            cites = _YEAR.search(text) and _CITED.search(text)
            return BlockKind.REFERENCE if cites else BlockKind.PARAGRAPH
        if self.styles.is_caption(properties) or CAPTION.match(text):
            self.reference_level = 0  # legends are often put behind the references
            return BlockKind.CAPTION
        if self.reference_level or self.styles.is_author(properties) or self.states_itself(text):
            return BlockKind.REFERENCE
        if self.styles.is_listed(properties) or list_marker(paragraph.text):
            return BlockKind.LIST_ITEM
        return BlockKind.PARAGRAPH

    def states_itself(self, text: str) -> bool:
        """Whether a line at the top is about the document: "DOI: …", its own reference."""
        if self.headed or len(self.blocks) >= _FRONT or len(text) > 400:
            return False
        labelled = LABELLED.match(text)
        if labelled:
            read_labelled(labelled["label"], labelled["value"], self.metadata)
            return True
        return len(text) < 200 and read_citation_line(text, self.metadata)

    def heading(self, shown: str, text: str, level: int) -> None:
        if is_reference_section(text):
            self.reference_level = level
        elif not self.reference_level or level <= self.reference_level:
            self.reference_level = 0
        self.headed = True
        self.add(BlockKind.HEADING, shown, level=level)

    def add(self, kind: BlockKind, text: str, skip: int = 0, level: int = 0) -> None:
        piece = self.layer.write(text)
        pieces = (Piece(piece.start + skip, piece.end),)
        self.blocks.append(RawBlock(kind, (pieces,), level=level))

    def level_of(self, paragraph: Paragraph, text: str, following: Paragraph | Table | None) -> int:
        """A paragraph's level as a heading, styled or only set as one; 0 where it is none."""
        level = self.styles.heading_level(paragraph.properties)
        if level:
            self.styled_level = level if len(text) <= _LONGEST_HEADING else self.styled_level
            return level if len(text) <= _LONGEST_HEADING else 0
        if len(text) > _LONGEST_TYPED_HEADING or text.endswith(_ENDS) or not _has_letters(text):
            return 0
        if is_section_name(text):
            self.named = True
            self.reference_level = 0
            return 1
        if not self.is_set_as_heading(paragraph, text) or not self.goes_before(following):
            return 0
        self.reference_level = 0
        return self.typed_level(paragraph, text)

    def is_set_as_heading(self, paragraph: Paragraph, text: str) -> bool:
        """Whether a line is bold or in capitals; over the first heading stand title and names."""
        if not (paragraph.bold or is_capitals(text)) or len(text.split()) > 15:
            return False
        if self.styles.is_listed(paragraph.properties):
            return paragraph.bold and not self.reference_level
        return self.headed or _NUMBERED.match(text) is not None

    def goes_before(self, following: Paragraph | Table | None) -> bool:
        """Whether what follows can stand under a heading."""
        if not isinstance(following, Paragraph):
            return following is not None
        if self.styles.heading_level(following.properties):
            return True
        return not following.bold

    def typed_level(self, paragraph: Paragraph, text: str) -> int:
        match = _NUMBERED.match(text)
        if match:
            return min(match.group(1).count(".") + 1, 6)
        if self.styles.is_listed(paragraph.properties):
            depth = number(child(paragraph.properties, "w:numPr", "w:ilvl")) or 0
            return min(max(depth, 0) + 1, 6)
        if self.styled_level:
            return min(self.styled_level + 1, 6)
        return 2 if self.named and not is_capitals(text) else 1


def _has_letters(text: str) -> bool:
    return sum(c.isalpha() for c in text) >= 3
