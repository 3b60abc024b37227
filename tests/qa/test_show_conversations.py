"""Kept conversations on the page and as files."""

from __future__ import annotations

import re
from base64 import b64decode
from pathlib import Path

import pytest
import rispy
from bibtexparser.entrypoint import parse_string
from markupsafe import Markup

from qa.answer import NotVerbatim
from qa.conversations import Conversation, Kept
from qa.show_conversations import FORMATS, conversations, download
from tests.qa.htmltree import find, find_all, text, tree
from tests.qa.librarian import Librarian

BAD = "</button><script>window.hacked=1</script><img src=x onerror=alert(1)>\"'"


@pytest.fixture
def turns(librarian: Librarian) -> list[Kept]:
    asked = ("Who opened the bridge?", "When did the boiler burst?", "Which gnomes sing?")
    return [Kept(librarian.ask(question), 0.5) for question in asked]


def words(link: Markup) -> str:
    address = find(tree(link), "a").get("href")
    assert address is not None
    head, _, data = address.partition(",")
    assert head == "data:text/plain;base64"
    return b64decode(data).decode()


def test_each_conversation_can_be_opened_renamed_saved_and_deleted() -> None:
    listed = tree(
        conversations([Conversation("1", "Ferries", 1), Conversation("2", "Bridges", 3)], "2")
    )
    first, second = find_all(listed, "li")
    assert first.get("aria-current") is None
    assert second.get("aria-current") == "true"
    assert "1 question" in text(first)
    assert "3 questions" in text(second)
    buttons = find_all(second, "button")
    assert [one.get("data-kept") for one in buttons] == ["open", "rename", *FORMATS, "delete"]
    assert {one.get("data-id") for one in buttons} == {"2"}
    assert [one.get("aria-label") for one in buttons][1:] == [
        f"{label}: Bridges" for label in ("Rename", "Markdown", "BibTeX", "RIS", "Delete")
    ]


def test_where_nothing_is_kept_there_is_no_list() -> None:
    assert conversations([], None) == ""


def test_mark_up_in_a_title_is_shown_as_typed(turns: list[Kept], librarian: Librarian) -> None:
    for piece in (
        conversations([Conversation("1", BAD, 1)], "1"),
        download(BAD, turns, "markdown", librarian.text_of),
    ):
        assert "<script" not in piece
        assert not find_all(tree(piece), "script")
        assert not find_all(tree(piece), "img")
    listed = tree(conversations([Conversation("1", BAD, 1)], "1"))
    assert BAD in text(find(listed, "li"))
    rename = next(one for one in find_all(listed, "button") if one.get("data-kept") == "rename")
    assert rename.get("data-title") == BAD


@pytest.mark.parametrize("title", ["../../etc/passwd", "a/b\\c:d*e?", " ", "…", "Überleben: OS"])
def test_a_file_s_name_is_made_of_the_title_s_words(
    title: str, turns: list[Kept], librarian: Librarian
) -> None:
    for form, ending in FORMATS.items():
        name = find(tree(download(title, turns, form, librarian.text_of)), "a").get("download")
        assert name is not None
        assert name.endswith(ending)
        stem = name.removesuffix(ending)
        assert stem
        assert not set(stem) & set("/\\:*?. ")


def test_as_markdown_every_question_has_its_quotes_and_references(
    turns: list[Kept], librarian: Librarian
) -> None:
    report = words(download("Lindau", turns, "markdown", librarian.text_of))
    for turn in turns:
        assert turn.answer.question.rstrip("?") in report
        for citation in turn.answer.citations:
            assert citation.document.title in report
    assert "Maria Keller" in report


def test_as_references_every_cited_document_stands_once(
    turns: list[Kept], librarian: Librarian
) -> None:
    titles = {one.document.title for turn in turns for one in turn.answer.citations}
    assert len(titles) == 2
    bib = parse_string(words(download("x", turns, "bibtex", librarian.text_of)))
    assert {re.sub("[{}]", "", entry["title"]) for entry in bib.entries} == titles
    assert len(bib.entries) == 2
    ris = rispy.loads(words(download("x", turns, "ris", librarian.text_of)))
    assert sorted(entry["title"] for entry in ris) == sorted(titles)


def test_a_quote_that_its_document_no_longer_says_is_not_handed_out(
    turns: list[Kept], librarian: Librarian, papers: Path
) -> None:
    def changed(document: str) -> str:
        return librarian.text_of(document).replace("1884", "1885")

    with pytest.raises(NotVerbatim, match=r"bridge\.md"):
        download("x", turns, "markdown", changed)


def test_a_document_that_has_left_is_told_apart(turns: list[Kept], librarian: Librarian) -> None:
    librarian.documents.clear()
    with pytest.raises(KeyError):
        download("x", turns, "markdown", librarian.text_of)
