"""Where the time of a question goes, and what ``pincite ask`` takes from a cold process.

    python -m qa.measure.questions INDEX QUESTIONS -o OUT [--count 100] [--starts 5]

QUESTIONS is what :mod:`index.measure.kinds` takes. The questions are asked one after the other, at
the usual risk, in one process whose models are loaded; then ``pincite ask`` and ``pincite --help``
are started anew so many times. Cold means a new process; files that the system keeps in memory
stay there.
"""

from __future__ import annotations

import logging
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from index.embed import load_embedder
from index.location import missing
from index.measure.kinds import questions
from index.settings import Settings
from qa.assistant import Assistant
from qa.measure.two_users import quantile
from qa.readers.load import load_reader
from qa.training.bench_index import Bench, BenchIndex, TimedReader

PARTS = ("searching", "reading", "choosing, checking and citing quotes", "in all")


@dataclass(slots=True)
class Times:
    """Seconds of every question, by part, and of every start.

    Attributes:
        passages: in the index.
        parts: of ``PARTS``, a value a question.
        read: how many passages were read for each question.
        starts: of commands started anew, by what was started.
    """

    passages: int = 0
    parts: dict[str, list[float]] = field(default_factory=lambda: {part: [] for part in PARTS})
    read: list[int] = field(default_factory=list)
    starts: dict[str, list[float]] = field(default_factory=dict)


def asked(folder: Path, wanted: Sequence[str]) -> Times:
    """Ask every question of an index; the first one twice, as it waits for the models."""
    times, bench = Times(), Bench()
    embedder = load_embedder(index=folder)
    with BenchIndex(folder, embedder, bench) as index:
        reader = TimedReader(load_reader("", embedder), bench)
        assistant = Assistant(index, embedder, reader, candidates=Settings().candidates)
        assistant.ask(wanted[0])
        times.passages = index.stats().passages
        for question in wanted:
            bench.reset()
            began = time.perf_counter()
            answer = assistant.ask(question)
            whole = time.perf_counter() - began
            rest = whole - bench.retrieving - bench.reading
            for part, spent in zip(
                PARTS, (bench.retrieving, bench.reading, rest, whole), strict=True
            ):
                times.parts[part].append(spent)
            times.read.append(answer.passages_read)
    return times


def started(arguments: Sequence[str], count: int) -> list[float]:
    """Seconds of ``pincite`` with these arguments, each time a process of its own.

    Raises:
        RuntimeError: it failed, with the last line of what it said.
    """
    command = [str(Path(sys.executable).with_name("pincite")), *arguments]
    seconds = []
    for _ in range(count):
        began = time.perf_counter()
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        seconds.append(time.perf_counter() - began)
        if ran.returncode:
            raise RuntimeError((ran.stderr.strip().splitlines() or ["it said nothing"])[-1])
    return seconds


def table(times: Times) -> str:
    """The figures as Markdown."""
    lines = [f"| {times.passages:,} passages | p50 | p95 |", "|---|---|---|"]
    for part, seconds in times.parts.items():
        p50, p95 = statistics.median(seconds), quantile(seconds, 0.95)
        lines.append(f"| {part} | {p50 * 1e3:.0f} ms | {p95 * 1e3:.0f} ms |")
    lines.append(
        f"| passages read | {statistics.median(times.read):g} | {max(times.read)} (most) |"
    )
    for what, seconds in times.starts.items():
        p50, longest = statistics.median(seconds), max(seconds)
        said = f"`{what}`, a new process, {len(seconds)} times"
        lines.append(f"| {said} | {p50:.2f} s | {longest:.2f} s (longest) |")
    return "\n".join(lines) + "\n"


def main(
    index: Annotated[Path, typer.Argument(help="Folder of the index.")],
    asking: Annotated[Path, typer.Argument(metavar="QUESTIONS", help="Questions, one a line.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="Folder for the table.")],
    count: Annotated[int, typer.Option(help="How many questions.")] = 100,
    starts: Annotated[int, typer.Option(help="How often a process is started.")] = 5,
) -> None:
    """Measure."""
    logging.basicConfig(level=logging.WARNING)
    if missing(index):
        raise typer.BadParameter(f"There is no index in {index}.")
    out.mkdir(parents=True, exist_ok=True)
    wanted = questions(asking, count)
    times = asked(index, wanted)
    for name, arguments in (
        ("pincite ask", ["ask", wanted[0], "--index", str(index)]),
        ("pincite --help", ["--help"]),
    ):
        times.starts[name] = started(arguments, starts)
    written = table(times)
    (out / f"questions-{times.passages}.md").write_text(written, "utf-8")
    typer.echo(written)


if __name__ == "__main__":
    typer.run(main)
