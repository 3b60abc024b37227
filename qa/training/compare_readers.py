r"""Readers side by side on the same hits: figures, seconds, and paired differences.

    python -m qa.training.compare_readers OUT/covidqa/index OUT/covidqa/questions.jsonl \
        --reader overlap --reader "" [-o OUT.md]

Every question is searched once; then each reader reads the hits and the whole path composes its
answer. A difference is of the same questions, with a paired bootstrap interval: where it lies on
one side of zero, the readers differ by more than the choice of questions explains.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from index.base import IndexProblem
from index.embed import Embedder, load_embedder
from index.settings import Settings
from qa.asking import texts_of
from qa.assistant import Assistant
from qa.evaluate import evaluate, measure
from qa.gold import Gold
from qa.metrics import Measure, mean
from qa.outcome import Outcome
from qa.question_set import Question, QuestionFileProblem, read_questions
from qa.reader import Reader
from qa.readers.load import load_reader
from qa.training.bench_index import Bench, BenchIndex, TimedReader
from qa.training.bootstrap import median, shown

MEASURES = {
    "recall@1": "passage recall@1",
    "recall@5": "passage recall@5",
    "recall@10": "passage recall@10",
    "mrr": "passage MRR",
    "sentence_hit@1": "evidence sentence hit@1",
    "sentence_hit@3": "evidence sentence hit@3",
    "short_answer_contained": "short answer contained",
    "short_answer_f1": "short answer F1",
    "short_answer_em": "short answer exact match",
    "quote_words": "words a quote",
    "wrong_answers": "wrong answers (of those given)",
}
PARTS = ("retrieve", "read", "compose", "in all")


@dataclass(slots=True)
class Run:
    """One reader's answers.

    Attributes:
        reader: its name.
        outcomes: one for each question that was asked.
        seconds: of each part of the path, one value a question.
    """

    reader: str
    outcomes: list[Outcome] = field(default_factory=list)
    seconds: dict[str, list[float]] = field(default_factory=lambda: {part: [] for part in PARTS})

    def values(self, name: str) -> list[float | None]:
        """A measure of each question by itself; None where it says nothing of one."""
        found = (measure([outcome], interval=False).get(name) for outcome in self.outcomes)
        return [None if m is None else m.value for m in found]


def compare(
    index: Path,
    embedder: Embedder,
    readers: Sequence[Reader],
    questions: Sequence[Question],
    *,
    risk: float | None = 1.0,
    candidates: int = 20,
    progress: Callable[[int], None] | None = None,
) -> list[Run]:
    """Ask every question with every reader.

    Args:
        index: folder of the index; opened once.
        embedder: what it was embedded with.
        readers: who reads.
        questions: what to ask; one that is refused is left out for all readers.
        risk: accepted share of wrong answers; 1 answers always, None for each reader's default.
        candidates: passages that are read for a question.
        progress: called with the number of questions done.

    Returns:
        One run for each reader, in their order, over the same questions.
    """
    bench = Bench(remember=True)
    runs = [Run(reader.name) for reader in readers]
    with BenchIndex(index, embedder, bench) as opened:
        gold = Gold(opened.sources(), texts_of(opened))
        assistants = [
            Assistant(opened, embedder, TimedReader(reader, bench), candidates=candidates)
            for reader in readers
        ]
        if questions:
            # Models are loaded at the first question; that is no part of what is measured.
            for assistant in assistants:
                evaluate(assistant, questions[:1], gold, risk=risk)
        for number, question in enumerate(questions, start=1):
            bench.forget()
            _ask(assistants, runs, question, gold, risk, bench)
            if progress:
                progress(number)
    return runs


def _ask(
    assistants: Sequence[Assistant],
    runs: Sequence[Run],
    question: Question,
    gold: Gold,
    risk: float | None,
    bench: Bench,
) -> None:
    retrieving: float | None = None
    for assistant, run in zip(assistants, runs, strict=True):
        bench.reset()
        outcomes = evaluate(assistant, [question], gold, risk=risk).outcomes
        if not outcomes:
            return
        (outcome,) = outcomes
        composing = outcome.seconds - bench.retrieving - bench.reading
        # Only the first reader's question is really searched; all would have waited as long.
        retrieving = bench.retrieving if retrieving is None else retrieving
        run.outcomes.append(outcome)
        parts = (retrieving, bench.reading, composing)
        for part, seconds in zip(PARTS, (*parts, sum(parts)), strict=True):
            run.seconds[part].append(seconds)


def difference(ours: Sequence[float | None], theirs: Sequence[float | None]) -> Measure:
    """Mean of ours minus theirs over the questions that both have, with a paired interval."""
    pairs = zip(ours, theirs, strict=True)
    return mean([a - b for a, b in pairs if a is not None and b is not None])


def to_markdown(runs: Sequence[Run]) -> str:
    """The runs as a Markdown table, differences to the first reader beside each other one."""
    first, *others = runs
    head = [first.reader, *(cell for run in others for cell in (run.reader, "difference"))]
    lines = [f"| | {' | '.join(head)} |", "|---|" + "---|" * len(head)]
    for name, label in MEASURES.items():
        values = [run.values(name) for run in runs]
        if any(value is not None for value in values[0]):
            lines.append(_row(label, values, lambda known: mean(known)))
    for part in PARTS:
        seconds: list[list[float | None]] = [list(run.seconds[part]) for run in runs]
        lines.append(_row(f"median seconds: {part}", seconds, median))
    lines += [
        "",
        f"{len(first.outcomes)} questions; 95 % bootstrap intervals in brackets, of a "
        "difference paired by question (of seconds: mean difference).",
    ]
    return "\n".join(lines)


def _row(
    label: str,
    values: Sequence[Sequence[float | None]],
    figure: Callable[[Sequence[float]], Measure],
) -> str:
    cells = []
    for number, column in enumerate(values):
        cells.append(shown(figure([value for value in column if value is not None])))
        if number:
            cells.append(shown(difference(column, values[0])))
    return f"| {label} | {' | '.join(cells)} |"


def main(
    index: Annotated[Path, typer.Argument(help="Folder of the index.")],
    questions: Annotated[Path, typer.Argument(help="Question set with evidence.")],
    reader: Annotated[
        list[str] | None,
        typer.Option(help="Name or path; empty for the default. The first one is compared with."),
    ] = None,
    risk: Annotated[float, typer.Option(help="Accepted share of wrong answers.")] = 1.0,
    out: Annotated[Path | None, typer.Option("-o", help="Markdown file for the table.")] = None,
) -> None:
    """Print the readers' figures side by side."""
    logging.basicConfig(level=logging.WARNING)
    settings = Settings()
    embedder = load_embedder(settings.embedder, index)
    try:
        asked = read_questions(questions).questions
        readers = [load_reader(name, embedder) for name in reader or ("overlap", "")]
        runs = compare(index, embedder, readers, asked, risk=risk, candidates=settings.candidates)
    except (IndexProblem, QuestionFileProblem) as problem:
        typer.echo(str(problem), err=True)
        raise typer.Exit(2) from None
    table = to_markdown(runs)
    typer.echo(table)
    if out is not None:
        out.write_text(table + "\n", "utf-8")


if __name__ == "__main__":
    typer.run(main)
