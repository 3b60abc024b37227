"""A quote back in its original: the page of the PDF, the lines of the file."""

from __future__ import annotations

import hashlib
import io
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from corpus.document import Document
from corpus.load import load
from corpus.pictures import page_picture
from index.base import SourceRecord
from qa.original import CHARACTERS_AROUND, LINES_AROUND, LONGEST, MOST_PAGES, original

PAPER = """# The lake

Nothing yet.

## Depth

It is a deep lake &amp; a cold one. The lake is **251
metres** deep. Nobody has seen its ground.

| Year | Depth |
|---|---|
| 1884 | 249 m |
| 1921 | 251 m |

The end.
"""
QUOTE = "The lake is 251 metres deep."


def record(document: Document, path: Path) -> SourceRecord:
    """What an index knows of the file that a document was read from."""
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    return SourceRecord(str(path), document.info.source, "indexed", sha256, document.info)


def span(document: Document, words: str) -> tuple[int, int]:
    start = document.text.index(words)
    return start, start + len(words)


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    path = tmp_path / "lake.md"
    path.write_text(PAPER, encoding="utf-8")
    return path


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """A PDF with a sentence that turns the page."""
    path = tmp_path / "pages.pdf"
    canvas = Canvas(str(path), pagesize=A4)
    canvas.setFont("Times-Roman", 12)
    canvas.drawString(60, 700, "The lake was measured by a company of engineers in two years.")
    canvas.drawString(60, 686, "They found that the lake near the mouth of the river was deeper")
    canvas.showPage()
    canvas.setFont("Times-Roman", 12)
    canvas.drawString(60, 750, "than it had been by nine metres. They went home in the winter.")
    canvas.save()
    return path


def test_a_quote_stands_in_its_paragraph_with_its_section(lake: Path) -> None:
    document = load(lake)
    found = original(document, *span(document, QUOTE), [record(document, lake)])
    assert found.paragraph[found.start : found.end] == QUOTE
    assert found.paragraph.startswith("It is a deep lake & a cold one.")
    assert found.paragraph.endswith("ground.")
    assert found.section == "Depth"
    assert (found.path, found.problem, found.pages) == (lake, None, ())


def test_the_lines_of_the_file_are_given_with_the_quotes_own_characters(lake: Path) -> None:
    document = load(lake)
    lines = original(document, *span(document, QUOTE), [record(document, lake)]).lines
    assert lines is not None
    assert (lines.first, lines.last) == (7, 8)
    assert lines.shown_from == 7 - LINES_AROUND
    assert lines.text.splitlines() == PAPER.splitlines()[4:10]
    marked = " ".join(lines.text[mark.start : mark.end] for mark in lines.marks)
    assert "**" not in marked
    assert "".join(marked.split()) == "".join(QUOTE.split())
    assert not lines.cut_before
    assert not lines.cut_after


def test_a_table_row_comes_with_its_header(lake: Path) -> None:
    document = load(lake)
    found = original(document, *span(document, "1921 | 251 m"), [record(document, lake)])
    assert (found.paragraph, found.header) == ("1921 | 251 m", "Year | Depth")
    assert found.lines is not None
    assert (found.lines.first, found.lines.last) == (13, 13)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_are_counted_with_any_line_end_and_encoding(tmp_path: Path, end: str) -> None:
    path = tmp_path / "lake.md"
    path.write_bytes(PAPER.replace("\n", end).encode("utf-16"))
    document = load(path)
    lines = original(document, *span(document, QUOTE), [record(document, path)]).lines
    assert lines is not None
    assert (lines.first, lines.last, lines.shown_from) == (7, 8, 5)


