"""The readers, one file a format, by the names that ``detect`` gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from corpus.readers.base import RawDocument, Unreadable
from corpus.readers.decode import decode
from corpus.readers.detect import detect


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


def _tagged(data: bytes, dialect: str) -> Iterator[RawDocument | Unreadable]:
    from corpus.readers import tagged

    return tagged.read(decode(data), tagged.DIALECTS[dialect])


def _bibtex(data: bytes) -> Iterator[RawDocument | Unreadable]:
    from corpus.readers import bibtex

    return bibtex.read(decode(data))


def _csv(data: bytes) -> Iterator[RawDocument | Unreadable]:
    from corpus.readers import tables

    return tables.read_csv(decode(data))


def _xlsx(data: bytes) -> Iterator[RawDocument | Unreadable]:
    from corpus.readers import xlsx

    return xlsx.read(data)


def _jats(data: bytes) -> Iterator[RawDocument | Unreadable]:
    from corpus.readers import jats

    return jats.read(data)


def _pubmed(data: bytes) -> Iterator[RawDocument | Unreadable]:
    from corpus.readers import pubmed

    return pubmed.read(data)


def _docx(data: bytes) -> RawDocument:
    from corpus.readers import docx

    return docx.read(data)


READERS: dict[str, Callable[[bytes], RawDocument]] = {
    "text": _text,
    "markdown": _markdown,
    "html": _html,
    "pdf": _pdf,
    "docx": _docx,
}
"""Reader of each format whose files hold one document, by the name that ``detect`` gives."""

RECORD_READERS: dict[str, Callable[[bytes], Iterator[RawDocument | Unreadable]]] = {
    **{name: partial(_tagged, dialect=name) for name in ("ris", "nbib", "enw", "isi")},
    "bibtex": _bibtex,
    "csv": _csv,
    "xlsx": _xlsx,
    "jats": _jats,
    "pubmed": _pubmed,
}
"""Reader of each format whose files may hold many records, each a document of its own.

A record that cannot be read comes as the reason; ``Unreadable`` is raised where it is the file.
"""

__all__ = ["READERS", "RECORD_READERS", "detect"]
