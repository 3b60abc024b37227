"""A conversation in the browser: one session's turns, each with what is shown for it."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from queue import SimpleQueue
from typing import Protocol

from markupsafe import Markup
from pydantic import BaseModel, ConfigDict, ValidationError

from corpus.document import Document
from index.base import IndexProblem, PassageIndex, Within
from index.embed import Embedder
from qa import show, show_original, show_sources
from qa.answer import Answer
from qa.asking import Asks
from qa.conversations import Kept
from qa.judging import NOTHING, Judge, Judged, Judgement, NotJudged, verdict
from qa.original import original
from qa.reader import Reader

log = logging.getLogger(__name__)

LONGEST = show.LONGEST
"""Characters of a question."""


class Chats(Asks, Protocol):
    """What a conversation needs: ``qa.assistant.Assistant``, or a stand-in in a test."""

    @property
    def embedder(self) -> Embedder:
        """Makes the vectors of what is added."""

    @property
    def reader(self) -> Reader:
        """Reads what was found."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A question of one browser session and what is shown for it.

    Attributes:
        question: as the person asked it.
        shown: the question and its answer, in the conversation.
        sources: the cards beside them.
        kept: the answer, as it is kept. None for a question that failed, or is still being worked
            on: it is no part of the history.
    """

    question: str
    shown: Markup
    sources: Markup
    kept: Kept | None = None


Turns = tuple[Turn, ...]


@dataclass(frozen=True, slots=True)
class How:
    """How a question is to be answered.

    Attributes:
        risk: accepted share of wrong answers, in (0, 1]; None for the usual.
        afresh: whether it is meant as it stands, whatever was asked before.
        within: what may answer it; None for everything.
        judged: the person's question set, for what they said of the same question before.
    """

    risk: float | None = None
    afresh: bool = False
    within: Within | None = None
    judged: Judged = field(default_factory=dict)


def respond(assistant: Chats, question: str, turns: Turns, how: How) -> Iterator[Turns]:
    """Answer a question in a conversation.

    Args:
        assistant: answers it.
        question: what the person typed; white space is folded, and nothing happens if it is empty.
        turns: the conversation so far.
        how: how it is to be answered.

    Yields:
        The conversation with the question pending and what is being done for it, then with its
        answer. A failure becomes a turn of its own that says in a sentence what is wrong.
    """
    question = " ".join(question.split())[:LONGEST]
    if not question:
        return
    number = len(turns) + 1
    stages: SimpleQueue[str | None] = SimpleQueue()
    with ThreadPoolExecutor(1) as beside:
        yield (*turns, Turn(question, show.pending(number, question), Markup("")))
        done = beside.submit(_settle, assistant, question, turns, how, stages)
        done.add_done_callback(lambda _: stages.put(None))
        while (stage := stages.get()) is not None:
            yield (*turns, Turn(question, show.pending(number, question, stage), Markup("")))
        yield (*turns, done.result())


def _settle(
    assistant: Chats, question: str, turns: Turns, how: How, stages: SimpleQueue[str | None]
) -> Turn:
    number = len(turns) + 1
    history = [] if how.afresh else [turn.question for turn in turns if turn.kept]
    began = time.monotonic()
    try:
        answer = assistant.ask(question, history, risk=how.risk, within=how.within, tell=stages.put)
        kept = Kept(answer, time.monotonic() - began)
        return shown(assistant.index, number, kept, how.judged)
    except IndexProblem as problem:
        message = str(problem)
    except Exception:
        log.exception("A question could not be answered.")
        message = "The question could not be answered; the server's log says why."
    return Turn(question, show.problem(number, question, message), show_sources.no_sources())


def shown(index: PassageIndex, number: int, kept: Kept, judged: Judged = NOTHING) -> Turn:
    """Show a turn, just answered or kept from earlier.

    Args:
        index: the collection; a document that has left it is said to have.
        number: the turn's number in its conversation, from 1.
        kept: the answer and the time it took.
        judged: the person's question set.

    Raises:
        IndexProblem: the index cannot be read.
    """
    documents = documents_of(index, kept.answer)
    return Turn(
        kept.answer.question,
        show.turn(number, kept.answer, kept.seconds, verdict(number, kept.answer, judged)),
        show_sources.sources(number, kept.answer, documents),
        kept,
    )


def restored(index: PassageIndex, kept: Sequence[Kept], judged: Judged = NOTHING) -> Turns:
    """Show a conversation that was kept."""
    return tuple(shown(index, number, turn, judged) for number, turn in enumerate(kept, start=1))


def judge(by: Judge, turns: Turns, said: Judgement) -> Turns:
    """Take down what a person makes of an answer.

    Args:
        by: takes it down.
        turns: the conversation.
        said: the judgement.

    Returns:
        The conversation with what stands under the answer now.

    Raises:
        NotJudged: it could not be taken down.
    """
    turn = turns[said.turn - 1] if 1 <= said.turn <= len(turns) else None
    if turn is None or turn.kept is None:
        raise NotJudged("This answer is no longer on the server; reload the page and judge again.")
    below = by.hear(turn.kept.answer, said)
    now = replace(turn, shown=show.turn(said.turn, turn.kept.answer, turn.kept.seconds, below))
    return (*turns[: said.turn - 1], now, *turns[said.turn :])


def documents_of(index: PassageIndex, answer: Answer) -> dict[str, Document]:
    """Fetch the documents that an answer's sources show; those that have left are missing."""
    out: dict[str, Document] = {}
    with index.view() as view:
        for document_id in show_sources.needed(answer):
            try:
                out[document_id] = view.document(document_id)
            except KeyError:
                continue
    return out


class Wanted(BaseModel):
    """What the page may ask to see the original of: a document by its id, a range by its offsets.

    There is no field for a path: nothing but the files of indexed documents can be asked for.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    document: str
    start: int
    end: int


def original_of(index: PassageIndex, wanted: object) -> Markup:
    """Show a stretch of a document in its original.

    Args:
        index: the collection.
        wanted: the fields of :class:`Wanted`, as they came from the browser.

    Returns:
        The original, or a sentence that says why it cannot be shown.
    """
    try:
        asked = Wanted.model_validate(wanted)
        with index.view() as view:
            document = view.document(asked.document)
        found = original(document, asked.start, asked.end, index.sources(), near=True)
    except ValidationError:
        return show.sorry("This is no place in a document.")
    except KeyError:
        return show_sources.GONE
    except (IndexProblem, ValueError) as problem:
        return show.sorry(str(problem))
    except Exception:
        log.exception("An original could not be shown.")
        return show.sorry("The original could not be shown; the server's log says why.")
    return show_original.fragment(found)


def conversation(turns: Turns) -> Markup:
    """Put the turns under one another."""
    return Markup('<div class="pc-turns" role="region" aria-label="Conversation">{}</div>').format(
        Markup("").join(turn.shown for turn in turns)
    )


def sources(turns: Turns) -> Markup:
    """Put the turns' sources under one another; the page shows one turn's at a time."""
    shown = Markup("").join(turn.sources for turn in turns)
    return shown or show_sources.no_sources()
