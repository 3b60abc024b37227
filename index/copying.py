"""An index is moved to another place, with its vectors: nothing is read or embedded again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from index.base import IndexView, PassageIndex, SourceRecord


@dataclass(frozen=True, slots=True)
class CopyReport:
    """What was copied.

    Attributes:
        copied: sources that were written.
        known: sources that were there before, byte for byte.
        same: whether both indexes now hold the same collection.
    """

    copied: int
    known: int
    same: bool


def copy(
    source: PassageIndex,
    target: PassageIndex,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> CopyReport:
    """Write all that an index holds into another one; a run that broke off is gone on with.

    Args:
        source: what is copied.
        target: where to; what it holds of other paths stays.
        progress: called with how many sources are done, and of how many.

    Raises:
        IndexProblem: one of the two cannot be used.
    """
    known = target.hashes()
    copied = 0
    with source.view() as view, target.gathering():
        records = source.sources()
        for done, record in enumerate(records):
            progress(done, len(records))
            there = bool(record.sha256) and record.sha256 == known.get(record.path)
            if there and record.state == "indexed":
                continue
            _bring(record, records, source, view, target)
            copied += 1
        progress(len(records), len(records))
        target.sync()
    same = source.stats().fingerprint == target.stats().fingerprint
    return CopyReport(copied, len(records) - copied, same)


def _bring(
    record: SourceRecord,
    records: list[SourceRecord],
    source: PassageIndex,
    view: IndexView,
    target: PassageIndex,
) -> None:
    path, sha256 = record.path, record.sha256
    if record.document is not None:
        document = view.document(record.document.id)
        # A path with the same bytes as an earlier one was read under its own name.
        document = replace(document, info=replace(document.info, source=record.source))
        passages, vectors = source.held(document.id)
        target.add(document, passages, vectors, path=path, sha256=sha256)
    elif record.state == "indexed":
        own = [one.path for one in records if one.path.startswith(f"{path}/")]
        target.complete(path=path, source=record.source, sha256=sha256, records=own)
    if record.state == "failed":
        reason = record.reason or ""
        target.fail(path=path, source=record.source, sha256=sha256, reason=reason, hint=record.hint)
