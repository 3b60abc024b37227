"""Follow-up questions are resolved by rule; full questions are never changed."""

from __future__ import annotations

import pytest

from qa.followup import leans, resolve

SURVIVAL = "What was the median overall survival with sorafenib in the SHARP trial?"


@pytest.mark.parametrize(
    ("before", "question", "understood"),
    [
        (SURVIVAL, "And with placebo?",
         "What was the median overall survival with placebo in the SHARP trial?"),
        (SURVIVAL, "And in Asian patients?",
         "What was the median overall survival with sorafenib in Asian patients?"),
        (SURVIVAL, "And the time to progression?",
         "What was the time to progression with sorafenib in the SHARP trial?"),
        ("Does octreotide improve survival?", "What about lanreotide?",
         "Does lanreotide improve survival?"),
        ("Does tamoxifen work in HCC?", "In women?", "Does tamoxifen work in women?"),
        ("What is the response rate of cisplatin?", "And for gemcitabine plus oxaliplatin?",
         "What is the response rate of gemcitabine plus oxaliplatin?"),
        ("Did octreotide prolong survival?", "And lanreotide?", "Did lanreotide prolong survival?"),
        ("What was the dose of sorafenib?", "And the placebo group?",
         "What was the dose of sorafenib in the placebo group?"),
    ],
)  # fmt: skip
def test_a_continuation_exchanges_its_part_of_the_earlier_question(
    before: str, question: str, understood: str
) -> None:
    assert resolve(question, [before]) == understood


@pytest.mark.parametrize(
    ("before", "question", "understood"),
    [
        ("What is thalidomide's mechanism of action?", "What were its side effects?",
         "What were thalidomide's side effects?"),
        ("What is ceritinib approved for?", "Which pathway does it inhibit?",
         "Which pathway does ceritinib inhibit?"),
        ("What did the PIAF phase II study show?", "How toxic was the regimen?",
         "How toxic was PIAF?"),
    ],
)  # fmt: skip
def test_a_pointing_word_is_exchanged_for_the_topic(
    before: str, question: str, understood: str
) -> None:
    assert resolve(question, [before]) == understood


@pytest.mark.parametrize("question", ["Who reported it?", "Why?", "What was the response rate?"])
def test_a_question_about_the_whole_is_asked_together_with_it(question: str) -> None:
    before = "How did high-dose interferon work in HCC?"
    assert resolve(question, [before]) == f"{question} (about: {before[:-1]})"


def test_follow_ups_can_be_chained() -> None:
    asked = ["Does octreotide improve survival?", "And lanreotide?"]
    assert resolve("And thalidomide?", asked) == "Does thalidomide improve survival?"


def test_without_history_nothing_is_changed() -> None:
    assert resolve("And in women?", []) == "And in women?"


@pytest.mark.parametrize(
    "question",
    [
        "What is the response rate of single-agent doxorubicin?",
        "Is it known whether sorafenib prolongs survival?",
        "How long does it take for doxorubicin to work?",
        "Does sorafenib prolong survival, and is it well tolerated?",
        "Which receptors are expressed in hepatocellular carcinoma?",
        "What did Kouroumalis and colleagues find?",
        "What is cancer?",
        "Was the trial of tamoxifen randomised?",
        "Which evidence shows that octreotide is effective?",
        "In SHARP, how many patients received sorafenib?",
        "What is the capital of France?",
        "And what will the weather be tomorrow?",
        "Which trial was the first to prove that a drug extends life in liver cancer?",
        "And what was the response rate of cisplatin with interferon?",
    ],
)
def test_a_full_question_is_never_changed(question: str) -> None:
    assert not leans(question)
    assert resolve(question, [SURVIVAL]) == question
