"""The reading side of the store: one moment of the SQLite file, seen as of one generation."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from corpus.document import Document, DocumentInfo, Passage
from index.base import Closing, IndexProblem, SourceRecord, Vectors, Within
from index.glossary import Glossary, StoredGlossary
from index.pack import info_from_json, passage_from_json, unpack_document
from index.schema import connect
from index.words import search_text

_CHUNK = 4096

# A document is live at a generation if it came in it or before and has not left by then.
_DOCUMENT = """
SELECT source, packed FROM documents
WHERE id = :id AND added <= :at AND (removed IS NULL OR removed > :at)
"""
_PASSAGES = """
SELECT p.row, p.start, p."end", p.body, p.vector, d.id, d.source, d.info
FROM passages p JOIN documents d ON d.row = p.document
WHERE p.row IN (SELECT value FROM json_each(?)) ORDER BY p.row
"""
# Only documents that came, or ceased to be duplicates, after ``since`` can be new in the search.
# What is asked of them here lies in one covering index: in a row it comes behind the whole text.
_NEW = """
SELECT d.row, d.passages FROM documents d
WHERE d.added > :since AND d.added <= :at AND (d.removed IS NULL OR d.removed > :at)
AND NOT EXISTS (
    SELECT 1 FROM duplicates x
    WHERE x.document = d.row AND x.added <= :at AND (x.removed IS NULL OR x.removed > :at)
)
UNION ALL
SELECT d.row, d.passages FROM documents d
WHERE d.row IN (SELECT document FROM duplicates WHERE removed > :since)
AND d.added <= :since AND (d.removed IS NULL OR d.removed > :at)
AND NOT EXISTS (
    SELECT 1 FROM duplicates x
    WHERE x.document = d.row AND x.added <= :at AND (x.removed IS NULL OR x.removed > :at)
)
AND EXISTS (
    SELECT 1 FROM duplicates x
    WHERE x.document = d.row AND x.added <= :since AND (x.removed IS NULL OR x.removed > :since)
)
ORDER BY 1
"""
_TEXTS = """
SELECT p.row, p.start, p."end", p.body, p.vector, d.id, d.source, d.info
FROM passages p JOIN documents d ON d.row = p.document
WHERE p.document IN (SELECT value FROM json_each(?))
"""
_VECTORS = "SELECT row, vector FROM passages WHERE document IN (SELECT value FROM json_each(?))"
_VECTORS_AT = """
SELECT row, vector FROM passages WHERE row IN (SELECT value FROM json_each(?)) ORDER BY row
"""
_OWN = """
SELECT p.row, p.start, p."end", p.body, p.vector, d.id, d.source, d.info
FROM passages p JOIN documents d ON d.row = p.document
WHERE d.id = ? AND d.removed IS NULL ORDER BY p.row
"""
_HASHES = "SELECT path, CASE state WHEN 'indexed' THEN sha256 ELSE '' END FROM sources"
_REMOVED = """
SELECT p.row FROM passages p JOIN documents d ON d.row = p.document
WHERE d.row IN (
    SELECT row FROM documents WHERE removed > :since AND removed <= :at
    UNION SELECT document FROM duplicates
    WHERE added > :since AND added <= :at AND (removed IS NULL OR removed > :at)
)
AND d.added <= :since AND (d.removed IS NULL OR d.removed > :since)
AND NOT EXISTS (
    SELECT 1 FROM duplicates x
    WHERE x.document = d.row AND x.added <= :since AND (x.removed IS NULL OR x.removed > :since)
)
ORDER BY p.row
"""
# A document's year; without one of its own, the earliest that a copy it answers for gives.
_WITHIN = """
WITH live AS MATERIALIZED (
    SELECT d.row, d.id, coalesce(json_extract(d.info, '$.year'), (
        SELECT min(json_extract(c.info, '$.year'))
        FROM duplicates x JOIN documents c ON c.row = x.document
        WHERE x.of = d.id AND x.added <= :at AND (x.removed IS NULL OR x.removed > :at)
    )) AS year
    FROM documents d
    WHERE d.added <= :at AND (d.removed IS NULL OR d.removed > :at)
    AND NOT EXISTS (
        SELECT 1 FROM duplicates x
        WHERE x.document = d.row AND x.added <= :at AND (x.removed IS NULL OR x.removed > :at)
    )
)
SELECT p.row FROM live CROSS JOIN passages p ON p.document = live.row
WHERE (:first IS NULL OR year >= :first) AND (:last IS NULL OR year <= :last)
AND (:ids IS NULL OR id IN (
    SELECT value FROM json_each(:ids) UNION
    SELECT x.of FROM duplicates x JOIN documents d ON d.row = x.document
    WHERE d.id IN (SELECT value FROM json_each(:ids))
    AND x.added <= :at AND (x.removed IS NULL OR x.removed > :at)
))
ORDER BY p.row
"""
_DIGESTS = """
SELECT d.id, d.digest, d.passages, EXISTS (
    SELECT 1 FROM duplicates x
    WHERE x.document = d.row AND x.added <= :at AND (x.removed IS NULL OR x.removed > :at)
)
FROM documents d WHERE d.added <= :at AND (d.removed IS NULL OR d.removed > :at)
"""
_SOURCES = """
SELECT s.path, s.source, s.state, s.sha256, s.reason, s.hint, d.source, d.info, d.passages, a.source
FROM sources s LEFT JOIN documents d ON d.id = s.document AND d.removed IS NULL
LEFT JOIN duplicates x ON x.document = d.row AND x.removed IS NULL
LEFT JOIN documents a ON a.id = x.of AND a.removed IS NULL
ORDER BY s.path
"""
_ALSO = """
SELECT source FROM sources WHERE document = :id UNION
SELECT s.source FROM duplicates x JOIN documents d ON d.row = x.document
JOIN sources s ON s.document = d.id
WHERE x.of = :id AND x.added <= :at AND (x.removed IS NULL OR x.removed > :at)
"""


@dataclass(frozen=True, slots=True)
class StoredPassage:
    """A passage as it lies in the store: its row, itself, its document and its vector (float64)."""

    row: int
    passage: Passage
    document: DocumentInfo
    vector: npt.NDArray[np.float64]

    @property
    def search_text(self) -> str:
        """The words it is found by."""
        return search_text(self.document, self.passage)


@dataclass(frozen=True, slots=True)
class Totals:
    """Size and identity of a generation."""

    documents: int
    passages: int
    fingerprint: str
    duplicates: int


class Snapshot(Closing):
    """A read transaction: whatever others write meanwhile, this does not change.

    Usable from any thread. Close it, or SQLite cannot tidy its log.

    Args:
        path: the SQLite file.

    Raises:
        IndexProblem: the file is gone or damaged.
    """

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        try:
            self._connection = connect(path)
        except sqlite3.Error as error:
            raise IndexProblem(f"The index {path.parent} cannot be read: {error}.") from error
        try:
            self._connection.execute("PRAGMA query_only = ON")
            self._connection.execute("BEGIN")
            # The transaction begins to see with its first read.
            self._meta: dict[str, str] = dict(self._connection.execute("SELECT * FROM meta"))
        except sqlite3.Error as error:
            self._connection.close()
            raise IndexProblem(f"The index {path.parent} cannot be read: {error}.") from error

    def close(self) -> None:
        """End the transaction."""
        with self._lock:
            self._connection.close()

    @property
    def generation(self) -> int:
        """The newest generation at that moment."""
        return int(self._meta["generation"])

    @property
    def purged(self) -> int:
        """Documents that left in this generation or before are gone for good."""
        return int(self._meta["purged"])

    @property
    def store(self) -> str:
        """The store's own name, made when it was."""
        return self._meta["store"]

    @property
    def embedder(self) -> str:
        """Name of the embedder that the store was made with."""
        return self._meta["embedder"]

    def document(self, document_id: str, at: int) -> Document:
        """A whole document as of generation ``at``.

        Raises:
            KeyError: no such document then.
        """
        rows = self._read(_DOCUMENT, {"id": document_id, "at": at})
        if not rows:
            raise KeyError(document_id)
        source, packed = rows[0]
        document = unpack_document(packed)
        return replace(document, info=replace(document.info, source=source))

    def also(self, document_id: str, source: str, at: int) -> tuple[str, ...]:
        """The other sources of a document and those of its duplicates as of ``at``, sorted."""
        rows = self._read(_ALSO, {"id": document_id, "at": at})
        return tuple(sorted(other for (other,) in rows if other != source))

    def passages(self, rows: Sequence[int]) -> list[StoredPassage]:
        """The passages of these rows, ordered by row."""
        return [_stored(fields) for fields in self._read(_PASSAGES, (json.dumps(list(rows)),))]

    def rows_within(self, within: Within, at: int) -> npt.NDArray[np.int64]:
        """Rows of the passages that are searched at ``at`` and may be found, ascending."""
        first, last = within.years
        ids = None if within.documents is None else json.dumps(sorted(within.documents))
        values = {"at": at, "first": first, "last": last, "ids": ids}
        return np.array([row for (row,) in self._read(_WITHIN, values)], dtype=np.int64)

    def vectors(self, since: int, at: int) -> Iterator[tuple[npt.NDArray[np.int64], Vectors]]:
        """Rows and vectors of the passages live at ``at`` that came after ``since``, in chunks."""
        for chunk in self._chunks(_VECTORS, since, at):
            yield _unpacked(chunk)

    def vectors_at(
        self, rows: npt.NDArray[np.int64]
    ) -> Iterator[tuple[npt.NDArray[np.int64], Vectors]]:
        """The vectors of these rows, in chunks ordered by row."""
        for start in range(0, len(rows), _CHUNK):
            wanted = json.dumps(rows[start : start + _CHUNK].tolist())
            if found := self._read(_VECTORS_AT, (wanted,)):
                yield _unpacked(found)

    def vectors_of(self, document: Document, passages: Sequence[Passage]) -> Vectors | None:
        """The vectors of a live document's passages, if they are searched by the same words."""
        held = [_stored(fields) for fields in self._read(_OWN, (document.id,))]
        wanted = [search_text(document.info, passage) for passage in passages]
        if not held or [stored.search_text for stored in held] != wanted:
            return None
        return np.stack([stored.vector for stored in held]).astype(np.float32)

    def held(self, document_id: str) -> tuple[list[Passage], Vectors]:
        """The passages of a live document and their vectors.

        Raises:
            KeyError: no such document.
        """
        held = [_stored(fields) for fields in self._read(_OWN, (document_id,))]
        if not held:
            raise KeyError(document_id)
        vectors = np.stack([stored.vector for stored in held]).astype(np.float32)
        return [stored.passage for stored in held], vectors

    def glossary(self, at: int) -> Glossary:
        """What the documents live at ``at`` say of their acronyms."""
        return StoredGlossary(self._read, at)

    def texts(self, since: int, at: int) -> Iterator[tuple[int, str]]:
        """Rows and search texts of the passages live at ``at`` that came after ``since``."""
        for chunk in self._chunks(_TEXTS, since, at):
            for fields in chunk:
                stored = _stored(fields)
                yield stored.row, stored.search_text

    def texts_at(self, rows: npt.NDArray[np.int64]) -> Iterator[tuple[int, str]]:
        """These rows and their search texts, ordered by row."""
        for start in range(0, len(rows), _CHUNK):
            for stored in self.passages(rows[start : start + _CHUNK].tolist()):
                yield stored.row, stored.search_text

    def removed(self, since: int, at: int) -> npt.NDArray[np.int64]:
        """Rows of the passages that were live at ``since`` and are not at ``at``."""
        rows = self._read(_REMOVED, {"since": since, "at": at})
        return np.array([row for (row,) in rows], dtype=np.int64)

    def totals(self, at: int) -> Totals:
        """Size and fingerprint of generation ``at``."""
        # Sorted here: for the sake of order SQLite would read whole documents.
        rows = sorted(self._read(_DIGESTS, {"at": at}))
        name = fingerprint(self.embedder, ((document_id, one) for document_id, one, _, _ in rows))
        searched = sum(count for _, _, count, hidden in rows if not hidden)
        duplicates = sum(hidden for *_, hidden in rows)
        return Totals(len(rows), searched, name, duplicates)

    def failed(self) -> int:
        """How many source files could not be read."""
        return int(self._read("SELECT count(*) FROM sources WHERE state = 'failed'", {})[0][0])

    def sources(self) -> list[SourceRecord]:
        """Every source file and record, by path."""
        return [_record(fields) for fields in self._read(_SOURCES, {})]

    def hashes(self) -> dict[str, str]:
        """The sha256 of every source, by path; empty where it failed."""
        return dict(self._read(_HASHES, {}))

    def _read(self, sql: str, values: Mapping[str, object] | Sequence[object]) -> list[Any]:
        with self._lock:
            return self._connection.execute(sql, values).fetchall()

    def _chunks(self, sql: str, since: int, at: int) -> Iterator[list[Any]]:
        """What a statement gives for the documents that are new in the search, by rows."""
        new = self._read(_NEW, {"since": since, "at": at})
        # A document's passages are stored with it, so their rows are in the order of the documents.
        batch: list[int] = []
        size = 0
        for row, passages in new:
            if batch and size + passages > _CHUNK:
                yield self._of_documents(sql, batch)
                batch, size = [], 0
            batch.append(row)
            size += passages
        if batch:
            yield self._of_documents(sql, batch)

    def _of_documents(self, sql: str, documents: list[int]) -> list[Any]:
        # Sorted here: SQLite would sort whole rows, in a file.
        return sorted(self._read(sql, (json.dumps(documents),)), key=itemgetter(0))


