"""The batch tab: a file of questions, watched while it is answered, and its answers as files."""

# No postponed annotations here: Gradio reads those of the handlers.

from pathlib import Path
from typing import Any, Literal

import gradio as gr
from gradio.events import Dependency
from pydantic import BaseModel, ConfigDict, Field

from index.base import IndexProblem
from qa import show, show_batch
from qa.answer import NotVerbatim
from qa.asking import texts_of
from qa.batch_results import Which
from qa.batch_runs import BatchRuns
from qa.batches import Batches
from qa.question_set import QuestionFileProblem
from qa.web.ask import RISKS
from qa.web.look import WEB
from qa.web.parts import FREE, Shared, html, owner_of

SCRIPT = WEB / "batch.js"
FILE_SCRIPT = WEB / "batch_file.js"
ON_A_PAGE = 20
"""Answers shown at a time."""

EVERY = 1.0
"""Seconds between two looks at a run that is under way."""


class BatchEvent(BaseModel):
    """What the page asks for: something done to a run, or another look at it."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    action: Literal["open", "stop", "resume", "delete", "download", "show", "page"]
    id: str
    value: str = ""


class Look(BaseModel):
    """What a page of the browser looks at: a run, which of its answers, which page of them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    run: str | None = None
    which: Which = "all"
    page: int = Field(default=0, ge=0)

    def after(self, event: BatchEvent) -> "Look":
        """Give the look that follows an event."""
        if event.action == "show" and event.value in show_batch.WHICH:
            return self.model_validate({"run": self.run, "which": event.value})
        if event.action == "page" and event.value.isdecimal():
            return self.model_copy(update={"page": int(event.value)})
        return Look(run=event.id) if event.action == "open" else self


class BatchTab:
    """Files of questions; see :class:`qa.web.parts.Tab`.

    Args:
        shared: what the tabs share.
    """

    title = "Batch"

    def __init__(self, shared: Shared) -> None:
        self.shared = shared
        texts = texts_of(shared.assistant.index)
        self.runs = BatchRuns(Batches(shared.folder), shared.assistant, texts, shared.line)
        shared.closing.callback(self.runs.close)
        self.look = gr.State(Look())
        script = SCRIPT.read_text("utf-8")
        with gr.Row(elem_id="pc-batch", elem_classes="pc-pane"):
            with gr.Column(scale=2, elem_id="pc-batch-left"):
                html(show_batch.intro())
                self._bring()
                self.said = html(elem_id="pc-batch-said")
                self.list = html(elem_id="pc-batch-list", script=script)
            with gr.Column(scale=3, elem_id="pc-batch-right"):
                self.progress = html(show_batch.nothing(), elem_id="pc-batch-progress")
                self.tools = html(elem_id="pc-batch-does", script=script)
                self.file = html(elem_id="pc-batch-file", script=FILE_SCRIPT.read_text("utf-8"))
                self.answers = html(elem_id="pc-batch-shown", script=script)
                self.timer = gr.Timer(EVERY, active=False)

    def _bring(self) -> None:
        self.risk = gr.Dropdown(
            list(RISKS),
            value=next(iter(RISKS)),
            label="How sure must an answer be?",
            elem_id="pc-batch-risk",
        )
        self.upload = gr.File(
            label="Question file", file_count="single", height=150, elem_id="pc-batch-drop"
        )

    def wire(self) -> None:
        """Connect the events."""

        def bring(
            file: str | None, risk: str, token: str | None, look: Look, request: gr.Request
        ) -> tuple[Any, ...]:
            owner, said = owner_of(token, request), ""
            try:
                look = self._begin(owner, file, RISKS.get(risk)) or look
            except QuestionFileProblem as problem:
                said = show.sorry(str(problem))
            return None, said, look, *self._shown(owner, look)

        def act(
            event: gr.EventData, token: str | None, look: Look, request: gr.Request
        ) -> tuple[Any, ...]:
            owner, wanted = owner_of(token, request), BatchEvent.model_validate(event._data)
            if wanted.action == "download":
                return self._file(owner, wanted), look, *[gr.skip()] * 5
            if wanted.action in does:
                does[wanted.action](owner, wanted.id)
            look = look.after(wanted)
            return "", look, *self._shown(owner, look)

        def watch(token: str | None, look: Look, request: gr.Request) -> tuple[Any, ...]:
            return self._shown(owner_of(token, request), look)

        does = {"stop": self.runs.stop, "resume": self.runs.start, "delete": self.runs.delete}
        parts = [self.list, self.progress, self.tools, self.answers, self.timer]
        looks = [self.shared.owner, self.look]
        self.upload.upload(
            bring,
            [self.upload, self.risk, *looks],
            [self.upload, self.said, self.look, *parts],
            **FREE,
        )
        for part in (self.list, self.tools, self.answers):
            part.select(
                act,
                looks,
                [self.file, self.look, *parts],
                **FREE,
            )
        self.timer.tick(watch, looks, parts, **FREE)
        self._parts = parts

    def load(self, ready: Dependency) -> None:
        """Show the run that is under way, or else the newest."""

        def take_up(token: str | None, request: gr.Request) -> tuple[Any, ...]:
            owner = owner_of(token, request)
            found = self.runs.of(owner)
            first = next((now for now in found if now.live), found[0] if found else None)
            look = Look(run=first.run.id if first else None)
            return look, *self._shown(owner, look)

        ready.then(
            take_up,
            self.shared.owner,
            [self.look, *self._parts],
            **FREE,
        )

    def _begin(self, owner: str, file: str | None, risk: float | None) -> Look | None:
        """Begin a run on a file that was brought; the server's copy of it goes.

        Raises:
            QuestionFileProblem: it holds no questions.
        """
        if file is None:
            return None
        try:
            run = self.runs.batches.add(owner, Path(file), risk)
        finally:
            Path(file).unlink(missing_ok=True)
        self.runs.start(owner, run.id)
        return Look(run=run.id)

    def _shown(self, owner: str, look: Look) -> tuple[Any, ...]:
        """What is shown now: a value for each of the parts."""
        found = self.runs.of(owner)
        now = next((now for now in found if now.run.id == look.run), None)
        timer = gr.Timer(active=any(one.live for one in found))
        listed = show_batch.runs(found, now.run.id if now else None)
        if now is None:
            return listed, show_batch.nothing(), "", "", timer
        page = self.runs.results(owner, now.run.id).page(
            look.which, look.page, ON_A_PAGE, newest_first=now.live
        )
        shown = show_batch.answers(now, look.which, page)
        return listed, show_batch.progress(now), show_batch.tools(now), shown, timer

    def _file(self, owner: str, wanted: BatchEvent) -> str:
        now = self.runs.get(owner, wanted.id)
        if now is None or wanted.value not in show_batch.FORMATS:
            return ""
        try:
            content = self.runs.file(owner, wanted.id, wanted.value)
        except KeyError:
            return show.sorry(
                "An answer quotes a document that has left the index, so its quotes cannot be "
                "checked. JSONL can still be downloaded."
            )
        except (NotVerbatim, IndexProblem) as problem:
            return show.sorry(str(problem))
        return show_batch.download(now.run.title, wanted.value, content)
