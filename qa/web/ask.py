"""The first tab: the conversation, and the sources beside it."""

# No postponed annotations here: Gradio reads those of the handlers.

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import gradio as gr
from gradio.events import Dependency
from pydantic import BaseModel, ConfigDict

from corpus.load import SUPPORTED
from index.base import IndexProblem
from index.ingest import Progress
from qa import chat, show, show_conversations, show_sources
from qa.answer import NotVerbatim
from qa.asking import texts_of
from qa.conversations import Conversations
from qa.uploads import FOLDER, take
from qa.web.look import SCRIPT, WEB
from qa.web.parts import AT_ONCE, Shared, html, owner_of

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
WELCOME = show.welcome(EXAMPLES, BEYOND)

KEPT_SCRIPT = WEB / "kept.js"
FILE_SCRIPT = "watch('value', () => element.querySelector('a[download]')?.click());"


class KeptEvent(BaseModel):
    """What the list of conversations asks for."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    action: Literal["open", "rename", "delete", "markdown", "bibtex", "ris"]
    id: str
    title: str = ""


class AskTab:
    """Questions and answers; see :class:`qa.web.parts.Tab`.

    Args:
        shared: what the tabs share.
    """

    title = "Ask"

    def __init__(self, shared: Shared) -> None:
        self.shared = shared
        self.turns = gr.State(())
        self.current = gr.State(None)  # the id that the conversation is kept under
        self.keeps = Conversations(shared.folder)
        with gr.Row(elem_id="pc-body"):
            with gr.Column(scale=3, elem_id="pc-left"):
                with gr.Row(elem_id="pc-bar"):
                    self.kept = html(elem_id="pc-kept", script=KEPT_SCRIPT.read_text("utf-8"))
                    self.afresh = gr.Button("New conversation", size="sm", elem_id="pc-afresh")
                self.file = html(elem_id="pc-file", script=FILE_SCRIPT)
                self._chat()
                with gr.Column(elem_id="pc-composer"):
                    self._ask()
                    with gr.Row(elem_id="pc-tools"):
                        self._add()
                        self._risk()
            with gr.Column(scale=2, elem_id="pc-right"):
                self.sources = html(show_sources.no_sources(), elem_id="pc-sources")

    def _chat(self) -> None:
        def show_original(wanted: object) -> str:
            return chat.original_of(self.shared.assistant.index, wanted)

        self.conversation = html(
            WELCOME,
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

        def respond(
            question: str,
            turns: chat.Turns,
            risk: str,
            token: str | None,
            current: str | None,
            request: gr.Request,
        ) -> Iterator[tuple[Any, ...]]:
            box: Any = ""
            now = turns
            for now in chat.respond(assistant, question, turns, RISKS.get(risk)):
                yield box, chat.conversation(now), chat.sources(now), now, current, gr.skip()
                # Cleared once: what is typed while an answer is awaited stays.
                box = gr.skip()
            if now is not turns and (new := now[-1].kept):
                owner = owner_of(token, request)
                current = self.keeps.add(owner, current, new.answer, new.seconds)
                yield *[gr.skip()] * 4, current, self._list(owner, current)

        def begin_again(token: str | None, request: gr.Request) -> tuple[Any, ...]:
            listed = self._list(owner_of(token, request), None)
            return "", WELCOME, show_sources.no_sources(), (), None, listed

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

        parts = [
            self.question,
            self.conversation,
            self.sources,
            self.turns,
            self.current,
            self.kept,
        ]
        self.question.submit(
            respond,
            [self.question, self.turns, self.risk, self.shared.owner, self.current],
            parts,
            show_progress="hidden",
            concurrency_limit=AT_ONCE,
            concurrency_id="ask",
            api_visibility="private",
        )
        self.afresh.click(
            begin_again,
            self.shared.owner,
            parts,
            show_progress="hidden",
            queue=False,
            api_visibility="private",
        )
        self._wire_kept(parts)
        # One at a time: an index has one writer.
        self.files.upload(
            add,
            self.files,
            [self.files, self.report, self.shared.status],
            show_progress_on=self.report,
            concurrency_limit=1,
            api_visibility="private",
        )

    def _wire_kept(self, parts: list[Any]) -> None:
        def act(
            event: gr.EventData, token: str | None, current: str | None, request: gr.Request
        ) -> tuple[Any, ...]:
            owner, wanted = owner_of(token, request), KeptEvent.model_validate(event._data)
            if wanted.action == "open":
                return *self._open(owner, wanted.id), gr.skip()
            file: Any = gr.skip()
            if wanted.action == "rename":
                self.keeps.rename(owner, wanted.id, wanted.title)
            elif wanted.action == "delete":
                self.keeps.delete(owner, wanted.id)
                if wanted.id == current:
                    return *self._open(owner, None), gr.skip()
            else:
                file = self._file(owner, wanted)
            return *[gr.skip()] * 5, self._list(owner, current), file

        self.kept.select(
            act,
            [self.shared.owner, self.current],
            [*parts, self.file],
            show_progress="hidden",
            queue=False,
            api_visibility="private",
        )
        self._parts = parts

    def _list(self, owner: str, current: str | None) -> str:
        return show_conversations.conversations(self.keeps.of(owner), current)

    def _open(self, owner: str, conversation: str | None) -> tuple[Any, ...]:
        """A kept conversation as it was, or a new one; a value for each of the parts."""
        kept = self.keeps.turns(owner, conversation) if conversation else []
        turns = chat.restored(self.shared.assistant.index, kept)
        current = conversation if turns else None
        shown = chat.conversation(turns) if turns else WELCOME
        return gr.skip(), shown, chat.sources(turns), turns, current, self._list(owner, current)

    def _file(self, owner: str, wanted: KeptEvent) -> str:
        turns = self.keeps.turns(owner, wanted.id)
        try:
            texts = texts_of(self.shared.assistant.index)
            return show_conversations.download(wanted.title, turns, wanted.action, texts)
        except KeyError:
            return show.sorry("It cites a document that has left the index since; nothing saved.")
        except (NotVerbatim, IndexProblem) as problem:
            return show.sorry(str(problem))

    def load(self, ready: Dependency) -> None:
        """Take up the conversation that the browser was in last."""

        def take_up(token: str | None, request: gr.Request) -> tuple[Any, ...]:
            owner = owner_of(token, request)
            newest = next(iter(self.keeps.of(owner)), None)
            return self._open(owner, newest.id if newest else None)

        ready.then(
            take_up,
            self.shared.owner,
            self._parts,
            show_progress="hidden",
            queue=False,
            api_visibility="private",
        )
