"""Reading question files."""

from __future__ import annotations

from pathlib import Path

import pytest

from qa.question_set import Question, QuestionFileProblem, read_questions


def written(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_a_json_line_carries_everything_that_is_known_of_a_question(tmp_path: Path) -> None:
    line = (
        '{"id": "dose", "question": "What dose?", "answerable": true, "answers": ["5 mg"], '
        '"evidence": [{"source": "a.md", "quote": "They got 5 mg.", "start": 3, "end": 17}], '
        '"tags": ["number"], "history": [{"question": "Who?"}], "comment": "ignored"}\n'
    )
    (question,) = read_questions(written(tmp_path / "q.jsonl", line)).questions
    assert question.id == "dose"
    assert question.answers == ("5 mg",)
    assert question.evidence[0].quote == "They got 5 mg."
    assert (question.evidence[0].start, question.evidence[0].end) == (3, 17)
    assert question.tags == ("number",)
    assert question.earlier == ("Who?",)


def test_only_the_question_is_required_and_nulls_count_as_absent(tmp_path: Path) -> None:
    lines = '{"question": "One?"}\n\n{"question": "Two?", "answers": null, "id": null}\n'
    found = read_questions(written(tmp_path / "q.jsonl", lines)).questions
    assert found == (Question(id="q1", question="One?"), Question(id="q3", question="Two?"))
    assert all(question.answerable for question in found)


def test_a_byte_order_mark_and_windows_line_ends_change_nothing(tmp_path: Path) -> None:
    lines = b'\xef\xbb\xbf{"question": "One?"}\r\n{"question": "Two?"}\r\n'
    found = read_questions(written(tmp_path / "q.jsonl", lines))
    assert [question.question for question in found.questions] == ["One?", "Two?"]
    assert not found.refused


def test_a_line_separator_inside_a_json_string_does_not_end_the_line(tmp_path: Path) -> None:
    line = '{"question": "One\u2028and two?"}\n'
    (question,) = read_questions(written(tmp_path / "q.jsonl", line)).questions
    assert question.question == "One\u2028and two?"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"not json", "is not valid JSON"),
        (b"[1, 2]", "is not a JSON object"),
        (b'{"id": "x"}', 'has no "question"'),
        (b'{"question": "  "}', 'has a wrong "question"'),
        (b'{"question": "a", "answerable": "perhaps"}', 'has a wrong "answerable"'),
        (b'{"question": "a", "evidence": [{"quote": "b"}]}', 'has no "evidence.0.source"'),
        (b'{"question": "a", "evidence": [{"source": "b", "start": 1}]}', "must come together"),
        (
            b'{"question": "a", "evidence": [{"source": "b", "start": 5, "end": 5}]}',
            "must lie after",
        ),
        (b'{"question": "caf\xe9"}', "is not UTF-8 text"),
        (b'{"question": "\\ud800"}', "is not valid JSON"),
        (b"[" * 50_000, "is not valid JSON"),
        (b'{"question": "torn', "is not valid JSON"),
        (b'{"id": "first", "question": "Again?"}', '"first" stands already in line 1'),
    ],
)
def test_a_bad_line_is_named_and_the_others_go_on(tmp_path: Path, line: bytes, reason: str) -> None:
    content = b'{"id": "first", "question": "One?"}\n' + line + b'\n{"question": "Three?"}\n'
    path = written(tmp_path / "q.jsonl", content)
    found = read_questions(path)
    assert [question.id for question in found.questions] == ["first", "q3"]
    (sentence,) = found.refused
    assert sentence.startswith(f"{path}, line 2")
    assert reason in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence


def test_plain_text_holds_one_question_a_line(tmp_path: Path) -> None:
    found = read_questions(written(tmp_path / "q.txt", "What?\n\n  Why? \n")).questions
    assert found == (Question(id="q1", question="What?"), Question(id="q3", question="Why?"))


def test_markdown_headings_and_list_marks_are_no_part_of_a_question(tmp_path: Path) -> None:
    text = "# Questions\n\n- What?\n* Why?\n2. Who -- and when?\n"
    found = read_questions(written(tmp_path / "q.md", text)).questions
    assert [question.question for question in found] == ["What?", "Why?", "Who -- and when?"]


