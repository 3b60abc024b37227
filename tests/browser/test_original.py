"""Quotes shown in their originals, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Locator, expect
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

import app
from index.ingest import ingest
from qa.assistant import Assistant
from tests.browser.conftest import Open, Visit, shot

# Gradio leaves event loops behind when it starts, and uses pandas in ways that pandas regrets.
pytestmark = [
    pytest.mark.browser,
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::Warning:gradio"),
]

BOAT = "How deep is the keel of the steamboat Aurelia?"
BOAT_LINES = (
    "A short history of the steamboats of Lake Marisol.",
    "The steamboat Aurelia was built by two brothers in a hard winter.",
    "The keel of the steamboat Aurelia is three metres deep, deeper than",
    "that of any other steamboat which was ever seen on Lake Marisol.",
    "She was sold in the spring and carried sand for many years.",
)
CARP = "How many silver carp did the survey of Lake Marisol count?"
CARP_PAPER = """# A survey of Lake Marisol <img src=x onerror=window.hacked=1>

## Counts

The survey of Lake Marisol counted **4,271** silver carp <script>window.hacked=1</script>
in the spring of 1987.
"""


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A PDF and a Markdown file."""
    folder = tmp_path_factory.mktemp("papers")
    canvas = Canvas(str(folder / "boats.pdf"), pagesize=A4, invariant=1)
    canvas.setFont("Times-Roman", 12)
    for number, line in enumerate(BOAT_LINES):
        canvas.drawString(60, 640 - 16 * number + 20 * (number == 0), line)
    canvas.save()
    (folder / "carp.md").write_text(CARP_PAPER, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the index is."""
    return tmp_path_factory.mktemp("originals") / "index"


@pytest.fixture(scope="module")
def assistant(folder: Path, papers: Path) -> Iterator[Assistant]:
    """Answers from the two papers."""
    with Assistant.open(folder) as opened:
        assert ingest(opened.index, opened.embedder, [papers]).failed == []
        yield opened


@pytest.fixture(scope="module")
def address(assistant: Assistant, folder: Path) -> Iterator[str]:
    """Where the web chat is served."""
    blocks = app.launch(assistant, folder, port=0, wait=False)
    yield str(blocks.local_url)
    blocks.close()


def card(here: Visit, question: str) -> Locator:
    """Ask, and give the card of the first citation."""
    here.ask(question)
    return here.page.locator(".pc-card").first


def painted(picture: Locator) -> bool:
    """Whether the picture is there, and has yellow in it."""
    return bool(
        picture.evaluate(
            """async img => {
                await img.decode();
                const canvas = document.createElement("canvas");
                canvas.width = img.naturalWidth;
                canvas.height = img.naturalHeight;
                const pen = canvas.getContext("2d");
                pen.drawImage(img, 0, 0);
                const { data } = pen.getImageData(0, 0, canvas.width, canvas.height);
                for (let i = 0; i < data.length; i += 4)
                    if (data[i] - data[i + 2] > 100) return true;
                return false;
            }"""
        )
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_of_a_pdf_is_shown_with_the_quote_marked_and_closed_again(
    visit: Open, scheme: str
) -> None:
    here = visit(scheme=scheme)
    shown = card(here, BOAT)
    expect(shown.locator("img")).to_have_count(0)
    button = shown.get_by_role("button", name="Show the page")
    button.click()
    picture = shown.get_by_role("img")
    expect(picture).to_be_visible()
    expect(picture).to_have_attribute("alt", "Page 1 of boats, with the words marked")
    assert painted(picture)
    shot(here.page, "page-picture")
    shown.get_by_role("button", name="Hide the page").click()
    expect(picture).to_be_hidden()
    expect(button).to_have_attribute("aria-expanded", "false")


def test_the_page_is_opened_looked_at_closely_and_closed_by_keyboard(visit: Open) -> None:
    here = visit()
    shown = card(here, BOAT)
    button = shown.locator("[data-original]")
    button.focus()
    here.page.keyboard.press("Enter")
    expect(shown.get_by_role("img")).to_be_visible()
    for _ in range(3):  # past what else the card offers
        here.page.keyboard.press("Tab")
    expect(shown.get_by_role("button", name="Closer")).to_be_focused()
    here.page.keyboard.press("Enter")
    expect(shown.get_by_role("img")).to_have_attribute(
        "alt", "Part of page 1 of boats, with the words marked"
    )
    here.page.keyboard.press("Tab")
    expect(shown.locator(".pc-sheet")).to_be_focused()
    button.press("Enter")
    expect(shown.locator(".pc-original")).to_be_hidden()
    expect(button).to_be_focused()


def test_on_a_phone_the_surroundings_come_first_and_the_page_on_request(visit: Open) -> None:
    here = visit(phone=True)
    shown = card(here, BOAT)
    shown.get_by_role("button", name="Show the page").tap()
    picture = shown.get_by_role("img")
    expect(picture).to_have_count(1)
    expect(picture).to_have_class("pc-near-by")
    assert painted(picture)
    shot(here.page, "page-picture-phone")
    shown.get_by_role("button", name="Whole page").tap()
    expect(picture).to_have_class("pc-whole")
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert here.page.evaluate(wide) == 0


def test_a_text_file_is_shown_line_by_line_and_its_mark_up_stays_text(visit: Open) -> None:
    here = visit()
    shown = card(here, CARP)
    shown.get_by_role("button", name="Show the paragraph").click()
    lines = shown.locator(".pc-lines")
    expect(lines).to_contain_text("Lines 5–6 of")
    expect(lines.locator("li").first).to_have_text("## Counts")
    expect(lines.locator("ol")).to_have_attribute("start", "3")
    expect(lines).to_contain_text("**4,271** silver carp <script>window.hacked=1</script>")
    assert "4,271" in " ".join(lines.locator("mark").all_inner_texts())
    assert here.page.evaluate("window.hacked") is None


def test_a_file_that_has_changed_is_said_to_have_and_the_stored_words_are_shown(
    visit: Open, papers: Path
) -> None:
    here = visit()
    shown = card(here, BOAT)
    path = papers / "boats.pdf"
    before = path.read_bytes()
    path.write_bytes(before + b"\n")
    try:
        shown.get_by_role("button", name="Show the page").click()
        expect(shown.locator(".pc-original .pc-gone")).to_contain_text(
            "boats.pdf has changed since it was indexed"
        )
    finally:
        path.write_bytes(before)
    expect(shown.locator(".pc-original mark")).to_contain_text("three metres deep")


def test_nothing_but_places_in_indexed_documents_can_be_asked_for(
    visit: Open, address: str, assistant: Assistant, papers: Path
) -> None:
    here = visit()
    config = here.page.evaluate("window.gradio_config.components")
    component = next(c["id"] for c in config if "show_original" in c["props"].get("server_fns", []))
    known = assistant.index.sources()[0].document
    assert known is not None

    def ask(wanted: object, name: str = "show_original") -> httpx.Response:
        body = {"session_hash": "s", "component_id": component, "fn_name": name, "data": wanted}
        return httpx.post(f"{address}gradio_api/component_server", json=body)

    fine = {"document": known.id, "start": 0, "end": 8}
    assert "pc-page" in ask(fine).json()
    secret = str(papers / "carp.md")
    for wanted in (
        secret,
        None,
        [],
        [secret, 0, 8],
        {**fine, "path": secret},
        {**fine, "start": "0"},
        {**fine, "end": 10**9},
        {**fine, "start": -5},
        {**fine, "end": 0},
        {**fine, "document": secret},
        {**fine, "document": "../carp.md"},
    ):
        said = ask(wanted).json()
        assert "pc-problem" in said or "has left the index" in said
        assert "silver" not in said
        assert "<img" not in said
    assert ask(fine, "preprocess").status_code == 404
