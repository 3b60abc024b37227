"""Batches at work: begun, watched, stopped, resumed, deleted, and what a server's end leaves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest
from filelock import FileLock

from index.base import IndexProblem
from qa.answer import Answer
from qa.batch import FORMATS, run_batch
from qa.batch_results import Results
from qa.batch_runs import ANEW, ELSEWHERE, BatchRuns, Now
from qa.batches import Batches
from qa.courtesy import Line
from tests.qa.librarian import Librarian
from tests.qa.test_courtesy import until

ANN, BEN = "a" * 32, "b" * 32
QUESTIONS = [
    "When did the boiler of the ferry burst?",
    "Zebra stripes?",
    "Which load was checked by Brandt?",
    "Who opened the bridge at Lindau?",
    "Was anybody hurt when the boiler burst?",
    "Giraffe necks?",
]


@pytest.fixture
def runs(librarian: Librarian, tmp_path: Path) -> Iterator[BatchRuns]:
    made = at_work(librarian, tmp_path)
    yield made
    librarian.on_ask = lambda question: None
    made.close()


def at_work(librarian: Librarian, folder: Path, line: Line | None = None) -> BatchRuns:
    return BatchRuns(Batches(folder / "index"), librarian, librarian.text_of, line or Line())


def bring(runs: BatchRuns, folder: Path, owner: str = ANN, name: str = "mine.txt") -> str:
    file = folder / name
    file.write_text("\n".join(QUESTIONS), encoding="utf-8")
    return runs.batches.add(owner, file).id


def now(runs: BatchRuns, run: str, owner: str = ANN) -> Now:
    found = runs.get(owner, run)
    assert found is not None
    return found


def settled(runs: BatchRuns, run: str, owner: str = ANN) -> Now:
    until(lambda: not now(runs, run, owner).live)
    return now(runs, run, owner)


def undisturbed(librarian: Librarian, runs: BatchRuns, run: str) -> bytes:
    """What ``pincite batch`` writes for the same questions."""
    out = Path("undisturbed.jsonl")
    run_batch(librarian, runs.batches.questions(ANN, run), out, librarian.text_of)
    return out.read_bytes()


class Gate:
    """Holds the librarian at a question until it is let go."""

    def __init__(self, librarian: Librarian, question: str) -> None:
        self.there, self.go = Event(), Event()
        self._question = question
        librarian.on_ask = self

    def __call__(self, question: str) -> None:
        if question == self._question:
            self.there.set()
            self.go.wait(20)


def test_a_run_answers_every_question_as_the_command_line_does(
    librarian: Librarian, runs: BatchRuns, tmp_path: Path
) -> None:
    run = bring(runs, tmp_path)
    runs.start(ANN, run)
    end = settled(runs, run)
    assert (end.state, end.done, end.answered, end.not_found) == ("done", 6, 4, 2)
    assert runs.batches.answers(ANN, run).read_bytes() == undisturbed(librarian, runs, run)
    librarian.asked.clear()
    runs.start(ANN, run)
    assert not now(runs, run).live
    assert librarian.asked == []


def test_a_run_is_watched_while_it_goes_on(
    librarian: Librarian, runs: BatchRuns, tmp_path: Path
) -> None:
    gate = Gate(librarian, QUESTIONS[3])
    run = bring(runs, tmp_path)
    runs.start(ANN, run)
    assert gate.there.wait(20)
    here = now(runs, run)
    assert (here.state, here.live, here.done) == ("running", True, 3)
    assert (here.answered, here.not_found) == (2, 1)
    assert here.left is not None
    assert here.left >= 0
    page = runs.results(ANN, run).page("all", 0, 2, newest_first=True)
    assert [(n, answer.question) for n, answer in page.answers] == [
        (3, QUESTIONS[2]),
        (2, QUESTIONS[1]),
    ]
    gate.go.set()
    assert settled(runs, run).state == "done"


@pytest.mark.parametrize("at", range(1, len(QUESTIONS)))
def test_a_run_stopped_anywhere_and_resumed_ends_in_the_same_bytes(
    librarian: Librarian, runs: BatchRuns, tmp_path: Path, at: int
) -> None:
    gate = Gate(librarian, QUESTIONS[at])
    run = bring(runs, tmp_path)
    runs.start(ANN, run)
    assert gate.there.wait(20)
    runs.stop(ANN, run)
    assert now(runs, run).state == "stopping"
    gate.go.set()
    # The question that it was at is answered still; the last one leaves nothing to stop.
    end = settled(runs, run)
    assert (end.state, end.done) == ("done" if at == 5 else "stopped", at + 1)
    librarian.asked.clear()
    runs.start(ANN, run)
    assert settled(runs, run).state == "done"
    assert librarian.asked[1:] == [f"q{n}" for n in range(at + 2, 7)]
    assert runs.batches.answers(ANN, run).read_bytes() == undisturbed(librarian, runs, run)
    assert now(runs, run).run.note == ""


def test_a_run_that_was_killed_goes_on_after_the_server_has_started_again(
    librarian: Librarian, runs: BatchRuns, tmp_path: Path
) -> None:
    run = bring(runs, tmp_path)
    whole = undisturbed(librarian, runs, run)
    # A kill leaves a run that is said to be running, and the last line torn.
    lines = whole.splitlines(keepends=True)
    runs.batches.answers(ANN, run).write_bytes(b"".join(lines[:3]) + lines[3][:40])
    after = at_work(librarian, tmp_path)
    assert (now(after, run).state, now(after, run).done) == ("interrupted", 3)
    after.start(ANN, run)
    assert settled(after, run).state == "done"
    assert after.batches.answers(ANN, run).read_bytes() == whole


def test_a_server_that_ends_leaves_its_runs_to_be_resumed(
    librarian: Librarian, runs: BatchRuns, tmp_path: Path
) -> None:
    gate = Gate(librarian, QUESTIONS[2])
    run = bring(runs, tmp_path)
    runs.start(ANN, run)
    assert gate.there.wait(20)
    gate.go.set()
    runs.close()
    assert now(runs, run).state in {"interrupted", "done"}
    runs.start(ANN, run)
    assert not now(runs, run).live
    after = at_work(librarian, tmp_path)
    after.start(ANN, run)
    assert settled(after, run).state == "done"


def test_answers_from_a_collection_that_has_changed_are_asked_again_and_that_is_said(
    librarian: Librarian, runs: BatchRuns, tmp_path: Path
) -> None:
    gate = Gate(librarian, QUESTIONS[2])
    run = bring(runs, tmp_path)
    runs.start(ANN, run)
    assert gate.there.wait(20)
    runs.stop(ANN, run)
    gate.go.set()
    settled(runs, run)
    smaller = Librarian(list(librarian.documents.values())[:1])
    after = at_work(smaller, tmp_path)
    after.start(ANN, run)
    end = settled(after, run)
    assert (end.state, end.run.note) == ("done", ANEW)
    assert after.batches.answers(ANN, run).read_bytes() == undisturbed(smaller, after, run)


def test_a_question_that_fails_is_named_and_the_others_go_on(
    librarian: Librarian, runs: BatchRuns, tmp_path: Path
) -> None:
    def on_ask(question: str) -> None:
        if question == QUESTIONS[1]:
            raise ValueError("the question is longer than can be read")

    librarian.on_ask = on_ask
    run = bring(runs, tmp_path)
    runs.start(ANN, run)
    end = settled(runs, run)
    assert (end.state, end.done) == ("done", 6)
    assert end.failed == ("q2: the question is longer than can be read.",)
    assert b"q2: the question is longer" in runs.file(ANN, run, ".html")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (IndexProblem("The index is locked."), "The index is locked."),
        (RuntimeError("tensor"), "It could not go on; the server's log says why."),
    ],
)
def test_a_run_that_cannot_go_on_stops_with_a_sentence_and_is_resumed_later(
    librarian: Librarian, runs: BatchRuns, tmp_path: Path, error: Exception, said: str
) -> None:
    def on_ask(question: str) -> None:
        if question == QUESTIONS[4]:
            raise error

    librarian.on_ask = on_ask
    run = bring(runs, tmp_path)
    runs.start(ANN, run)
    end = settled(runs, run)
    assert (end.state, end.done, end.run.problem) == ("stopped", 4, said)
    librarian.on_ask = lambda question: None
    runs.start(ANN, run)
    end = settled(runs, run)
    assert (end.state, end.run.problem) == ("done", "")


def test_answers_that_cannot_be_written_are_said_without_the_server_s_folders(
    librarian: Librarian, runs: BatchRuns, tmp_path: Path
) -> None:
    run = bring(runs, tmp_path)
    runs.batches.answers(ANN, run).write_bytes(b"my notes\n")
    runs.start(ANN, run)
    end = settled(runs, run)
    assert end.run.problem.startswith("answers.jsonl is there already and holds something else")
    assert runs.batches.answers(ANN, run).read_bytes() == b"my notes\n"


def test_two_servers_do_not_work_on_one_run(runs: BatchRuns, tmp_path: Path) -> None:
    run = bring(runs, tmp_path)
    with FileLock(runs.batches.answers(ANN, run).with_suffix(".lock")):
        runs.start(ANN, run)
        assert settled(runs, run).run.problem == ELSEWHERE
    runs.start(ANN, run)
    assert settled(runs, run).state == "done"


def test_runs_take_turns_and_never_two_questions_at_once(
    librarian: Librarian, tmp_path: Path
) -> None:
    line, at_once = Line(), [0, 0]
    runs = at_work(librarian, tmp_path, line)
    gate = Gate(librarian, QUESTIONS[0])

    def on_ask(question: str) -> None:
        at_once[0] += 1
        at_once[1] = max(at_once)
        gate(question)
        at_once[0] -= 1

    librarian.on_ask = on_ask
    one, other = bring(runs, tmp_path), bring(runs, tmp_path, BEN)
    runs.start(ANN, one)
    assert gate.there.wait(20)
    runs.start(BEN, other)
    until(lambda: line.waiting == 2)
    gate.go.set()
    assert settled(runs, one).state == "done"
    assert settled(runs, other, BEN).state == "done"
    assert at_once[1] == 1
    # The other did not have to wait for the end of the first.
    begun = [n for n, asked in enumerate(librarian.asked) if asked == "q1"]
    assert begun[1] < librarian.asked.index("q6")


def test_a_run_waits_while_somebody_asks_in_the_chat_and_can_be_stopped_meanwhile(
    librarian: Librarian, tmp_path: Path
) -> None:
    line = Line()
    runs = at_work(librarian, tmp_path, line)
    run = bring(runs, tmp_path)
    with line.first():
        runs.start(ANN, run)
        until(lambda: line.waiting == 1)
        assert now(runs, run).done == 0
        runs.stop(ANN, run)
        assert settled(runs, run).state == "stopped"
    assert librarian.asked == []


def test_nobody_else_sees_stops_resumes_deletes_or_takes_away_a_run(
    librarian: Librarian, runs: BatchRuns, tmp_path: Path
) -> None:
    gate = Gate(librarian, QUESTIONS[2])
    run = bring(runs, tmp_path)
    runs.start(ANN, run)
    assert gate.there.wait(20)
    assert runs.of(BEN) == []
    assert runs.get(BEN, run) is None
    runs.stop(BEN, run)
    runs.start(BEN, run)
    runs.delete(BEN, run)
    with pytest.raises(KeyError):
        runs.file(BEN, run, ".jsonl")
    assert runs.results(BEN, run).counts() == (0, 0)
    assert now(runs, run).state == "running"
    gate.go.set()
    assert settled(runs, run).state == "done"


def test_a_run_is_deleted_while_it_goes_on(
    librarian: Librarian, runs: BatchRuns, tmp_path: Path
) -> None:
    gate = Gate(librarian, QUESTIONS[2])
    run = bring(runs, tmp_path)
    folder = runs.batches.folder(ANN, run)
    runs.start(ANN, run)
    assert gate.there.wait(20)
    gate.go.set()
    runs.delete(ANN, run)
    assert not folder.exists()
    assert runs.of(ANN) == []
    assert runs.results(ANN, run).counts() == (0, 0)


@pytest.mark.parametrize("ending", FORMATS)
def test_what_is_taken_away_is_what_the_command_line_writes(
    librarian: Librarian, runs: BatchRuns, tmp_path: Path, ending: str
) -> None:
    run = bring(runs, tmp_path)
    assert runs.file(ANN, run, ".jsonl") == b""
    runs.start(ANN, run)
    settled(runs, run)
    out = Path(f"whole{ending}")
    run_batch(librarian, runs.batches.questions(ANN, run), out, librarian.text_of)
    assert runs.file(ANN, run, ending) == out.read_bytes()


def test_nothing_but_jsonl_is_taken_away_when_a_quoted_document_has_left(
    librarian: Librarian, runs: BatchRuns, tmp_path: Path
) -> None:
    run = bring(runs, tmp_path)
    runs.start(ANN, run)
    settled(runs, run)
    librarian.documents.clear()
    with pytest.raises(KeyError):
        runs.file(ANN, run, ".docx")
    assert runs.file(ANN, run, ".jsonl").count(b"\n") == 6


def test_results_are_read_a_page_at_a_time_and_notice_a_file_that_is_written_anew(
    librarian: Librarian, tmp_path: Path
) -> None:
    out, results = tmp_path / "out.jsonl", Results(tmp_path / "out.jsonl")
    assert (results.counts(), results.raw(), results.all()) == ((0, 0), b"", [])
    empty = results.page("all", 3, 2)
    assert (empty.answers, empty.number, empty.pages) == ((), 0, 1)
    answers = [librarian.ask(question, id=question) for question in QUESTIONS]
    lines = [f"{answer.model_dump_json()}\n".encode() for answer in answers]
    out.write_bytes(b"".join(lines[:2]) + lines[2][:30])
    assert results.counts() == (1, 1)
    out.write_bytes(b"".join(lines))
    assert results.counts() == (4, 2)

    def numbers(*page: object, **more: bool) -> list[int]:
        return [n for n, _ in results.page(*page, **more).answers]  # type: ignore[arg-type]

    assert numbers("all", 1, 4) == [5, 6]
    assert numbers("all", 9, 4) == [5, 6]
    assert numbers("not_found", 0, 4) == [2, 6]
    assert numbers("answered", 0, 3, newest_first=True) == [5, 4, 3]
    assert results.all() == [Answer.model_validate_json(line) for line in lines]
    out.write_bytes(b"".join([*reversed(lines), lines[1], lines[5]]))
    assert results.counts() == (4, 4)
    out.unlink()
    assert results.counts() == (0, 0)
