r"""Choose when the reader may stop reading, on questions that nothing else is measured on.

    python -m qa.training.choose_cascade BENCH [--leads 4:8,6:7,8:6 --leads ...] [--most 14] \
        [--hopeless 0.07] [--risk 1]

The questions are those of COVID-QA's and Evidence Inference's training parts whose papers were set
aside from training, and as many without an answer. Every candidate is read once, then every cascade
decides on what was read; so dozens of them can be compared in the time of one. What a choice then
costs on other questions, and spares in seconds, is told by ``qa.training.cascades``.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from sklearn.metrics import roc_auc_score

from corpus.document import Span
from index.base import Hit
from index.embed import load_embedder
from qa.compose import choose
from qa.readers.network import Network, PassageScores
from qa.readers.trained import Cascade, TrainedReader, shipped_network
from qa.training.askings import Asking, covid_askings, evidence_askings
from qa.training.cascades import compared, shown, table

HEAD = (
    "questions", "lead wanted after", "hopeless to", "most", "passages read", "median",
    "without an answer", "recall@5", "hit@1", "hit@3", "AUROC answerable",
)  # fmt: skip
TOP = 5


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of an asking.

    Attributes:
        answerable: whether the collection holds the answer.
        read: passages that were read.
        confidence: of the reader.
        found: whether a passage with the answer is among the first five of those read.
        first, third: whether the first quote answers, or one of the first three.
    """

    answerable: bool
    read: int
    confidence: float
    found: bool
    first: bool
    third: bool


class Remembered(Network):
    """A network that reads each passage of a question once and remembers what it said."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._said: dict[tuple[str, str, int], PassageScores] = {}

    @contextmanager
    def reading(self, question: str) -> Iterator[Callable[[Hit], Future[PassageScores]]]:
        """See ``Network.reading``."""
        with self._network.reading(question) as really:

            def read(hit: Hit) -> Future[PassageScores]:
                passage = hit.passage
                key = (hit.question or question, passage.document_id, passage.start)
                if key not in self._said:
                    self._said[key] = really(hit).result()
                said: Future[PassageScores] = Future()
                said.set_result(self._said[key])
                return said

            yield read


def judged(asking: Asking, reader: TrainedReader, risk: float | None) -> Judged:
    """Read an asking's candidates and hold what comes of it against the gold."""
    least = reader.threshold(reader.default_risk if risk is None else risk)
    judgement = reader.read(asking.question, asking.hits, least)
    top = [reading.hit.passage for reading in judgement.readings[:TOP]]
    quoted = [
        asking.holds(one.hit.passage.document_id, one.sentence.span)
        for one in choose(judgement.readings)
    ]
    return Judged(
        answerable=asking.answerable,
        read=judgement.read,
        confidence=judgement.confidence,
        found=any(asking.holds(p.document_id, Span(p.start, p.end)) for p in top),
        first=any(quoted[:1]),
        third=any(quoted[:3]),
    )


def row(name: str, cascade: Cascade, outcomes: Iterable[Judged]) -> list[str]:
    """The figures of one cascade on one set."""
    every = list(outcomes)
    asked = [one for one in every if one.answerable]
    others = [one.read for one in every if not one.answerable]
    auroc = roc_auc_score([one.answerable for one in every], [one.confidence for one in every])
    return [
        name,
        *shown(cascade, max(one.read for one in every)),
        f"{np.mean([one.read for one in asked]):.1f}",
        f"{np.median([one.read for one in asked]):.0f}",
        f"{np.mean(others):.1f}",
        *(
            f"{np.mean([getattr(one, figure) for one in asked]):.3f}"
            for figure in ("found", "first", "third")
        ),
        f"{auroc:.3f}",
    ]


def figures(
    sets: Mapping[str, Sequence[Asking]],
    network: Network,
    cascades: Sequence[Cascade],
    risk: float | None,
) -> Iterator[list[str]]:
    """A row for each cascade on each set."""
    for name, askings in sets.items():
        for cascade in cascades:
            reader = TrainedReader(network=network, cascade=cascade)
            yield row(name, cascade, (judged(asking, reader, risk) for asking in askings))


def main(
    bench: Annotated[Path, typer.Argument(help="Folder of the data sets.")],
    leads: Annotated[
        list[str] | None, typer.Option(help="Passages read, and the lead wanted then, as 4:5,8:3.")
    ] = None,
    hopeless: Annotated[list[float] | None, typer.Option(help="Confidence that ends it.")] = None,
    most: Annotated[list[int] | None, typer.Option(help="Passages that are read, at most.")] = None,
    risk: Annotated[float | None, typer.Option(help="Accepted share of wrong answers.")] = None,
) -> None:
    """Print what each cascade spares and costs on both sets."""
    logging.basicConfig(level=logging.WARNING)
    embedder = load_embedder()
    sets = {
        "COVID-QA": list(covid_askings(bench / "covidqa" / "train.json", embedder)),
        "Evidence Inference": list(evidence_askings(bench / "evidence_inference", embedder)),
    }
    rows = figures(sets, Remembered(shipped_network()), compared(leads, hopeless, most), risk)
    typer.echo(table(HEAD, rows))


if __name__ == "__main__":
    typer.run(main)
