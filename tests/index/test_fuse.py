"""Tests of rank fusion."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.fuse import best, reciprocal_rank_fusion

LISTS = st.lists(st.lists(st.integers(0, 30), unique=True), max_size=4)


def test_scores_are_those_of_the_paper() -> None:
    scores = reciprocal_rank_fusion([["a", "b"], ["b", "c"]])
    assert scores == {"a": 1 / 61, "b": 1 / 62 + 1 / 61, "c": 1 / 62}


def test_weights_count() -> None:
    scores = reciprocal_rank_fusion([["a"], ["b"]], [1.0, 3.0])
    assert scores["b"] == pytest.approx(3 * scores["a"])


@given(LISTS)
def test_being_in_one_more_list_never_hurts(lists: list[list[int]]) -> None:
    fewer, more = reciprocal_rank_fusion(lists[:-1]), reciprocal_rank_fusion(lists)
    assert all(more[key] >= score for key, score in fewer.items())
    assert set(more) == {key for ranked in lists for key in ranked}


def test_ties_are_broken_by_document_then_place() -> None:
    tie = {1: ("b", 0, 9), 2: ("a", 7, 9), 3: ("a", 5, 9), 4: ("c", 0, 9)}
    assert best({1: 0.5, 2: 0.5, 3: 0.5, 4: 0.9}, tie, 3) == [4, 3, 2]


def test_wrong_lists_are_refused() -> None:
    with pytest.raises(ValueError, match="weights"):
        reciprocal_rank_fusion([["a"]], [1.0, 2.0])
    with pytest.raises(ValueError, match="repeats"):
        reciprocal_rank_fusion([["a", "a"]])
