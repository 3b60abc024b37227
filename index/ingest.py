"""Bring files into an index: unchanged ones are skipped, one that fails stops nothing."""

from __future__ import annotations

import hashlib
import os
import time
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import NamedTuple

from corpus.load import SUPPORTED
from index.aside import NICENESS
from index.base import PassageIndex, Vectors, record_path
from index.embed import Embedder
from index.find import FoundFile, absolute, find_files
from index.pending import Pending
from index.reading import End, Found, Limits, Reading, Refused, Workers
from index.settings import Settings
from index.words import search_text

SYNC_SECONDS = 10.0
"""How long documents may wait until the derived indexes are brought up to them."""

SYNC_SHARE = 0.1
"""The share of a run that may go into that, as its cost grows with the index."""


class Progress(NamedTuple):
    """The file now in hand, how many are done before it, how many there are."""

    path: Path
    done: int
    total: int


class Failure(NamedTuple):
    """A file or record that was refused: ``reason`` goes on from its name, ``hint`` is a sentence.

    ``record_of`` is, of a record, the source of its file, whose other records are in.
    """

    source: str
    reason: str
    hint: str | None = None
    record_of: str | None = None


@dataclass(slots=True)
class IngestReport:
    """What a run did.

    Attributes:
        indexed: files read and stored, new or changed.
        documents: documents stored: one a file, or one a record that is new or changed.
        unchanged: files skipped, as the index holds the same bytes.
        removed: files dropped, as they are gone.
        ignored: files in the given folders, but of no known kind.
        failed: files and records refused.
    """

    indexed: int = 0
    documents: int = 0
    unchanged: int = 0
    removed: int = 0
    ignored: int = 0
    failed: list[Failure] = field(default_factory=list)


def ingest(
    index: PassageIndex,
    embedder: Embedder,
    paths: Sequence[Path],
    *,
    prune: bool = False,
    progress: Callable[[Progress], None] | None = None,
    reading: Reading | None = None,
    aside: bool = False,
) -> IngestReport:
    """Add or refresh files and folders.

    Files are read, embedded and written side by side, and written in the order in which they were
    found. Each document is stored in a transaction of its own, so a run that is stopped loses at
    most the few in hand, and the next run goes on from there.

    Args:
        index: the index to bring them into.
        embedder: makes the passages' vectors; the index's own.
        paths: files and folders.
        prune: also drop files under ``paths`` that the index knows and that are gone.
        progress: called before each file and once at the end.
        reading: reads the files, and is closed at the end; left out, processes with the limits of
            the settings, one for every four cores.
        aside: whether these processes give way to everything else on the machine.

    Returns:
        What was done, with the files and records that were refused and why.

    Raises:
        IndexProblem: the index cannot be written to.
    """
    found = find_files(paths, SUPPORTED)
    report = IngestReport(ignored=found.ignored)
    report.failed = [Failure(source, reason) for source, reason in found.refused]
    known = index.hashes()
    if prune:
        # First, so that a renamed file does not find its document under the old name.
        gone = _gone(known, paths)
        report.removed = sum(index.remove(path) for path in gone)
        known = index.hashes()
        found.files = [file for file in found.files if str(file.path) not in gone]
    reading = reading or Workers(Limits.of(Settings()), niceness=NICENESS if aside else 0)
    with reading as reader, Pending(embedder) as pending, index.gathering():
        run = _Run(index, pending, reader, known, report)
        steps = _steps(found.files, known, reader.ahead)
        for done, (file, unchanged, following) in enumerate(steps):
            if progress is not None:
                progress(Progress(file.path, done, len(found.files)))
            if unchanged:
                report.unchanged += 1
            else:
                run.bring(file, following)
        pending.finish()
        index.sync()
    if progress is not None and found.files:
        progress(Progress(found.files[-1].path, len(found.files), len(found.files)))
    return report


def _steps(
    files: Sequence[FoundFile], known: Mapping[str, str], ahead: int
) -> Iterator[tuple[FoundFile, bool, list[FoundFile]]]:
    """Each file, whether it is unchanged, and which of the next ``ahead`` have to be read."""
    waiting: deque[tuple[FoundFile, bool]] = deque()
    for file in files:
        waiting.append((file, _is_unchanged(file.path, known.get(str(file.path), ""))))
        if len(waiting) > ahead:
            yield *waiting.popleft(), _to_be_read(waiting)
    while waiting:
        yield *waiting.popleft(), _to_be_read(waiting)


def _to_be_read(waiting: Iterable[tuple[FoundFile, bool]]) -> list[FoundFile]:
    return [file for file, unchanged in waiting if not unchanged]


def _is_unchanged(path: Path, sha256: str) -> bool:
    try:
        if not sha256 or not path.is_file():  # opening a pipe would wait for its other end
            return False
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256
    except OSError:  # whatever it is, it is said when the file is read
        return False


