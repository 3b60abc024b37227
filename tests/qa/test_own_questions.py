"""A person's own question set, which grows as they judge answers."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path

import pytest

from corpus.document import Span
from corpus.load import load
from index.base import Within
from qa import own_questions
from qa.gold import Gold
from qa.own_questions import AGREED, CORRECTED, add, agreed, answered_at, corrected, path_of
from qa.question_set import Question, QuestionFileProblem, read_questions
from tests.qa.chatting import Shelf
from tests.qa.librarian import Librarian

ME, OTHER = "a" * 32, "b" * 32
OPENED = "Who opened the bridge?"


def test_a_right_answer_s_first_quote_becomes_the_evidence(
    librarian: Librarian, tmp_path: Path
) -> None:
    answer = librarian.ask(OPENED)
    add(tmp_path, ME, agreed(answer))
    found = read_questions(path_of(tmp_path, ME))
    assert found.refused == ()
    (question,) = found.questions
    (evidence,) = question.evidence
    assert question.question == OPENED
    assert question.answerable
    assert question.tags == (AGREED,)
    assert evidence.quote == answer.quotes[0].text
    assert evidence.source == answer.citations[0].document.source
    source = Path(evidence.source).read_text("utf-8")
    assert source[evidence.start : evidence.end] == answer.quotes[0].text


def test_what_the_question_was_limited_to_is_kept_with_it(
    librarian: Librarian, tmp_path: Path
) -> None:
    within = Within(frozenset(librarian.documents), (1880, None))
    add(tmp_path, ME, agreed(librarian.ask(OPENED, within=within)))
    (question,) = read_questions(path_of(tmp_path, ME)).questions
    assert question.documents == tuple(sorted(librarian.documents))
    assert question.years == (1880, None)


def test_the_evidence_is_found_again_by_the_evaluation(
    librarian: Librarian, tmp_path: Path
) -> None:
    answer = librarian.ask("Checked load in 1921?", risk=1)
    add(tmp_path, ME, agreed(answer))
    (question,) = read_questions(path_of(tmp_path, ME)).questions
    gold = Gold(Shelf(librarian.documents).sources(), librarian.text_of)
    (evidence,) = question.evidence
    cited = answer.citations[0]
    assert gold.missing(evidence) is None
    assert gold.overlaps(
        evidence,
        cited.document.id,
        Span(cited.start, cited.end),
        cited.source_spans,
    )


def test_a_right_not_found_becomes_a_question_to_decline(
    librarian: Librarian, tmp_path: Path
) -> None:
    answer = librarian.ask("How many goals did Uruguay score?")
    assert answer.status == "not_found"
    add(tmp_path, ME, agreed(answer))
    line = json.loads(path_of(tmp_path, ME).read_text("utf-8"))
    assert line["answerable"] is False
    assert "evidence" not in line


def test_an_answer_that_is_not_in_the_collection_is_corrected_to_one_to_decline(
    librarian: Librarian,
) -> None:
    question = corrected(librarian.ask(OPENED), None)
    assert not question.answerable
    assert question.tags == (CORRECTED,)


def test_another_sentence_is_kept_with_its_place_in_the_source(librarian: Librarian) -> None:
    document = load(Path("bridge.md"))
    start = document.text.index("It carried 40 tonnes.")
    evidence = answered_at(document, start, start + len("It carried 40 tonnes."))
    source = Path("bridge.md").read_text("utf-8")
    assert source[evidence.start : evidence.end] == evidence.quote == "It carried 40 tonnes."
    question = corrected(librarian.ask(OPENED), evidence)
    assert question.answerable
    assert question.evidence == (evidence,)


@pytest.mark.parametrize(("start", "end"), [(-1, 5), (5, 5), (6, 5), (0, 10**9)])
def test_what_is_no_place_in_the_document_is_no_evidence(
    papers: Path, start: int, end: int
) -> None:
    with pytest.raises(ValueError, match=r"bridge\.md has no characters"):
        answered_at(load(papers / "bridge.md"), start, end)


def test_a_later_judgement_replaces_the_earlier_in_its_row(
    librarian: Librarian, tmp_path: Path
) -> None:
    for asked in (OPENED, "Load of the ferry?"):
        add(tmp_path, ME, agreed(librarian.ask(asked, risk=1)))
    again = librarian.ask("  who opened   the BRIDGE?")
    add(tmp_path, ME, corrected(again, None))
    first, second = read_questions(path_of(tmp_path, ME)).questions
    assert not first.answerable
    assert second.question == "Load of the ferry?"


def test_a_follow_up_is_kept_as_it_was_understood(librarian: Librarian, tmp_path: Path) -> None:
    answer = librarian.ask("And the load?", [OPENED], risk=1)
    add(tmp_path, ME, agreed(answer))
    (question,) = read_questions(path_of(tmp_path, ME)).questions
    assert question.question == f"{OPENED} And the load?"
    assert question.history == ()


def test_a_judgement_is_taken_back(librarian: Librarian, tmp_path: Path) -> None:
    own_questions.remove(tmp_path, ME, "own-nothing")
    assert not path_of(tmp_path, ME).exists()
    question = agreed(librarian.ask(OPENED))
    add(tmp_path, ME, question)
    own_questions.remove(tmp_path, ME, question.id)
    assert own_questions.judged(tmp_path, ME) == {}
    with pytest.raises(QuestionFileProblem):
        read_questions(path_of(tmp_path, ME))


def test_owners_have_files_of_their_own(tmp_path: Path) -> None:
    add(tmp_path, ME, Question(id="q", question="Mine?"))
    assert own_questions.judged(tmp_path, OTHER) == {}
    add(tmp_path, OTHER, Question(id="q", question="Theirs?"))
    assert own_questions.judged(tmp_path, ME)["q"].question == "Mine?"


@pytest.mark.parametrize("owner", ["../../etc/passwd", "a/b", "", "x" * 4000, "CON", "\ud800"])
def test_no_owner_leads_out_of_the_folder(tmp_path: Path, owner: str) -> None:
    path = path_of(tmp_path, owner)
    assert path.parent == tmp_path / own_questions.FOLDER
    add(tmp_path, owner, Question(id="q", question="Who?"))
    assert path.is_file()


def test_lines_that_cannot_be_read_are_kept_as_they_are(tmp_path: Path) -> None:
    path = path_of(tmp_path, ME)
    path.parent.mkdir(parents=True)
    bad = b'{"question": 7, \xff\n# a note of my own'
    path.write_bytes(bad + b'\n\n{"id":"mine","question":"By hand?"}')
    add(tmp_path, ME, Question(id="q", question="Who?"))
    assert path.read_bytes().startswith(bad)
    assert [one.id for one in read_questions(path).questions] == ["mine", "q"]


def test_a_kill_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add(tmp_path, ME, Question(id="q", question="Before?"))
    before = path_of(tmp_path, ME).read_bytes()

    def killed(_: int) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", killed)
        with pytest.raises(KeyboardInterrupt):
            add(tmp_path, ME, Question(id="r", question="Torn?"))
    assert path_of(tmp_path, ME).read_bytes() == before
    add(tmp_path, ME, Question(id="s", question="After?"))
    assert list(own_questions.judged(tmp_path, ME)) == ["q", "s"]


def test_judgements_at_the_same_time_are_all_kept(tmp_path: Path) -> None:
    def judge(n: int) -> None:
        for i in range(5):
            add(tmp_path, ME, Question(id=f"{n}-{i}", question="Who?"))

    threads = [threading.Thread(target=judge, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(own_questions.judged(tmp_path, ME)) == 20
