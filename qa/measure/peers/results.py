"""What a bench leaves behind: figures and no text, so that the page can be written anew."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

Part = Literal["quality", "paired", "scale"]


class Record(BaseModel):
    """Base of every part of the result."""

    model_config = ConfigDict(extra="forbid")


class Judged(Record):
    """One question's outcome.

    Attributes:
        gains: of each passage, best first, whether it overlaps the gold.
        within: whether the gold is overlapped by the first characters that were read (see
            ``judging.BUDGET``).
        hit: whether the best sentence overlaps the gold.
        characters: length of each passage.
        unplaced: how many passages' words were not found in the paper they are said to be of.
    """

    gains: tuple[bool, ...]
    within: bool
    hit: bool
    characters: tuple[int, ...]
    unplaced: int


class Run(Record):
    """One system that ingested papers and then answered questions, each in a process of its own.

    Attributes:
        part: which part of the bench it belongs to.
        round: which of the paired rounds, from 0.
        system: the system's name.
        failed: why it came to nothing; None where it did not.
        versions: of its packages.
        documents, passages: what it stored.
        ready: seconds from the start of the ingesting process until libraries and model were
            loaded.
        ingest: seconds from then until all was stored.
        first: seconds from the start of the asking process to the first answer.
        seconds: of each question after the first.
        memory_ingest, memory_ask: peak resident bytes of the process and its children.
        disk: bytes of what it stored.
        load: how many other processes wanted a core just before (load average of a minute).
        judged: of each question; only in the quality part.
    """

    part: Part
    round: int
    system: str
    failed: str | None = None
    versions: dict[str, str] = {}
    documents: int = 0
    passages: int = 0
    ready: float = 0.0
    ingest: float = 0.0
    first: float = 0.0
    seconds: tuple[float, ...] = ()
    memory_ingest: int = 0
    memory_ask: int = 0
    disk: int = 0
    load: float = 0.0
    judged: tuple[Judged, ...] = ()


class Sizes(Record):
    """How much was asked for in each part."""

    quality_papers: int
    quality_questions: int
    rounds: int
    paired_papers: int
    paired_questions: int
    scale_texts: int
    scale_questions: int


class Machine(Record):
    """Where and when it was measured."""

    processor: str
    cores: int
    memory_gb: float
    system: str
    python: str
    date: str

    @property
    def kind(self) -> tuple[str, int]:
        """Processor and number of cores: what makes two machines alike."""
        return self.processor, self.cores


class Result(Record):
    """A whole bench."""

    machine: Machine
    sizes: Sizes
    runs: list[Run] = []

    def of(self, part: Part, system: str | None = None) -> list[Run]:
        """The runs of a part that came to something, in order."""
        return [
            run
            for run in self.runs
            if run.part == part and not run.failed and system in (None, run.system)
        ]

    def failures(self) -> list[Run]:
        """The runs that came to nothing."""
        return [run for run in self.runs if run.failed]


def joined(sittings: Sequence[Result]) -> Result:
    """Sittings of one bench as one result: the first one's machine, rounds numbered through.

    Args:
        sittings: at least one.

    Raises:
        ValueError: they are of other sizes or of another kind of machine, so that their figures
            cannot stand side by side.
    """
    whole = sittings[0].model_copy(update={"runs": []})
    for sitting in sittings:
        if (sitting.sizes, sitting.machine.kind) != (whole.sizes, whole.machine.kind):
            raise ValueError(
                f"one was measured on {' '.join(map(str, whole.machine.kind))} and one on "
                f"{' '.join(map(str, sitting.machine.kind))}, or at other sizes"
            )
        before = 1 + max((run.round for run in whole.runs), default=-1)
        whole.runs.extend(
            run.model_copy(update={"round": before + run.round}) for run in sitting.runs
        )
    return whole


def write(result: Result, path: Path) -> None:
    """Write a result as JSON, whole or not at all."""
    beside = path.with_suffix(".part")
    beside.write_text(result.model_dump_json(indent=1, exclude_defaults=True) + "\n", "utf-8")
    beside.replace(path)


def read(path: Path) -> Result:
    """Read a result."""
    return Result.model_validate_json(path.read_text("utf-8"))
