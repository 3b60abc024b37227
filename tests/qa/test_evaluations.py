"""Evaluations that are kept, run in the background, offered as sets and shown."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest

import corpus
from corpus.load import load
from index.base import IndexProblem, SourceRecord
from qa import own_questions, show_runs
from qa.courtesy import Line
from qa.evaluate import Evaluation, evaluate
from qa.evaluation_pages import EvaluationPages, Form
from qa.evaluation_runs import Busy, EvaluationRuns
from qa.evaluation_sets import OWN_NAME, STARTER_NAME, brought, offered
from qa.evaluations import Evaluations, Kept
from qa.gold import Gold
from qa.question_set import EarlierQuestion, Evidence, Question, QuestionFileProblem
from tests.qa.chatting import Desk
from tests.qa.htmltree import find, find_all, text, tree
from tests.qa.librarian import Librarian

ANN, BOB = "a" * 32, "b" * 32
BAD = "<img src=x onerror=alert(1)>"
BURST = "Nobody was hurt when the boiler of the ferry burst."
QUESTIONS = [
    Question(
        id="burst",
        question="What happened when the boiler of the ferry burst?",
        evidence=(Evidence(source="ferry.md", quote=BURST),),
        tags=("ferry",),
    ),
    Question(
        id="missed",
        question=f"Which engineer opened the bridge {BAD}?",
        answers=("Nobody & co",),
        evidence=(Evidence(source="ferry.md", quote="The ferry crossed the lake"),),
    ),
    Question(
        id="declined",
        question="Where would one find some bridge between continents?",
        evidence=(Evidence(source="bridge.md", quote="It carried 40 tonnes."),),
    ),
    Question(id="none", question="Do zebras sleep?", answerable=False),
]


@pytest.fixture
def desk(librarian: Librarian) -> Desk:
    """A librarian in the web chat."""
    return Desk(list(librarian.documents.values()))


@pytest.fixture(scope="module")
def starter() -> list[SourceRecord]:
    """Records of the starter documents, as an index gives them."""
    folder = Path(corpus.__file__).parent / "starter"
    infos = [load(path).info for path in sorted(folder.glob("*.md"))]
    return [SourceRecord(info.source, info.source, "indexed", document=info) for info in infos]


@pytest.fixture
def keeps(tmp_path: Path) -> Evaluations:
    """Where evaluations are kept."""
    return Evaluations(tmp_path / "index")


@pytest.fixture
def pages(desk: Desk, keeps: Evaluations) -> EvaluationPages:
    """What is shown of them."""
    return EvaluationPages(desk.index, keeps)


def ran(desk: Desk, risk: float | None = None) -> Evaluation:
    return evaluate(desk, QUESTIONS, Gold(desk.index.sources(), desk.text_of), risk=risk)


def settled(runs: EvaluationRuns, owner: str) -> None:
    running = runs.of(owner)
    assert running is not None
    assert running.thread is not None
    running.thread.join(20)
    assert running.over


# Kept


def test_an_evaluation_comes_back_as_it_was_to_its_owner_alone(
    desk: Desk, keeps: Evaluations
) -> None:
    evaluation = ran(desk)
    kept = keeps.add(ANN, "set.jsonl", evaluation)
    found = keeps.get(ANN, kept)
    assert found is not None
    assert found[1] == evaluation
    assert found[1].result() == evaluation.result()
    listed = keeps.of(ANN)
    assert [(one.id, one.name, one.questions, one.good) for one in listed] == [
        (kept, "set.jsonl", 4, 2)
    ]
    assert keeps.of(BOB) == []
    assert keeps.get(BOB, kept) is None
    keeps.delete(BOB, kept)
    assert keeps.of(ANN) == listed


def test_what_is_deleted_is_gone_from_the_file(
    desk: Desk, keeps: Evaluations, tmp_path: Path
) -> None:
    name = "a-name-that-is-nowhere-else.jsonl"
    kept = keeps.add(ANN, name, ran(desk))
    later = keeps.add(ANN, "later", ran(desk, risk=1))
    assert [one.id for one in keeps.of(ANN)] == [later, kept]
    keeps.delete(ANN, kept)
    assert [one.risk for one in keeps.of(ANN)] == [1.0]
    stored = b"".join(p.read_bytes() for p in (tmp_path / "index").iterdir())
    assert name.encode() not in stored


# Run


def test_a_run_is_kept_when_it_is_done_and_asks_behind_the_chat(
    desk: Desk, keeps: Evaluations
) -> None:
    line = Line()
    runs = EvaluationRuns(desk, keeps, line)
    with line.first():
        runs.start(ANN, "set", QUESTIONS, None, refused=["line 3 is bad."], warnings=["Careful."])
        running = runs.of(ANN)
        assert running is not None
        assert running.thread is not None
        running.thread.join(0.5)
        assert not running.over
        assert desk.asked == []
    settled(runs, ANN)
    assert runs.of(BOB) is None
    assert running.problem is None
    found = keeps.get(ANN, str(running.kept))
    assert found is not None
    assert len(found[1].outcomes) == 4
    assert found[1].refused == ("line 3 is bad.",)
    assert found[1].warnings == ("Careful.",)
    assert found[1].measures() == ran(desk).measures()
    runs.noted(ANN)
    assert runs.of(ANN) is None


def test_a_run_that_is_stopped_keeps_what_was_asked(desk: Desk, keeps: Evaluations) -> None:
    runs, at_second, go_on = EvaluationRuns(desk, keeps, Line()), Event(), Event()

    def wait(question: str) -> None:
        if "engineer" in question:
            at_second.set()
            go_on.wait(20)

    desk.on_ask = wait
    runs.start(ANN, "set", QUESTIONS, None)
    assert at_second.wait(20)
    running = runs.of(ANN)
    assert running is not None
    assert (running.done, running.total) == (1, 4)
    assert running.left() is not None
    with pytest.raises(Busy):
        runs.start(ANN, "set", QUESTIONS, None)
    runs.noted(ANN)
    assert runs.of(ANN) is running
    runs.stop(ANN)
    assert "Stops after this question" in show_runs.underway(running)
    go_on.set()
    settled(runs, ANN)
    ((_, evaluation),) = (keeps.get(ANN, one.id) or (one, None) for one in keeps.of(ANN))
    assert evaluation is not None
    assert [outcome.question.id for outcome in evaluation.outcomes] == ["burst", "missed"]
    assert evaluation.warnings == ("The run was stopped after 2 of 4 questions.",)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (IndexProblem("The index is gone."), "The index is gone."),
        (RuntimeError("at /secret"), "The evaluation failed; the server's log says why."),
    ],
)
def test_a_run_that_fails_says_so_in_a_sentence(
    desk: Desk, keeps: Evaluations, error: Exception, said: str
) -> None:
    def fail(question: str) -> None:
        raise error

    desk.on_ask = fail
    runs = EvaluationRuns(desk, keeps, Line())
    runs.start(ANN, "set", QUESTIONS, None)
    settled(runs, ANN)
    running = runs.of(ANN)
    assert running is not None
    assert running.problem == said
    assert said in text(tree(show_runs.underway(running)))
    assert keeps.of(ANN) == []


def test_the_server_s_end_ends_runs_and_keeps_what_was_asked(
    desk: Desk, keeps: Evaluations
) -> None:
    runs, begun = EvaluationRuns(desk, keeps, Line()), Event()
    desk.on_ask = lambda question: begun.set()
    runs.start(ANN, "set", QUESTIONS * 200, None)
    assert begun.wait(20)
    runs.close()
    assert [one.questions < 800 for one in keeps.of(ANN)] == [True]


# Sets


def test_the_own_set_is_offered_once_it_holds_a_question_and_to_its_owner_alone(
    desk: Desk, tmp_path: Path
) -> None:
    sources = desk.index.sources()
    assert offered(tmp_path, ANN, sources) == []
    own_questions.add(tmp_path, ANN, QUESTIONS[0])
    own_questions.add(tmp_path, ANN, QUESTIONS[3])
    (own,) = offered(tmp_path, ANN, sources)
    assert own.label == f"{OWN_NAME} (2)"
    assert own.found.questions[0].evidence == QUESTIONS[0].evidence
    assert offered(tmp_path, BOB, sources) == []


def test_the_starter_set_is_offered_only_where_all_its_documents_are_indexed(
    tmp_path: Path, starter: list[SourceRecord]
) -> None:
    every = starter
    (found,) = offered(tmp_path, ANN, every)
    assert found.label == f"{STARTER_NAME} (300)"
    assert offered(tmp_path, ANN, every[1:]) == []


def test_a_file_that_was_brought_is_named_by_its_name_alone(tmp_path: Path) -> None:
    path = tmp_path / "my set.csv"
    path.write_text("question,answerable\nWhat?,true\n,\nWho?,perhaps\n", encoding="utf-8")
    found = brought(path)
    assert found.label == "my set.csv (1)"
    assert found.found.refused[0].startswith("my set.csv, line 4")
    path.write_text("question,answerable\nWho?,perhaps\n", encoding="utf-8")
    with pytest.raises(QuestionFileProblem, match=r"my set\.csv holds no question that can be"):
        brought(path)
    path.write_text("words\n", encoding="utf-8")
    with pytest.raises(QuestionFileProblem) as refused:
        brought(path)
    assert str(tmp_path) not in str(refused.value)


# Shown


def test_an_evaluation_is_shown_with_figures_plots_and_every_miss_beside_its_gold(
    desk: Desk, keeps: Evaluations, pages: EvaluationPages
) -> None:
    page = tree(pages.page(ANN, keeps.add(ANN, f"{BAD}.jsonl", ran(desk))))
    assert not find_all(page, "img")
    assert text(find(page, "h2")) == f"{BAD}.jsonl"
    first = text(find(page, cls="pc-eval-first"))
    assert "33 %The first quote is a right sentence: 1 of 3" in first
    assert "Answered, though there is no answer in the collection: 0 of 1" in first
    # None of one does not mean never.
    assert "False answers (of the unanswerable); 95 % interval 0–98 %" in first
    figures = text(find(page, cls="pc-eval-figures"))
    assert "Passage recall@1" in figures
    told = [svg.get("aria-label") for svg in find_all(page, "svg") if svg.get("role") == "img"]
    assert told[0] == "Wrong answers by coverage: 25 % answered, 0 % of these wrong; " + (
        "50 % answered, 50 % of these wrong."
    )
    assert str(told[1]).startswith("Right answers by confidence: at 5")
    assert all(svg.get("aria-hidden") for svg in find_all(page, "svg") if not svg.get("role"))
    misses = find_all(page, cls="pc-eval-miss")
    assert [text(find(one, "h4")) for one in misses] == [
        QUESTIONS[2].question,
        QUESTIONS[1].question,
    ]
    declined, missed = map(text, misses)
    assert "It carried 40 tonnes." in declined
    assert "Declined. No passage shares enough words with the question." in declined
    assert "In short: Nobody & co" in missed
    assert "The bridge at Lindau was opened in 1884" in missed


def test_gold_is_opened_in_its_source_by_document_and_offsets(
    desk: Desk, keeps: Evaluations, pages: EvaluationPages
) -> None:
    page = tree(pages.page(ANN, keeps.add(ANN, "set", ran(desk))))
    for button in find_all(page, "button"):
        if button.get("data-original"):
            document = desk.documents[str(button.get("data-document"))]
            start, end = int(button.get("data-start", "")), int(button.get("data-end", ""))
            assert document.text[start:end] in {
                "It carried 40 tonnes.",
                "The ferry crossed the lake",
            }
            find(page, ident=str(button.get("data-original")))
    assert len([b for b in find_all(page, "button") if b.get("data-original")]) == 2
    desk.documents.clear()
    assert "It carried 40 tonnes." in pages.page(ANN, keeps.of(ANN)[0].id)


def test_two_evaluations_are_compared_in_words_with_then_now_and_gold(
    desk: Desk, keeps: Evaluations, pages: EvaluationPages
) -> None:
    earlier = keeps.add(ANN, "set", ran(desk))
    later = keeps.add(ANN, "set", ran(desk, risk=1))
    page = tree(pages.page(ANN, later, earlier))
    (option,) = [one for one in find_all(page, "option") if one.get("value") == earlier]
    assert option.get("selected") is not None
    section = find(page, cls="pc-eval-compared")
    assert "4 questions are compared: 1 better, 0 worse, 3 as before." in text(section)
    (card,) = find_all(section, cls="pc-eval-miss")
    assert "declined → right" in text(card)
    assert [text(one) for one in find_all(card, "h5")] == ["Expected", "Then", "Now"]
    rows = [text(row) for row in find_all(section, "tr")]
    refusals = next(row for row in rows if "False refusals" in row)
    assert "33 %0 %−33 points" in refusals
    assert "better, may be chancep = 1.000 (McNemar)" in refusals
    assert "no change" in next(row for row in rows if "Passage recall@1" in row)
    alone = pages.page(ANN, later)
    assert "pc-eval-compared" not in alone
    assert "no longer there" in pages.page(ANN, later, "0" * 16)
    keeps.add(BOB, "set", ran(desk))
    assert "no longer there" in pages.page(ANN, later, keeps.of(BOB)[0].id)


def test_a_follow_up_that_went_wrong_says_how_it_was_understood(
    desk: Desk, keeps: Evaluations, pages: EvaluationPages
) -> None:
    before = EarlierQuestion(question="Who opened the bridge?")
    asked = QUESTIONS[2].model_copy(update={"history": (before,)})
    found = evaluate(desk, [asked], Gold(desk.index.sources(), desk.text_of))
    page = text(tree(pages.page(ANN, keeps.add(ANN, "set", found))))
    assert f"Understood as: Who opened the bridge? {asked.question}" in page


def test_evaluations_of_other_questions_are_said_not_to_be_comparable(
    desk: Desk, keeps: Evaluations, pages: EvaluationPages
) -> None:
    whole = ran(desk)
    first = keeps.add(ANN, "one", replace(whole, outcomes=whole.outcomes[:1]))
    other = keeps.add(ANN, "other", replace(whole, outcomes=whole.outcomes[1:]))
    page = text(tree(pages.page(ANN, other, first)))
    assert "There is nothing to compare. The question sets differ" in page


@pytest.mark.parametrize("form", ["html", "md", "json"])
def test_an_evaluation_is_taken_away_as_a_file(
    desk: Desk, keeps: Evaluations, pages: EvaluationPages, form: Form
) -> None:
    earlier = keeps.add(ANN, "set.jsonl", ran(desk))
    later = keeps.add(ANN, "set.jsonl", ran(desk, risk=1))
    links = [pages.file(ANN, later, form, earlier) for _ in range(2)]
    assert links[0] != links[1]
    link = find(tree(links[0]), "a")
    assert re.fullmatch(rf"evaluation-set-[\d-]+\.{form}", link.get("download", ""))
    content = b64decode(link.get("data-base64", "")).decode()
    if form == "json":
        found = json.loads(content)
        assert found["against"]["shared"] == len(found["questions"]) == 4
    else:
        assert "Compared with set.jsonl" in content
        assert ("<svg" in content) == (form == "html")
        assert not re.search(r"(?<!\\)<img", content)
    assert "no longer there" in pages.file(BOB, later, form)


def test_the_list_names_each_evaluation_and_the_way_to_begin_stands_where_there_is_none(
    pages: EvaluationPages,
) -> None:
    assert "How good are the answers?" in pages.page(ANN, None)
    assert "How good are the answers?" in pages.page(ANN, "nothing")
    kept = [Kept("k2", BAD, "2025-11-28 19:12", 8, 6, 1.0), Kept("k1", "x", "then", 1, 0, 0.2)]
    listed = tree(show_runs.runs(kept, "k2"))
    assert not find_all(listed, "img")
    one, other = find_all(listed, "li")
    assert (one.get("aria-current"), other.get("aria-current")) == ("true", None)
    assert "6 of 8 right" in text(one)
    assert "always answering" in text(one)
    assert "1 question" in text(other)
    assert "risk 0.2" in text(other)
    assert [b.get("data-run") for b in find_all(one, "button")] == ["open", "again", "delete"]
    assert "kept here" in show_runs.runs([], None)


def test_what_could_not_be_asked_and_warnings_are_shown(
    desk: Desk, keeps: Evaluations, pages: EvaluationPages
) -> None:
    found = replace(
        ran(desk),
        refused=(f"q: {BAD}.",),
        unfounded=("r: x.md is not in the index.",),
        warnings=("The run was stopped after 4 of 9 questions.",),
    )
    page = tree(pages.page(ANN, keeps.add(ANN, "set", found)))
    said = text(page)
    assert "The run was stopped after 4 of 9 questions." in said
    assert f"q: {BAD}." in said
    assert "r: x.md is not in the index." in said
