"""Answers as pieces of a web page, read back with an HTML parser."""

from __future__ import annotations

from pathlib import Path
from xml.etree.ElementTree import Element

import pytest

from corpus.document import Document
from corpus.load import load
from index.base import IndexStats
from qa import show
from qa.answer import Answer, Marked
from qa.export import escape, to_markdown
from qa.show_sources import needed, no_sources, sources
from tests.qa.htmltree import find, find_all, text, tree
from tests.qa.librarian import Librarian

HOSTILE = """---
title: "<img src=x onerror=alert('title')>"
authors: ["<b>Eve</b>"]
doi: '10.1000/x"onclick="alert(1)'
digest of: "<i>another</i> paper"
---
## <script>alert('section')</script> kettles

The kettle said <script>alert('text')</script> and `${alert(1)}` {{this}} & "quoted" 5 < 6 kettles.

| <svg onload=alert(2)> | Kettles |
|---|---|
| <a href="javascript:alert(3)">row</a> kettles boiling | 4 |
"""


@pytest.fixture
def opened(librarian: Librarian) -> Answer:
    return librarian.ask("Which engineer opened the bridge Lindau?", risk=1)


@pytest.fixture
def row(librarian: Librarian) -> Answer:
    return librarian.ask("Load checked Brandt 1921", risk=1)


@pytest.fixture
def nothing(librarian: Librarian) -> Answer:
    return librarian.ask("Which trains, trams, submarines and bridge gnomes exist here?")


@pytest.fixture
def hostile(tmp_path: Path) -> Document:
    path = tmp_path / "<img src=x onerror=alert('file')>.md"
    path.write_text(HOSTILE, encoding="utf-8")
    return load(path)


def test_a_quote_is_shown_word_for_word(opened: Answer) -> None:
    quote = find(tree(show.turn(1, opened)), ident="quote-1-1")
    words = text(find(quote, "p"), without="a")
    assert words.removesuffix("\xa0") == opened.quotes[0].text


def test_each_quote_leads_to_the_card_with_its_number(opened: Answer, librarian: Librarian) -> None:
    turn = tree(show.turn(3, opened))
    cards = tree(sources(3, opened, librarian.documents))
    for citation in opened.citations:
        marker = find(find(turn, ident=f"quote-3-{citation.n}"), cls="pc-marker")
        assert text(marker) == str(citation.n)
        assert marker.get("href") == f"#cite-3-{citation.n}"
        card = find(cards, "article", ident=f"cite-3-{citation.n}")
        back = [link.get("href") for link in find_all(card, "a") if link.get("data-back")]
        assert back == [f"#quote-3-{citation.n}"]


def test_the_quote_is_marked_in_its_place_among_the_sources(
    opened: Answer, librarian: Librarian
) -> None:
    cards = tree(sources(1, opened, librarian.documents))
    mark = find(find(cards, ident="cite-1-1"), "mark")
    assert text(mark) == opened.quotes[0].text
    assert opened.quotes[0].short_answer is not None
    assert text(find(mark, "strong")) == opened.quotes[0].short_answer.text


def test_a_short_answer_that_is_the_whole_quote_is_nowhere_emphasised(
    opened: Answer, librarian: Librarian
) -> None:
    quotes = tuple(
        quote.model_copy(
            update={"short_answer": Marked(text=quote.text, start=cited.start, end=cited.end)}
        )
        for quote, cited in zip(opened.quotes, opened.citations, strict=True)
    )
    for answer, emphasised in (
        (opened, True),
        (opened.model_copy(update={"quotes": quotes}), False),
    ):
        pieces = show.turn(1, answer), sources(1, answer, librarian.documents)
        assert [bool(find_all(tree(piece), "strong")) for piece in pieces] == [emphasised] * 2
        report = to_markdown([answer], librarian.text_of)
        assert ("In short: **" in report) == emphasised
        assert escape(answer.quotes[0].text) in report


def test_each_card_offers_the_original_of_its_own_quote(
    opened: Answer, nothing: Answer, librarian: Librarian
) -> None:
    for answer, places in ((opened, opened.citations), (nothing, nothing.passages)):
        cards = tree(sources(2, answer, librarian.documents))
        buttons = [b for b in find_all(cards, "button") if b.get("data-original")]
        assert [(b.get("data-start"), b.get("data-end")) for b in buttons] == [
            (str(place.start), str(place.end)) for place in places[:3]
        ]
        for button in buttons:
            assert button.get("data-document") in librarian.documents
            assert button.get("aria-expanded") == "false"
            ident = button.get("data-original")
            assert button.get("aria-controls") == ident
            assert text(find(cards, ident=ident)) == ""
            assert text(button) == "Show the paragraph"


def test_a_card_says_where_the_quote_stands(opened: Answer, librarian: Librarian) -> None:
    card = text(find(tree(sources(1, opened, librarian.documents)), ident="cite-1-1"))
    citation = opened.citations[0]
    assert citation.document.title in card
    assert citation.document.source in card
    assert citation.section is not None
    assert citation.section in card
    assert f"{citation.start:,}–{citation.end:,}" in card


