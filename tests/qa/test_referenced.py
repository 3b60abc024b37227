"""Reports with a numbered list of references, as a web page and as a Word document."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

import docx
import pytest
from docx.document import Document
from docx.table import Table
from docx.text.paragraph import Paragraph

from qa.answer import Answer, NotVerbatim
from qa.citing import place
from qa.export import TextOf
from qa.referenced import report_of
from qa.report_docx import to_docx
from qa.report_html import to_html
from tests.qa.htmltree import find, find_all, text, tree
from tests.qa.librarian import Librarian

BRANDT = "Which load was checked by Brandt?"
BOILER = "When did the boiler of the ferry burst?"
ZEBRAS = "Zebra stripes?"

Write = Callable[[Sequence[Answer], TextOf], str | bytes]


def asked(librarian: Librarian, *questions: str) -> list[Answer]:
    return [librarian.ask(q, id=f"q{n}") for n, q in enumerate(questions)]


def word(answers: Sequence[Answer], text_of: TextOf, *more: object) -> Document:
    return docx.Document(io.BytesIO(to_docx(answers, text_of, *more)))  # type: ignore[arg-type]


def rows(table: Table) -> list[str]:
    return [" | ".join(cell.text for cell in row.cells) for row in table.rows]


def raised(paragraph: Paragraph) -> list[str]:
    """The numbers that stand raised in a paragraph, with where they lead."""
    return [
        f"{link.text} to {link.fragment}"
        for link in paragraph.hyperlinks
        if all(run.font.superscript for run in link.runs)
    ]


def test_a_source_that_is_cited_twice_has_one_number(librarian: Librarian) -> None:
    answers = asked(librarian, BOILER, BRANDT, BOILER)
    report = report_of(answers, librarian.text_of)
    cited = [c.document.source for answer in answers for c in answer.citations]
    numbers = [quoted.number for entry in report.entries for quoted in entry.quotes]
    assert len(numbers) > len(set(numbers))
    assert [report.sources[n - 1].source for n in numbers] == cited
    assert [source.source for source in report.sources] == list(dict.fromkeys(cited))


def test_two_files_of_one_article_are_one_source_and_the_quote_names_its_file(
    librarian: Librarian,
) -> None:
    answers = []
    for answer in asked(librarian, BOILER, BRANDT):
        citations = tuple(
            c.model_copy(update={"document": c.document.model_copy(update={"doi": "10.1000/A"})})
            for c in answer.citations
        )
        answers.append(answer.model_copy(update={"citations": citations}))
    report = report_of(answers, librarian.text_of)
    assert [source.source for source in report.sources] == ["ferry.md"]
    (row, *_) = report.entries[1].quotes
    assert (row.number, "in bridge.md: " in row.where) == (1, True)


@pytest.mark.parametrize("write", [to_html, to_docx])
def test_no_report_is_written_with_a_quote_that_differs(librarian: Librarian, write: Write) -> None:
    good, bad = asked(librarian, BRANDT, BOILER)
    quote = bad.quotes[0].model_copy(update={"text": f"{bad.quotes[0].text[:-1]}!"})
    bad = bad.model_copy(update={"quotes": (quote, *bad.quotes[1:])})
    with pytest.raises(NotVerbatim, match=r"q1: quote 1 differs from ferry\.md"):
        write([good, bad], librarian.text_of)
    gone: dict[str, str] = {}
    with pytest.raises(KeyError):
        write([good], gone.__getitem__)


@pytest.mark.parametrize("write", [to_html, to_docx])
def test_the_same_answers_give_the_same_bytes(
    librarian: Librarian, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = asked(librarian, BRANDT, BOILER, ZEBRAS)
    first = write(answers, librarian.text_of)
    monkeypatch.setattr("time.localtime", lambda *_: (2031, 5, 6, 7, 8, 9, 0, 0, 0))
    assert write(answers, librarian.text_of) == first


def test_the_page_has_every_quote_letter_for_letter_with_a_number_that_leads_to_its_source(
    librarian: Librarian,
) -> None:
    answers = asked(librarian, BOILER, BRANDT, BOILER)
    page = tree(to_html(answers, librarian.text_of).removeprefix("<!doctype html>"))
    figures = find_all(page, "figure")
    quotes = [(q, a) for a in answers for q in a.quotes]
    for figure, (quote, answer) in zip(figures, quotes, strict=True):
        block = find(figure, "blockquote")
        if quote.header:
            body = find_all(find(block, "tbody"), "td")
            assert " | ".join(text(cell) for cell in body) == quote.text
        else:
            assert text(block, without="sup") == quote.text
        number = find(find(figure, "sup"), "a")
        source = find(page, "li", ident=number.get("href", "").removeprefix("#"))
        citation = next(c for c in answer.citations if c.n == quote.citation)
        assert citation.document.source in text(source)
        assert text(find(figure, "figcaption"), without="sup").endswith(place(citation))
    assert find_all(page, "strong")


def test_the_page_gives_the_reason_where_nothing_was_found(librarian: Librarian) -> None:
    (answer,) = asked(librarian, ZEBRAS)
    page = tree(to_html([answer], librarian.text_of).removeprefix("<!doctype html>"))
    assert answer.reason
    assert text(find(page, cls="none")).startswith(f"Not found. {answer.reason}")
    assert "1 question, 0 answered, 1 not found." in text(find(page, "header"))


def test_the_page_shows_mark_up_as_the_characters_it_is_made_of_and_loads_nothing(
    librarian: Librarian,
) -> None:
    bad = "<img src=http://evil.example/x onerror=hack()> ferry boiler?"
    answers = asked(librarian, bad)
    page = tree(
        to_html(answers, librarian.text_of, ["<script>q9</script> failed."], "<b>").removeprefix(
            "<!doctype html>"
        )
    )
    assert bad in text(find(page, "main"))
    assert "<script>q9</script> failed." in text(page)
    assert not find_all(page, "script") + find_all(page, "img") + find_all(page, "link")
    links = [element.get("href", "") for element in find_all(page, "a")]
    assert all(link.startswith("#") or urlsplit(link).netloc == "doi.org" for link in links)


def test_the_word_file_has_every_quote_letter_for_letter_with_a_raised_number(
    librarian: Librarian,
) -> None:
    answers = asked(librarian, BOILER, BRANDT, BOILER)
    document = word(answers, librarian.text_of)
    words = {paragraph.text for paragraph in document.paragraphs if not raised(paragraph)}
    bodies = ["".join(run.text for run in p.runs) for p in document.paragraphs if raised(p)]
    tables = [rows(table) for table in document.tables]
    for answer in answers:
        for quote in answer.quotes:
            if quote.header:
                assert [quote.header.text, quote.text] in tables
            else:
                assert quote.text in bodies
    numbers = [number for p in document.paragraphs for number in raised(p)]
    assert len(numbers) == sum(len(answer.quotes) for answer in answers)
    assert set(numbers) == {"1 to source1", "2 to source2"}
    marks = document.element.xpath("//w:bookmarkStart/@w:name")
    assert marks == ["source1", "source2"]
    assert sum(said.startswith("1.\tThe ferry") for said in words) == 1
    heads = [p.text for p in document.paragraphs if p.style and p.style.name == "Heading 1"]
    assert heads == [f"1. {BOILER}", f"2. {BRANDT}", f"3. {BOILER}", "References"]


def test_the_word_file_marks_the_short_answer_and_nothing_else(librarian: Librarian) -> None:
    (answer,) = asked(librarian, BOILER)
    document = word([answer], librarian.text_of)
    marked = document.element.xpath("//w:r[w:rPr/w:shd]/w:t/text()")
    assert marked == [q.short_answer.text for q in answer.quotes if q.short_answer]


def test_the_word_file_says_what_was_not_found_and_what_was_refused(librarian: Librarian) -> None:
    answers = asked(librarian, ZEBRAS)
    document = word(answers, librarian.text_of, ["q7: it is too long."])
    words = [paragraph.text for paragraph in document.paragraphs]
    assert f"Not found. {answers[0].reason}" in words
    assert "q7: it is too long." in words
    assert "1 question, 0 answered, 1 not found, 1 refused." in words
    assert "References" not in words


def test_a_control_character_does_not_break_the_word_file(librarian: Librarian) -> None:
    answers = asked(librarian, "ferry \x1b\x00\ufffe boiler \U0001f6a2 <w:p>?")
    heads = [p.text for p in word(answers, librarian.text_of).paragraphs]
    assert "1. ferry \ufffd\ufffd\ufffd boiler \U0001f6a2 <w:p>?" in heads


def test_the_word_file_keeps_the_order_that_word_insists_on(librarian: Librarian) -> None:
    document = word(asked(librarian, BRANDT, BOILER), librarian.text_of)
    orders = {
        "//w:tblPr": ["tblStyle", "tblW", "jc", "tblInd", "tblLayout", "tblLook"],
        "//w:r/w:rPr": ["rFonts", "b", "i", "color", "sz", "shd", "vertAlign"],
    }
    for path, order in orders.items():
        for properties in document.element.xpath(path):
            names = [child.tag.rpartition("}")[2] for child in properties]
            assert names == sorted(names, key=order.index)


def test_nothing_asked_makes_an_empty_report(librarian: Librarian) -> None:
    assert "0 questions" in to_html([], librarian.text_of)
    assert "0 questions, 0 answered, 0 not found." in [
        p.text for p in word([], librarian.text_of).paragraphs
    ]
