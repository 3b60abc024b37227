"""The library tab: what the collection holds, adding to it, and choosing what is asked."""

# No postponed annotations here: Gradio reads those of the handlers.

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import gradio as gr
from gradio.events import Dependency
from pydantic import BaseModel, ConfigDict

from corpus.load import SUPPORTED
from index.base import IndexProblem
from qa import bringing, library, show, show_library
from qa.library import Wanted
from qa.uploads import FOLDER
from qa.web.limit import LimitLine
from qa.web.look import WEB
from qa.web.parts import Shared, html
from qa.within import Years

SCRIPT = WEB / "library.js"
NEWS_SCRIPT = "watch('value', () => document.dispatchEvent(new Event('pincite-library')));"
"""Tells the table that something has changed."""

NO_YEARS: Years = (None, None)

Changes = dict[Any, Any]
"""Components of the page with their new values."""


class LibraryEvent(BaseModel):
    """What the list asks for: something to be done with files, or with all that is wanted."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    action: Literal["limit", "again", "remove"]
    paths: tuple[str, ...] = ()
    wanted: Wanted | None = None


class LibraryTab:
    """The documents; see :class:`qa.web.parts.Tab`.

    Args:
        shared: what the tabs share.
    """

    title = "Library"

    def __init__(self, shared: Shared) -> None:
        self.shared = shared
        self.uploads = shared.folder / FOLDER
        with gr.Column(elem_id="pc-library", elem_classes="pc-pane"):
            self.limit = LimitLine(shared, change=False)
            self.files = gr.File(
                label="Add documents",
                show_label=False,
                file_count="multiple",
                file_types=sorted(SUPPORTED),
                height=76,
                elem_id="pc-drop",
            )
            html(show_library.HINT)
            self.news = html(elem_id="pc-news", script=NEWS_SCRIPT)
            self.list = html(
                show_library.tools(),
                elem_id="pc-list",
                script=SCRIPT.read_text("utf-8"),
                server=self._server(),
            )

    def _server(self) -> list[Callable[[object], Any]]:
        index = self.shared.assistant.index

        def library_table(wanted: object) -> str:
            return show_library.page(index, wanted)

        def library_paths(wanted: object) -> list[tuple[str, str]]:
            asked = Wanted.model_validate(wanted)
            listed = library.found(library.entries(index.sources()), asked)
            return [(one.record.path, one.state) for one in listed]

        return [library_table, library_paths]

    def wire(self) -> None:
        """Connect the events."""
        self.limit.wire()
        self._wire_choosing()
        for event, handler, inputs in (
            (self.files.upload, self._add, self.files),
            (self.list.select, self._act, None),
        ):
            # One at a time: an index has one writer.
            event(
                handler,
                inputs,
                [self.files, self.news, self.shared.status],
                show_progress="hidden",
                concurrency_limit=1,
                concurrency_id="library",
                api_visibility="private",
            )

    def _wire_choosing(self) -> None:
        shared = self.shared

        def choose(event: gr.EventData) -> Changes:
            wanted = LibraryEvent.model_validate(event._data)
            sources = shared.assistant.index.sources()
            ids, years = library.ids_of(wanted.paths, sources), NO_YEARS
            if wanted.wanted is not None:
                ids, years = library.limits(wanted.wanted, sources)
            if not ids and years == NO_YEARS:  # it would mean all of them
                return {}
            return {shared.chosen: ids, shared.years: years, shared.tabs: gr.Tabs(selected="ask")}

        # Through the queue, though it is quick: else Gradio tells nobody that a state has changed.
        self.list.input(
            choose,
            None,
            [shared.chosen, shared.years, shared.tabs],
            show_progress="hidden",
            api_visibility="private",
        )

    def _add(self, files: list[str] | None) -> Iterator[Changes]:
        assistant = self.shared.assistant
        paths = [Path(file) for file in files or ()]
        yield {self.files: None}
        yield from self._told(
            bringing.add(paths, assistant.index, assistant.embedder, self.uploads)
        )

    def _act(self, event: gr.EventData) -> Iterator[Changes]:
        assistant, wanted = self.shared.assistant, LibraryEvent.model_validate(event._data)
        if wanted.action == "again":
            lines = bringing.again(wanted.paths, assistant.index, assistant.embedder)
            yield from self._told(lines)
            return
        try:
            gone = library.remove(wanted.paths, assistant.index, self.uploads)
        except IndexProblem as problem:
            yield {self.news: show.sorry(str(problem))}
            return
        yield self._status() | {self.news: show_library.removed(gone)}

    def _told(self, steps: Iterator[bringing.Lines]) -> Iterator[Changes]:
        """Show files on their way in, and what they add to the collection."""
        try:
            for lines in steps:
                yield {self.news: show_library.lines(lines)}
        except IndexProblem as problem:
            yield {self.news: show.sorry(str(problem))}
        yield self._status()

    def _status(self) -> Changes:
        return {self.shared.status: show.status(self.shared.assistant.index.stats())}

    def load(self, ready: Dependency) -> None:
        """Nothing: the table is fetched when the tab is seen."""
