"""An index seen through a bench: searches remembered and timed, documents taken out of sight.

The readers of a comparison must judge the same hits, and a question that only its own paper answers
becomes unanswerable without that paper. Both are wrappers around a view, so the assistant that is
measured is the one that people use.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from corpus.document import Document
from index.base import Hit, IndexStats, IndexView, Within
from index.embed import Embedder
from index.local import LocalIndex
from qa.reader import Judgement, Reader


@dataclass(slots=True)
class Bench:
    """What a bench does to the searches of an index, and what it sees of them.

    Attributes:
        hidden: ids of the documents that no search brings.
        remember: whether equal searches are made once.
        retrieving: seconds spent in searches since the last ``reset``.
        reading: seconds spent in readers since then.
    """

    hidden: frozenset[str] = frozenset()
    remember: bool = False
    retrieving: float = 0.0
    reading: float = 0.0
    known: dict[tuple[str, int, Within | None], list[Hit]] = field(default_factory=dict)

    def reset(self) -> None:
        """Set the clocks to zero."""
        self.retrieving = self.reading = 0.0

    def forget(self) -> None:
        """Drop the remembered searches."""
        self.known.clear()


class BenchIndex(LocalIndex):
    """A local index whose views are seen through a bench.

    Args:
        directory: folder of the index.
        embedder: what it was embedded with.
        bench: may be changed between questions.
    """

    def __init__(self, directory: Path, embedder: Embedder, bench: Bench) -> None:
        super().__init__(directory, embedder)
        self.bench = bench

    def view(self) -> IndexView:
        """The newest generation, seen through the bench."""
        return BenchView(super().view(), self.bench)


class BenchView(IndexView):
    """A view without the bench's hidden documents.

    Args:
        inner: the whole view; closed with this one.
        bench: see there.
    """

    def __init__(self, inner: IndexView, bench: Bench) -> None:
        self._inner = inner
        self._bench = bench

    def search(self, query: str, k: int, within: Within | None = None) -> list[Hit]:
        """The ``k`` best passages of the documents in sight.

        Where documents are hidden, 3 ``k`` candidates are asked for, so fewer than ``k`` can come.
        """
        bench = self._bench
        wanted = 3 * k if bench.hidden else k
        known = bench.known.get((query, wanted, within))
        if known is None:
            began = time.perf_counter()
            known = self._inner.search(query, wanted, within)
            bench.retrieving += time.perf_counter() - began
            if bench.remember:
                bench.known[query, wanted, within] = known
        return [hit for hit in known if hit.passage.document_id not in bench.hidden][:k]

    def document(self, document_id: str) -> Document:
        """The whole document, hidden or not."""
        return self._inner.document(document_id)

    def stats(self) -> IndexStats:
        """Of the whole view."""
        return self._inner.stats()

    def close(self) -> None:
        """Close the whole view."""
        self._inner.close()


class TimedReader(Reader):
    """A reader whose seconds are added to a bench.

    Args:
        inner: the reader.
        bench: where its seconds go.
    """

    def __init__(self, inner: Reader, bench: Bench) -> None:
        self._inner = inner
        self._bench = bench

    @property
    def name(self) -> str:
        """The inner reader's."""
        return self._inner.name

    @property
    def default_risk(self) -> float:
        """The inner reader's."""
        return self._inner.default_risk

    def read(self, question: str, hits: Sequence[Hit], least: float = 0.0) -> Judgement:
        """The inner reader's judgement, timed."""
        began = time.perf_counter()
        judgement = self._inner.read(question, hits, least)
        self._bench.reading += time.perf_counter() - began
        return judgement

    def threshold(self, risk: float) -> float:
        """The inner reader's."""
        return self._inner.threshold(risk)
