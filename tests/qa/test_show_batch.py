"""Batches as pieces of the web page."""

from __future__ import annotations

from base64 import b64decode

import pytest

from qa.answer import Answer
from qa.batch_results import Page
from qa.batch_runs import Now
from qa.batches import Run
from qa.citing import place
from qa.show_batch import FORMATS, answers, download, nothing, progress, runs, tools
from qa.web.batch import BatchEvent, Look
from tests.qa.htmltree import find, find_all, text, tree
from tests.qa.librarian import Librarian

BAD = '<img src=x onerror="hack()">.csv'
RUN = Run(id="c" * 32, title=BAD, begun="2026-03-04T05:06:07+00:00", risk=0.2, questions=40)


def page_of(*given: Answer, number: int = 0, pages: int = 1) -> Page:
    return Page(tuple(enumerate(given, start=1)), number, pages, len(given))


def buttons(piece: str) -> dict[str, dict[str, str]]:
    return {text(button): button.attrib for button in find_all(tree(piece), "button")}


def test_every_run_is_listed_with_how_far_it_is() -> None:
    other = RUN.model_copy(update={"id": "d" * 32, "title": "other.txt"})
    listed = tree(runs([Now(RUN, "running", 3, 1), Now(other, "interrupted", 0, 0)], other.id))
    first, second = find_all(listed, "li")
    assert text(first) == f"{BAD}4 of 40 · running"
    assert text(second) == "other.txt0 of 40 · interrupted"
    assert (first.get("aria-current"), second.get("aria-current")) == (None, "true")
    assert find(second, "button").get("data-id") == other.id
    assert not find_all(listed, "img")


def test_no_runs_make_no_list() -> None:
    assert runs([], None) == ""
    assert text(tree(nothing()))


def test_progress_says_how_far_a_run_is_and_how_long_it_will_take() -> None:
    head = tree(progress(Now(RUN, "running", 7, 2, ("q3: too long.",), 140.0)))
    bar = find(head, cls="pc-batch-bar")
    assert (bar.get("role"), bar.get("aria-valuenow"), bar.get("aria-valuemax")) == (
        "progressbar",
        "10",
        "40",
    )
    assert bar.get("style") == "--p: 0.2500"
    assert text(find(head, cls="pc-batch-far")) == "10 of 40Running"
    facts = [text(fact) for fact in find(head, cls="pc-batch-facts")]
    assert facts == ["7 answered", "2 not found", "1 failed", "about 2 minutes left"]
    assert "20 % may be wrong" in text(find(head, cls="pc-batch-when"))
    assert text(find(find(head, cls="pc-batch-failed"), "li")) == "q3: too long."
    assert text(find(head, "h2")) == BAD


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (3.0, "less than a minute left"),
        (61.0, "about 1 minute left"),
        (5000.0, "about 83 minutes left"),
        (9000.0, "about 2 hours left"),
    ],
)
def test_the_time_left_is_said_no_more_exactly_than_it_is_known(seconds: float, said: str) -> None:
    assert said in text(tree(progress(Now(RUN, "running", 1, 0, (), seconds))))
    assert "left" not in text(tree(progress(Now(RUN, "stopped", 1, 0, (), seconds))))


def test_refused_lines_problems_and_notes_are_shown_as_text() -> None:
    run = RUN.model_copy(
        update={
            "refused": ("q.csv, line 2: <b>.",),
            "more_refused": 1200,
            "problem": "The disk is full.",
            "note": "Asked again.",
        }
    )
    head = tree(progress(Now(run, "stopped", 1, 0)))
    refused = find(head, cls="pc-batch-refused")
    assert text(find(refused, "summary")) == "1,201 lines of the file refused"
    assert [text(item) for item in find_all(refused, "li")] == [
        "q.csv, line 2: <b>.",
        "And 1,200 more.",
    ]
    assert [text(note) for note in find_all(head, cls="pc-batch-note")] == [
        "The disk is full.",
        "Asked again.",
    ]


