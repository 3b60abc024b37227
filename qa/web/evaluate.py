"""The tab that measures: a question set is run, looked at, and compared with an earlier run."""

# No postponed annotations here: Gradio reads those of the handlers.

from pathlib import Path
from typing import Any, Literal

import gradio as gr
from gradio.events import Dependency
from pydantic import BaseModel, ConfigDict

from index.base import IndexProblem
from qa import show, show_runs
from qa.evaluation_pages import EvaluationPages
from qa.evaluation_runs import Busy, EvaluationRuns
from qa.evaluation_sets import OWN_NAME, Offered, brought, offered
from qa.evaluations import Evaluations
from qa.question_set import QuestionFileProblem
from qa.risk.calibrating import warning
from qa.show_evaluation import EMPTY, FORMAT
from qa.web.ask import RISKS
from qa.web.batch import FILE_SCRIPT
from qa.web.look import WEB
from qa.web.parts import FREE, Shared, html, owner_of

SCRIPT = WEB / "evaluate.js"
A_FILE = "A file of yours"
WATCHED_EVERY = 1.0
"""Seconds between two looks at an evaluation under way."""


class RunEvent(BaseModel):
    """What the list of evaluations, or the shown one, asks for."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    action: Literal["open", "delete", "again", "html", "md", "json"]
    id: str
    against: str = ""


class EvaluateTab:
    """Question sets and what comes of them; see :class:`qa.web.parts.Tab`.

    Args:
        shared: what the tabs share.
    """

    title = "Evaluate"

    def __init__(self, shared: Shared) -> None:
        self.shared = shared
        self.keeps = Evaluations(shared.folder)
        self.runs = EvaluationRuns(shared.assistant, self.keeps, shared.line)
        shared.closing.callback(self.runs.close)
        self.pages = EvaluationPages(shared.assistant.index, self.keeps)
        self.current = gr.State(None)  # the id of the evaluation that is shown
        self.watch = gr.Timer(WATCHED_EVERY, active=False)
        script = SCRIPT.read_text("utf-8")
        with gr.Row(elem_id="pc-eval", elem_classes="pc-pane"):
            with gr.Column(scale=2, elem_id="pc-eval-left"):
                self._choose()
                self.under = html(elem_id="pc-eval-under")
                self.kept = html(elem_id="pc-eval-runs", script=script)
                self.saved = html(elem_id="pc-eval-file", script=FILE_SCRIPT.read_text("utf-8"))
            with gr.Column(scale=5, elem_id="pc-eval-right"):
                self.result = html(EMPTY, elem_id="pc-eval-result", script=script)

    def _choose(self) -> None:
        # Nothing can be chosen until the sets are there, or their coming would undo the choice.
        self.sets = gr.Radio(
            [A_FILE],
            label="Question set",
            interactive=False,
            elem_id="pc-eval-sets",
        )
        self.own = gr.Button(
            "Download your own questions",
            size="sm",
            visible=False,
            elem_id="pc-eval-own",
        )
        # The style sheet shows it where a file is chosen: two answers on their way to the page
        # could come in the wrong order and leave it hidden.
        with gr.Column(elem_id="pc-eval-bring"):
            self.file = gr.File(
                label="Question set: .jsonl or .csv",
                file_types=[".jsonl", ".csv"],
                height=150,
                elem_id="pc-eval-drop",
            )
            html(FORMAT)
        self.risk = gr.Dropdown(
            list(RISKS),
            value=next(iter(RISKS)),
            label="How sure must an answer be?",
            elem_id="pc-eval-risk",
        )
        with gr.Row(elem_id="pc-eval-buttons"):
            self.go = gr.Button("Run", variant="primary", elem_id="pc-eval-go")
            self.stop = gr.Button("Stop", visible=False, elem_id="pc-eval-stop")

    def wire(self) -> None:
        """Connect the events."""
        owner = self.shared.owner

        def start(
            chosen: str | None,
            file: str | None,
            risk: str,
            token: str | None,
            request: gr.Request,
        ) -> tuple[Any, ...]:
            return self._start(owner_of(token, request), chosen, file, RISKS.get(risk))

        def end(token: str | None, request: gr.Request) -> str:
            name = owner_of(token, request)
            self.runs.stop(name)
            return show_runs.underway(self.runs.of(name))

        def look(token: str | None, current: str | None, request: gr.Request) -> tuple[Any, ...]:
            return self._look(owner_of(token, request), current)

        def act(
            event: gr.EventData, token: str | None, current: str | None, request: gr.Request
        ) -> tuple[Any, ...]:
            wanted = RunEvent.model_validate(event._data)
            return self._act(owner_of(token, request), wanted, current)

        def sets(chosen: str | None, token: str | None, request: gr.Request) -> tuple[Any, ...]:
            choices, value, own = self._sets(owner_of(token, request), chosen or "")
            # What stays, and what nobody has chosen yet, is not sent: another one may be chosen
            # while this is on its way.
            stays = chosen in (None, value)
            return gr.Radio(choices) if stays else gr.Radio(choices, value=value), own

        def own(token: str | None, request: gr.Request) -> str:
            return self._own(owner_of(token, request))

        state = [self.under, self.go, self.stop, self.watch]
        self.go.click(start, [self.sets, self.file, self.risk, owner], state, **FREE)
        self.stop.click(end, owner, self.under, **FREE)
        shown = [self.kept, self.result, self.current]
        self.watch.tick(look, [owner, self.current], [*state, *shown], **FREE)
        for part in (self.kept, self.result):
            part.select(act, [owner, self.current], [*state, *shown, self.saved], **FREE)
        self.file.upload(lambda: A_FILE, None, self.sets, **FREE)
        self.own.click(own, owner, self.saved, **FREE)
        # Answers that were judged in the conversation have made the own set larger.
        self.shared.tabs.select(sets, [self.sets, owner], [self.sets, self.own], **FREE)

    def load(self, ready: Dependency) -> None:
        """Show the newest evaluation, and the one under way if there is one."""

        def take_up(token: str | None, request: gr.Request) -> tuple[Any, ...]:
            owner = owner_of(token, request)
            newest = next(iter(self.keeps.of(owner)), None)
            choices, value, own = self._sets(owner, "")
            return (
                gr.Radio(choices, value=value),
                own,
                *self._state(owner),
                *self._open(owner, newest.id if newest else None),
            )

        filled = ready.then(
            take_up,
            self.shared.owner,
            [
                *(self.sets, self.own),
                *(self.under, self.go, self.stop, self.watch),
                *(self.kept, self.result, self.current),
            ],
            **FREE,
        )
        # Apart from the sets: the page lays out what can be chosen before it marks what is.
        filled.then(lambda: gr.Radio(interactive=True), None, self.sets, **FREE)

    def _offered(self, owner: str) -> list[Offered]:
        try:
            sources = self.shared.assistant.index.sources()
        except IndexProblem:
            sources = []
        return offered(self.shared.folder, owner, sources)

    def _sets(self, owner: str, chosen: str) -> tuple[list[str], str, gr.Button]:
        """What can be run now: the labels, which of them is chosen, and the own set's button.

        Args:
            owner: for whom.
            chosen: the label that is chosen now; what it names stays chosen.
        """
        found = self._offered(owner)
        labels = [one.label for one in found]
        stays = next((label for label in labels if _name(label) == _name(chosen)), None)
        if chosen == A_FILE or not labels:
            stays = A_FILE
        has_own = any(one.name == OWN_NAME for one in found)
        return [*labels, A_FILE], stays or labels[0], gr.Button(visible=has_own)

    def _own(self, owner: str) -> str:
        found = next((one for one in self._offered(owner) if one.name == OWN_NAME), None)
        if found is None:
            return show.sorry("You have no questions of your own yet.")
        return show_runs.file("own-questions", ".jsonl", found.path.read_text("utf-8"))

    def _start(
        self, owner: str, chosen: str | None, file: str | None, risk: float | None
    ) -> tuple[Any, ...]:
        try:
            if not chosen:
                raise QuestionFileProblem("Choose a question set first.")
            if chosen == A_FILE:
                if not file:
                    raise QuestionFileProblem("Choose a file with questions first.")
                found = brought(Path(file))
            else:
                name = _name(chosen)
                of_name = [one for one in self._offered(owner) if one.name == name]
                if not of_name:
                    raise QuestionFileProblem(f"{name} cannot be run any more.")
                found = of_name[0]
            self.runs.start(
                owner,
                found.name,
                found.found.questions,
                risk,
                refused=found.found.refused,
                warnings=warning(self.shared.assistant.reader, found.path),
            )
        except (QuestionFileProblem, Busy) as problem:
            return show.sorry(str(problem)), *self._state(owner)[1:]
        return self._state(owner)

    def _look(self, owner: str, current: str | None) -> tuple[Any, ...]:
        running = self.runs.of(owner)
        if running is not None and not running.over:
            return show_runs.underway(running), *[gr.skip()] * 6
        self.runs.noted(owner)
        state = (show_runs.underway(running), *self._state(owner)[1:])
        if running is None or running.kept is None:
            return *state, self._list(owner, current), gr.skip(), gr.skip()
        return *state, *self._open(owner, running.kept)

    def _act(self, owner: str, wanted: RunEvent, current: str | None) -> tuple[Any, ...]:
        """Do what was asked for: a value for the state, what is shown, and the file."""
        still = [gr.skip()] * 4
        if wanted.action == "open":
            return *still, *self._open(owner, wanted.id, wanted.against), gr.skip()
        if wanted.action == "delete":
            self.keeps.delete(owner, wanted.id)
            if wanted.id == current:
                return *still, *self._open(owner, None), gr.skip()
            return *still, self._list(owner, current), gr.skip(), gr.skip(), gr.skip()
        if wanted.action == "again":
            return *self._again(owner, wanted.id), *[gr.skip()] * 4
        saved = self.pages.file(owner, wanted.id, wanted.action, wanted.against)
        return *still, *[gr.skip()] * 3, saved

    def _again(self, owner: str, id: str) -> tuple[Any, ...]:
        found = self.keeps.get(owner, id)
        try:
            if found is None:
                raise QuestionFileProblem("This evaluation is no longer there.")
            kept, evaluation = found
            questions = [outcome.question for outcome in evaluation.outcomes]
            self.runs.start(owner, kept.name, questions, kept.risk)
        except (QuestionFileProblem, Busy) as problem:
            return show.sorry(str(problem)), *self._state(owner)[1:]
        return self._state(owner)

    def _state(self, owner: str) -> tuple[Any, ...]:
        """How far a run is: a value for its line, both buttons and the timer."""
        running = self.runs.of(owner)
        busy = running is not None and not running.over
        return (
            show_runs.underway(running),
            gr.Button(visible=not busy),
            gr.Button(visible=busy),
            gr.Timer(active=running is not None),
        )

    def _list(self, owner: str, current: str | None) -> str:
        return show_runs.runs(self.keeps.of(owner), current)

    def _open(self, owner: str, id: str | None, against: str = "") -> tuple[Any, ...]:
        """A value for each part that shows an evaluation."""
        return self._list(owner, id), self.pages.page(owner, id, against), id


def _name(label: str) -> str:
    return label.rpartition(" (")[0] or label
