"""``pincite eval``: ask a question set, tell the figures, and compare them with an earlier run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from qa import report_comparison
from qa.asking import texts_of
from qa.comparing import Comparison, NothingShared, Run, compare
from qa.earlier import read_earlier
from qa.evaluate import Evaluation, evaluate
from qa.gold import Gold
from qa.opening import assistant_on
from qa.question_set import QuestionSet
from qa.report import table, write
from qa.risk.calibrating import warned
from qa.terminal import plain, progress, show_refused, stderr, stdout


def run(
    found: QuestionSet,
    questions: Path,
    index: Path,
    outputs: Mapping[str, Path | None],
    *,
    risk: float | None,
    against: Path | None,
) -> bool:
    """The command's body: ask, tell, compare, and write the files that were asked for.

    Args:
        found: the questions.
        questions: the file they came from.
        index: the index's folder.
        outputs: where to write ``report``, ``json`` and ``answers``, as :func:`qa.report.write`
            takes them.
        risk: accepted share of wrong answers; None for the default.
        against: what an earlier run wrote, to compare with.

    Returns:
        Whether something was refused.

    Raises:
        qa.opening.WrongUse: there is no index, or the earlier run cannot be compared with.
        qa.batch.OutputProblem: a file cannot be written.
    """
    with assistant_on(index, risk) as assistant:
        text_of = texts_of(assistant.index)
        gold = Gold(assistant.index.sources(), text_of)
        earlier = read_earlier(against, found.questions, gold, risk=risk) if against else None
        with progress("Asking") as tell:
            evaluation = evaluate(assistant, found.questions, gold, risk=risk, progress=tell)
        evaluation = warned(evaluation, assistant.reader, questions)
        refused = [*found.refused, *evaluation.refused]
        comparison = _compared(earlier, evaluation, questions.name, refused)
        write(evaluation, questions.name, text_of, comparison=comparison, **outputs)
    stdout().print(table(evaluation))
    if comparison:
        _tell(comparison)
    for kind, sentences in (("warning", evaluation.warnings), ("evidence", evaluation.unfounded)):
        for sentence in sentences:
            stderr().print(plain(f"{kind}: {sentence}"))
    show_refused(refused)
    return bool(refused)


def run_of(evaluation: Evaluation, name: str) -> Run:
    """Give an evaluation as it is compared with another one."""
    answer = evaluation.outcomes[0].answer if evaluation.outcomes else None
    return Run(
        name,
        evaluation.cases(),
        evaluation.risk,
        answer.models if answer else None,
        answer.index if answer else None,
    )


def _compared(
    earlier: Run | None, evaluation: Evaluation, name: str, refused: list[str]
) -> Comparison | None:
    if earlier is None:
        return None
    try:
        return compare(earlier, run_of(evaluation, name))
    except NothingShared as problem:
        refused.append(str(problem))
        return None


def _tell(comparison: Comparison) -> None:
    console = stdout()
    console.print(plain(f"\nCompared with {comparison.earlier}"))
    console.print(report_comparison.table(comparison))
    console.print(report_comparison.NOTE)
    for line in report_comparison.lines(comparison):
        console.print(plain(line))