def test_what_can_be_done_with_a_run_depends_on_how_it_stands() -> None:
    files = list(FORMATS.values())
    assert list(buttons(tools(Now(RUN, "running", 0, 0)))) == ["Stop", "Delete"]
    assert list(buttons(tools(Now(RUN, "running", 1, 0)))) == ["Stop", "Delete", *files]
    for state in ("stopped", "interrupted"):
        assert list(buttons(tools(Now(RUN, state, 0, 1)))) == [
            "Resume",
            "Delete",
            *files,
        ]
    done = buttons(tools(Now(RUN, "done", 1, 0)))
    assert list(done) == ["Delete", *files]
    assert done["Word"]["data-value"] == ".docx"
    assert done["Delete"]["data-value"] == BAD
    stopping = buttons(tools(Now(RUN, "stopping", 1, 0)))
    assert stopping["Stop"]["aria-disabled"] == "true"


def test_answers_are_shown_with_quote_and_place_or_with_the_reason(librarian: Librarian) -> None:
    found = librarian.ask("Which load was checked by Brandt?")
    missing = librarian.ask("Zebra <i>stripes</i>?")
    shown = tree(answers(Now(RUN, "running", 1, 1), "all", page_of(found, missing)))
    first, second = find_all(shown, "article")
    assert text(find(second, "h3")) == "2Zebra <i>stripes</i>?"
    assert text(find(second, cls="pc-batch-reason")) == f"Not found. {missing.reason}"
    figures = find_all(first, "figure")
    for figure, quote in zip(figures, found.quotes, strict=True):
        citation = next(c for c in found.citations if c.n == quote.citation)
        if quote.header:
            cells = find_all(find(figure, "tbody"), "td")
            assert " | ".join(text(cell) for cell in cells) == quote.text
        else:
            assert text(find(figure, "blockquote")) == quote.text
        assert text(find(figure, "figcaption")) == f"{citation.document.title}{place(citation)}"
    assert "The newest first" in text(shown)


def test_answers_can_be_picked_and_leafed_through(librarian: Librarian) -> None:
    found = librarian.ask("Which load was checked by Brandt?")
    now = Now(RUN, "done", 21, 3)
    shown = answers(now, "answered", page_of(found, pages=2))
    made = buttons(shown)
    assert {name: made[name]["aria-pressed"] for name in list(made)[:3]} == {
        "All 24": "false",
        "Answered 21": "true",
        "Not found 3": "false",
    }
    assert (made["Back"]["aria-disabled"], made["On"]["data-value"]) == ("true", "1")
    assert "aria-disabled" not in made["On"]
    assert "In the order of the questions" in text(tree(shown))
    assert list(buttons(answers(now, "all", page_of(found)))) == list(made)[:3]
    assert answers(Now(RUN, "running", 0, 0), "all", page_of()) == ""
    assert "None so far." in answers(Now(RUN, "running", 2, 0), "not_found", page_of())


def test_a_file_is_named_after_the_question_file_and_no_two_links_are_alike() -> None:
    links = [download(BAD, ".docx", b"\x00PK"), download(BAD, ".docx", b"\x00PK")]
    assert links[0] != links[1]
    link = find(tree(links[0]), "a")
    assert link.get("download") == '<img src=x onerror="hack()">-answers.docx'
    assert b64decode(link.get("data-base64", "")) == b"\x00PK"


def test_another_look_keeps_the_run_and_forgets_the_page() -> None:
    look = Look(run="r", which="all", page=3)
    assert look.after(BatchEvent(action="show", id="r", value="not_found")) == Look(
        run="r", which="not_found"
    )
    assert look.after(BatchEvent(action="page", id="r", value="4")).page == 4
    assert look.after(BatchEvent(action="open", id="s")) == Look(run="s")
    for odd in (
        BatchEvent(action="page", id="r", value="-1"),
        BatchEvent(action="show", id="r", value="<b>"),
        BatchEvent(action="stop", id="r"),
    ):
        assert look.after(odd) == look
