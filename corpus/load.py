"""Files become documents."""

from __future__ import annotations

import hashlib
import stat
from pathlib import Path

from corpus.clean import clean
from corpus.document import QUOTABLE, Document, DocumentInfo
from corpus.readers import READERS, detect
from corpus.readers.base import RawDocument, Unreadable

SUPPORTED = frozenset({".txt", ".text", ".md", ".markdown", ".html", ".htm", ".xhtml", ".pdf"})
"""The endings that are looked for in folders. What a file is read as is decided by its content."""

MAX_BYTES = 500_000_000


class LoadError(Exception):
    """A file that cannot become a document.

    Attributes:
        path: the file.
        reason: what is wrong, a clause that goes on from the file's name.
        hint: what the person can do about it; None where nothing is known.
    """

    def __init__(self, path: str | Path, reason: str, hint: str | None = None) -> None:
        super().__init__(f"{path} {reason}." + (f" {hint}" if hint else ""))
        self.path = str(path)
        self.reason = reason
        self.hint = hint


def read_bytes(path: Path) -> bytes:
    """The bytes of a regular file.

    Raises:
        LoadError: missing, not a regular file, unreadable, or larger than ``MAX_BYTES``.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            kind = "is a folder" if stat.S_ISDIR(status.st_mode) else "is not a regular file"
            raise LoadError(path, kind)
        if status.st_size > MAX_BYTES:
            raise LoadError(path, f"is larger than {MAX_BYTES // 1_000_000} MB")
        return path.read_bytes()
    except FileNotFoundError:
        raise LoadError(path, "does not exist") from None
    except PermissionError:
        raise LoadError(path, "may not be read", "Check the file's permissions.") from None
    except OSError as error:
        raise LoadError(path, f"cannot be opened ({error.strerror or error})") from None


def load(path: str | Path, source: str | None = None) -> Document:
    """Read one file.

    Args:
        path: where it is.
        source: the path as the person gave it, kept in citations; ``path`` if left out.

    Returns:
        The document. Equal bytes give equal documents, but for ``source`` and a title made from
        the file's name where the text states none.

    Raises:
        LoadError: the file cannot be read, with the reason.
    """
    path = Path(path)
    data = read_bytes(path)
    return load_bytes(data, str(source or path))


def load_bytes(data: bytes, source: str) -> Document:
    """Read a file's content; see ``load``.

    Raises:
        LoadError: the content cannot be read, with the reason.
    """
    if not data.strip():
        raise LoadError(source, "is empty")
    try:
        name = detect(data, source)
        raw = READERS[name](data)
        text, blocks, source_map = clean(raw)
    except Unreadable as error:
        raise LoadError(source, error.reason, error.hint) from error
    if not any(block.kind in QUOTABLE for block in blocks):
        raise LoadError(source, "has no text that could be quoted")
    info = _info(raw, hashlib.sha256(data).hexdigest()[:16], source)
    return Document(info, text, blocks, source_map, raw.places)


def _info(raw: RawDocument, document_id: str, source: str) -> DocumentInfo:
    found = raw.metadata
    title = " ".join(found.title.split()) if found.title else Path(source).stem
    return DocumentInfo(
        id=document_id,
        source=source,
        title=title,
        authors=tuple(found.authors),
        year=found.year,
        journal=found.journal,
        doi=found.doi,
        pmid=found.pmid,
        digest_of=found.digest_of,
        format=raw.format,
    )
