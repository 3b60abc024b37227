"""The web chat in a real browser, on the starter corpus."""

from __future__ import annotations

from typing import Literal

import pytest
from playwright.sync_api import expect

import app
from qa.assistant import Assistant
from tests.browser.conftest import Open, shot

# Gradio leaves event loops behind when it starts, and uses pandas in ways that pandas regrets.
pytestmark = [
    pytest.mark.browser,
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::Warning:gradio"),
]

SHARP = "What was the median overall survival with sorafenib in the SHARP trial?"
SHADE = "element => getComputedStyle(element).backgroundColor"
NOT_IN_IT = "How many goals did Uruguay score in the final of 1930?"


def test_a_question_is_answered_with_a_quote_that_leads_to_its_place(
    visit: Open, assistant: Assistant
) -> None:
    here = visit()
    answer = assistant.ask(SHARP)
    turn = here.ask(SHARP)
    quote = turn.locator(".pc-quote").first
    for words in answer.quotes[0].text.split(" | "):
        expect(quote).to_contain_text(words)
    card = here.page.locator("#cite-1-1")
    expect(card).not_to_have_class("pc-card pc-active")
    marked = card.locator("mark, tr.pc-hit td").first
    quiet = marked.evaluate(SHADE)
    quote.get_by_role("link", name="Citation 1").click()
    expect(card).to_have_class("pc-card pc-active")
    expect(card).to_contain_text(answer.citations[0].document.title)
    expect(marked).to_be_in_viewport()
    expect(marked).not_to_have_css("background-color", quiet)
    shown = card.locator("mark, tr.pc-hit td").all_inner_texts()
    assert " | ".join(shown) == answer.quotes[0].text


def test_a_citation_is_reached_and_left_by_keyboard(visit: Open) -> None:
    here = visit()
    marker = here.ask(SHARP).locator(".pc-marker").first
    marker.focus()
    here.page.keyboard.press("Enter")
    expect(here.page.locator("#cite-1-1")).to_be_focused()
    here.page.locator("#cite-1-1").get_by_role("link", name="Back to the answer").press("Enter")
    expect(marker).to_be_focused()


def test_the_citations_are_gone_through_by_key(visit: Open) -> None:
    here = visit()
    turn = here.ask(SHARP)
    expect(here.page.locator(".pc-keys").last).to_contain_text("n next and p previous citation")
    question = here.page.get_by_role("textbox", name="Question")
    question.focus()
    here.page.keyboard.type("pn/")
    expect(question).to_have_value("pn/")
    here.page.keyboard.press("Escape")
    expect(turn.locator(".pc-quote").first).to_be_focused()
    cards = here.page.locator(".pc-card")
    most = cards.count()
    assert most > 1
    for key, number in (("n", 1), ("n", 2), ("p", 1), ("p", most), ("n", 1)):
        here.page.keyboard.press(key)
        expect(here.page.locator(f"#cite-1-{number}")).to_be_focused()
        expect(here.page.locator(".pc-card.pc-active")).to_have_count(1)
        expect(turn.locator(".pc-marker[aria-current]")).to_have_text(str(number))
    here.page.keyboard.press("/")
    expect(question).to_be_focused()
    expect(question).to_have_value("pn/")


def test_what_is_being_done_is_said_meanwhile(visit: Open) -> None:
    here = visit()
    here.page.evaluate(
        """() => {
            window.seen = [];
            new MutationObserver(() => {
                const said = document.querySelector(".pc-pending")?.textContent;
                if (said) window.seen.push(said);
            }).observe(document.body, { subtree: true, childList: true, characterData: true });
        }"""
    )
    here.ask(SHARP)
    assert "Reading 20 passages…" in here.page.evaluate("window.seen")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pictures_of_what_a_person_sees(visit: Open, scheme: Literal["light", "dark"]) -> None:
    here = visit(scheme=scheme)
    shot(here.page, f"welcome-{scheme}")
    turn = here.ask("How long did patients survive on sorafenib in the Asia-Pacific trial?")
    shot(here.page, f"answer-{scheme}")
    turn.locator(".pc-marker").first.click()
    card = here.page.locator("#cite-1-1")
    card.get_by_role("button", name="Show the paragraph").click()
    expect(card.locator(".pc-lines")).to_be_visible()
    turn.locator(".pc-quote").first.hover()
    shot(here.page, f"source-{scheme}")
    expect(here.ask(NOT_IN_IT).locator(".pc-none")).to_be_visible()
    shot(here.page, f"not-found-{scheme}")


def test_what_helps_where_nothing_was_found_is_one_click_away(visit: Open) -> None:
    here = visit()
    turn = here.ask(NOT_IN_IT)
    turn.get_by_role("button", name="ask in other words").press("Enter")
    question = here.page.get_by_role("textbox", name="Question")
    expect(question).to_be_focused()
    expect(question).to_have_value(NOT_IN_IT)
    turn.get_by_role("button", name="add documents").press("Enter")
    expect(here.page.locator("#pc-drop")).to_be_visible()


def test_what_the_collection_does_not_hold_is_declined(visit: Open) -> None:
    here = visit()
    turn = here.ask(NOT_IN_IT)
    expect(turn.locator(".pc-none")).to_contain_text("Not found in the collection")
    expect(turn.locator("blockquote")).to_have_count(0)
    expect(here.page.get_by_role("heading", name="Nearest passages not an answer")).to_be_visible()
    turn.get_by_role("link", name="Show nearest passage A").click()
    expect(here.page.locator("#near-1-1")).to_be_in_viewport()
    expect(here.page.locator("mark")).to_have_count(0)


