"""The parts of a Word file as XML trees, parsed without following anything that they point to."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import unquote

from corpus.readers.archive import Archive
from corpus.readers.base import Unreadable

if TYPE_CHECKING:
    from lxml.etree import _Element as Element
else:
    Element = object

_OFFICE = "http://schemas.openxmlformats.org/"
_STRICT = "http://purl.oclc.org/ooxml/"
_PREFIXES = {
    f"{_OFFICE}wordprocessingml/2006/main": "w",
    f"{_STRICT}wordprocessingml/main": "w",
    f"{_OFFICE}officeDocument/2006/math": "m",
    f"{_STRICT}officeDocument/math": "m",
    f"{_OFFICE}markup-compatibility/2006": "mc",
    f"{_OFFICE}drawingml/2006/wordprocessingDrawing": "wp",
    f"{_STRICT}drawingml/wordprocessingDrawing": "wp",
    f"{_OFFICE}package/2006/relationships": "rel",
    f"{_OFFICE}package/2006/metadata/core-properties": "cp",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/terms/": "dcterms",
    "urn:schemas-microsoft-com:vml": "v",
}
OFF = frozenset({"0", "false", "off", "none"})
"""The values by which a switch such as ``w:b`` says no."""

_BROKEN_HINT = "Open it in Word, and save it again."


@lru_cache(maxsize=4096)
def _short(tag: str) -> str:
    space, _, local = tag[1:].partition("}") if tag.startswith("{") else ("", "", tag)
    prefix = _PREFIXES.get(space)
    return f"{prefix}:{local}" if prefix else f"?:{local}"


def name(element: Element) -> str:
    """An element's name with its usual prefix ("w:p"), "?:" for spaces not known, "" for comments.

    The transitional and the strict form of the format give the same names.
    """
    tag = element.tag
    return _short(tag) if isinstance(tag, str) else ""


def child(element: Element | None, *path: str) -> Element | None:
    """The first child of a name, and of it the first child of the next name, and so on."""
    for step in path:
        if element is None:
            return None
        element = next((c for c in element if name(c) == step), None)
    return element


def attribute(element: Element | None, local: str = "val") -> str | None:
    """An attribute by its local name; None without element or attribute."""
    if element is None:
        return None
    for key, value in element.attrib.items():
        if str(key).rpartition("}")[2] == local:
            return str(value)
    return None


def number(element: Element | None, local: str = "val") -> int | None:
    """A whole number in an attribute; None where there is none."""
    value = (attribute(element, local) or "").strip()
    digits = value.removeprefix("-")
    return int(value) if digits.isascii() and digits.isdigit() and len(digits) < 10 else None


class Package:
    """A Word file's parts.

    Args:
        data: the file's bytes.

    Raises:
        Unreadable: the archive is broken, or no Word file.
    """

    def __init__(self, data: bytes) -> None:
        self._archive = Archive(data)
        self.main = self._main_part()
        self._targets = dict(self._relationships(self.main))

    def document(self) -> Element:
        """The root of the main part.

        Raises:
            Unreadable: it is missing or broken.
        """
        root = self._parse(self.main)
        if root is None:
            raise Unreadable("is a Word file without its text", _BROKEN_HINT)
        return root

    def related(self, kind: str) -> Element | None:
        """The root of the part that the main part is related to ("styles", "footnotes"), if any."""
        target = self._targets.get(kind)
        return None if target is None else self._parse(target)

    def core_properties(self) -> Element | None:
        """The root of the document's properties; None where there are none or they are broken."""
        targets = dict(self._relationships(""))
        try:
            return self._parse(targets.get("core-properties", "docProps/core.xml"))
        except Unreadable:
            return None

    def _main_part(self) -> str:
        targets = dict(self._relationships(""))
        return targets.get("officeDocument", "word/document.xml")

    def _relationships(self, part: str) -> Iterator[tuple[str, str]]:
        """Kind and path of each part inside the file that ``part`` is related to."""
        folder, base = posixpath.split(part)
        root = self._parse(posixpath.join(folder, "_rels", f"{base}.rels"))
        for relationship in () if root is None else root:
            if name(relationship) != "rel:Relationship":
                continue
            target = attribute(relationship, "Target") or ""
            if (attribute(relationship, "TargetMode") or "").lower() == "external" or not target:
                continue
            kind = (attribute(relationship, "Type") or "").rpartition("/")[2]
            path = posixpath.normpath(posixpath.join("/", folder, unquote(target)))
            yield kind, path.lstrip("/")

    def _parse(self, part: str) -> Element | None:
        data = self._archive.read(part)
        if data is None or not data.strip():
            return None
        return parse(data, part)


def parse(data: bytes, part: str) -> Element:
    """The root of an XML part.

    Entities are never expanded, nothing outside of ``data`` is read.

    Raises:
        Unreadable: it is no well-formed XML, or it holds a document type declaration.
    """
    from lxml import etree

    if b"<!DOCTYPE" in data[:100_000].replace(b"\0", b"").upper():
        raise Unreadable("holds a document type declaration, which no Word file has")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, recover=False
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Unreadable(f"is a damaged Word file ({part} is no XML)", _BROKEN_HINT) from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise Unreadable("holds a document type declaration, which no Word file has")
    return root
