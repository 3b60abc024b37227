"""Bring files into an index: unchanged ones are skipped, one that fails stops nothing."""

from __future__ import annotations

import hashlib
import logging
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from corpus.load import SUPPORTED, LoadError, load_bytes, read_bytes
from corpus.passages import passages
from index.base import PassageIndex, SourceRecord
from index.embed import Embedder
from index.find import FoundFile, absolute, find_files
from index.words import search_text

log = logging.getLogger(__name__)

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
    """A file that was refused: ``reason`` goes on from its name, ``hint`` is a sentence."""

    source: str
    reason: str
    hint: str | None = None


@dataclass(slots=True)
class IngestReport:
    """What a run did, in files.

    Attributes:
        indexed: read and stored, new or changed.
        unchanged: skipped, as the index holds the same bytes.
        removed: dropped, as they are gone.
        ignored: in the given folders, but of no known kind.
        failed: refused.
    """

    indexed: int = 0
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
) -> IngestReport:
    """Add or refresh files and folders.

    Each file is stored in a transaction of its own, so a run that is stopped loses at most the
    file in hand, and the next run goes on from there.

    Args:
        index: the index to bring them into.
        embedder: makes the passages' vectors; the index's own.
        paths: files and folders.
        prune: also drop files under ``paths`` that the index knows and that are gone.
        progress: called before each file and once at the end.

    Returns:
        What was done, with the files that were refused and why.

    Raises:
        IndexProblem: the index cannot be written to.
    """
    found = find_files(paths, SUPPORTED)
    report = IngestReport(ignored=found.ignored)
    report.failed = [Failure(source, reason) for source, reason in found.refused]
    known = {record.path: record for record in index.sources()}
    if prune:
        # First, so that a renamed file does not find its document under the old name.
        gone = _gone(known, paths)
        report.removed = sum(index.remove(path) for path in gone)
        known = {record.path: record for record in index.sources()}
        found.files = [file for file in found.files if str(file.path) not in gone]
    pace = _Pace(index)
    for done, file in enumerate(found.files):
        if progress is not None:
            progress(Progress(file.path, done, len(found.files)))
        _bring(index, embedder, file, known.get(str(file.path)), report)
        pace.step()
    index.sync()
    if progress is not None and found.files:
        progress(Progress(found.files[-1].path, len(found.files), len(found.files)))
    return report


def _bring(
    index: PassageIndex,
    embedder: Embedder,
    file: FoundFile,
    known: SourceRecord | None,
    report: IngestReport,
) -> None:
    """Store one file, or note why it cannot be."""
    sha256 = ""
    try:
        data = read_bytes(file.path)
        sha256 = hashlib.sha256(data).hexdigest()
        if known is not None and known.state == "indexed" and known.sha256 == sha256:
            report.unchanged += 1
            return
        document = load_bytes(data, file.source)
        found = passages(document)
        if not found:
            raise LoadError(file.source, "has no text that could be quoted")
    except LoadError as error:
        failure = Failure(file.source, error.reason, error.hint)
    except Exception as error:
        # A reader that stumbles over one file must not cost the person all others.
        log.debug("%s", file.path, exc_info=True)
        said = " ".join(str(error).split()) or "no message"
        failure = Failure(file.source, f"cannot be read ({type(error).__name__}: {said})")
    else:
        vectors = embedder.embed_passages([search_text(document.info, p) for p in found])
        index.add(document, found, vectors, path=str(file.path), sha256=sha256)
        report.indexed += 1
        return
    report.failed.append(failure)
    index.fail(
        path=str(file.path),
        source=file.source,
        sha256=sha256,
        reason=failure.reason,
        hint=failure.hint,
    )


def _gone(known: dict[str, SourceRecord], paths: Sequence[Path]) -> set[str]:
    """Known files that lie under one of ``paths`` and are no longer there."""
    roots = [absolute(path) for path in paths]
    return {
        path
        for path in known
        if any(Path(path).is_relative_to(root) for root in roots) and not os.path.lexists(path)
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
