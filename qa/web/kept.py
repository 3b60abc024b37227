"""The list of kept conversations: opened, renamed, deleted, taken away as files."""

# No postponed annotations here: Gradio reads those of the handlers.

from dataclasses import dataclass
from time import monotonic_ns
from typing import Any, Literal

import gradio as gr
from gradio.events import Dependency
from markupsafe import Markup
from pydantic import BaseModel, ConfigDict

from index.base import IndexProblem
from qa import chat, own_questions, show, show_conversations
from qa.answer import NotVerbatim
from qa.asking import texts_of
from qa.conversations import Conversations, NotKept
from qa.web.look import WEB
from qa.web.parts import FREE, Shared, html, owner_of

LIST_SCRIPT = WEB / "kept.js"
NOTICE_SCRIPT = "watch('value', () => element.querySelector('a[download]')?.click());"
REMEMBERED = "(...given) => [...given.slice(0, -1), sessionStorage.getItem('pincite-conversation')]"
"""Fills the last of a handler's inputs with the conversation that the browser tab shows, which it
remembers over a reload; see ``kept.js``."""

Changes = dict[Any, Any]
"""Components of the page with their new values."""


class KeptEvent(BaseModel):
    """What the list of conversations asks for."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    action: Literal["open", "rename", "delete", "markdown", "bibtex", "ris"]
    id: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a conversation is shown: itself, its sources, and the session's memory of it."""

    conversation: gr.HTML
    sources: gr.HTML
    turns: gr.State


class KeptList:
    """The list, and the place where it says what went wrong and hands out files.

    Args:
        shared: what the tabs share.
        welcome: what is shown where there is no conversation yet.
    """

    def __init__(self, shared: Shared, welcome: str) -> None:
        self._shared, self._welcome = shared, welcome
        self.store = Conversations(shared.folder)
        self.current = gr.State(None)  # the id that the conversation is kept under
        self.remembered = gr.Textbox(visible=False)
        self.list = html(elem_id="pc-kept", script=LIST_SCRIPT.read_text("utf-8"))

    def lay_out_notice(self) -> None:
        """Make the place for notices; where it stands is the tab's to choose."""
        self.notice = html(elem_id="pc-file", script=NOTICE_SCRIPT)

    def belongs_to(self, place: Place) -> None:
        """Say where conversations are shown, before any event is connected."""
        self._place = place

    def add(self, owner: str, current: str | None, turn: chat.Turn) -> Changes:
        """Keep a turn, if it was answered, in the conversation ``current`` or a new one."""
        if turn.kept is None:
            return {}
        try:
            current = self.store.add(owner, current, turn.kept.answer, turn.kept.seconds)
            return {self.current: current, self.list: self.listed(owner, current)}
        except NotKept as problem:
            return {self.notice: show.sorry(str(problem))}

    def listed(self, owner: str, current: str | None) -> str:
        """The list with ``current`` picked out.

        Raises:
            NotKept: it cannot be read.
        """
        return show_conversations.conversations(self.store.of(owner), current)

    def opened(self, owner: str, conversation: str | None) -> Changes:
        """A kept conversation as it was, or a new one where there is none."""
        try:
            kept = self.store.turns(owner, conversation) if conversation else []
            judged = own_questions.judged(self._shared.folder, owner)
            turns = chat.restored(self._shared.assistant.index, kept, judged)
            current = conversation if turns else None
            changes = {self.list: self.listed(owner, current), self.notice: ""}
        except (NotKept, IndexProblem) as problem:
            turns, current = (), None
            changes = {self.notice: show.sorry(str(problem))}
        place = self._place
        return changes | {
            place.conversation: chat.conversation(turns) if turns else self._welcome,
            place.sources: chat.sources(turns),
            place.turns: turns,
            self.current: current,
        }

    @property
    def parts(self) -> list[Any]:
        """What of the page the handlers change: the conversation's place and the list's own."""
        place = self._place
        shown = [place.conversation, place.sources, place.turns]
        return [*shown, self.current, self.list, self.notice]

    def wire(self) -> None:
        """Connect the events of the list."""

        def act(
            event: gr.EventData, token: str | None, current: str | None, request: gr.Request
        ) -> Changes:
            owner, wanted = owner_of(token, request), KeptEvent.model_validate(event._data)
            try:
                return self._act(owner, current, wanted)
            except NotKept as problem:
                return {self.notice: show.sorry(str(problem))}

        self.list.select(
            act,
            [self._shared.owner, self.current],
            self.parts,
            **FREE,
        )

    def _act(self, owner: str, current: str | None, wanted: KeptEvent) -> Changes:
        if wanted.action == "open":
            return self.opened(owner, wanted.id)
        if wanted.action == "rename":
            self.store.rename(owner, wanted.id, wanted.title)
        elif wanted.action == "delete":
            self.store.delete(owner, wanted.id)
            if wanted.id == current:
                return self.opened(owner, None)
        else:
            return {self.notice: self.file(owner, wanted)}
        return {self.list: self.listed(owner, current), self.notice: ""}

    def file(self, owner: str, wanted: KeptEvent) -> str:
        """A link that holds a conversation as a file, or a sentence on why there is none."""
        turns = self.store.turns(owner, wanted.id)
        if wanted.action != "markdown" and not any(turn.answer.citations for turn in turns):
            return show.sorry("This conversation cites nothing; there is no reference to save.")
        try:
            texts = texts_of(self._shared.assistant.index)
            link = show_conversations.download(wanted.title, turns, wanted.action, texts)
        except KeyError:
            return show.sorry("It cites a document that has left the index since; nothing saved.")
        except (NotVerbatim, IndexProblem) as problem:
            return show.sorry(f"{problem}; nothing saved.")
        # The page saves a file whenever this value changes: the same file twice is two values.
        return Markup('<span data-at="{}">{}</span>').format(monotonic_ns(), link)

    def load(self, ready: Dependency) -> None:
        """Take up the conversation that the browser tab showed, else the newest."""

        def take_up(token: str | None, remembered: str | None, request: gr.Request) -> Changes:
            owner = owner_of(token, request)
            if remembered is not None:
                return self.opened(owner, remembered)
            try:
                newest = next(iter(self.store.of(owner)), None)
            except NotKept as problem:
                return {self.notice: show.sorry(str(problem))}
            return self.opened(owner, newest.id if newest else None)

        ready.then(
            take_up,
            [self._shared.owner, self.remembered],
            self.parts,
            **FREE,
            js=REMEMBERED,
        )
