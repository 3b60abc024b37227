"""What a file is: by its content, and by its name only where the content leaves it open."""

from __future__ import annotations

import re
from pathlib import PurePath

from corpus.readers.base import Unreadable
from corpus.readers.detect_lists import is_separated, list_of_records
from corpus.readers.detect_xml import xml_reader

_HINT = "Pincite reads PDF, Word, web pages, JATS and PubMed XML, lists of records and plain text."
_BINARY = {
    b"{\\rtf": "is an RTF file",
    b"\x89PNG": "is a picture",
    b"\xff\xd8\xff": "is a picture",
    b"GIF8": "is a picture",
    b"\x1f\x8b": "is a compressed file",
}
_WEB_ARCHIVE = re.compile(
    rb"bplist00|(?:[\w-]+:[^\n]*\n(?:[ \t][^\n]*\n)*)*?Content-Type:\s*multipart/related",
    re.IGNORECASE,
)
_COMPOUND = b"\xd0\xcf\x11\xe0"
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body|div|p|table|h1)\b", re.IGNORECASE)


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
    if _WEB_ARCHIVE.match(head):
        raise Unreadable("is a web archive", "Save the page as HTML.")
    for magic, reason in _BINARY.items():
        if head.startswith(magic):
            raise Unreadable(reason, _HINT)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        from corpus.readers.archive import kind_of

        return kind_of(data)
    if head.startswith(_COMPOUND):
        raise _old_office(data)
    found = xml_reader(data, _HINT) or list_of_records(data, name)
    if found:
        return found
    ending = PurePath(name).suffix.lower()
    if ending in {".md", ".markdown"}:
        return "markdown"
    if is_separated(data, name):
        return "csv"
    return "html" if _HTML.search(head.replace(b"\0", b"")) else "text"


def _old_office(data: bytes) -> Unreadable:
    """Why a file in Microsoft's compound format (1992) is refused, by the names of its streams."""
    if "EncryptedPackage".encode("utf-16-le") in data:
        return Unreadable(
            "is protected by a password", "Open it in Office, remove the password, and save it."
        )
    return Unreadable("is an old Office file", "Open it, and save it as .docx, .xlsx or PDF.")
