"""Lists of records as tests read them."""

from __future__ import annotations

from corpus.document import BlockKind, Document
from corpus.load import LoadError, load_all


def documents(data: bytes | str, name: str = "list.txt") -> list[Document]:
    """The documents of a file; a record that is refused fails the test."""
    found = everything(data, name)
    refused = [record for record in found if isinstance(record, LoadError)]
    assert not refused
    return [record for record in found if isinstance(record, Document)]


def everything(data: bytes | str, name: str = "list.txt") -> list[Document | LoadError]:
    """The documents of a file and the reasons for those records that are none."""
    return list(load_all(data.encode() if isinstance(data, str) else data, name))


def reasons(data: bytes | str, name: str = "list.txt") -> dict[str, str]:
    """Why records of a file were refused, by their source."""
    refused = (record for record in everything(data, name) if isinstance(record, LoadError))
    return {error.path: error.reason for error in refused}


def texts(document: Document, kind: BlockKind) -> list[str]:
    """The words of the blocks of a kind."""
    return [document.text[b.start : b.end] for b in document.blocks if b.kind is kind]


def sections(document: Document) -> list[tuple[str | None, str]]:
    """The paragraphs with the sections that they stand in."""
    return [
        (b.section, document.text[b.start : b.end])
        for b in document.blocks
        if b.kind is BlockKind.PARAGRAPH
    ]


def at_source(document: Document, decoded: str, words: str) -> str:
    """What stands in the decoded file where the document says that ``words`` come from.

    Neighbouring places are read one after the other; white space is folded.
    """
    start = document.text.index(words)
    spans = document.source_spans(start, start + len(words))
    assert spans
    return " ".join("".join(decoded[span.start : span.end] for span in spans).split())


def all_words_are_at_their_source(found: list[Document], decoded: str) -> None:
    """Check that every block of every document stands in the decoded file where it says."""
    assert found
    for document in found:
        for block in document.blocks:
            words = document.text[block.start : block.end]
            spans = document.source_spans(block.start, block.end)
            there = "".join(decoded[span.start : span.end] for span in spans)
            assert " ".join(there.split()) == words
