"""The SQLite file of an index: its tables, how it is made and opened."""

from __future__ import annotations

import sqlite3
import uuid
from contextlib import closing
from pathlib import Path

from index import duplicates, glossary
from index.base import IndexProblem

STORE_NAME = "pincite.sqlite"
"""Name of the SQLite file; a folder that holds one is an index, not a folder of papers."""

FORMAT = 3
"""Raised with the tables: 2 keeps acronyms, 3 copies. Older stores are brought up when opened."""

BUSY_SECONDS = 30.0

_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT) STRICT;
CREATE TABLE documents (
    row INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL,
    source TEXT NOT NULL,
    info TEXT NOT NULL,
    digest TEXT NOT NULL,
    packed BLOB NOT NULL,
    passages INTEGER NOT NULL,
    added INTEGER NOT NULL,
    removed INTEGER
) STRICT;
CREATE INDEX documents_by_id ON documents (id);
CREATE INDEX documents_by_removed ON documents (removed) WHERE removed IS NOT NULL;
CREATE UNIQUE INDEX documents_live ON documents (id) WHERE removed IS NULL;
CREATE TABLE passages (
    row INTEGER PRIMARY KEY AUTOINCREMENT,
    document INTEGER NOT NULL REFERENCES documents (row) ON DELETE CASCADE,
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    body TEXT NOT NULL,
    vector BLOB NOT NULL
) STRICT;
CREATE INDEX passages_by_document ON passages (document);
CREATE TABLE sources (
    path TEXT PRIMARY KEY,
    source TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('indexed', 'failed')),
    document TEXT,
    reason TEXT,
    hint TEXT
) STRICT;
CREATE INDEX sources_by_document ON sources (document);
"""

LIVES = (
    # From when to when a document is there, and what is counted of it. In its row this comes behind
    # the packed text: without an index that has it all, each row would be read to its end.
    "CREATE INDEX IF NOT EXISTS documents_by_life "
    "ON documents (added, removed, id, digest, passages)",
    "DROP INDEX IF EXISTS documents_by_added",
)
"""What a store of an earlier version lacks; older versions do without."""

LIVES_VERSION = "1"


def connect(path: Path, *, make: bool = False) -> sqlite3.Connection:
    """A connection that any thread may use, one at a time, with transactions begun by hand.

    Args:
        path: the SQLite file.
        make: whether to make the file if missing; else that is an error.
    """
    mode = "rwc" if make else "rw"
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        timeout=BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def exists(path: Path) -> bool:
    """Whether ``path`` is a store, whole and of any format."""
    if not path.is_file():
        return False
    try:
        with closing(connect(path)) as connection:
            return bool(connection.execute("SELECT count(*) FROM meta").fetchone()[0])
    except sqlite3.OperationalError:  # no such table: its making was cut short
        return False
    except sqlite3.DatabaseError as error:
        raise IndexProblem(f"The index {path} cannot be opened: {error}.") from error


def create(path: Path, embedder: str) -> None:
    """Make an empty store, unless there is one. Its caller holds the index's lock.

    Args:
        path: the SQLite file.
        embedder: name of the model that will make the vectors.
    """
    if exists(path):
        return
    meta = {
        "format": str(FORMAT),
        "store": uuid.uuid4().hex,
        "embedder": embedder,
        "generation": "0",
        "purged": "0",
        "acronyms": glossary.RULES,
        "copies": duplicates.RULES,
        "lives": LIVES_VERSION,
    }
    try:
        with closing(connect(path, make=True)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("BEGIN IMMEDIATE")
            for statement in (*_SCHEMA.split(";"), *LIVES, *glossary.SCHEMA, *duplicates.SCHEMA):
                connection.execute(statement)
            connection.executemany("INSERT INTO meta VALUES (?, ?)", meta.items())
            connection.execute("COMMIT")
    except sqlite3.Error as error:
        raise IndexProblem(f"The index {path} cannot be made: {error}.") from error