def test_a_csv_cell_holds_a_list_as_json_or_with_bars(tmp_path: Path) -> None:
    text = (
        "id,question,answerable,answers,tags,evidence,history,note\n"
        'a,"What,\nexactly?",FALSE,one | two,,,First?,x\n'
        'b,Why?,yes,"[""5 | 6""]",t,"[{""source"": ""a.md"", ""quote"": ""So.""}]",,\n'
        ",,,,,,,\n"
        ",Who?,,,,,,\n"
    )
    found = read_questions(written(tmp_path / "q.csv", text)).questions
    first, second, third = found
    assert (first.question, first.answerable) == ("What,\nexactly?", False)
    assert first.answers == ("one", "two")
    assert first.earlier == ("First?",)
    assert second.answers == ("5 | 6",)
    assert second.evidence[0].source == "a.md"
    assert third == Question(id="q6", question="Who?")


def test_a_csv_of_a_spreadsheet_that_writes_semicolons_is_read(tmp_path: Path) -> None:
    text = "\ufeffid;question;tags\r\na;What, then?;x|y\r\n"
    (question,) = read_questions(written(tmp_path / "q.csv", text)).questions
    assert (question.question, question.tags) == ("What, then?", ("x", "y"))


def test_a_bad_csv_row_is_named_by_the_line_on_which_it_begins(tmp_path: Path) -> None:
    text = 'question,answerable,evidence\n"A\nb?",yes,\nC?,hardly,\nD?,,here\nE?,,\n"F?,,\n'
    found = read_questions(written(tmp_path / "q.csv", text))
    assert [question.question for question in found.questions] == ["A\nb?", "E?"]
    wrong, unlisted, unclosed = found.refused
    assert ', line 4: has a wrong "answerable"' in wrong
    assert ', line 5: has an "evidence" that is not a JSON list' in unlisted
    assert ", line 7: unexpected end of data" in unclosed


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("q.docx", "What?", "its name must end in .jsonl, .csv, .txt or .md"),
        ("q.txt", "\n\n", "holds no question"),
        ("q.csv", "id,text\n1,What?\n", 'has no column named "question"'),
        ("q.csv", "", 'has no column named "question"'),
    ],
)
def test_a_file_that_is_no_question_set_is_refused_in_one_sentence(
    tmp_path: Path, name: str, content: str, reason: str
) -> None:
    path = written(tmp_path / name, content)
    with pytest.raises(QuestionFileProblem) as caught:
        read_questions(path)
    assert str(path) in str(caught.value)
    assert reason in str(caught.value)


def test_a_missing_file_and_a_folder_are_refused_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(QuestionFileProblem, match="No such file"):
        read_questions(tmp_path / "none.jsonl")
    (tmp_path / "folder.txt").mkdir()
    with pytest.raises(QuestionFileProblem, match="is a folder"):
        read_questions(tmp_path / "folder.txt")


@pytest.mark.parametrize(
    ("written_as", "years"),
    [
        ("[1998, 2004]", (1998, 2004)),
        ("[1998, null]", (1998, None)),
        ("[null, null]", None),
        ("null", None),
        ('"1998-2004"', (1998, 2004)),
        ('"1998|"', (1998, None)),
        ('"–2004"', (None, 2004)),
        ('"1998"', (1998, 1998)),
    ],
)
def test_a_question_may_be_limited_to_documents_and_years(
    tmp_path: Path, written_as: str, years: tuple[int | None, int | None] | None
) -> None:
    line = f'{{"question": "a", "documents": ["a.md", "b.md"], "years": {written_as}}}'
    (question,) = read_questions(written(tmp_path / "q.jsonl", line)).questions
    assert question.documents == ("a.md", "b.md")
    assert question.years == years


def test_a_csv_file_has_columns_for_documents_and_years(tmp_path: Path) -> None:
    text = (
        "question,documents,years\n"
        'One?,a.md | b.md,1998-2004\nTwo?,"[""a|b.md""]","[null, 2004]"\nThree?,,\n'
    )
    found = read_questions(written(tmp_path / "q.csv", text)).questions
    assert [(question.documents, question.years) for question in found] == [
        (("a.md", "b.md"), (1998, 2004)),
        (("a|b.md",), (None, 2004)),
        ((), None),
    ]


@pytest.mark.parametrize(
    ("years", "reason"),
    [
        ("[2004, 1998]", "the first year, 2004, comes after the last, 1998"),
        ("[1998]", '"years'),
        ('"soon"', "must be the first and the last year"),
        ('"[1998"', "begins like a JSON list"),
    ],
)
def test_years_that_are_none_are_refused(tmp_path: Path, years: str, reason: str) -> None:
    found = read_questions(written(tmp_path / "q.jsonl", f'{{"question": "a", "years": {years}}}'))
    (sentence,) = found.refused
    assert reason in sentence
