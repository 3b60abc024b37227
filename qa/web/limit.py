"""The line that says what questions are limited to, with a way out; tabs choose its place."""

# No postponed annotations here: Gradio reads those of the handlers.

from typing import Any, Literal

import gradio as gr
from pydantic import BaseModel, ConfigDict

from index.base import IndexProblem, Within
from qa import show, show_library
from qa.web.look import WEB
from qa.web.parts import FREE, Shared, html
from qa.within import Years, restriction

SCRIPT = WEB / "limit.js"
LIBRARY = "library"
"""The id of the tab where documents are chosen."""

Chosen = tuple[str, ...]
"""Ids of the documents that questions are limited to; empty for all."""


class LimitEvent(BaseModel):
    """What the line's buttons ask for."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    action: Literal["change", "all"]


def within(chosen: Chosen, years: Years) -> Within | None:
    """What a question may be answered from; None for everything."""
    limited = Within(frozenset(chosen) if chosen else None, years)
    return None if limited.everything else limited


class LimitLine:
    """The line.

    Args:
        shared: what the tabs share.
        change: whether it offers to go where documents are chosen.
    """

    def __init__(self, shared: Shared, *, change: bool) -> None:
        self._shared, self._change = shared, change
        self._line = html(elem_id=f"pc-limit-{'ask' if change else 'library'}", script=_script())

    def wire(self) -> None:
        """Connect the events."""
        chosen, years, tabs = self._shared.chosen, self._shared.years, self._shared.tabs

        def say(chosen: Chosen, years: Years) -> str:
            limited = restriction(within(chosen, years))
            if limited is None:
                return ""
            try:
                sources = self._shared.assistant.index.sources()
            except IndexProblem as problem:
                return show.sorry(str(problem))
            known = {record.document.id for record in sources if record.document}
            there = len(known.intersection(chosen))
            return show_library.limit(limited, there, len(known), change=self._change)

        def act(event: gr.EventData) -> dict[Any, Any]:
            if LimitEvent.model_validate(event._data).action == "change":
                return {tabs: gr.Tabs(selected=LIBRARY)}
            return {chosen: (), years: (None, None)}

        gr.on(
            [chosen.change, years.change],
            say,
            [chosen, years],
            self._line,
            **FREE,
        )
        # Through the queue, though it is quick: else Gradio tells nobody that a state has changed.
        self._line.select(
            act,
            None,
            [chosen, years, tabs],
            show_progress="hidden",
            api_visibility="private",
        )


def _script() -> str:
    return SCRIPT.read_text("utf-8")
