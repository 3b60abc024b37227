"""Revisions of an index in Milvus: what the newest one is, and how the next one is made.

A transaction writes rows that begin, and ends of rows, at the revision after the newest. Nobody
sees them, until one last row, the *head*, says that this revision is there. What a killed writer
left is cleared away by the next one before it begins.
"""

from __future__ import annotations

import base64
import json
import time
import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from index.base import IndexProblem
from index.milvus_schema import RECORDS, TABLES
from index.milvus_tables import LIVE, LONGEST, Row, Tables, at, parts, text

FORMAT = 1
_BITS = 30
"""Of a row's number, those that count the rows of one revision."""

_BUFFERED = 1000
"""New rows that are written together."""


@dataclass(frozen=True, slots=True)
class Head:
    """What a revision says of itself.

    Attributes:
        revision: counts transactions.
        generation: counts changes of the documents.
        documents, passages, length, duplicates: how many documents there are, how many passages
            are searched, how many terms these have together, how many documents are copies.
        purged: rows that ended in this revision or before may be gone for good.
        made: when, in seconds since 1970.
        average: the length for which the stored weights of terms are right.
        format, store, embedder, dimensions, acronyms, copies, words: as what the index was made.
    """

    revision: int
    generation: int
    documents: int
    passages: int
    length: int
    duplicates: int
    purged: int
    made: float
    average: float
    format: int
    store: str
    embedder: str
    dimensions: int
    acronyms: str
    copies: str
    words: int


def newest(tables: Tables, known: Head | None = None) -> Head | None:
    """The newest revision; None where the index has not been made.

    Args:
        tables: the collections.
        known: one that was the newest before.
    """
    since = known.revision if known else 0
    rows = tables.rows(RECORDS, f'kind == "head" and since > {since}', ["data"])
    if not rows:
        return known
    return Head(**json.loads(rows[-1]["data"]))


def record(
    kind: str,
    *,
    owner: int = 0,
    a: str = "",
    b: str = "",
    c: str = "",
    number: int = 0,
    keys: Sequence[int] = (),
    data: Mapping[str, object] | None = None,
) -> Row:
    """A row of :data:`RECORDS` but for its number and its life; texts are stored by ``text``."""
    return {
        "kind": kind,
        "owner": owner,
        "a": text(a),
        "b": text(b),
        "c": text(c),
        "number": number,
        "keys": list(keys),
        "part": 0,
        "data": packed(data or {}),
        "none": [0.0, 0.0],
    }


def packed(value: Mapping[str, object]) -> str:
    """A JSON object as the text of one row, compressed where it is long.

    Raises:
        IndexProblem: it is too long even so.
    """
    plain = json.dumps(value, separators=(",", ":"))
    if len(plain) <= LONGEST:
        return plain
    short = "z" + base64.b64encode(zlib.compress(plain.encode("ascii"), 9)).decode("ascii")
    if len(short) > LONGEST:
        raise IndexProblem("What is known of this document is too long to be kept in Milvus.")
    return short


def unpacked(data: str) -> dict[str, Any]:
    """The JSON object that :func:`packed` wrote."""
    if data.startswith("z"):
        data = zlib.decompress(base64.b64decode(data[1:])).decode("ascii")
    found: dict[str, Any] = json.loads(data)
    return found


def pieces(data: bytes) -> list[str]:
    """Bytes as texts that each fit into a row."""
    whole = base64.b64encode(data).decode("ascii")
    return [str(part) for part in parts(whole, LONGEST)]


def joined(rows: Sequence[Row]) -> bytes:
    """The bytes that :func:`pieces` cut, from the rows that hold them."""
    return base64.b64decode("".join(row["data"] for row in sorted(rows, key=lambda r: r["part"])))


