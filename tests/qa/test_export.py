"""Writing answers, every quote checked."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from qa.answer import Answer, Marked, NotVerbatim
from qa.export import TextOf, escape, to_csv, to_json_line, to_markdown
from tests.qa.librarian import Librarian

Write = Callable[[Answer, TextOf], str]

BRANDT = "Which load was checked by Brandt?"
BOILER = "When did the boiler of the ferry burst?"


def shown(markdown: str) -> str:
    """The words that a reader of the Markdown sees, without its structure."""
    tokens = MarkdownIt().parse(markdown)
    inline = (child for token in tokens for child in token.children or ())
    return "\n".join(child.content for child in inline if child.type == "text")


def with_quote(answer: Answer, **changes: object) -> Answer:
    quote = answer.quotes[0].model_copy(update=changes)
    return answer.model_copy(update={"quotes": (quote, *answer.quotes[1:])})


def test_a_json_line_is_the_whole_record_and_always_the_same(librarian: Librarian) -> None:
    answer = librarian.ask(BRANDT, id="b")
    line = to_json_line(answer, librarian.text_of)
    assert "\n" not in line
    assert Answer.model_validate_json(line) == answer
    assert to_json_line(Answer.model_validate_json(line), librarian.text_of) == line


@pytest.mark.parametrize("write", [to_json_line, lambda a, t: to_csv([a], t)], ids=["json", "csv"])
def test_a_quote_that_differs_in_one_character_is_not_written(
    librarian: Librarian, write: Write
) -> None:
    answer = librarian.ask(BRANDT, id="b")
    text = answer.quotes[0].text
    for at in range(len(text)):
        other = with_quote(answer, text=f"{text[:at]}\N{SNOWMAN}{text[at + 1 :]}")
        with pytest.raises(NotVerbatim, match=r"^b: quote 1 differs from bridge\.md: at"):
            write(other, librarian.text_of)


def test_the_report_is_not_written_with_a_quote_that_differs(librarian: Librarian) -> None:
    good, bad = librarian.ask(BRANDT), with_quote(librarian.ask(BOILER), text="")
    with pytest.raises(NotVerbatim, match="quote 1 is empty"):
        to_markdown([good, bad], librarian.text_of)


def test_short_answers_headers_and_citations_are_checked_too(librarian: Librarian) -> None:
    answer = librarian.ask(BRANDT)
    quote, citation = answer.quotes[0], answer.citations[0]
    assert quote.short_answer
    assert quote.header
    cases: dict[str, dict[str, object]] = {
        "short answer that differs": {
            "short_answer": quote.short_answer.model_copy(update={"text": "1922"})
        },
        "does not lie inside it": {"short_answer": Marked(text="The ", start=0, end=4)},
        "header that differs": {"header": quote.header.model_copy(update={"text": "Year"})},
        "cites \\[9\\]": {"citation": 9},
        "differs from bridge.md": {"text": quote.text + "."},
    }
    for reason, change in cases.items():
        with pytest.raises(NotVerbatim, match=reason):
            to_json_line(with_quote(answer, **change), librarian.text_of)
    shifted = citation.model_copy(update={"start": citation.start + 1, "end": 10**9})
    outside = answer.model_copy(update={"citations": (shifted, *answer.citations[1:])})
    with pytest.raises(NotVerbatim, match="are not all in its"):
        to_json_line(outside, librarian.text_of)


def test_csv_has_one_row_an_answer_and_the_quote_unchanged(librarian: Librarian) -> None:
    answers = [librarian.ask(BRANDT, id="b"), librarian.ask("Zebra stripes?", id="z")]
    text = to_csv(answers, librarian.text_of)
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["id"] for row in rows] == ["b", "z"]
    assert rows[0]["quote_1"] == "1921 | 55 t | Brandt & Söhne"
    assert rows[0]["header_1"] == "Year | Load | Checked by"
    assert rows[0]["source_1"] == "bridge.md"
    assert int(rows[0]["end_1"]) - int(rows[0]["start_1"]) == len(rows[0]["quote_1"])
    assert rows[1]["status"] == "not_found"
    assert rows[1]["reason"]
    assert rows[1]["quote_1"] == ""


def test_the_report_shows_quotes_letter_for_letter_and_numbers_each_place_once(
    librarian: Librarian,
) -> None:
    answers = [librarian.ask(BOILER), librarian.ask(BRANDT), librarian.ask(BOILER)]
    report = to_markdown(answers, librarian.text_of)
    words = shown(report)
    for answer in answers:
        for quote in answer.quotes:
            assert quote.text in words
    places = {(c.document.id, c.start) for a in answers for c in a.citations}
    references = report.partition("## References")[2].split()
    assert [f"{n}." for n in range(1, len(places) + 1)] == [
        word for word in references if word.rstrip(".").isdigit()
    ]


def test_the_report_says_what_was_understood_and_why_there_is_no_answer(
    librarian: Librarian,
) -> None:
    asked = librarian.ask("And the load?", ["Who checked it in Bregenz?"])
    words = shown(to_markdown([asked], librarian.text_of))
    assert "Understood as: Who checked it in Bregenz? And the load?" in words
    missing = librarian.ask("Does the ferry carry zebras, giraffes or lions?")
    words = shown(to_markdown([missing], librarian.text_of))
    assert "No passage shares enough words" in words
    assert "Nearest passages, which are no answer: ferry.md, characters" in words


@given(st.text(alphabet="ab1 .)-+#*_`[]<>&|~$\\=!():/", min_size=1))
def test_escaped_words_come_out_of_markdown_unchanged(words: str) -> None:
    words = " ".join(words.split())
    tokens = MarkdownIt("commonmark").enable("table").parse(f"> {escape(words)}")
    assert [token.type for token in tokens if token.level == 1] in (
        ["paragraph_open", "paragraph_close"],
        [],
    )
    inline = [child for token in tokens for child in token.children or ()]
    assert {child.type for child in inline} <= {"text"}
    assert "".join(child.content for child in inline) == words
