"""Conversations that are kept, put right and judged, in a real browser."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, Request, expect

import app
from qa.assistant import Assistant
from qa.own_questions import AGREED, CORRECTED, FOLDER
from qa.question_set import Question, read_questions
from tests.browser.conftest import Open, Visit, shot

# Gradio leaves event loops behind when it starts, and uses pandas in ways that pandas regrets.
pytestmark = [
    pytest.mark.browser,
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::Warning:gradio"),
]

SHARP = "What was the median overall survival with sorafenib in the SHARP trial?"
TAMOXIFEN = "What did the trials of tamoxifen show?"
NOT_IN_IT = "How many goals did Uruguay score in the final of 1930?"
FOLLOW_UP = "And in the Asia-Pacific trial?"
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def listed(page: Page) -> Locator:
    """The conversations in the list, opened."""
    if not page.locator(".pc-kept[open]").count():
        page.locator(".pc-kept summary").click()
    return page.locator(".pc-kept li")


def button(page: Page, action: str, title: str) -> Locator:
    listed(page)
    return page.locator("#pc-kept").get_by_role("button", name=f"{action}: {title}", exact=True)


def rows(folder: Path, before: set[Path]) -> list[Question]:
    """What the visitor's own question set holds: the file that was not there before."""
    (path,) = sets(folder) - before
    found = read_questions(path)
    assert found.refused == ()
    return list(found.questions)


def sets(folder: Path) -> set[Path]:
    return set((folder / FOLDER).glob("*.jsonl"))


def test_a_reload_keeps_the_conversation_and_its_thread(visit: Open) -> None:
    here = visit()
    quote = here.ask(SHARP).locator(".pc-quote").first.inner_text()
    here.page.reload()
    turn = here.page.locator(".pc-turn")
    expect(turn).to_have_count(1)
    assert turn.locator(".pc-quote").first.inner_text() == quote
    expect(here.page.locator("#cite-1-1")).to_be_visible()
    expect(here.ask(FOLLOW_UP).locator(".pc-understood")).to_contain_text("survival")
    here.page.reload()
    expect(turn).to_have_count(2)
    expect(listed(here.page)).to_have_count(1)
    expect(listed(here.page)).to_contain_text("2 questions")


def test_another_browser_sees_nothing_of_it(visit: Open) -> None:
    one, other = visit(), visit()
    one.ask(TAMOXIFEN)
    expect(one.page.locator(".pc-kept")).to_contain_text(TAMOXIFEN)
    other.page.reload()
    other.page.locator(".pc-welcome").wait_for()
    expect(other.page.locator(".pc-kept")).to_have_count(0)
    expect(other.page.locator(".pc-turn")).to_have_count(0)


def test_several_are_kept_and_each_comes_back_as_it_was(visit: Open) -> None:
    here = visit()
    here.ask(SHARP)
    here.page.get_by_role("button", name="New conversation").click()
    here.page.locator(".pc-welcome").wait_for()
    here.ask(TAMOXIFEN)
    expect(listed(here.page)).to_have_count(2)
    here.page.locator(".pc-open", has_text=SHARP).click()
    expect(here.page.locator(".pc-question")).to_have_text(SHARP)
    expect(here.page.locator(".pc-kept[open]")).to_have_count(0)
    expect(here.page.locator(".pc-sources .pc-for")).to_have_text(SHARP)
    here.page.reload()
    expect(here.page.locator(".pc-question")).to_have_text(SHARP)
    here.page.get_by_role("button", name="New conversation").click()
    here.page.locator(".pc-welcome").wait_for()
    here.page.reload()
    here.page.locator(".pc-welcome").wait_for()
    expect(listed(here.page)).to_have_count(2)


def test_two_tabs_of_a_browser_show_each_its_own_conversation(visit: Open) -> None:
    here = visit()
    here.ask(SHARP)
    other = here.page.context.new_page()
    other.goto(here.page.url)
    expect(other.locator(".pc-question")).to_have_text(SHARP)
    other.get_by_role("button", name="New conversation").click()
    other.locator(".pc-welcome").wait_for()
    Visit(other).ask(TAMOXIFEN)
    expect(other.locator(".pc-kept")).to_contain_text(TAMOXIFEN)
    here.page.reload()
    expect(here.page.locator(".pc-question")).to_have_text(SHARP)
    other.reload()
    expect(other.locator(".pc-question")).to_have_text(TAMOXIFEN)


