"""Tests of documents as bytes."""

from __future__ import annotations

import dataclasses
import zlib

import numpy as np
import pytest

from corpus.document import Block, BlockKind, Document, DocumentInfo, Places, SourceMap, Span
from index.pack import document_bytes, pack_document, unpack_document
from tests.index.papers import paper


def paged() -> Document:
    """A document with everything a document can have."""
    info = DocumentInfo(
        id="0123456789abcdef",
        source="in/α paper.pdf",
        title="Überleben — \ud83d",
        authors=("Ng, A.", "Œuvre, B."),
        year=2012,
        journal="J",
        doi="10.1/x",
        pmid="1",
        digest_of="Another",
        format="pdf",
    )
    blocks = (
        Block(0, 4, BlockKind.TABLE_HEADER, section="A › B", page=1),
        Block(6, 9, BlockKind.TABLE_ROW, page=2, header=Span(0, 4), group=Span(4, 6)),
    )
    numbers = [np.array([n, n + 5], dtype=np.int32) for n in range(7)]
    box = np.array([[1, 2, 3, 4.25], [5, 6, 7, 8.5]], dtype=np.float32)
    places = Places(numbers[4], numbers[5], numbers[6], box)
    return Document(info, "head\n\nrow", blocks, SourceMap(*numbers[:4]), places)


@pytest.mark.parametrize("document", [paged(), paper("asthma").document], ids=["paged", "plain"])
def test_a_document_comes_back_as_it_was(document: Document) -> None:
    again = unpack_document(pack_document(document))
    assert (again.info, again.text, again.blocks) == (
        document.info,
        document.text,
        document.blocks,
    )
    assert (again.places is None) == (document.places is None)
    for part, other in ((document.source_map, again.source_map), (document.places, again.places)):
        for name in () if part is None else part.__slots__:
            ours, theirs = getattr(part, name), getattr(other, name)
            assert ours.dtype == theirs.dtype
            np.testing.assert_array_equal(ours, theirs)


def test_equal_documents_give_equal_bytes_and_others_do_not() -> None:
    assert document_bytes(paged()) == document_bytes(paged())
    other = dataclasses.replace(paged(), text="head\n\nRow")
    assert document_bytes(other) != document_bytes(paged())


@pytest.mark.parametrize("damage", [b"", b"nonsense", zlib.compress(b"\x02\0\0\0{]")])
def test_damaged_bytes_are_a_value_error(damage: bytes) -> None:
    with pytest.raises(ValueError, match="damaged"):
        unpack_document(damage)


def test_a_later_version_is_a_value_error() -> None:
    later = document_bytes(paged()).replace(b'"version":1', b'"version":9')
    with pytest.raises(ValueError, match="version 9"):
        unpack_document(zlib.compress(later))
