"""The web chat: layout and events. What is answered, and how it looks, is decided in ``qa``."""

from __future__ import annotations

import logging
import os
import socket
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager
from functools import partial
from pathlib import Path

import gradio as gr
import typer

import corpus
from index.aside import AsideEmbedder
from index.settings import Settings
from qa import chat, cli, show
from qa.accounts import Accounts
from qa.assistant import Assistant
from qa.courtesy import Courteous, Line
from qa.guard import Login, guards
from qa.starting import Starting, prepare, statuses
from qa.web.api import add_endpoints
from qa.web.ask import AskTab
from qa.web.batch import BatchTab
from qa.web.evaluate import EvaluateTab
from qa.web.fetching import fetch_nothing
from qa.web.library import LibraryTab
from qa.web.look import FAVICON, LIVE, STYLES, theme
from qa.web.parts import Shared, Tab, html, new_owner

log = logging.getLogger(__name__)

STARTER = Path(corpus.__file__).parent / "starter"
"""The documents that come with Pincite."""

LARGEST_UPLOAD = "100mb"

SCRAMBLED_BY = "pincite"
"""Hides nothing: a browser could not read what it stored if this differed from start to start."""

TABS: tuple[type[Tab], ...] = (AskTab, LibraryTab, BatchTab, EvaluateTab)
"""The tabs in their order; each is a :class:`qa.web.parts.Tab`."""


def _page(
    page: gr.Blocks,
    assistant: chat.Chats,
    statuses_of: Callable[[], Iterator[str]],
    index_dir: Path,
    line: Line,
    closing: ExitStack,
) -> None:
    """Lay out the head and the tabs, and connect their events."""
    owner = gr.BrowserState(None, storage_key="pincite", secret=SCRAMBLED_BY)
    with gr.Row(elem_id="pc-head"):
        html(show.masthead())
        status = html()
    made: list[Tab] = []
    # Nothing but tabs may be inside: Gradio's page counts every child of a tab bar as one.
    chosen, years = gr.State(()), gr.State((None, None))
    with gr.Tabs(elem_id="pc-tabs") as tabs:
        shared = Shared(assistant, index_dir, owner, status, chosen, years, tabs, line, closing)
        for tab in TABS:
            name = tab.title.lower()
            with gr.Tab(tab.title, id=name, elem_id=f"pc-tab-{name}"):
                made.append(tab(shared))
    html(show.live(), elem_id="pc-live", script=LIVE.read_text("utf-8"))
    for one in made:
        one.wire()
    page.load(
        lambda: (yield from statuses_of()),
        outputs=status,
        concurrency_limit=None,
        show_progress="hidden",
        api_visibility="private",
    )
    ready = page.load(
        new_owner, owner, owner, show_progress="hidden", queue=False, api_visibility="private"
    )
    for one in made:
        one.load(ready)


def build(assistant: chat.Chats, index_dir: Path, closing: ExitStack | None = None) -> gr.Blocks:
    """Make the page and the endpoints of the HTTP API and the MCP server.

    Args:
        assistant: answers the questions.
        index_dir: the index's folder, below which the page keeps what people bring and make.
        closing: is given what to do when the server ends.
    """
    line = Line()
    courteous, statuses_of = Courteous(assistant, line), partial(statuses, assistant)
    # Gradio asks this variable, not only the argument, whether it may call home.
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

    # Uploads are moved out of Gradio's folder; what is left of them there goes within the hour.
    blocks = gr.Blocks(
        title="Pincite", analytics_enabled=False, fill_width=True, delete_cache=(3600, 3600)
    )
    with blocks:
        _page(blocks, courteous, statuses_of, index_dir, line, closing or ExitStack())
        add_endpoints(courteous)
    return blocks


def launch(
    assistant: chat.Chats,
    index_dir: Path,
    host: str = "127.0.0.1",
    port: int = 7860,
    *,
    accounts: Accounts | None = None,
    open_browser: bool = False,
    wait: bool = True,
) -> gr.Blocks:
    """Serve the page, the HTTP API and the MCP server.

    An assistant that is still :class:`Starting` is begun with once the page is there.

    Args:
        assistant: answers the questions.
        index_dir: the index's directory; its files are never served.
        host: the address to listen on.
        port: the port; 0 takes a free one.
        accounts: who may log in; None where all who reach the server may use it.
        open_browser: whether to open the page in the default browser.
        wait: whether to return only when the server stops.

    Returns:
        The running page; its ``local_url`` says where.

    Raises:
        OSError: the port is taken.
    """
    login = Login(accounts.admit) if accounts is not None else None
    fetch_nothing()
    closing = ExitStack()

    @asynccontextmanager
    async def lifespan(_: object) -> AsyncIterator[None]:
        with closing:
            yield

    blocks = build(assistant, index_dir, closing)
    blocks.queue(max_size=100).launch(
        server_name=host,
        server_port=port or None,
        inbrowser=open_browser,
        prevent_thread_lock=True,
        share=False,
        quiet=True,
        ssr_mode=False,
        run_history=False,
        enable_monitoring=False,
        mcp_server=True,
        footer_links=[],
        favicon_path=FAVICON,
        blocked_paths=[str(index_dir.resolve())],
        max_file_size=LARGEST_UPLOAD,
        theme=theme(),
        css_paths=STYLES,
        app_kwargs={"middleware": guards(host, login), "lifespan": lifespan},
    )
    if login is not None:
        login.starting = False
        # Whose conversation it is, Gradio asks here.
        blocks.app.auth_dependency = lambda request: request.user.display_name
    if isinstance(assistant, Starting):
        # Not sooner: what it imports would keep the page waiting.
        assistant.start()
    if wait:
        typer.echo(f"Pincite is at {blocks.local_url} - Ctrl-C ends it.")
        blocks.block_thread()
    return blocks


def serve(
    index_dir: Path,
    host: str = "127.0.0.1",
    port: int = 7860,
    *,
    accounts: Accounts | None = None,
    open_browser: bool | None = None,
) -> None:
    """Open an index and serve it until interrupted.

    The page is there before the models are loaded. An index that holds nothing yet is given the
    documents that come with Pincite, so that there is something to ask.

    Args:
        index_dir: the index's folder; made if missing.
        host: the address to listen on.
        port: the port.
        accounts: who may log in; None where all who reach the server may use it.
        open_browser: whether to open the page in the default browser; where None, if a person at
            a terminal with a screen started it.

    Raises:
        IndexProblem: the index cannot be opened.
        OSError: the address cannot be listened on, as where the port is taken.
    """
    # Asked first, as Gradio does it only after much else, and in other words.
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        trial.bind((host, port))
    with Assistant.open(index_dir) as assistant:
        settings = Settings()
        name = settings.embedder or assistant.embedder.name
        aside = AsideEmbedder(assistant.embedder, name, settings.device)
        starting = Starting(assistant, partial(prepare, assistant, STARTER), aside)
        shown = _at_a_screen() if open_browser is None else open_browser
        try:
            launch(starting, index_dir, host, port, accounts=accounts, open_browser=shown)
        finally:
            starting.close()
            aside.close()


def _at_a_screen() -> bool:
    screen = sys.platform in ("darwin", "win32") or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")
    )
    return screen and sys.stdout.isatty()


def main() -> None:
    """Do what ``pincite serve`` does, with the same options."""
    cli.main(["serve", *sys.argv[1:]])


if __name__ == "__main__":
    main()
