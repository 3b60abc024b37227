"""Copies of one article among the documents: found when one enters, answered from once.

Which documents are copies is told in :mod:`index.sketch`. Of copies the best one answers; the
others are *duplicates*: stored, but not searched. All of it depends on the documents alone, never
on the order in which they came.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from corpus.document import Document
from index import sketch
from index.sketch import Sketch

RULES = sketch.RULES
"""By what rules copies are found; where they were found by others they are looked for anew."""

SCHEMA = (
    """
    CREATE TABLE sketches (
        document INTEGER PRIMARY KEY REFERENCES documents (row) ON DELETE CASCADE,
        doi TEXT,
        pmid TEXT,
        said TEXT NOT NULL,
        structure INTEGER NOT NULL,
        words INTEGER NOT NULL,
        level INTEGER NOT NULL,
        shingles BLOB NOT NULL,
        numbers BLOB NOT NULL
    ) STRICT
    """,
    "CREATE INDEX sketches_by_doi ON sketches (doi) WHERE doi IS NOT NULL",
    "CREATE INDEX sketches_by_pmid ON sketches (pmid) WHERE pmid IS NOT NULL",
    "CREATE INDEX sketches_by_said ON sketches (said)",
    """
    CREATE TABLE bands (
        band INTEGER NOT NULL,
        value INTEGER NOT NULL,
        document INTEGER NOT NULL REFERENCES documents (row) ON DELETE CASCADE,
        PRIMARY KEY (band, value, document)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX bands_by_document ON bands (document)",
    """
    CREATE TABLE copies (
        one INTEGER NOT NULL REFERENCES documents (row) ON DELETE CASCADE,
        other INTEGER NOT NULL REFERENCES documents (row) ON DELETE CASCADE,
        PRIMARY KEY (one, other)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX copies_by_other ON copies (other)",
    # "of" is the id of the document that answers in its place, from one generation to another.
    """
    CREATE TABLE duplicates (
        document INTEGER NOT NULL REFERENCES documents (row) ON DELETE CASCADE,
        of TEXT NOT NULL,
        added INTEGER NOT NULL,
        removed INTEGER
    ) STRICT
    """,
    "CREATE INDEX duplicates_by_document ON duplicates (document)",
    "CREATE INDEX duplicates_by_of ON duplicates (of)",
    "CREATE INDEX duplicates_by_removed ON duplicates (removed) WHERE removed IS NOT NULL",
)


def enter(connection: sqlite3.Connection, row: int, document: Document) -> None:
    """Store the sketch of a document and whose copy it is, inside its own transaction."""
    made = sketch.of(document)
    values = (row, *made[:-2], made.shingles.tobytes(), made.numbers.tobytes())
    connection.execute("INSERT INTO sketches VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", values)
    bands = sketch.bands(made)
    candidates = _candidates(connection, row, made, bands)
    connection.executemany(
        "INSERT INTO bands VALUES (?, ?, ?)", [(band, value, row) for band, value in bands]
    )
    copies = [
        other for other, known in _stored(connection, candidates) if sketch.are_copies(made, known)
    ]
    connection.executemany(
        "INSERT INTO copies VALUES (?, ?)",
        [pair for other in copies for pair in ((row, other), (other, row))],
    )


def leave(connection: sqlite3.Connection, row: int, generation: int) -> set[int]:
    """Let a document go in ``generation``; gives the rows of its copies."""
    copies = _copies_of(connection, row)
    connection.execute("DELETE FROM sketches WHERE document = ?", (row,))
    connection.execute("DELETE FROM bands WHERE document = ?", (row,))
    connection.execute("DELETE FROM copies WHERE one = ? OR other = ?", (row, row))
    connection.execute(
        "UPDATE duplicates SET removed = ? WHERE document = ? AND removed IS NULL",
        (generation, row),
    )
    return copies


class Change(NamedTuple):
    """A document that is now a duplicate, or no longer one: its row and its id."""

    row: int
    id: str
    hidden: bool


def settle(
    connection: sqlite3.Connection, rows: Iterable[int], generation: Callable[[], int]
) -> list[Change]:
    """Decide who answers among the copies of these live documents.

    Args:
        connection: the store.
        rows: documents that came, whose copies went, or whose paths changed.
        generation: gives the generation of this transaction; called where something changes.
    """
    changes: list[Change] = []
    seen: set[int] = set()
    for row in sorted(rows):
        if row not in seen:
            group = _group(connection, row)
            seen |= group.keys()
            changes += _settle_group(connection, group, generation)
    return changes


def purge(connection: sqlite3.Connection, generation: int) -> int:
    """Forget who was a duplicate until ``generation`` or before; gives how many."""
    gone = connection.execute("DELETE FROM duplicates WHERE removed <= ?", (generation,))
    return gone.rowcount


def remake(connection: sqlite3.Connection, documents: Iterable[tuple[int, Document]]) -> set[int]:
    """Look for copies among all live documents anew; gives their rows, which are to be settled."""
    for statement in ("DELETE FROM sketches", "DELETE FROM bands", "DELETE FROM copies"):
        connection.execute(statement)
    rows = set()
    for row, document in documents:
        enter(connection, row, document)
        rows.add(row)
    return rows


def show_all(connection: sqlite3.Connection, generation: int) -> None:
    """Let no document be a duplicate from ``generation`` on, until it is settled anew."""
    # Of one generation nothing may be left that ends where it begins.
    connection.execute("UPDATE duplicates SET removed = ? WHERE removed IS NULL", (generation,))


class Member(NamedTuple):
    """A document of a group of copies, as the order in which they would answer wants it."""

    row: int
    id: str
    structure: int
    words: int
    path: str
    copies: set[int]


def _group(connection: sqlite3.Connection, row: int) -> dict[int, Member]:
    """The documents that hang together with this one, copy by copy; none where it is gone."""
    group: dict[int, Member] = {}
    waiting = [row]
    while waiting:
        current = waiting.pop()
        found = connection.execute(
            "SELECT d.id, k.structure, k.words, "
            "(SELECT min(path) FROM sources WHERE document = d.id) "
            "FROM documents d JOIN sketches k ON k.document = d.row "
            "WHERE d.row = ? AND d.removed IS NULL",
            (current,),
        ).fetchone()
        if found is None:
            continue
        id, structure, count, path = found
        copies = _copies_of(connection, current)
        group[current] = Member(current, id, structure, count, path or "", copies)
        waiting += copies - group.keys()
    return group


def decided(group: Collection[Member]) -> list[tuple[Member, str | None]]:
    """Who answers in a group of copies: each member, with the id of the one that stands for it."""
    most = max((member.words for member in group), default=0)
    # Who says less than half is a part, an abstract, however well it is structured.
    order = sorted(group, key=lambda m: (2 * m.words < most, m.structure, -m.words, m.path, m.id))
    answering: list[Member] = []
    found: list[tuple[Member, str | None]] = []
    for member in order:
        # Not a copy of a copy: only what it is compared with itself may stand for it.
        of = next((a.id for a in answering if a.row in member.copies), None)
        if of is None:
            answering.append(member)
        found.append((member, of))
    return found


def _settle_group(
    connection: sqlite3.Connection, group: dict[int, Member], generation: Callable[[], int]
) -> list[Change]:
    changes: list[Change] = []
    for member, of in decided(group.values()):
        was = connection.execute(
            "SELECT of FROM duplicates WHERE document = ? AND removed IS NULL", (member.row,)
        ).fetchone()
        before = None if was is None else was[0]
        if of == before:
            continue
        now = generation()
        connection.execute(
            "UPDATE duplicates SET removed = ? WHERE document = ? AND removed IS NULL",
            (now, member.row),
        )
        if of is not None:
            connection.execute(
                "INSERT INTO duplicates (document, of, added) VALUES (?, ?, ?)",
                (member.row, of, now),
            )
        if (of is None) != (before is None):
            changes.append(Change(member.row, member.id, of is not None))
    return changes


def _copies_of(connection: sqlite3.Connection, row: int) -> set[int]:
    found = connection.execute("SELECT other FROM copies WHERE one = ?", (row,))
    return {other for (other,) in found}


def _candidates(
    connection: sqlite3.Connection, row: int, made: Sketch, bands: Sequence[tuple[int, int]]
) -> set[int]:
    found: set[int] = set()
    same = connection.execute(
        "SELECT document FROM sketches WHERE doi = ? UNION "
        "SELECT document FROM sketches WHERE pmid = ? UNION "
        "SELECT document FROM sketches WHERE said = ?",
        (made.doi, made.pmid, made.said),
    )
    found.update(document for (document,) in same)
    for band in bands:
        alike = connection.execute("SELECT document FROM bands WHERE band = ? AND value = ?", band)
        found.update(document for (document,) in alike)
    return found - {row}


def _stored(connection: sqlite3.Connection, rows: Collection[int]) -> Iterator[tuple[int, Sketch]]:
    for row in sorted(rows):
        doi, pmid, said, structure, count, level, shingles, numbers = connection.execute(
            "SELECT doi, pmid, said, structure, words, level, shingles, numbers "
            "FROM sketches WHERE document = ?",
            (row,),
        ).fetchone()
        arrays = (np.frombuffer(data, dtype="<u4") for data in (shingles, numbers))
        yield row, Sketch(doi, pmid, said, structure, count, level, *arrays)
