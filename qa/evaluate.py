"""Evaluation: what an assistant makes of a question set, in figures."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass

from qa.asking import Asks, ask
from qa.cases import Case, cases
from qa.figures import SHARES
from qa.gold import Gold
from qa.metrics import (
    CurvePoint,
    Measure,
    ReliabilityBin,
    aurc,
    auroc,
    calibration_error,
    mean,
    quantile,
    reliability,
    risk_coverage,
    share,
)
from qa.outcome import Outcome, judge, scores
from qa.question_set import Question

OF_PASSAGES = ("recall@1", "recall@5", "recall@10", "mrr", "ndcg@10")
OF_QUOTES = (
    *("sentence_hit@1", "sentence_hit@3"),
    *("short_answer_contained", "short_answer_f1", "short_answer_em"),
)
OF_DECLINING = ("false_answers", "false_refusals", "wrong_answers")


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

    def cases(self) -> tuple[Case, ...]:
        """What came of each question, as it is kept to compare a later run with."""
        return cases(self.outcomes)

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
            "questions": [case.model_dump(exclude_defaults=True) for case in self.cases()],
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
    goes_on: Callable[[], bool] = lambda: True,
) -> Evaluation:
    """Ask every question and set each answer beside its gold.

    Args:
        assistant: who answers.
        questions: what to ask.
        gold: finds the evidence in the collection that is asked.
        risk: accepted share of wrong answers; 1 answers always, which is how sentence ranking is
            measured by itself; None for the default.
        progress: called with the number done and the number of all, before and after each one.
        goes_on: asked before each question; where it says no, the evaluation ends there, and says
            so in a warning.
    """
    outcomes: list[Outcome] = []
    refused: list[str] = []
    unfounded: list[str] = []
    warnings: tuple[str, ...] = ()
    for number, question in enumerate(questions):
        if not goes_on():
            warnings = (f"The run was stopped after {number} of {len(questions)} questions.",)
            break
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
        outcomes.append(judge(question, answer, seconds, gold))
    if progress and not warnings:
        progress(len(questions), len(questions))
    return Evaluation(tuple(outcomes), tuple(refused), tuple(unfounded), risk, warnings)


def measure(outcomes: Iterable[Outcome], *, interval: bool = True) -> dict[str, Measure]:
    """All figures of some outcomes.

    Passage and sentence figures are over the questions whose evidence has a place; a question
    that was declined counts as a miss for sentences and short answers. ``wrong_answers`` is what
    ``risk`` bounds: the share of the given answers that are wrong. ``aurc`` needs the confidence of
    every answer and is given only where none was withheld, as at a risk of 1.
    """
    asked = list(outcomes)
    given, rights = _given(asked)
    rows = scores(asked)
    words = [float(len(q.text.split())) for o in asked for q in o.answer.quotes]
    sure = [o.answer.confidence for o in asked if o.question.answerable]
    others = [o.answer.confidence for o in asked if not o.question.answerable]
    complete = not any(o.withheld for o in asked)

    def over(*names: str) -> dict[str, Measure]:
        values = {name: [row[name] for row in rows if name in row] for name in names}
        return {
            name: share(found) if interval and name in SHARES else mean(found, interval=interval)
            for name, found in values.items()
        }

    return {
        **over(*OF_PASSAGES, *OF_QUOTES),
        "quote_words": mean(words, interval=False),
        **over(*OF_DECLINING),
        "auroc": Measure(auroc(sure, others), len(asked) if sure and others else 0),
        "aurc": Measure(aurc(given, rights), len(rights)) if complete else Measure(None, 0),
        "calibration_error": Measure(calibration_error(given, rights), len(rights)),
    }


def _given(outcomes: Iterable[Outcome]) -> tuple[list[float], list[bool]]:
    """Confidence and rightness of the given answers that can be judged."""
    judged = [(o.answer.confidence, o.right) for o in outcomes if o.right is not None]
    return [confidence for confidence, _ in judged], [bool(right) for _, right in judged]
