"""Passages: whole sentences, of a size, never across a heading, rows by themselves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.document import BlockKind
from corpus.load import load_bytes
from corpus.passages import PassageSize, passages
from corpus.sentences import sentence_spans

LONG = " ".join(f"Sentence number {i} says that mice gained weight." for i in range(100))


def test_running_text_is_cut_at_sentence_ends_into_passages_of_the_size() -> None:
    document = load_bytes(LONG.encode(), "x.txt")
    found = passages(document)
    assert all(500 <= len(p.text) <= 1000 for p in found[:-1])
    assert all(p.text.endswith(".") and p.text.startswith("Sentence") for p in found)
    assert " ".join(p.text for p in found) == LONG


def test_no_passage_crosses_a_heading() -> None:
    document = load_bytes(b"## One\n\nMice ate.\n\n## Two\n\nMice slept.\n", "x.md")
    assert [(p.section, p.text) for p in passages(document)] == [
        ("One", "Mice ate."),
        ("Two", "Mice slept."),
    ]


def test_short_paragraphs_of_one_section_share_a_passage() -> None:
    document = load_bytes(b"## One\n\nMice ate.\n\nMice slept.\n", "x.md")
    (passage,) = passages(document)
    assert passage.text == "Mice ate.\n\nMice slept."
    assert [passage.sentence_text(s) for s in passage.sentences] == ["Mice ate.", "Mice slept."]


def test_a_table_row_travels_with_header_and_caption() -> None:
    table = b"| Mouse | Weight |\n|-|-|\n| A | 20 |\n| B | 22 |\n"
    text = b"Before.\n\nTable 1. Weights\n\n" + table + b"\nAfter.\n"
    rows = [p for p in passages(load_bytes(text, "x.md")) if p.kind is BlockKind.TABLE_ROW]
    assert [p.text for p in rows] == ["A | 20", "B | 22"]
    assert {(p.header_text, p.context) for p in rows} == {("Mouse | Weight", "Table 1. Weights")}
    assert all(p.sentences == ((p.start, p.end),) for p in rows)


def test_text_without_any_sentence_end_is_cut_at_white_space() -> None:
    document = load_bytes(("mouse " * 2000).encode(), "x.txt")
    found = passages(document, PassageSize(longest_sentence=300))
    assert all(len(s_text) <= 300 for p in found for s_text in map(p.sentence_text, p.sentences))
    assert all(p.sentence_text(s).strip("mouse ") == "" for p in found for s in p.sentences)


@given(
    st.lists(st.sampled_from(["Mice ate.", "Why?", "## Head", "- item", "| a | b |"]), max_size=12)
)
def test_every_passage_is_exactly_its_range_and_its_sentences_lie_inside(lines: list[str]) -> None:
    text = "Start of text.\n\n" + "\n\n".join(lines)
    document = load_bytes(text.encode(), "x.md")
    end = 0
    for passage in passages(document):
        assert document.text[passage.start : passage.end] == passage.text
        assert passage.start >= end
        end = passage.end
        assert passage.sentences
        for sentence in passage.sentences:
            assert passage.start <= sentence.start < sentence.end <= passage.end


@pytest.mark.parametrize("text", ["A study of mice. It ran.", "One. Two. Three."])
def test_sentences_of_a_passage_are_those_of_the_segmenter(text: str) -> None:
    document = load_bytes(text.encode(), "x.txt")
    (passage,) = passages(document)
    assert list(passage.sentences) == sentence_spans(document.text)
