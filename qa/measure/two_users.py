"""What a person who asks feels of another one's upload: seconds a question, at rest and meanwhile.

    python -m qa.measure.two_users ARTICLES -o OUT

ARTICLES is a folder or a ``tar.gz`` of papers. The server is a process of its own, on an index of
the starter corpus. In each round the same questions are asked over HTTP while nothing else happens,
then again and again while other papers are uploaded and indexed, so that both meet the same noise
of the machine. Who asks reads each answer for a second. Each answer says how many documents it was
given from; OUT/two_users.json keeps how that grew.
"""

from __future__ import annotations

import itertools
import json
import logging
import math
import statistics
import sys
import tarfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import httpx
import typer

import corpus
from corpus.load import SUPPORTED
from qa.answer import Answer
from qa.measure.served import Served, served, until
from qa.question_set import read_questions

log = logging.getLogger(__name__)

STARTER = Path(corpus.__file__).parent / "starter"
QUESTIONS = Path(__file__).parents[1] / "questions" / "starter.jsonl"
ASKED = 40
"""Different questions, spread over the starter set."""


@dataclass(slots=True)
class Round:
    """Seconds a question in one round, and what the upload took.

    Attributes:
        rest: while nothing else happened.
        during: while files were being indexed.
        upload: seconds of the whole upload.
        documents: sizes of the collection that the answers during it came from, as they changed.
    """

    rest: list[float] = field(default_factory=list)
    during: list[float] = field(default_factory=list)
    upload: float = 0.0
    documents: list[int] = field(default_factory=list)


def quantile(seconds: Sequence[float], share: float) -> float:
    """The value that this share of the seconds stays within; the nearest rank."""
    ordered = sorted(seconds)
    return ordered[max(0, math.ceil(share * len(ordered) - 1e-9) - 1)]


def papers(source: Path, out: Path, count: int) -> list[Path]:
    """The first papers of a folder or archive, by name, as files.

    Raises:
        ValueError: there are too few.
    """
    out.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        found = sorted(p for p in source.rglob("*") if p.suffix.lower() in SUPPORTED)[:count]
    else:
        found = list(itertools.islice(_unpacked(source, out), count))
    if len(found) < count:
        raise ValueError(f"{source} holds {len(found)} papers, not {count}")
    return found


def _unpacked(archive: Path, out: Path) -> Iterator[Path]:
    with tarfile.open(archive) as opened:
        for member in sorted(opened.getmembers(), key=lambda member: member.name):
            file = opened.extractfile(member) if member.isfile() else None
            path = out / Path(member.name).name
            if file is not None and path.suffix.lower() in SUPPORTED:
                path.write_bytes(file.read())
                yield path


def one_round(
    server: Served, questions: Sequence[str], files: Sequence[Path], pause: float = 0.0
) -> Round:
    """Ask at rest, then while the files are being indexed; ``pause`` seconds after each answer."""
    found = Round()
    with server.client() as one, server.client() as other:
        for question in questions:
            found.rest.append(_timed(server, one, question)[0])
            time.sleep(pause)
        done = threading.Event()

        def hand_over() -> None:
            try:
                began = time.monotonic()
                server.upload(other, files)
                found.upload = time.monotonic() - began
            finally:
                done.set()

        uploading = threading.Thread(target=hand_over)
        uploading.start()
        for question in itertools.cycle(questions):
            if done.is_set():
                break
            seconds, answer = _timed(server, one, question)
            found.during.append(seconds)
            size = int(answer.index["documents"])
            if not found.documents or found.documents[-1] != size:
                found.documents.append(size)
            time.sleep(pause)
        uploading.join()
    if not found.upload:
        raise RuntimeError("the upload failed; the server's log says why")
    return found


def _timed(server: Served, client: httpx.Client, question: str) -> tuple[float, Answer]:
    began = time.monotonic()
    line = server.ask(client, question)
    return time.monotonic() - began, Answer.model_validate_json(line)


def table(rounds: Sequence[Round], files: int) -> str:
    """The figures as Markdown: each round, and all of them together."""
    lines = [
        "| round | at rest | p50 | p95 | during an upload | p50 | p95 | p95 ratio | upload |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for number, one in enumerate(rounds, start=1):
        lines.append(_row(str(number), one.rest, one.during, f"{files} files, {one.upload:.0f} s"))
    rest = [seconds for one in rounds for seconds in one.rest]
    during = [seconds for one in rounds for seconds in one.during]
    lines.append(_row("all", rest, during, ""))
    ratios = [quantile(one.during, 0.95) / quantile(one.rest, 0.95) for one in rounds]
    lines.append(f"\nMedian of the rounds' p95 ratios: {statistics.median(ratios):.2f}.")
    return "\n".join(lines) + "\n"


def _row(name: str, rest: Sequence[float], during: Sequence[float], upload: str) -> str:
    ratio = quantile(during, 0.95) / quantile(rest, 0.95)
    cells = [name]
    for seconds in (rest, during):
        cells += [
            str(len(seconds)),
            f"{quantile(seconds, 0.5):.2f} s",
            f"{quantile(seconds, 0.95):.2f} s",
        ]
    return f"| {' | '.join([*cells, f'{ratio:.2f}', upload])} |"


def main(
    articles: Annotated[Path, typer.Argument(help="Folder or tar.gz of papers to upload.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="Folder of index, log and table.")],
    rounds: Annotated[int, typer.Option(help="How often.")] = 3,
    files: Annotated[int, typer.Option(help="Papers of each upload.")] = 25,
    pause: Annotated[float, typer.Option(help="Seconds between answer and next question.")] = 1.0,
) -> None:
    """Measure."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stderr)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    chosen = papers(articles, out / "papers", rounds * files)
    every = read_questions(QUESTIONS).questions
    questions = [one.question for one in every[:: max(1, len(every) // ASKED)]][:ASKED]
    found: list[Round] = []
    with served(out / f"index-{time.time_ns()}", out / "server.log") as server:
        until(server, "")
        with server.client() as client:
            server.ask(client, questions[0])  # waits until the models are there
        for number in range(rounds):
            found.append(one_round(server, questions, chosen[number * files :][:files], pause))
            log.info("%s", _row(str(number + 1), found[-1].rest, found[-1].during, ""))
    written = table(found, files)
    (out / "two_users.md").write_text(written, "utf-8")
    (out / "two_users.json").write_text(
        json.dumps([{"documents": one.documents, "upload": one.upload} for one in found]), "utf-8"
    )
    typer.echo(written)


if __name__ == "__main__":
    typer.run(main)
