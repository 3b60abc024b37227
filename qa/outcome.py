"""One question's answer beside its gold, and what it counts in every figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from corpus.document import Span
from qa.answer import Answer, Citation
from qa.gold import Gold
from qa.metrics import holds_answer, ranking
from qa.question_set import Evidence, Question
from qa.short_answers import exact_match, token_f1


@dataclass(frozen=True, slots=True)
class Outcome:
    """One question's answer beside its gold.

    Attributes:
        question, answer: what was asked and what came.
        seconds: how long it took.
        gains: of each passage of the answer, best first, whether it overlaps the evidence.
        missed: how many pieces of evidence no passage overlaps.
        hits: of each quote, best first, whether it overlaps the evidence.
        contained: whether a right short answer stands in the quotes; None where none is known.
    """

    question: Question
    answer: Answer
    seconds: float
    gains: tuple[bool, ...]
    missed: int
    hits: tuple[bool, ...]
    contained: bool | None

    @property
    def answered(self) -> bool:
        """Whether there is an answer at all."""
        return self.answer.status == "answered"

    @property
    def judged(self) -> bool:
        """Whether it is known where the answer stands."""
        return self.question.answerable and any(map(_has_place, self.question.evidence))

    @property
    def right(self) -> bool | None:
        """Whether the given answer is right; None where there is none or it cannot be judged."""
        if not self.answered:
            return None
        if not self.question.answerable:
            return False
        return any(self.hits) if self.judged else self.contained

    @property
    def judgeable(self) -> bool:
        """Whether an answer to the question can be judged, given or not."""
        return not self.question.answerable or self.judged or bool(self.question.answers)

    @property
    def withheld(self) -> bool:
        """Whether it could be judged but was declined for lack of confidence, not of passages."""
        return self.judgeable and not self.answered and bool(self.answer.passages)

    @property
    def marked(self) -> str:
        """The words that are marked as the short answer in the best quote; "" where none are."""
        short = self.answer.quotes[0].short_answer if self.answer.quotes else None
        return short.text if short else ""

    @property
    def passage_rank(self) -> int | None:
        """The 1-based rank of the first relevant passage, if one was found."""
        return self.gains.index(True) + 1 if any(self.gains) else None

    @property
    def evidence_read(self) -> bool:
        """Whether a relevant passage was read."""
        return any(
            gain and passage.read
            for gain, passage in zip(self.gains, self.answer.passages, strict=True)
        )

    @property
    def quote_rank(self) -> int | None:
        """The 1-based rank of the first quote that overlaps the evidence, if any does."""
        return self.hits.index(True) + 1 if any(self.hits) else None


def judge(question: Question, answer: Answer, seconds: float, gold: Gold) -> Outcome:
    """Set an answer beside the gold of its question."""
    placed = [evidence for evidence in question.evidence if _has_place(evidence)]
    found = [
        [
            gold.overlaps(evidence, p.document, Span(p.start, p.end), p.source_spans)
            for p in answer.passages
        ]
        for evidence in placed
    ]
    citations = {citation.n: citation for citation in answer.citations}
    quoted = [citations[quote.citation] for quote in answer.quotes]
    texts = [quote.text for quote in answer.quotes]
    texts += [quote.header.text for quote in answer.quotes if quote.header]
    known = question.answerable and question.answers
    return Outcome(
        question=question,
        answer=answer,
        seconds=seconds,
        gains=tuple(any(column) for column in zip(*found, strict=True)),
        missed=sum(not any(row) for row in found),
        hits=tuple(any(_cited(gold, evidence, c) for evidence in placed) for c in quoted),
        contained=holds_answer(question.answers, texts) if known else None,
    )


def scores(outcomes: Sequence[Outcome]) -> list[dict[str, float]]:
    """Of each outcome its value in every figure that is a mean over questions.

    An outcome is missing in a figure that it does not count in: passage and sentence figures are
    of questions whose evidence has a place, ``short_answer_*`` of those whose answer is known in
    words, ``wrong_answers`` of given answers that can be judged. A question that was declined is
    a miss for sentences and short answers.
    """
    judged = [outcome for outcome in outcomes if outcome.judged]
    ranked = ranking([o.gains for o in judged], [o.missed for o in judged])
    rows = iter(
        [
            {name: values[i] for name, values in ranked.items()}
            | {f"sentence_hit@{n}": float(any(o.hits[:n])) for n in (1, 3)}
            for i, o in enumerate(judged)
        ]
    )
    return [(next(rows) if o.judged else {}) | _short(o) | _declining(o) for o in outcomes]


def _short(outcome: Outcome) -> dict[str, float]:
    answers = outcome.question.answers
    if not outcome.question.answerable or not answers:
        return {}
    return {
        "short_answer_contained": float(bool(outcome.contained)),
        "short_answer_f1": token_f1(outcome.marked, answers),
        "short_answer_em": float(exact_match(outcome.marked, answers)),
    }


def _declining(outcome: Outcome) -> dict[str, float]:
    if outcome.question.answerable:
        out = {"false_refusals": float(not outcome.answered)}
    else:
        out = {"false_answers": float(outcome.answered)}
    if outcome.right is not None:
        out["wrong_answers"] = float(not outcome.right)
    return out


def _cited(gold: Gold, evidence: Evidence, citation: Citation) -> bool:
    span = Span(citation.start, citation.end)
    return gold.overlaps(evidence, citation.document.id, span, citation.source_spans)


def _has_place(evidence: Evidence) -> bool:
    return bool(evidence.quote) or evidence.start is not None
