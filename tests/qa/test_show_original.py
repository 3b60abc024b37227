"""A quote's original as a piece of a web page, read back with an HTML parser."""

from __future__ import annotations

import base64
import io
from dataclasses import replace

import pytest
from PIL import Image

from corpus.document import BlockKind, DocumentInfo, Span
from qa.original import Original, PageView, SourceLines
from qa.show_original import REACH, fragment
from tests.qa.htmltree import find, find_all, text, tree

BAD = "<img src=x onerror=alert(1)>\"'"


def png(width: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, 8)).save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def paragraph() -> Original:
    return Original(
        info=DocumentInfo(id="0" * 16, source="lake.md", title="The lake"),
        kind=BlockKind.PARAGRAPH,
        section="Depth › In summer",
        paragraph="It is cold. The lake is deep. It is blue.",
        start=12,
        end=29,
        lines=SourceLines(
            first=7,
            last=8,
            text="## Depth\n\nIt is cold. The lake\r\nis **deep**. It is blue.\n",
            shown_from=5,
            marks=(Span(22, 30), Span(32, 35), Span(37, 41), Span(43, 44)),
        ),
    )


def test_a_paragraph_is_shown_under_its_headings_with_the_quote_marked(paragraph: Original) -> None:
    piece = tree(fragment(paragraph))
    shown = find(piece, cls="pc-excerpt")
    assert text(find(shown, cls="pc-path")) == "Depth › In summer"
    assert text(find(shown, "mark")) == "The lake is deep."
    assert paragraph.paragraph in text(shown)


def test_the_files_lines_are_numbered_as_in_the_file_and_marked_line_by_line(
    paragraph: Original,
) -> None:
    shown = find(tree(fragment(paragraph)), cls="pc-lines")
    assert text(find(shown, "figcaption")) == "Lines 7–8 of lake.md"
    assert find(shown, "ol").get("start") == "5"
    lines = find_all(shown, "li")
    assert [text(line) for line in lines] == [
        "## Depth",
        "",
        "It is cold. The lake",
        "is **deep**. It is blue.",
    ]
    marks = [[text(mark) for mark in find_all(line, "mark")] for line in lines]
    assert marks == [[], [], ["The lake"], ["is ", "deep", "."]]


def test_cut_lines_and_long_paragraphs_say_that_they_are_cut(paragraph: Original) -> None:
    assert paragraph.lines is not None
    long = "a" * 3000 + " The lake is deep. " + "b" * 3000
    cut = replace(
        paragraph,
        paragraph=long,
        start=3001,
        end=3018,
        lines=replace(paragraph.lines, cut_before=True, cut_after=True),
    )
    piece = tree(fragment(cut))
    words = text(find_all(find(piece, cls="pc-excerpt"), "p")[-1])
    assert words.startswith("… aaa")
    assert words.endswith("bbb …")
    assert len(words) == 2 * REACH + len("The lake is deep.") + 4
    lines = find_all(piece, "li")
    assert text(lines[0]).startswith("… ")
    assert text(lines[-1]).endswith(" …")


def test_a_table_row_is_shown_under_its_header(paragraph: Original) -> None:
    row = replace(
        paragraph,
        kind=BlockKind.TABLE_ROW,
        paragraph="1921 | 251 m",
        header="Year | Depth",
        start=0,
        end=12,
    )
    table = find(tree(fragment(row)), "table")
    assert [text(cell) for cell in find_all(table, "th")] == ["Year", "Depth"]
    assert [text(cell) for cell in find_all(table, "td")] == ["1921", "251 m"]


def test_a_page_is_a_picture_in_the_answer_itself_with_its_name(paragraph: Original) -> None:
    pages = (PageView(3, png(900), png(600)), PageView(4, png(900), png(900)))
    piece = tree(fragment(replace(paragraph, pages=pages, lines=None)))
    pictures = find_all(piece, "img")
    assert [picture.get("alt") for picture in pictures] == [
        "Page 3 of The lake, with the words marked",
        "Part of page 3 of The lake, with the words marked",
        "Page 4 of The lake, with the words marked",
    ]
    kind, data = str(pictures[0].get("src")).split(",")
    assert kind == "data:image/png;base64"
    assert base64.b64decode(data) == png(900)
    captions = [text(caption) for caption in find_all(piece, "figcaption")]
    assert captions == ["Page 3 of lake.mdCloserWhole page", "Page 4 of lake.md"]
    assert not find_all(piece, cls="pc-excerpt")


def test_a_problem_is_said_before_the_stored_paragraph(paragraph: Original) -> None:
    gone = replace(paragraph, problem="lake.md has changed since it was indexed.", lines=None)
    piece = tree(fragment(gone))
    assert text(piece).startswith("lake.md has changed since it was indexed.")
    assert text(find(piece, "mark")) == "The lake is deep."


def test_mark_up_shows_as_text(paragraph: Original) -> None:
    assert paragraph.lines is not None
    hostile = replace(
        paragraph,
        info=replace(paragraph.info, source=BAD, title=BAD),
        section=BAD,
        paragraph=BAD,
        start=0,
        end=4,
        problem=BAD,
        lines=replace(paragraph.lines, text=BAD, marks=(Span(0, 4),)),
    )
    pages = (PageView(1, png(9), png(8)),)
    for found in (hostile, replace(hostile, pages=pages)):
        piece = tree(fragment(found))
        for element in piece.iter():
            assert not any(name.startswith("on") for name in element.attrib)
            assert element.tag != "img" or str(element.get("src")).startswith("data:image/png")
        assert BAD in text(piece)
