"""What a Word file's styles say: headings, titles, captions, lists, hidden and bold text.

Styles are known by their built-in name, which is English whatever the language of Word: the style
called "Überschrift 1" on the screen is written down as ``heading 1``. A style has what it does not
say itself from the one that it is based on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from corpus.readers.docx_package import OFF, attribute, child, name, number

if TYPE_CHECKING:
    from lxml.etree import _Element as Element
else:
    Element = object

_HEADING = re.compile(r"heading ?([1-9])")
_TITLE = re.compile(r"title|document title|article title|paper title|chapter title")
_CAPTION = re.compile(r"(?:.* )?(?:caption|legend)s?|(?:figure|table) (?:title|heading)")
_CONTENTS = re.compile(r"toc \d|toc heading|table of (?:figures|authorities|contents)|index \d")
_BIBLIOGRAPHY = re.compile(
    r"bibliography(?: \d+)?|endnote bibliography|references?(?: list)?|zotero bibliography"
)
_AUTHOR = re.compile(r"authors?(?: names?| list)?")
_LIST = re.compile(r"list (?:bullet|number)(?: \d)?")
_MAX_CHAIN = 50


@dataclass(frozen=True, slots=True)
class Style:
    """One style as the file states it.

    Attributes:
        name: the built-in or own name, in lower case.
        based_on: the id of the style it is based on.
        paragraph: its ``w:pPr``.
        run: its ``w:rPr``.
        first_row: whether a table style sets the first row apart.
    """

    name: str
    based_on: str | None
    paragraph: Element | None
    run: Element | None
    first_row: bool


class Styles:
    """The styles of a file.

    Args:
        root: the root of the styles part; None where the file has none.
    """

    def __init__(self, root: Element | None) -> None:
        self._styles: dict[str, Style] = {}
        self._default: str | None = None
        self._inherited: dict[tuple[str, str | None, str | None], str | None] = {}
        self._base = child(root, "w:docDefaults", "w:rPrDefault", "w:rPr")
        for element in () if root is None else root:
            if name(element) == "w:style":
                self._add(element)

    def _add(self, element: Element) -> None:
        style_id = attribute(element, "styleId")
        if style_id is None:
            return
        label = attribute(child(element, "w:name")) or style_id
        self._styles[style_id] = Style(
            name=" ".join(label.lower().replace("_", " ").split()),
            based_on=attribute(child(element, "w:basedOn")),
            paragraph=child(element, "w:pPr"),
            run=child(element, "w:rPr"),
            first_row=any(
                name(part) == "w:tblStylePr"
                and attribute(part, "type") == "firstRow"
                and (child(part, "w:rPr", "w:b") is not None or _is_shaded(part))
                for part in element
            ),
        )
        if attribute(element, "type") == "paragraph" and attribute(element, "default") in (
            "1",
            "true",
            "on",
        ):
            self._default = style_id

    def chain(self, style_id: str | None) -> Iterator[Style]:
        """A style, the one it is based on, and so on."""
        seen: set[str] = set()
        while style_id in self._styles and style_id not in seen and len(seen) < _MAX_CHAIN:
            seen.add(style_id)
            style = self._styles[style_id]
            yield style
            style_id = style.based_on

    def paragraph_style(self, properties: Element | None) -> str | None:
        """The id of a paragraph's style; the default one where it names none."""
        return attribute(child(properties, "w:pStyle")) or self._default

    def heading_level(self, properties: Element | None) -> int:
        """A paragraph's level as a heading, 1 to 6; 0 where it is none."""
        own = number(child(properties, "w:outlineLvl"))
        if own is not None:
            return min(own + 1, 6) if 0 <= own <= 8 else 0
        for style in self.chain(self.paragraph_style(properties)):
            match = _HEADING.fullmatch(style.name)
            if match:
                return min(int(match.group(1)), 6)
            level = number(child(style.paragraph, "w:outlineLvl"))
            if level is not None:
                return min(level + 1, 6) if 0 <= level <= 8 else 0
        return 0

    def is_title(self, properties: Element | None) -> bool:
        """Whether a paragraph has the style of the document's title."""
        return self._named(properties, _TITLE)

    def is_author(self, properties: Element | None) -> bool:
        """Whether a paragraph has the style of authors' names."""
        return self._named(properties, _AUTHOR)

    def is_caption(self, properties: Element | None) -> bool:
        """Whether a paragraph has the style of captions."""
        return self._named(properties, _CAPTION)

    def is_contents(self, properties: Element | None) -> bool:
        """Whether a paragraph is an entry of a table of contents or an index."""
        return self._named(properties, _CONTENTS)

    def is_bibliography(self, properties: Element | None) -> bool:
        """Whether a paragraph has the style that reference managers give their entries."""
        return self._named(properties, _BIBLIOGRAPHY)

    def is_listed(self, properties: Element | None) -> bool:
        """Whether a paragraph has a bullet or a number."""
        own = child(properties, "w:numPr")
        if own is not None:
            return number(child(own, "w:numId")) not in (None, 0)
        for style in self.chain(self.paragraph_style(properties)):
            numbering = child(style.paragraph, "w:numPr", "w:numId")
            if numbering is not None:
                return number(numbering) not in (None, 0)
            if _LIST.fullmatch(style.name):
                return True
        return False

    def switch(self, which: str, run: Element | None, properties: Element | None) -> bool:
        """Whether a run is, say, bold (``w:b``) or hidden (``w:vanish``).

        Args:
            which: the name of the switch.
            run: the run's properties.
            properties: those of the paragraph that it stands in.
        """
        return (self.value(which, run, properties) or "false").lower() not in OFF

    def value(self, which: str, run: Element | None, properties: Element | None) -> str | None:
        """The value of a run's property, such as ``w:sz`` or ``w:vertAlign``, its own or styled."""
        own = _stated(run, which)
        if own is not None:
            return own
        key = which, attribute(child(run, "w:rStyle")), self.paragraph_style(properties)
        if key not in self._inherited:
            self._inherited[key] = self._from_styles(*key)
        return self._inherited[key]

    def _from_styles(self, which: str, *style_ids: str | None) -> str | None:
        for style_id in style_ids:
            for style in self.chain(style_id):
                stated = _stated(style.run, which)
                if stated is not None:
                    return stated
        return _stated(self._base, which)

    def sets_first_row_apart(self, style_id: str | None) -> bool:
        """Whether a table style shows the first row as a header."""
        return any(style.first_row for style in self.chain(style_id))

    def _named(self, properties: Element | None, pattern: re.Pattern[str]) -> bool:
        style_id = self.paragraph_style(properties)
        found = any(pattern.fullmatch(style.name) for style in self.chain(style_id))
        return found or (style_id is not None and bool(pattern.fullmatch(style_id.lower())))


def _stated(properties: Element | None, which: str) -> str | None:
    element = child(properties, which)
    return None if element is None else attribute(element) or "true"


def _is_shaded(part: Element) -> bool:
    fill = attribute(child(part, "w:tcPr", "w:shd"), "fill")
    return fill is not None and fill.lower() not in ("auto", "ffffff")
