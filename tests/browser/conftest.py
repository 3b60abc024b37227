"""The running web chat on the starter corpus, and a browser that keeps a log of what it does."""

from __future__ import annotations

import asyncio
import gc
import os
import shutil
import warnings
from collections.abc import Callable, Coroutine, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeVar
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright

import app
from index.ingest import ingest
from qa.assistant import Assistant

Result = TypeVar("Result")

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


# Nobody measures here how fast the page is; a busy machine makes it slow.
expect.set_options(timeout=15_000)


def finished(work: Coroutine[Any, Any, Result]) -> Result:
    """What a coroutine gives; on a thread of its own, as Playwright's loop runs on this one."""
    with ThreadPoolExecutor(1) as beside:
        return beside.submit(asyncio.run, work).result()


@pytest.fixture(scope="package", autouse=True)
def swept() -> Iterator[None]:
    """Sweep up, when the server has stopped, what Gradio leaves unclosed.

    Left to chance, the event loops would be collected, and complained about, in another test.
    """
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture(scope="package")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the index is."""
    return tmp_path_factory.mktemp("chat") / "index"


@pytest.fixture(scope="package")
def assistant(folder: Path) -> Iterator[Assistant]:
    """Answers from the starter corpus."""
    with Assistant.open(folder) as opened:
        report = ingest(opened.index, opened.embedder, [app.STARTER])
        assert report.failed == []
        yield opened


@pytest.fixture(scope="package")
def address(assistant: Assistant, folder: Path) -> Iterator[str]:
    """Where the web chat is served."""
    blocks = app.launch(assistant, folder, port=0, wait=False)
    yield str(blocks.local_url)
    blocks.close()


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        reason = "no Chromium on this machine; apt-get install chromium"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        yield chromium
        chromium.close()


def shot(page: Page, name: str) -> None:
    """Keep a picture of what a person sees now, where ``PINCITE_SCREENSHOTS`` names a folder.

    Args:
        page: the page.
        name: what the picture shows; the file is called after it.
    """
    folder = os.environ.get("PINCITE_SCREENSHOTS")
    if folder:
        page.wait_for_timeout(400)  # what scrolls has come to rest
        page.screenshot(path=Path(folder) / f"{name}.png")


BROKEN_OFF = ("AbortError: BodyStreamBuffer was aborted", "Connection errored out")
"""What is in the complaints of a page that is left while the server sends it something."""


@dataclass(slots=True)
class Visit:
    """A page of the chat, with every address it asked for and every complaint it made."""

    page: Page
    requested: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def ask(self, question: str) -> Locator:
        """Ask as a person would; the turn with the answer."""
        turns = self.page.locator(".pc-turn")
        before = turns.count()
        self.page.get_by_role("textbox", name="Question").fill(question)
        self.page.get_by_role("button", name="Ask", exact=True).click()
        return self.answer(before)

    def answer(self, before: int) -> Locator:
        """Wait for the turn after ``before`` others."""
        turn = self.page.locator(".pc-turn").nth(before)
        turn.locator(".pc-answer, .pc-none, .pc-problem").wait_for()
        return turn

    def reload(self) -> None:
        """Load the page anew, which may break off what the server is sending.

        The page that is left may say so; that is no complaint.
        """
        before = len(self.complaints)
        self.page.reload()
        self.page.locator(".pc-status").wait_for()
        self.complaints[before:] = [
            said for said in self.complaints[before:] if not any(one in said for one in BROKEN_OFF)
        ]

    def outside(self) -> list[str]:
        """List the requests that left this machine."""
        return [
            url
            for url in self.requested
            if urlsplit(url).scheme not in {"data", "blob"}
            and urlsplit(url).hostname not in {"127.0.0.1", "localhost"}
        ]


Open = Callable[..., Visit]


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Open]:
    """Open the chat in a fresh browser session.

    Whatever a test does: at its end nothing may have left the machine, and the page may not have
    complained.
    """
    contexts: list[BrowserContext] = []
    visits: list[Visit] = []

    def enter(
        *,
        width: int = 1280,
        phone: bool = False,
        scheme: Literal["light", "dark"] = "light",
        permissions: Sequence[str] = (),
    ) -> Visit:
        context = browser.new_context(
            viewport={"width": 390 if phone else width, "height": 844},
            is_mobile=phone,
            has_touch=phone,
            color_scheme=scheme,
            permissions=list(permissions),
        )
        contexts.append(context)
        context.set_default_timeout(30_000)
        page = context.new_page()
        made = Visit(page)
        visits.append(made)
        page.on("request", lambda request: made.requested.append(request.url))
        page.on("pageerror", lambda error: made.complaints.append(str(error)))
        page.on(
            "console",
            lambda message: (
                made.complaints.append(message.text) if message.type == "error" else None
            ),
        )
        page.goto(address)
        page.locator(".pc-welcome").wait_for()
        page.locator(".pc-status").wait_for()
        return made

    yield enter
    for context in contexts:
        context.close()
    for made in visits:
        assert made.requested
        assert made.outside() == []
        assert made.complaints == []


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    """A paper of the person's own, with mark-up that must never come alive."""
    path = tmp_path / "lake-survey.txt"
    path.write_text(
        "A survey of Lake Marisol <img src=x onerror=window.hacked=1>\n\n"
        "The survey of Lake Marisol counted 4,271 silver carp <script>window.hacked=1</script> "
        "in the spring of 1987.\n",
        encoding="utf-8",
    )
    return path
