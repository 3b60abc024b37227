"""A run beside an earlier one: which questions changed, and what is more than chance."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.stats import binomtest

from qa.cases import Case
from qa.comparing import Comparison, NothingShared, Run, compare
from qa.paired import Differing
from qa.report_comparison import lines, section, signed

OUTCOMES = {
    "right": ("answered", True, True),
    "wrong": ("answered", False, True),
    "declined": ("not_found", None, True),
    "rightly declined": ("not_found", None, False),
    "false answer": ("answered", False, False),
}


def case(number: int, verdict: str, confidence: float = 0.5, **other: object) -> Case:
    """What came of a question, with the scores that follow from it."""
    status, right, answerable = OUTCOMES[verdict]
    hit = float(verdict == "right")
    scores = {"recall@1": hit, "mrr": hit / 2, "sentence_hit@1": hit} if answerable else {}
    scores["false_refusals" if answerable else "false_answers"] = float(
        (status == "answered") != answerable
    )
    if right is not None:
        scores["wrong_answers"] = float(not right)
    record = {
        "id": f"q{number}",
        "question": f"Question {number}?",
        "gold": "g",
        "answerable": answerable,
        "status": status,
        "confidence": confidence,
        "right": right,
        "scores": scores,
    }
    return Case.model_validate(record | other)


def figures(comparison: Comparison) -> dict[str, Differing]:
    return {one.name: one for one in comparison.figures}


def runs(before: list[str], after: list[str]) -> tuple[Run, Run]:
    earlier, later = ([case(i, v) for i, v in enumerate(vs)] for vs in (before, after))
    return Run("earlier", tuple(earlier)), Run("later", tuple(later))


def test_a_difference_that_is_there_is_found() -> None:
    draw = np.random.default_rng(7)
    before = ["right" if x < 0.5 else "wrong" for x in draw.random(200)]
    # A quarter of the wrong ones put right; three per cent of the others spoilt.
    after = [
        ("right" if x < 0.25 else v) if v == "wrong" else ("wrong" if x < 0.03 else v)
        for v, x in zip(before, draw.random(200), strict=True)
    ]
    found = figures(compare(*runs(before, after)))
    for name in ("recall@1", "mrr", "sentence_hit@1", "wrong_answers"):
        one = found[name]
        assert one.clear, name
        assert one.better, name
        assert one.low is not None
        assert one.high is not None
        assert one.low <= one.difference <= one.high
        assert (one.low > 0) == (one.difference > 0)
    assert found["wrong_answers"].difference < 0


def noise(draw: np.random.Generator, n: int) -> list[str]:
    return ["right" if x < 0.6 else "wrong" for x in draw.random(n)]


def test_pure_noise_is_not_found_significant() -> None:
    draw = np.random.default_rng(0)
    comparison = compare(*runs(noise(draw, 200), noise(draw, 200)))
    assert len(comparison.moved) > 50
    assert not [one.name for one in comparison.figures if one.clear]


def test_noise_is_called_clear_about_as_often_as_is_said() -> None:
    draw = np.random.default_rng(1)
    found = [figures(compare(*runs(noise(draw, 50), noise(draw, 50)))) for _ in range(60)]
    for name in ("recall@1", "mrr", "wrong_answers"):
        values = [one[name].p for one in found]
        assert sum(p < 0.05 for p in values) <= 6, name
        assert 0.4 < np.mean(values) < 0.7, name


def test_right_and_wrong_are_tested_exactly_by_the_questions_that_changed() -> None:
    before = ["right"] * 20 + ["wrong"] * 8 + ["right"]
    after = ["right"] * 28 + ["wrong"]
    one = figures(compare(*runs(before, after)))["recall@1"]
    assert (one.test, one.changed, one.n) == ("McNemar", 9, 29)
    assert one.p == round(binomtest(8, 9).pvalue, 4)
    assert one.difference == round(7 / 29, 4)
    halves = figures(compare(*runs(before, after)))["mrr"]
    # Equal amounts: exchanging the runs and counting the questions is one and the same.
    assert halves.test == "randomisation"
    assert halves.p == one.p


def test_a_run_beside_itself_differs_in_nothing() -> None:
    comparison = compare(*runs(["right", "wrong", "declined"], ["right", "wrong", "declined"]))
    assert comparison.moved == ()
    assert comparison.remarks == ()
    assert {(one.difference, one.p, one.better) for one in comparison.figures} == {(0.0, 1.0, None)}
    assert lines(comparison) == ["3 questions are compared: 0 better, 0 worse, 3 as before."]


def test_the_questions_that_changed_are_named_worse_ones_first() -> None:
    before = ["right", "wrong", "right", "declined", "false answer", "right"]
    after = ["right", "right", "declined", "wrong", "rightly declined", "wrong"]
    comparison = compare(*runs(before, after))
    assert [(one.id, one.before, one.after, one.better) for one in comparison.moved] == [
        ("q2", "right", "declined", False),
        ("q3", "declined", "wrong", False),
        ("q5", "right", "wrong", False),
        ("q1", "wrong", "right", True),
        ("q4", "false answer", "rightly declined", True),
    ]
    assert "6 questions are compared: 2 better, 3 worse, 1 as before." in section(comparison)


def test_wrong_answers_are_shares_of_what_each_run_gave() -> None:
    before = ["right", "wrong", "wrong", "right"]
    after = ["right", "declined", "wrong", "right"]
    one = figures(compare(*runs(before, after)))["wrong_answers"]
    assert (one.earlier, one.later) == (0.5, round(1 / 3, 4))
    assert (one.n, one.changed, one.p) == (4, 1, 1.0)
    none_given = compare(*runs(before, ["declined"] * 4))
    assert "wrong_answers" not in figures(none_given)


def test_a_reader_that_tells_answerable_from_not_better_is_found_by_the_auroc() -> None:
    draw = np.random.default_rng(5)
    verdicts = ["declined"] * 60 + ["rightly declined"] * 60

    def run(name: str, shift: float) -> Run:
        sure = 1 / (1 + np.exp(-draw.normal(0, 1, 120) - shift * (np.arange(120) < 60)))
        return Run(name, tuple(case(i, v, sure[i]) for i, v in enumerate(verdicts)))

    blind, seeing, other = run("blind", 0), run("seeing", 2), run("other", 0)
    found = figures(compare(blind, seeing))["auroc"]
    assert found.clear
    assert found.low is not None
    assert found.low > 0.1
    assert found.later == pytest.approx(0.92, abs=0.05)
    assert not figures(compare(blind, other))["auroc"].clear
    # The same order on another scale is no difference at all.
    squared = Run(
        "", tuple(c.model_copy(update={"confidence": c.confidence**2}) for c in blind.cases)
    )
    same = figures(compare(blind, squared))["auroc"]
    assert (same.difference, same.p, same.changed) == (0.0, 1.0, 0)


def test_a_set_that_differs_is_said_and_only_what_both_share_is_compared() -> None:
    earlier = Run("then", tuple(case(i, "right") for i in range(5)))
    later = Run(
        "now",
        (
            case(1, "wrong"),
            case(2, "right", question="Other words?"),
            case(3, "right", gold="h"),
            case(4, "right", history=("Before?",)),
            case(9, "right"),
        ),
    )
    comparison = compare(earlier, later)
    assert comparison.shared == 1
    assert [one.id for one in comparison.moved] == ["q1"]
    assert comparison.remarks == (
        "The question sets differ: 1 question is compared; 1 only the earlier run asked, "
        "1 only this run asked, 2 worded differently then, 1 with another gold then.",
    )
    with pytest.raises(
        NothingShared, match=r"There is nothing to compare\. The question sets differ"
    ):
        compare(Run("then", (case(7, "right"),)), later)


def test_other_models_another_collection_and_another_risk_are_said() -> None:
    one = (case(0, "right"),)
    remarks = compare(
        Run(
            "then",
            one,
            None,
            {"reader": "a", "embedder": "e"},
            {"documents": 3, "fingerprint": "x"},
        ),
        Run(
            "now", one, 0.2, {"reader": "b", "embedder": "e"}, {"documents": 4, "fingerprint": "y"}
        ),
    ).remarks
    assert remarks == (
        "Other models than then: reader a then, b now.",
        "Another collection than then: documents 3 then, 4 now, fingerprint x then, y now.",
        "Another accepted risk: the default then, 0.2 now.",
    )


def test_the_section_escapes_what_comes_from_files() -> None:
    earlier = Run("<b>run</b>.json", (case(0, "right", question="What about *p* < 0.05?"),))
    later = Run("now", (case(0, "wrong", question="What about *p* < 0.05?"),))
    said = "\n".join(section(compare(earlier, later)))
    assert r"\<b\>run\</b\>.json" in said
    assert r"- worse: q0: right, now wrong: What about \*p\* \< 0.05?" in said


def test_the_same_comparison_is_the_same_bytes() -> None:
    from dataclasses import asdict

    both = runs(["right", "wrong"] * 30, ["right", "right", "wrong"] * 20)
    first, second = (json.dumps(asdict(compare(*both))) for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("number", "said"), [(0.0651, "+0.065"), (-0.01, "−0.010"), (-0.0001, "0.000")]
)
def test_a_difference_is_written_with_its_sign(number: float, said: str) -> None:
    assert signed(number) == said
