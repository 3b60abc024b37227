"""A librarian with an index, as the web chat asks for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from corpus.document import Document
from index.base import PassageIndex
from index.embed import Embedder
from qa.reader import Reader
from tests.qa.librarian import Librarian, Shelf

__all__ = ["Desk", "Shelf"]


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