class _Run:
    """Files on their way into an index."""

    def __init__(
        self,
        index: PassageIndex,
        pending: Pending,
        reading: Reading,
        known: Mapping[str, str],
        report: IngestReport,
    ) -> None:
        self._index = index
        self._pending = pending
        self._reading = reading
        self._known = known
        self._report = report
        self._pace = _Pace(index)

    def bring(self, file: FoundFile, following: Sequence[FoundFile]) -> None:
        """Store what a file holds, or note why it cannot be read; meanwhile the next are begun."""
        for one in (file, *following):
            self._reading.expect(one)
        whole: Found | None = None
        records = _Records(str(file.path))
        for event in self._reading.read(file):
            if isinstance(event, End):
                self._end(file, event, whole, records)
            elif isinstance(event, Found) and event.key is None and not (whole or records.paths):
                whole = event
            else:
                if not records.paths:
                    self._pending.then(partial(self._begin, file))
                self._bring_record(file, event, records)
        self._pending.then(self._pace.step)

    def _begin(self, file: FoundFile) -> None:
        self._index.fail(
            path=str(file.path),
            source=file.source,
            sha256="",
            reason="was not read to its end",
            hint="Index it again: what is in stays, the rest is added.",
        )

    def _bring_record(self, file: FoundFile, event: Found | Refused, records: _Records) -> None:
        path = records.path(event.key)
        if isinstance(event, Refused):
            source = file.source if event.key is None else f"{file.source}#{event.key}"
            failure = Failure(source, event.reason, event.hint, record_of=file.source)
            self._refuse(failure, path, "")
            return
        records.read += 1
        if self._known.get(path) != event.sha256:
            self._store(event, path, event.sha256)
            self._pending.then(self._pace.step)

    def _end(self, file: FoundFile, end: End, whole: Found | None, records: _Records) -> None:
        path = str(file.path)
        reason = end.reason
        if reason is None and whole is None and not records.read:
            reason = "has no record that can be read"
        if reason is not None:
            self._refuse(Failure(file.source, reason, end.hint), path, end.sha256)
            return
        if whole is not None and not records.paths:
            self._store(whole, path, end.sha256)
        else:
            if whole is not None:  # a first record without a key
                self._bring_record(file, whole, records)
            self._pending.then(
                partial(
                    self._index.complete,
                    path=path,
                    source=file.source,
                    sha256=end.sha256,
                    records=records.paths,
                )
            )
        self._pending.then(self._indexed)

    def _indexed(self) -> None:
        self._report.indexed += 1

    def _store(self, found: Found, path: str, sha256: str) -> None:
        document, cut = found.unpack()

        def write(vectors: Vectors) -> None:
            self._index.add(document, cut, vectors, path=path, sha256=sha256)
            self._report.documents += 1

        vectors = self._index.vectors(document, cut)
        if vectors is not None:
            self._pending.then(partial(write, vectors))
        else:
            # Not filled up with the next record's: a vector may not depend on its neighbours.
            self._pending.add([search_text(document.info, p) for p in cut], write)

    def _refuse(self, failure: Failure, path: str, sha256: str) -> None:
        def write() -> None:
            self._report.failed.append(failure)
            self._index.fail(
                path=path,
                source=failure.source,
                sha256=sha256,
                reason=failure.reason,
                hint=failure.hint,
            )

        self._pending.then(write)


class _Records:
    """The records of one file that came so far.

    Attributes:
        paths: their paths, in order.
        read: how many of them could be read.
    """

    def __init__(self, file: str) -> None:
        self._file = file
        self._keys: Counter[str] = Counter()
        self.paths: list[str] = []
        self.read = 0

    def path(self, key: str | None) -> str:
        """The path of the next record; one without a key goes by its number."""
        if key is None:
            path = f"{self._file}/?{len(self.paths) + 1}"
        else:
            self._keys[key] += 1
            path = record_path(self._file, key, self._keys[key])
        self.paths.append(path)
        return path


def _gone(known: Collection[str], paths: Sequence[Path]) -> set[str]:
    """Known files that lie under one of ``paths`` and are no longer there, or no longer files."""
    roots = [absolute(path) for path in paths]
    return {
        path
        for path in known
        if path.rpartition("/")[0] not in known  # else it is a record, which goes with its file
        and any(Path(path).is_relative_to(root) for root in roots)
        and (not os.path.lexists(path) or Path(path).is_dir())
    }


class _Pace:
    """Syncs now and then: soon at first, then seldom enough to cost little."""

    def __init__(self, index: PassageIndex) -> None:
        self._index = index
        # The first document of a new index can be asked about at once.
        self._due = time.monotonic()

    def step(self) -> None:
        """Sync if it is time."""
        begun = time.monotonic()
        if begun < self._due:
            return
        self._index.sync()
        now = time.monotonic()
        self._due = now + max(SYNC_SECONDS, (now - begun) / SYNC_SHARE)
