"""The readers, one file a format, and the choice between them."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import PurePath

from corpus.readers.base import RawDocument, Unreadable
from corpus.readers.decode import decode

_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body|div|p|table|h1)\b", re.IGNORECASE)
_XML = re.compile(
    rb"\s*(?:<\?xml\b[^>]*>\s*)?(?:<!--.*?-->\s*)*(?:<!DOCTYPE\s+(?P<kind>[\w:.-]+)|<(?P<root>[\w:.-]+))",
    re.DOTALL,
)
_XML_ROOTS = frozenset({"article", "pubmedarticleset", "pmc-articleset", "tei", "nlmarticle"})
_BINARY = {
    b"{\\rtf": "is an RTF file",
    b"PK\x03\x04": "is a ZIP-based file (Word, Excel, EPUB, archive)",
    b"\xd0\xcf\x11\xe0": "is an old Office file",
    b"\x89PNG": "is a picture",
    b"\xff\xd8\xff": "is a picture",
    b"GIF8": "is a picture",
    b"\x1f\x8b": "is a compressed file",
}


def _text(data: bytes) -> RawDocument:
    from corpus.readers import text

    return text.read(decode(data))


def _markdown(data: bytes) -> RawDocument:
    from corpus.readers import markdown

    return markdown.read(decode(data))


def _html(data: bytes) -> RawDocument:
    from corpus.readers import html

    return html.read(decode(data))


def _pdf(data: bytes) -> RawDocument:
    from corpus.readers import pdf

    return pdf.read(data)


READERS: dict[str, Callable[[bytes], RawDocument]] = {
    "text": _text,
    "markdown": _markdown,
    "html": _html,
    "pdf": _pdf,
}
"""Reader of each format, by the name that ``detect`` gives."""


def detect(data: bytes, name: str) -> str:
    """The format of a file: by its content, and by its name where the content leaves it open.

    Args:
        data: the file's bytes.
        name: its name; only tells Markdown from plain text.

    Returns:
        A key of ``READERS``.

    Raises:
        Unreadable: a binary format that no reader is for.
    """
    head = data[:2048]
    if b"%PDF-" in head[:1024]:
        return "pdf"
    for magic, reason in _BINARY.items():
        if head.startswith(magic):
            raise Unreadable(reason, "Pincite reads text, Markdown, HTML and PDF files.")
    if _is_xml(head):
        raise Unreadable("is an XML file", "Pincite reads text, Markdown, HTML and PDF files.")
    markdown = PurePath(name).suffix.lower() in {".md", ".markdown"}
    if not markdown and _HTML.search(head.replace(b"\0", b"")):
        return "html"
    return "markdown" if markdown else "text"


def _is_xml(head: bytes) -> bool:
    """Whether a file is XML but no web page: declared as such, or with the root of an article."""
    start = head.removeprefix(b"\xef\xbb\xbf")
    match = _XML.match(start)
    if match is None:
        return False
    root = (match["kind"] or match["root"]).decode("ascii").lower()
    return root in _XML_ROOTS or (start.lstrip().startswith(b"<?xml") and root != "html")
