"""Reading an earlier run, from its figures or from its answers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from index.base import SourceRecord
from qa.comparing import compare
from qa.earlier import read_earlier
from qa.evaluate import Evaluation, evaluate
from qa.evaluating import run_of
from qa.gold import Gold
from qa.opening import WrongUse
from qa.question_set import Evidence, Question
from qa.report import write
from tests.qa.librarian import Librarian

BURST = "Nobody was hurt when the boiler of the ferry burst."
QUESTIONS = [
    Question(
        id="burst",
        question="What happened when the boiler of the ferry burst?",
        evidence=(Evidence(source="ferry.md", quote=BURST),),
    ),
    Question(id="declined", question="Where would one find some bridge between continents?"),
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


def ran(librarian: Librarian, gold: Gold, risk: float | None = None) -> Evaluation:
    return evaluate(librarian, QUESTIONS, gold, risk=risk)


@pytest.mark.parametrize("kind", ["json", "answers"])
def test_a_run_s_file_gives_what_came_of_each_question(
    librarian: Librarian, gold: Gold, tmp_path: Path, kind: str
) -> None:
    before = ran(librarian, gold)
    out = {"json": tmp_path / "then.json", "answers": tmp_path / "then.jsonl"}
    write(before, "set", librarian.text_of, json=out["json"], answers=out["answers"])
    earlier = read_earlier(out[kind], QUESTIONS, gold, risk=None)
    assert earlier == run_of(before, out[kind].name)
    comparison = compare(earlier, run_of(ran(librarian, gold, risk=1), "now"))
    assert [(one.id, one.before, one.after) for one in comparison.moved] == [
        ("declined", "declined", "answered")
    ]


def test_answers_are_judged_by_the_gold_of_now_and_figures_by_that_of_then(
    librarian: Librarian, gold: Gold, tmp_path: Path
) -> None:
    figures, answers = tmp_path / "then.json", tmp_path / "then.jsonl"
    write(ran(librarian, gold), "set", librarian.text_of, json=figures, answers=answers)
    other = Evidence(source="ferry.md", quote="The ferry crossed the lake")
    now = [QUESTIONS[0].model_copy(update={"evidence": (other,)}), *QUESTIONS[1:]]
    later = run_of(evaluate(librarian, now, gold), "now")
    assert compare(read_earlier(answers, now, gold, risk=None), later).shared == 3
    comparison = compare(read_earlier(figures, now, gold, risk=None), later)
    assert comparison.shared == 2
    assert "1 with another gold then" in comparison.remarks[0]


def test_answers_to_other_questions_and_from_lost_documents_are_left_out_and_said(
    librarian: Librarian, gold: Gold, tmp_path: Path
) -> None:
    path = tmp_path / "then.jsonl"
    write(ran(librarian, gold), "set", librarian.text_of, answers=path)
    lines = path.read_text("utf-8").splitlines()
    ferry = next(d.id for d in librarian.documents.values() if d.info.source == "ferry.md")
    lines[0] = lines[0].replace(ferry, "0123456789abcdef")
    lines += [lines[1].replace('"declined"', '"other"'), "{no answer"]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    earlier = read_earlier(path, QUESTIONS, gold, risk=None)
    assert [case.id for case in earlier.cases] == ["declined", "false"]
    unreadable, others, gone = earlier.remarks
    assert unreadable.startswith("then.jsonl, line 5 is not valid JSON")
    assert others == "1 of its answers belongs to none of these questions."
    assert gone.startswith("1 of its answers was read from documents that the index does not hold")


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("none.json", None, "cannot be read: No such file"),
        ("broken.json", "{", "is not valid JSON"),
        ("other.json", "[]", "is not a JSON object"),
        (
            "old.json",
            '{"risk": null, "models": {}, "index": {}, "questions": [{"id": "burst"}]}',
            'has no "questions.0.question"',
        ),
        (
            "elsewhere.json",
            '{"risk": null, "models": {}, "index": {}, "questions": []}',
            "holds none of these questions",
        ),
        ("empty.jsonl", "", "holds none of these questions"),
        ("text.jsonl", "words\n", "line 1 is not valid JSON"),
        ("bytes.json", b"\xff\xfe", "is not valid JSON"),
    ],
)
def test_a_file_that_is_no_run_of_these_questions_is_refused_in_a_sentence(
    librarian: Librarian, gold: Gold, tmp_path: Path, name: str, content: str | bytes, reason: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(WrongUse) as refused:
        read_earlier(path, QUESTIONS, gold, risk=None)
    assert name in str(refused.value)
    assert reason in str(refused.value)
    assert "\n" not in str(refused.value)


def test_figures_have_a_line_for_each_question_and_hold_the_comparison(
    librarian: Librarian, gold: Gold, tmp_path: Path
) -> None:
    path = tmp_path / "now.json"
    evaluation = ran(librarian, gold)
    comparison = compare(run_of(evaluation, "then.json"), run_of(evaluation, "now"))
    write(evaluation, "set", librarian.text_of, json=path, comparison=comparison)
    text = path.read_text("utf-8")
    found = json.loads(text)
    assert found["against"]["earlier"] == "then.json"
    assert [json.loads(row.strip(" ,")) for row in text.splitlines() if '"id": "' in row] == (
        found["questions"]
    )
