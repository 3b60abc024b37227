"""What is shown around a quote."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus.document import BlockKind, Document
from corpus.load import load
from qa.excerpt import excerpt, section_at

PAPER = """# The lake

## Depth

{before} The lake is 251 metres deep. {after}

A second paragraph on the depth of the lake.

## Fish

Trout live in the lake.

| Year | Trout |
|---|---|
| 1901 | 11 |
| 1902 | 12 |
| 1903 | 13 |
| 1904 | 14 |
| 1905 | 15 |
| 1906 | 16 |

| Year | Pike |
|---|---|
| 1950 | 50 |
"""


@pytest.fixture
def lake(tmp_path: Path) -> Document:
    path = tmp_path / "lake.md"
    long = "Many words were written about this water. "
    path.write_text(PAPER.format(before=long * 20, after=long * 20), encoding="utf-8")
    return load(path)


def shown(document: Document, words: str) -> list[str]:
    start = document.text.index(words)
    lines = excerpt(document, start, start + len(words)).lines
    return [document.text[line.start : line.end] for line in lines]


def test_a_quote_is_shown_with_about_four_hundred_characters_on_either_side(lake: Document) -> None:
    (line,) = shown(lake, "The lake is 251 metres deep.")
    before, after = line.split("The lake is 251 metres deep.")
    assert 380 <= len(before) <= 400
    assert 380 <= len(after) <= 400


def test_the_cut_falls_between_words_and_is_owned_up_to(lake: Document) -> None:
    words = "The lake is 251 metres deep."
    start = lake.text.index(words)
    around = excerpt(lake, start, start + len(words))
    (line,) = around.lines
    assert around.cut_before
    assert around.cut_after
    assert lake.text[line.start - 1].isspace()
    assert lake.text[line.end].isspace()


def test_neighbouring_paragraphs_are_shown_up_to_the_section_s_end(lake: Document) -> None:
    lines = shown(lake, "A second paragraph on the depth of the lake.")
    assert len(lines) == 2
    assert lines[1] == "A second paragraph on the depth of the lake."
    assert not any("Trout" in line for line in lines)


def test_nothing_is_cut_where_the_section_is_short(lake: Document) -> None:
    words = "Trout live in the lake."
    start = lake.text.index(words)
    around = excerpt(lake, start, start + len(words))
    assert not around.cut_before
    assert not around.cut_after


def test_a_table_row_is_shown_with_its_header_and_two_rows_on_either_side(lake: Document) -> None:
    words = "1904 | 14"
    start = lake.text.index(words)
    around = excerpt(lake, start, start + len(words))
    assert [lake.text[line.start : line.end] for line in around.lines] == [
        "1902 | 12",
        "1903 | 13",
        "1904 | 14",
        "1905 | 15",
        "1906 | 16",
    ]
    assert around.header is not None
    assert lake.text[slice(*around.header)] == "Year | Trout"
    assert around.cut_before
    assert not around.cut_after


def test_rows_of_another_table_are_not_mixed_in(lake: Document) -> None:
    assert shown(lake, "1950 | 50") == ["1950 | 50"]


def test_a_range_in_no_block_still_shows_its_words(lake: Document) -> None:
    start, end = lake.blocks[2].start, lake.blocks[4].end
    (line,) = excerpt(lake, start, end).lines
    assert line.start <= start
    assert line.end >= end
    assert line.kind is BlockKind.PARAGRAPH


def test_the_section_of_a_place_is_known(lake: Document) -> None:
    section = section_at(lake, lake.text.index("Trout live"))
    assert section is not None
    assert section.endswith("Fish")
