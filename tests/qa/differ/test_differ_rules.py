"""When two quotes differ: other figures or the opposite finding on the same thing, nothing else."""

from __future__ import annotations

import pytest

from qa.differ.rules import Statement, by_rule

SURVIVAL = "How long do patients live on sorafenib?"
HELPED = "Does tamoxifen improve survival?"


def told(question: str, one: str, other: str) -> str | None:
    return by_rule(question, Statement(one), Statement(other))


@pytest.mark.parametrize(
    ("question", "one", "other"),
    [
        (
            SURVIVAL,
            "Survival on sorafenib was 10.7 months.",
            "On sorafenib, survival was 6.5 months.",
        ),
        (SURVIVAL, "Survival on sorafenib was 12 months.", "Survival on sorafenib was 30 weeks."),
        (
            "What response rate does doxorubicin reach?",
            "Doxorubicin reaches response rates of 10–15%.",
            "With doxorubicin 44% of the patients responded.",
        ),
        (
            "What is the hazard ratio for survival with sorafenib?",
            "With sorafenib the hazard ratio for survival was 0.60 (95% CI 0.50-0.70).",
            "With sorafenib the hazard ratio for survival was 0.95 (95% CI 0.90-1.05).",
        ),
        (
            "Which place does HCC take among causes of death?",
            "HCC is the second-largest cause of death.",
            "HCC stands third as a cause of death.",
        ),
    ],
)
def test_other_figures_for_the_same_thing_differ(question: str, one: str, other: str) -> None:
    assert told(question, one, other) == told(question, other, one) == "figures"


@pytest.mark.parametrize(
    ("question", "one", "other"),
    [
        (HELPED, "Tamoxifen improved survival.", "Tamoxifen did not improve survival."),
        (
            HELPED,
            "Patients lived longer on tamoxifen.",
            "No trial showed a survival benefit of tamoxifen.",
        ),
        (
            HELPED,
            "Tamoxifen improved survival.",
            "Survival with tamoxifen was no longer than with placebo.",
        ),
        (
            HELPED,
            "Survival was significantly longer with tamoxifen.",
            "Tamoxifen failed to prolong survival.",
        ),
    ],
)
def test_one_affirms_what_the_other_denies(question: str, one: str, other: str) -> None:
    assert told(question, one, other) == told(question, other, one) == "direction"


@pytest.mark.parametrize(
    ("question", "one", "other"),
    [
        pytest.param(
            SURVIVAL,
            "Survival on sorafenib was 10.7 months.",
            "Survival on sorafenib was about 11 months.",
            id="rounding",
        ),
        pytest.param(
            SURVIVAL,
            "Survival on sorafenib was 10.7 months (95% CI 9.4-13.3).",
            "Survival on sorafenib was 9.5 months.",
            id="inside the interval",
        ),
        pytest.param(
            SURVIVAL,
            "Survival on sorafenib was 10.7 months.",
            "Time to progression on sorafenib was 5.5 months.",
            id="another outcome",
        ),
        pytest.param(
            SURVIVAL,
            "Survival on sorafenib was 10.7 months.",
            "Survival on placebo was 7.9 months.",
            id="another arm",
        ),
        pytest.param(
            SURVIVAL,
            "Survival on sorafenib was 10.7 months.",
            "In Child-Pugh B, survival on sorafenib was 3.2 months.",
            id="another group of patients",
        ),
        pytest.param(
            "What is survival after resection?",
            "Five-year survival after resection was 45%.",
            "One-year survival after resection was 88%.",
            id="another moment",
        ),
        pytest.param(
            SURVIVAL,
            "Survival on sorafenib was 10.7 months.",
            "Sorafenib prolonged survival by 2.8 months.",
            id="a difference beside a value",
        ),
        pytest.param(
            HELPED,
            "It was hoped that tamoxifen would improve survival.",
            "Tamoxifen did not improve survival.",
            id="a hope",
        ),
        pytest.param(
            HELPED,
            "Tamoxifen did not improve survival.",
            "No survival benefit of tamoxifen was found.",
            id="the same finding",
        ),
        pytest.param(
            "Do somatostatin analogues prolong survival?",
            "Octreotide prolonged survival.",
            "Lanreotide did not prolong survival.",
            id="another drug",
        ),
        pytest.param(
            "How much does a month of sorafenib cost?",
            "Survival on sorafenib was 10.7 months.",
            "Survival on sorafenib was 6.5 months.",
            id="not what was asked",
        ),
    ],
)
def test_what_is_not_the_same_thing_does_not_differ(question: str, one: str, other: str) -> None:
    assert told(question, one, other) is told(question, other, one) is None


def test_a_table_row_takes_unit_and_outcome_from_its_header() -> None:
    row = Statement(
        "Doxorubicin | Johnson | 32 | 44", header="Drug | Study | Patients | Response rate (%)"
    )
    question = "What is the response rate of doxorubicin?"
    assert by_rule(question, row, Statement("Doxorubicin had a response rate of 12%.")) == "figures"
    assert by_rule(question, row, Statement("Doxorubicin had a response rate of 44%.")) is None


def test_a_drug_that_only_the_title_names_counts() -> None:
    one = Statement("Median survival was 10.7 months.", heading="Sorafenib in the West")
    other = Statement("Median survival was 6.5 months.", heading="Sorafenib in the East")
    assert by_rule(SURVIVAL, one, other) == "figures"
    assert by_rule(SURVIVAL, one, Statement("Median survival was 6.5 months.")) is None


def test_what_a_question_restricts_must_stand_in_both_quotes() -> None:
    one, other = "Survival on sorafenib was 10.7 months.", "Survival on sorafenib was 6.5 months."
    assert told("How long do children live on sorafenib?", one, other) is None


def test_of_many_figures_none_is_compared() -> None:
    question = "What is the case fatality rate of MERS?"
    many = (
        "The case fatality rate seems to be 3%, not comparable to the 10% for SARS or 34% for MERS."
    )
    assert told(question, many, "The case fatality rate of MERS is 21%.") is None
