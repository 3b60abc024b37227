"""Batch runs: what is written, and what is left when one is stopped."""

from __future__ import annotations

import csv
import io
import json
import random
from pathlib import Path

import pytest

from qa.answer import Answer
from qa.batch import FORMATS, OutputProblem, journal_path, run_batch
from qa.question_set import EarlierQuestion, Question
from tests.qa.librarian import Librarian

TOPICS = ["the bridge", "the ferry", "the boiler", "zebras", "the load checked by Keller"]
QUESTIONS = [
    Question(id=f"q{n}", question=f"{n}: what is known of {TOPICS[n % len(TOPICS)]} in 1902?")
    for n in range(12)
]


class Stopped(BaseException):
    """A run that ends in the middle, like one that is killed."""


def stop_after(librarian: Librarian, count: int) -> None:
    """Let the librarian answer ``count`` more questions and then stop the run."""
    left = [count]

    def on_ask(question: str) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise Stopped

    librarian.on_ask = on_ask


def undisturbed(librarian: Librarian, name: str) -> bytes:
    out = Path("whole") / name
    out.parent.mkdir(exist_ok=True)
    run_batch(librarian, QUESTIONS, out, librarian.text_of)
    return out.read_bytes()


def test_every_question_gets_one_answer_record_in_order(librarian: Librarian) -> None:
    seen: list[tuple[int, int]] = []
    report = run_batch(
        librarian,
        QUESTIONS,
        Path("out.jsonl"),
        librarian.text_of,
        progress=lambda done, total: seen.append((done, total)),
    )
    lines = Path("out.jsonl").read_text(encoding="utf-8").splitlines()
    answers = [Answer.model_validate_json(line) for line in lines]
    assert [answer.id for answer in answers] == [question.id for question in QUESTIONS]
    assert report.asked == len(QUESTIONS)
    assert report.answered == sum(answer.status == "answered" for answer in answers)
    assert seen == [(n, 12) for n in range(13)]


def test_history_and_risk_reach_the_assistant(librarian: Librarian) -> None:
    question = Question(
        id="a", question="And who?", history=(EarlierQuestion(question="What load?"),)
    )
    run_batch(librarian, [question], Path("out.jsonl"), librarian.text_of, risk=1)
    record = json.loads(Path("out.jsonl").read_text(encoding="utf-8"))
    assert record["understood_as"] == "What load? And who?"
    assert record["status"] == "answered"


@pytest.mark.parametrize("name", [f"out{ending}" for ending in FORMATS])
def test_a_run_stopped_anywhere_ends_in_the_same_bytes(librarian: Librarian, name: str) -> None:
    whole = undisturbed(librarian, name)
    out = Path(name)
    chance = random.Random(7)
    for stop in range(1, len(QUESTIONS)):
        for path in (out, journal_path(out)):
            path.unlink(missing_ok=True)
        stop_after(librarian, stop)
        with pytest.raises(Stopped):
            run_batch(librarian, QUESTIONS, out, librarian.text_of)
        journal = journal_path(out)
        content = journal.read_bytes()
        assert content.count(b"\n") == stop
        # The next line may have been half written when the power went.
        torn = whole if name == "out.jsonl" else b'{"id":"q9","question":'
        journal.write_bytes(content + torn[len(content) :][: chance.randrange(9)])
        librarian.on_ask = lambda question: None
        librarian.asked.clear()
        report = run_batch(librarian, QUESTIONS, out, librarian.text_of)
        assert report.kept == stop
        assert librarian.asked[1:] == [question.id for question in QUESTIONS[stop:]]
        assert out.read_bytes() == whole


def test_an_unfinished_csv_or_report_leaves_only_its_journal(librarian: Librarian) -> None:
    stop_after(librarian, 3)
    with pytest.raises(Stopped):
        run_batch(librarian, QUESTIONS, Path("out.csv"), librarian.text_of)
    assert not Path("out.csv").exists()
    assert Path("out.csv.partial.jsonl").exists()
    librarian.on_ask = lambda question: None
    run_batch(librarian, QUESTIONS, Path("out.csv"), librarian.text_of)
    assert not Path("out.csv.partial.jsonl").exists()
    rows = list(csv.DictReader(io.StringIO(Path("out.csv").read_text(encoding="utf-8"))))
    assert len(rows) == len(QUESTIONS)