def test_a_conversation_is_renamed_and_its_name_is_only_words(visit: Open) -> None:
    here = visit()
    here.ask(SHARP)
    name = "Sorafenib <img src=x onerror=window.hacked=1>"
    here.page.once("dialog", lambda dialog: dialog.accept(name))
    button(here.page, "Rename", SHARP).click()
    expect(here.page.locator(".pc-open")).to_contain_text(name)
    expect(button(here.page, "Rename", name)).to_be_focused()
    here.page.reload()
    expect(listed(here.page)).to_contain_text(name)
    assert here.page.evaluate("window.hacked") is None


def test_a_conversation_is_deleted_only_when_that_is_meant(visit: Open) -> None:
    here = visit()
    here.ask(SHARP)
    here.page.once("dialog", lambda dialog: dialog.dismiss())
    button(here.page, "Delete", SHARP).click()
    expect(here.page.locator(".pc-turn")).to_have_count(1)
    here.page.once("dialog", lambda dialog: dialog.accept())
    button(here.page, "Delete", SHARP).click()
    here.page.locator(".pc-welcome").wait_for()
    expect(here.page.locator(".pc-kept")).to_have_count(0)
    here.page.reload()
    here.page.locator(".pc-welcome").wait_for()
    expect(here.page.locator(".pc-card")).to_have_count(0)


def test_a_conversation_is_saved_with_its_references(visit: Open, assistant: Assistant) -> None:
    here = visit()
    here.ask(SHARP)
    answer = assistant.ask(SHARP)
    title = answer.citations[0].document.title
    for label, ending, words in (
        ("Markdown", ".md", (title, answer.citations[0].document.source)),
        ("Markdown", ".md", (title,)),  # the same file once more
        ("BibTeX", ".bib", ("@", "title")),
        ("RIS", ".ris", ("TY  - ", f"{title}")),
    ):
        with here.page.expect_download() as download:
            button(here.page, label, SHARP).click()
        assert download.value.suggested_filename.endswith(ending)
        saved = Path(download.value.path()).read_text("utf-8")
        for part in words:
            assert part in saved


def test_a_conversation_that_cites_nothing_says_so(visit: Open) -> None:
    here = visit()
    here.ask(NOT_IN_IT)
    button(here.page, "RIS", NOT_IN_IT).click()
    expect(here.page.locator("#pc-file")).to_contain_text("cites nothing")


def test_the_list_is_used_and_left_by_keyboard(visit: Open) -> None:
    here = visit()
    here.ask(SHARP)
    summary = here.page.locator(".pc-kept summary")
    summary.focus()
    here.page.keyboard.press("Enter")
    here.page.keyboard.press("Tab")
    expect(here.page.locator(".pc-open")).to_be_focused()
    here.page.keyboard.press("Escape")
    expect(here.page.locator(".pc-kept[open]")).to_have_count(0)
    expect(summary).to_be_focused()


def test_what_was_understood_is_changed_and_asked_as_it_then_stands(visit: Open) -> None:
    here = visit()
    here.ask(SHARP)
    turn = here.ask(FOLLOW_UP)
    change = turn.get_by_role("button", name="Change")
    change.press("Enter")
    box = turn.get_by_role("textbox", name="What is really asked")
    expect(box).to_be_focused()
    shot(here.page, "understood-changed")
    here.page.keyboard.press("Escape")
    expect(box).to_be_hidden()
    expect(change).to_be_focused()
    change.press("Enter")
    # By itself this would be read with the questions before it.
    box.fill("And in the Asia-Pacific trial, the median time to progression?")
    box.press("Enter")
    third = here.answer(2)
    expect(third.locator(".pc-question")).to_have_text(
        "And in the Asia-Pacific trial, the median time to progression?"
    )
    expect(third.locator(".pc-understood")).to_have_count(0)
    expect(here.page.locator(".pc-kept")).to_contain_text("3 questions")


