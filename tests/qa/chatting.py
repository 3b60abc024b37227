"""A librarian with an index, as the web chat asks for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Self, cast

from corpus.document import Document
from index.base import IndexStats, PassageIndex, SourceRecord
from index.embed import Embedder
from qa.reader import Reader
from tests.qa.librarian import Librarian


class Shelf:
    """The part of an index that showing sources needs."""

    def __init__(self, documents: dict[str, Document]) -> None:
        self.documents = documents

    def view(self) -> Self:
        """Give itself: nothing changes here."""
        return self

    def document(self, document_id: str) -> Document:
        """Give a document, or raise KeyError."""
        return self.documents[document_id]

    def sources(self) -> list[SourceRecord]:
        """List the files, as they are now."""
        return [
            SourceRecord(str(Path(info.source).resolve()), info.source, "indexed", "", info)
            for info in (document.info for document in self.documents.values())
        ]

    def stats(self) -> IndexStats:
        """Count."""
        return IndexStats(len(self.documents), 7, 0, 1, "f", "none")

    def __enter__(self) -> Self:
        """Open nothing."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close nothing."""


class Desk(Librarian):
    """A librarian who can be asked in the web chat."""

    def __init__(self, documents: Sequence[Document]) -> None:
        super().__init__(documents)
        self.shelf = Shelf(self.documents)

    @property
    def index(self) -> PassageIndex:
        """The shelf, as far as it goes."""
        return cast(PassageIndex, self.shelf)

    @property
    def embedder(self) -> Embedder:
        """There is none."""
        raise NotImplementedError

    @property
    def reader(self) -> Reader:
        """There is none."""
        raise NotImplementedError
