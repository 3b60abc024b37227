"""What was expanded is in the answer record and is shown wherever the answer is."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from corpus.document import DocumentInfo, Passage
from index.base import Hit
from qa import show
from qa.answer import Answer, Expansion
from qa.compose import expanded, why_not
from qa.export import to_json_line, to_markdown
from qa.terminal import show_answer
from qa.verify import verify_file
from tests.qa.htmltree import find, find_all, text, tree
from tests.qa.librarian import Librarian

BRANDT = "Which load was checked by Brandt?"
LONG = "hepatocellular carcinoma"
MEANT = (Expansion(asked="HCC", meaning=LONG, documents=("a", "b")),)


def hit(document: str, words: str, *expansions: tuple[str, str]) -> Hit:
    info = DocumentInfo(document, f"{document}.md", "")
    return Hit(Passage(document, 0, len(words), words), info, 1.0, 0.5, 1.0, 0, 0, "", expansions)


@pytest.fixture
def answer(librarian: Librarian) -> Answer:
    return librarian.ask(BRANDT).model_copy(update={"expansions": MEANT})


def test_each_meaning_names_the_documents_read_in_which_it_holds() -> None:
    hits: Sequence[Hit] = [
        hit("b", "HCC", ("HCC", LONG)),
        hit("a", "HCC", ("HCC", LONG)),
        hit("b", "again", ("HCC", LONG)),
        hit("c", "HCC", ("HCC", "hydroxycinnamic compounds")),
        hit("d", "nothing"),
    ]
    other = Expansion(asked="HCC", meaning="hydroxycinnamic compounds", documents=("c",))
    assert expanded(hits) == (*MEANT, other)


def test_a_word_is_not_missing_where_its_other_form_was_read() -> None:
    question = "Which kettles cure TACE?"
    plain = why_not(question, [hit("a", "kettles and chemoembolisation")], 0.1, 0.9)
    assert "mentions “TACE”" in plain
    known = hit("a", "kettles and chemoembolisation", ("TACE", "chemoembolisation"))
    assert "TACE" not in why_not(question, [known], 0.1, 0.9)
    unread = hit("a", "kettles", ("TACE", "chemoembolisation"))
    assert "mentions “TACE”" in why_not(question, [unread], 0.1, 0.9)


def test_the_record_keeps_what_was_expanded(answer: Answer, librarian: Librarian) -> None:
    record = json.loads(to_json_line(answer, librarian.text_of))
    assert record["expansions"] == [{"asked": "HCC", "meaning": LONG, "documents": ["a", "b"]}]


def test_answers_written_before_there_were_expansions_are_still_verified(
    librarian: Librarian,
) -> None:
    record = json.loads(to_json_line(librarian.ask(BRANDT), librarian.text_of))
    del record["expansions"]
    file = Path("old.jsonl")
    file.write_text(json.dumps(record) + "\n", encoding="utf-8")
    report = verify_file(file)
    assert (report.answers, report.problems) == (1, [])


def test_the_page_shows_what_was_expanded_and_only_then(
    answer: Answer, librarian: Librarian
) -> None:
    line = find(tree(show.turn(1, answer)), cls="pc-meanings")
    assert text(line) == f"Also searched: HCC = {LONG}"
    assert not find_all(tree(show.turn(1, librarian.ask(BRANDT))), cls="pc-meanings")


def test_mark_up_in_a_long_form_shows_as_text(answer: Answer) -> None:
    evil = Expansion(asked="HCC", meaning="<b>hi</b>", documents=())
    shown = tree(show.turn(1, answer.model_copy(update={"expansions": (evil,)})))
    assert text(find(shown, cls="pc-meanings")) == "Also searched: HCC = <b>hi</b>"


def test_terminal_and_report_show_what_was_expanded(
    answer: Answer, librarian: Librarian, capsys: pytest.CaptureFixture[str]
) -> None:
    show_answer(answer, librarian.text_of)
    assert f"Also searched: HCC = {LONG}" in capsys.readouterr().out
    assert f"Also searched: HCC = {LONG}" in to_markdown([answer], librarian.text_of)
    plain = librarian.ask(BRANDT)
    assert "Also searched" not in to_markdown([plain], librarian.text_of)
