"""JATS XML: full articles from PubMed Central and from publishers, one or many in a file."""

from __future__ import annotations

from collections.abc import Iterator

from corpus.document import BlockKind
from corpus.readers.base import RawDocument, Unreadable
from corpus.readers.jats_blocks import article_blocks
from corpus.readers.jats_meta import read_metadata
from corpus.readers.superscript import raise_powers
from corpus.readers.xml_tree import Record, records

_ARTICLE = frozenset({"article"})
_PARTS = frozenset({"front", "body", "back"})
_HINT = "Pincite reads articles in JATS, as PubMed Central gives them."


def read(data: bytes) -> Iterator[RawDocument | Unreadable]:
    """Read the articles of a JATS file.

    Args:
        data: the file. Its root is ``article``, or anything that holds articles.

    Yields:
        One document an article, with its PMCID (else DOI, PMID or number) as key; a file that is
        one article has no key. An article without text comes as the reason.

    Raises:
        Unreadable: the XML is broken, made to do harm, or holds no JATS article.
    """
    found = records(data, _ARTICLE)
    number = 0
    for record in found:
        number += 1
        if record.outer == "article":
            list(found)  # what follows must be sound too
            document = _document(record, None)
            if isinstance(document, Unreadable):
                raise document
            yield document
            return
        yield _document(record, number)
    if not number:
        raise Unreadable("is XML without a JATS article in it", _HINT)


def _document(record: Record, number: int | None) -> RawDocument | Unreadable:
    """The document of an article; ``number`` is its place where it is one of many."""
    article, raw = record.root, record.raw
    raise_powers(article, raw)
    metadata = read_metadata(article, raw)
    key = None
    if number is not None:
        key = metadata.pmcid or metadata.doi or metadata.pmid or str(number)
    if not any(article.all(*_PARTS)):
        return Unreadable("is an article, but not one in JATS", _HINT, key)
    blocks = article_blocks(article, raw)
    kinds = {block.kind for block in blocks}
    if not kinds - {BlockKind.TITLE, BlockKind.HEADING, BlockKind.REFERENCE}:
        return Unreadable(
            "is an article of which only the front matter is here",
            "Publishers may withhold the text; index the PDF.",
            key,
        )
    return RawDocument(
        raw=raw,
        blocks=blocks,
        metadata=metadata,
        format="jats",
        key=key,
        first=record.first,
        record=None if number is None else record.data,
    )
