"""An assistant whose models are still being loaded: the page is there, and questions wait."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from markupsafe import Markup

from index.base import IndexProblem, PassageIndex
from index.embed import Embedder
from index.ingest import ingest
from qa import show
from qa.answer import Answer
from qa.chat import Chats
from qa.reader import Reader

log = logging.getLogger(__name__)

LOADING = "Loading the models"

HEAD_START = 4.0
"""Seconds that the page is given to be drawn before the models are loaded, which would keep the
interpreter busy; unless a question comes sooner."""

Tell = Callable[[str], None]


class Starting:
    """An assistant that is made ready in the background. A question that comes earlier waits.

    Args:
        assistant: answers the questions.
        prepare: makes it ready; given a function that takes what is being done now, in words.
        embedder: makes the vectors of what is added; the assistant's if left out.
    """

    def __init__(
        self,
        assistant: Chats,
        prepare: Callable[[Tell], None],
        embedder: Embedder | None = None,
    ) -> None:
        self._assistant = assistant
        self._prepare = prepare
        self._embedder = embedder
        self._changed = threading.Condition()
        self._stage: str | None = LOADING
        self._problem: str | None = None
        self._closed = False
        self._asked = threading.Event()

    def start(self) -> None:
        """Begin to make it ready: in a moment, or as soon as there is a question."""
        threading.Thread(target=self._run, name="pincite-start", daemon=True).start()

    @property
    def stage(self) -> str | None:
        """What is being done, in words; None once questions are answered."""
        return self._stage

    @property
    def problem(self) -> str | None:
        """Why it cannot be made ready, in a sentence; None where it can."""
        return self._problem

    @property
    def index(self) -> PassageIndex:
        """The collection."""
        return self._assistant.index

    @property
    def embedder(self) -> Embedder:
        """Makes the vectors of what is added."""
        return self._embedder or self._assistant.embedder

    @property
    def reader(self) -> Reader:
        """Reads what was found."""
        return self._assistant.reader

    def ask(
        self,
        question: str,
        history: Sequence[str] = (),
        *,
        tell: Tell = lambda stage: None,
        **named: object,
    ) -> Answer:
        """Answer a question, once it can be; see ``qa.assistant.Assistant.ask``.

        Raises:
            IndexProblem: the models cannot be loaded, or the index cannot be used.
        """
        self._asked.set()
        for stage in self.stages():
            tell(stage)
        if self._problem is not None:
            raise IndexProblem(self._problem)
        return self._assistant.ask(question, history, tell=tell, **named)

    def stages(self) -> Iterator[str]:
        """Tell what is being done until questions are answered; ends then."""
        stage = self._stage
        while stage is not None:
            yield stage
            with self._changed:
                while self._stage == stage:
                    self._changed.wait()
                stage = self._stage

    def close(self) -> None:
        """Let nobody wait any longer; what still goes wrong is of no interest."""
        self._closed = True
        self._asked.set()
        self._now(None, self._problem or "The server is being stopped.")

    def _run(self) -> None:
        problem: str | None = None
        self._asked.wait(HEAD_START)
        try:
            self._prepare(lambda stage: self._now(stage, None))
        except IndexProblem as found:
            problem = str(found)
        except Exception as error:
            problem = f"The models cannot be loaded ({type(error).__name__}: {error})."
            if not self._closed:
                log.exception("The models cannot be loaded.")
        if problem is not None and not self._closed:
            log.error("%s", problem)
        self._now(None, problem)

    def _now(self, stage: str | None, problem: str | None) -> None:
        with self._changed:
            self._stage = None if self._closed else stage
            self._problem = self._problem or problem
            self._changed.notify_all()


def prepare(assistant: Chats, folder: Path, tell: Tell) -> None:
    """Make an assistant ready: with documents to ask about, and with its models in memory.

    Args:
        assistant: answers the questions.
        folder: documents for an index that holds nothing yet.
        tell: takes what is being done now.
    """
    if not assistant.index.sources():
        log.info("The index is empty: adding the documents in %s.", folder)
        tell("Adding the documents that come with Pincite")
        ingest(assistant.index, assistant.embedder, [_as_given(folder)])
        tell(LOADING)
    assistant.ask("Are you ready?")


def _as_given(path: Path) -> Path:
    """Name a path as a person here would: relative where it lies below the working directory."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def statuses(assistant: Chats) -> Iterator[Markup]:
    """Show what is indexed and, while it is being made ready, what is being done for that.

    Args:
        assistant: answers the questions.

    Yields:
        The line of the page's head, anew whenever it changes; the last one stays.
    """
    starting = assistant if isinstance(assistant, Starting) else None
    if starting is not None:
        for stage in starting.stages():
            yield show.status(assistant.index.stats(), stage)
    problem = starting.problem if starting is not None else None
    yield show.status(assistant.index.stats(), problem=problem)
