"""The acronyms that each stored document introduces: their table, and what a question asks of it.

A row says in which generation its document came and went, as the document's own row does, so a
lookup reads one covering index and no document. Nothing depends on the order in which documents
came, and every reading is sorted: equal collections give equal meanings.
"""

from __future__ import annotations

import json
import re
import sqlite3
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, NamedTuple

from corpus import acronyms
from corpus.document import Document
from index import words
from index.pack import unpack_document
from index.terms import terms

SCHEMA = (
    """
    CREATE TABLE acronyms (
        document INTEGER NOT NULL REFERENCES documents (row) ON DELETE CASCADE,
        id TEXT NOT NULL,
        short TEXT NOT NULL,
        long TEXT NOT NULL,
        key TEXT NOT NULL,
        added INTEGER NOT NULL,
        removed INTEGER
    ) STRICT
    """,
    "CREATE INDEX acronyms_by_document ON acronyms (document)",
    "CREATE INDEX acronyms_by_id ON acronyms (id, short)",
    "CREATE INDEX acronyms_by_short ON acronyms (short, key, long, added, removed)",
    "CREATE INDEX acronyms_by_key ON acronyms (key, short, added, removed)",
)
RULES = f"{acronyms.VERSION}.{words.VERSION}"
"""By what rules the table is filled; one filled by others is made anew."""

_COUNTS = """
SELECT short, key, long, count(*) FROM acronyms
WHERE short IN (SELECT value FROM json_each(:shorts))
AND added <= :at AND (removed IS NULL OR removed > :at)
GROUP BY short, key, long ORDER BY short, key, long
"""
_SHORTS = """
SELECT DISTINCT key, short FROM acronyms
WHERE key IN (SELECT value FROM json_each(:keys))
AND added <= :at AND (removed IS NULL OR removed > :at) ORDER BY key, short
"""
_OWN = """
SELECT id, short, key, long FROM acronyms
WHERE id IN (SELECT value FROM json_each(:ids))
AND short IN (SELECT value FROM json_each(:shorts))
AND added <= :at AND (removed IS NULL OR removed > :at) ORDER BY id, short, key, long
"""
_INSERT = (
    "INSERT INTO acronyms (document, id, short, long, key, added, removed) "
    "VALUES (?, ?, ?, ?, ?, ?, ?)"
)
_TOKEN = re.compile(r"[^\W_]+")

Read = Callable[[str, Mapping[str, object]], list[Any]]
"""Runs a statement with named values and gives its rows."""


class Meaning(NamedTuple):
    """A long form of a short form: as most documents spell it, and how many give it."""

    short: str
    key: str
    long: str
    documents: int = 1


class Glossary(ABC):
    """What the documents of one generation say of their acronyms."""

    def meanings(self, shorts: Collection[str]) -> dict[str, list[Meaning]]:
        """What each of these short forms stands for, the meaning of most documents first."""
        spelled: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
        for short, key, long, count in self._counted(shorts):
            spelled[short, key][long] = count
        found: dict[str, list[Meaning]] = defaultdict(list)
        for (short, key), longs in spelled.items():
            # Of spellings that are equally common the shorter one is the singular.
            long = min(longs, key=lambda one: (-longs[one], len(one), one))
            found[short].append(Meaning(short, key, long, sum(longs.values())))
        return {
            short: sorted(meanings, key=lambda m: (-m.documents, m.key))
            for short, meanings in found.items()
        }

    def shorts(self, keys: Collection[str]) -> dict[str, list[str]]:
        """The short forms of long forms, each given and found by its :func:`phrase_key`."""
        found: dict[str, list[str]] = defaultdict(list)
        for key, short in self._paired(keys):
            found[key].append(short)
        return dict(found)

    def own(self, ids: Collection[str], shorts: Collection[str]) -> dict[str, list[Meaning]]:
        """What each of these documents itself says that these short forms stand for."""
        found: dict[str, list[Meaning]] = defaultdict(list)
        for document_id, short, key, long in self._introduced(ids, shorts):
            known = found[document_id]
            if (short, key) not in {(m.short, m.key) for m in known}:
                known.append(Meaning(short, key, long))
        return dict(found)

    @abstractmethod
    def _counted(self, shorts: Collection[str]) -> Collection[tuple[str, str, str, int]]:
        """Each spelling of these short forms' meanings: short form, key, long form, documents."""

    @abstractmethod
    def _paired(self, keys: Collection[str]) -> Collection[tuple[str, str]]:
        """The distinct short forms of these keys: key, short form; sorted."""

    @abstractmethod
    def _introduced(
        self, ids: Collection[str], shorts: Collection[str]
    ) -> Collection[tuple[str, str, str, str]]:
        """What these documents say of these short forms: id, short form, key, long form; sorted."""


class StoredGlossary(Glossary):
    """The glossary of a SQLite store.

    Args:
        read: runs a statement on the store.
        at: the generation.
    """

    def __init__(self, read: Read, at: int) -> None:
        self._read = read
        self._at = at

    def _counted(self, shorts: Collection[str]) -> list[tuple[str, str, str, int]]:
        return self._rows(_COUNTS, shorts=shorts)

    def _paired(self, keys: Collection[str]) -> list[tuple[str, str]]:
        return self._rows(_SHORTS, keys=keys)

    def _introduced(
        self, ids: Collection[str], shorts: Collection[str]
    ) -> list[tuple[str, str, str, str]]:
        return self._rows(_OWN, ids=ids, shorts=shorts)

    def _rows(self, sql: str, **values: Collection[str]) -> list[Any]:
        if not all(values.values()):
            return []
        lists = {name: json.dumps(sorted(value)) for name, value in values.items()}
        return self._read(sql, {**lists, "at": self._at})


def phrase_key(phrase: str) -> str:
    """What two spellings of a long form have in common: its terms in order, cut at punctuation."""
    return " ".join(term for token in _TOKEN.findall(phrase) for term in terms(token))


def introduced(document: Document) -> Iterator[Meaning]:
    """The acronyms that a document introduces."""
    for found in acronyms.acronyms(document.text):
        yield Meaning(found.short, phrase_key(found.long), found.long)


def enter(
    connection: sqlite3.Connection,
    row: int | None,
    document: Document,
    life: tuple[int, int | None],
) -> None:
    """Store the acronyms of a document, inside its own transaction.

    Args:
        connection: the store.
        row: the document's row.
        document: the document.
        life: the generation in which it came, and the one in which it went, if it has.
    """
    connection.executemany(
        _INSERT,
        [
            (row, document.id, found.short, found.long, found.key, *life)
            for found in introduced(document)
        ],
    )


def leave(connection: sqlite3.Connection, document_id: str | None, generation: int) -> None:
    """Let a document's acronyms go with it in ``generation``."""
    connection.execute(
        "UPDATE acronyms SET removed = ? WHERE id = ? AND removed IS NULL",
        (generation, document_id),
    )


def remake(connection: sqlite3.Connection) -> None:
    """Make the table anew from all stored documents, inside its caller's transaction."""
    connection.execute("DROP TABLE IF EXISTS acronyms")
    for statement in SCHEMA:
        connection.execute(statement)
    # Row by row: all documents together may not fit into memory.
    rows = connection.execute("SELECT row FROM documents ORDER BY row").fetchall()
    for (row,) in rows:
        packed, added, removed = connection.execute(
            "SELECT packed, added, removed FROM documents WHERE row = ?", (row,)
        ).fetchone()
        enter(connection, row, unpack_document(packed), (added, removed))
