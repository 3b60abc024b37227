"""MappedText keeps, through every replacement, where each character came from."""

from __future__ import annotations

import re

from hypothesis import example, given
from hypothesis import strategies as st

from corpus.document import Span
from corpus.mapped import MappedText
from corpus.readers.base import Piece


def mapped(raw: str) -> MappedText:
    return MappedText.of_pieces(raw, [Piece(0, len(raw))])


def test_text_taken_as_it_stands_maps_to_itself() -> None:
    text = mapped("abcdef")
    assert text.source_map().spans(2, 5) == [Span(2, 5)]


def test_a_dropped_match_splits_the_source_span() -> None:
    text = mapped("inter-\nnational").sub(re.compile("-\n"), lambda match: "")
    assert text.text == "international"
    assert text.source_map().spans(0, 13) == [Span(0, 5), Span(7, 15)]


def test_a_replacement_is_given_back_whole() -> None:
    text = mapped("a &amp; b").sub(re.compile("&amp;"), lambda match: "&")
    assert text.text == "a & b"
    assert text.source_map().spans(2, 3) == [Span(2, 7)]
    assert text.source_map().spans(3, 5) == [Span(7, 9)]


def test_a_replacement_by_several_characters_maps_each_of_them_to_the_match() -> None:
    text = mapped("e\ufb03cient").sub(re.compile("\ufb03"), lambda match: "ffi")
    assert text.text == "efficient"
    assert text.source_map().spans(2, 3) == [Span(1, 2)]


def test_inserted_text_has_no_place_in_the_source() -> None:
    text = MappedText.concat([mapped("ab"), MappedText.inserted(" | ")])
    assert text.source_map().spans(2, 5) == []


def test_pieces_may_stand_in_another_order_than_in_the_source() -> None:
    text = MappedText.of_pieces("first second", [Piece(6, 12), Piece(0, 5)])
    assert text.text == "secondfirst"
    assert text.source_map().spans(0, 11) == [Span(6, 12), Span(0, 5)]


def test_none_and_an_equal_replacement_leave_the_text_as_it_is() -> None:
    text = mapped("abc")
    assert text.sub(re.compile("b"), lambda match: None) is text
    assert text.sub(re.compile("b"), lambda match: match.group()) is text


def test_white_space_around_something_dropped_stands_for_white_space_only() -> None:
    text = mapped("a -\n b").sub(re.compile("-\n"), lambda match: "")
    text = text.sub(re.compile(r"\s+"), lambda match: " ")
    assert text.text == "a b"
    assert text.source_map().spans(1, 2) == [Span(1, 2)]


@given(st.text(alphabet="ab \n-é", max_size=60))
@example("a -\n a")
def test_every_kept_character_maps_to_an_equal_one(raw: str) -> None:
    text = mapped(raw).sub(re.compile(r"-\n"), lambda match: "")
    text = text.sub(re.compile(r"\s+"), lambda match: " ").strip()
    table = text.source_map()
    for i, char in enumerate(text.text):
        (span,) = table.spans(i, i + 1)
        source = raw[span.start : span.end]
        assert source == char or (char == " " and source.isspace())


@given(st.text(alphabet="ab \n-", max_size=60), st.data())
def test_spans_of_a_range_are_those_of_its_characters(raw: str, data: st.DataObject) -> None:
    text = mapped(raw).sub(re.compile(r"-\n"), lambda match: "")
    start = data.draw(st.integers(0, len(text.text)))
    end = data.draw(st.integers(start, len(text.text)))
    table = text.source_map()
    whole = "".join(raw[s.start : s.end] for s in table.spans(start, end))
    assert whole == text.text[start:end]
