"""``pincite calibrate``: ask a person's own questions, and find what keeps the accepted risk."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from rich.table import Table

from index.location import beside
from index.weights import sha256_of
from qa.asking import texts_of
from qa.assistant import Assistant
from qa.evaluate import Evaluation, evaluate
from qa.gold import Gold
from qa.opening import WrongUse, assistant_on, must_exist
from qa.question_set import Question, read_questions
from qa.reader import Reader
from qa.risk.calibration import (
    Calibration,
    calibrated_on,
    forget,
    save,
    uncalibrated,
)
from qa.risk.conformal import RISKS, least_number, threshold_at, thresholds
from qa.risk.platt import fit, scaled
from qa.terminal import count, progress, show_refused, stderr, stdout

SHOWN = (0.05, 0.1, 0.2, 0.3, 0.5)
"""The risks that are always told of."""


class Judged(NamedTuple):
    """An answer that could be judged."""

    confidence: float
    right: bool
    answerable: bool


@dataclass(frozen=True, slots=True)
class Row:
    """What became of one risk.

    Attributes:
        risk: the accepted share of wrong answers.
        threshold: the least confidence to answer at; None where the risk cannot be guaranteed.
        coverage: share of the judged answerable questions that are answered there.
        wrong: share of the answers given there that are wrong, on these very questions.
        given: how many are given.
        reason: why it cannot be guaranteed.
    """

    risk: float
    threshold: float | None
    coverage: float | None = None
    wrong: float | None = None
    given: int = 0
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Calibrating:
    """A finished run: the calibration (None where no risk can be guaranteed) and what to tell."""

    calibration: Calibration | None
    rows: tuple[Row, ...]
    judged: tuple[Judged, ...]
    evaluation: Evaluation


def run(questions: Path | None, index: Path, *, risk: float | None, delta: float) -> bool:
    """The command's body: calibrate and tell, or, without questions, drop the calibration.

    Args:
        questions: the question file; None to forget what an earlier run found.
        index: the index's folder.
        risk: one more risk to tell of, which must be guaranteed.
        delta: accepted chance that a threshold does not keep its risk.

    Returns:
        Whether something was refused: a question, or the risk.

    Raises:
        WrongUse: a number is out of range, there is no index, or nothing could be judged.
        qa.risk.calibration.CalibrationProblem: the calibration cannot be written or dropped.
        qa.question_set.QuestionFileProblem: the question file cannot be read.
    """
    for name, value in (("--risk", risk), ("--delta", delta)):
        if value is not None and not 0 < value < 1:
            raise WrongUse(f"{name} must be above 0 and below 1, not {value:g}.")
    must_exist(index)
    if questions is None:
        stdout().print(
            "Calibration dropped." if forget(beside(index)) else "There was no calibration."
        )
        return False
    found = read_questions(questions)
    with assistant_on(index, None) as assistant, progress("Asking") as tell:
        done = calibrate(assistant, found.questions, questions, delta=delta, risk=risk, tell=tell)
    if not done.judged:
        raise WrongUse(
            f"{questions} says of no question what a right answer is: calibration needs "
            '"evidence", "answers" or "answerable": false.'
        )
    _show(done, index)
    refused = [*found.refused, *done.evaluation.refused]
    show_refused(refused)
    kept = risk is None or threshold_at(_thresholds(done), risk) is not None
    return bool(refused) or not kept or done.calibration is None


def _thresholds(done: Calibrating) -> tuple[tuple[float, float], ...]:
    return done.calibration.thresholds if done.calibration else ()


def _show(done: Calibrating, index: Path) -> None:
    right = sum(one.right for one in done.judged)
    others = sum(not one.answerable for one in done.judged)
    stdout().print(
        f"{count(len(done.judged), 'answer')} judged, {right} right; "
        f"{count(others, 'question')} unanswerable."
    )
    stdout().print(table(done.rows))
    if done.calibration:
        scaling = ", confidence scaled to these questions" if done.calibration.scaling else ""
        stdout().print(f"Written: {save(done.calibration, beside(index))}{scaling}.")
    for sentence in [*(f"evidence: {s}" for s in done.evaluation.unfounded), *remarks(done)]:
        stderr().print(sentence)


def warned(evaluation: Evaluation, reader: Reader, questions: Path) -> Evaluation:
    """An evaluation with a warning where the reader was calibrated on the same questions."""
    return replace(evaluation, warnings=(*evaluation.warnings, *warning(reader, questions)))


def warning(reader: Reader, questions: Path) -> tuple[str, ...]:
    """Say that the reader was calibrated on a question file, as one sentence; none otherwise."""
    if calibrated_on(reader) != sha256_of(questions):
        return ()
    return (
        f"The reader was calibrated on {questions.name} itself, so its thresholds and "
        "calibration look better here than they are on other questions.",
    )


def calibrate(
    assistant: Assistant,
    questions: Sequence[Question],
    path: Path,
    *,
    delta: float,
    risk: float | None = None,
    tell: Callable[[int, int], None] | None = None,
) -> Calibrating:
    """Ask every question at risk 1, judge the answers, and find the thresholds.

    Args:
        assistant: who answers; an earlier calibration is taken off it.
        questions: what to ask.
        path: the file they come from.
        delta: accepted chance that a threshold does not keep its risk, in (0, 1).
        risk: one more risk to tell of, in (0, 1).
        tell: called with the number done and the number of all.
    """
    assistant.reader = uncalibrated(assistant.reader)
    gold = Gold(assistant.index.sources(), texts_of(assistant.index))
    evaluation = evaluate(assistant, questions, gold, risk=1.0, progress=tell)
    raw = [
        Judged(o.answer.confidence, bool(o.right), o.question.answerable)
        for o in evaluation.outcomes
        if o.right is not None
    ]
    right = [one.right for one in raw]
    line = fit([one.confidence for one in raw], right)
    judged = tuple(one._replace(confidence=scaled(one.confidence, line)) for one in raw)
    risks = sorted({*RISKS, *([] if risk is None else [risk])})
    table = thresholds([one.confidence for one in judged], right, risks, delta)
    shown = sorted({*SHOWN, *([] if risk is None else [risk])})
    rows = tuple(_row(named, table, judged, delta) for named in shown)
    calibration = None
    # A promise only for risks that nobody accepts is none.
    if table and table[0][0] <= shown[-1]:
        calibration = Calibration(
            reader=assistant.reader.name,
            index=assistant.index.stats().fingerprint,
            questions=path.name,
            sha256=sha256_of(path),
            judged=len(judged),
            unanswerable=sum(not one.answerable for one in judged),
            delta=delta,
            thresholds=table,
            scaling=line,
        )
    return Calibrating(calibration, rows, judged, evaluation)


def _row(
    risk: float, table: Sequence[tuple[float, float]], judged: Sequence[Judged], delta: float
) -> Row:
    threshold = threshold_at(table, risk)
    if threshold is None:
        return Row(risk, None, reason=_why_not(risk, judged, delta))
    given = [one for one in judged if one.confidence >= threshold]
    answerable = sum(one.answerable for one in judged)
    return Row(
        risk,
        threshold,
        coverage=sum(one.answerable for one in given) / answerable if answerable else None,
        wrong=sum(not one.right for one in given) / len(given),
        given=len(given),
    )


def _why_not(risk: float, judged: Sequence[Judged], delta: float) -> str:
    least = least_number(risk, delta)
    if len(judged) < least:
        return f"needs at least {least} judged questions, not {len(judged)}"
    surest = sorted(judged, key=lambda one: -one.confidence)[:least]
    wrong = sum(not one.right for one in surest)
    if wrong:
        return f"{wrong} of the {least} surest answers wrong"
    return "too many wrong answers for so few questions"


def table(rows: Sequence[Row]) -> Table:
    """What became of each risk, for the terminal."""
    out = Table("Accepted risk", title=None)
    for column in ("Confidence needed", "Answerable answered", "Wrong among given", "Given"):
        out.add_column(column, justify="right")
    out.add_column("Not guaranteed, because")
    for row in rows:
        cells = (row.threshold, row.coverage, row.wrong)
        numbers = ("–" if cell is None else f"{cell:.3f}" for cell in cells)
        out.add_row(f"{row.risk:g}", *numbers, str(row.given or "–"), row.reason or "")
    return out


def remarks(found: Calibrating) -> list[str]:
    """What a person should know before relying on it, a sentence each."""
    out: list[str] = []
    if found.calibration is None:
        out.append(
            "No risk can be guaranteed with so few questions or so many wrong answers: nothing "
            "was written, and the thresholds stay as they were."
        )
    elif found.calibration.least_risk > SHOWN[0]:
        out.append(
            f"Below {found.calibration.least_risk:g} nothing is guaranteed: for smaller risks the "
            "reader's own threshold holds, or the strictest of these where that is stricter."
        )
    if all(one.answerable for one in found.judged):
        out.append(
            "No question of the set is marked as unanswerable: the risks are kept only as long as "
            "people ask nothing that the collection does not answer."
        )
    return out
