"""A conversation in the browser: one session's turns, each with what is shown for it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from markupsafe import Markup
from pydantic import BaseModel, ConfigDict, ValidationError

from corpus.document import Document
from index.base import IndexProblem, PassageIndex
from index.embed import Embedder
from qa import show, show_original, show_sources
from qa.answer import Answer
from qa.asking import Asks
from qa.original import original

log = logging.getLogger(__name__)

LONGEST = 1000
"""Characters of a question."""


class Chats(Asks, Protocol):
    """What a conversation needs: ``qa.assistant.Assistant``, or a stand-in in a test."""

    @property
    def index(self) -> PassageIndex:
        """The collection."""

    @property
    def embedder(self) -> Embedder:
        """Makes the vectors of what is added."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A question of one browser session and what is shown for it.

    Attributes:
        question: as the person asked it.
        shown: the question and its answer, in the conversation.
        sources: the cards beside them.
        settled: whether the question was answered or declined. One that failed, or is still being
            worked on, is no part of the history.
    """

    question: str
    shown: Markup
    sources: Markup
    settled: bool = True


Turns = tuple[Turn, ...]


def respond(assistant: Chats, question: str, turns: Turns, risk: float | None) -> Iterator[Turns]:
    """Answer a question in a conversation.

    Args:
        assistant: answers it.
        question: what the person typed; white space is folded, and nothing happens if it is empty.
        turns: the conversation so far.
        risk: accepted share of wrong answers, in (0, 1]; None for the usual.

    Yields:
        The conversation with the question pending, then with its answer. A failure becomes a turn
        of its own that says in a sentence what is wrong.
    """
    question = " ".join(question.split())[:LONGEST]
    if not question:
        return
    number = len(turns) + 1
    yield (*turns, Turn(question, show.pending(number, question), Markup(""), settled=False))
    yield (*turns, _settle(assistant, question, turns, risk))


def _settle(assistant: Chats, question: str, turns: Turns, risk: float | None) -> Turn:
    number, history = len(turns) + 1, [turn.question for turn in turns if turn.settled]
    try:
        answer = assistant.ask(question, history, risk=risk)
        documents = documents_of(assistant.index, answer)
    except IndexProblem as problem:
        message = str(problem)
    except Exception:
        log.exception("A question could not be answered.")
        message = "The question could not be answered; the server's log says why."
    else:
        sources = show_sources.sources(number, answer, documents)
        return Turn(question, show.turn(number, answer), sources)
    shown = show.problem(number, question, message)
    return Turn(question, shown, show_sources.no_sources(), settled=False)


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
    return Markup('<div class="pc-turns" role="log" aria-label="Conversation">{}</div>').format(
        Markup("").join(turn.shown for turn in turns)
    )


def sources(turns: Turns) -> Markup:
    """Put the turns' sources under one another; the page shows one turn's at a time."""
    shown = Markup("").join(turn.sources for turn in turns)
    return shown or show_sources.no_sources()
