"""What a file is: by its content, and by its name only where the content leaves it open."""

from __future__ import annotations

import re
from pathlib import PurePath

from corpus.readers.base import Unreadable
from corpus.readers.xml_source import root_of

_HINT = "Pincite reads PDF, Word, web pages, JATS and PubMed XML, lists of records and plain text."
_BINARY = {
    b"{\\rtf": "is an RTF file",
    b"\xd0\xcf\x11\xe0": "is an old Office file",
    b"\x89PNG": "is a picture",
    b"\xff\xd8\xff": "is a picture",
    b"GIF8": "is a picture",
    b"\x1f\x8b": "is a compressed file",
}
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body|div|p|table|h1)\b", re.IGNORECASE)
_XML_READERS = {
    "article": "jats",
    "pmc-articleset": "jats",
    "pubmedarticleset": "pubmed",
    "oai-pmh": "jats",
    "pubmedarticle": "pubmed",
    "pubmedbookarticle": "pubmed",
    "pubmedbookarticleset": "pubmed",
    "medlinecitation": "pubmed",
    "medlinecitationset": "pubmed",
}
_JATS_PART = re.compile(rb"<(?:[\w.-]+:)?(?:front|body|back|article-meta)[\s>]")
_DOCTYPE = re.compile(rb"<!doctype\s+(?!html\b)", re.IGNORECASE)
_MAX_FRONT = 1_000_000
_OTHER_XML = frozenset({"tei", "nlmarticle"})
_NBIB = re.compile(rb"\s*PMID- ?\d")
_RIS = re.compile(rb"\s*TY {1,2}- ?[A-Z]")
_BIBTEX = re.compile(rb"(?:\s*%[^\n]*\n)*\s*@[A-Za-z]+\s*[{(]")


def detect(data: bytes, name: str) -> str:
    """The format of a file.

    Args:
        data: the file's bytes.
        name: its name; tells Markdown and CSV from plain text.

    Returns:
        A key of ``READERS`` or ``RECORD_READERS``.

    Raises:
        Unreadable: a format that no reader is for.
    """
    head = data[:2048]
    if b"%PDF-" in head[:1024]:
        return "pdf"
    for magic, reason in _BINARY.items():
        if head.startswith(magic):
            raise Unreadable(reason, _HINT)
    if head.startswith(b"PK\x03\x04"):
        return _zipped(data)
    found = _xml(data) or _list_of_records(head)
    if found:
        return found
    ending = PurePath(name).suffix.lower()
    if ending in {".md", ".markdown"}:
        return "markdown"
    if _HTML.search(head.replace(b"\0", b"")):
        return "html"
    return "csv" if ending in {".csv", ".tsv"} else "text"


def _zipped(data: bytes) -> str:
    """Word or Excel, by the names of the members in the archive's directory at its end."""
    end = data[-200_000:]
    if b"word/document.xml" in end:
        return "docx"
    if b"xl/workbook.xml" in end:
        return "xlsx"
    raise Unreadable("is a ZIP archive", "Unpack it, and index the files in it.")


def _xml(data: bytes) -> str | None:
    """The reader of an XML file that is no web page; None for everything else."""
    root = (root_of(data) or "").lower()
    start = data[:200].replace(b"\0", b"").removeprefix(b"\xef\xbb\xbf").lstrip()
    declared = start.startswith((b"<?xml", b"\xff\xfe<?xml", b"\xfe\xff<?xml"))
    declared = declared or bool(_DOCTYPE.match(start))
    if root == "article" and not declared:
        # A part of a web page may be called so too.
        return "jats" if _JATS_PART.search(data[:_MAX_FRONT].replace(b"\0", b"")) else None
    if root in _XML_READERS:
        return _XML_READERS[root]
    if root in _OTHER_XML or (declared and root != "html"):
        raise Unreadable(f"is an XML file of another kind ({root or 'without a root'})", _HINT)
    return None


def _list_of_records(head: bytes) -> str | None:
    """The reader of an export of a reference manager or of PubMed in tagged lines."""
    start = head.removeprefix(b"\xef\xbb\xbf")
    for pattern, name in ((_NBIB, "nbib"), (_RIS, "ris"), (_BIBTEX, "bibtex")):
        if pattern.match(start):
            return name
    return None
