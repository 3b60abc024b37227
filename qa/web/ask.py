"""The first tab: the conversation, and the sources beside it."""

# No postponed annotations here: Gradio reads those of the handlers.

from collections.abc import Iterator

import gradio as gr
from gradio.events import Dependency
from pydantic import BaseModel, ConfigDict

from qa import chat, judging, own_questions, show, show_sources
from qa.web.kept import REMEMBERED, Changes, KeptList, Place
from qa.web.limit import LIBRARY, Chosen, LimitLine, within
from qa.web.look import SCRIPT
from qa.web.parts import AT_ONCE, FREE, Shared, html, owner_of
from qa.within import Years

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

WELCOME = show.welcome(EXAMPLES, BEYOND)


class Changed(BaseModel):
    """What was really asked, as the person put it right."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    question: str


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
                with gr.Row(elem_id="pc-bar"):
                    self.kept = KeptList(shared, WELCOME)
                    self.afresh = gr.Button("New conversation", size="sm", elem_id="pc-afresh")
                self.kept.lay_out_notice()
                self._chat()
                with gr.Column(elem_id="pc-composer"):
                    self.limit = LimitLine(self.shared, change=True)
                    self._ask()
                    with gr.Row(elem_id="pc-tools"):
                        self._risk()
                        self.add = gr.Button("Add documents", size="sm", elem_id="pc-add")
            with gr.Column(scale=2, elem_id="pc-right"):
                self.sources = html(show_sources.no_sources(), elem_id="pc-sources")
        self.kept.belongs_to(Place(self.conversation, self.sources, self.turns))

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
        self._wire_asking()
        self._wire_judging()
        self.limit.wire()
        self.kept.wire()
        self.add.click(
            lambda: gr.Tabs(selected=LIBRARY),
            None,
            self.shared.tabs,
            **FREE,
        )

        def begin_again(token: str | None, request: gr.Request) -> Changes:
            return {self.question: ""} | self.kept.opened(owner_of(token, request), None)

        self.afresh.click(
            begin_again,
            self.shared.owner,
            [self.question, *self.kept.parts],
            **FREE,
        )

    def _wire_asking(self) -> None:
        def typed(
            question: str,
            turns: chat.Turns,
            risk: str,
            chosen: Chosen,
            years: Years,
            token: str | None,
            current: str | None,
            remembered: str | None,
            request: gr.Request,
        ) -> Iterator[Changes]:
            owner = owner_of(token, request)
            if not turns and remembered:
                # The server was started anew under an open page.
                found = self.kept.opened(owner, remembered)
                turns, current = found[self.turns], found[self.kept.current]
            judged = own_questions.judged(self.shared.folder, owner)
            how = chat.How(RISKS.get(risk), within=within(chosen, years), judged=judged)
            yield {self.question: ""}  # Once: what is typed while an answer is awaited stays.
            yield from self._answered(question, turns, how, owner, current)

        def put_right(
            event: gr.EventData,
            turns: chat.Turns,
            risk: str,
            chosen: Chosen,
            years: Years,
            token: str | None,
            current: str | None,
            request: gr.Request,
        ) -> Iterator[Changes]:
            owner, question = owner_of(token, request), Changed.model_validate(event._data).question
            judged = own_questions.judged(self.shared.folder, owner)
            how = chat.How(RISKS.get(risk), True, within(chosen, years), judged)
            yield from self._answered(question, turns, how, owner, current)

        limits = [self.shared.chosen, self.shared.years]
        common = [self.turns, self.risk, *limits, self.shared.owner, self.kept.current]
        typing = [self.question, *common, self.kept.remembered]
        for event, handler, inputs, js in (
            (self.question.submit, typed, typing, REMEMBERED),
            (self.conversation.submit, put_right, common, None),
        ):
            event(
                handler,
                inputs,
                [self.question, *self.kept.parts],
                show_progress="hidden",
                concurrency_limit=AT_ONCE,
                concurrency_id="ask",
                api_visibility="private",
                js=js,
            )

    def _answered(
        self, question: str, turns: chat.Turns, how: chat.How, owner: str, current: str | None
    ) -> Iterator[Changes]:
        """Show the conversation as it grows by an answer, which is kept before it is shown."""
        for now in chat.respond(self.shared.assistant, question, turns, how):
            yield {
                self.conversation: chat.conversation(now),
                self.sources: chat.sources(now),
                self.turns: now,
                self.kept.current: current,
                **self.kept.add(owner, current, now[-1]),
            }

    def _wire_judging(self) -> None:
        def judge(
            event: gr.EventData, turns: chat.Turns, token: str | None, request: gr.Request
        ) -> Changes:
            owner, index = owner_of(token, request), self.shared.assistant.index
            by = judging.Judge(index, self.shared.folder, owner)
            try:
                now = chat.judge(by, turns, judging.read(event._data))
            except judging.NotJudged as problem:
                return {self.kept.notice: show.sorry(str(problem))}
            return {
                self.conversation: chat.conversation(now),
                self.turns: now,
                self.kept.notice: "",
            }

        self.conversation.select(
            judge,
            [self.turns, self.shared.owner],
            self.kept.parts,
            **FREE,
        )

    def load(self, ready: Dependency) -> None:
        """Take up the conversation that the browser was in last."""
        self.kept.load(ready)
