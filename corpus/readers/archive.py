"""ZIP archives: what they hold, and their members, unpacked only as far as is safe.

Word, Excel, OpenDocument and EPUB files are archives of parts. Sizes are checked as the archive
states them before a part is unpacked, and no more than stated is ever unpacked.
"""

from __future__ import annotations

import io
import zipfile
import zlib

from corpus.readers.base import Unreadable

MAX_UNPACKED = 64_000_000
"""Bytes of one part, unpacked; the text of a long book takes up about a tenth of it."""

_MAX_RATIO = 200
_SMALL = 10_000_000  # parts up to this size may be packed as tightly as they like
_MAX_MEMBERS = 100_000
_TYPES = "[content_types].xml"
_HINT = "Save it as .docx or PDF."
_BY_CONTENT_TYPE = (
    (b"wordprocessingml.document.main+xml", "docx"),
    (b"wordprocessingml.template.main+xml", "docx"),
    (b"ms-word.document.macroenabled", "docx"),
    (b"ms-word.template.macroenabled", "docx"),
    (b"spreadsheetml.sheet.main+xml", "xlsx"),
    (b"spreadsheetml.template.main+xml", "xlsx"),
    (b"ms-excel.sheet.macroenabled", "xlsx"),
    (b"ms-excel.template.macroenabled", "xlsx"),
)
_OTHER_CONTENT_TYPES = (
    (b"presentationml.", "is a PowerPoint file", "Save it as PDF."),
    (b"ms-powerpoint.", "is a PowerPoint file", "Save it as PDF."),
    (b"ms-excel.sheet.binary", "is a binary Excel file", "Save it as .xlsx."),
    (b"ms-visio.", "is a Visio drawing", "Save it as PDF."),
    (b"ms-package.xps", "is an XPS file", "Save it as PDF."),
)
_BY_MIMETYPE = (
    (b"application/vnd.oasis.opendocument.text", "is an OpenDocument text", _HINT),
    (
        b"application/vnd.oasis.opendocument.spreadsheet",
        "is an OpenDocument spreadsheet",
        "Save it as .xlsx or .csv.",
    ),
    (b"application/vnd.oasis.opendocument", "is an OpenDocument file", "Save it as PDF."),
    (b"application/epub", "is an e-book (EPUB)", "Unpack it, and index the web pages in it."),
)


class Archive:
    """A ZIP archive in memory. Names of members are matched without regard to case.

    Raises:
        Unreadable: it is broken.
    """

    def __init__(self, data: bytes) -> None:
        try:
            self._file = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
            raise Unreadable(
                "is a ZIP archive that is damaged or cut short", "Get it anew, or save it again."
            ) from error
        members = self._file.infolist()
        if len(members) > _MAX_MEMBERS:
            raise Unreadable(f"is a ZIP archive of more than {_MAX_MEMBERS} files", "Unpack it.")
        self._members = {_key(member.filename): member for member in members}

    @property
    def names(self) -> frozenset[str]:
        """The members' names, in lower case, with plain slashes."""
        return frozenset(self._members)

    def read(self, name: str) -> bytes | None:
        """A member's content, unpacked; None where there is none of this name.

        Raises:
            Unreadable: it is larger than ``MAX_UNPACKED``, packed as only bombs are, locked by a
                password, or damaged.
        """
        member = self._members.get(_key(name))
        if member is None:
            return None
        size, packed = member.file_size, max(member.compress_size, 1)
        if size > MAX_UNPACKED:
            raise Unreadable(
                f"holds a part that unpacks to {size // 1_000_000} MB; "
                f"{MAX_UNPACKED // 1_000_000} MB are read at most",
                "Split it into several files.",
            )
        if size > _SMALL and size / packed > _MAX_RATIO:
            raise Unreadable(
                f"unpacks from {packed // 1000} kB to {size // 1_000_000} MB, as a ZIP bomb does"
            )
        if member.flag_bits & 1:
            raise Unreadable("is protected by a password", "Save it without one.")
        try:
            with self._file.open(member) as stream:
                content = stream.read(size + 1)
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            OSError,
            ValueError,
            RuntimeError,
            NotImplementedError,
        ) as error:
            raise Unreadable(
                f"is damaged: its part {name} cannot be unpacked", "Get it anew, or save it again."
            ) from error
        if len(content) > size:
            raise Unreadable(f"is damaged: its part {name} is larger than it states")
        return content


def kind_of(data: bytes) -> str:
    """What a ZIP archive is.

    Args:
        data: the file's bytes.

    Returns:
        "docx" or "xlsx", templates and files with macros included.

    Raises:
        Unreadable: something else, or broken.
    """
    archive = Archive(data)
    types = _ascii(archive.read(_TYPES) or b"")
    for needle, kind in _BY_CONTENT_TYPE:
        if needle in types:
            return kind
    for needle, reason, hint in _OTHER_CONTENT_TYPES:
        if needle in types:
            raise Unreadable(reason, hint)
    mimetype = (archive.read("mimetype") or b"").strip()
    for needle, reason, hint in _BY_MIMETYPE:
        if mimetype.startswith(needle):
            raise Unreadable(reason, hint)
    if "word/document.xml" in archive.names:
        return "docx"
    if "xl/workbook.xml" in archive.names:
        return "xlsx"
    if any(name.endswith(".iwa") for name in archive.names):
        raise Unreadable("is an Apple iWork file", "Export it as Word or PDF.")
    raise Unreadable("is a ZIP archive", "Unpack it, and index the files in it.")


def _key(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").lower()


def _ascii(data: bytes) -> bytes:
    return data.replace(b"\0", b"").lower()
