"""The first tab: the conversation, and the sources beside it."""

# No postponed annotations here: Gradio reads those of the handlers.

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.events import Dependency

from corpus.load import SUPPORTED
from index.base import IndexProblem
from index.ingest import Progress
from qa import chat, show, show_sources
from qa.uploads import FOLDER, take
from qa.web.look import SCRIPT
from qa.web.parts import AT_ONCE, Shared, html

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


class AskTab:
    """Questions and answers; see :class:`qa.web.parts.Tab`.

    Args:
        shared: what the tabs share.
    """

    title = "Ask"

    def __init__(self, shared: Shared) -> None:
        self.shared = shared
        self.turns = gr.State(())
        with gr.Row(elem_id="pc-body"):
            with gr.Column(scale=3, elem_id="pc-left"):
                self._chat()
                with gr.Column(elem_id="pc-composer"):
                    self._ask()
                    with gr.Row(elem_id="pc-tools"):
                        self.afresh = gr.Button("New conversation", size="sm", elem_id="pc-afresh")
                        self._add()
                        self._risk()
            with gr.Column(scale=2, elem_id="pc-right"):
                self.sources = html(show_sources.no_sources(), elem_id="pc-sources")

    def _chat(self) -> None:
        def show_original(wanted: object) -> str:
            return chat.original_of(self.shared.assistant.index, wanted)

        self.conversation = html(
            show.welcome(EXAMPLES, BEYOND),
            elem_id="pc-conversation",
            script=SCRIPT.read_text("utf-8"),
            server=[show_original],
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
            self.report = html(elem_id="pc-added")

    def _risk(self) -> None:
        with gr.Accordion("How sure must an answer be?", open=False, elem_id="pc-risk"):
            self.risk = gr.Radio(
                list(RISKS),
                value=next(iter(RISKS)),
                label="Share of the given answers that may be wrong",
                info="The smaller, the more often Pincite says that it found nothing.",
            )

    def wire(self) -> None:
        """Connect the events."""
        assistant, uploads = self.shared.assistant, self.shared.folder / FOLDER

        def respond(question: str, turns: chat.Turns, risk: str) -> Iterator[tuple[Any, ...]]:
            box: Any = ""
            for now in chat.respond(assistant, question, turns, RISKS.get(risk)):
                yield box, chat.conversation(now), chat.sources(now), now
                # Cleared once: what is typed while an answer is awaited stays.
                box = gr.skip()

        def begin_again() -> tuple[Any, ...]:
            return "", show.welcome(EXAMPLES, BEYOND), show_sources.no_sources(), ()

        def add(files: list[str] | None, progress: gr.Progress = PROGRESS) -> tuple[Any, ...]:
            def tell(now: Progress) -> None:
                progress((now.done, now.total), desc=f"Reading {now.path.name}")

            paths = [Path(file) for file in files or ()]
            try:
                report = take(paths, assistant.index, assistant.embedder, uploads, tell)
            except IndexProblem as problem:
                return None, show.sorry(str(problem)), show.status(assistant.index.stats())
            told = show.added(report.added, report.known, report.failed, report.partly)
            return None, told, show.status(assistant.index.stats())

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
            [self.files, self.report, self.shared.status],
            show_progress_on=self.report,
            concurrency_limit=1,
            api_visibility="private",
        )

    def load(self, ready: Dependency) -> None:
        """Nothing is asked yet."""
