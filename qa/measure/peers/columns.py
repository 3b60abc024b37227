"""The columns of the page's tables: what each figure is, which way is better, and why."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from qa.measure.peers.results import Run
from qa.measure.peers.systems import READ
from qa.metrics import Measure, mean, quantile


@dataclass(frozen=True, slots=True)
class Column:
    """A figure of a run.

    Attributes:
        name: as the tables head it.
        of: the figure; nan is not allowed, None where the run has none.
        digits: decimal places in a table.
        more: whether more is better.
        why: what puts Pincite behind in it, where it is behind; a sentence or two.
    """

    name: str
    of: Callable[[Run], float]
    digits: int
    more: bool
    why: str


def _documents(run: Run) -> float:
    return run.documents / run.ingest if run.ingest else 0.0


def _passages(run: Run) -> float:
    return run.passages / run.ingest if run.ingest else 0.0


def _median(run: Run) -> float:
    return quantile(run.seconds, 0.5) or 0.0


def _p95(run: Run) -> float:
    return quantile(run.seconds, 0.95) or 0.0


DOCUMENTS = Column(
    "documents/s",
    _documents,
    2,
    True,
    "Nearly all of this time is embedding, so it follows how many word pieces are embedded. A "
    "program without vectors embeds none. Passages longer than the model's 256 word pieces are "
    "embedded by their beginning alone, which is quick and loses the rest. Pincite also reads "
    "files in a process apart, which starts within this time, and stores each document in a "
    "transaction of its own.",
)
PASSAGES = Column("passages/s", _passages, 1, True, "")
MINUTES = Column("ingest, minutes", lambda run: run.ingest / 60, 1, False, DOCUMENTS.why)
FIRST = Column(
    "first answer, s",
    lambda run: run.first,
    1,
    False,
    "Imports and models are most of it. Pincite loads two models, embedder and reader, in ONNX "
    "Runtime and without torch; one that uses no model is there sooner.",
)
MEDIAN = Column(
    "question p50, s",
    _median,
    3,
    False,
    "A retriever is done when the passages are found. Pincite then reads "
    f"{READ} of them with its reader to choose and mark sentences; that is most of its time.",
)
P95 = Column("question p95, s", _p95, 3, False, MEDIAN.why)
MEMORY_INGEST = Column(
    "peak memory, ingest, MB",
    lambda run: run.memory_ingest / 1e6,
    0,
    False,
    "Pincite reads files in a second process, which has its own interpreter; what processes share "
    "is counted for each of them.",
)
MEMORY_ASK = Column(
    "peak memory, asking, MB",
    lambda run: run.memory_ask / 1e6,
    0,
    False,
    "Two models, embedder and reader, stay in memory with what runs them.",
)
DISK = Column(
    "on disk, MB",
    lambda run: run.disk / 1e6,
    2,
    False,
    "Pincite keeps the text, the map of every character to its place in the file, and two indexes "
    "(words and vectors); one that keeps fewer and longer passages, or no vectors, needs less.",
)

SPEED = (DOCUMENTS, PASSAGES, FIRST, MEDIAN, P95)
COST = (MEMORY_INGEST, MEMORY_ASK, DISK)
SCALE = (MINUTES, DOCUMENTS, PASSAGES, FIRST, MEDIAN, P95, *COST)
COMPARED = (DOCUMENTS, FIRST, MEDIAN, P95, MEMORY_INGEST, MEMORY_ASK, DISK)
"""Columns that have a ratio. Passages a second have none: each cuts its passages its own way."""


def recall(run: Run, depth: int = 5) -> Measure:
    """Share of questions with a passage among the first that overlaps the gold."""
    return mean([float(any(one.gains[:depth])) for one in run.judged])


def within(run: Run) -> Measure:
    """The same among the first characters (``judging.BUDGET``) of the ranking."""
    return mean([float(one.within) for one in run.judged])


def hit(run: Run) -> Measure:
    """Share of questions whose best sentence overlaps the gold."""
    return mean([float(one.hit) for one in run.judged])


def length(run: Run) -> float:
    """Median characters of a passage that was found."""
    lengths = [size for one in run.judged for size in one.characters]
    return float(statistics.median(lengths)) if lengths else 0.0


def unplaced(run: Run) -> int:
    """Passages whose words were not found in the paper they are said to be of."""
    return sum(one.unplaced for one in run.judged)


def middle(runs: Sequence[Run], column: Column) -> float | None:
    """The median of a column over runs."""
    return statistics.median(column.of(run) for run in runs) if runs else None
