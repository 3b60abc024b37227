"""SQLite files beside the index in which people's own things are kept."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

PATIENCE = 30.0
"""Seconds that a process waits for another one's transaction."""


@contextmanager
def in_transaction(path: Path, schema: str) -> Iterator[sqlite3.Connection]:
    """Hold a file open within one transaction, which counts wholly or not at all.

    Args:
        path: the file; made with its folder if missing.
        schema: statements that make its tables where they are missing.

    Raises:
        OSError: the folder cannot be made.
        sqlite3.Error: the file cannot be used.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path, timeout=PATIENCE)) as store:
        store.execute("PRAGMA foreign_keys = ON")
        # What was deleted leaves no trace in the file.
        store.execute("PRAGMA secure_delete = ON")
        store.executescript(schema)
        with store:
            store.execute("BEGIN IMMEDIATE")
            yield store
