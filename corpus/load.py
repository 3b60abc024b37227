"""Files become documents."""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Iterator
from pathlib import Path

from corpus.clean import clean
from corpus.document import QUOTABLE, Document, DocumentInfo
from corpus.readers import READERS, RECORD_READERS, detect
from corpus.readers.base import RawDocument, Unreadable

SUPPORTED = frozenset(
    {
        *(".txt", ".text", ".md", ".markdown", ".html", ".htm", ".xhtml", ".pdf", ".xml", ".nxml"),
        *(".ris", ".nbib", ".medline", ".enw", ".ciw", ".bib", ".bibtex", ".csv", ".tsv", ".xlsx"),
        *(".docx", ".docm", ".dotx", ".dotm"),
    }
)
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
    """Read one file that holds one document.

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
    """Read the content of a file that holds one document; see ``load``. Of many, the first.

    Raises:
        LoadError: the content cannot be read, with the reason.
    """
    for found in load_all(data, source):
        if isinstance(found, LoadError):
            raise found
        return found
    raise LoadError(source, "holds no records")


def load_all(data: bytes, source: str) -> Iterator[Document | LoadError]:
    """Read every document of a file's content: most files hold one, an export of abstracts many.

    Args:
        data: the file's bytes.
        source: the path as the person gave it, kept in citations.

    Yields:
        Documents in the file's order. A record that cannot be read comes as the reason, and the
        others go on.

    Raises:
        LoadError: the file as a whole cannot be read, with the reason.
    """
    if not data or data.isspace():
        raise LoadError(source, "is empty")
    try:
        name = detect(data, source)
        if name in READERS:
            yield _document(READERS[name](data), data, source)
            return
        if name not in RECORD_READERS:
            raise Unreadable(f"is a {name} file, which Pincite does not read")
        for record in RECORD_READERS[name](data):
            try:
                if isinstance(record, Unreadable):
                    raise record
                yield _document(record, data, source)
            except Unreadable as error:
                yield LoadError(_source_of(error.key, source), error.reason, error.hint)
    except Unreadable as error:
        raise LoadError(source, error.reason, error.hint) from error


def _source_of(key: str | None, source: str) -> str:
    return source if key is None else f"{source}#{key}"


def _document(raw: RawDocument, data: bytes, source: str) -> Document:
    """The document of a file or of one of its records.

    Raises:
        Unreadable: there is nothing to quote in it.
    """
    text, blocks, source_map = clean(raw)
    if not any(block.kind in QUOTABLE for block in blocks):
        raise Unreadable("has no text that could be quoted", key=raw.key)
    own = data if raw.record is None else raw.record
    info = _info(raw, hashlib.sha256(own).hexdigest()[:16], _source_of(raw.key, source))
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
        pmcid=found.pmcid,
        licence=found.licence,
        volume=found.volume,
        issue=found.issue,
        page_range=found.page_range,
    )
