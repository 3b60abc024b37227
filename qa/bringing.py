"""Files on their way into the collection, a line each, as a page shows them while they are read."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from queue import SimpleQueue
from typing import Literal, TypeVar

from index.base import PassageIndex, SourceRecord
from index.embed import Embedder
from index.ingest import Progress
from qa import library
from qa.uploads import UploadReport, take

Report = TypeVar("Report")


@dataclass(frozen=True, slots=True)
class Line:
    """A file and how far it is.

    Attributes:
        name: as the person knows it.
        state: ``known`` was there before; ``failed`` could not be read.
        note: the reason, or what else is to be said, as a sentence.
    """

    name: str
    state: Literal["waiting", "reading", "read", "known", "failed"] = "waiting"
    note: str = ""


Lines = tuple[Line, ...]


def add(
    files: Sequence[Path], index: PassageIndex, embedder: Embedder, folder: Path
) -> Iterator[Lines]:
    """Take files that were handed over in the browser; see :func:`qa.uploads.take`.

    Yields:
        A line for each file, whenever one of them has come further.

    Raises:
        IndexProblem: the index cannot be written to.
    """
    names = [file.name for file in files]
    report = yield from _watched(
        names, index, lambda tell: take(files, index, embedder, folder, tell)
    )
    yield _ended(names, report)


def again(paths: Collection[str], index: PassageIndex, embedder: Embedder) -> Iterator[Lines]:
    """Try files again that could not be read; see :func:`qa.library.again`.

    Yields:
        A line for each file, whenever one of them has come further.

    Raises:
        IndexProblem: the index cannot be written to.
    """
    yield from _watched([], index, lambda tell: library.again(paths, index, embedder, tell))
    records = [record for record in index.sources() if record.path in set(paths)]
    yield tuple(_of_record(record) for record in records)


def _watched(
    names: Sequence[str],
    index: PassageIndex,
    work: Callable[[Callable[[Progress], None]], Report],
) -> Generator[Lines, None, Report]:
    """Do the work beside, with the lines as its progress tells of them; gives what came of it."""
    steps: SimpleQueue[Progress | None] = SimpleQueue()
    lines = [Line(name) for name in names]
    with ThreadPoolExecutor(1) as beside:
        if lines:
            yield tuple(lines)
        done = beside.submit(work, steps.put)
        done.add_done_callback(lambda _: steps.put(None))
        known = index.hashes()
        begun: dict[int, str] = {}
        while (step := steps.get()) is not None:
            if len(lines) != step.total:  # two of the files were one
                lines = [*lines, *[Line("")] * step.total][: step.total]
            now = index.hashes() if begun else known
            for place, path in begun.items():
                lines[place] = replace(lines[place], state=_outcome(known, now, path))
            if step.done < step.total:
                name = lines[step.done].name or step.path.name
                lines[step.done] = Line(name, "reading")
                begun[step.done] = str(step.path)
            yield tuple(line for line in lines if line.name)
    return done.result()


def _outcome(
    before: Mapping[str, str], now: Mapping[str, str], path: str
) -> Literal["read", "failed", "reading"]:
    """How far a file is that was begun: it may have been read, and its vectors not be made yet.

    Args:
        before: the hashes of the sources, by path, before anything was read.
        now: those of now; what could not be read has none.
        path: the file's.
    """
    if now.get(path):
        return "read"
    return "failed" if path in now and path not in before else "reading"


def _of_record(record: SourceRecord) -> Line:
    name = Path(record.source).name
    if record.state == "failed":
        return Line(name, "failed", sentence(record))
    return Line(name, "read")


def sentence(record: SourceRecord) -> str:
    """Why a file could not be read, and what may help: sentences that go on from its name."""
    return f"{record.reason or 'could not be read'}. {record.hint or ''}".strip()


def _ended(names: Sequence[str], report: UploadReport) -> Lines:
    partly = dict(report.partly)
    lines = [
        *(Line(name, "read", partly.get(name, "")) for name in report.added),
        *(Line(name, "known", partly.get(name, "")) for name in report.known),
        *(Line(name, "failed", reason) for name, reason in report.failed),
    ]
    places = {name: place for place, name in reversed(list(enumerate(names)))}
    return tuple(sorted(lines, key=lambda line: places.get(line.name, len(names))))
