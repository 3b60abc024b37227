"""Files that a person hands over in the browser: kept beside the index and indexed from there."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from filecmp import cmp
from pathlib import Path

from index.base import PassageIndex
from index.embed import Embedder
from index.find import absolute
from index.ingest import Failure, Progress, ingest

FOLDER = "uploads"
"""Where uploads are kept, inside the index's folder."""


@dataclass(frozen=True, slots=True)
class UploadReport:
    """What became of each file, by the name the person knows it under.

    Attributes:
        added: files that can be asked about now.
        known: files that were there before, byte for byte.
        failed: files that could not be read, each with the reason, a sentence that goes on from
            the name. They are kept, to be tried again or removed.
        partly: files of many records some of which were refused, each with a sentence on that.
    """

    added: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    failed: tuple[tuple[str, str], ...] = ()
    partly: tuple[tuple[str, str], ...] = ()


def take(
    files: Sequence[Path],
    index: PassageIndex,
    embedder: Embedder,
    folder: Path,
    progress: Callable[[Progress], None] | None = None,
) -> UploadReport:
    """Move files into ``folder`` and index them there.

    A file never replaces another one: where its name is taken by other bytes it gets a number
    ("trial-2.pdf"). Only one that could not be read, and of which nothing answers, gives way to a
    file of its name: that is the same one, mended.

    Args:
        files: the server's temporary copies, named as the person named them.
        index: the index to add to.
        embedder: the index's embedder.
        folder: where uploads are kept; made if missing.
        progress: called before each file and once at the end.

    Raises:
        IndexProblem: the index cannot be written to.
    """
    folder.mkdir(parents=True, exist_ok=True)
    sources = index.sources()
    before = {record.path for record in sources if record.state == "indexed"}
    answering = {r.path.rpartition("/")[0] for r in sources} | {
        r.path for r in sources if r.document
    }
    broken = {record.path for record in sources if record.state == "failed"} - answering
    kept = {_keep(file, folder, broken): file.name for file in files}
    report = ingest(index, embedder, list(kept), progress=progress, aside=True)
    failed = {Path(f.source): f for f in report.failed if f.record_of is None}
    records: dict[Path, list[Failure]] = {}
    for failure in report.failed:
        if failure.record_of is not None:
            records.setdefault(Path(failure.record_of), []).append(failure)
    read = [(path, name) for path, name in kept.items() if path not in failed]
    return UploadReport(
        added=tuple(name for path, name in read if str(absolute(path)) not in before),
        known=tuple(name for path, name in read if str(absolute(path)) in before),
        failed=tuple(
            (kept[path], f"{failure.reason}." + (f" {failure.hint}" if failure.hint else ""))
            for path, failure in failed.items()
        ),
        partly=tuple((name, _missed(records[path])) for path, name in read if path in records),
    )


def _missed(refused: Sequence[Failure]) -> str:
    first = refused[0]
    name = first.source.rpartition("#")[2] if first.source != first.record_of else "one of them"
    count = "1 record" if len(refused) == 1 else f"{len(refused):,} records"
    return f"{count} could not be read: {name} {first.reason}."


def _keep(file: Path, folder: Path, broken: Collection[str]) -> Path:
    """Move a file into the folder, under a name that is free or already holds these bytes."""
    number, target = 1, folder / file.name
    while (
        target.exists()
        and str(absolute(target)) not in broken
        and not cmp(file, target, shallow=False)
    ):
        number += 1
        target = folder / f"{file.stem}-{number}{file.suffix}"
    if target.exists() and cmp(file, target, shallow=False):
        file.unlink()
    else:
        shutil.move(file, target)
    return target
