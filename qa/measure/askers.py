"""Several people who ask at once: questions a second, what each of them waits, who starves.

    python -m qa.measure.askers INDEX QUESTIONS -o OUT [--askers 1 --askers 16]

The server is a process of its own and is asked over HTTP. So many people ask as ``--askers`` says,
each the next question as soon as the last one is answered, until all questions of the run are
asked. Who is served least of them is said as a share of what everybody would get in equal parts.
"""

from __future__ import annotations

import logging
import queue
import statistics
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import httpx
import typer

from qa.measure.served import Served, served, until
from qa.measure.two_users import quantile
from qa.question_set import read_questions


@dataclass(slots=True)
class Crowd:
    """What became of the questions of so many people.

    Attributes:
        askers: how many they were.
        waits: seconds from question to answer, of all questions.
        served: how many answers each of them got.
        seconds: how long all of it took.
        problem: what the server said where it refused one.
    """

    askers: int
    waits: list[float] = field(default_factory=list)
    served: list[int] = field(default_factory=list)
    seconds: float = 0.0
    problem: str | None = None


def crowd(server: Served, questions: Sequence[str], askers: int) -> Crowd:
    """Have the questions asked by so many people at once.

    Raises:
        RuntimeError: the server refused a question.
    """
    left: queue.SimpleQueue[str] = queue.SimpleQueue()
    for question in questions:
        left.put(question)
    made = Crowd(askers, served=[0] * askers)

    def person(number: int) -> None:
        with server.client() as client:
            while made.problem is None:
                try:
                    question = left.get_nowait()
                except queue.Empty:
                    return
                began = time.perf_counter()
                try:
                    server.ask(client, question)
                except (RuntimeError, httpx.HTTPError) as error:
                    made.problem = f"{question}: {error}"
                    return
                made.waits.append(time.perf_counter() - began)
                made.served[number] += 1

    people = [threading.Thread(target=person, args=(number,)) for number in range(askers)]
    began = time.perf_counter()
    for one in people:
        one.start()
    for one in people:
        one.join()
    made.seconds = time.perf_counter() - began
    if made.problem is not None:
        raise RuntimeError(made.problem)
    return made


def table(crowds: Sequence[Crowd]) -> str:
    """The figures as Markdown."""
    lines = [
        "| people who ask | questions a second | p50 | p95 | longest | served least |",
        "|---|---|---|---|---|---|",
    ]
    for one in crowds:
        least = min(one.served) * one.askers / sum(one.served)
        lines.append(
            f"| {one.askers} | {len(one.waits) / one.seconds:.1f} | "
            f"{statistics.median(one.waits):.2f} s | {quantile(one.waits, 0.95):.2f} s | "
            f"{max(one.waits):.2f} s | {least:.2f} |"
        )
    return "\n".join(lines) + "\n"


def main(
    index: Annotated[Path, typer.Argument(help="Folder of the index.")],
    questions: Annotated[Path, typer.Argument(help="Question set.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="Folder for log and table.")],
    askers: Annotated[list[int] | None, typer.Option(help="How many people.")] = None,
    each: Annotated[int, typer.Option(help="Questions of a run, at least four a person.")] = 60,
) -> None:
    """Measure; questions are gone through anew where there are too few."""
    logging.basicConfig(level=logging.WARNING)
    out.mkdir(parents=True, exist_ok=True)
    words = [one.question for one in read_questions(questions).questions if not one.history]
    crowds = []
    with served(index, out / "askers.log") as server:
        until(server, "")
        with server.client() as client:
            server.ask(client, words[0])
        for count in askers or [1, 4, 16, 64]:
            wanted = max(each, 4 * count)
            run = [words[number % len(words)] for number in range(wanted)]
            crowds.append(crowd(server, run, count))
    written = table(crowds)
    (out / "askers.md").write_text(written, "utf-8")
    typer.echo(written)


if __name__ == "__main__":
    typer.run(main)
