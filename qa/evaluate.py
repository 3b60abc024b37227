"""Evaluation: what an assistant makes of a question set, in figures."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass

from corpus.document import Span
from qa.answer import Answer, Citation
from qa.asking import Asks, ask
from qa.gold import Gold
from qa.metrics import (
    CurvePoint,
    Measure,
    ReliabilityBin,
    aurc,
    auroc,
    calibration_error,
    holds_answer,
    mean,
    quantile,
    ranking,
    reliability,
    risk_coverage,
)
from qa.question_set import Evidence, Question
from qa.short_answers import exact_match, token_f1


@dataclass(frozen=True, slots=True)
class Outcome:
    """One question's answer beside its gold.

    Attributes:
        question, answer: what was asked and what came.
        seconds: how long it took.
        gains: of each passage that was read, best first, whether it overlaps the evidence.
        unread: how many pieces of evidence no read passage overlaps.
        hits: of each quote, best first, whether it overlaps the evidence.
        contained: whether a right short answer stands in the quotes; None where none is known.
    """

    question: Question
    answer: Answer
    seconds: float
    gains: tuple[bool, ...]
    unread: int
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
        """The 1-based rank of the first relevant passage, if one was read."""
        return self.gains.index(True) + 1 if any(self.gains) else None

    @property
    def quote_rank(self) -> int | None:
        """The 1-based rank of the first quote that overlaps the evidence, if any does."""
        return self.hits.index(True) + 1 if any(self.hits) else None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What came of a question set.

    Attributes:
        outcomes: one for each question that was asked, in order.
        refused: one sentence for each question that could not be asked.
        unfounded: one sentence for each question whose evidence is not in the index.
        risk: the accepted share of wrong answers; None for the default.
        warnings: what to know before the figures are believed, a sentence each.
    """

    outcomes: tuple[Outcome, ...]
    refused: tuple[str, ...]
    unfounded: tuple[str, ...]
    risk: float | None
    warnings: tuple[str, ...] = ()

    def measures(self, tag: str | None = None) -> dict[str, Measure]:
        """The figures over all questions, with intervals; of one tag, without."""
        chosen = [o for o in self.outcomes if tag is None or tag in o.question.tags]
        return measure(chosen, interval=tag is None)

    def tags(self) -> list[str]:
        """Every tag of the asked questions, sorted."""
        return sorted({tag for outcome in self.outcomes for tag in outcome.question.tags})

    def timing(self) -> dict[str, float | None]:
        """Seconds a question: the first one loads the models and is given by itself."""
        seconds = [outcome.seconds for outcome in self.outcomes]
        return {
            "first": round(seconds[0], 3) if seconds else None,
            "median": quantile(seconds[1:], 0.5),
            "p95": quantile(seconds[1:], 0.95),
        }

    def curve(self) -> tuple[CurvePoint, ...]:
        """Share of wrong answers against coverage; it ends where the run declined."""
        judgeable = sum(outcome.judgeable for outcome in self.outcomes)
        return risk_coverage(*_given(self.outcomes), asked=judgeable)

    def reliability(self) -> tuple[ReliabilityBin, ...]:
        """Mean confidence against the share that is right, of the given answers."""
        return reliability(*_given(self.outcomes))

    def result(self) -> dict[str, object]:
        """The evaluation as plain data; all but ``timing`` is the same from run to run."""
        answers = [outcome.answer for outcome in self.outcomes]
        answerable = sum(outcome.question.answerable for outcome in self.outcomes)
        return {
            "asked": {
                "questions": len(answers),
                "answerable": answerable,
                "unanswerable": len(answers) - answerable,
            },
            "risk": self.risk,
            "models": answers[0].models if answers else {},
            "index": answers[0].index if answers else {},
            "measures": {name: asdict(m) for name, m in self.measures().items()},
            "by_tag": {
                tag: {name: m.value for name, m in self.measures(tag).items() if m.n}
                | {"questions": sum(tag in o.question.tags for o in self.outcomes)}
                for tag in self.tags()
            },
            "risk_coverage": [asdict(point) for point in self.curve()],
            "reliability": [asdict(one) for one in self.reliability()],
            "questions": [_summary(outcome) for outcome in self.outcomes],
            "warnings": list(self.warnings),
            "refused": list(self.refused),
            "unfounded": list(self.unfounded),
            "timing": self.timing(),
        }


