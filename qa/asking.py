"""What batch and evaluation need of an assistant, and no more."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Protocol

from index.base import PassageIndex, Within
from qa.answer import Answer
from qa.export import TextOf
from qa.question_set import Question
from qa.within import limit, restriction


class Asks(Protocol):
    """Somebody who answers questions: ``qa.assistant.Assistant``, or a stand-in in a test."""

    @property
    def index(self) -> PassageIndex:
        """The collection."""

    @property
    def ask(self) -> Callable[..., Answer]:
        """``ask(question, history, *, id, risk, within)`` gives the answer."""


def ask(assistant: Asks, question: Question, risk: float | None) -> Answer:
    """Ask a question of a set, after the questions in its history and within its limits.

    Raises:
        ValueError: it is limited to documents that the index does not know; the message names one.
    """
    within = _limit(assistant, question)
    return assistant.ask(
        question.question, question.earlier, id=question.id, risk=risk, within=within
    )


def is_answer_to(assistant: Asks, question: Question, answer: Answer) -> bool:
    """Whether an answer was given to this question, in these words and within these limits."""
    if question.question.split() != answer.question.split():
        return False
    try:
        return restriction(_limit(assistant, question)) == answer.within
    except ValueError:
        return False


def _limit(assistant: Asks, question: Question) -> Within | None:
    if not question.documents and question.years is None:
        return None
    return limit(question.documents, question.years or (None, None), assistant.index.sources())


def texts_of(index: PassageIndex) -> TextOf:
    """Give an index's reading texts by document id; the last few are kept at hand."""

    @lru_cache(maxsize=64)
    def text_of(document_id: str) -> str:
        with index.view() as view:
            return view.document(document_id).text

    return text_of
