"""What a Word file says of itself: in its properties, at its top."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from corpus.metadata import doi_in, pmid_in, year_in
from corpus.readers.base import Metadata
from corpus.readers.docx_blocks import CAPTION
from corpus.readers.docx_package import attribute, child
from corpus.readers.docx_runs import Paragraph
from corpus.readers.docx_story import Table
from corpus.readers.docx_styles import Styles
from corpus.readers.section_names import is_section_name

if TYPE_CHECKING:
    from lxml.etree import _Element as Element
else:
    Element = object

_JUNK_TITLE = re.compile(
    r"microsoft\b|untitled|\btemplate\b|\.(?:docx?|dotx?|odt|rtf|pdf|tex)\b|^(?:document|dokument|title|"
    r"word|manuscript|draft|paper|new|slide|powerpoint)[\s\d_-]*(?:document)?[\s\d_-]*$|^[\W\d_]*$",
    re.IGNORECASE,
)
_JUNK_AUTHOR = re.compile(
    r"""python-docx | apache\ poi | un-?named | unknown | author | admin(?:istrator)? | owner
    | (?:microsoft|windows|office|home|test)?[\s-]*(?:office\ )?
      (?:user|users|benutzer|utilisateur|usuario|utente)[\s\d]*
    | default | hp | dell | lenovo | acer | asus | toshiba | sony | pc
    | (?:openxml|docx|pandoc|libreoffice|aspose|convert).* | [\W\d_]*""",
    re.IGNORECASE | re.VERBOSE,
)
_YEARS = (
    re.compile(r"(?:©|\(c\)|copyright)[^\d\n]{0,30}((?:19|20)\d\d)\b", re.IGNORECASE),
    re.compile(
        r"\b(?:published|accepted|received|submitted|revised|date|version)\b[^\n]{0,30}?"
        r"\b((?:19|20)\d\d)\b",
        re.IGNORECASE,
    ),
)
_NAME = re.compile(
    r"(?:(?:Dr|Prof)\.?\s+)?[^\W\d_a-z][\w.'’-]*(?:\s+(?:(?:de|van|von|der|den|del|da|di|la|le|bin|"
    r"al|el|ten|ter)\s+)*[^\W\d_a-z][\w.'’-]*){1,4}"
)
_DEGREE = re.compile(
    r"(?:M\.?D|Ph\.?D|MSc|BSc|MPH|FRCP|DPhil|RN|MBBS|MS|MA|BA|DSc|Jr|Sr|I{1,3})\.?", re.IGNORECASE
)
_BETWEEN_NAMES = re.compile(r"\s*(?:,|;|&|\band\b|\bund\b|\bet\b|\by\b)\s*")
_MAKERS_DATE = "2013-12-23T23:15:00Z"  # of the template that python-docx starts from
_FRONT = 20
_BODY_SIZE = 22  # half points; what Word sets text in where a file does not say


def find_title(
    parts: Sequence[Paragraph | Table], styles: Styles, core: Element | None
) -> Paragraph | None:
    """The paragraph that is the document's title.

    It is the one with the style of titles; else the one that reads like the title in the
    properties; else the only top heading where it stands first; else a first line set as a title.
    """
    top = [p for p in parts[:_FRONT] if isinstance(p, Paragraph) and not p.note]
    for paragraph in top:
        if styles.is_title(paragraph.properties) and not is_section_name(paragraph.text):
            return paragraph
    stated = _key(_stated_title(core) or "")
    for paragraph in top[:10]:
        if stated and _key(paragraph.text) == stated:
            return paragraph
    first = top[0] if top and top[0] is parts[0] else None
    if first is None or is_section_name(first.text) or CAPTION.match(first.text):
        return None
    if styles.heading_level(first.properties):
        levels = [styles.heading_level(p.properties) for p in parts if isinstance(p, Paragraph)]
        level = styles.heading_level(first.properties)
        alone = levels.count(level) == 1 and min(n for n in levels if n) == level
        return first if alone and any(n > level for n in levels) else None
    return first if _is_set_as_title(first, styles, len(parts)) else None


def read_metadata(
    metadata: Metadata,
    parts: Sequence[Paragraph | Table],
    styles: Styles,
    title: Paragraph | None,
    core: Element | None,
) -> None:
    """Fill in title, authors, year, DOI and PMID where lines at the top did not state them."""
    top = _front(parts, styles)
    text = "\n".join(p.text for p in top)
    if title is not None:
        metadata.title = " ".join(title.text.split())
    metadata.title = metadata.title or _stated_title(core) or _first_heading(parts, styles)
    metadata.authors = (
        metadata.authors
        or tuple(_listed(" ; ".join(p.text for p in top if styles.is_author(p.properties))))
        or _names_under(parts, title)
        or tuple(_listed(_stated(core, "dc:creator")))
    )
    metadata.doi = metadata.doi or doi_in(text)
    metadata.pmid = metadata.pmid or pmid_in(text)
    metadata.year = metadata.year or _year(text, core)


def _front(parts: Sequence[Paragraph | Table], styles: Styles) -> list[Paragraph]:
    """The paragraphs over the text itself."""
    out: list[Paragraph] = []
    for part in parts[:_FRONT]:
        if not isinstance(part, Paragraph) or (out and is_section_name(part.text)):
            break
        if len(out) > 2 and styles.heading_level(part.properties):
            break
        out.append(part)
    return out


def _is_set_as_title(paragraph: Paragraph, styles: Styles, count: int) -> bool:
    """Whether a first line is larger, bold or centred, and reads like a title."""
    text = " ".join(paragraph.text.split())
    words = text.split()
    if not 3 <= len(words) <= 40 or len(text) > 300 or text[-1] in ".,;:" or count < 2:
        return False
    centred = attribute(child(paragraph.properties, "w:jc")) == "center"
    usual = styles.value("w:sz", None, None) or ""
    body = int(usual) if usual.isascii() and usual.isdigit() else _BODY_SIZE
    size = paragraph.sizes.most_common(1)[0][0] if paragraph.sizes else ""
    larger = size.isascii() and size.isdigit() and int(size) >= 1.15 * body
    return paragraph.bold or centred or larger


def _stated_title(core: Element | None) -> str | None:
    title = _stated(core, "dc:title")
    return title if len(title) > 3 and not _JUNK_TITLE.search(title) else None


def _first_heading(parts: Sequence[Paragraph | Table], styles: Styles) -> str | None:
    for part in parts[:_FRONT]:
        if isinstance(part, Paragraph) and styles.heading_level(part.properties):
            return None if is_section_name(part.text) else " ".join(part.text.split())
    return None


def _names_under(parts: Sequence[Paragraph | Table], title: Paragraph | None) -> tuple[str, ...]:
    """The names under the title, where they are nothing but names."""
    at = next((i for i, part in enumerate(parts) if part is title), None)
    for part in () if at is None else parts[at + 1 : at + 3]:
        if not isinstance(part, Paragraph) or len(part.text) > 2000:
            break
        plain = re.sub(r"[\d*†‡§¶∗]+", " ", part.text)
        names = [name.strip(" .\v\t") for name in _BETWEEN_NAMES.split(plain)]
        names = [name for name in names if name and not _DEGREE.fullmatch(name)]
        if names and not is_section_name(plain) and all(_NAME.fullmatch(name) for name in names):
            return tuple(dict.fromkeys(names))
    return ()


def _listed(names: str) -> dict[str, None]:
    """The names in a line, each once; those that programs put in are no names."""
    parts = [part.strip() for part in re.split(r"[;,\v]|\band\b", names)]
    return dict.fromkeys(part for part in parts if part and not _JUNK_AUTHOR.fullmatch(part))


def _stated(core: Element | None, which: str) -> str:
    element = child(core, which)
    return " ".join((element.text or "").split()) if element is not None else ""


def _year(text: str, core: Element | None) -> int | None:
    for pattern in _YEARS:
        match = pattern.search(text)
        if match:
            return int(match.group(1))
    stated = _stated(core, "dcterms:created")
    return None if stated == _MAKERS_DATE else year_in(stated[:4])


def _key(text: str) -> str:
    return re.sub(r"\W+", "", text).lower()
