"""How differences are measured: the hand-written pairs, the split, the threshold of the head."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

import qa
from qa.training.differ_bench import described, interval, least_threshold
from qa.training.differ_pairs import is_reported, quotes

PAIRS = Path(qa.__file__).parent / "questions" / "differ.jsonl"


def test_the_pairs_are_half_for_tuning_and_half_for_the_report() -> None:
    ids = [json.loads(line)["id"] for line in PAIRS.read_text("utf-8").splitlines()]
    assert len(set(ids)) == len(ids) >= 60
    reported = sum(map(is_reported, ids))
    assert 0.4 < reported / len(ids) < 0.6
    assert sum(pair.part == "dev" for pair in quotes(PAIRS)) == reported


def test_about_half_of_the_pairs_only_look_as_if_they_differed() -> None:
    gold = [pair.contradicts for pair in quotes(PAIRS)]
    assert 0.4 < sum(gold) / len(gold) < 0.6


def test_the_threshold_is_the_least_from_which_four_of_five_are_right() -> None:
    logits = [9.0, 8.0, 7.0, 6.0, 5.0, 4.0, 3.0]
    gold = [True, True, True, True, False, False, False]
    assert least_threshold(logits, gold) == 5.0


def test_a_precision_that_is_never_reached_has_no_threshold() -> None:
    assert math.isinf(least_threshold([5.0, 4.0, 3.0, 2.0, 1.0], [False] * 5))


def test_shares_are_said_with_their_intervals() -> None:
    assert interval(0, 5)[0] == 0.0
    low, high = interval(5, 5)
    assert low == pytest.approx(0.478, abs=0.001)
    assert high == 1.0
    assert described([True, False], [True, True]).startswith("precision 0.50 (1 of 2;")
    assert described([False], [False]).startswith("precision – (0 of 0")