def test_a_finished_file_is_left_as_it_is(librarian: Librarian) -> None:
    whole = undisturbed(librarian, "out.jsonl")
    librarian.asked.clear()
    report = run_batch(librarian, QUESTIONS, Path("whole/out.jsonl"), librarian.text_of)
    assert (report.asked, report.kept) == (0, len(QUESTIONS))
    assert Path("whole/out.jsonl").read_bytes() == whole


def test_answers_from_an_index_that_has_changed_are_asked_again(librarian: Librarian) -> None:
    undisturbed(librarian, "out.jsonl")
    first = next(iter(librarian.documents))
    smaller = Librarian([librarian.documents[first]])
    report = run_batch(smaller, QUESTIONS, Path("whole/out.jsonl"), smaller.text_of)
    assert (report.asked, report.kept) == (len(QUESTIONS), 0)
    assert Path("whole/out.jsonl").read_bytes() == undisturbed(smaller, "again.jsonl")


def test_changed_and_new_questions_are_asked_and_dropped_ones_go(librarian: Librarian) -> None:
    undisturbed(librarian, "out.jsonl")
    changed = [
        *QUESTIONS[:3],
        Question(id="new", question="What of the boiler?"),
        *QUESTIONS[6:9],
        Question(id="q9", question="What of the ferry?"),
    ]
    out = Path("whole/out.jsonl")
    librarian.asked.clear()
    report = run_batch(librarian, changed, out, librarian.text_of)
    assert librarian.asked[1:] == ["new", "q9"]
    assert report.kept == 6
    run_batch(librarian, changed, Path("fresh.jsonl"), librarian.text_of)
    assert out.read_bytes() == Path("fresh.jsonl").read_bytes()


def test_a_question_that_fails_is_refused_and_the_others_go_on(librarian: Librarian) -> None:
    def on_ask(question: str) -> None:
        if question.startswith("4:"):
            raise ValueError("the question is longer than can be read")

    librarian.on_ask = on_ask
    report = run_batch(librarian, QUESTIONS, Path("out.jsonl"), librarian.text_of)
    assert report.refused == ["q4: the question is longer than can be read."]
    assert len(Path("out.jsonl").read_text(encoding="utf-8").splitlines()) == 11


def test_an_answer_with_a_false_quote_never_reaches_the_file(librarian: Librarian) -> None:
    report = run_batch(librarian, QUESTIONS, Path("out.jsonl"), lambda document_id: "other text")
    assert report.refused
    assert "differs from ferry.md" in report.refused[0]
    lines = Path("out.jsonl").read_text(encoding="utf-8").splitlines()
    assert not any(Answer.model_validate_json(line).quotes for line in lines)


@pytest.mark.parametrize("content", ["my notes", "my notes\n", '{"question": "What?"}\n'])
def test_a_file_that_holds_something_else_is_not_overwritten(
    librarian: Librarian, content: str
) -> None:
    Path("notes.jsonl").write_text(content, encoding="utf-8")
    with pytest.raises(OutputProblem, match="holds something else than answers: line 1"):
        run_batch(librarian, QUESTIONS, Path("notes.jsonl"), librarian.text_of)
    assert Path("notes.jsonl").read_text(encoding="utf-8") == content


def test_an_unknown_ending_and_a_missing_folder_are_named(librarian: Librarian) -> None:
    with pytest.raises(OutputProblem, match=r"written as \.jsonl, .*\.html or \.docx"):
        run_batch(librarian, QUESTIONS, Path("out.xlsx"), librarian.text_of)
    with pytest.raises(OutputProblem, match="cannot be written: No such file"):
        run_batch(librarian, QUESTIONS, Path("none/out.csv"), librarian.text_of)
