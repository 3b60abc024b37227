"""An index in Milvus: the contract of :mod:`index.base`, kept on a server or in Milvus Lite.

Nothing of it lies anywhere else, so whoever reaches the server can ask it, and several can at once.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager

from corpus.document import Document, Passage
from index import duplicates, glossary, words
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
from index.embed import Embedder
from index.location import Address
from index.milvus_schema import RECORDS, TABLES
from index.milvus_search import MilvusSearched
from index.milvus_snapshot import MilvusSnapshot
from index.milvus_state import FORMAT, Head, Transaction, clear, newest, publish, unpacked
from index.milvus_store import MilvusStore
from index.milvus_tables import LIVE, Tables
from index.milvus_turn import WAIT_SECONDS
from index.milvus_words import AVERAGE, WordCounts
from index.searching import hits
from index.words import search_text

KEEP_SECONDS = 900.0
"""How long other processes' views of a server can read on after the collection has changed."""

_writers: defaultdict[str, threading.RLock] = defaultdict(threading.RLock)


class MilvusIndex(PassageIndex):
    """An index in the collections of one name.

    Args:
        address: where they lie; made, with an empty index, if missing.
        embedder: makes the vectors of questions; must be the one the index was made with.

    Raises:
        IndexProblem: nobody answers there, or the index was made with another embedder.
    """

    def __init__(self, address: Address, embedder: Embedder) -> None:
        self.address = address
        self.embedder = embedder
        self._tables = Tables(address)
        try:
            self._mutex = _writers[address.shown]
            self._cleared = False
            self._held: Counter[int] = Counter()
            self._counting = threading.Lock()
            self._counts = WordCounts(self._tables)
            self._prints: dict[int, str] = {}
            self._head = self._made()
            _check(address, self._head, embedder)
        except BaseException:
            self._tables.close()
            raise

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
        with self._transaction() as store:
            store.put(document, passages, vectors, path, sha256)

    def fail(self, *, path: str, source: str, sha256: str, reason: str, hint: str | None) -> None:
        """Note that a file could not be read. What it held before stays answerable."""
        with self._transaction() as store:
            store.fail(path, source, sha256, reason, hint)

    def complete(self, *, path: str, source: str, sha256: str, records: Collection[str]) -> None:
        """Note that a file of many records was read to its end, in one transaction."""
        with self._transaction() as store:
            store.complete(path, source, sha256, records)

    def remove(self, path: str) -> bool:
        """Drop the source file at absolute ``path`` and, with its last path, its document."""
        with self._transaction() as store:
            return store.drop(path)

    def sources(self) -> list[SourceRecord]:
        """Every source file and record that the index knows, by path."""
        return self._snapshot().sources()

    def hashes(self) -> dict[str, str]:
        """The sha256 of every source, by path; empty where it has to be read again."""
        return self._snapshot().hashes()

    def vectors(self, document: Document, passages: list[Passage]) -> Vectors | None:
        """The vectors of these passages, if the index holds the document cut and named so."""
        snapshot = self._snapshot()
        try:
            known = snapshot.document(document.id)
            held, vectors = snapshot.held(document.id)
        except KeyError:
            return None
        wanted = [search_text(document.info, passage) for passage in passages]
        return vectors if [search_text(known.info, one) for one in held] == wanted else None

    def held(self, document_id: str) -> tuple[list[Passage], Vectors]:
        """The passages of a document and their vectors."""
        return self._snapshot().held(document_id)

    def sync(self) -> None:
        """Forget for good what no view needs; have Milvus Lite write its indexes."""
        with self._writing():
            self._purge()
            self._tables.flush()

    def rebuild(self) -> None:
        """Make what is searched anew from the stored documents."""
        with self._transaction() as store:
            head = self._head
            store.search_anew(head.length / head.passages if head.passages else AVERAGE)
        self.sync()

    def view(self) -> IndexView:
        """The newest generation, unchanging while it is held."""
        snapshot = self._snapshot()
        with self._counting:
            self._held[snapshot.head.revision] += 1
        return MilvusView(self, snapshot)

    def stats(self) -> IndexStats:
        """Size and identity of the newest generation."""
        return self.stats_of(self._snapshot())

    def close(self) -> None:
        """End the connection."""
        self._tables.close()

    def stats_of(self, snapshot: MilvusSnapshot) -> IndexStats:
        """Size and identity of a generation; its fingerprint is worked out once."""
        head = snapshot.head
        if head.generation not in self._prints:
            self._prints = {head.generation: snapshot.fingerprint()}
        return IndexStats(
            documents=head.documents,
            passages=head.passages,
            failed=snapshot.failed(),
            generation=head.generation,
            fingerprint=self._prints[head.generation],
            embedder=head.embedder,
            duplicates=head.duplicates,
            search="Milvus, flat, 32-bit: every vector is compared.",
        )

    def searched(self, snapshot: MilvusSnapshot, owners: Sequence[int] | None) -> MilvusSearched:
        """What may be found in a revision."""
        return MilvusSearched(self._tables, snapshot, self._counts, owners)

    def check(self, head: Head) -> None:
        """See that what a revision holds was there while it was read.

        Raises:
            IndexProblem: it may be gone.
        """
        if self._newest().purged > head.revision:
            raise IndexProblem(
                f"The collection {self.address.shown} has changed since this was begun. Ask again."
            )

    def give_back(self, head: Head) -> None:
        """Note that one view of a revision is no longer held."""
        with self._counting:
            self._held[head.revision] -= 1
            self._held += Counter()

    def _snapshot(self) -> MilvusSnapshot:
        return MilvusSnapshot(self._tables, self._newest())

    def _newest(self) -> Head:
        self._head = newest(self._tables, self._head) or self._head
        return self._head

    def _made(self) -> Head:
        """The newest revision; of a new index, which is made here, an empty one."""
        if self._tables.there():
            self._tables.load()
            found = newest(self._tables)
            if found is not None:
                return found
        with self._mutex, self._tables.writing():
            self._tables.make(self.embedder.dimensions)
            found = newest(self._tables)
            if found is None:
                found = _first(self.embedder)
                publish(self._tables, found)
        return found

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Be the only writer; what another one left half done is cleared away."""
        if not self._mutex.acquire(timeout=WAIT_SECONDS):
            raise IndexProblem(
                f"This process has been writing to the index {self.address.shown} for more than "
                f"{WAIT_SECONDS:.0f} seconds. Try again when it is done."
            )
        try:
            with self._tables.writing():
                # Of a file nobody but this process writes, so once is enough.
                if not self._cleared or self.address.file is None:
                    clear(self._tables, self._newest())
                    self._cleared = True
                yield
        finally:
            self._mutex.release()

    @contextmanager
    def _transaction(self) -> Iterator[MilvusStore]:
        with self._writing():
            transaction = Transaction(self._tables, self._newest())
            store = MilvusStore(transaction)
            try:
                yield store
                store.settle()
                self._head = transaction.commit()
            except BaseException:
                self._cleared = False
                # Who was taken for dead must not touch what another one is writing.
                if self._tables.may_write():
                    clear(self._tables, self._newest())
                raise

    def _purge(self) -> None:
        """Delete rows that ended before the oldest revision that may still be read."""
        head = self._newest()
        oldest = head.revision if self.address.file is not None else self._kept(head)
        with self._counting:
            oldest = min([oldest, *self._held])
        if oldest <= head.purged:
            return
        transaction = Transaction(self._tables, head)
        self._counts.merge(transaction)
        transaction.say(purged=oldest)
        self._head = transaction.commit()
        for table in TABLES:
            self._tables.delete(table, f"until <= {oldest} and until < {LIVE}")
        self._tables.delete(RECORDS, f'kind == "head" and since < {oldest}')

    def _kept(self, head: Head) -> int:
        """The oldest revision that views of other processes may read."""
        heads = self._tables.rows(RECORDS, 'kind == "head"', ["data", "since"])
        limit = time.time() - KEEP_SECONDS
        old = [row["since"] for row in heads if unpacked(row["data"])["made"] <= limit]
        return max(old, default=head.purged)


class MilvusView(IndexView):
    """One generation of a :class:`MilvusIndex`. Usable from any thread.

    Args:
        index: the index.
        snapshot: the revision.
    """

    def __init__(self, index: MilvusIndex, snapshot: MilvusSnapshot) -> None:
        self._index = index
        self.snapshot = snapshot
        self._documents: dict[str, Document] = {}
        self._open = True

    def search(self, query: str, k: int, within: Within | None = None) -> list[Hit]:
        """The ``k`` best passages, dense and lexical hits fused by rank, best first."""
        owners = None
        if within is not None and not within.everything:
            owners = self.snapshot.owners_within(within)
        if k <= 0 or (owners is not None and not owners):
            return []
        searched = self._index.searched(self.snapshot, owners)
        found = hits(searched, query, self._index.embedder, k)
        self._index.check(self.snapshot.head)
        return found

    def document(self, document_id: str) -> Document:
        """The whole document; KeyError where this generation has no such document."""
        if document_id not in self._documents:
            self._documents[document_id] = self.snapshot.document(document_id)
            self._index.check(self.snapshot.head)
        return self._documents[document_id]

    def also(self, document_id: str) -> tuple[str, ...]:
        """Sources of the other files that hold this document or a copy of its article, sorted."""
        return self.snapshot.also(document_id)

    def stats(self) -> IndexStats:
        """Size and identity of this generation."""
        return self._index.stats_of(self.snapshot)

    def close(self) -> None:
        """Give the view back."""
        if self._open:
            self._open = False
            self._index.give_back(self.snapshot.head)


def _first(embedder: Embedder) -> Head:
    return Head(
        revision=1,
        generation=0,
        documents=0,
        passages=0,
        length=0,
        duplicates=0,
        purged=0,
        made=time.time(),
        average=AVERAGE,
        format=FORMAT,
        store=uuid.uuid4().hex,
        embedder=embedder.name,
        dimensions=embedder.dimensions,
        acronyms=glossary.RULES,
        copies=duplicates.RULES,
        words=words.VERSION,
    )


def _check(address: Address, head: Head, embedder: Embedder) -> None:
    """Refuse an index that was made as another version, or with another embedder, makes them."""
    if head.embedder != embedder.name:
        raise IndexProblem(
            f"The index {address.shown} was made with the embedder {head.embedder} and cannot be "
            f"used with {embedder.name}. Choose {head.embedder}, or index the papers under another "
            "name."
        )
    rules = (FORMAT, glossary.RULES, duplicates.RULES, words.VERSION)
    if (head.format, head.acronyms, head.copies, head.words) != rules:
        raise IndexProblem(
            f"The index {address.shown} was made by another version of Pincite. Copy it under "
            "another name with 'pincite copy' of the version that made it, or index the papers "
            "anew."
        )