def test_an_answer_that_is_right_becomes_a_row_of_the_own_question_set(
    visit: Open, folder: Path, assistant: Assistant
) -> None:
    before, here = sets(folder), visit()
    turn = here.ask(SHARP)
    verdict = turn.locator(".pc-verdict")
    turn.get_by_role("button", name="Right: the first quote answers it").press("Enter")
    expect(verdict).to_contain_text("In your question set:")
    expect(verdict).to_be_focused()
    answer = assistant.ask(SHARP)
    (row,) = rows(folder, before)
    assert row.question == SHARP
    assert row.tags == (AGREED,)
    assert [one.quote for one in row.evidence] == [answer.quotes[0].text]
    here.page.reload()
    expect(verdict).to_contain_text("In your question set:")
    verdict.get_by_role("button", name="Undo").click()
    expect(turn.get_by_role("button", name="Wrong: say what is right")).to_be_visible()


def test_another_sentence_is_called_the_right_one(visit: Open, folder: Path) -> None:
    before, here = sets(folder), visit()
    turn = here.ask(SHARP)
    second = turn.locator(".pc-quote").nth(1)
    second.hover()
    second.get_by_role("button", name="This is the right sentence").click()
    expect(turn.locator(".pc-judged")).to_be_visible()
    (row,) = rows(folder, before)
    assert row.tags == (CORRECTED,)
    turn.get_by_role("button", name="Undo").click()
    turn.get_by_role("button", name="Wrong: say what is right").click()
    choices = turn.locator(".pc-choices")
    expect(choices.get_by_role("button").first).to_be_focused()
    shot(here.page, "what-is-right")
    sentence = choices.locator(".pc-sentence").first
    words = sentence.inner_text()
    sentence.press("Enter")
    expect(turn.locator(".pc-judged q")).to_have_text(words)
    (row,) = rows(folder, before)
    assert [one.quote for one in row.evidence] == [words]


def test_what_the_collection_does_not_hold_becomes_a_question_to_decline(
    visit: Open, folder: Path
) -> None:
    before, here = sets(folder), visit()
    turn = here.ask(TAMOXIFEN)
    turn.get_by_role("button", name="Wrong: say what is right").click()
    turn.get_by_role("button", name="The collection does not hold it").click()
    expect(turn.locator(".pc-judged")).to_contain_text("does not hold it")
    turn = here.ask(NOT_IN_IT)
    turn.get_by_role("button", name="Right: the collection lacks it").click()
    expect(turn.locator(".pc-judged")).to_contain_text("does not hold it")
    found = {row.question: (row.answerable, row.tags) for row in rows(folder, before)}
    assert found == {TAMOXIFEN: (False, (CORRECTED,)), NOT_IN_IT: (False, (AGREED,))}


def test_judging_moves_nothing_and_keeps_the_shown_citation(visit: Open) -> None:
    here = visit()
    here.ask(NOT_IN_IT)
    first = here.ask(SHARP)
    here.ask(TAMOXIFEN)
    first.locator(".pc-marker").nth(1).click()
    thumb = first.get_by_role("button", name="Right: the first quote answers it")
    thumb.scroll_into_view_if_needed()
    at = here.page.locator("#pc-conversation").evaluate("element => element.scrollTop")
    thumb.click()
    expect(first.locator(".pc-judged")).to_be_visible()
    assert here.page.locator("#pc-conversation").evaluate("element => element.scrollTop") == at
    expect(here.page.locator("#cite-2-2")).to_be_visible()
    expect(first.locator(".pc-marker").nth(1)).to_have_attribute("aria-current", "true")


@pytest.mark.parametrize("phone", [False, True])
def test_the_list_and_the_choices_stay_on_the_page(visit: Open, phone: bool) -> None:
    here = visit(phone=phone)
    turn = here.ask(SHARP)
    turn.get_by_role("button", name="Wrong: say what is right").click()
    expect(turn.locator(".pc-choices")).to_be_visible()
    listed(here.page)
    expect(here.page.locator(".pc-kept ul")).to_be_in_viewport(ratio=1)
    shot(here.page, f"list-{'phone' if phone else 'wide'}")
    assert here.page.evaluate(WIDER) == 0


