"""Bytes to characters, by content: byte order marks, UTF-8, what is declared, then Windows-1252."""

from __future__ import annotations

import codecs
import re
import unicodedata

from corpus.readers.base import Unreadable

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"<\0?\0", "utf-16-le"),  # XML in UTF-16 may go without its mark
    (b"\0<\0?", "utf-16-be"),
)
_DECLARED = re.compile(
    rb"""<(?:meta[^>]{0,200}charset|\?xml\s[^>]{0,200}encoding)\s*=\s*["']?([\w.:-]{2,40})""",
    re.IGNORECASE,
)
# What a label means, as browsers read it (WHATWG Encoding Standard, section 4.2), where that is
# not what Python calls it. Labels of encodings that no page is written in are not followed.
_MEANT = {
    "cp1252": "iso-8859-1 latin1 latin-1 l1 ascii us-ascii windows-1252 cp1252 cp819 iso8859-1",
    "cp1254": "iso-8859-9 latin5 windows-1254 cp1254",
    "cp874": "iso-8859-11 tis-620 windows-874 cp874",
    "cp932": "shift_jis shift-jis sjis x-sjis ms_kanji windows-31j cp932",
    "gb18030": "gb2312 gbk gb_2312-80 gb18030 x-gbk chinese",
    "cp949": "euc-kr ks_c_5601-1987 korean windows-949 cp949",
    "big5hkscs": "big5 big5-hkscs x-x-big5",
    "euc_jp": "euc-jp x-euc-jp",
    "iso2022_jp": "iso-2022-jp",
    "mac_roman": "macintosh mac x-mac-roman",
    "koi8_r": "koi8-r koi8 koi",
    "koi8_u": "koi8-u",
    "cp866": "ibm866 cp866",
    **{f"cp{n}": f"windows-{n} cp{n} x-cp{n}" for n in (1250, 1251, 1253, 1255, 1256, 1257, 1258)},
    **{f"iso8859_{n}": f"iso-8859-{n} iso8859-{n}" for n in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15)},
}
_ENCODINGS = {label: encoding for encoding, labels in _MEANT.items() for label in labels.split()}
_SAMPLE = 65_536  # bytes that tell what is written without a mark, and what is no text
_FEW = 8  # control characters that a short text may hold, from a terminal's log for one
_SPACES = frozenset("\t\n\r\f\v")
_CONTROLS = [chr(c) for c in range(0x20) if chr(c) not in _SPACES and c != 0x1B]


def decode(data: bytes) -> str:
    """The characters of a text file. Line ends stay as they are; a byte order mark is no character.

    Args:
        data: the whole file.

    Returns:
        The decoded text; source offsets count its code points. Where a file is UTF-8 but for a
        few bytes, each of these is U+FFFD.

    Raises:
        Unreadable: the bytes are not text.
    """
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return _strict(data, encoding)
    wide = _wide(data)
    if wide is not None:
        return _strict(data, wide)
    declared = _declared(data)
    if declared == "iso2022_jp" and b"\x1b" in data:
        return _legacy(data, declared)  # its bytes are all ASCII, and so UTF-8 as well
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = _nearly_utf8(data) or _legacy(data, declared)
    sample = text[:_SAMPLE]
    controls = sum(sample.count(control) for control in _CONTROLS)
    if text.count("\0") > len(text) // 100 or controls > max(_FEW, len(sample) // 100):
        raise Unreadable("is not a text file", "Save it as plain text, HTML or PDF.")
    return text


def _strict(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        if error.start >= len(data) - 4:  # cut short inside the last character
            return data[: error.start].decode(encoding)
        raise Unreadable(
            f"is marked as {encoding.upper()} but is not", "Save it as UTF-8."
        ) from error


def _wide(data: bytes) -> str | None:
    """UTF-16 or UTF-32 without a byte order mark, by where the zero bytes stand; else None."""
    sample = data[: min(_SAMPLE, len(data) // 4 * 4)] or data[: len(data) // 2 * 2]
    if b"\0" not in sample:
        return None
    for encoding, width in (("utf-32-le", 4), ("utf-32-be", 4), ("utf-16-le", 2), ("utf-16-be", 2)):
        if len(data) % width:
            continue
        try:
            text = codecs.getincrementaldecoder(encoding)().decode(sample)
        except UnicodeDecodeError:
            continue
        if _reads_as_text(text):
            return encoding
    return None


def _reads_as_text(text: str) -> bool:
    """Whether a sample holds assigned characters only, and some that every text is made of."""
    usual = sum(c.isascii() and (c.isalnum() or c.isspace()) for c in text)
    return bool(usual) and not any(
        c not in _SPACES and unicodedata.category(c) in ("Cc", "Cn", "Co", "Cs") for c in text
    )


def _declared(data: bytes) -> str | None:
    """The encoding that a web page or XML file declares, as Python names it, if it is known."""
    match = _DECLARED.search(data[:4096])
    return _ENCODINGS.get(match.group(1).decode("ascii", "replace").lower()) if match else None


def _nearly_utf8(data: bytes) -> str | None:
    """The text of a file that is UTF-8 but for a few broken bytes; None for any other."""
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    whole = sum(not c.isascii() for c in text) - broken
    return text if whole >= 10 * broken else None


def _legacy(data: bytes, declared: str | None) -> str:
    for encoding in (declared, "cp1252"):
        try:
            if encoding is not None:
                return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    if declared is not None and declared not in ("cp1252", "iso2022_jp"):
        text = data.decode(declared, "replace")
        if text.count("\ufffd") * 50 <= len(text):
            return text
    # Latin-1 maps every byte; the few bytes that Windows-1252 leaves open become control codes.
    return data.decode("latin-1")
