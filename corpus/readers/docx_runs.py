"""A paragraph of a Word file as its text: what is shown, in reading order.

Inserted words are kept and deleted ones left out, of a field the result is read and not its code,
hidden text and raised reference markers are no words of a sentence.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from corpus.readers.docx_math import math_text
from corpus.readers.docx_package import OFF, attribute, child, name
from corpus.readers.docx_styles import Styles
from corpus.readers.docx_symbols import is_symbol_font, shown, symbol
from corpus.readers.superscript import raised

if TYPE_CHECKING:
    from lxml.etree import _Element as Element
else:
    Element = object

LINE = "\v"
"""A line break inside a paragraph, as Word itself writes it in plain text."""

PAGE = "\f"
"""A page or column break inside a paragraph."""

_LEFT_OUT = frozenset(
    "w:pPr w:rPr w:sdtPr w:sdtEndPr w:customXmlPr w:smartTagPr w:rt w:rubyPr w:instrText "
    "w:delText w:delInstrText w:footnoteRef w:endnoteRef w:annotationRef".split()
)
_DELETED = frozenset({"w:del", "w:moveFrom"})
_WITH_BOXES = frozenset({"w:drawing", "w:pict", "w:object"})
_SHOWN = frozenset({"w:t", "m:t", "w:p", "w:txbxContent"})
_PLAIN = {
    **{"w:tab": "\t", "w:ptab": "\t", "w:noBreakHyphen": "-", "w:cr": LINE},
    **{"w:softHyphen": "", "w:separator": "", "w:continuationSeparator": ""},
}
_CITATION = re.compile(
    r"ADDIN\s+(?:ZOTERO_ITEM|EN\.CITE|CSL_CITATION|Mendeley Citation|PAPERS|REFMGR\.CITE)|"
    r"\bCITATION\b",
    re.IGNORECASE,
)
_BIBLIOGRAPHY = re.compile(
    r"ADDIN\s+(?:ZOTERO_BIBL|EN\.REFLIST|Mendeley Bibliography|PAPERS2_BIBLIOGRAPHY|"
    r"REFMGR\.REFLIST)|^\s*BIBLIOGRAPHY\b|CSL_BIBLIOGRAPHY",
    re.IGNORECASE,
)
_CONTENTS = re.compile(r"PAGEREF\s+_Toc", re.IGNORECASE)
_NUMBERS = re.compile(r"[\s,;–‐‑-]*\d{1,4}(?:\s*[,;–‐‑-]\s*\d{1,4})*[\s,;]*")
_LAST_WORD = re.compile(r"[^\W\d_]{4,}$")
_AFTER_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d$")


class Note(NamedTuple):
    """A mark that leads to a footnote or endnote: ``kind`` is "footnotes" or "endnotes"."""

    kind: str
    id: str


@dataclass(slots=True)
class Paragraph:
    """A paragraph as it is shown.

    Attributes:
        text: its words; ``LINE`` and ``PAGE`` stand for breaks inside it.
        properties: its ``w:pPr``.
        marked: how many of its visible characters are bold or underlined.
        sizes: how many are set in each type size, in half points.
        boxes: the contents of text boxes that are anchored in it.
        notes: the notes that are marked in it.
        contents: whether it is an entry of a table of contents.
        bibliography: whether it belongs to the list that a reference manager made.
        joins: whether its end was deleted, so that the next paragraph goes on with it.
        drawing: whether a picture or chart stands in it.
        note: whether it belongs to a footnote or endnote.
    """

    text: str = ""
    properties: Element | None = None
    marked: int = 0
    sizes: Counter[str] = field(default_factory=Counter)
    boxes: list[Element] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    contents: bool = False
    bibliography: bool = False
    joins: bool = False
    drawing: bool = False
    note: bool = False

    @property
    def bold(self) -> bool:
        """Whether all of it is bold or underlined."""
        return 0 < len("".join(self.text.split())) <= self.marked


class _Look(NamedTuple):
    """How a run is set."""

    hidden: bool = False
    marked: bool = False
    raised: bool = False
    font: str | None = None
    size: str = ""


@dataclass(slots=True)
class _Field:
    """A field that has begun: its code so far, and whether that is what still comes."""

    code: str = ""
    in_code: bool = True


class Runs:
    """Reads paragraphs one after the other; fields may reach from one to the next.

    Args:
        styles: the file's styles.
    """

    def __init__(self, styles: Styles) -> None:
        self._styles = styles
        self._fields: list[_Field] = []
        self._raised: list[str] = []
        self._parts: list[str] = []
        self._into = Paragraph()
        self._looks: dict[tuple[str | None, bytes], _Look] = {}

    def read(self, element: Element, bibliography: bool = False) -> Paragraph:
        """Read a ``w:p`` element.

        Args:
            element: the paragraph.
            bibliography: whether it stands in a part that holds the references.
        """
        properties = child(element, "w:pPr")
        goes_on = bibliography or bool(self._fields)
        self._into = Paragraph(properties=properties, bibliography=goes_on)
        self._parts = []
        stack: list[tuple[Element, _Look]] = [(c, _Look()) for c in reversed(element)]
        while stack:
            item, look = stack.pop()
            stack.extend(self._take(item, look))
        self._lower()
        self._into.text = "".join(self._parts)
        mark = child(properties, "w:rPr")
        self._into.joins = any(child(mark, d) is not None for d in _DELETED)
        # A code that does not end here is broken; only a list of references may go on.
        self._fields = [f for f in self._fields if not f.in_code and _BIBLIOGRAPHY.search(f.code)]
        return self._into

    def _take(self, element: Element, look: _Look) -> list[tuple[Element, _Look]]:
        """Read one element; returns what inside it is to be read next, last first."""
        kind = name(element)
        text = _text_of(element, kind, look)
        if text is not None:
            self._write(text, look)
        elif kind == "w:fldChar":
            self._field(attribute(element, "fldCharType"))
        elif kind == "w:instrText":
            self._code(element.text or "")
        elif kind in ("w:footnoteReference", "w:endnoteReference"):
            self._note(kind, element, look)
        elif kind in _WITH_BOXES:
            self._drawing(element, look)
        elif kind and kind not in _LEFT_OUT:
            return self._inside(element, kind, look)
        return []

    def _inside(self, element: Element, kind: str, look: _Look) -> list[tuple[Element, _Look]]:
        """What is to be read inside an element that only holds others, last first."""
        if kind == "mc:AlternateContent":
            chosen = alternative(element)
            return [] if chosen is None else [(c, look) for c in reversed(chosen)]
        if kind == "w:sdt":
            content = child(element, "w:sdtContent")
            return [] if content is None or is_placeholder(element) else [(content, look)]
        if kind in _DELETED:
            look = look._replace(hidden=True)
        elif kind == "w:r":
            look = self._look(child(element, "w:rPr"), look)
        elif kind == "w:fldSimple":
            self._code_of_simple(attribute(element, "instr") or "")
        elif kind == "w:hyperlink" and (attribute(element, "anchor") or "").startswith("_Toc"):
            self._into.contents = True
        return [(c, look) for c in reversed(element)]

    def _look(self, run: Element | None, around: _Look) -> _Look:
        """How a run is set; most runs of a file are set in one of a few ways."""
        from lxml import etree

        written = b"" if run is None else etree.tostring(run, with_tail=False)
        key = self._styles.paragraph_style(self._into.properties), written
        look = self._looks.get(key)
        if look is None:
            look = self._looks[key] = self._new_look(run)
        return look._replace(hidden=True) if around.hidden else look

    def _new_look(self, run: Element | None) -> _Look:
        styles, paragraph = self._styles, self._into.properties
        fonts = child(run, "w:rFonts")
        stated = [] if fonts is None else [str(v) for v in fonts.attrib.values()]
        symbols = [font for font in stated if is_symbol_font(font)]
        underline = styles.value("w:u", run, paragraph) or "none"
        return _Look(
            hidden=styles.switch("w:vanish", run, paragraph),
            marked=styles.switch("w:b", run, paragraph) or underline.lower() not in OFF,
            raised=styles.value("w:vertAlign", run, paragraph) == "superscript",
            font=next(iter(symbols or stated), None),
            size=styles.value("w:sz", run, paragraph) or "",
        )

    def _write(self, text: str, look: _Look) -> None:
        if not text or look.hidden or any(f.in_code for f in self._fields):
            return
        seen = len("".join(text.split()))
        if look.raised:
            self._raised.append(text)
        else:
            self._lower()
            self._parts.append(text)
            self._into.sizes[look.size] += seen
        self._into.marked += seen if look.marked or look.raised else 0

    def _lower(self) -> None:
        """End a raised stretch: keep it unless it leads to the references."""
        text = "".join(self._raised)
        self._raised.clear()
        if not text:
            return
        cited = any(_CITATION.search(f.code) for f in self._fields)
        if is_reference_marker(text, "".join(self._parts[-3:]), cited=cited):
            self._into.marked -= len("".join(text.split()))
        else:
            behind_digit = "".join(self._parts[-1:])[-1:].isdigit()
            self._parts.append(raised(text) if behind_digit else text)

    def _field(self, kind: str | None) -> None:
        if kind == "begin":
            self._fields.append(_Field())
        elif kind == "separate" and self._fields:
            self._lower()
            self._fields[-1].in_code = False
            self._into.contents |= bool(_CONTENTS.search(self._fields[-1].code))
            self._into.bibliography |= bool(_BIBLIOGRAPHY.search(self._fields[-1].code))
        elif kind == "end" and self._fields:
            self._lower()
            self._fields.pop()

    def _code(self, text: str) -> None:
        if self._fields and self._fields[-1].in_code:
            self._fields[-1].code += text

    def _code_of_simple(self, code: str) -> None:
        self._into.contents |= bool(_CONTENTS.search(code))

    def _note(self, kind: str, element: Element, look: _Look) -> None:
        note_id = attribute(element, "id")
        if note_id is not None and not look.hidden:
            self._into.notes.append(Note(kind[2:].replace("Reference", "s"), note_id))

    def _drawing(self, element: Element, look: _Look) -> None:
        if not look.hidden:
            self._into.drawing = True
            self._into.boxes.extend(text_boxes(element))


def is_reference_marker(text: str, before: str, *, cited: bool = False) -> bool:
    """Whether raised numbers lead to the list of references and are no exponent.

    "survival.12,13" and "patients4" are such markers, "cm2", "109" and "131I" are none.

    Args:
        text: the raised characters.
        before: what stands before them.
        cited: whether a reference manager put them there.
    """
    if _NUMBERS.fullmatch(text) is None:
        return False
    if cited:
        return True
    last = before[-1:]
    if not last or last.isspace():
        return False
    several = re.search(r"\d\s*[,;–‐‑-]\s*\d", text) is not None
    if last.isalpha():
        word = _LAST_WORD.search(before)
        return several or (word is not None and word.group()[1:].islower())
    if last.isdigit():
        return _AFTER_YEAR.search(before) is not None
    return last in ".,;:)]}%!?\"'”’»…"


def is_placeholder(control: Element) -> bool:
    """Whether a content control (``w:sdt``) shows no more than "Click here to enter text"."""
    shows = child(control, "w:sdtPr", "w:showingPlcHdr")
    return shows is not None and (attribute(shows) or "true").lower() not in OFF


def alternative(element: Element) -> Element | None:
    """Of the forms of a ``mc:AlternateContent`` the first that holds text; None without any."""
    return next((c for c in element if any(name(inner) in _SHOWN for inner in c.iter())), None)


def text_boxes(element: Element) -> list[Element]:
    """The contents of the text boxes in a drawing, each once, in order."""
    boxes: list[Element] = []
    stack = [element]
    while stack:
        item = stack.pop()
        kind = name(item)
        if kind == "w:txbxContent":
            boxes.append(item)
        elif kind == "mc:AlternateContent":
            chosen = alternative(item)
            stack.extend([] if chosen is None else [chosen])
        else:
            stack.extend(reversed(item))
    return boxes


def _text_of(element: Element, kind: str, look: _Look) -> str | None:
    """The characters that an element stands for; None where it is none that stands for any."""
    if kind == "w:t":
        return shown(element.text or "", look.font)
    if kind == "w:br":
        return PAGE if attribute(element, "type") in ("page", "column") else LINE
    if kind == "w:sym":
        return symbol(attribute(element, "char"), attribute(element, "font"))
    if kind in ("m:oMath", "m:oMathPara"):
        return math_text(element)
    return _PLAIN.get(kind)
