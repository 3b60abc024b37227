"""What the bench puts its systems to, and what it keeps of one that fails."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from qa.measure.peers.bench import (
    LEAST,
    RESULT,
    Bench,
    Task,
    few_papers,
    full_texts,
    machine,
    spread,
)
from qa.measure.peers.reader_model import write_reader_model
from qa.measure.peers.results import Result, Sizes, read
from qa.measure.peers.systems import System
from qa.question_set import Evidence, Question

NOBODY = System("nobody", "Nobody", "nobody", "")
SIZES = Sizes(
    quality_papers=1,
    quality_questions=1,
    rounds=1,
    paired_papers=1,
    paired_questions=1,
    scale_texts=0,
    scale_questions=1,
)
READER = Path(__file__).parents[4] / "qa" / "models" / "reader-1.onnx"


def question(number: int, source: str) -> Question:
    place = Evidence(source=source, quote="tea", start=0, end=3)
    return Question(id=f"q{number}", question="What?", evidence=(place,))


def test_questions_are_taken_at_even_distances() -> None:
    questions = [question(n, "a.txt") for n in range(10)]
    assert [one.id for one in spread(questions, 4)] == ["q0", "q2", "q5", "q7"]
    assert spread(questions, 10) == spread(questions, 99) == questions


def test_a_few_papers_come_with_the_questions_they_answer(tmp_path: Path) -> None:
    papers = tmp_path / "papers"
    papers.mkdir()
    for name in ("a.txt", "b.txt", "c.txt", "unasked.txt"):
        (papers / name).write_bytes(b"tea\r\n")
    questions = [question(0, "c.txt"), question(1, "b.txt"), question(2, "a.txt")]
    out = tmp_path / "few"
    out.mkdir()
    (out / "old.txt").touch()
    folder, kept = few_papers(papers, questions, 2, out)
    assert sorted(path.name for path in folder.iterdir()) == ["a.txt", "b.txt"]
    assert (folder / "a.txt").read_bytes() == b"tea\r\n"
    assert [one.id for one in kept] == ["q1", "q2"]


def test_full_texts_are_the_first_by_name_that_hold_more_than_a_title(tmp_path: Path) -> None:
    source = tmp_path / "texts"
    source.mkdir()
    for name in ("3.txt", "1.txt", "2.txt", "0.md"):
        (source / name).write_text(name * LEAST, "utf-8")
    (source / "0.txt").write_text("TITLE: Tea", "utf-8")
    with tarfile.open(tmp_path / "all.tar.gz", "w:gz") as archive:
        archive.add(source, "texts")
    folder = full_texts(tmp_path / "all.tar.gz", 2, tmp_path / "out")
    assert sorted(path.name for path in folder.iterdir()) == ["1.txt", "2.txt"]
    assert (folder / "1.txt").read_text("utf-8") == "1.txt" * LEAST


def test_a_system_that_fails_is_kept_with_its_reason_and_the_rest_goes_on(tmp_path: Path) -> None:
    bench = Bench(tmp_path, Result(machine=machine(1), sizes=SIZES), 1, tmp_path / "environments")
    task = Task("quality", tmp_path, [question(0, "a.txt")])
    bench.run(NOBODY, task)
    kept = read(tmp_path / RESULT)
    assert [(run.system, run.part) for run in kept.failures()] == [("nobody", "quality")]
    assert "No module named" in (kept.runs[0].failed or "")
    assert kept.of("quality") == []


def test_what_the_result_holds_already_is_not_done_again(tmp_path: Path) -> None:
    bench = Bench(tmp_path, Result(machine=machine(1), sizes=SIZES), 1, tmp_path / "environments")
    task = Task("paired", tmp_path, [question(0, "a.txt")])
    for round_ in (0, 0, 1):
        bench.run(NOBODY, task, round_)
    assert [run.round for run in bench.result.runs] == [0, 1]


@pytest.mark.slow
def test_the_readers_network_answers_as_a_question_answering_model(tmp_path: Path) -> None:
    import torch
    from transformers import AutoModelForQuestionAnswering, AutoTokenizer

    write_reader_model(READER, tmp_path / "reader")
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "reader")
    model = AutoModelForQuestionAnswering.from_pretrained(tmp_path / "reader")
    text = "We drank tea. The sample was taken from a calf in Normandy. It was cold."
    encoded = tokenizer("Where was the sample taken?", text, return_tensors="pt")
    with torch.no_grad():
        scores = model(**encoded)
    start, end = int(scores.start_logits.argmax()), int(scores.end_logits.argmax())
    assert "normandy" in tokenizer.decode(encoded["input_ids"][0][start : end + 1])