def clear(tables: Tables, head: Head) -> None:
    """Undo what a writer began after the newest revision and did not finish."""
    begun = f"since > {head.revision}"
    left = f"{begun} or (until > {head.revision} and until < {LIVE})"
    for table in TABLES:
        rows = tables.rows(table, left, ["since"])
        if any(row["since"] > head.revision for row in rows):
            tables.delete(table, begun)
        ended = [row["row"] for row in rows if row["since"] <= head.revision]
        tables.end(table, ended, LIVE)


class Transaction:
    """The revision after the newest, while it is made.

    Args:
        tables: the collections; the caller is their only writer.
        head: the newest revision.
    """

    def __init__(self, tables: Tables, head: Head) -> None:
        self._tables = tables
        self._count = 0
        self._new: dict[str, list[Row]] = {table: [] for table in TABLES}
        self._ended: dict[str, set[int]] = {table: set() for table in TABLES}
        self._changed = False
        self.before = head
        self.head = replace(head, revision=head.revision + 1)

    @property
    def revision(self) -> int:
        """The revision that is made."""
        return self.head.revision

    def number(self) -> int:
        """A number for a row that nobody has."""
        self._count += 1
        if self._count >> _BITS:
            raise IndexProblem("This document has too many passages to be kept in Milvus.")
        return (self.revision << _BITS) + self._count

    def add(self, table: str, fields: Row) -> int:
        """Let a row begin; gives its number."""
        row = self.number()
        self._new[table].append({"row": row, "since": self.revision, "until": LIVE, **fields})
        self._changed = True
        if len(self._new[table]) >= _BUFFERED:
            self._write(table)
        return row

    def end(self, table: str, rows: Collection[int]) -> None:
        """Let rows end."""
        self._ended[table].update(rows)
        self._changed = self._changed or bool(rows)

    def rows(self, table: str, condition: str, fields: Sequence[str] = ()) -> list[Row]:
        """The rows for which a condition holds, with all that was changed so far."""
        self._write(table)
        return self._tables.rows(table, f"{condition} and {at(self.revision)}", fields)

    def rows_of(
        self,
        table: str,
        field: str,
        values: Collection[int] | Collection[str],
        condition: str,
        fields: Sequence[str] = (),
    ) -> list[Row]:
        """Those of which a field is among ``values`` and a condition holds."""
        self._write(table)
        rest = f"{condition} and {at(self.revision)}"
        return self._tables.rows_of(table, field, values, rest, fields)

    def count(
        self, *, documents: int = 0, passages: int = 0, length: int = 0, duplicates: int = 0
    ) -> None:
        """Change the numbers of the head by so much."""
        head = self.head
        self.head = replace(
            head,
            documents=head.documents + documents,
            passages=head.passages + passages,
            length=head.length + length,
            duplicates=head.duplicates + duplicates,
        )

    def say(self, *, purged: int | None = None, average: float | None = None) -> None:
        """Set what the head says of these."""
        self.head = replace(
            self.head,
            purged=self.head.purged if purged is None else purged,
            average=self.head.average if average is None else average,
        )
        self._changed = True

    def raise_generation(self) -> None:
        """Note that the documents change; however much, the generation rises by one."""
        self.head = replace(self.head, generation=self.before.generation + 1)

    def commit(self) -> Head:
        """Make the revision the newest; gives the one that is the newest now."""
        if not self._changed:
            return self.before
        for table in TABLES:
            self._write(table)
        if not self._tables.may_write():
            raise IndexProblem(
                f"Another process took over writing to the index {self._tables.address.shown}."
            )
        self.head = replace(self.head, made=time.time())
        publish(self._tables, self.head)
        return self.head

    def _write(self, table: str) -> None:
        new, self._new[table] = self._new[table], []
        if new:
            self._tables.put(table, new)
        ended, self._ended[table] = self._ended[table], set()
        if ended:
            self._tables.end(table, ended, self.revision)


def publish(tables: Tables, head: Head) -> None:
    """Write the row that says that a revision is there."""
    row = record("head", data=asdict(head))
    number = head.revision << _BITS
    tables.put(RECORDS, [{"row": number, "since": head.revision, "until": LIVE, **row}])
