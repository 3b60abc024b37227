"""The batch tab in a real browser, on the starter corpus."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import docx
import pytest
from playwright.sync_api import Locator, Page, expect

import app
from qa.answer import Answer
from qa.assistant import Assistant
from qa.batch_runs import BatchRuns
from tests.browser.conftest import Open, Visit, shot

# Gradio leaves event loops behind when it starts, and uses pandas in ways that pandas regrets.
pytestmark = [
    pytest.mark.browser,
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::Warning:gradio"),
]

SHARP = "What was the median overall survival with sorafenib in the SHARP trial?"
QUESTIONS = [
    SHARP,
    "How many goals did Uruguay score in the final of 1930?",
    "What did the trials of tamoxifen show?",
    "What response rates were reported for single-agent doxorubicin?",
    "What is modified RECIST?",
]
SLOWLY = 60_000
"""Milliseconds that a question may take on a busy machine."""
SHADE = "element => getComputedStyle(element).backgroundColor"


class Gate:
    """Lets so many questions through and holds the next until it is opened."""

    def __init__(self, through: int) -> None:
        self.left = through
        self.open = Event()

    def __call__(self) -> None:
        self.left -= 1
        if self.left < 0:
            self.open.wait(60)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    """Holds questions that have an id, as those of batches have, after the second one."""
    made, real = Gate(2), Assistant.ask

    def ask(self: Assistant, *args: object, **named: object) -> Answer:
        if named.get("id") is not None:
            made()
        return real(self, *args, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(Assistant, "ask", ask)
    yield made
    made.open.set()
    # A run that is still under way would otherwise be held up in the next test.
    for thread in threading.enumerate():
        if thread.name.startswith("batch "):
            thread.join(60)


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    """A question file, with mark-up that must never come alive and a line that is none."""
    path = tmp_path / "liver questions.jsonl"
    bad = "What is <img src=x onerror=window.hacked=1> sorafenib?"
    lines = [*({"question": question} for question in [*QUESTIONS, bad]), {"id": "none"}]
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    return path


def bring(here: Visit, file: Path) -> Locator:
    """Open the tab and bring a file as a person would; what says how far the run is."""
    tab(here.page)
    with here.page.expect_file_chooser() as chooser:
        here.page.locator("#pc-batch-drop button").first.click()
    chooser.value.set_files(file)
    return here.page.locator(".pc-batch-far")


def tab(page: Page) -> None:
    page.get_by_role("tab", name="Batch").click()
    page.locator(".pc-batch-intro").wait_for()


def saved(page: Page, name: str) -> tuple[str, bytes]:
    """Take the answers away in a format; the file's name and its bytes."""
    with page.expect_download(timeout=SLOWLY) as download:
        page.get_by_role("button", name=name, exact=True).click()
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def test_a_file_is_brought_watched_to_its_end_and_taken_away_in_every_format(
    visit: Open, questions: Path, assistant: Assistant
) -> None:
    here = visit()
    page = here.page
    tab(page)
    shot(page, "batch-empty")
    far = bring(here, questions)
    expect(far).to_have_text("6 of 6Done", timeout=SLOWLY)
    shot(page, "batch-done")
    assert page.evaluate("window.hacked") is None
    articles = page.locator(".pc-batch-answer")
    expect(articles).to_have_count(6)
    answer = assistant.ask(SHARP, id="q1")
    expect(articles.first.locator("h3")).to_contain_text(SHARP)
    for quote in answer.quotes:
        for words in quote.text.split(" | "):
            expect(articles.first).to_contain_text(words)
    expect(articles.nth(1)).to_contain_text("Not found.")
    page.get_by_text("1 line of the file refused").click()
    expect(page.locator(".pc-batch-refused li")).to_have_text(
        'liver questions.jsonl, line 7: has no "question".'
    )
    name, lines = saved(page, "JSONL")
    assert name == "liver questions-answers.jsonl"
    assert lines.splitlines()[0].decode() == answer.model_dump_json()
    name, word = saved(page, "Word")
    assert name == "liver questions-answers.docx"
    written = [paragraph.text for paragraph in docx.Document(io.BytesIO(word)).paragraphs]
    assert f"1. {SHARP}" in written
    assert "References" in written
    assert saved(page, "Web page")[1].startswith(b"<!doctype html>")
    assert saved(page, "Markdown")[1].startswith(b"# Answers")
    assert saved(page, "CSV")[1].count(b"\n") == 7
    # The same file once more: the page must notice.
    assert saved(page, "CSV")[0] == "liver questions-answers.csv"