def test_of_long_lines_only_the_surroundings_are_shown(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    filler = "<p>Much was said of the river and of its fish.</p>" * 2000
    path.write_text(f"<html><body>{filler}<p>{QUOTE}</p>{filler}</body></html>", encoding="utf-8")
    document = load(path)
    lines = original(document, *span(document, QUOTE), [record(document, path)]).lines
    assert lines is not None
    assert len(lines.text) == len(QUOTE) + 2 * CHARACTERS_AROUND
    assert [lines.text[mark.start : mark.end] for mark in lines.marks] == [QUOTE]
    assert (lines.first, lines.shown_from) == (1, 1)
    assert lines.cut_before
    assert lines.cut_after


def test_a_range_over_a_whole_file_shows_no_more_than_a_person_reads(tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    path.write_text("\n\n".join("The lake is deep. " * 40 for _ in range(200)), encoding="utf-8")
    document = load(path)
    found = original(document, 0, len(document.text), [record(document, path)])
    assert found.lines is not None
    assert len(found.lines.text) <= LONGEST + 2 * CHARACTERS_AROUND


def test_a_quote_of_a_pdf_is_shown_on_every_page_that_it_stands_on(pages: Path) -> None:
    document = load(pages)
    start = document.text.index("They found")
    end = document.text.index(" They went")
    found = original(document, start, end, [record(document, pages)], near=True)
    assert [page.number for page in found.pages] == [1, 2]
    boxes, data = document.boxes(start, end), pages.read_bytes()
    for page in found.pages:
        assert page.whole == page_picture(data, page.number, boxes)
        assert page.near == page_picture(data, page.number, boxes, crop=True)
    assert found.lines is None
    assert found.paragraph[found.start : found.end] == document.text[start:end]


def test_no_more_pages_are_drawn_than_a_quote_can_have(tmp_path: Path) -> None:
    path = tmp_path / "many.pdf"
    canvas = Canvas(str(path), pagesize=(200, 100))
    for number in range(MOST_PAGES + 3):
        canvas.drawString(10, 50, f"This is page {'abcdefghi'[number]} of it.")
        canvas.showPage()
    canvas.save()
    document = load(path)
    found = original(document, 0, len(document.text), [record(document, path)])
    assert len(found.pages) == MOST_PAGES
    assert found.pages[0].near is None
    assert Image.open(io.BytesIO(found.pages[0].whole)).size == (400, 200)


@pytest.mark.parametrize("paper", ["lake", "pages"])
def test_a_file_that_has_changed_is_named_and_the_stored_paragraph_shown(
    paper: str, request: pytest.FixtureRequest
) -> None:
    path: Path = request.getfixturevalue(paper)
    document = load(path, path.name)
    known = record(document, path)
    path.write_bytes(path.read_bytes() + b"\n")
    found = original(document, 0, 8, [known])
    assert found.problem is not None
    assert found.problem.startswith(f"{path.name} has changed since it was indexed.")
    assert document.text[:8] == found.paragraph[found.start : found.end]
    assert (found.path, found.pages, found.lines) == (None, (), None)


def test_a_file_that_is_gone_is_named_and_the_stored_paragraph_shown(lake: Path) -> None:
    document = load(lake, "papers/lake.md")
    known = record(document, lake)
    lake.unlink()
    found = original(document, *span(document, QUOTE), [known])
    assert found.problem is not None
    assert found.problem.startswith("papers/lake.md is no longer where it was indexed.")
    assert QUOTE in found.paragraph


def test_of_several_files_with_the_same_bytes_one_that_is_still_there_is_shown(lake: Path) -> None:
    copy = lake.with_name("copy.md")
    shutil.copy(lake, copy)
    document = load(lake)
    known = [record(document, lake), record(document, copy)]
    lake.write_text("Something else.", encoding="utf-8")
    found = original(document, *span(document, QUOTE), known)
    assert (found.path, found.problem) == (copy, None)


def test_a_record_of_a_file_with_many_is_shown_in_that_file(lake: Path) -> None:
    """Its id is that of its own bytes, so the file is known by the digest it had."""
    whole = load(lake)
    info = replace(whole.info, id="0123456789abcdef", source="lake.md#7")
    document = replace(whole, info=info)
    digest = hashlib.sha256(lake.read_bytes()).hexdigest()
    known = [
        SourceRecord(f"{lake}/7", "lake.md#7", "indexed", "ab" * 32, info),
        SourceRecord(str(lake), "lake.md", "indexed", digest),
    ]
    found = original(document, *span(document, QUOTE), known)
    assert (found.path, found.problem) == (lake, None)
    assert found.lines is not None
    assert found.lines.first == 7
    lake.write_text(PAPER + "More.\n", encoding="utf-8")
    assert "lake.md#7 has changed since" in (original(document, 0, 8, known).problem or "")
    failed = replace(known[1], state="failed", sha256=record(whole, lake).sha256)
    assert original(document, 0, 8, [known[0], failed]).path is None


@pytest.mark.parametrize(("start", "end"), [(-1, 5), (5, 5), (6, 5), (0, 10_000)])
def test_a_range_outside_the_text_is_refused(lake: Path, start: int, end: int) -> None:
    with pytest.raises(ValueError, match="is no range"):
        original(load(lake), start, end, [])
