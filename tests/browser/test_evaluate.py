"""The Evaluate tab in a real browser, with a few of the starter questions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Dialog, Page, expect

from qa.evaluation_sets import STARTER
from tests.browser.conftest import Open, Visit, shot

# Gradio leaves event loops behind when it starts, and uses pandas in ways that pandas regrets.
pytestmark = [
    pytest.mark.browser,
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::Warning:gradio"),
]

CHOSEN = (
    *("sharp-survival", "sharp-survival-control", "sharp-size", "sharp-allocation"),
    *("everyday-joke", "everyday-moon", "other-statin"),
)
BAD = "<img src=x onerror=window.hacked=1> ${window.hacked=1} sorafenib?"


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    """Eight questions, one of them with mark-up that must never come alive."""
    rows = [json.loads(line) for line in STARTER.read_text("utf-8").splitlines()]
    kept = [row for row in rows if row["id"] in CHOSEN]
    assert len(kept) == len(CHOSEN)
    gold = [{"source": "sharp-trial.md", "quote": "The SHARP trial randomised 602 patients."}]
    kept.append({"id": "<b>bad</b>", "question": BAD, "evidence": gold})
    path = tmp_path / "eight questions.jsonl"
    path.write_text("".join(f"{json.dumps(row)}\n" for row in kept), encoding="utf-8")
    return path


@pytest.fixture
def few(questions: Path) -> Path:
    """The first two of them."""
    path = questions.with_name("the first of eight.jsonl")
    lines = questions.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[:2]), encoding="utf-8")
    return path


def go_there(here: Visit) -> Page:
    here.page.get_by_role("tab", name="Evaluate").click()
    own = here.page.get_by_role("radio", name="A file of yours")
    expect(own).to_be_enabled()  # the sets are there
    return here.page


def bring(page: Page, path: Path) -> None:
    page.get_by_role("radio", name="A file of yours").check()
    with page.expect_file_chooser() as chooser:
        page.locator("#pc-eval-drop button").first.click()
    chooser.value.set_files(path)
    expect(page.locator("#pc-eval-drop")).to_contain_text("eight")


def run(page: Page, risk: str = "") -> None:
    if risk:
        page.get_by_label("How sure must an answer be?").click()
        page.get_by_role("option", name=risk).click()
    before = page.locator(".pc-eval-list li").count()
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.locator(".pc-eval-list li")).to_have_count(before + 1, timeout=120_000)
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_visible()


def test_a_question_set_is_run_and_looked_at(visit: Open, questions: Path) -> None:
    page = go_there(visit())
    shot(page, "evaluate-empty")
    bring(page, questions)
    run(page)
    result = page.locator(".pc-eval-result")
    expect(result.locator(".pc-eval-first")).to_contain_text("of 5")
    expect(result).to_contain_text("Evidence sentence hit@1")
    expect(result.get_by_role("img", name="Wrong answers by coverage")).to_be_visible()
    expect(result.get_by_role("img", name="Right answers by confidence")).to_be_visible()
    assert page.evaluate("window.hacked") is None
    shot(page, "evaluate-result")
    size = result.locator(".pc-eval-miss", has_text="How many people took part in SHARP?")
    for kind in result.locator(".pc-eval-kind").all():
        kind.evaluate("element => element.open = true")
    expect(size).to_contain_text("The SHARP trial randomised 602 patients.")
    expect(size).to_contain_text("Declined.")
    size.get_by_role("button", name="Show the paragraph").first.click()
    expect(size.locator(".pc-original")).to_contain_text("The SHARP trial randomised 602 patients.")
    size.scroll_into_view_if_needed()
    shot(page, "evaluate-miss")
    result.locator(".pc-eval-plots").scroll_into_view_if_needed()
    shot(page, "evaluate-plots")


def test_an_evaluation_is_compared_with_an_earlier_one_and_taken_away(
    visit: Open, questions: Path, tmp_path: Path
) -> None:
    page = go_there(visit())
    bring(page, questions)
    run(page)
    run(page, "Always answer")
    expect(page.locator(".pc-eval-result header")).to_contain_text("always answering")
    choice = page.get_by_label("Compare with")
    choice.select_option(index=1)
    compared = page.locator(".pc-eval-compared")
    expect(compared).to_contain_text("8 questions are compared:")
    expect(compared).to_contain_text("Another accepted risk: the default then, 1 now.")
    joke = compared.locator(".pc-eval-miss", has_text="Tell me a joke about cats.")
    expect(joke).to_contain_text("rightly declined → false answer")
    expect(joke).to_contain_text("That nothing is found")
    compared.scroll_into_view_if_needed()
    shot(page, "evaluate-compared")
    compared.locator(".pc-eval-table").scroll_into_view_if_needed()
    shot(page, "evaluate-compared-figures")

    for label, ending, words in (
        ("Report (HTML)", ".html", "<svg"),
        ("Report (Markdown)", ".md", "## Compared with"),
        ("Figures (JSON)", ".json", '"against"'),
    ):
        with page.expect_download() as download:
            page.get_by_role("button", name=label).click()
        assert download.value.suggested_filename.startswith("evaluation-eight-questions")
        assert download.value.suggested_filename.endswith(ending)
        saved = tmp_path / f"saved{ending}"
        download.value.save_as(saved)
        assert words in saved.read_text("utf-8")


def test_evaluations_are_kept_for_their_owner_until_they_are_deleted(
    visit: Open, few: Path
) -> None:
    here = visit()
    page = go_there(here)
    bring(page, few)
    run(page)
    run(page, "Always answer")
    page.reload()
    page.locator(".pc-status").wait_for()
    go_there(here)
    expect(page.locator(".pc-eval-list li")).to_have_count(2)
    expect(page.locator(".pc-eval-result header")).to_contain_text("always answering")

    other = go_there(visit())
    expect(other.locator("#pc-eval-runs")).to_contain_text("are kept here")
    expect(other.locator(".pc-eval-empty")).to_be_visible()
    expect(other.locator("body")).not_to_contain_text("the first of eight")

    said: list[str] = []

    def no(dialog: Dialog) -> None:
        said.append(dialog.message)
        dialog.dismiss()

    page.once("dialog", no)
    page.get_by_role("button", name="Delete: ").first.click()
    expect(page.locator(".pc-eval-list li")).to_have_count(2)
    assert "for good?" in said[0]
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Delete: ").first.click()
    expect(page.locator(".pc-eval-list li")).to_have_count(1)
    expect(page.locator(".pc-eval-empty")).to_be_visible()
    page.locator(".pc-eval-list .pc-open").click()
    expect(page.locator(".pc-eval-result header")).to_contain_text("usual risk")


def slow_down(page: Page) -> None:
    """From now on every request of the page takes two seconds."""
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    slow = {"offline": False, "latency": 2000, "downloadThroughput": -1, "uploadThroughput": -1}
    network.send("Network.emulateNetworkConditions", slow)


def test_the_field_for_a_file_follows_the_choice_at_once(visit: Open) -> None:
    page = go_there(visit())
    starter = page.get_by_role("radio", name="The starter questions (300)")
    expect(starter).to_be_checked()
    drop = page.locator("#pc-eval-drop button").first
    expect(drop).to_be_hidden()
    slow_down(page)
    page.get_by_role("radio", name="A file of yours").check()
    expect(drop).to_be_visible(timeout=1000)
    starter.check()
    expect(drop).to_be_hidden(timeout=1000)


def test_nothing_can_be_chosen_before_the_sets_are_there(visit: Open) -> None:
    here = visit()
    slow_down(here.page)
    here.page.reload()
    here.page.get_by_role("tab", name="Evaluate").click()
    own = here.page.get_by_role("radio", name="A file of yours")
    expect(own).to_be_disabled()
    expect(own).to_be_enabled(timeout=60_000)
    own.check()
    here.page.wait_for_timeout(5000)
    expect(own).to_be_checked()
    expect(here.page.locator("#pc-eval-drop button").first).to_be_visible()


def test_what_is_chosen_while_the_tab_is_being_filled_stays_chosen(visit: Open) -> None:
    here = visit()
    go_there(here)
    here.page.get_by_role("tab", name="Ask").click()
    slow_down(here.page)
    page = go_there(here)
    page.get_by_role("radio", name="A file of yours").check()
    page.wait_for_timeout(5000)
    expect(page.get_by_role("radio", name="A file of yours")).to_be_checked()
    expect(page.locator("#pc-eval-drop button").first).to_be_visible()


def test_a_long_run_shows_how_far_it_is_is_found_again_after_reloading_and_stops(
    visit: Open,
) -> None:
    here = visit()
    page = go_there(here)
    page.get_by_role("radio", name="The starter questions (300)").check()
    page.get_by_role("button", name="Run", exact=True).click()
    under = page.locator(".pc-eval-under")
    expect(under).to_contain_text("of 300 questions, about", timeout=60_000)
    shot(page, "evaluate-under-way")
    page.get_by_role("tab", name="Ask").click()
    turn = here.ask("What was the median overall survival with sorafenib in the SHARP trial?")
    expect(turn.locator(".pc-quote").first).to_be_visible()
    here.reload()
    go_there(here)
    expect(under).to_contain_text("of 300 questions")
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.locator(".pc-eval-list li")).to_have_count(1, timeout=30_000)
    expect(page.locator(".pc-eval-result")).to_contain_text("The run was stopped after")
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_visible()


def test_answers_that_were_judged_become_a_set_to_run_and_to_download(
    visit: Open, tmp_path: Path
) -> None:
    here = visit()
    turn = here.ask("What was the median overall survival with sorafenib in the SHARP trial?")
    turn.get_by_role("button", name="Right: the first quote answers it").click()
    expect(turn.locator(".pc-judged")).to_be_visible()
    page = go_there(here)
    page.get_by_role("radio", name="Your own questions (1)").check()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download your own questions").click()
    saved = tmp_path / "own.jsonl"
    download.value.save_as(saved)
    row = json.loads(saved.read_text("utf-8"))
    assert row["evidence"][0]["quote"]
    run(page)
    expect(page.locator(".pc-eval-result header")).to_contain_text("Your own questions")
    expect(page.locator(".pc-eval-first")).to_contain_text(
        "The first quote is a right sentence: 1 of 1"
    )
    expect(page.locator(".pc-eval-misses")).to_contain_text("None: every question")
    shot(page, "evaluate-own")
    other = go_there(visit())
    expect(other.get_by_role("radio", name="Your own questions")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_and_in_the_dark_everything_stays_readable(
    visit: Open, questions: Path, scheme: Literal["light", "dark"]
) -> None:
    here = visit(phone=True, scheme=scheme)
    page = go_there(here)
    bring(page, questions)
    run(page)
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(wide) == 0
    for number, place in enumerate(("header", ".pc-eval-misses", ".pc-eval-plots")):
        page.locator(f".pc-eval-result {place}").scroll_into_view_if_needed()
        shot(page, f"evaluate-phone-{scheme}-{number}")
    plot = page.locator(".pc-eval-plot > svg").first
    ink = plot.evaluate("element => getComputedStyle(element).color")
    assert (sum(map(int, ink[4:-1].split(","))) > 380) == (scheme == "dark")


def test_a_run_is_opened_and_compared_by_keyboard(visit: Open, few: Path) -> None:
    page = go_there(visit(scheme="dark"))
    bring(page, few)
    run(page)
    run(page)
    page.locator(".pc-eval-list .pc-open").nth(1).focus()
    page.keyboard.press("Enter")
    expect(page.locator(".pc-eval-list li").nth(1)).to_have_attribute("aria-current", "true")
    page.get_by_label("Compare with").focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".pc-eval-compared")).to_contain_text("2 as before")
    shot(page, "evaluate-dark")


def test_a_file_that_is_no_question_set_is_refused_in_a_sentence(
    visit: Open, tmp_path: Path
) -> None:
    page = go_there(visit())
    page.get_by_role("radio", name="A file of yours").check()
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.locator("#pc-eval-under .pc-problem")).to_contain_text("Choose a file")
    path = tmp_path / "eight <b>.csv"
    path.write_text("words\nno question\n", encoding="utf-8")
    bring(page, path)
    page.get_by_role("button", name="Run", exact=True).click()
    problem = page.locator("#pc-eval-under .pc-problem")
    expect(problem).to_contain_text('has no column named "question" in its first line.')
    expect(problem).not_to_contain_text("/")