@contextmanager
def process(folder: Path, port: int) -> Iterator[None]:
    """A server of its own process on an index."""
    command = [sys.executable, "-m", "qa.cli", "serve", "--index", str(folder)]
    with subprocess.Popen(
        [*command, "--port", str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | {"PYTHONPATH": str(Path(app.__file__).parent)},
    ) as server:
        try:
            assert server.stdout is not None
            assert any("Pincite is at" in line for line in server.stdout)
            yield
        finally:
            server.kill()


def test_a_question_asked_as_soon_as_the_box_is_there_is_answered_and_kept(
    browser: Browser, address: str
) -> None:
    for _ in range(3):  # what it is a matter of differs from time to time
        context = browser.new_context()
        context.set_default_timeout(30_000)
        page = context.new_page()
        page.goto(address, wait_until="commit")
        Visit(page).ask(SHARP)
        expect(page.locator(".pc-kept")).to_contain_text(SHARP)
        page.reload()
        expect(page.locator(".pc-question")).to_have_text(SHARP)
        context.close()


@pytest.fixture
def stopped(browser: Browser, assistant: Assistant, folder: Path) -> Iterator[tuple[Page, int]]:
    """A page on which a question was answered before its server ended, and the server's port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    context = browser.new_context()
    context.set_default_timeout(60_000)
    page = context.new_page()
    awaited: set[Request] = set()
    page.on("request", lambda one: awaited.add(one) if "queue/data" in one.url else None)
    for end in ("requestfinished", "requestfailed"):
        page.on(end, lambda one: awaited.discard(one))
    blocks = app.launch(assistant, folder, port=port, wait=False)
    try:
        page.goto(f"http://127.0.0.1:{port}/")
        Visit(page).ask(SHARP)
        expect(page.locator(".pc-kept")).to_contain_text(SHARP)
        while awaited:  # nothing is on its way when the server ends
            page.wait_for_timeout(50)
    finally:
        blocks.close()
    yield page, port
    context.close()


@pytest.mark.slow
def test_a_page_that_stood_open_over_a_restart_goes_on_in_its_conversation(
    stopped: tuple[Page, int], folder: Path
) -> None:
    page, port = stopped
    with process(folder, port):
        turn = Visit(page).ask(FOLLOW_UP)
        expect(turn.locator(".pc-understood")).to_contain_text("survival")
        expect(page.locator(".pc-question").first).to_have_text(SHARP)
        page.reload()
        expect(page.locator(".pc-question").first).to_have_text(SHARP)
        expect(page.locator(".pc-turn")).to_have_count(2)
        expect(page.locator("#cite-2-1")).to_be_visible()
        expect(page.get_by_role("textbox", name="Question")).to_have_value("")


@pytest.mark.slow
def test_a_question_asked_while_the_server_is_away_is_in_the_box_when_it_is_back(
    stopped: tuple[Page, int], folder: Path
) -> None:
    page, port = stopped
    question = page.get_by_role("textbox", name="Question")
    question.fill(FOLLOW_UP)
    page.get_by_role("button", name="Ask", exact=True).click()
    lost = page.get_by_text("Connection to the server was lost")
    expect(lost).to_be_visible()
    with process(folder, port):
        expect(lost).to_be_hidden()  # the page found the server and loaded itself anew
        expect(page.locator(".pc-question")).to_have_text(SHARP)
        expect(question).to_have_value(FOLLOW_UP)
        page.get_by_role("button", name="Ask", exact=True).click()
        expect(Visit(page).answer(1).locator(".pc-understood")).to_contain_text("survival")
        page.reload()
        expect(page.locator(".pc-turn")).to_have_count(2)
        expect(question).to_have_value("")


@pytest.mark.slow
def test_a_question_that_was_only_typed_is_there_after_a_reload_until_it_is_answered(
    visit: Open,
) -> None:
    here = visit()
    question = here.page.get_by_role("textbox", name="Question")
    question.fill(TAMOXIFEN)
    here.page.reload()
    expect(question).to_have_value(TAMOXIFEN)
    here.page.get_by_role("button", name="Ask", exact=True).click()
    here.answer(0)
    expect(question).to_have_value("")
    here.page.reload()
    expect(here.page.locator(".pc-turn")).to_have_count(1)
    expect(question).to_have_value("")
    question.fill(FOLLOW_UP)
    here.page.get_by_role("button", name="New conversation").click()
    expect(question).to_have_value("")
    here.page.reload()
    expect(here.page.locator(".pc-turn")).to_have_count(0)
    expect(question).to_have_value("")
