"""Evaluation: gold evidence, figures, and the report."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from corpus.document import DocumentInfo, Span
from index.base import SourceRecord
from qa.evaluate import Evaluation, evaluate
from qa.gold import Gold
from qa.metrics import (
    aurc,
    auroc,
    calibration_error,
    holds_answer,
    mean,
    ranking,
    reliability,
    risk_coverage,
    share,
)
from qa.question_set import EarlierQuestion, Evidence, Question
from qa.report import diagrams, miss, to_html, to_markdown
from tests.qa.librarian import PAPERS, Librarian

ROW = "1921 | 55 t | Brandt & Söhne"
QUESTIONS = [
    Question(
        id="row",
        question="Which load was checked by Brandt?",
        answers=("55 t",),
        evidence=(Evidence(source="bridge.md", quote=ROW),),
        tags=("table",),
    ),
    Question(
        id="missed",
        question="What happened when the boiler of the ferry burst?",
        answers=("35 minutes",),
        evidence=(Evidence(source="bridge.md", quote="It carried 40 tonnes."),),
        tags=("number",),
    ),
    Question(
        id="follow-up",
        question="And who was hurt?",
        history=(EarlierQuestion(question="When did the boiler of the ferry burst?"),),
        evidence=(Evidence(source="ferry.md", quote="Nobody was hurt when the boiler"),),
    ),
    Question(id="declined", question="Where would one find some bridge between continents?"),
    Question(id="none", question="Do zebras sleep?", answerable=False),
    Question(id="false", question="Which engineer opened the bridge?", answerable=False),
]


@pytest.fixture
def gold(librarian: Librarian) -> Gold:
    """Finds evidence in the papers."""
    records = [
        SourceRecord(str(Path(d.info.source).resolve()), d.info.source, "indexed", document=d.info)
        for d in librarian.documents.values()
    ]
    return Gold(records, librarian.text_of)


@pytest.fixture
def evaluation(librarian: Librarian, gold: Gold) -> Evaluation:
    """The figures of the librarian."""
    return evaluate(librarian, QUESTIONS, gold)


def span_of(librarian: Librarian, name: str, words: str) -> tuple[str, Span]:
    (document,) = (d for d in librarian.documents.values() if d.info.source == name)
    at = document.text.index(words)
    return document.id, Span(at, at + len(words))


def test_a_gold_quote_overlaps_the_words_it_names_and_no_others(
    librarian: Librarian, gold: Gold
) -> None:
    evidence = Evidence(source="bridge.md", quote="by the engineer  Maria\nKeller.")
    bridge, inside = span_of(librarian, "bridge.md", "Keller. It carried")
    ferry, _ = span_of(librarian, "ferry.md", "boiler")
    _, before = span_of(librarian, "bridge.md", "was opened in 1884")
    assert gold.overlaps(evidence, bridge, inside, ())
    assert not gold.overlaps(evidence, bridge, before, ())
    assert not gold.overlaps(evidence, ferry, inside, ())


@pytest.mark.parametrize("quote", [ROW, f"| {ROW} |", "1921|55 t|Brandt & Söhne"])
def test_a_table_row_is_found_by_its_cells(librarian: Librarian, gold: Gold, quote: str) -> None:
    bridge, row = span_of(librarian, "bridge.md", ROW)
    _, other = span_of(librarian, "bridge.md", "1884 | 40 t | Keller")
    evidence = Evidence(source="bridge.md", quote=quote)
    assert gold.overlaps(evidence, bridge, row, ())
    assert not gold.overlaps(evidence, bridge, other, ())


def test_an_exact_place_is_compared_with_source_spans_alone(
    librarian: Librarian, gold: Gold
) -> None:
    bridge, span = span_of(librarian, "bridge.md", "Maria Keller")
    at = PAPERS["bridge.md"].index("Maria Keller")
    touching = Evidence(source="bridge.md", start=at + 11, end=at + 40)
    behind = Evidence(source="bridge.md", quote="Maria Keller", start=at + 12, end=at + 40)
    assert gold.overlaps(touching, bridge, span, [(at, at + 12)])
    assert not gold.overlaps(behind, bridge, span, [(at, at + 12)])


def test_a_source_is_named_by_its_path_by_the_end_of_it_or_by_its_file_name() -> None:
    records = [
        SourceRecord(f"/papers/{name}", name, "indexed", document=DocumentInfo(name, name, name))
        for name in ("a/one.md", "b/one.md", "b/two.md")
    ]
    gold = Gold(records, lambda document_id: "")
    assert gold.documents("b/one.md") == {"b/one.md"}
    assert gold.documents("/papers/b/one.md") == {"b/one.md"}
    assert gold.documents("c/b/one.md") == {"b/one.md"}
    assert gold.documents("one.md") == {"a/one.md", "b/one.md"}
    assert gold.documents("elsewhere\\two.md") == {"b/two.md"}
    assert gold.documents("wo.md") == frozenset()


def test_evidence_that_the_collection_does_not_hold_is_reported(
    librarian: Librarian, gold: Gold
) -> None:
    questions = [
        Question(id="a", question="What?", evidence=(Evidence(source="no.md", quote="x"),)),
        Question(id="b", question="What?", evidence=(Evidence(source="ferry.md", quote="Swan"),)),
        QUESTIONS[0],
    ]
    found = evaluate(librarian, questions, gold)
    assert found.unfounded == (
        "a: no.md is not in the index.",
        "b: ferry.md does not contain its quote.",
    )


def test_each_question_is_judged_by_its_gold(evaluation: Evaluation) -> None:
    outcomes = {outcome.question.id: outcome for outcome in evaluation.outcomes}
    assert outcomes["row"].passage_rank == 1
    assert outcomes["row"].quote_rank == 1
    assert outcomes["row"].contained is True
    assert outcomes["missed"].right is False
    assert outcomes["missed"].contained is True
    assert outcomes["follow-up"].quote_rank == 1
    assert outcomes["declined"].right is None
    assert outcomes["none"].right is None
    assert outcomes["false"].right is False
    kinds = {name: miss(outcome) for name, outcome in outcomes.items()}
    assert kinds == {
        "row": None,
        "missed": "no passage with the evidence was read",
        "follow-up": None,
        "declined": "declined",
        "none": None,
        "false": "answered, though the collection holds no answer",
    }


def test_a_share_that_is_none_or_all_has_an_exact_interval(evaluation: Evaluation) -> None:
    found = share([0.0] * 3)
    # None of three: at most 1 - 0.025 ** (1 / 3).
    assert (found.value, found.low, found.high) == (0.0, 0.0, 0.7076)
    assert share([1.0] * 3).low == round(1 - 0.7076, 4)
    assert share([1.0, 0.0]) == mean([1.0, 0.0])
    assert share([]) == mean([])
    recall = evaluation.measures()["recall@10"]
    assert recall.low is not None
    assert recall.low < 1


def test_an_evaluation_that_is_to_stop_ends_before_the_next_question(
    librarian: Librarian, gold: Gold
) -> None:
    asked = iter([True, True, False])
    found = evaluate(librarian, QUESTIONS, gold, goes_on=lambda: next(asked))
    assert len(found.outcomes) == 2
    assert found.warnings == ("The run was stopped after 2 of 6 questions.",)


def test_the_figures_are_shares_of_the_right_cases(evaluation: Evaluation) -> None:
    found = {name: (m.value, m.n) for name, m in evaluation.measures().items()}
    assert found["recall@1"] == (0.6667, 3)
    assert found["sentence_hit@1"] == (0.6667, 3)
    assert found["false_answers"] == (0.5, 2)
    assert found["false_refusals"] == (0.25, 4)
    assert found["wrong_answers"] == (0.5, 4)
    assert found["short_answer_contained"] == (1.0, 2)
    table = evaluation.measures("table")
    assert (table["sentence_hit@3"].value, table["sentence_hit@3"].n) == (1.0, 1)


def test_risk_one_answers_always(librarian: Librarian, gold: Gold) -> None:
    found = evaluate(librarian, QUESTIONS[:4], gold, risk=1).measures()
    assert found["false_refusals"].value == 0


def test_a_question_that_fails_is_refused_and_the_others_go_on(
    librarian: Librarian, gold: Gold
) -> None:
    def on_ask(question: str) -> None:
        if "zebras" in question:
            raise ValueError("zebras are not served")

    librarian.on_ask = on_ask
    found = evaluate(librarian, QUESTIONS, gold)
    assert found.refused == ("none: zebras are not served.",)
    assert len(found.outcomes) == 5


def test_the_result_is_the_same_from_run_to_run_but_for_its_timing(
    librarian: Librarian, gold: Gold
) -> None:
    results = [evaluate(librarian, QUESTIONS, gold).result() for _ in range(2)]
    for result in results:
        assert result.pop("timing")
    first, second = (json.dumps(result) for result in results)
    assert first == second


def test_the_report_sets_every_miss_beside_its_gold(evaluation: Evaluation) -> None:
    report = to_markdown(evaluation, "Evaluation of <b>bridges</b>")
    misses = report.partition("## Misses (3)")[2]
    assert "missed: no passage with the evidence was read" in misses
    assert "Gold: It carried 40 tonnes. (bridge.md)" in misses
    assert "Quoted: Nobody was hurt" in misses
    page = to_html(report, "Evaluation of <b>bridges</b>")
    assert "<b>bridges" not in page
    assert "&lt;b&gt;bridges" in page
    assert "<td>Passage recall@5</td>" in page
    assert "http" not in page


def test_a_declined_or_unmarked_short_answer_counts_as_nothing(evaluation: Evaluation) -> None:
    # The librarian marks the first four characters: "1921" of the row, "Nobo" of the other quote.
    found = evaluation.measures()
    assert (found["short_answer_f1"].value, found["short_answer_f1"].n) == (0.0, 2)
    assert evaluation.outcomes[0].marked == "1921"
    assert [o.marked for o in evaluation.outcomes if not o.answered] == ["", ""]


WITHHELD = QUESTIONS[3].model_copy(update={"answers": ("Lindau",)})


def test_the_area_under_the_curve_is_given_only_where_nothing_was_withheld(
    librarian: Librarian, gold: Gold
) -> None:
    questions = [*QUESTIONS[:3], WITHHELD, *QUESTIONS[4:]]
    usual = evaluate(librarian, questions, gold)
    assert usual.measures()["aurc"].value is None
    assert usual.curve()[-1].coverage == round(4 / 6, 4)
    whole = evaluate(librarian, questions, gold, risk=1)
    # No passage was found for the zebras, whatever the risk.
    assert whole.measures()["aurc"].n == 5
    assert whole.curve()[-1].coverage == round(5 / 6, 4)
    assert sum(one.n for one in whole.reliability()) == 5


def test_the_report_draws_the_curves_and_gives_their_numbers(
    librarian: Librarian, gold: Gold
) -> None:
    evaluation = evaluate(librarian, [*QUESTIONS[:3], WITHHELD], gold)
    report = to_markdown(evaluation, "Bridges")
    assert "Questions were declined: the curve ends there" in report
    assert "<svg" not in report
    for point in evaluation.curve():
        assert f"| {point.threshold:.3f} | {point.coverage:.3f} | {point.risk:.3f} |" in report
    page = to_html(report, "Bridges", diagrams(evaluation))
    assert page.count("<svg") == 2
    assert page.index("<h2>Risk and coverage</h2>") < page.index("<svg")
    assert "currentColor" in page
    assert "<script" not in page
    assert "http" not in page


def test_an_empty_evaluation_has_no_figures_and_does_not_fail() -> None:
    empty = Evaluation((), (), (), None)
    assert all(found.value is None for found in empty.measures().values())
    assert empty.timing()["median"] is None
    assert "0 questions" in to_markdown(empty, "Nothing")


def test_ranking_metrics_follow_their_definitions() -> None:
    gains = [
        [True, False, False],
        [False, False, True],
        [False] * 7 + [True],
        [False] * 12 + [True],
        [False, False],
        [],
    ]
    found = ranking(gains, [0, 1, 0, 0, 1, 1])
    assert found["recall@1"] == [1, 0, 0, 0, 0, 0]
    assert found["recall@5"] == [1, 1, 0, 0, 0, 0]
    assert found["recall@10"] == [1, 1, 1, 0, 0, 0]
    assert found["mrr"] == pytest.approx([1, 1 / 3, 1 / 8, 1 / 13, 0, 0])
    # Question 1: one of two relevant passages, at rank 3.
    second = (1 / np.log2(4)) / (1 + 1 / np.log2(3))
    assert found["ndcg@10"] == pytest.approx([1, second, 1 / np.log2(9), 0, 0, 0])


def test_auroc_agrees_with_scikit_learn() -> None:
    chance = np.random.default_rng(3)
    positive = chance.integers(0, 10, 40) / 10
    negative = chance.integers(0, 7, 25) / 10
    labels = [1] * 40 + [0] * 25
    expected = roc_auc_score(labels, [*positive, *negative])
    assert auroc(list(positive), list(negative)) == pytest.approx(expected, abs=1e-4)
    assert auroc([0.5], []) is None


def test_calibration_error_is_the_gap_between_confidence_and_truth() -> None:
    assert calibration_error([1.0, 1.0, 0.0], [True, True, False]) == 0
    assert calibration_error([1.0, 0.95], [False, False]) == pytest.approx(0.975)
    assert calibration_error([0.25, 0.25, 0.25, 0.25], [True, False, False, False]) == 0
    assert calibration_error([], []) is None


def test_the_risk_coverage_curve_gives_the_share_of_wrong_ones_among_the_surest() -> None:
    curve = risk_coverage([0.9, 0.2, 0.7, 0.7], [True, False, True, False], asked=8, points=8)
    assert [(p.threshold, p.coverage, p.risk) for p in curve] == [
        (0.9, 0.125, 0.0),
        (0.7, 0.375, 0.3333),
        (0.2, 0.5, 0.5),
    ]
    assert risk_coverage([], [], asked=5) == ()
    many = risk_coverage(list(np.linspace(0, 1, 500)), [True] * 500, asked=500)
    assert len(many) == 20


def test_the_area_under_the_curve_rewards_errors_that_are_unsure() -> None:
    assert aurc([0.9, 0.8, 0.1], [True, True, False]) == pytest.approx(1 / 9, abs=1e-4)
    assert aurc([0.9, 0.8, 0.1], [False, True, True]) == pytest.approx(11 / 18, abs=1e-4)
    # Without any order, every order counts alike.
    assert aurc([0.5] * 4, [True, False, True, False]) == 0.5
    assert aurc([], []) is None


def test_reliability_bins_set_confidence_beside_truth() -> None:
    low, high = reliability([0.05, 0.07, 0.95, 1.0], [False, True, True, True])
    assert (low.low, low.high, low.n, low.confidence, low.right) == (0, 0.1, 2, 0.06, 0.5)
    assert (high.low, high.high, high.n, high.right) == (0.9, 1, 2, 1)
    assert reliability([], []) == ()


def test_a_mean_carries_an_interval_that_is_always_the_same() -> None:
    values = [1.0] * 30 + [0.0] * 70
    found = mean(values)
    assert found == mean(values)
    assert found.value == 0.3
    assert found.low is not None
    assert found.high is not None
    # The normal approximation gives 0.3 ± 0.09.
    assert found.low == pytest.approx(0.21, abs=0.02)
    assert found.high == pytest.approx(0.39, abs=0.02)
    assert mean([]).value is None


@pytest.mark.parametrize(
    ("answers", "text", "holds"),
    [
        (["10.7 months"], "a median of 10.7\u00a0Months", True),
        (["5-FU", "fluorouracil"], "with 5‑FU alone", True),
        (["5"], "a rate of 15.3 %", False),
        (["5"], "a rate of 2.5 %", False),
        (["5"], "in 5,000 people", False),
        (["5"], "in 5, 6 or 7 people", True),
        (["44"], "Doxorubicin | Johnson | 32 | 44", True),
        (["men"], "in women", True),
        ([""], "anything", False),
    ],
)
def test_a_short_answer_is_contained_whatever_its_type_setting(
    answers: list[str], text: str, holds: bool
) -> None:
    assert holds_answer(answers, [text]) is holds
