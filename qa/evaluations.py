"""Evaluations that are kept: what was asked, answered and judged, until the person deletes it.

One SQLite file beside the index. Every call names an owner and sees nothing of any other's.
"""

from __future__ import annotations

import secrets
import sqlite3
import zlib
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from qa.cases import Verdict
from qa.evaluate import Evaluation
from qa.kept_file import in_transaction

FILE = "evaluations.sqlite"
"""The name of the file, inside the index's folder."""

MOST = 100
"""Evaluations that are listed, the newest first."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS evaluations (
    row INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    owner TEXT NOT NULL,
    name TEXT NOT NULL,
    made TEXT NOT NULL,
    questions INTEGER NOT NULL,
    good INTEGER NOT NULL,
    risk REAL,
    content BLOB NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS evaluations_by_owner ON evaluations (owner, row);
"""
_LIST = """
SELECT id, name, made, questions, good, risk FROM evaluations WHERE owner = ?
ORDER BY row DESC LIMIT ?
"""
_GET = """
SELECT id, name, made, questions, good, risk, content FROM evaluations WHERE owner = ? AND id = ?
"""
_ADD = """
INSERT INTO evaluations (id, owner, name, made, questions, good, risk, content)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""
_GOOD: tuple[Verdict, ...] = ("right", "rightly declined")
_CONTENT = TypeAdapter(Evaluation)


@dataclass(frozen=True, slots=True)
class Kept:
    """A kept evaluation, as it is listed.

    Attributes:
        id: its name for programs.
        name: of the question set.
        made: when, as local time: "2025-11-28 19:12".
        questions: how many were asked.
        good: how many of them were answered rightly, or rightly declined.
        risk: the accepted share of wrong answers; None for the usual.
    """

    id: str
    name: str
    made: str
    questions: int
    good: int
    risk: float | None


class Evaluations:
    """The kept evaluations of everybody who uses an index.

    Safe to use from several threads and processes.

    Args:
        folder: the index's folder; made with the first evaluation.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE

    def of(self, owner: str) -> list[Kept]:
        """List an owner's evaluations, the newest first."""
        with self._opened() as store:
            rows = store.execute(_LIST, (owner, MOST)).fetchall()
        return [Kept(*row) for row in rows]

    def get(self, owner: str, id: str) -> tuple[Kept, Evaluation] | None:
        """Give one evaluation; None where the owner has none such, or it cannot be read."""
        with self._opened() as store:
            row = store.execute(_GET, (owner, id)).fetchone()
        if row is None:
            return None
        try:
            return Kept(*row[:-1]), _CONTENT.validate_json(zlib.decompress(row[-1]))
        except (ValidationError, zlib.error):
            return None

    def add(self, owner: str, name: str, evaluation: Evaluation) -> str:
        """Keep an evaluation.

        Args:
            owner: whose it is.
            name: of the question set.
            evaluation: what came of it.

        Returns:
            Its id.
        """
        id = secrets.token_hex(8)
        values = (
            id,
            owner,
            name,
            datetime.now().astimezone().strftime("%Y-%m-%d %H:%M"),
            len(evaluation.outcomes),
            sum(case.verdict in _GOOD for case in evaluation.cases()),
            evaluation.risk,
            zlib.compress(_CONTENT.dump_json(evaluation)),
        )
        with self._opened() as store:
            store.execute(_ADD, values)
        return id

    def delete(self, owner: str, id: str) -> None:
        """Delete an evaluation for good."""
        with self._opened() as store:
            store.execute("DELETE FROM evaluations WHERE owner = ? AND id = ?", (owner, id))

    def _opened(self) -> AbstractContextManager[sqlite3.Connection]:
        return in_transaction(self._path, _SCHEMA)
