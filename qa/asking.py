"""What batch and evaluation need of an assistant, and no more."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Protocol

from index.base import PassageIndex
from qa.answer import Answer
from qa.export import TextOf
from qa.question_set import Question


class Asks(Protocol):
    """Somebody who answers questions: ``qa.assistant.Assistant``, or a stand-in in a test."""

    @property
    def ask(self) -> Callable[..., Answer]:
        """``ask(question, history, *, id, risk)`` gives the answer."""


def ask(assistant: Asks, question: Question, risk: float | None) -> Answer:
    """Ask a question of a set, after the questions in its history."""
    return assistant.ask(question.question, question.earlier, id=question.id, risk=risk)


def texts_of(index: PassageIndex) -> TextOf:
    """Give an index's reading texts by document id; the last few are kept at hand."""

    @lru_cache(maxsize=64)
    def text_of(document_id: str) -> str:
        with index.view() as view:
            return view.document(document_id).text

    return text_of
