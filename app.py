"""The web chat: layout and events. What is answered, and how it looks, is decided in ``qa``."""

# No postponed annotations here: Gradio reads those of `ask` to describe it to its callers.

import logging
import os
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gradio as gr
import typer
from gradio.events import api
from markupsafe import Markup

import corpus
from corpus.load import SUPPORTED
from index.base import IndexProblem
from index.ingest import Progress, ingest
from qa import chat, cli, show, show_sources
from qa.asking import texts_of
from qa.assistant import Assistant
from qa.export import to_json_line
from qa.guard import guards
from qa.look import FAVICON, SCRIPT, STYLE, theme
from qa.uploads import FOLDER, take

log = logging.getLogger(__name__)

STARTER = Path(corpus.__file__).parent / "starter"
"""The documents that come with Pincite."""

AT_ONCE = 4
"""Questions answered at the same time; the others wait in the queue."""

LARGEST_UPLOAD = "100mb"

EXAMPLES = (
    "What was the median overall survival with sorafenib in the SHARP trial?",
    "How long did patients survive on sorafenib in the Asia-Pacific trial?",
    "What did the trials of tamoxifen show?",
    "What response rates were reported for single-agent doxorubicin?",
    "Why do these tumours resist chemotherapy?",
    "What is modified RECIST?",
)
BEYOND = ("What dose of lenvatinib is recommended?",)

RISKS: dict[str, float | None] = {
    "The usual": None,
    "1 in 5 may be wrong": 0.2,
    "1 in 10 may be wrong": 0.1,
    "Always answer": 1.0,
}

PROGRESS = gr.Progress()


class Page:
    """The page's parts, laid out; :meth:`wire` connects them to an assistant.

    To be made inside a ``gr.Blocks``.

    Args:
        show_original: gives the original of a quote, by its document's id and its offsets.
    """

    def __init__(self, show_original: Callable[[object], str]) -> None:
        self._show_original = show_original
        self.turns = gr.State(())
        with gr.Row(elem_id="pc-head"):
            _html(show.masthead())
            self.status = _html()
            self.afresh = gr.Button("New conversation", size="sm", elem_id="pc-afresh")
        with gr.Row(elem_id="pc-body"):
            with gr.Column(scale=3, elem_id="pc-left"):
                self._chat()
                with gr.Column(elem_id="pc-composer"):
                    self._ask()
                    with gr.Row(elem_id="pc-tools"):
                        self._add()
                        self._risk()
            with gr.Column(scale=2, elem_id="pc-right"):
                self.sources = _html(show_sources.no_sources(), elem_id="pc-sources")

    def _chat(self) -> None:
        self.conversation = _html(
            show.welcome(EXAMPLES, BEYOND),
            elem_id="pc-conversation",
            script=SCRIPT.read_text("utf-8"),
            server=[self._show_original],
        )

    def _ask(self) -> None:
        self.question = gr.Textbox(
            label="Question",
            show_label=False,
            container=False,
            placeholder="Ask your papers a question",
            submit_btn="Ask",
            max_length=chat.LONGEST,
            max_lines=4,
            elem_id="pc-question",
        )

    def _add(self) -> None:
        with gr.Accordion("Add your own documents", open=False, elem_id="pc-add"):
            self.files = gr.File(
                label="Text, Markdown, HTML or PDF files",
                file_count="multiple",
                file_types=sorted(SUPPORTED),
                height=150,
                elem_id="pc-drop",
            )
            self.report = _html(elem_id="pc-added")

    def _risk(self) -> None:
        with gr.Accordion("How sure must an answer be?", open=False, elem_id="pc-risk"):
            self.risk = gr.Radio(
                list(RISKS),
                value=next(iter(RISKS)),
                label="Share of the given answers that may be wrong",
                info="The smaller, the more often Pincite says that it found nothing.",
            )

    def wire(self, assistant: chat.Chats, uploads: Path) -> None:
        """Connect the parts.

        Args:
            assistant: answers the questions.
            uploads: the folder that keeps the files people add.
        """

        def respond(question: str, turns: chat.Turns, risk: str) -> Iterator[tuple[Any, ...]]:
            box: Any = ""
            for now in chat.respond(assistant, question, turns, RISKS.get(risk)):
                yield box, chat.conversation(now), chat.sources(now), now
                # Cleared once: what is typed while an answer is awaited stays.
                box = gr.skip()

        def begin_again() -> tuple[Any, ...]:
            return "", show.welcome(EXAMPLES, BEYOND), show_sources.no_sources(), ()

        def status() -> Markup:
            return show.status(assistant.index.stats())

        def add(files: list[str] | None, progress: gr.Progress = PROGRESS) -> tuple[Any, ...]:
            def tell(now: Progress) -> None:
                progress((now.done, now.total), desc=f"Reading {now.path.name}")

            paths = [Path(file) for file in files or ()]
            try:
                report = take(paths, assistant.index, assistant.embedder, uploads, tell)
            except IndexProblem as problem:
                return None, show.sorry(str(problem)), status()
            told = show.added(report.added, report.known, report.failed, report.partly)
            return None, told, status()

        parts = [self.question, self.conversation, self.sources, self.turns]
        self.question.submit(
            respond,
            [self.question, self.turns, self.risk],
            parts,
            show_progress="hidden",
            concurrency_limit=AT_ONCE,
            concurrency_id="ask",
            api_visibility="private",
        )
        self.afresh.click(
            begin_again, None, parts, show_progress="hidden", queue=False, api_visibility="private"
        )
        # One at a time: an index has one writer.
        self.files.upload(
            add,
            self.files,
            [self.files, self.report, self.status],
            show_progress_on=self.report,
            concurrency_limit=1,
            api_visibility="private",
        )


def _html(
    value: str = "",
    *,
    elem_id: str | None = None,
    script: str | None = None,
    server: list[Callable[..., Any]] | None = None,
) -> gr.HTML:
    return gr.HTML(
        value,
        elem_id=elem_id,
        js_on_load=script,
        server_functions=server,
        apply_default_css=False,
    )


def build(assistant: chat.Chats, uploads: Path) -> gr.Blocks:
    """Make the page and the ``ask`` endpoint of the HTTP API and the MCP server.

    Args:
        assistant: answers the questions.
        uploads: the folder that keeps the files people add.
    """
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

    def show_original(wanted: object) -> str:
        return chat.original_of(assistant.index, wanted)

    # What was uploaded is moved to `uploads`; what is left of it elsewhere goes within the hour.
    blocks = gr.Blocks(
        title="Pincite", analytics_enabled=False, fill_width=True, delete_cache=(3600, 3600)
    )
    with blocks:
        page = Page(show_original)
        page.wire(assistant, uploads)
        blocks.load(
            lambda: show.status(assistant.index.stats()),
            outputs=page.status,
            show_progress="hidden",
            api_visibility="private",
        )
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
    blocks = build(assistant, index_dir / FOLDER)
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
        css_paths=STYLE,
        app_kwargs={"middleware": guards(host)},
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
