"""XML files before they are parsed: which characters their bytes are, and what their root is."""

from __future__ import annotations

import codecs
import re

from corpus.readers.base import Unreadable
from corpus.readers.decode import decode

_DECLARATION = re.compile(
    rb"""\s*<\?xml\s[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{2,40})["']""", re.IGNORECASE
)
_UTF_8 = frozenset({"utf-8", "ascii"})
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, b"<\0", b"\0<")
_MARKED = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, *_UTF_16)
_DOCTYPE_PARTS = re.compile(
    rb"""[^<>\[\]"']+|"[^"]*"|'[^']*'|<!--.*?-->|<\?.*?\?>|<![A-Z](?:[^"'>]|"[^"]*"|'[^']*')*>|\[""",
    re.DOTALL,
)
_ROOT = re.compile(rb"<([^\s<>/!?=\"'&;]+)(?=[\s/>])")
_TEXT = re.compile(rb"\S")
_HEAD = 2_000_000  # nobody puts more than this in front of the root


def as_utf8(data: bytes) -> tuple[bytes, int]:
    """The bytes of an XML file in UTF-8.

    A byte order mark decides; then whether the bytes are UTF-8, whatever they say; then what
    they say. Characters are those that ``decode`` gives, so offsets agree.

    Returns:
        The bytes (``data`` itself where it already is UTF-8) and where in them the text begins.

    Raises:
        Unreadable: the encoding that the file states is not known, or not its own.
    """
    if data.startswith(codecs.BOM_UTF8):
        return data, len(codecs.BOM_UTF8)
    if data.startswith(_MARKED):
        return decode(data).encode("utf-8"), 0
    declared = _DECLARATION.match(data)
    if declared is None:
        return data, 0
    name = declared.group(1).decode("ascii")
    try:
        if codecs.lookup(name).name in _UTF_8:
            return data, 0
    except LookupError:
        raise Unreadable(
            f"is XML in an encoding that is not known ({name})", "Save it as UTF-8."
        ) from None
    return decode(data).encode("utf-8"), 0


def root_of(data: bytes) -> str | None:
    """The name of an XML file's root element, without its prefix; None where none begins it.

    Declarations, comments, processing instructions and the document type are passed over, however
    long they are. It may be no XML at all: a web page has a root too.
    """
    head = data[:_HEAD].removeprefix(codecs.BOM_UTF8)
    if data.startswith(_MARKED):
        encoding = "utf-32" if data.startswith(_MARKED[:2]) else _utf_16(data)
        head = data[:_HEAD].decode(encoding, "ignore").encode("utf-8")
    position: int | None = 0
    while position is not None:
        found = _TEXT.search(head, position)
        start = found.start() if found else len(head)
        position = _after_prolog_part(head, start)
    match = _ROOT.match(head, start)
    return match.group(1).decode("utf-8", "replace").rpartition(":")[2] if match else None


def _utf_16(data: bytes) -> str:
    if data.startswith(_UTF_16[:2]):
        return "utf-16"
    return "utf-16-le" if data.startswith(_UTF_16[2]) else "utf-16-be"


def _after_prolog_part(head: bytes, start: int) -> int | None:
    """Where the comment, instruction or document type at ``start`` ends; None if none is there."""
    if head.startswith(b"<?", start):
        close = b"?>"
    elif head.startswith(b"<!--", start):
        close = b"-->"
    elif head[start : start + 9].upper() == b"<!DOCTYPE":
        return _after_doctype(head, start + 9)
    else:
        return None
    end = head.find(close, start)
    return None if end < 0 else end + len(close)


def _after_doctype(head: bytes, position: int) -> int | None:
    """Where a document type ends, with the declarations in its brackets."""
    while position < len(head):
        if head.startswith((b">", b"]"), position):
            done = head.startswith(b">", position)
            position += 1
            if done:
                return position
            continue
        match = _DOCTYPE_PARTS.match(head, position)
        if match is None:
            return None
        position = match.end()
    return None
