"""The web chat: layout and events. What is answered, and how it looks, is decided in ``qa``."""

# No postponed annotations here: Gradio reads those of `ask` to describe it to its callers.

import logging
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path

import gradio as gr
import typer
from gradio.events import api

import corpus
from index.base import IndexProblem
from index.ingest import ingest
from qa import chat, cli, show
from qa.asking import texts_of
from qa.assistant import Assistant
from qa.courtesy import Courteous, Line
from qa.export import to_json_line
from qa.guard import guards
from qa.web.ask import AskTab
from qa.web.batch import BatchTab
from qa.web.look import FAVICON, STYLES, theme
from qa.web.parts import AT_ONCE, Shared, Tab, html, new_owner

log = logging.getLogger(__name__)

STARTER = Path(corpus.__file__).parent / "starter"
"""The documents that come with Pincite."""

LARGEST_UPLOAD = "100mb"

SCRAMBLED_BY = "pincite"
"""Hides nothing: a browser could not read what it stored if this differed from start to start."""

TABS: tuple[type[Tab], ...] = (AskTab, BatchTab)
"""The tabs in their order; each is a :class:`qa.web.parts.Tab`."""


def _page(
    page: gr.Blocks, assistant: chat.Chats, index_dir: Path, line: Line, closing: ExitStack
) -> None:
    """Lay out the head and the tabs, and connect their events."""
    owner = gr.BrowserState(None, storage_key="pincite", secret=SCRAMBLED_BY)
    with gr.Row(elem_id="pc-head"):
        html(show.masthead())
        status = html()
    made: list[Tab] = []
    chosen = gr.State(())  # not among the tabs: Gradio would count it as one of them
    with gr.Tabs(elem_id="pc-tabs") as tabs:
        shared = Shared(assistant, index_dir, owner, status, chosen, tabs, line, closing)
        for number, tab in enumerate(TABS):
            with gr.Tab(tab.title, id=number, elem_id=f"pc-tab-{tab.title.lower()}"):
                made.append(tab(shared))
    for one in made:
        one.wire()
    page.load(
        lambda: show.status(assistant.index.stats()),
        outputs=status,
        show_progress="hidden",
        api_visibility="private",
    )
    ready = page.load(
        new_owner, owner, owner, show_progress="hidden", queue=False, api_visibility="private"
    )
    for one in made:
        one.load(ready)


def build(assistant: chat.Chats, index_dir: Path, closing: ExitStack | None = None) -> gr.Blocks:
    """Make the page and the ``ask`` endpoint of the HTTP API and the MCP server.

    Args:
        assistant: answers the questions.
        index_dir: the index's folder, below which the page keeps what people bring and make.
        closing: is given what to do when the server ends.
    """
    line = Line()
    assistant = Courteous(assistant, line)
    # Gradio asks this variable, not only the argument, whether it may call home.
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

    def ask(question: str, history: list[str] | None = None, risk: float | None = None) -> str:
        """Answer a question from the indexed documents, in verbatim quotes with pinpoint citations.

        Args:
            question: The question, in full sentences or in key words.
            history: The earlier questions of the conversation, oldest first, for a follow-up.
            risk: Share of the given answers that may be wrong, above 0, at most 1 (always answer).

        Returns:
            One Answer record as a line of JSON, the same as "pincite ask --json" prints.
        """
        if not question.strip():
            raise gr.Error("The question is empty.", print_exception=False)
        if risk is not None and not 0 < risk <= 1:
            raise gr.Error("The risk must be above 0 and at most 1.", print_exception=False)
        try:
            answer = assistant.ask(question, history or (), risk=risk)
            return to_json_line(answer, texts_of(assistant.index))
        except IndexProblem as problem:
            raise gr.Error(str(problem), print_exception=False) from problem

    # Uploads are moved out of Gradio's folder; what is left of them there goes within the hour.
    blocks = gr.Blocks(
        title="Pincite", analytics_enabled=False, fill_width=True, delete_cache=(3600, 3600)
    )
    with blocks:
        _page(blocks, assistant, index_dir, line, closing or ExitStack())
        api(ask, api_name="ask", concurrency_limit=AT_ONCE, concurrency_id="ask")
    return blocks


def launch(
    assistant: chat.Chats,
    index_dir: Path,
    host: str = "127.0.0.1",
    port: int = 7860,
    *,
    open_browser: bool = False,
    wait: bool = True,
) -> gr.Blocks:
    """Serve the page, the HTTP API and the MCP server.

    Args:
        assistant: answers the questions.
        index_dir: the index's directory; its files are never served.
        host: the address to listen on.
        port: the port; 0 takes a free one.
        open_browser: whether to open the page in the default browser.
        wait: whether to return only when the server stops.

    Returns:
        The running page; its ``local_url`` says where.

    Raises:
        OSError: the port is taken.
    """
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
        app_kwargs={"middleware": guards(host), "lifespan": lifespan},
    )
    if wait:
        typer.echo(f"Pincite is at {blocks.local_url} - Ctrl-C ends it.")
        blocks.block_thread()
    return blocks


def serve(
    index_dir: Path, host: str = "127.0.0.1", port: int = 7860, *, open_browser: bool | None = None
) -> None:
    """Open an index and serve it until interrupted.

    An index that holds nothing yet is given the documents that come with Pincite, so that there is
    something to ask.

    Args:
        index_dir: the index's folder; made if missing.
        host: the address to listen on.
        port: the port.
        open_browser: whether to open the page in the default browser; where None, if a person at
            a terminal with a screen started it.

    Raises:
        IndexProblem: the index cannot be opened.
        OSError: the address cannot be listened on, as where the port is taken.
    """
    # Asked first, as Gradio does it only after the models are loaded, and in other words.
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        trial.bind((host, port))
    with Assistant.open(index_dir) as assistant:
        if not assistant.index.sources():
            log.info("The index at %s is empty: adding the starter documents.", index_dir)
            ingest(assistant.index, assistant.embedder, [_as_given(STARTER)])
        # The models are loaded by the first question; better before somebody waits for it.
        assistant.ask("Are you ready?")
        shown = _at_a_screen() if open_browser is None else open_browser
        launch(assistant, index_dir, host, port, open_browser=shown)


def _at_a_screen() -> bool:
    screen = sys.platform in ("darwin", "win32") or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")
    )
    return screen and sys.stdout.isatty()


def _as_given(path: Path) -> Path:
    """Name a path as a person here would: relative where it lies below the working directory."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def main() -> None:
    """Do what ``pincite serve`` does, with the same options."""
    cli.main(["serve", *sys.argv[1:]])


if __name__ == "__main__":
    main()
