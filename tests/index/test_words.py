"""Tests of the words by which passages are found."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.words import search_text, words
from tests.index.papers import paper


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Dose-limiting Toxicity", ["dose", "limiting", "toxicity"]),
        ("5-FU", ["5", "fu", "5fu"]),
        ("5FU", ["5fu"]),
        ("5\u2011FU", ["5", "fu", "5fu"]),
        ("PD-L1", ["pd", "l1", "pdl1"]),
        ("10-15", ["10", "15"]),
        ("P = 0.016.", ["p", "0.016"]),
        ("10,000 of 1,234,567", ["10000", "of", "1234567"]),
        ("IFN-α", ["ifn", "alpha"]),
        ("TNFα, tnf-alpha", ["tnf", "alpha", "tnf", "alpha"]),
        ("5 µg or 5 μg", ["5", "mu", "g", "or", "5", "mu", "g"]),
        ("Süß café", ["suss", "cafe"]),
        ("ﬁbrosis", ["fibrosis"]),
        ("snake_case", ["snake", "case"]),
        ("", []),
    ],
)
def test_one_thing_written_in_many_ways_gives_the_same_words(
    text: str, expected: list[str]
) -> None:
    assert words(text) == expected


@given(st.text())
def test_words_are_never_empty_and_hold_no_space(text: str) -> None:
    for word in words(text):
        assert word.split() == [word]


@given(st.text("ab1 2.3,-_%(é", max_size=60))
def test_words_beyond_ascii_change_nothing_in_how_others_are_cut(text: str) -> None:
    assert sorted([*words(text), "漢"]) == sorted(words(f"{text} 漢"))


def test_a_passage_is_searched_with_title_section_caption_and_header() -> None:
    one = paper("row", "Doxorubicin | 32", title="A title")
    passage = dataclasses.replace(
        one.passages[0], header_text="Drug | Patients", context="Table 1", section="Trials"
    )
    assert search_text(one.document.info, passage) == (
        "A title\nTrials\nTable 1\nDrug | Patients\nDoxorubicin | 32"
    )
