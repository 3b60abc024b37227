"""Passages and documents, asked for by themselves."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from corpus.document import DocumentInfo
from corpus.load import load
from index.base import SourceRecord
from qa.answer_parts import found_passages, listing
from tests.qa.chatting import Desk
from tests.qa.librarian import PAPERS


@pytest.fixture
def desk(papers: Path) -> Desk:
    return Desk([load(Path(name)) for name in PAPERS])


def record(source: str, same_as: str | None = None, **fields: object) -> SourceRecord:
    info = DocumentInfo(id=source, source=source, title=source)
    return SourceRecord(
        f"/papers/{source}",
        source,
        "indexed",
        document=replace(info, **fields),  # type: ignore[arg-type]
        same_as=same_as,
    )


RECORDS = [
    record("b.md", title="Sorafenib in cirrhosis", authors=("Moss, Ada",), year=2008),
    record("a.md", title="Tamoxifen", journal="J Hepatol", year=2008),
    record("copy-of-a.md", same_as="a.md"),
    SourceRecord("/papers/bad.pdf", "bad.pdf", "failed", reason="is empty"),
]


def test_passages_come_best_first_with_their_own_words(desk: Desk) -> None:
    answer = desk.ask("When did the boiler of the ferry burst?", risk=1)
    found = found_passages(desk.index, answer, 10)
    assert [one.score for one in found] == [one.score for one in answer.passages]
    for one in found:
        assert one.text == desk.text_of(one.document)[one.start : one.end]
    assert found[0].title == "The ferry"
    assert found_passages(desk.index, answer, 1) == found[:1]


def test_a_passage_whose_document_has_left_is_not_shown(desk: Desk) -> None:
    answer = desk.ask("When did the boiler of the ferry burst?", risk=1)
    assert found_passages(Desk([]).index, answer, 10) == ()


def test_documents_are_listed_once_by_source_with_their_copies() -> None:
    found = listing(RECORDS)
    assert found.total == 2
    assert [document.source for document in found.documents] == ["a.md", "b.md"]
    assert found.documents[0].also == ("copy-of-a.md",)


@pytest.mark.parametrize(
    ("words", "sources"),
    [
        ("SORAFENIB", ["b.md"]),
        ("moss 2008", ["b.md"]),
        ("hepatol", ["a.md"]),
        ("2008", ["a.md", "b.md"]),
        ("moss tamoxifen", []),
    ],
)
def test_documents_are_found_by_words_that_all_stand_in_what_is_known_of_them(
    words: str, sources: list[str]
) -> None:
    found = listing(RECORDS, words)
    assert [document.source for document in found.documents] == sources


def test_a_long_list_comes_in_parts() -> None:
    assert [d.source for d in listing(RECORDS, limit=1).documents] == ["a.md"]
    assert [d.source for d in listing(RECORDS, limit=1, offset=1).documents] == ["b.md"]
    assert listing(RECORDS, limit=1, offset=1).total == 2
    assert listing(RECORDS, limit=-1, offset=-1).documents == ()
