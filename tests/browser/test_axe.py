"""The page for people who use it by keyboard or hear it: axe-core, focus, names, what is spoken."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open, shot

# Gradio leaves event loops behind when it starts, and uses pandas in ways that pandas regrets.
pytestmark = [
    pytest.mark.browser,
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::Warning:gradio"),
]

SHARP = "What was the median overall survival with sorafenib in the SHARP trial?"
NOT_IN_IT = "How many goals did Uruguay score in the final of 1930?"
WORST = ("serious", "critical")

FROM_GRADIO: dict[tuple[str, str], str] = {}
"""What Gradio's own parts cause and cannot be put right from outside: by axe's rule and a pattern
of the element's selector, the reason."""


def complaints(page: Page, name: str) -> list[str]:
    """What axe-core finds serious on the page as it is now; a report keeps all that it finds."""
    page.wait_for_timeout(300)  # colours that fade have come to rest
    found: list[dict[str, Any]] = Axe().run(page).response["violations"]
    folder = os.environ.get("PINCITE_SCREENSHOTS")
    if folder:
        (Path(folder) / f"axe-{name}.json").write_text(json.dumps(found, indent=1), "utf-8")
        shot(page, f"axe-{name}")
    return [
        f"{rule['id']}: {' '.join(map(str, node['target']))}: {node['failureSummary']}"
        for rule in found
        if rule["impact"] in WORST
        for node in rule["nodes"]
        if not any(
            rule["id"] == known and re.search(pattern, " ".join(map(str, node["target"])))
            for known, pattern in FROM_GRADIO
        )
    ]


def tabs(page: Page) -> list[str]:
    """The names of the page's tabs."""
    return [name.strip() for name in page.get_by_role("tab").all_inner_texts() if name.strip()]


def go_to(page: Page, name: str) -> None:
    """Go to a tab, which may stand behind "more" where the screen is narrow."""
    page.get_by_role("tab", name=name, exact=True).first.click()
    page.wait_for_timeout(500)  # what the tab fetches when it is shown


LOOKS = [
    pytest.param(scheme, phone, id=f"{scheme}-{'phone' if phone else 'desk'}")
    for scheme in ("light", "dark")
    for phone in (False, True)
]


@pytest.mark.parametrize(("scheme", "phone"), LOOKS)
def test_axe_finds_nothing_serious_on_any_tab(
    visit: Open, scheme: Literal["light", "dark"], phone: bool
) -> None:
    here = visit(scheme=scheme, phone=phone)
    look = f"{scheme}-{'phone' if phone else 'desk'}"
    found = complaints(here.page, f"{look}-welcome")
    for name in tabs(here.page):
        go_to(here.page, name)
        found += complaints(here.page, f"{look}-{name.lower()}")
    assert found == []


@pytest.mark.parametrize(("scheme", "phone"), LOOKS)
def test_axe_finds_nothing_serious_in_a_conversation(
    visit: Open, scheme: Literal["light", "dark"], phone: bool
) -> None:
    here = visit(scheme=scheme, phone=phone)
    look = f"{scheme}-{'phone' if phone else 'desk'}"
    here.ask(SHARP)
    here.page.locator("[data-original]").first.click()
    here.page.locator(".pc-lines mark").first.wait_for()
    found = complaints(here.page, f"{look}-answer")
    here.ask(NOT_IN_IT)
    for name in ("Add your own documents", "How sure must an answer be?"):
        button = here.page.get_by_role("button", name=name)
        if button.is_visible():
            button.click()
    found += complaints(here.page, f"{look}-not-found")
    assert found == []


FOCUSED: str = """() => {
  const it = document.activeElement;
  const label = it.labels?.[0]?.textContent.trim();
  return [it.getAttribute("aria-label") || label || it.innerText || it.title || "", it.tagName];
}"""


def focused(page: Page, presses: int) -> list[str]:
    """What is reached one after the other by the Tab key, from the top of the page."""
    # What was focused last is where Tab goes on from, even when it is not focused any more.
    page.evaluate("document.body.tabIndex = -1; document.body.focus()")
    out: list[str] = []
    for _ in range(presses):
        page.keyboard.press("Tab")
        name, tag = page.evaluate(FOCUSED)
        if tag != "BODY":
            out.append(" ".join(str(name).split()))
    return out


def test_the_keyboard_goes_through_the_page_as_it_is_read(visit: Open) -> None:
    here = visit(phone=False)
    expect(here.page.get_by_role("textbox", name="Question")).to_be_focused()
    reached = focused(here.page, 40)
    assert reached[: len(tabs(here.page))] == tabs(here.page)
    question = next(i for i, name in enumerate(reached) if name.startswith("Question"))
    assert reached.index("New conversation") < reached.index(SHARP) < question
    assert reached[question + 1] == "Ask"
    assert "How sure must an answer be?" in reached[question + 2]
    assert all(reached), "something is reached that has no name"


def test_what_has_the_focus_is_seen(visit: Open) -> None:
    here = visit()
    for button in (
        here.page.get_by_role("button", name=SHARP),
        here.page.get_by_role("button", name="New conversation"),
        here.page.get_by_role("button", name="Ask", exact=True),
    ):
        rest = button.evaluate(LOOK)
        button.focus()
        here.page.keyboard.press("Shift+Tab")
        here.page.keyboard.press("Tab")
        expect(button).to_be_focused()
        assert button.evaluate(LOOK) != rest


LOOK = """element => {
  const { outline, boxShadow, borderColor } = getComputedStyle(element);
  return [outline, boxShadow, borderColor].join();
}"""

SPOKEN = "#pc-live [role=status]"


def test_an_answer_is_spoken_when_it_is_there(visit: Open) -> None:
    here = visit()
    place = here.page.locator(SPOKEN)
    expect(place).to_have_attribute("aria-live", "polite")
    expect(place).to_have_text("")
    place.evaluate("element => { window.kept = element }")
    turn = here.ask(SHARP)
    quote = turn.locator("blockquote").first.inner_text()
    expect(place).to_contain_text("answer")
    expect(place).to_contain_text(quote.split()[0])
    here.ask(NOT_IN_IT)
    expect(place).to_contain_text("Not found in the collection")
    assert place.evaluate("element => window.kept === element"), "it was drawn anew"


def test_what_is_spoken_is_text_whatever_a_document_holds(visit: Open) -> None:
    here = visit()
    here.ask("<img src=x onerror=window.hacked=1> sorafenib survival SHARP?")
    here.page.wait_for_timeout(400)
    assert here.page.locator(f"{SPOKEN} img").count() == 0
    assert here.page.evaluate("window.hacked") is None


def test_the_head_says_that_questions_are_answered(visit: Open) -> None:
    here = visit()
    expect(here.page.locator(".pc-state")).to_have_text("ready")


def test_everything_that_can_be_used_has_a_name(visit: Open) -> None:
    here = visit()
    here.ask(SHARP)
    names = here.page.evaluate(NAMELESS)
    assert names == []


NAMELESS = """() => [...document.querySelectorAll("button, a[href], input, textarea, select")]
  .filter((it) => it.offsetParent !== null && !it.closest("[aria-hidden=true]"))
  .filter((it) => !(it.textContent?.trim() || it.getAttribute("aria-label") || it.title ||
    it.labels?.length || it.getAttribute("aria-labelledby")))
  .map((it) => it.outerHTML.slice(0, 200))"""
