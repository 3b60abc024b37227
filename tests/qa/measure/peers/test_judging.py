"""How the bench decides whether what a system finds is the gold."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from qa.measure.peers.judging import BUDGET, Judge
from qa.measure.peers.protocol import Found, Words
from qa.question_set import Evidence, Question

TEA = (
    "Green tea\n\nTea was grown on the south slope. It was picked in May by hand.\n\n"
    "The leaves were dried – for two days – in the shade. They were sold in June."
)
COFFEE = "Coffee was picked in May by hand. It was roasted."
GOLD = "picked in May"


def first(question: str, sentences: Sequence[str]) -> int:
    return 0


def last(question: str, sentences: Sequence[str]) -> int:
    return len(sentences) - 1


@pytest.fixture
def judge() -> Judge:
    return Judge({"tea.txt": TEA, "coffee.txt": COFFEE}, first)


@pytest.fixture
def question() -> Question:
    start = TEA.index(GOLD)
    place = Evidence(source="tea.txt", quote=GOLD, start=start, end=start + len(GOLD))
    return Question(id="q", question="When was it picked?", evidence=(place,))


def span(words: str, text: str = TEA) -> tuple[int, int]:
    return text.index(words), text.index(words) + len(words)


def test_a_passage_with_its_place_is_judged_by_the_place(judge: Judge, question: Question) -> None:
    right = Words("tea.txt", "", (span("It was picked in May by hand."),))
    wrong = Words("tea.txt", "", (span("They were sold in June."),))
    judged = judge.judge(question, Found([wrong, right]), "own")
    assert judged.gains == (False, True)
    assert judged.characters == (23, 29)
    assert judged.unplaced == 0


def test_a_passage_without_its_place_is_looked_up(judge: Judge, question: Question) -> None:
    typed = Words("tea.txt", "slope.  It was picked\nin May by hand.")
    assert judge.judge(question, Found([typed]), "own").gains == (True,)
    dashes = Words("tea.txt", "dried - for two days - in the shade")
    judged = judge.judge(question, Found([dashes]), "own")
    assert (judged.gains, judged.unplaced) == ((False,), 0)


def test_the_same_words_in_another_paper_are_wrong(judge: Judge, question: Question) -> None:
    other = Words("coffee.txt", "picked in May by hand.")
    assert judge.judge(question, Found([other]), "own").gains == (False,)


def test_words_that_no_paper_holds_are_wrong_and_counted(judge: Judge, question: Question) -> None:
    made_up = Words("tea.txt", "It was picked in May by a machine.")
    judged = judge.judge(question, Found([made_up, Words("tea.txt", " ")]), "own")
    assert judged.gains == (False, False)
    assert judged.unplaced == 2


def test_a_span_of_another_place_does_not_borrow_from_its_words(
    judge: Judge, question: Question
) -> None:
    claimed = Words("tea.txt", "picked in May", (span("They were sold in June."),))
    assert judge.judge(question, Found([claimed]), "own").gains == (False,)


def test_only_the_first_characters_count_at_equal_length() -> None:
    text = "x " * BUDGET + "Tea was picked in May."
    start = text.index("picked")
    gold = Evidence(source="long.txt", quote="picked", start=start, end=start + 6)
    question = Question(id="q", question="When?", evidence=(gold,))
    judge = Judge({"long.txt": text}, first)
    whole = judge.judge(question, Found([Words("long.txt", "", ((0, len(text)),))]), "own")
    assert (whole.gains, whole.within) == ((True,), False)
    behind = Words("long.txt", "", ((start - 4, start + 10),))
    short = judge.judge(question, Found([behind]), "own")
    assert short.within
    filler = Words("long.txt", "", ((0, BUDGET - 4),))
    assert not judge.judge(question, Found([filler, behind]), "own").within
    less = Words("long.txt", "", ((0, BUDGET - 5),))
    assert judge.judge(question, Found([less, behind]), "own").within


def test_a_system_that_chooses_a_sentence_is_judged_by_it(judge: Judge, question: Question) -> None:
    passage = Words("tea.txt", "", (span("It was picked in May by hand."),))
    sentence = Words("tea.txt", "", (span("They were sold in June."),))
    assert not judge.judge(question, Found([passage], [sentence]), "own").hit
    assert judge.judge(question, Found([sentence], [passage]), "own").hit
    assert not judge.judge(question, Found([passage]), "own").hit


def test_an_extracted_answer_stands_for_its_sentence(judge: Judge, question: Question) -> None:
    answer = Words("tea.txt", "by hand", (span("by hand"),))
    assert not judge.judge(question, Found([], [answer]), "own").hit
    assert judge.judge(question, Found([], [answer]), "answer").hit
    before = Words("tea.txt", "slope", (span("slope"),))
    assert not judge.judge(question, Found([], [before]), "answer").hit


def test_a_system_that_chooses_none_is_given_the_nearest_of_its_best_passage(
    question: Question,
) -> None:
    papers = {"tea.txt": TEA}
    with_place = Words("tea.txt", "", (span(TEA[11:75]),))
    looked_up = Words("tea.txt", "Tea was grown on the south slope. It was picked in May by hand.")
    for passage in (with_place, looked_up):
        found = Found([passage])
        assert not Judge(papers, first).judge(question, found, "nearest").hit
        assert Judge(papers, last).judge(question, found, "nearest").hit


def test_no_sentence_goes_over_a_blank_line(question: Question) -> None:
    seen: list[str] = []

    def note(question: str, sentences: Sequence[str]) -> int:
        seen.extend(sentences)
        return 0

    whole = Words("tea.txt", "", ((0, len(TEA)),))
    Judge({"tea.txt": TEA}, note).judge(question, Found([whole]), "nearest")
    assert seen[:3] == [
        "Green tea",
        "Tea was grown on the south slope.",
        "It was picked in May by hand.",
    ]


def test_nothing_found_is_a_miss(judge: Judge, question: Question) -> None:
    judged = judge.judge(question, Found([]), "nearest")
    assert (judged.gains, judged.within, judged.hit) == ((), False, False)
