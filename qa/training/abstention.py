r"""Does the assistant know when there is no answer? Askings that can, and that cannot be answered.

    python -m qa.training.abstention ../shared/bench/covidqa OUT/covidqa/index \
        --squad ../shared/bench/squad/dev-v1.1.json

Four kinds of asking: each dev question of COVID-QA asked of all papers; the same without its own
paper; near misses (its rarest word exchanged for that of a question on another paper); and
questions on other fields (every 100th of SQuAD's dev part, 100 of them). An answer to one of the
last three is wrong; one to the first is wrong where no quote overlaps the gold answer.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from index.base import IndexProblem
from index.embed import load_embedder
from index.settings import Settings
from qa.asking import texts_of
from qa.assistant import Assistant
from qa.evaluate import evaluate
from qa.gold import Gold
from qa.metrics import Measure, aurc, risk_coverage
from qa.question_set import Question
from qa.reader import Reader
from qa.readers.load import load_reader
from qa.training.bench_index import Bench, BenchIndex
from qa.training.bootstrap import Weights, bootstrapped, shown
from qa.training.covidqa import question_set
from qa.training.overlap_examples import near_miss
from qa.training.squad import read_squad

ANSWERABLE = "answerable"
REMOVED = "own paper removed"
NEAR_MISS = "near miss"
OTHER_FIELD = "other field"
RISKS = (0.5, 0.3, 0.2, 0.1)
POINTS = 10
"""Steps of coverage that are shown."""
EVERY, FOREIGN = 100, 100


@dataclass(frozen=True, slots=True)
class Asking:
    """One question to be asked.

    Attributes:
        kind: one of the four.
        group: askings that stem from one question share it.
        question: what is asked; ``answerable`` says whether the papers in sight hold the answer.
        hidden: ids of the documents taken away.
    """

    kind: str
    group: str
    question: Question
    hidden: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Result:
    """What came of an asking when an answer was asked for at any risk.

    Attributes:
        kind, group: of the asking.
        confidence: the reader's.
        wrong: whether the quotes do not answer.
    """

    kind: str
    group: str
    confidence: float
    wrong: bool


def covid_askings(questions: Sequence[Question], gold: Gold) -> Iterator[Asking]:
    """Each question with its paper and without, and its near miss.

    Args:
        questions: answerable, each with evidence from one paper.
        gold: knows the papers' ids.
    """
    sources = [question.evidence[0].source for question in questions]
    for number, (question, source) in enumerate(zip(questions, sources, strict=True)):
        yield Asking(ANSWERABLE, question.id, question)
        alone = {"answerable": False, "answers": (), "evidence": ()}
        without = question.model_copy(update=alone)
        yield Asking(REMOVED, question.id, without, gold.documents(source))
        later = zip([*questions[number:], *questions], [*sources[number:], *sources], strict=True)
        foreign = next((other for other, paper in later if paper != source), None)
        missed = foreign and near_miss(question.question, foreign.question)
        if missed:
            miss = without.model_copy(update={"question": missed})
            yield Asking(NEAR_MISS, question.id, miss)


def foreign_askings(squad: Path) -> Iterator[Asking]:
    """Questions on other fields: every 100th of a SQuAD file."""
    asked = [question for paper in read_squad(squad) for question in paper.questions]
    for entry in asked[::EVERY][:FOREIGN]:
        question = Question(id=entry.id, question=entry.question, answerable=False)
        yield Asking(OTHER_FIELD, entry.id, question)


def ask_all(
    assistant: Assistant, askings: Sequence[Asking], gold: Gold, bench: Bench
) -> list[Result]:
    """Ask each one, always wanting an answer; what a threshold declines is decided afterwards."""
    results = []
    for asking in askings:
        bench.hidden = asking.hidden
        for outcome in evaluate(assistant, [asking.question], gold, risk=1.0).outcomes:
            confidence = outcome.answer.confidence if outcome.answered else 0.0
            results.append(Result(asking.kind, asking.group, confidence, outcome.right is not True))
    bench.hidden = frozenset()
    return results


def of_kind(results: Sequence[Result], *kinds: str) -> list[Result]:
    """The results of these kinds."""
    return [result for result in results if result.kind in kinds]


def separation(results: Sequence[Result], kind: str) -> Measure:
    """AUROC of the answerable askings against those of a kind; drawn by question.

    Args:
        results: of all kinds.
        kind: the unanswerable ones to compare with.
    """
    positive, negative = of_kind(results, ANSWERABLE), of_kind(results, kind)
    high = np.array([r.confidence for r in positive])[:, None]
    low = np.array([r.confidence for r in negative])[None, :]
    above = (high > low) + (high == low) / 2.0

    def auroc(weights: Weights) -> float:
        mine, theirs = weights[: len(positive)], weights[len(positive) :]
        pairs = mine.sum() * theirs.sum()
        return float(mine @ above @ theirs) / float(pairs) if pairs else float("nan")

    return bootstrapped(auroc, [r.group for r in (*positive, *negative)])


def risk_at(results: Sequence[Result], threshold: float) -> Measure:
    """The share of wrong answers among those given at or above a confidence."""
    given = np.array([r.confidence >= threshold for r in results])
    wrong = np.array([r.wrong for r in results]) & given

    def share(weights: Weights) -> float:
        answers = float(weights @ given)
        return float(weights @ wrong) / answers if answers else float("nan")

    return bootstrapped(share, [r.group for r in results])


def answered_at(results: Sequence[Result], threshold: float) -> Measure:
    """The share of the askings that is answered at or above a confidence."""
    given = np.array([float(r.confidence >= threshold) for r in results])
    return bootstrapped(
        lambda weights: float(weights @ given) / float(weights.sum()), [r.group for r in results]
    )


def report(results: Sequence[Result], reader: Reader, risks: Sequence[float] = RISKS) -> str:
    """All figures as Markdown."""
    others = [k for k in (REMOVED, NEAR_MISS, OTHER_FIELD) if of_kind(results, k)]
    lines = [f"Reader: {reader.name}", "", "| unanswerable | askings | AUROC |", "|---|---:|---|"]
    lines += [
        f"| {kind} | {len(of_kind(results, kind))} | {shown(separation(results, kind))} |"
        for kind in others
    ]
    balanced = of_kind(results, ANSWERABLE, REMOVED)
    lines += ["", *_curve(balanced), ""]
    kinds = (ANSWERABLE, *others)
    heads = ["--risk", "confidence needed", "wrong among those given"]
    heads += [f"answered: {kind}" for kind in kinds]
    lines += [f"| {' | '.join(heads)} |", "|---:|---:|" + "---|" * (1 + len(kinds))]
    for risk in risks:
        threshold = reader.threshold(risk)
        cells = [shown(risk_at(balanced, threshold))]
        cells += [shown(answered_at(of_kind(results, kind), threshold)) for kind in kinds]
        lines.append(f"| {risk:g} | {threshold:.3f} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _curve(results: Sequence[Result]) -> list[str]:
    """The risk-coverage curve and the area under it."""
    confidences, right = [r.confidence for r in results], [not r.wrong for r in results]
    points = risk_coverage(confidences, right, asked=len(results), points=POINTS)
    rows = {
        "coverage": [f"{point.coverage:.2f}" for point in points],
        "risk": [f"{point.risk:.3f}" for point in points],
        "confidence": [f"{point.threshold:.3f}" for point in points],
    }
    named = f"{len(results)} askings, {ANSWERABLE} or with their {REMOVED}"
    lines = [f"{named}: AURC {aurc(confidences, right)}.", ""]
    for name, cells in rows.items():
        lines.append(f"| {name} | {' | '.join(cells)} |")
        if name == "coverage":
            lines.append("|---|" + "---:|" * len(cells))
    return lines


def measured(
    index: Path,
    settings: Settings,
    reader: str,
    questions: Sequence[Question],
    squad: Path | None,
    log: Callable[[str], None],
) -> str:
    """Open the index, ask everything, report."""
    embedder = load_embedder(settings.embedder, index)
    bench = Bench()
    with BenchIndex(index, embedder, bench) as opened:
        gold = Gold(opened.sources(), texts_of(opened))
        judge = load_reader(reader, embedder)
        assistant = Assistant(opened, embedder, judge, candidates=settings.candidates)
        askings = list(covid_askings(questions, gold))
        askings += foreign_askings(squad) if squad else ()
        log(f"{len(askings)} askings")
        return report(ask_all(assistant, askings, gold, bench), judge)


def main(
    covidqa: Annotated[Path, typer.Argument(help="Folder with COVID-QA's dev.json.")],
    index: Annotated[Path, typer.Argument(help="Index of all its papers.")],
    reader: Annotated[str, typer.Option(help="Name or path; empty for the default.")] = "",
    squad: Annotated[Path | None, typer.Option(help="SQuAD file of other fields.")] = None,
    out: Annotated[Path | None, typer.Option("-o", help="Markdown file for the report.")] = None,
) -> None:
    """Print how well confidence separates what can be answered from what cannot."""
    logging.basicConfig(level=logging.WARNING)
    dev = [Question.model_validate(q) for q in question_set(read_squad(covidqa / "dev.json"))]
    try:
        text = measured(
            index, Settings(), reader, dev, squad, lambda line: typer.echo(line, err=True)
        )
    except IndexProblem as problem:
        typer.echo(str(problem), err=True)
        raise typer.Exit(2) from None
    typer.echo(text)
    if out is not None:
        out.write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    typer.run(main)
