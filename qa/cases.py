"""What came of each question of a run, in few words: what a later run is compared with."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict

from qa.outcome import Outcome, scores
from qa.question_set import Question

Verdict = Literal["right", "rightly declined", "declined", "wrong", "answered", "false answer"]

MERIT: dict[Verdict, int] = {
    "right": 2,
    "rightly declined": 2,
    "declined": 1,
    "wrong": 0,
    "false answer": 0,
}
"""How good a verdict is; "answered" has no place here, as nobody knows."""


class Case(BaseModel):
    """What came of one question.

    Attributes:
        id, question, history: what was asked, and after what.
        gold: names what counts as right; the same for the same evidence and answers.
        answerable: whether the collection holds an answer.
        status, confidence: of the answer.
        right: whether the given answer is right; None where none was given, or nobody knows.
        passage_rank: the 1-based rank of the first relevant passage, if one was found.
        quote_rank: the 1-based rank of the first quote that overlaps the evidence, if any does.
        contained: whether a right short answer stands in the quotes; None where none is known.
        scores: the value in each figure that is a mean over questions and that it counts in.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    question: str
    history: tuple[str, ...] = ()
    gold: str
    answerable: bool
    status: Literal["answered", "not_found"]
    confidence: float
    right: bool | None = None
    passage_rank: int | None = None
    quote_rank: int | None = None
    contained: bool | None = None
    scores: dict[str, float]

    @property
    def verdict(self) -> Verdict:
        """What came of it, in a word or two; "answered" where nobody knows what is right."""
        if self.status == "not_found":
            return "declined" if self.answerable else "rightly declined"
        if not self.answerable:
            return "false answer"
        if self.right is None:
            return "answered"
        return "right" if self.right else "wrong"


def cases(outcomes: Sequence[Outcome]) -> tuple[Case, ...]:
    """Sum up what came of each question."""
    return tuple(
        Case(
            id=outcome.question.id,
            question=outcome.question.question,
            history=outcome.question.earlier,
            gold=gold_name(outcome.question),
            answerable=outcome.question.answerable,
            status=outcome.answer.status,
            confidence=round(outcome.answer.confidence, 6),
            right=outcome.right,
            passage_rank=outcome.passage_rank,
            quote_rank=outcome.quote_rank,
            contained=outcome.contained,
            scores={name: round(value, 6) for name, value in values.items()},
        )
        for outcome, values in zip(outcomes, scores(outcomes), strict=True)
    )


def gold_name(question: Question) -> str:
    """Name what counts as a right answer: 12 hex digits, the same for the same gold."""
    said = question.model_dump_json(include={"answerable", "answers", "evidence"})
    return hashlib.sha256(said.encode()).hexdigest()[:12]