def test_an_example_is_asked_with_one_click(visit: Open) -> None:
    here = visit()
    here.page.get_by_role("button", name=SHARP).click()
    expect(here.answer(0).locator(".pc-question")).to_have_text(SHARP)


def test_a_follow_up_says_how_it_was_understood(visit: Open) -> None:
    here = visit()
    here.ask(SHARP)
    turn = here.ask("And in the Asia-Pacific trial?")
    expect(turn.locator(".pc-understood:not(.pc-meanings)")).to_contain_text("Understood as:")
    expect(turn.locator(".pc-understood:not(.pc-meanings)")).to_contain_text("Asia-Pacific")


def test_an_earlier_answer_s_citation_brings_its_own_sources_back(visit: Open) -> None:
    here = visit()
    first = here.ask(SHARP)
    here.ask(NOT_IN_IT)
    expect(here.page.locator("#cite-1-1")).to_be_hidden()
    first.locator(".pc-marker").first.click()
    expect(here.page.locator("#cite-1-1")).to_be_in_viewport()
    expect(here.page.locator("#near-2-1")).to_be_hidden()


def test_a_question_with_mark_up_is_shown_as_typed(visit: Open) -> None:
    here = visit()
    bad = "<img src=x onerror=window.hacked=1> ${window.hacked=1} {{sorafenib}}?"
    turn = here.ask(bad)
    expect(turn.locator(".pc-question")).to_have_text(bad)
    assert here.page.evaluate("window.hacked") is None


def test_no_one_sees_another_session_s_conversation(visit: Open) -> None:
    one, other = visit(), visit()
    one.ask(SHARP)
    other.ask(NOT_IN_IT)
    expect(other.page.locator(".pc-turn")).to_have_count(1)
    expect(other.page.locator("body")).not_to_contain_text(SHARP)


def test_a_new_conversation_begins_empty(visit: Open) -> None:
    here = visit()
    here.ask(SHARP)
    here.page.get_by_role("button", name="New conversation").click()
    expect(here.page.locator(".pc-welcome")).to_be_visible()
    expect(here.page.locator(".pc-card")).to_have_count(0)
    turn = here.ask("And in the Asia-Pacific trial?")
    expect(turn).not_to_contain_text("SHARP trial?")


def test_a_quote_is_copied_with_its_reference(visit: Open, assistant: Assistant) -> None:
    here = visit(permissions=["clipboard-read", "clipboard-write"])
    here.ask(SHARP)
    button = here.page.locator("#cite-1-1 [data-copy]")
    button.click()
    expect(button).to_have_text("Copied")
    copied = here.page.evaluate("navigator.clipboard.readText()")
    answer = assistant.ask(SHARP)
    assert copied.startswith(f"“{answer.quotes[0].text}”")
    assert answer.citations[0].document.title in copied


def test_a_quote_is_copied_from_the_answer_itself(visit: Open, assistant: Assistant) -> None:
    here = visit(permissions=["clipboard-read", "clipboard-write"])
    turn = here.ask(SHARP)
    turn.get_by_role("button", name="Copy quote 2 with its reference").press("Enter")
    answer = assistant.ask(SHARP)
    copied = here.page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(f"“{answer.quotes[1].text}”")


def test_each_tab_is_named_once(visit: Open) -> None:
    names = visit().page.get_by_role("tab").all_inner_texts()
    assert names == [tab.title for tab in app.TABS]


def test_the_page_itself_does_not_scroll_where_there_is_room(visit: Open) -> None:
    here = visit()
    here.ask(SHARP)
    higher = "document.documentElement.scrollHeight - document.documentElement.clientHeight"
    assert here.page.evaluate(higher) == 0


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_hangs_over_the_page_s_edge(visit: Open, width: int) -> None:
    here = visit(width=width)
    here.ask(SHARP)
    here.ask("a" * 600 + " sorafenib")
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert here.page.evaluate(wide) == 0


def test_on_a_phone_the_sources_stand_below_and_a_citation_goes_there(visit: Open) -> None:
    here = visit(phone=True)
    turn = here.ask(SHARP)
    box, sources = turn.bounding_box(), here.page.locator("#pc-sources").bounding_box()
    assert box is not None
    assert sources is not None
    assert sources["y"] > box["y"] + box["height"]
    shot(here.page, "answer-phone")
    turn.locator(".pc-marker").first.tap()
    expect(here.page.locator("#cite-1-1")).to_be_in_viewport()
    shot(here.page, "source-phone")


def test_light_and_dark_follow_the_system(visit: Open) -> None:
    pages = visit(scheme="light").page, visit(scheme="dark").page
    shades = [page.locator("body").evaluate(SHADE) for page in pages]
    assert shades == ["rgb(251, 250, 247)", "rgb(18, 23, 27)"]


@pytest.mark.parametrize("phone", [False, True], ids=["wide", "phone"])
def test_sources_that_differ_stand_side_by_side_without_a_verdict(visit: Open, phone: bool) -> None:
    here = visit(phone=phone)
    turn = here.ask("How long was median survival with sorafenib?")
    differing = turn.locator(".pc-differ").first
    expect(differing).to_contain_text("Sources differ")
    sides = differing.get_by_role("listitem")
    expect(sides).to_have_count(2)
    said = " ".join(sides.all_inner_texts())
    assert "10.7 months" in said
    assert "6.2 months" in said
    first, second = (side.bounding_box() for side in sides.all())
    assert first is not None
    assert second is not None
    if not phone:
        assert abs(first["y"] - second["y"]) < 2
        assert first["x"] + first["width"] <= second["x"]
    differing.scroll_into_view_if_needed()
    shot(here.page, f"disagreement-{'phone' if phone else 'wide'}")