def test_a_large_file_is_saved_whole(
    visit: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = visit()
    file = tmp_path / "q.txt"
    file.write_text(SHARP, encoding="utf-8")
    expect(bring(here, file)).to_have_text("1 of 1Done", timeout=SLOWLY)
    large = b"pincite " * 1_500_000
    monkeypatch.setattr(BatchRuns, "file", lambda *_: large)
    assert saved(here.page, "JSONL")[1] == large


def test_a_run_is_stopped_goes_on_after_a_reload_and_survives_the_page(
    visit: Open, questions: Path, gate: Gate
) -> None:
    here = visit()
    page = here.page
    far = bring(here, questions)
    expect(far).to_have_text("2 of 6Running", timeout=SLOWLY)
    expect(page.locator(".pc-batch-answer")).to_have_count(2)
    expect(page.locator(".pc-batch-answer").first).to_contain_text(QUESTIONS[1])
    shot(page, "batch-running")
    page.get_by_role("button", name="Stop").click()
    expect(far).to_have_text("2 of 6Stopping after this question", timeout=SLOWLY)
    gate.left = 1
    gate.open.set()
    expect(far).to_have_text("3 of 6Stopped", timeout=SLOWLY)
    shot(page, "batch-stopped")
    page.reload()
    tab(page)
    expect(far).to_have_text("3 of 6Stopped", timeout=SLOWLY)
    # The first question is asked once more, to see whether the answers still hold.
    gate.left, gate.open = 2, Event()
    page.get_by_role("button", name="Resume").click()
    expect(far).to_have_text("4 of 6Running", timeout=SLOWLY)
    # The page goes, the run goes on.
    page.goto("about:blank")
    gate.open.set()
    page.go_back()
    page.locator(".pc-status").wait_for()
    tab(page)
    expect(far).to_have_text("6 of 6Done", timeout=SLOWLY)


def test_a_chat_question_is_answered_while_a_run_goes_on(
    visit: Open, questions: Path, gate: Gate
) -> None:
    here = visit()
    bring(here, questions)
    expect(here.page.locator(".pc-batch-far")).to_have_text("2 of 6Running", timeout=SLOWLY)
    here.page.get_by_role("tab", name="Ask").click()
    expect(here.ask(SHARP).locator(".pc-quote").first).to_be_visible()


def test_what_a_person_looks_at_stays_while_answers_come(
    visit: Open, questions: Path, gate: Gate
) -> None:
    here = visit()
    page = here.page
    far = bring(here, questions)
    expect(far).to_have_text("2 of 6Running", timeout=SLOWLY)
    picked = page.get_by_role("button", name="Not found 1")
    picked.click()
    expect(page.locator(".pc-batch-answer")).to_have_count(1)
    gate.open.set()
    expect(far).to_have_text("6 of 6Done", timeout=SLOWLY)
    pressed = page.locator(".pc-batch-picks [aria-pressed=true]")
    expect(pressed).to_contain_text("Not found")
    expect(pressed).to_be_focused()


def test_a_run_is_opened_stopped_and_deleted_by_keyboard(
    visit: Open, questions: Path, gate: Gate
) -> None:
    here = visit()
    page = here.page
    far = bring(here, questions)
    expect(far).to_have_text("2 of 6Running", timeout=SLOWLY)
    stop = page.get_by_role("button", name="Stop")
    stop.focus()
    page.keyboard.press("Enter")
    expect(far).to_have_text("2 of 6Stopping after this question", timeout=SLOWLY)
    gate.left = 1
    gate.open.set()
    expect(far).to_have_text("3 of 6Stopped", timeout=SLOWLY)
    expect(page.get_by_role("button", name="Resume")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Delete")).to_be_focused()
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.keyboard.press("Enter")
    expect(far).to_have_text("3 of 6Stopped", timeout=SLOWLY)
    asked: list[str] = []

    def agree(dialog: object) -> None:
        asked.append(dialog.message)  # type: ignore[attr-defined]
        dialog.accept()  # type: ignore[attr-defined]

    page.once("dialog", agree)
    page.keyboard.press("Enter")
    expect(page.locator(".pc-batch-runs")).to_have_count(0, timeout=SLOWLY)
    expect(page.locator(".pc-batch-none")).to_be_visible()
    assert asked == ["Delete the run of “liver questions.jsonl” and its answers for good?"]


def test_several_runs_are_listed_and_nobody_else_sees_them(
    visit: Open, questions: Path, tmp_path: Path
) -> None:
    here, other = visit(), visit()
    far = bring(here, questions)
    expect(far).to_have_text("6 of 6Done", timeout=SLOWLY)
    second = tmp_path / "second.txt"
    second.write_text(f"{SHARP}\n", encoding="utf-8")
    bring(here, second)
    expect(far).to_have_text("1 of 1Done", timeout=SLOWLY)
    items = here.page.locator(".pc-batch-runs li")
    expect(items).to_have_count(2)
    items.nth(1).get_by_role("button").click()
    expect(far).to_have_text("6 of 6Done", timeout=SLOWLY)
    expect(items.nth(1)).to_have_attribute("aria-current", "true")
    tab(other.page)
    expect(other.page.locator(".pc-batch-runs")).to_have_count(0, timeout=SLOWLY)
    expect(other.page.locator("body")).not_to_contain_text("liver questions")


def test_a_file_that_is_no_question_set_is_refused_in_a_sentence(
    visit: Open, tmp_path: Path
) -> None:
    here = visit()
    said = here.page.locator("#pc-batch-said .pc-problem")
    for name, content, reason in (
        ("empty.txt", "", "empty.txt holds no question."),
        ("ages.csv", "name,age\n", "ages.csv has no column named"),
        ("paper.pdf", "%PDF-1.7", "paper.pdf is no question file that can be read"),
    ):
        file = tmp_path / name
        file.write_text(content, encoding="utf-8")
        bring(here, file)
        expect(said).to_contain_text(reason, timeout=SLOWLY)
    shot(here.page, "batch-refused")
    expect(here.page.locator(".pc-batch-runs")).to_have_count(0, timeout=SLOWLY)


def test_on_a_phone_and_in_the_dark_nothing_hangs_over_the_edge(
    visit: Open, questions: Path
) -> None:
    here = visit(phone=True, scheme="dark")
    page = here.page
    far = bring(here, questions)
    expect(far).to_have_text("6 of 6Done", timeout=SLOWLY)
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(wide) == 0
    shade = page.locator(".pc-batch-runs ul").evaluate(SHADE)
    assert shade == "rgb(26, 32, 37)"
    shot(page, "batch-phone-dark-top")
    page.locator(".pc-batch-runs button").click()
    expect(page.locator(".pc-batch-head h2")).to_be_in_viewport()
    page.locator(".pc-batch-answer").first.scroll_into_view_if_needed()
    shot(page, "batch-phone-dark")
    wide_page = visit(scheme="dark").page
    tab(wide_page)
    assert wide_page.locator("body").evaluate(SHADE) == "rgb(18, 23, 27)"


def test_a_run_goes_on_after_the_server_has_been_started_again(
    visit: Open, questions: Path, gate: Gate, assistant: Assistant, tmp_path: Path
) -> None:
    here = visit()
    page, index = here.page, tmp_path / "own"
    first = app.launch(assistant, index, port=0, wait=False)
    port = int(str(first.local_url).rstrip("/").rpartition(":")[2])
    try:
        page.goto(str(first.local_url))
        page.locator(".pc-status").wait_for()
        far = bring(here, questions)
        expect(far).to_have_text("2 of 6Running", timeout=SLOWLY)
        page.goto("about:blank")
    finally:
        # While it is held the server begins to end; it waits for the question that is under way.
        threading.Timer(2.0, gate.open.set).start()
        first.close()
    again = app.launch(assistant, index, port=port, wait=False)
    try:
        page.goto(str(again.local_url))
        page.locator(".pc-status").wait_for()
        tab(page)
        expect(far).to_contain_text("Interrupted when the server ended", timeout=SLOWLY)
        page.get_by_role("button", name="Resume").click()
        expect(far).to_have_text("6 of 6Done", timeout=SLOWLY)
    finally:
        again.close()
