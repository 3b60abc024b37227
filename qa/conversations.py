"""Conversations that are kept: what was asked and answered, until the person deletes it.

One SQLite file beside the index. Every call names an owner and sees nothing of any other's.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from qa.answer import Answer
from qa.kept_file import in_transaction

FILE = "conversations.sqlite"
"""The name of the file, inside the index's folder."""

LONGEST_TITLE = 80
"""Characters of a conversation's name."""

MOST = 100
"""Conversations that are listed, the newest first."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS conversations (
    row INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    owner TEXT NOT NULL,
    title TEXT NOT NULL,
    touched INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS conversations_by_owner ON conversations (owner, touched);
CREATE TABLE IF NOT EXISTS turns (
    conversation INTEGER NOT NULL REFERENCES conversations (row) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    answer TEXT NOT NULL,
    seconds REAL NOT NULL,
    PRIMARY KEY (conversation, number)
) STRICT;
"""
_BEGIN = """
INSERT INTO conversations (id, owner, title, touched) VALUES (?, ?, ?, 0) RETURNING row
"""
_TOUCH = """
UPDATE conversations SET touched = (SELECT max(touched) + 1 FROM conversations) WHERE row = ?
"""


class NotKept(Exception):
    """The conversations cannot be read or written; the message is for the person."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """A kept conversation: its name for programs, its name for people, how many turns it has."""

    id: str
    title: str
    turns: int


@dataclass(frozen=True, slots=True)
class Kept:
    """A turn: the answer, which holds the question, and how many seconds it took."""

    answer: Answer
    seconds: float


class Conversations:
    """The kept conversations of everybody who uses an index.

    Safe to use from several threads and processes. Every method raises :class:`NotKept` where the
    file cannot be used.

    Args:
        folder: the index's folder; made with the first conversation.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE

    def of(self, owner: str) -> list[Conversation]:
        """List an owner's conversations, the one that was added to last first."""
        with self._opened() as store:
            rows = store.execute(
                "SELECT c.id, c.title, count(t.number) FROM conversations c "
                "LEFT JOIN turns t ON t.conversation = c.row WHERE c.owner = ? "
                "GROUP BY c.row ORDER BY c.touched DESC LIMIT ?",
                (owner, MOST),
            )
            return [Conversation(*row) for row in rows]

    def turns(self, owner: str, conversation: str) -> list[Kept]:
        """Give a conversation's turns in order; none where the owner has no such conversation.

        A turn that this version cannot read is left out.
        """
        with self._opened() as store:
            rows = store.execute(
                "SELECT t.answer, t.seconds FROM turns t JOIN conversations c "
                "ON c.row = t.conversation WHERE c.owner = ? AND c.id = ? ORDER BY t.number",
                (owner, conversation),
            ).fetchall()
        out = []
        for answer, seconds in rows:
            try:
                out.append(Kept(Answer.model_validate_json(answer), seconds))
            except ValidationError:
                continue
        return out

    def add(self, owner: str, conversation: str | None, answer: Answer, seconds: float) -> str:
        """Add a turn to a conversation; to a new one where there is none yet.

        A new conversation is called after its first question.

        Args:
            owner: whose it is.
            conversation: its id; None, or one that is no longer there, begins a new one.
            answer: the answer.
            seconds: how long it took.

        Returns:
            The conversation's id.
        """
        with self._opened() as store:
            row = self._row(store, owner, conversation)
            if row is None:
                conversation = secrets.token_hex(8)
                row = store.execute(
                    _BEGIN, (conversation, owner, _title(answer.question))
                ).fetchone()[0]
            store.execute(
                "INSERT INTO turns SELECT ?, coalesce(max(number), 0) + 1, ?, ? "
                "FROM turns WHERE conversation = ?",
                (row, answer.model_dump_json(), seconds, row),
            )
            store.execute(_TOUCH, (row,))
        return str(conversation)

    def rename(self, owner: str, conversation: str, title: str) -> None:
        """Call a conversation something else; an empty title changes nothing."""
        if _title(title):
            with self._opened() as store:
                store.execute(
                    "UPDATE conversations SET title = ? WHERE owner = ? AND id = ?",
                    (_title(title), owner, conversation),
                )

    def delete(self, owner: str, conversation: str) -> None:
        """Delete a conversation for good."""
        with self._opened() as store:
            store.execute(
                "DELETE FROM conversations WHERE owner = ? AND id = ?", (owner, conversation)
            )

    @staticmethod
    def _row(store: sqlite3.Connection, owner: str, conversation: str | None) -> int | None:
        found = store.execute(
            "SELECT row FROM conversations WHERE owner = ? AND id = ?", (owner, conversation)
        ).fetchone()
        return int(found[0]) if found else None

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        """The store within one transaction."""
        try:
            with in_transaction(self._path, _SCHEMA) as store:
                yield store
        except (OSError, sqlite3.Error) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise NotKept(f"Conversations cannot be kept in {self._path}: {reason}.") from error


def _title(words: str) -> str:
    # What a browser sends may hold halves of characters, which no file takes.
    line = " ".join(words.encode("utf-8", "replace").decode().split())
    return line if len(line) <= LONGEST_TITLE else line[: LONGEST_TITLE - 1].rstrip() + "…"