def _unpacked(found: Sequence[Any]) -> tuple[npt.NDArray[np.int64], Vectors]:
    """Rows, and their vectors as float32 of shape (rows, dimensions)."""
    flat = np.frombuffer(b"".join(vector for _, vector in found), dtype="<f2")
    rows = np.array([row for row, _ in found], dtype=np.int64)
    return rows, flat.reshape(len(found), -1).astype(np.float32)


def fingerprint(embedder: str, documents: Iterable[tuple[str, str]]) -> str:
    """What tells one collection from another.

    Args:
        embedder: name of the model that made the vectors.
        documents: the id and the digest of every document, by id.
    """
    digest = hashlib.sha256(embedder.encode())
    for document_id, one in documents:
        digest.update(f"\n{document_id} {one}".encode())
    return digest.hexdigest()[:16]


def _stored(fields: Sequence[Any]) -> StoredPassage:
    row, start, end, packed, vector, document_id, source, info = fields
    passage = passage_from_json(document_id, start, end, json.loads(packed))
    document = info_from_json({**json.loads(info), "source": source})
    return StoredPassage(row, passage, document, np.frombuffer(vector, "<f2").astype(np.float64))


def _record(fields: Sequence[Any]) -> SourceRecord:
    path, source, state, sha256, reason, hint, document_source, info, passages, answering = fields
    document: DocumentInfo | None = None
    if info is not None:
        document = info_from_json({**json.loads(info), "source": document_source})
    return SourceRecord(
        path=path,
        source=source,
        state=state,
        sha256=sha256,
        document=document,
        passages=passages or 0,
        reason=reason,
        hint=hint,
        same_as=answering or (document_source if document_source != source else None),
    )
