"""The readers, one file a format, by the names that ``detect`` gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator

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

RECORD_READERS: dict[str, Callable[[bytes], Iterator[RawDocument | Unreadable]]] = {}
"""Reader of each format whose files may hold many records, each a document of its own.

A record that cannot be read comes as the reason; ``Unreadable`` is raised where it is the file.
"""

__all__ = ["READERS", "RECORD_READERS", "detect"]
