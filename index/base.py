"""The contract of a passage store. Every back end keeps it and passes the same tests."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from types import TracebackType
from typing import Literal, Self
from urllib.parse import quote

import numpy as np
import numpy.typing as npt

from corpus.document import Document, DocumentInfo, Passage

Vectors = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that retrieval brought, with what is known of why.

    Attributes:
        passage: the passage.
        document: metadata of its document.
        score: the fused score (reciprocal rank fusion), higher is better.
        cosine: similarity to the question's vector, in [-1, 1].
        bm25: lexical score; 0.0 where no word of the question occurs.
        dense_rank, lexical_rank: 0-based ranks in the two lists; None where it is not in one.
        question: the question in the words of this passage's document, with what its acronyms mean
            there behind their first mention: "dose in HCC (hepatocellular carcinoma)"; empty where
            nothing was added.
        expansions: what was added: each form as asked, with the other form.
    """

    passage: Passage
    document: DocumentInfo
    score: float
    cosine: float
    bm25: float
    dense_rank: int | None
    lexical_rank: int | None
    question: str = ""
    expansions: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Within:
    """What a search is limited to.

    A document that another one answers for stands for that one: choosing either is choosing the
    article. Its year is that of the document that answers; where that has none, the earliest that
    one of its copies gives. A document without any year lies in no range of years.

    Attributes:
        documents: ids of the documents that may be found; None for all. Ids that the index does
            not know stand for nothing.
        years: the first and the last year, both included; None for an open end.
    """

    documents: frozenset[str] | None = None
    years: tuple[int | None, int | None] = (None, None)

    @property
    def everything(self) -> bool:
        """Whether nothing is left out."""
        return self.documents is None and self.years == (None, None)


def record_path(file: str, key: str, copy: int = 1) -> str:
    """The path under which an index knows a record of a file.

    A file has nothing below it, so no other file has this path.

    Args:
        file: the file's absolute path.
        key: names the record in its file.
        copy: 2 for the second record of this key, and so on.
    """
    name = quote(key, safe="")
    # "." and ".." are names of folders.
    name = name.replace(".", "%2E") if not name.strip(".") else name
    return f"{file}/{name}" + (f"?{copy}" if copy > 1 else "")


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """What the index knows of one source file, or of one record of a file that holds many.

    ``state`` is ``indexed`` or ``failed``; a failed file has a ``reason`` and may have a ``hint``,
    and is tried again at the next run. ``sha256`` is of the file's bytes (empty if unreadable).
    ``path`` is absolute; ``source`` is the path as the person gave it. Of a record ``path`` is its
    :func:`record_path` and ``sha256`` is of what was read; its file has a row without a document.
    ``same_as`` is the source that answers for it, where another one holds the same article.
    """

    path: str
    source: str
    state: Literal["indexed", "failed"]
    sha256: str = ""
    document: DocumentInfo | None = None
    passages: int = 0
    reason: str | None = None
    hint: str | None = None
    same_as: str | None = None


@dataclass(frozen=True, slots=True)
class IndexStats:
    """Size and identity of one generation of an index.

    ``documents`` counts all of them; ``duplicates`` are those among them that another one answers
    for, and ``passages`` those that are searched, without theirs.
    ``fingerprint`` depends on the documents and on how they were cut and embedded, never on the
    order or number of runs that brought them in; ``generation`` counts those changes.
    ``search`` says how vectors are searched, and why so, where the index chooses it by size.
    """

    documents: int
    passages: int
    failed: int
    generation: int
    fingerprint: str
    embedder: str
    duplicates: int = 0
    search: str = ""


class IndexProblem(Exception):
    """An index that cannot be opened or used as asked; the message is for the person."""


class Closing(ABC):
    """Something that is held for a block and then given back."""

    @abstractmethod
    def close(self) -> None:
        """Give it back."""

    def __enter__(self) -> Self:
        """Hold it for a block."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give it back."""
        self.close()


