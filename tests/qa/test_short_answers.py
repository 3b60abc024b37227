"""Marked short answers set against gold ones."""

from __future__ import annotations

import pytest

from qa.short_answers import exact_match, token_f1


@pytest.mark.parametrize(
    ("marked", "answers", "f1", "same"),
    [
        ("The 10.7 months", ["10.7 months"], 1.0, True),
        ("median of 10.7 months", ["10.7 months"], 2 * 2 / (4 + 2), False),
        ("400 mg", ["800 mg", "400 mg twice daily"], 2 * 2 / (2 + 4), False),
        ("sorafenib", ["lenvatinib"], 0.0, False),
        ("fluorouracil", ["5-FU", "Fluorouracil."], 1.0, True),
        ("no no", ["no"], 2 * 1 / (2 + 1), False),
        ("", ["anything"], 0.0, False),
        ("", ["the"], 0.0, False),
        ("words", [], 0.0, False),
    ],
)
def test_the_best_answer_counts_without_case_articles_and_punctuation(
    marked: str, answers: list[str], f1: float, same: bool
) -> None:
    assert token_f1(marked, answers) == pytest.approx(f1)
    assert exact_match(marked, answers) is same
