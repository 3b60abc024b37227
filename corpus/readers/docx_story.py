"""A Word file's text in reading order: paragraphs and tables, text boxes and notes where they hang.

Everything that only wraps text (content controls, custom XML, moved-in stretches) is opened; tables
of contents are left out. A footnote follows the paragraph that marks it, endnotes end the document.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from corpus.readers.docx_package import OFF, Package, attribute, child, name, number
from corpus.readers.docx_runs import LINE, PAGE, Note, Paragraph, Runs, alternative, is_placeholder
from corpus.readers.docx_styles import Styles

if TYPE_CHECKING:
    from lxml.etree import _Element as Element
else:
    Element = object

_OPENED = frozenset("w:customXml w:ins w:moveTo w:smartTag w:sdtContent w:body".split())
_SPLIT = re.compile(rf"[ \t]*(?:{PAGE}|{LINE}(?:[ \t]*{LINE})+)[\s{LINE}{PAGE}]*")
_MAX_DEPTH = 8  # tables in tables; deeper ones are read as the paragraphs of their cell


@dataclass(slots=True)
class TableCell:
    """A cell as the file states it.

    Attributes:
        content: its paragraphs and tables.
        columns: how many columns of the grid it spans.
        continues: whether it goes on with the cell above it.
        merges_left: whether it goes on with the cell to its left (files of old versions).
        fill: its background, "" without one.
    """

    content: list[Paragraph | Table] = field(default_factory=list)
    columns: int = 1
    continues: bool = False
    merges_left: bool = False
    fill: str = ""

    @property
    def paragraphs(self) -> list[Paragraph]:
        """Its own paragraphs that hold text."""
        return [p for p in self.content if isinstance(p, Paragraph) and p.text.strip()]

    @property
    def tables(self) -> list[Table]:
        """The tables inside it."""
        return [t for t in self.content if isinstance(t, Table)]


@dataclass(slots=True)
class TableRow:
    """A row: its cells, the columns left free before them, and whether it is a stated header."""

    cells: list[TableCell] = field(default_factory=list)
    before: int = 0
    header: bool = False


@dataclass(slots=True)
class Table:
    """A table as the file states it; ``first_row`` says whether its style sets that row apart."""

    rows: list[TableRow] = field(default_factory=list)
    first_row: bool = False


class Story:
    """Reads a file's parts.

    Args:
        package: the file.
        styles: its styles.
    """

    def __init__(self, package: Package, styles: Styles) -> None:
        self._styles = styles
        self._runs = Runs(styles)
        self._notes: dict[Note, Element] = {}
        for kind, single in (("footnotes", "w:footnote"), ("endnotes", "w:endnote")):
            root = package.related(kind)
            for element in () if root is None else root:
                note_id = attribute(element, "id")
                if name(element) == single and note_id and attribute(element, "type") is None:
                    self._notes[Note(kind, note_id)] = element

    def parts(self, body: Element) -> Iterator[Paragraph | Table]:
        """The paragraphs and tables of ``body`` in reading order.

        Args:
            body: the ``w:body`` element, or any other that holds paragraphs.
        """
        endnotes: list[Note] = []
        yield from self._with_hanging(self._blocks(body), endnotes)
        for note in endnotes:
            yield from self._with_hanging(self._note(note), [])

    def _with_hanging(
        self, parts: Iterator[Paragraph | Table], endnotes: list[Note]
    ) -> Iterator[Paragraph | Table]:
        """Each part, and after it the text boxes and footnotes that hang on it."""
        waiting = [parts]
        while waiting:
            part = next(waiting[-1], None)
            if part is None:
                waiting.pop()
                continue
            yield part
            boxes: list[Element] = []
            notes: list[Note] = []
            for paragraph in paragraphs_of(part):
                boxes.extend(paragraph.boxes)
                notes.extend(paragraph.notes)
            endnotes.extend(note for note in notes if note.kind == "endnotes")
            feet = [note for note in notes if note.kind == "footnotes"]
            waiting.extend(self._note(note) for note in reversed(feet))
            waiting.extend(self._blocks(element) for element in reversed(boxes))

    def _note(self, note: Note) -> Iterator[Paragraph | Table]:
        """What a note says; each comes once, however often it is marked."""
        element = self._notes.pop(note, None)
        for part in () if element is None else self._blocks(element):
            for paragraph in paragraphs_of(part):
                paragraph.note = True
            yield part

    def _blocks(self, container: Element, depth: int = 0) -> Iterator[Paragraph | Table]:
        """The paragraphs and tables directly in ``container``, broken and joined as shown."""
        held: Paragraph | None = None
        for element, bibliography in self._elements(container, depth):
            if name(element) == "w:tbl":
                yield self._table(element, depth)
                continue
            paragraph = self._runs.read(element, bibliography)
            if held is not None:
                _prepend(held, paragraph)
            held = paragraph if paragraph.joins else None
            if held is None:
                yield from _split(paragraph)
        if held is not None:
            yield from _split(held)

    def _elements(self, container: Element, depth: int) -> Iterator[tuple[Element, bool]]:
        """The ``w:p`` and ``w:tbl`` elements, and whether each stands in a list of references."""
        opened = _OPENED if depth < _MAX_DEPTH else _OPENED | {"w:tbl", "w:tr", "w:tc"}
        stack = [(c, False) for c in reversed(container)]
        while stack:
            element, bibliography = stack.pop()
            kind = name(element)
            inner: Element | None = None
            if kind in ("w:p", "w:tbl") and kind not in opened:
                yield element, bibliography
            elif kind == "w:sdt" and not is_placeholder(element):
                gallery = _gallery(element)
                bibliography = bibliography or gallery == "bibliographies"
                inner = None if gallery == "table of contents" else child(element, "w:sdtContent")
            elif kind == "mc:AlternateContent":
                inner = alternative(element)
            elif kind in opened:
                inner = element
            if inner is not None:
                stack.extend((c, bibliography) for c in reversed(inner))

    def _table(self, element: Element, depth: int) -> Table:
        properties = child(element, "w:tblPr")
        table = Table(first_row=self._first_row(properties))
        for row in _parts_of(element, "w:tr"):
            stated = child(row, "w:trPr")
            if child(stated, "w:del") is not None:
                continue
            heads = child(stated, "w:tblHeader")
            table.rows.append(
                TableRow(
                    cells=[self._cell(cell, depth) for cell in _parts_of(row, "w:tc")],
                    before=min(max(number(child(stated, "w:gridBefore")) or 0, 0), 100),
                    header=heads is not None and (attribute(heads) or "true").lower() not in OFF,
                )
            )
        return table

    def _cell(self, element: Element, depth: int) -> TableCell:
        stated = child(element, "w:tcPr")
        below, left = child(stated, "w:vMerge"), child(stated, "w:hMerge")
        deleted = child(stated, "w:cellDel") is not None
        return TableCell(
            content=[] if deleted else list(self._blocks(element, depth + 1)),
            columns=min(max(number(child(stated, "w:gridSpan")) or 1, 1), 100),
            continues=below is not None and attribute(below) != "restart",
            merges_left=left is not None and attribute(left) != "restart",
            fill=(attribute(child(stated, "w:shd"), "fill") or "").lower().replace("auto", ""),
        )

    def _first_row(self, properties: Element | None) -> bool:
        look = child(properties, "w:tblLook")
        on = attribute(look, "firstRow")
        if on is None:
            try:
                on = "1" if int(attribute(look) or "0", 16) & 0x20 else "0"
            except ValueError:
                on = "0"
        style = attribute(child(properties, "w:tblStyle"))
        return on.lower() not in OFF and self._styles.sets_first_row_apart(style)


def paragraphs_of(part: Paragraph | Table) -> Iterator[Paragraph]:
    """The paragraph, or all of a table with those of the tables inside it."""
    if isinstance(part, Paragraph):
        yield part
        return
    for row in part.rows:
        for cell in row.cells:
            for inner in cell.content:
                yield from paragraphs_of(inner)


def _parts_of(container: Element, wanted: str) -> Iterator[Element]:
    """The rows of a table or the cells of a row, also those inside content controls."""
    stack = list(reversed(container))
    while stack:
        element = stack.pop()
        kind = name(element)
        if kind == wanted:
            yield element
        elif kind == "w:sdt" or kind in _OPENED:
            stack.extend(reversed(element))


def _gallery(control: Element) -> str:
    """The gallery of building blocks that a content control is from, in lower case."""
    for kind in ("w:docPartObj", "w:docPartList"):
        found = child(control, "w:sdtPr", kind, "w:docPartGallery")
        if found is not None:
            return (attribute(found) or "").lower()
    # The list of references itself, inside its part, is a control of its own.
    own = child(control, "w:sdtPr", "w:bibliography")
    return "" if own is None else "bibliographies"


def _prepend(first: Paragraph, then: Paragraph) -> None:
    """Let ``then`` go on with ``first``, the end of which was deleted; its own settings hold."""
    then.text = first.text + then.text
    then.marked += first.marked
    then.sizes = first.sizes + then.sizes
    then.boxes = first.boxes + then.boxes
    then.notes = first.notes + then.notes
    then.drawing = then.drawing or first.drawing
    then.contents = then.contents and first.contents


def _split(paragraph: Paragraph) -> Iterator[Paragraph]:
    """The paragraph, cut where two line breaks or a page break part what it holds."""
    texts = [text for text in _SPLIT.split(paragraph.text) if text.strip()]
    if len(texts) < 2:
        paragraph.text = "".join(texts)
        yield paragraph
        return
    bold = paragraph.bold
    for number_, text in enumerate(texts):
        part = Paragraph(
            text=text,
            properties=paragraph.properties,
            marked=len("".join(text.split())) if bold else 0,
            sizes=paragraph.sizes,
            contents=paragraph.contents,
            bibliography=paragraph.bibliography,
            note=paragraph.note,
        )
        if number_ + 1 == len(texts):
            part.boxes, part.notes = paragraph.boxes, paragraph.notes
            part.drawing = paragraph.drawing
        yield part