class IndexView(Closing):
    """One generation of an index, unchanging while it is held: what a question is asked of."""

    @abstractmethod
    def search(self, query: str, k: int, within: Within | None = None) -> list[Hit]:
        """The ``k`` best passages for ``query``, dense and lexical hits fused by rank, best first.

        Ties are broken by document id and offset, so equal collections give equal lists. Acronyms
        are also searched by their other form, in each document by its own meaning. Of copies of
        one article only the best is searched.

        Args:
            query: taken as plain words.
            k: how many passages at most.
            within: what may be found; None for everything. Each of the two lists holds the best
                of what may be found before they are fused, so ranks and fused scores are those
                among it. Cosine and BM25 are what they are without a limit.
        """

    @abstractmethod
    def document(self, document_id: str) -> Document:
        """The whole document.

        Raises:
            KeyError: no such document in this generation.
        """

    def also(self, document_id: str) -> tuple[str, ...]:
        """Sources of the other files that hold this document or a copy of its article, sorted."""
        return ()

    @abstractmethod
    def stats(self) -> IndexStats:
        """Size and identity of this generation."""

    @abstractmethod
    def close(self) -> None:
        """Give the view back."""


class PassageIndex(Closing):
    """A store of documents and their passages. One writer at a time; any number of views."""

    @abstractmethod
    def add(
        self,
        document: Document,
        passages: list[Passage],
        vectors: Vectors,
        *,
        path: str,
        sha256: str,
    ) -> None:
        """Store a document for the source file at absolute ``path``, in one transaction.

        What the path held before, records too, is replaced; a failure noted for it is forgotten.
        Two paths with the same bytes share one document.

        Args:
            document: the document to store.
            passages: its passages.
            vectors: float32 of shape (len(passages), dimensions), rows of unit length.
            path: absolute path of the source file, or the :func:`record_path` of a record.
            sha256: hex digest of its bytes; of a record, of what was read.
        """

    @abstractmethod
    def complete(self, *, path: str, source: str, sha256: str, records: Collection[str]) -> None:
        """Note that a file of many records was read to its end, in one transaction.

        A document that the path held itself is dropped, and so are records of the file that are
        not among ``records``.

        Args:
            path: absolute path of the file.
            source: the path as the person gave it.
            sha256: hex digest of its bytes.
            records: the paths of all its records, also of those that could not be read.
        """

    @abstractmethod
    def fail(self, *, path: str, source: str, sha256: str, reason: str, hint: str | None) -> None:
        """Note that a file could not be read. What it held before stays answerable."""

    @abstractmethod
    def remove(self, path: str) -> bool:
        """Drop the source file at absolute ``path`` and, with its last path, its document.

        With a file of many records all of them are dropped; with a record only that one, and its
        file is read again at the next run.

        Returns:
            False where the index does not know the path.
        """

    @abstractmethod
    def sources(self) -> list[SourceRecord]:
        """Every source file and record that the index knows, by path."""

    @abstractmethod
    def hashes(self) -> dict[str, str]:
        """The sha256 of every source, by path; empty where it has to be read again."""

    @abstractmethod
    def vectors(self, document: Document, passages: list[Passage]) -> Vectors | None:
        """The vectors of these passages, if the index holds the document cut and named like this.

        Saves embedding a record again that only moved in its file, or lies in two.
        """

    @abstractmethod
    def held(self, document_id: str) -> tuple[list[Passage], Vectors]:
        """The passages of a document, also of a duplicate, and their vectors, as they are stored.

        Raises:
            KeyError: no such document in the newest generation.
        """

    def gathering(self) -> AbstractContextManager[None]:
        """Say that many documents are being brought in, for a block.

        While it is held, a view need not show what was added since the last :meth:`sync`: whoever
        brings them in decides when the cost of making them findable is paid, and no question
        pays it.
        """
        return nullcontext()

    @abstractmethod
    def sync(self) -> None:
        """Bring the derived indexes up to the newest generation."""

    @abstractmethod
    def rebuild(self) -> None:
        """Make the derived indexes anew from the stored documents."""

    @abstractmethod
    def view(self) -> IndexView:
        """The newest generation, unchanging while it is held."""

    @abstractmethod
    def stats(self) -> IndexStats:
        """Size and identity of the newest generation."""

    @abstractmethod
    def close(self) -> None:
        """Release files and locks."""
