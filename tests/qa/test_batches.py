"""Runs that are kept: what is taken in, and who may see it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from qa import batches as kept
from qa.batches import FOLDER, LARGEST, NAMED, Batches
from qa.question_set import QuestionFileProblem

ANN, BEN, USER = "a" * 32, "b" * 32, "user-61"


def question_file(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / "upload" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.fixture
def batches(tmp_path: Path) -> Batches:
    return Batches(tmp_path / "index")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("q.txt", "What burst?\nWho opened it?\n"),
        ("q.md", "# Mine\n\n- What burst?\n- Who opened it?\n"),
        ("q.csv", "id;question\nq1;What burst?\nq2;Who opened it?\n"),
        ("q.jsonl", '{"question": "What burst?"}\n{"question": "Who opened it?"}\n'),
    ],
)
def test_every_kind_of_question_file_is_kept_as_the_same_questions(
    batches: Batches, tmp_path: Path, name: str, content: str
) -> None:
    run = batches.add(ANN, question_file(tmp_path, name, content), 0.2)
    assert (run.title, run.questions, run.risk, run.state) == (name, 2, 0.2, "running")
    asked = [question.question for question in batches.questions(ANN, run.id)]
    assert asked == ["What burst?", "Who opened it?"]
    assert batches.get(ANN, run.id) == run


def test_lines_that_are_refused_are_named_by_the_file_s_own_name(
    batches: Batches, tmp_path: Path
) -> None:
    lines = ['{"id": "a", "question": "What?"}', '{"id": "a", "question": "Who?"}', "nothing"]
    run = batches.add(ANN, question_file(tmp_path, "q.jsonl", "\n".join(lines)))
    assert run.questions == 1
    assert run.refused[0] == 'q.jsonl, line 2: the id "a" stands already in line 1.'
    assert run.refused[1].startswith("q.jsonl, line 3: is not valid JSON")


def test_of_very_many_refused_lines_the_first_are_named_and_the_others_counted(
    batches: Batches, tmp_path: Path
) -> None:
    lines = ['{"question": "What?"}', *["{}"] * (NAMED + 7)]
    run = batches.add(ANN, question_file(tmp_path, "q.jsonl", "\n".join(lines)))
    assert (len(run.refused), run.more_refused) == (NAMED, 7)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("q.txt", "", r"^q\.txt holds no question\.$"),
        ("q.txt", "\n \n\n", "holds no question"),
        ("q.jsonl", "{}\n[]\n", r"holds no question: 2 lines refused. The first: q\.jsonl, line 1"),
        ("q.csv", "name,age\nAnn,3\n", 'has no column named "question"'),
        ("q.pdf", "%PDF-1.7", "its name must end in .jsonl, .csv, .txt or .md"),
        ("q.txt", b"PK\x03\x04\x00\x00", "is no text file"),
        ("q.txt", b"\xff\xfe\xfa\n", "is not UTF-8 text"),
        ("q.txt", "x" * (LARGEST + 1), "a question file may have 5 MB"),
    ],
    ids=["empty", "blank", "no questions", "no column", "pdf", "binary", "bytes", "large"],
)
def test_a_file_that_is_no_question_set_is_refused_in_a_sentence_and_nothing_is_kept(
    batches: Batches, tmp_path: Path, name: str, content: str | bytes, said: str
) -> None:
    with pytest.raises(QuestionFileProblem, match=said) as caught:
        batches.add(ANN, question_file(tmp_path, name, content))
    assert str(tmp_path) not in str(caught.value)
    assert batches.of(ANN) == []


def test_too_many_questions_and_too_many_runs_are_refused(
    batches: Batches, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "MOST_QUESTIONS", 2)
    monkeypatch.setattr(kept, "MOST_RUNS", 1)
    with pytest.raises(QuestionFileProblem, match="holds 3 questions; a run takes 2 at most"):
        batches.add(ANN, question_file(tmp_path, "q.txt", "What?\nWho?\nWhen?\n"))
    batches.add(ANN, question_file(tmp_path, "q.txt", "What?"))
    with pytest.raises(QuestionFileProblem, match="1 runs are kept already"):
        batches.add(ANN, question_file(tmp_path, "q.txt", "What?"))


def test_a_file_that_cannot_be_kept_is_refused_in_a_sentence(
    batches: Batches, tmp_path: Path
) -> None:
    (tmp_path / "index").write_text("no folder", encoding="utf-8")
    with pytest.raises(QuestionFileProblem, match=r"^q\.txt cannot be kept: Not a directory\.$"):
        batches.add(ANN, question_file(tmp_path, "q.txt", "What?"))


def test_an_owner_sees_only_their_own_runs_the_newest_first(
    batches: Batches, tmp_path: Path
) -> None:
    first, second = (batches.add(ANN, question_file(tmp_path, f"{n}.txt", "What?")) for n in (1, 2))
    other = batches.add(USER, question_file(tmp_path, "o.txt", "What?"))
    assert [run.id for run in batches.of(ANN)] == [second.id, first.id]
    assert [run.id for run in batches.of(USER)] == [other.id]
    assert batches.of(BEN) == []
    assert batches.get(BEN, first.id) is None
    batches.delete(BEN, first.id)
    batches.save(BEN, first)
    assert batches.get(ANN, first.id) == first
    assert not (tmp_path / "index" / FOLDER / BEN).exists()


@pytest.mark.parametrize("run", ["", ".", "..", "../" + ANN, f"../{ANN}/{'c' * 32}", "C" * 32])
def test_an_id_is_never_a_path(batches: Batches, tmp_path: Path, run: str) -> None:
    batches.add(ANN, question_file(tmp_path, "q.txt", "What?"))
    assert batches.get(BEN, run) is None
    for call in (batches.folder, batches.delete, batches.answers, batches.questions):
        with pytest.raises(KeyError):
            call(BEN, run)
    with pytest.raises(KeyError):
        batches.of("../index")
    assert len(batches.of(ANN)) == 1


def test_a_run_that_cannot_be_read_does_not_hide_the_others(
    batches: Batches, tmp_path: Path
) -> None:
    good, bad = (batches.add(ANN, question_file(tmp_path, "q.txt", "What?")) for _ in range(2))
    (batches.folder(ANN, bad.id) / "run.json").write_text("{", encoding="utf-8")
    (batches.folder(ANN, good.id).parent / "notes").mkdir()
    assert batches.of(ANN) == [good]


def test_what_is_deleted_is_gone_from_the_disk_and_is_not_written_again(
    batches: Batches, tmp_path: Path
) -> None:
    run = batches.add(ANN, question_file(tmp_path, "q.txt", "What?"))
    batches.delete(ANN, run.id)
    batches.save(ANN, run)
    assert not batches.folder(ANN, run.id).exists()
    assert batches.of(ANN) == []


def test_a_kept_run_says_nothing_of_where_the_file_was(batches: Batches, tmp_path: Path) -> None:
    file = question_file(tmp_path, "q.txt", b"What?\n\xff\n")
    run = batches.add(ANN, file)
    shutil.rmtree(file.parent)
    record = json.loads((batches.folder(ANN, run.id) / "run.json").read_text(encoding="utf-8"))
    assert str(tmp_path) not in json.dumps(record)
