"""The library tab in a real browser: looking through, adding, choosing what is asked, removing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from qa import library
from qa.assistant import Assistant
from qa.uploads import FOLDER
from tests.browser.conftest import Open, Visit, shot

# Gradio leaves event loops behind when it starts, and uses pandas in ways that pandas regrets.
pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::Warning:gradio"),
]

SURVIVAL = "What was the median overall survival with sorafenib?"
CARP = "How many silver carp did the survey of Lake Marisol count?"
EXTRA = ("lake-survey.txt", "broken.pdf", "sharp-once-more.md")
"""Files that these tests add."""


@pytest.fixture(autouse=True)
def cleared(assistant: Assistant, folder: Path) -> Iterator[None]:
    """Take out again what a test added."""
    yield
    mine = [r.path for r in assistant.index.sources() if Path(r.path).name in EXTRA]
    library.remove(mine, assistant.index, folder / FOLDER)


def enter(here: Visit) -> Page:
    """Open the library and wait for its table."""
    here.page.get_by_role("tab", name="Library").click()
    here.page.locator(".pc-rows tbody tr").first.wait_for()
    return here.page


def row(page: Page, words: str) -> Locator:
    return page.locator(".pc-rows tbody tr", has_text=words)


def choose(page: Page, *names: str) -> None:
    for name in names:
        row(page, name).get_by_role("checkbox").check()


def add(page: Page, *files: Path) -> Locator:
    """Hand in files; gives the lines that tell what became of them."""
    with page.expect_file_chooser() as chooser:
        page.locator("#pc-drop button").first.click()
    chooser.value.set_files(list(files))
    lines = page.locator(".pc-bringing li")
    expect(lines).to_have_count(len(files), timeout=60_000)
    expect(page.locator(".pc-bringing .pc-is-waiting, .pc-bringing .pc-is-reading")).to_have_count(
        0, timeout=60_000
    )
    return lines


def test_every_document_is_listed_with_what_is_known_of_it(visit: Open) -> None:
    page = enter(visit())
    one = row(page, "hace-results.md")
    expect(one.get_by_role("rowheader")).to_contain_text("Chemoembolisation")
    expect(one.locator('[data-name="Year"]')).to_have_text("2000")
    expect(one.locator('[data-name="Type"]')).to_have_text("Markdown")
    expect(one.locator('[data-name="State"]')).to_have_text("Ready")
    shot(page, "library")


def test_the_table_is_searched_filtered_and_sorted(visit: Open) -> None:
    page = enter(visit())
    page.get_by_label("Search").fill("sorafenib MECHAN")
    expect(page.locator(".pc-rows tbody tr")).to_have_count(1)
    expect(row(page, "sorafenib-mechanism.md")).to_be_visible()
    page.get_by_label("Search").fill("quokka")
    expect(page.locator(".pc-nothing")).to_contain_text("No document fits")
    page.get_by_label("Search").fill("")
    page.get_by_label("From year").fill("2000")
    page.get_by_label("To year").fill("2000")
    expect(row(page, "hace-results.md")).to_be_visible()
    expect(row(page, "sharp-trial.md")).to_have_count(0)
    page.get_by_label("From year").fill("")
    page.get_by_label("To year").fill("")
    page.get_by_role("button", name="Passages").click()
    header = page.get_by_role("columnheader", name="Passages")
    expect(header).to_have_attribute("aria-sort", "descending")
    expect(header.get_by_role("button")).to_be_focused()
    shown = page.locator('.pc-rows [data-name="Passages"]').all_inner_texts()
    assert shown == sorted(shown, key=int, reverse=True)
    page.get_by_label("State").select_option("Not read")
    expect(page.locator(".pc-nothing")).to_be_visible()


def test_a_question_is_answered_from_the_chosen_documents_only(visit: Open) -> None:
    here = visit()
    page = enter(here)
    choose(page, "asia-pacific-trial.md", "thalidomide-hcc.md")
    expect(page.locator(".pc-chosen p")).to_have_text("2 documents chosen")
    shot(page, "library-chosen")
    page.get_by_role("button", name="Ask only these 2").click()
    limit = page.locator("#pc-limit-ask .pc-limited")
    expect(limit).to_contain_text("Only 2 of 20 documents")
    turn = here.ask(SURVIVAL)
    expect(turn.locator(".pc-limit")).to_have_text("Limited to: 2 documents")
    sources = page.locator(".pc-card .pc-place", has_text="File").all_inner_texts()
    assert sources
    assert all("asia-pacific-trial.md" in s or "thalidomide-hcc.md" in s for s in sources)
    shot(page, "library-limited-answer")
    limit.get_by_role("button", name="ask all").click()
    expect(limit).to_have_count(0)
    expect(here.ask(SURVIVAL).locator(".pc-limit")).to_have_count(0)


def test_what_is_chosen_can_be_changed_from_the_question(visit: Open) -> None:
    page = enter(visit())
    choose(page, "sharp-trial.md")
    page.get_by_role("button", name="Ask only this one").click()
    page.locator("#pc-limit-ask").get_by_role("button", name="change").click()
    expect(page.locator("#pc-limit-library")).to_contain_text("Only 1 of 20 documents")
    expect(row(page, "sharp-trial.md").get_by_role("checkbox")).to_be_checked()
    choose(page, "hace-results.md")
    page.get_by_role("button", name="Ask only these 2").click()
    expect(page.locator("#pc-limit-ask")).to_contain_text("Only 2 of 20 documents")


def test_questions_are_limited_to_years(visit: Open) -> None:
    here = visit()
    page = enter(here)
    page.get_by_label("To year").fill("1900")
    expect(page.locator(".pc-nothing")).to_be_visible()
    page.get_by_label("To year").fill("2000")
    page.get_by_role("button", name="Ask only these").click()
    expect(page.locator("#pc-limit-ask")).to_contain_text("Only documents up to 2000")
    turn = here.ask("What response rates did chemoembolisation reach?")
    expect(turn.locator(".pc-limit")).to_have_text("Limited to: documents up to 2000")
    for file in page.locator(".pc-card .pc-place").all_inner_texts():
        assert "hace-" in file


def test_a_paper_is_added_and_asked_about_and_a_broken_file_says_why(
    visit: Open, paper: Path
) -> None:
    here = visit()
    here.page.get_by_role("button", name="Add documents").click()
    page = here.page
    page.locator(".pc-rows tbody tr").first.wait_for()
    broken = paper.with_name("broken.pdf")
    broken.write_bytes(b"%PDF-1.7 this is none")
    lines = add(page, paper, broken)
    expect(lines.nth(0)).to_contain_text("lake-survey.txt is read and can be asked about.")
    expect(lines.nth(1)).to_contain_text("broken.pdf is broken")
    expect(row(page, "lake-survey.txt")).to_contain_text("A survey of Lake Marisol <img")
    expect(row(page, "broken.pdf")).to_contain_text("Not read. It is broken")
    shot(page, "library-added")
    here.page.get_by_role("tab", name="Ask").click()
    turn = here.ask(CARP)
    expect(turn.locator("blockquote").first).to_contain_text(
        "counted 4,271 silver carp <script>window.hacked=1</script>"
    )
    expect(page.locator("#cite-1-1 h3")).to_contain_text("<img src=x")
    assert page.evaluate("window.hacked") is None


def test_a_broken_file_can_be_tried_again_and_a_mended_one_takes_its_place(
    visit: Open, paper: Path
) -> None:
    page = enter(visit())
    whole = paper.read_text("utf-8")
    paper.write_text("", encoding="utf-8")
    add(page, paper)
    failed = row(page, "lake-survey.txt")
    failed.get_by_role("button", name="Try").click()
    expect(page.locator(".pc-bringing .pc-is-failed")).to_contain_text("lake-survey.txt is empty")
    expect(failed).to_contain_text("Not read. It is empty")
    paper.write_text(whole, encoding="utf-8")
    add(page, paper)
    expect(row(page, "lake-survey.txt")).to_contain_text("Ready")


def test_a_document_is_removed_after_asking_and_gone_from_answers_at_once(
    visit: Open, paper: Path, folder: Path
) -> None:
    here = visit()
    page = enter(here)
    add(page, paper)
    choose(page, "lake-survey.txt")
    page.get_by_role("button", name="Remove …").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Remove 1 document from the collection?")
    shot(page, "library-remove")
    dialog.get_by_role("button", name="Keep").click()
    expect(row(page, "lake-survey.txt")).to_be_visible()
    page.get_by_role("button", name="Remove …").click()
    dialog.get_by_role("button", name="Remove").click()
    expect(page.locator(".pc-told")).to_contain_text("Removed: ")
    expect(row(page, "lake-survey.txt")).to_have_count(0)
    expect(page.locator(".pc-status")).to_contain_text("20 documents")
    assert not (folder / FOLDER / paper.name).exists()
    page.get_by_role("tab", name="Ask").click()
    turn = here.ask(CARP)
    expect(turn).not_to_contain_text("4,271")


def test_a_copy_says_whose_article_it_holds(
    visit: Open, assistant: Assistant, tmp_path: Path
) -> None:
    page = enter(visit())
    names = [r.path for r in assistant.index.sources() if r.path.endswith("sharp-trial.md")]
    copy = tmp_path / "sharp-once-more.md"
    copy.write_text(Path(names[0]).read_text("utf-8") + "\n\nKept twice.\n", encoding="utf-8")
    add(page, copy)
    page.get_by_label("State").select_option("Same article")
    expect(page.locator(".pc-rows tbody tr")).to_have_count(1)
    expect(page.locator(".pc-rows tbody tr")).to_contain_text("Same article as")


def test_the_library_works_by_keyboard(visit: Open) -> None:
    page = enter(visit())
    page.get_by_label("Search").focus()
    page.keyboard.type("sharp-trial")
    expect(page.locator(".pc-rows tbody tr")).to_have_count(1)
    box = row(page, "sharp-trial.md").get_by_role("checkbox")
    for _ in range(20):
        page.keyboard.press("Tab")
        if box.evaluate("box => box === document.activeElement"):
            break
    page.keyboard.press("Space")
    remove = page.get_by_role("button", name="Remove …")
    remove.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(remove).to_be_focused()
    page.get_by_role("button", name="Ask only this one").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#pc-limit-ask")).to_contain_text("Only 1 of 20 documents")


def test_no_one_else_s_questions_are_limited(visit: Open) -> None:
    one, other = enter(visit()), visit()
    choose(one, "sharp-trial.md")
    one.get_by_role("button", name="Ask only this one").click()
    expect(one.locator("#pc-limit-ask .pc-limited")).to_be_visible()
    turn = other.ask(SURVIVAL)
    expect(turn.locator(".pc-limit")).to_have_count(0)
    expect(other.page.locator("#pc-limit-ask .pc-limited")).to_have_count(0)


@pytest.mark.parametrize("how", ["phone", "dark"])
def test_on_a_phone_and_in_the_dark_nothing_hangs_over_the_edge(visit: Open, how: str) -> None:
    page = enter(visit(phone=how == "phone", scheme="dark" if how == "dark" else "light"))
    choose(page, "sharp-trial.md")
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(wide) == 0
    ask = page.get_by_role("button", name="Ask only this one")
    expect(ask).to_be_in_viewport()
    shot(page, f"library-{how}")
    ask.click()
    expect(page.locator("#pc-limit-ask")).to_contain_text("Only 1 of 20 documents")
    shot(page, f"library-{how}-limited")