def evaluate(
    assistant: Asks,
    questions: Sequence[Question],
    gold: Gold,
    *,
    risk: float | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Evaluation:
    """Ask every question and set each answer beside its gold.

    Args:
        assistant: who answers.
        questions: what to ask.
        gold: finds the evidence in the collection that is asked.
        risk: accepted share of wrong answers; 1 answers always, which is how sentence ranking is
            measured by itself; None for the default.
        progress: called with the number done and the number of all, before and after each one.
    """
    outcomes: list[Outcome] = []
    refused: list[str] = []
    unfounded: list[str] = []
    for number, question in enumerate(questions):
        if progress:
            progress(number, len(questions))
        reasons = filter(None, map(gold.missing, question.evidence))
        unfounded += (f"{question.id}: {reason}." for reason in reasons)
        began = time.perf_counter()
        try:
            answer = ask(assistant, question, risk)
        except ValueError as error:
            refused.append(f"{question.id}: {str(error).rstrip('.')}.")
            continue
        seconds = time.perf_counter() - began
        outcomes.append(_outcome(question, answer, seconds, gold))
    if progress:
        progress(len(questions), len(questions))
    return Evaluation(tuple(outcomes), tuple(refused), tuple(unfounded), risk)


def measure(outcomes: Iterable[Outcome], *, interval: bool = True) -> dict[str, Measure]:
    """All figures of some outcomes.

    Passage and sentence figures are over the questions whose evidence has a place; a question
    that was declined counts as a miss for sentences and short answers. ``wrong_answers`` is what
    ``risk`` bounds: the share of the given answers that are wrong. ``aurc`` needs the confidence of
    every answer and is given only where none was withheld, as at a risk of 1.
    """
    asked = list(outcomes)
    judged = [o for o in asked if o.judged]
    answerable = [o for o in asked if o.question.answerable]
    others = [o for o in asked if not o.question.answerable]
    given, rights = _given(asked)
    ranked = ranking([o.gains for o in judged], [o.unread for o in judged])
    known = [float(o.contained) for o in answerable if o.contained is not None]
    words = [float(len(q.text.split())) for o in asked for q in o.answer.quotes]
    confident = [o.answer.confidence for o in answerable], [o.answer.confidence for o in others]
    marked = [(o.marked, o.question.answers) for o in answerable if o.question.answers]
    complete = not any(o.withheld for o in asked)

    def over(values: Sequence[float]) -> Measure:
        return mean(values, interval=interval)

    return {
        **{name: over(values) for name, values in ranked.items()},
        "sentence_hit@1": over([float(any(o.hits[:1])) for o in judged]),
        "sentence_hit@3": over([float(any(o.hits[:3])) for o in judged]),
        "short_answer_contained": over(known),
        "short_answer_f1": over([token_f1(*pair) for pair in marked]),
        "short_answer_em": over([float(exact_match(*pair)) for pair in marked]),
        "quote_words": mean(words, interval=False),
        "false_answers": over([float(o.answered) for o in others]),
        "false_refusals": over([float(not o.answered) for o in answerable]),
        "wrong_answers": over([float(not right) for right in rights]),
        "auroc": Measure(auroc(*confident), len(asked) if all(confident) else 0),
        "aurc": Measure(aurc(given, rights), len(rights)) if complete else Measure(None, 0),
        "calibration_error": Measure(calibration_error(given, rights), len(rights)),
    }


def _given(outcomes: Iterable[Outcome]) -> tuple[list[float], list[bool]]:
    """Confidence and rightness of the given answers that can be judged."""
    judged = [(o.answer.confidence, o.right) for o in outcomes if o.right is not None]
    return [confidence for confidence, _ in judged], [bool(right) for _, right in judged]


def _outcome(question: Question, answer: Answer, seconds: float, gold: Gold) -> Outcome:
    placed = [evidence for evidence in question.evidence if _has_place(evidence)]
    read = [
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
        gains=tuple(any(column) for column in zip(*read, strict=True)),
        unread=sum(not any(row) for row in read),
        hits=tuple(any(_cited(gold, evidence, c) for evidence in placed) for c in quoted),
        contained=holds_answer(question.answers, texts) if known else None,
    )


def _cited(gold: Gold, evidence: Evidence, citation: Citation) -> bool:
    span = Span(citation.start, citation.end)
    return gold.overlaps(evidence, citation.document.id, span, citation.source_spans)


def _has_place(evidence: Evidence) -> bool:
    return bool(evidence.quote) or evidence.start is not None


def _summary(outcome: Outcome) -> dict[str, object]:
    return {
        "id": outcome.question.id,
        "status": outcome.answer.status,
        "confidence": round(outcome.answer.confidence, 3),
        "passage_rank": outcome.passage_rank,
        "quote_rank": outcome.quote_rank,
        "contained": outcome.contained,
    }
