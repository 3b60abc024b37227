r"""When the reader may stop reading: how much a question is spared, and what it costs.

    python -m qa.training.cascades INDEX QUESTIONS [--leads 4:5,8:3,12:1] [--hopeless 0.07] \
        [--most 14]

Every question is searched once and read by the reader that reads all candidates and by each
cascade, which reads the most promising and goes on only where it is not sure enough (Viola, Jones
2001; for passages Nogueira and others 2019, "Multi-stage document ranking with BERT"). An answer
counts as the same where it is declined, or its quotes stand, word for word and in the same order,
in the answer of the reader that reads all.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from itertools import product
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from index.embed import load_embedder
from qa.outcome import Outcome
from qa.question_set import read_questions
from qa.readers.trained import READ_ALL, USUAL, Cascade, TrainedReader
from qa.training.compare_readers import Run, compare

HEAD = (
    "lead wanted after",
    "hopeless to",
    "most",
    "stopped early",
    "passages read",
    "same first quote",
    "same quotes",
    "differences still shown",
    "recall@5",
    "hit@1",
    "hit@3",
    "median seconds to read",
)


def row(cascade: Cascade, run: Run, all_read: Run, candidates: int) -> list[str]:
    """The figures of one cascade beside the reader that reads all."""
    pairs = list(zip(run.outcomes, all_read.outcomes, strict=True))
    read = [mine.answer.passages_read for mine, _ in pairs]
    differing = [mine for mine, whole in pairs if whole.answer.differs]
    hits = [
        np.mean([v for v in run.values(name) if v is not None] or [np.nan])
        for name in ("recall@5", "sentence_hit@1", "sentence_hit@3")
    ]
    return [
        *shown(cascade, candidates),
        f"{np.mean([count < candidates for count in read]):.3f}",
        f"{np.mean(read):.1f}",
        f"{np.mean([quotes(a, 1) == quotes(b, 1) for a, b in pairs]):.3f}",
        f"{np.mean([quotes(a) == quotes(b) for a, b in pairs]):.3f}",
        f"{sum(bool(mine.answer.differs) for mine in differing)} of {len(differing)}",
        *(f"{value:.3f}" for value in hits),
        f"{np.median(run.seconds['read']):.3f}",
    ]


def shown(cascade: Cascade, candidates: int) -> tuple[str, str, str]:
    """A cascade in three cells."""
    return (
        ", ".join(f"{read}: {lead:g}" for read, lead in cascade.leads) or "all read",
        f"{cascade.hopeless:.2f}" if cascade.hopeless >= 0 else "–",
        str(min(cascade.most, candidates)),
    )


def quotes(outcome: Outcome, most: int | None = None) -> list[tuple[str, int]]:
    """Where the first ``most`` quotes of an answer stand."""
    cited = {citation.n: citation for citation in outcome.answer.citations}
    places = [cited[quote.citation] for quote in outcome.answer.quotes[:most]]
    return [(place.document.id, place.start) for place in places]


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """The rows under their heads, as Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def compared(
    leads: Sequence[str] | None, hopeless: Sequence[float] | None, most: Sequence[int] | None
) -> list[Cascade]:
    """The reader that reads all, then every combination of what is given.

    Args:
        leads: written as 4:5,8:3.
        hopeless: see ``Cascade``; the usual one if left out, as with the others.
        most: likewise.
    """
    asked = product(
        [_leads(given) for given in leads or ()] or (USUAL.leads,),
        hopeless or (USUAL.hopeless,),
        most or (USUAL.most,),
    )
    return [READ_ALL, *(Cascade(*one) for one in asked)]


def _leads(given: str) -> tuple[tuple[int, float], ...]:
    pairs = (one.split(":") for one in given.split(","))
    return tuple((int(read), float(lead)) for read, lead in pairs)


def main(
    index: Annotated[Path, typer.Argument(help="Folder of the index.")],
    questions: Annotated[Path, typer.Argument(help="Question set with evidence.")],
    leads: Annotated[
        list[str] | None, typer.Option(help="Passages read, and the lead wanted then, as 4:5,8:3.")
    ] = None,
    hopeless: Annotated[list[float] | None, typer.Option(help="Confidence that ends it.")] = None,
    most: Annotated[list[int] | None, typer.Option(help="Passages that are read, at most.")] = None,
    risk: Annotated[float | None, typer.Option(help="Accepted share of wrong answers.")] = None,
    candidates: Annotated[int, typer.Option(help="Passages that retrieval brings.")] = 20,
    count: Annotated[int, typer.Option(help="How many of the questions, spread evenly.")] = 1000,
) -> None:
    """Print what each cascade spares and costs."""
    logging.basicConfig(level=logging.WARNING)
    settings = compared(leads, hopeless, most)
    readers = [TrainedReader(cascade=one) for one in settings]
    asked = read_questions(questions).questions
    asked = asked[:: max(1, len(asked) // count)][:count]
    runs = compare(index, load_embedder(), readers, asked, risk=risk, candidates=candidates)
    rows = [row(c, run, runs[0], candidates) for c, run in zip(settings, runs, strict=True)]
    typer.echo(table(HEAD, rows))


if __name__ == "__main__":
    typer.run(main)
