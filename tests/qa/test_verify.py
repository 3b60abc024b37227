"""Verification of answers files against the sources."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from reportlab.pdfgen.canvas import Canvas

from corpus.load import load
from qa.answer import Answer
from qa.batch import run_batch
from qa.question_set import Question
from qa.verify import verify_file
from tests.qa.librarian import Librarian

ASKED = ["Which load was checked by Brandt?", "When did the boiler burst?", "Any zebras?"]
OUT = Path("answers.jsonl")


@pytest.fixture
def records(librarian: Librarian) -> list[dict[str, Any]]:
    """The records of an answers file that was just written, beside the papers."""
    questions = [Question(id=f"q{n}", question=words) for n, words in enumerate(ASKED)]
    run_batch(librarian, questions, OUT, librarian.text_of)
    return [json.loads(line) for line in OUT.read_text(encoding="utf-8").splitlines()]


def rewritten(records: list[dict[str, Any]]) -> Path:
    lines = (Answer.model_validate(record).model_dump_json() for record in records)
    OUT.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return OUT


def problem(records: list[dict[str, Any]]) -> str:
    (found,) = verify_file(rewritten(records)).problems
    return found


@pytest.mark.usefixtures("records")
def test_fresh_answers_are_all_exact() -> None:
    report = verify_file(OUT)
    assert (report.answers, report.quotes, report.problems) == (3, 4, [])


def test_one_changed_character_anywhere_in_a_quote_is_found(records: list[dict[str, Any]]) -> None:
    quote = records[1]["quotes"][1]
    text = quote["text"]
    for at in range(len(text)):
        quote["text"] = text[:at] + ("x" if text[at] != "x" else "y") + text[at + 1 :]
        found = problem(records)
        assert found.startswith("answers.jsonl, line 2 (q1), quote 2 differs from ferry.md")


def test_a_dropped_or_added_character_is_found(records: list[dict[str, Any]]) -> None:
    quote = records[1]["quotes"][0]
    text = quote["text"]
    for changed in (text[:-1], text + " ", text[1:], text.replace(" ", "  ", 1)):
        quote["text"] = changed
        assert "line 2 (q1), quote 1 differs" in problem(records)


def test_a_moved_address_is_found(records: list[dict[str, Any]]) -> None:
    citation = records[0]["citations"][0]
    for name in ("start", "end"):
        for step in (-1, 1):
            citation[name] += step
            assert "line 1 (q0), quote 1" in problem(records)
            citation[name] -= step


@pytest.mark.parametrize(
    ("part", "change", "reason"),
    [
        ("quote", {"citation": 7}, "cites [7], which is not among the citations"),
        ("quote", {"text": ""}, "is empty"),
        ("quote", {"header": {"text": "Year", "start": 0, "end": 4}}, "header that differs"),
        ("quote", {"short_answer": {"text": "The ", "start": 0, "end": 4}}, "not lie inside it"),
        ("citation", {"source_spans": [[0, 3]]}, "other source spans"),
        ("citation", {"pages": [3]}, "other pages"),
        ("citation", {"boxes": [{"page": 1, "x0": 0, "y0": 0, "x1": 1, "y1": 1}]}, "other boxes"),
    ],
)
def test_every_part_of_a_pinpoint_is_checked(
    records: list[dict[str, Any]], part: str, change: dict[str, Any], reason: str
) -> None:
    records[0][f"{part}s"][0].update(change)
    found = problem(records)
    assert found.startswith("answers.jsonl, line 1 (q0), quote 1 ")
    assert reason in found


def test_pages_and_boxes_of_a_pdf_are_checked(tmp_path: Path) -> None:
    page = Canvas(str(tmp_path / "ships.pdf"))
    page.drawString(72, 700, "The steamer Bavaria carried 400 passengers across the lake.")
    page.showPage()
    page.save()
    librarian = Librarian([load(tmp_path / "ships.pdf")])
    question = Question(id="q0", question="How many passengers did the steamer Bavaria carry?")
    out = tmp_path / "answers.jsonl"
    run_batch(librarian, [question], out, librarian.text_of)
    report = verify_file(out)
    assert (report.quotes, report.problems) == (1, [])
    record = json.loads(out.read_text(encoding="utf-8"))
    citation = record["citations"][0]
    assert citation["pages"] == [1]
    citation["boxes"][0]["x1"] += 0.1
    out.write_text(json.dumps(record) + "\n", encoding="utf-8")
    (found,) = verify_file(out).problems
    assert "quote 1 has other boxes" in found


def test_an_answer_without_quotes_does_not_pass(records: list[dict[str, Any]]) -> None:
    records[0]["quotes"] = []
    assert problem(records) == "answers.jsonl, line 1 (q0), is answered without a quote."


@pytest.mark.usefixtures("records")
def test_a_source_that_has_changed_by_one_byte_is_named() -> None:
    with Path("ferry.md").open("a", encoding="utf-8") as file:
        file.write("\n")
    problems = verify_file(OUT).problems
    assert len(problems) == 2
    assert all("ferry.md has changed since it was indexed" in problem for problem in problems)


@pytest.mark.usefixtures("records")
def test_a_missing_source_is_named() -> None:
    Path("bridge.md").unlink()
    problems = verify_file(OUT).problems
    assert problems
    assert "its source bridge.md is not found" in problems[0]


@pytest.mark.usefixtures("records")
def test_sources_are_found_beside_the_answers_and_where_the_index_knows_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert verify_file(Path("../answers.jsonl")).problems == []
    (tmp_path / "moved").mkdir()
    (tmp_path / "ferry.md").rename(tmp_path / "moved" / "f.md")
    assert len(verify_file(Path("../answers.jsonl")).problems) == 2
    known = {"ferry.md": str(tmp_path / "moved" / "f.md")}
    assert verify_file(Path("../answers.jsonl"), lambda: known).problems == []


@pytest.mark.usefixtures("records")
def test_another_file_of_the_same_name_does_not_hide_the_right_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    Path("ferry.md").write_text("Another ferry.", encoding="utf-8")
    assert verify_file(Path("../answers.jsonl")).problems == []


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "line 2 is not valid JSON"),
        ("[]", "line 2 is not a JSON object"),
        ('{"id": "a"}', 'line 2 has no "question"'),
        ("\udcff", "line 2 is not UTF-8 text"),
    ],
)
def test_a_line_that_is_no_answer_is_named_and_the_others_are_checked(
    records: list[dict[str, Any]], line: str, reason: str
) -> None:
    lines = rewritten(records).read_text(encoding="utf-8").splitlines()
    content = "\n".join([lines[0], line, *lines[1:]])
    OUT.write_bytes(content.encode(errors="surrogateescape"))
    report = verify_file(OUT)
    assert report.answers == 3
    (found,) = report.problems
    assert reason in found
