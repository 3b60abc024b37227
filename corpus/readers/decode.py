"""Bytes to characters, by content: byte order marks, UTF-8, then Windows-1252."""

from __future__ import annotations

import codecs
import re

from corpus.readers.base import Unreadable

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"<\0", "utf-16-le"),  # mark-up in UTF-16 may go without its mark
    (b"\0<", "utf-16-be"),
)
_DECLARED = re.compile(
    rb"""<(?:meta[^>]{0,200}charset|\?xml\s[^>]{0,200}encoding)\s*=\s*["']?([\w.:-]{2,40})""",
    re.IGNORECASE,
)


def decode(data: bytes) -> str:
    """The characters of a text file. Line ends stay as they are; a byte order mark is no character.

    Args:
        data: the whole file.

    Returns:
        The decoded text; source offsets count its code points.

    Raises:
        Unreadable: the bytes are not text.
    """
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return _strict(data, encoding)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = _legacy(data)
    if text.count("\0") > len(text) // 100:
        raise Unreadable("is not a text file", "Save it as plain text, HTML or PDF.")
    return text


def _strict(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise Unreadable(
            f"is marked as {encoding.upper()} but is not", "Save it as UTF-8."
        ) from error


def _legacy(data: bytes) -> str:
    declared = _DECLARED.search(data[:4096])
    names = [declared.group(1).decode("ascii")] if declared else []
    for name in [*names, "cp1252"]:
        try:
            return data.decode(name)
        except (UnicodeDecodeError, LookupError):
            continue
    # Latin-1 maps every byte; the few bytes that Windows-1252 leaves open become control codes.
    return data.decode("latin-1")
