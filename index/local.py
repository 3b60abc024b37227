"""The default index: one folder on disk, SQLite as the truth, FAISS and Tantivy derived from it."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from corpus.document import Document, Passage
from index.base import (
    Hit,
    IndexProblem,
    IndexStats,
    IndexView,
    PassageIndex,
    SourceRecord,
    Vectors,
    Within,
)
from index.bm25 import Promising, Scorer, Wording
from index.derived import Damaged, Derived, DerivedFolder
from index.embed import Embedder
from index.glossary import Glossary
from index.schema import STORE_NAME, create, exists
from index.searching import Searched, hits
from index.segment import Rows
from index.sizes import choice
from index.snapshot import Snapshot, StoredPassage
from index.store import Store

log = logging.getLogger(__name__)

LOCK_SECONDS = 60.0
"""How long a writer waits for another one before it gives up."""

CATCH_UP_SECONDS = 0.5
"""How long a reader waits for the lock before it goes on with the last published generation."""


class LocalIndex(PassageIndex):
    """An index in a folder of its own.

    Args:
        directory: the folder; made, with an empty index, if missing.
        embedder: makes the vectors of questions; must be the one the index was made with.

    Raises:
        IndexProblem: the folder cannot be used, or was made with another embedder.
    """

    def __init__(self, directory: Path, embedder: Embedder) -> None:
        self.directory = directory
        self.embedder = embedder
        self._path = directory / STORE_NAME
        self._folder = DerivedFolder(directory / "derived")
        self._mutex = threading.RLock()
        self._derived: Derived | None = None
        self._gathering = 0
        try:
            directory.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise IndexProblem(
                f"The index folder {directory} cannot be made: {error.strerror}."
            ) from error
        # A lock of the operating system: it ends with its process, however that ends.
        self._file_lock = FileLock(directory / "write.lock", thread_local=False)
        if not exists(self._path):
            with self._writing():
                create(self._path, embedder.name)
        self._store = Store(self._path, embedder.name)
        if not self._store.current:
            self._upgrade()

    def add(
        self,
        document: Document,
        passages: list[Passage],
        vectors: Vectors,
        *,
        path: str,
        sha256: str,
    ) -> None:
        """Store a document for the source file at absolute ``path``, in one transaction."""
        with self._writing():
            self._store.put(document, passages, vectors, path, sha256)

    def fail(self, *, path: str, source: str, sha256: str, reason: str, hint: str | None) -> None:
        """Note that a file could not be read. What it held before stays answerable."""
        with self._writing():
            self._store.fail(path, source, sha256, reason, hint)

    def complete(self, *, path: str, source: str, sha256: str, records: Collection[str]) -> None:
        """Note that a file of many records was read to its end, in one transaction."""
        with self._writing():
            self._store.complete(path, source, sha256, records)

    def remove(self, path: str) -> bool:
        """Drop the source file at absolute ``path`` and, with its last path, its document."""
        with self._writing():
            return self._store.drop(path)

    def sources(self) -> list[SourceRecord]:
        """Every source file and record that the index knows, by path."""
        with Snapshot(self._path) as snapshot:
            return snapshot.sources()

    def hashes(self) -> dict[str, str]:
        """The sha256 of every source, by path; empty where it has to be read again."""
        with Snapshot(self._path) as snapshot:
            return snapshot.hashes()

    def vectors(self, document: Document, passages: list[Passage]) -> Vectors | None:
        """The vectors of these passages, if the index holds the document cut and named so."""
        with Snapshot(self._path) as snapshot:
            return snapshot.vectors_of(document, passages)

    def held(self, document_id: str) -> tuple[list[Passage], Vectors]:
        """The passages of a document and their vectors, as they are stored."""
        with Snapshot(self._path) as snapshot:
            return snapshot.held(document_id)

    @contextmanager
    def gathering(self) -> Iterator[None]:
        """While this is held, views of this object are of the generation that was synced last."""
        with self._mutex:
            self._gathering += 1
        try:
            yield
        finally:
            with self._mutex:
                self._gathering -= 1

    def sync(self) -> None:
        """Bring the derived indexes up to the newest generation."""
        with self._writing():
            self._catch_up()

    def rebuild(self) -> None:
        """Make the derived indexes anew from the stored documents."""
        with self._writing(), Snapshot(self._path) as snapshot:
            self._derived = self._publish(snapshot, None)

    def view(self) -> IndexView:
        """The newest generation, unchanging while it is held.

        While documents are gathered here, the one that was synced last; while another process
        holds the lock, the last generation that it published.
        """
        while True:
            derived = self._newest()
            snapshot = Snapshot(self._path)
            # Between the two lines a writer may have published and purged: then look again.
            if snapshot.purged <= derived.generation <= snapshot.generation:
                return LocalView(snapshot, derived, self.embedder)
            snapshot.close()

    def stats(self) -> IndexStats:
        """Size and identity of the newest generation."""
        with Snapshot(self._path) as snapshot:
            totals = snapshot.totals(snapshot.generation)
            return IndexStats(
                documents=totals.documents,
                passages=totals.passages,
                failed=snapshot.failed(),
                generation=snapshot.generation,
                fingerprint=totals.fingerprint,
                embedder=snapshot.embedder,
                duplicates=totals.duplicates,
                search=choice(totals.passages).reason,
            )

    def close(self) -> None:
        """Close the store. Views that are still held stay usable until they are closed."""
        with self._mutex:
            self._store.close()

    def _upgrade(self) -> None:
        """Bring a store that an earlier version made up to this one."""
        try:
            with self._writing():
                self._store.upgrade()
        except ValueError as error:
            self._store.close()
            raise IndexProblem(
                f"The index {self.directory} cannot be brought up to this version: {error}."
            ) from error
        except BaseException:
            self._store.close()
            raise

    def _newest(self) -> Derived:
        """Derived indexes of the newest generation, or of the last one published."""
        if self._gathering and (synced := self._derived) is not None:
            return synced
        with Snapshot(self._path) as snapshot:
            derived = self._derived
            if derived is not None and derived.generation == snapshot.generation:
                return derived
        try:
            with self._writing(CATCH_UP_SECONDS):
                return self._catch_up()
        except _Busy:
            published = self._published()
        if published is not None:
            return published
        with self._writing():
            return self._catch_up()

    def _published(self) -> Derived | None:
        """What another process, which holds the lock, published last; else what is at hand."""
        derived = self._derived
        if derived is not None and derived.publication == self._folder.current():
            return derived
        with Snapshot(self._path) as snapshot:
            try:
                self._derived = self._folder.load(snapshot)
            except Damaged:
                usable = derived is not None and snapshot.purged <= derived.generation
                return derived if usable else None
        return self._derived

    def _catch_up(self) -> Derived:
        """Publish the newest generation unless it is; the caller holds the lock."""
        with Snapshot(self._path) as snapshot:
            before = self._derived
            if before is None or before.publication != self._folder.current():
                try:
                    before = self._folder.load(snapshot)
                except Damaged as damage:
                    log.debug("the derived indexes are made anew: %s", damage)
                    before = None
            if before is None or before.generation != snapshot.generation:
                before = self._publish(snapshot, before)
        self._derived = before
        self._store.purge(before.generation)
        return before

    def _publish(self, snapshot: Snapshot, before: Derived | None) -> Derived:
        if before is not None:
            try:
                return self._folder.publish(snapshot, before)
            except (Damaged, OSError, ValueError) as error:
                log.debug("the derived indexes are made anew: %s", error)
        try:
            return self._folder.publish(snapshot, None)
        except (RuntimeError, ValueError) as error:  # what FAISS and Tantivy say of a full disk
            raise IndexProblem(
                f"The index {self.directory} cannot be written to: {error}."
            ) from error

    @contextmanager
    def _writing(self, seconds: float | None = None) -> Iterator[None]:
        """Hold the lock: among the threads of this process, then among processes."""
        seconds = LOCK_SECONDS if seconds is None else seconds
        if not self._mutex.acquire(timeout=seconds):
            raise _Busy(self.directory, seconds)
        try:
            try:
                self._file_lock.acquire(timeout=seconds)
                try:
                    yield
                finally:
                    self._file_lock.release()
            except Timeout:
                raise _Busy(self.directory, seconds) from None
            except (OSError, sqlite3.Error) as error:
                # A full disk, a folder that may not be written to, a damaged file.
                raise IndexProblem(
                    f"The index {self.directory} cannot be written to: {error}."
                ) from error
        finally:
            self._mutex.release()


class LocalView(IndexView):
    """One generation of a :class:`LocalIndex`. Usable from any thread.

    Args:
        snapshot: the store at a moment at which that generation can be read.
        derived: both derived indexes of that generation.
        embedder: makes the vectors of questions.
    """

    def __init__(self, snapshot: Snapshot, derived: Derived, embedder: Embedder) -> None:
        self._snapshot = snapshot
        self._derived = derived
        self._embedder = embedder
        self._documents: dict[str, Document] = {}

    def search(self, query: str, k: int, within: Within | None = None) -> list[Hit]:
        """The ``k`` best passages, dense and lexical hits fused by rank, best first."""
        rows = self._rows(within)
        if k <= 0 or (rows is not None and not len(rows)):
            return []
        searched = _LocalSearched(self._snapshot, self._derived, rows)
        return hits(searched, query, self._embedder, k)

    def _rows(self, within: Within | None) -> Rows | None:
        """Rows of the passages that may be found; None where all may."""
        if within is None or within.everything:
            return None
        return self._snapshot.rows_within(within, self._derived.generation)

    def document(self, document_id: str) -> Document:
        """The whole document; KeyError where this generation has no such document.

        Unpacked once: an answer's quotes and passages come from few documents.
        """
        if document_id not in self._documents:
            found = self._snapshot.document(document_id, self._derived.generation)
            self._documents[document_id] = found
        return self._documents[document_id]

    def also(self, document_id: str) -> tuple[str, ...]:
        """Sources of the other files that hold this document or a copy of its article, sorted."""
        source = self.document(document_id).info.source
        return self._snapshot.also(document_id, source, self._derived.generation)

    def stats(self) -> IndexStats:
        """Size and identity of this generation."""
        totals = self._derived.totals
        return IndexStats(
            documents=totals.documents,
            passages=totals.passages,
            failed=self._snapshot.failed(),
            generation=self._derived.generation,
            fingerprint=totals.fingerprint,
            embedder=self._snapshot.embedder,
            duplicates=totals.duplicates,
            search=choice(totals.passages).reason,
        )

    def close(self) -> None:
        """Give the view back."""
        self._snapshot.close()


class _LocalSearched(Searched):
    """What may be found in one generation of a :class:`LocalIndex`.

    Args:
        snapshot: the store.
        derived: both derived indexes.
        rows: the rows that may be found, ascending; None for all.
    """

    def __init__(self, snapshot: Snapshot, derived: Derived, rows: Rows | None) -> None:
        self._snapshot = snapshot
        self._derived = derived
        self._rows = rows

    def near(self, vector: Vectors, count: int) -> list[int]:
        """Rows among which the nearest surely are."""
        return self._derived.dense.candidates(vector, count, self._rows, self._snapshot.vectors_at)

    def promising(self, scorers: Sequence[Scorer], count: int) -> Promising:
        """Rows that may score best."""
        return self._derived.lexical.promising(scorers, count, self._rows)

    def scorer(self, wording: Wording) -> Scorer:
        """Exact BM25 for this wording."""
        return self._derived.lexical.scorer(wording)

    def passages(self, rows: Sequence[int]) -> list[StoredPassage]:
        """The passages of these rows, ordered by row."""
        return self._snapshot.passages(rows)

    def glossary(self) -> Glossary:
        """What the documents say of their acronyms."""
        return self._snapshot.glossary(self._derived.generation)


class _Busy(IndexProblem):
    """Somebody else holds the lock."""

    def __init__(self, directory: Path, seconds: float) -> None:
        super().__init__(
            f"Another process has been writing to the index {directory} for more than "
            f"{seconds:.0f} seconds. Try again when it is done."
        )
