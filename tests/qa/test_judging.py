"""What a person makes of an answer, taken down in their own question set."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest

from corpus.load import load
from index.base import PassageIndex
from qa import chat, judging, own_questions
from qa.judging import Judge, Judgement, NotJudged, sentences
from qa.own_questions import AGREED, CORRECTED
from qa.question_set import Question
from tests.qa.chatting import Desk, Shelf
from tests.qa.htmltree import find, find_all, text, tree
from tests.qa.librarian import PAPERS

ME = "a" * 32
OPENED = "Who opened the bridge?"
LOAD = "It carried 40 tonnes."


@pytest.fixture
def desk(papers: Path) -> Desk:
    return Desk([load(Path(name)) for name in PAPERS])


@pytest.fixture
def judge(desk: Desk, tmp_path: Path) -> Judge:
    return Judge(desk.index, tmp_path / "index", ME)


def conversation(desk: Desk, *questions: str, risk: float | None = None) -> chat.Turns:
    turns: chat.Turns = ()
    for question in questions:
        turns = list(chat.respond(desk, question, turns, chat.How(risk, afresh=True)))[-1]
    return turns


def rows(judge: Judge) -> list[Question]:
    return list(own_questions.judged(judge.folder, judge.owner).values())


def test_an_answer_asks_whether_it_is_right(desk: Desk) -> None:
    (turn,) = conversation(desk, OPENED)
    verdict = find(tree(turn.shown), cls="pc-verdict")
    assert text(verdict) == "Is this right?"
    right, wrong = find_all(verdict, "button")
    assert right.get("aria-label") == "Right: the first quote answers it"
    assert wrong.get("aria-label") == "Wrong: say what is right"


def test_what_is_right_is_taken_down_and_said(desk: Desk, judge: Judge) -> None:
    turns = conversation(desk, OPENED)
    (turn,) = chat.judge(judge, turns, Judgement(action="right", turn=1))
    (row,) = rows(judge)
    assert row.tags == (AGREED,)
    assert turn.kept == turns[0].kept
    assert turn.sources == turns[0].sources
    verdict = find(tree(turn.shown), cls="pc-verdict")
    assert text(verdict).startswith("In your question set: The bridge at Lindau was opened in 1884")
    assert [text(one) for one in find_all(verdict, "button")] == ["Undo"]


def test_the_quote_that_is_called_right_becomes_the_evidence(desk: Desk, judge: Judge) -> None:
    turns = conversation(desk, "Nobody was hurt when the ferry burst its boiler")
    assert turns[0].kept is not None
    answer = turns[0].kept.answer
    for number, tag in ((1, AGREED), (2, CORRECTED)):
        button = find_all(find(tree(turns[0].shown), ident=f"quote-1-{number}"), "button")[-1]
        assert text(button) == "This is the right sentence"
        said = Judgement(
            action="sentence",
            turn=1,
            document=button.get("data-document") or "",
            start=int(button.get("data-start") or 0),
            end=int(button.get("data-end") or 0),
        )
        chat.judge(judge, turns, said)
        (row,) = rows(judge)
        assert row.evidence[0].quote == answer.quotes[number - 1].text
        assert row.tags == (tag,)


def test_a_wrong_answer_asks_back_and_any_read_sentence_can_be_the_right_one(
    desk: Desk, judge: Judge
) -> None:
    turns = conversation(desk, OPENED)
    (turn,) = chat.judge(judge, turns, Judgement(action="wrong", turn=1))
    assert rows(judge) == []
    choices = find(tree(turn.shown), cls="pc-choices")
    offered = {text(one): one for one in find_all(choices, "button")}
    assert list(offered)[:2] == ["The collection does not hold it", "Cancel"]
    # The Librarian quotes whole paragraphs: what of them is a sentence is still on offer.
    chosen = offered[LOAD]
    said = Judgement(
        action="sentence",
        turn=1,
        document=chosen.get("data-document") or "",
        start=int(chosen.get("data-start") or 0),
        end=int(chosen.get("data-end") or 0),
    )
    (turn,) = chat.judge(judge, (turn,), said)
    (row,) = rows(judge)
    assert row.evidence[0].quote == LOAD
    assert row.tags == (CORRECTED,)
    assert f"{LOAD} answers it" in text(find(tree(turn.shown), cls="pc-verdict"))


def test_what_the_answer_quotes_is_not_offered_again(desk: Desk, judge: Judge) -> None:
    turns = conversation(desk, "Load checked Brandt 1921", risk=1)
    assert turns[0].kept is not None
    quoted = {quote.text for quote in turns[0].kept.answer.quotes}
    (turn,) = chat.judge(judge, turns, Judgement(action="wrong", turn=1))
    choices = find(tree(turn.shown), cls="pc-choices")
    assert not quoted & {text(one) for one in find_all(choices, "button")}


def test_an_answer_that_the_collection_does_not_hold_becomes_one_to_decline(
    desk: Desk, judge: Judge
) -> None:
    (turn,) = chat.judge(judge, conversation(desk, OPENED), Judgement(action="absent", turn=1))
    (row,) = rows(judge)
    assert not row.answerable
    assert "the collection does not hold it" in text(find(tree(turn.shown), cls="pc-verdict"))


def test_not_found_is_judged_the_other_way_about(desk: Desk, judge: Judge) -> None:
    turns = conversation(desk, "Which trains, trams, submarines and bridge gnomes exist here?")
    right, _ = find_all(find(tree(turns[0].shown), cls="pc-verdict"), "button")
    assert right.get("aria-label") == "Right: the collection lacks it"
    (turn,) = chat.judge(judge, turns, Judgement(action="wrong", turn=1))
    offered = [text(one) for one in find_all(find(tree(turn.shown), cls="pc-choices"), "button")]
    assert offered[0] == "Cancel"
    assert LOAD in offered
    chat.judge(judge, turns, Judgement(action="right", turn=1))
    (row,) = rows(judge)
    assert not row.answerable
    assert row.tags == (AGREED,)


def test_a_judgement_is_taken_back_and_asked_for_again(desk: Desk, judge: Judge) -> None:
    turns = conversation(desk, OPENED)
    chat.judge(judge, turns, Judgement(action="right", turn=1))
    (turn,) = chat.judge(judge, turns, Judgement(action="undo", turn=1))
    assert rows(judge) == []
    assert turn == turns[0]


def test_a_change_of_mind_that_is_cancelled_leaves_what_was_said(desk: Desk, judge: Judge) -> None:
    turns = conversation(desk, OPENED)
    judged = chat.judge(judge, turns, Judgement(action="right", turn=1))
    asked = chat.judge(judge, judged, Judgement(action="wrong", turn=1))
    assert chat.judge(judge, asked, Judgement(action="cancel", turn=1)) == judged


def test_a_question_that_was_judged_before_says_so_when_it_comes_again(
    desk: Desk, judge: Judge
) -> None:
    judged = chat.judge(judge, conversation(desk, OPENED), Judgement(action="right", turn=1))
    known = own_questions.judged(judge.folder, ME)
    assert judged[0].kept is not None
    assert chat.restored(desk.index, [judged[0].kept], known) == judged
    again = list(chat.respond(desk, OPENED.upper(), (), chat.How(judged=known)))[-1]
    assert "In your question set" in again[0].shown


def test_only_the_judged_turn_changes(desk: Desk, judge: Judge) -> None:
    turns = conversation(desk, OPENED, "When did the boiler burst?")
    first, second = chat.judge(judge, turns, Judgement(action="right", turn=2))
    assert first == turns[0]
    assert "In your question set" in second.shown


@pytest.mark.parametrize("turn", [0, -1, 2, 10**6])
def test_a_turn_that_is_not_there_cannot_be_judged(desk: Desk, judge: Judge, turn: int) -> None:
    with pytest.raises(NotJudged, match="reload the page"):
        chat.judge(judge, conversation(desk, OPENED), Judgement(action="right", turn=turn))
    assert rows(judge) == []


@pytest.mark.parametrize(
    ("document", "start", "end", "reason"),
    [
        ("../bridge.md", 0, 5, "has left the index"),
        ("", 0, 5, "has left the index"),
        ("KNOWN", 5, 5, "no characters 5 to 5"),
        ("KNOWN", -9, 5, "no characters -9 to 5"),
        ("KNOWN", 0, 10**12, "no characters 0 to"),
    ],
)
def test_what_is_no_place_in_an_indexed_document_is_refused_in_a_sentence(
    desk: Desk, judge: Judge, document: str, start: int, end: int, reason: str
) -> None:
    known = next(iter(desk.documents)) if document == "KNOWN" else document
    said = Judgement(action="sentence", turn=1, document=known, start=start, end=end)
    with pytest.raises(NotJudged, match=reason):
        chat.judge(judge, conversation(desk, OPENED), said)
    assert rows(judge) == []


@pytest.mark.parametrize(
    "said",
    [
        None,
        "right",
        {"action": "right"},
        {"action": "erase", "turn": 1},
        {"action": "right", "turn": "1"},
        {"action": "right", "turn": 1, "owner": "b"},
    ],
)
def test_what_is_no_judgement_is_refused_in_a_sentence(said: object) -> None:
    with pytest.raises(NotJudged, match="no judgement"):
        judging.read(said)


def test_a_set_that_cannot_be_written_is_named(desk: Desk, judge: Judge) -> None:
    judge.folder.mkdir()
    (judge.folder / own_questions.FOLDER).write_text("in the way")
    with pytest.raises(NotJudged, match=own_questions.FOLDER):
        chat.judge(judge, conversation(desk, OPENED), Judgement(action="right", turn=1))


def test_mark_up_in_documents_shows_as_text_among_the_choices(papers: Path, judge: Judge) -> None:
    bad = "The bridge <script>window.hacked=1</script> was opened <img src=x onerror=alert(1)>."
    (papers / "bad.txt").write_text(f"A bridge of <b>words</b>\n\n{bad}\n", encoding="utf-8")
    desk = Desk([load(Path("bad.txt"))])
    index = cast(PassageIndex, Shelf(desk.documents))
    turns = conversation(desk, OPENED, risk=1)
    assert turns[0].kept is not None
    passages = turns[0].kept.answer.passages
    assert passages
    declined = turns[0].kept.answer.model_copy(
        update={"status": "not_found", "quotes": (), "citations": (), "reason": "x"}
    )
    shown = Judge(index, judge.folder, ME).hear(declined, Judgement(action="wrong", turn=1))
    assert "<script" not in shown
    assert "<img" not in shown
    assert bad in text(tree(shown))
    taken = Judge(index, judge.folder, ME).hear(
        declined,
        Judgement(
            action="sentence",
            turn=1,
            document=passages[0].document,
            start=passages[0].start,
            end=passages[0].end,
        ),
    )
    assert "<script" not in taken


def test_where_no_sentence_was_read_none_is_offered(desk: Desk, judge: Judge) -> None:
    turns = conversation(desk, "Which gnomes sing?")
    (turn,) = chat.judge(judge, turns, Judgement(action="wrong", turn=1))
    choices = find(tree(turn.shown), cls="pc-choices")
    assert [text(one) for one in find_all(choices, "button")] == ["Cancel"]
    assert "No sentence was found" in text(choices)


def test_passages_are_cut_into_sentences_and_rows(desk: Desk) -> None:
    documents = {one.info.source: one for one in desk.documents.values()}
    cut = []
    for passage in desk.ask("bridge load ferry boiler 1921 Keller", risk=1).passages:
        document = desk.documents[passage.document]
        cut += [document.text[slice(*span)] for span in sentences(document, passage)]
    assert LOAD in cut
    assert "1921 | 55 t | Brandt & Söhne" in cut
    assert all(any(part in one.text for one in documents.values()) for part in cut)
