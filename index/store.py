"""The truth: documents, passages and vectors in one SQLite file.

A document enters or leaves in one transaction, which raises the generation. Rows are never
overwritten: each says in which generation it came and, once dropped, in which it went. So a reader
whose derived indexes stand at an older generation can still be served exactly that one, until
:meth:`Store.purge` drops what nobody needs any more.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from corpus.document import Document, Passage
from index import duplicates, glossary
from index.base import IndexProblem, Vectors
from index.pack import (
    document_bytes,
    info_to_json,
    pack_document,
    passage_to_json,
    unpack_document,
)
from index.schema import FORMAT, LIVES, LIVES_VERSION, connect


class Store:
    """The writing side. Its caller holds the index's lock around every method.

    Args:
        path: the SQLite file.
        embedder: name of the model that makes the vectors.

    Raises:
        IndexProblem: the file is of a later format or of another embedder.
    """

    def __init__(self, path: Path, embedder: str) -> None:
        self.path = path
        self._raised: int | None = None
        self._moved: set[int] = set()
        self._connection = connect(path)
        # FULL, not NORMAL: a commit must survive a power cut, as the derived indexes may
        # already have seen it. It costs one fsync a document, nothing beside embedding it.
        self._connection.execute("PRAGMA synchronous = FULL")
        try:
            self._check(embedder)
        except BaseException:
            self._connection.close()
            raise

    def _check(self, embedder: str) -> None:
        found = self._meta("format")
        if found not in {str(known) for known in range(1, FORMAT + 1)}:
            raise IndexProblem(
                f"The index {self.path.parent} has format {found}, this version of Pincite reads "
                f"format {FORMAT}. Index the papers anew into another folder."
            )
        made = self._meta("embedder")
        if made != embedder:
            raise IndexProblem(
                f"The index {self.path.parent} was made with the embedder {made} and cannot be "
                f"used with {embedder}. Choose {made}, or index the papers into another folder."
            )

    @property
    def generation(self) -> int:
        """How many changes there have been."""
        return int(self._meta("generation") or 0)

    @property
    def current(self) -> bool:
        """Whether the store is as this version makes it; else :meth:`upgrade` is due."""
        return self._ruled and self._meta("lives") == LIVES_VERSION

    @property
    def _ruled(self) -> bool:
        """Whether acronyms and copies were found by today's rules."""
        return (self._meta("acronyms"), self._meta("copies")) == (glossary.RULES, duplicates.RULES)

    def upgrade(self) -> None:
        """Find acronyms and copies in all documents, where that was not done or by other rules."""
        with self._transaction():
            for statement in LIVES:
                self._connection.execute(statement)
            self._set_meta("lives", LIVES_VERSION)
            if self._ruled:  # or somebody else was faster
                return
            glossary.remake(self._connection)
            if self._meta("copies") is None:
                for statement in duplicates.SCHEMA:
                    self._connection.execute(statement)
            # None is hidden at first: those that are leave the new acronyms again.
            duplicates.show_all(self._connection, self._raise_generation())
            self._moved |= duplicates.remake(self._connection, self._live())
            self._set_meta("acronyms", glossary.RULES)
            self._set_meta("copies", duplicates.RULES)
            self._set_meta("format", str(FORMAT))

    def put(
        self, document: Document, passages: list[Passage], vectors: Vectors, path: str, sha256: str
    ) -> None:
        """Store what the source file at ``path`` holds, in place of what it held before.

        Two paths with the same bytes share one document: that of the path that sorts first,
        whichever came first.
        """
        with self._transaction():
            self._check_vectors(passages, vectors)
            self._drop_records(path)
            if self._held_by(path) not in (None, document.id):
                self._release(path)
            first = min([path, *self._paths_of(document.id)])
            if first == path:
                self._place(document, passages, vectors)
            self._connection.execute(
                "INSERT OR REPLACE INTO sources (path, source, sha256, state, document) "
                "VALUES (?, ?, ?, 'indexed', ?)",
                (path, document.info.source, sha256, document.id),
            )
            self._note(document.id)

    def fail(self, path: str, source: str, sha256: str, reason: str, hint: str | None) -> None:
        """Note that a file could not be read; what it held stays."""
        with self._transaction():
            self._connection.execute(
                "INSERT INTO sources (path, source, sha256, state, reason, hint) "
                "VALUES (?, ?, ?, 'failed', ?, ?) ON CONFLICT (path) DO UPDATE SET "
                "sha256 = excluded.sha256, state = 'failed', reason = excluded.reason, "
                "hint = excluded.hint",
                (path, source, sha256, reason, hint),
            )

    def complete(self, path: str, source: str, sha256: str, records: Collection[str]) -> None:
        """Note that all records of a file are in; it holds these and nothing else."""
        with self._transaction():
            self._drop_records(path, frozenset(records))
            if self._held_by(path) is not None:
                self._release(path)
            self._connection.execute(
                "INSERT OR REPLACE INTO sources (path, source, sha256, state) "
                "VALUES (?, ?, ?, 'indexed')",
                (path, source, sha256),
            )

    def drop(self, path: str) -> bool:
        """Forget a source file and, with its last path, its document; of a file, its records."""
        with self._transaction():
            known = self._connection.execute("SELECT 1 FROM sources WHERE path = ?", (path,))
            if known.fetchone() is None:
                return False
            self._drop_records(path)
            self._forget(path)
            # A record that was dropped alone comes back with its file.
            self._void([file_of(path)])
        return True

    def purge(self, generation: int) -> None:
        """Delete what left in ``generation`` or before; derived indexes older than it are void."""
        with self._transaction():
            gone = self._connection.execute(
                "DELETE FROM documents WHERE removed <= ?", (generation,)
            ).rowcount
            if gone + duplicates.purge(self._connection, generation):
                self._set_meta("purged", str(generation))

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _place(self, document: Document, passages: list[Passage], vectors: Vectors) -> None:
        """Make ``document`` the live one of its id."""
        info = json.dumps(without_source(document))
        digest = digest_of(document, passages)
        live = self._connection.execute(
            "SELECT row, source, digest FROM documents WHERE id = ? AND removed IS NULL",
            (document.id,),
        ).fetchone()
        if live is not None and live[1:] == (document.info.source, digest):
            return
        generation = self._raise_generation()
        if live is not None and live[2] == digest:
            self._connection.execute(
                "UPDATE documents SET source = ? WHERE row = ?", (document.info.source, live[0])
            )
            return
        if live is not None:
            self._mark_removed(document.id, generation)
        row = self._connection.execute(
            "INSERT INTO documents (id, source, info, digest, packed, passages, added) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                document.id,
                document.info.source,
                info,
                digest,
                pack_document(document),
                len(passages),
                generation,
            ),
        ).lastrowid
        if row is None:
            raise ValueError("a row was inserted without a number")
        glossary.enter(self._connection, row, document, (generation, None))
        duplicates.enter(self._connection, row, document)
        halves = vectors.astype("<f2")
        self._connection.executemany(
            'INSERT INTO passages (document, start, "end", body, vector) VALUES (?, ?, ?, ?, ?)',
            [
                (row, p.start, p.end, json.dumps(passage_to_json(p)), halves[i].tobytes())
                for i, p in enumerate(passages)
            ],
        )

    def _release(self, path: str) -> None:
        """Take a path from its document; the last path takes the document with it."""
        held = self._held_by(path)
        paths = self._paths_of(held)
        others = [other for other in paths if other != path]
        if not others:
            self._mark_removed(held, self._raise_generation())
        elif path < others[0]:
            # The document was read as this path's (a title may come from a file's name). It now
            # stands for the next path; without its hash that one is read again at the next run.
            self._raise_generation()
            self._connection.execute(
                "UPDATE documents SET source = (SELECT source FROM sources WHERE path = ?) "
                "WHERE id = ? AND removed IS NULL",
                (others[0], held),
            )
            self._void([others[0], file_of(others[0])])
            self._note(held)

    def _drop_records(self, file: str, keep: frozenset[str] = frozenset()) -> None:
        """Forget the records of a file but for those to keep."""
        # All paths that begin with the file's and "/", which "0" follows.
        known = self._connection.execute(
            "SELECT path FROM sources WHERE path > ? AND path < ?", (f"{file}/", f"{file}0")
        ).fetchall()
        for (path,) in known:
            if path not in keep:
                self._forget(path)

    def _forget(self, path: str) -> None:
        if self._held_by(path) is not None:
            self._release(path)
        self._connection.execute("DELETE FROM sources WHERE path = ?", (path,))

    def _void(self, paths: list[str]) -> None:
        """Have sources read again at the next run."""
        self._connection.executemany(
            "UPDATE sources SET sha256 = '' WHERE path = ?", [(path,) for path in paths]
        )

    def _mark_removed(self, document_id: str | None, generation: int) -> None:
        for row in self._rows_of(document_id):
            self._moved |= duplicates.leave(self._connection, row, generation)
        self._connection.execute(
            "UPDATE documents SET removed = ? WHERE id = ? AND removed IS NULL",
            (generation, document_id),
        )
        glossary.leave(self._connection, document_id, generation)

    def _note(self, document_id: str | None) -> None:
        """See to it that it is decided anew who answers among the copies of a document."""
        self._moved.update(self._rows_of(document_id))

    def _settle(self) -> None:
        """Decide who answers, at the end of a transaction; who does not leaves the glossary."""
        changes = duplicates.settle(self._connection, self._moved, self._raise_generation)
        for row, document_id, hidden in changes:
            generation = self._raise_generation()
            if hidden:
                glossary.leave(self._connection, document_id, generation)
            else:
                document = self._document(row)
                glossary.enter(self._connection, row, document, (generation, None))

    def _rows_of(self, document_id: str | None) -> list[int]:
        found = self._connection.execute(
            "SELECT row FROM documents WHERE id = ? AND removed IS NULL", (document_id,)
        )
        return [row for (row,) in found]

    def _live(self) -> Iterator[tuple[int, Document]]:
        """All live documents, one by one: together they may not fit into memory."""
        rows = self._connection.execute(
            "SELECT row FROM documents WHERE removed IS NULL ORDER BY row"
        ).fetchall()
        for (row,) in rows:
            yield row, self._document(row)

    def _document(self, row: int) -> Document:
        found = self._connection.execute("SELECT packed FROM documents WHERE row = ?", (row,))
        return unpack_document(found.fetchone()[0])

    def _held_by(self, path: str) -> str | None:
        found = self._connection.execute("SELECT document FROM sources WHERE path = ?", (path,))
        row = found.fetchone()
        return None if row is None else row[0]

    def _paths_of(self, document_id: str | None) -> list[str]:
        found = self._connection.execute(
            "SELECT path FROM sources WHERE document = ? ORDER BY path", (document_id,)
        )
        return [path for (path,) in found]

    def _check_vectors(self, passages: list[Passage], vectors: Vectors) -> None:
        check_vectors(passages, vectors)
        known = self._meta("dimensions")
        if known is None:
            self._set_meta("dimensions", str(vectors.shape[1]))
        elif int(known) != vectors.shape[1]:
            raise IndexProblem(
                f"The index {self.path.parent} holds vectors of {known} numbers, the embedder "
                f"gives {vectors.shape[1]}. Index the papers anew into another folder."
            )

    def _raise_generation(self) -> int:
        """The generation of this transaction: one more than before, however much it changes."""
        if self._raised is None:
            self._raised = self.generation + 1
            self._set_meta("generation", str(self._raised))
        return self._raised

    def _meta(self, key: str) -> str | None:
        row = self._connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def _set_meta(self, key: str, value: str) -> None:
        self._connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        self._raised = None
        self._moved = set()
        try:
            yield
            self._settle()
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")


def file_of(path: str) -> str:
    """The file that a record's path is of; of a file's own path a folder, which is no source."""
    return path.rpartition("/")[0]


def without_source(document: Document) -> dict[str, Any]:
    """A document's metadata as a JSON object, but for where it lies."""
    fields = info_to_json(document.info)
    del fields["source"]
    return fields


def check_vectors(passages: list[Passage], vectors: Vectors) -> None:
    """Refuse what cannot be the vectors of a document's passages.

    Raises:
        ValueError: with the reason.
    """
    if vectors.ndim != 2 or len(vectors) != len(passages):
        raise ValueError(f"{len(passages)} passages came with vectors of shape {vectors.shape}")
    if not passages:
        raise ValueError("a document without passages cannot be stored")
    if not np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-3):
        raise ValueError("vectors must have unit length")


def digest_of(document: Document, passages: list[Passage]) -> str:
    """What a document says and how it was cut, as sha256; where it lies does not count."""
    bare = replace(document, info=replace(document.info, source=""))
    digest = hashlib.sha256(document_bytes(bare))
    for passage in passages:
        digest.update(
            json.dumps([passage.start, passage.end, passage_to_json(passage)]).encode("ascii")
        )
    return digest.hexdigest()
