"""Thresholds that keep a promised share of wrong answers, on drawn questions of known odds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from qa.risk.conformal import (
    RISKS,
    least_number,
    least_threshold,
    least_threshold_of_all,
    threshold_at,
    thresholds,
)

ANSWERS = st.lists(st.tuples(st.integers(0, 20).map(lambda n: n / 20), st.booleans()), max_size=80)
DRAWS = 200


def draw(seed: int, questions: int = 250) -> tuple[list[float], list[bool]]:
    """Confidences, and whether each is right: with just that probability."""
    chance = np.random.default_rng(seed)
    confidences = chance.beta(1.2, 0.8, questions)
    return confidences.tolist(), (chance.random(questions) < confidences).tolist()


FRESH = np.array(draw(999, 200_000)[0])


def true_risk(threshold: float) -> float:
    """The share of wrong ones among all answers at least as sure as that."""
    return float(1 - FRESH[threshold <= FRESH].mean())


@pytest.mark.parametrize("risk", [0.05, 0.1, 0.2, 0.3])
@pytest.mark.parametrize("delta", [0.1, 0.3])
def test_the_risk_is_kept_in_all_but_a_share_delta_of_the_draws(risk: float, delta: float) -> None:
    found = [least_threshold(*draw(seed), risk, delta) for seed in range(DRAWS)]
    broken = sum(t is not None and true_risk(t) > risk for t in found)
    # The share itself is drawn: three standard deviations above delta would be a broken promise.
    assert broken <= DRAWS * delta + 3 * (DRAWS * delta * (1 - delta)) ** 0.5


def test_the_risk_is_kept_by_a_table_of_many_risks_too() -> None:
    tables = [thresholds(*draw(seed), (0.1, 0.15, 0.2, 0.25, 0.3)) for seed in range(DRAWS)]
    for risk in (0.2, 0.3):
        found = [threshold_at(table, risk) for table in tables]
        assert sum(t is not None and true_risk(t) > risk for t in found) <= DRAWS * 0.1 + 13


def test_the_risk_is_kept_where_confidence_says_nothing_at_all() -> None:
    given_anyway = 0
    for seed in range(DRAWS):
        chance = np.random.default_rng(seed)
        right = (chance.random(200) < 0.75).tolist()
        given_anyway += least_threshold(chance.random(200).tolist(), right, 0.2) is not None
    assert given_anyway <= DRAWS * 0.1 + 13


def test_more_questions_let_more_be_answered() -> None:
    def coverage(questions: int) -> float:
        found = [least_threshold(*draw(seed, questions), 0.2) for seed in range(50)]
        return float(np.mean([0 if t is None else (t <= FRESH).mean() for t in found]))

    few, some, many = coverage(60), coverage(300), coverage(2000)
    assert few < some < many
    best = min(t for t in np.linspace(0, 0.99, 100) if true_risk(t) <= 0.2)
    assert many > 0.85 * float((best <= FRESH).mean())


@pytest.mark.parametrize("risk", [0.01, 0.05, 0.1, 0.3, 0.5, 0.9])
@pytest.mark.parametrize("wrong", [0, 2, 7])
def test_the_least_number_is_the_first_on_which_the_test_can_be_passed(
    risk: float, wrong: int
) -> None:
    number = least_number(risk, 0.1, wrong)
    assert binom.cdf(wrong, number, risk) <= 0.1
    assert number == wrong + 1 or binom.cdf(wrong, number - 1, risk) > 0.1


def test_with_one_question_less_than_the_least_number_nothing_is_guaranteed() -> None:
    for risk in (0.05, 0.1, 0.3):
        number = least_number(risk)
        sure = [0.9] * number
        assert least_threshold(sure, [True] * number, risk) == 0.9
        assert least_threshold(sure[1:], [True] * (number - 1), risk) is None
    assert least_threshold([], [], 0.5) is None


@settings(deadline=None, max_examples=50)
@given(ANSWERS, st.sampled_from([0.05, 0.2, 0.5, 0.8]))
def test_a_threshold_is_a_confidence_whose_answers_pass_the_test(
    answers: list[tuple[float, bool]], risk: float
) -> None:
    confidences, right = [c for c, _ in answers], [r for _, r in answers]
    found = least_threshold(confidences, right, risk)
    if found is not None:
        assert found in confidences
        kept = [r for c, r in answers if c >= found]
        assert binom.cdf(kept.count(False), len(kept), risk) <= 0.1


@settings(deadline=None, max_examples=50)
@given(ANSWERS)
def test_a_larger_risk_never_has_the_higher_threshold(answers: list[tuple[float, bool]]) -> None:
    table = thresholds([c for c, _ in answers], [r for _, r in answers], (0.05, 0.1, 0.3, 0.6))
    assert [risk for risk, _ in table] == sorted(risk for risk, _ in table)
    levels = [threshold for _, threshold in table]
    assert levels == sorted(levels, reverse=True)


@settings(deadline=None, max_examples=50)
@given(ANSWERS)
def test_the_order_of_the_questions_does_not_matter(answers: list[tuple[float, bool]]) -> None:
    turned = answers[::-1]
    one = least_threshold([c for c, _ in answers], [r for _, r in answers], 0.3)
    assert one == least_threshold([c for c, _ in turned], [r for _, r in turned], 0.3)


def test_a_table_has_the_risks_that_can_be_guaranteed_and_serves_those_between() -> None:
    table = thresholds(*draw(1, 1000))
    assert {risk for risk, _ in table} <= set(RISKS)
    assert threshold_at(table, 0.305) == threshold_at(table, 0.3)
    assert threshold_at(table, table[0][0] - 0.005) is None
    assert threshold_at((), 0.5) is None


def test_wrong_answers_among_all_questions_are_bounded_on_average() -> None:
    for risk in (0.05, 0.2):
        shares = []
        for seed in range(DRAWS):
            found = least_threshold_of_all(*draw(seed, 60), risk)
            answered = FRESH[(2.0 if found is None else found) <= FRESH]
            shares.append(float((1 - answered).sum() / len(FRESH)))
        mean, error = np.mean(shares), np.std(shares) / DRAWS**0.5
        assert mean <= risk + 3 * error
        # No more cautious than one question in sixty makes it.
        assert mean >= risk - 2 / 60 - 3 * error


def test_not_even_the_surest_answer_is_given_where_one_error_is_too_many() -> None:
    assert least_threshold_of_all([0.9] * 5, [True] * 5, 0.1) is None
    assert least_threshold_of_all([0.9] * 9, [True] * 9, 0.1) == 0.9
    assert least_threshold_of_all([], [], 0.5) is None


@pytest.mark.parametrize(("risk", "delta"), [(0.0, 0.1), (1.0, 0.1), (0.1, 0.0), (0.1, 1.0)])
def test_what_is_no_probability_is_refused(risk: float, delta: float) -> None:
    with pytest.raises(ValueError, match="must be between 0 and 1"):
        least_threshold([0.5], [True], risk, delta)


def test_lists_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="right or wrong"):
        least_threshold([0.5, 0.6], [True], 0.1)
