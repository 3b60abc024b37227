"""Which source files of an index a person means by a path, a file name or a document id."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from index.base import SourceRecord
from index.find import absolute

LEAST_ID = 6
NAMED = 10
"""Candidates that are named where a name fits several."""


def resolve(name: str, sources: Sequence[SourceRecord]) -> list[SourceRecord]:
    """Find the source files, or records of files, that ``name`` names.

    The first way that finds any decides: the path as given or from the working directory, the
    whole document id (every file with that document), the file name or a longer end of the path,
    the beginning of a document id of at least six digits.

    Raises:
        ValueError: it names none, or the name fits several; the message names them.
    """
    path, end = str(absolute(name)), Path(name).parts
    ways: list[Callable[[SourceRecord], bool]] = [
        lambda record: path == record.path or name == record.source,
        lambda record: record.document is not None and name == record.document.id,
        lambda record: bool(end) and Path(record.path).parts[-len(end) :] == end,
        lambda record: (
            len(name) >= LEAST_ID
            and record.document is not None
            and record.document.id.startswith(name.lower())
        ),
    ]
    for way in ways:
        found = [record for record in sources if way(record)]
        documents = {record.document.id for record in found if record.document}
        if len(found) == 1 or (len(documents) == 1 and name in documents):
            return found
        if found:
            candidates = sorted(record.source for record in found)
            more = len(candidates) - NAMED
            names = ", ".join(candidates[:NAMED]) + (f" and {more} more" if more > 0 else "")
            raise ValueError(f"{name} may mean any of these: {names}.")
    raise ValueError(f"{name} is not in the index.")
