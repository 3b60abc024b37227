"""Markdown: mark-up goes, text stays where it is, front matter becomes metadata."""

from __future__ import annotations

import pytest

from corpus.document import BlockKind, Document
from corpus.load import load_bytes

NOTE = """---
title: "A note: on mice"
authors: [Jane Roe, John Doe]
journal: Mouse Letters
year: 2008
doi: https://doi.org/10.1234/ABC.5
pmid: 123456
digest of: "Roe J. Of mice. 2008"
---
# A note: on mice

Mice were **weighed** [twice](https://example.org/x_(y) "a title") a day
and `kept` in pairs &amp; fed\\* 2 * 3 times, mouse_by_mouse.

## Weights

- the first
  item
- the second

Table 1. Weights of *mice*

| Mouse | Weight |
|---|---|
| A \\| B | **20** g |

![a picture](x.png)

<!-- a comment -->

## References

1. Roe J. Of mice.
"""


@pytest.fixture(scope="module")
def note() -> Document:
    return load_bytes(NOTE.encode(), "note.md")


def words_of(document: Document, kind: BlockKind) -> list[str]:
    return [document.text[b.start : b.end] for b in document.blocks if b.kind is kind]


def test_front_matter_becomes_metadata(note: Document) -> None:
    info = note.info
    assert (info.title, info.authors) == ("A note: on mice", ("Jane Roe", "John Doe"))
    assert (info.journal, info.year, info.doi) == ("Mouse Letters", 2008, "10.1234/abc.5")
    assert (info.pmid, info.digest_of) == ("123456", "Roe J. Of mice. 2008")


def test_inline_mark_up_is_gone_and_what_only_looks_like_it_stays(note: Document) -> None:
    assert words_of(note, BlockKind.PARAGRAPH) == [
        "Mice were weighed twice a day and kept in pairs & fed* 2 * 3 times, mouse_by_mouse."
    ]


def test_every_word_is_found_at_its_source_span(note: Document) -> None:
    start = note.text.index("weighed")
    assert [NOTE[a:b] for a, b in note.source_spans(start, start + 7)] == ["weighed"]
    start = note.text.index("& fed*")
    assert [NOTE[a:b] for a, b in note.source_spans(start, start + 6)] == ["&amp; fed\\*"]


def test_list_items_table_rows_captions_and_references_are_told_apart(note: Document) -> None:
    assert words_of(note, BlockKind.LIST_ITEM) == ["the first item", "the second"]
    assert words_of(note, BlockKind.CAPTION) == ["Table 1. Weights of mice"]
    assert words_of(note, BlockKind.TABLE_HEADER) == ["Mouse | Weight"]
    assert words_of(note, BlockKind.TABLE_ROW) == ["A | B | 20 g"]
    assert words_of(note, BlockKind.REFERENCE) == ["Roe J. Of mice."]


def test_the_first_heading_is_the_title_and_no_section(note: Document) -> None:
    assert words_of(note, BlockKind.TITLE) == ["A note: on mice"]
    assert {b.section for b in note.blocks} == {None, "Weights", "References"}


def test_pictures_and_comments_are_left_out(note: Document) -> None:
    assert "picture" not in note.text
    assert "comment" not in note.text


LAUGHS = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 60))


@pytest.mark.parametrize(
    "front",
    [
        "---\n: : [\n---\n",
        "---\njust words\n---\n",
        "---\n---\n",
        f"---\n{LAUGHS}title: *a59\n---\n",
        f"---\ntitle: {'[' * 100_000}\n---\n",
        "---\ndate: 2020-05-45\n---\n",
    ],
    ids=["broken", "words", "empty", "laughs", "deep", "no date"],
)
def test_front_matter_that_is_no_mapping_states_nothing_and_harms_nothing(front: str) -> None:
    document = load_bytes((front + "# Mice\n\nMice were weighed.\n").encode(), "x.md")
    assert document.info.title == "Mice"
    assert "Mice were weighed." in document.text


def test_windows_line_ends_keep_their_offsets() -> None:
    raw = NOTE.replace("\n", "\r\n")
    document = load_bytes(raw.encode(), "note.md")
    start = document.text.index("kept")
    assert [raw[a:b] for a, b in document.source_spans(start, start + 4)] == ["kept"]