def test_a_table_row_is_shown_as_a_table_under_its_header(
    row: Answer, librarian: Librarian
) -> None:
    assert row.quotes[0].header is not None
    quote = find(tree(show.turn(1, row)), ident="quote-1-1")
    card = find(tree(sources(1, row, librarian.documents)), ident="cite-1-1")
    for piece in (quote, card):
        head = [text(cell) for cell in find_all(piece, "th")]
        assert " | ".join(head) == row.quotes[0].header.text
    hit = find(card, "tr", cls="pc-hit")
    assert " | ".join(text(cell) for cell in find_all(hit, "td")) == row.quotes[0].text


def test_confidence_is_given_in_words_and_percent(opened: Answer) -> None:
    sure = opened.model_copy(update={"confidence": 0.93})
    words = text(find(tree(show.turn(1, sure)), cls="pc-sureness"))
    assert "Very likely" in words
    assert "93 %" in words


def test_what_was_understood_is_shown_only_where_it_differs(opened: Answer) -> None:
    assert not find_all(tree(show.turn(1, opened)), cls="pc-understood")
    resolved = opened.model_copy(update={"understood_as": "Who opened the bridge?"})
    shown = find(tree(show.turn(1, resolved)), cls="pc-understood")
    assert text(find(shown, "p")) == "Understood as: Who opened the bridge? Change"
    (button,) = find_all(shown, "button", cls="pc-link")
    form = find(shown, "form", ident=button.get("data-change"))
    assert text(find(form, "textarea")) == "Who opened the bridge?"


def test_not_found_gives_the_reason_and_no_quote(nothing: Answer, librarian: Librarian) -> None:
    assert nothing.status == "not_found"
    turn = tree(show.turn(1, nothing))
    panel = text(find(turn, cls="pc-none"))
    assert "Not found in the collection" in panel
    assert nothing.reason is not None
    assert nothing.reason in panel
    assert not find_all(turn, "blockquote")
    helps = list(find_all(find(turn, cls="pc-none"), "button"))
    assert [text(one) for one in helps] == ["ask in other words", "add documents"]
    assert helps[0].get("data-type") == nothing.understood_as


def test_nearest_passages_are_lettered_and_called_no_answer(
    nothing: Answer, librarian: Librarian
) -> None:
    assert nothing.passages
    turn, cards = tree(show.turn(1, nothing)), tree(sources(1, nothing, librarian.documents))
    letters = [text(link) for link in find_all(turn, "a", cls="pc-near")]
    assert letters == ["A", "B", "C"][: len(nothing.passages)]
    assert "not an answer" in text(find(cards, "h2"))
    first = nothing.passages[0]
    words = librarian.text_of(first.document)[first.start : first.end]
    assert words in text(find(cards, ident="near-1-1"))
    assert not find_all(cards, "mark")


def test_a_document_that_has_left_the_index_is_said_to_have_left(opened: Answer) -> None:
    card = text(find(tree(sources(1, opened, {})), ident="cite-1-1"))
    assert "has left the index" in card


def test_only_documents_that_are_shown_are_fetched(opened: Answer, nothing: Answer) -> None:
    assert set(needed(opened)) == {citation.document.id for citation in opened.citations}
    assert set(needed(nothing)) == {passage.document for passage in nothing.passages[:3]}


@pytest.mark.parametrize("question", ["kettle said quoted kettles", "row kettles boiling"])
def test_mark_up_in_documents_shows_as_text_everywhere(hostile: Document, question: str) -> None:
    librarian = Librarian([hostile])
    answer = librarian.ask(question, risk=1)
    full = answer.model_copy(
        update={
            "citations": tuple(
                citation.model_copy(
                    update={
                        "document": citation.document.model_copy(
                            update={
                                "authors": hostile.info.authors,
                                "doi": '10.1000/x"onclick="alert(1)',
                                "pmid": "<u>1</u>",
                                "journal": "<u>Journal</u>",
                                "digest_of": "<i>another</i> paper",
                            }
                        )
                    }
                )
                for citation in answer.citations
            )
        }
    )
    declined = answer.model_copy(
        update={"status": "not_found", "reason": "<b>because</b>", "quotes": (), "citations": ()}
    )
    for record in (full, declined):
        for piece in (show.turn(1, record), sources(1, record, librarian.documents)):
            assert_harmless(tree(piece))
    shown = text(tree(sources(1, full, librarian.documents)))
    assert full.quotes[0].text.split(" | ")[0] in shown
    assert hostile.info.title in shown
    assert hostile.info.source in shown


def test_mark_up_in_questions_names_and_messages_shows_as_text() -> None:
    bad = "<img src=x onerror=alert(1)>\"'"
    for piece in (
        show.pending(1, bad),
        show.problem(1, bad, bad),
        show.welcome([bad], [bad]),
    ):
        assert_harmless(tree(piece))
        assert bad in text(tree(piece))


def assert_harmless(piece: Element) -> None:
    for element in piece.iter():
        assert element.tag not in {"script", "img", "svg", "iframe", "object", "i", "u"}
        assert not any(name.startswith("on") for name in element.attrib), element.attrib
        assert not element.get("href", "").startswith("javascript")


def test_the_status_line_counts_and_owns_up_to_failures() -> None:
    fine = text(tree(show.status(IndexStats(1, 1234, 0, 1, "f", "e"))))
    assert "1 document" in fine
    assert "1 documents" not in fine
    assert "1,234 passages" in fine
    assert "could not be read" not in fine
    assert "2 could not be read" in text(tree(show.status(IndexStats(1, 9, 2, 1, "f", "e"))))


def test_the_source_panel_explains_itself_when_empty() -> None:
    assert "Sources" in text(tree(no_sources()))
