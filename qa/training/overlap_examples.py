"""Askings to fit the first reader on: features of candidates, and which of them hold the gold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from corpus.document import Document, Span
from corpus.load import load_bytes
from corpus.passages import passages
from index.base import Hit, IndexView, PassageIndex, Vectors
from index.embed import Embedder
from index.words import search_text
from qa.overlap_features import Features, features
from qa.training.squad import Paper, PaperQuestion

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Example:
    """One asking.

    Attributes:
        group: number of the paper; papers never straddle a fold.
        found: features of the candidates' sentences.
        gold: of shape (sentences,): which overlap a gold answer.
        gold_passages: of shape (passages,): which overlap a gold answer.
        answerable: whether the paper that answers was in the pool.
    """

    group: int
    found: Features
    gold: Flags
    gold_passages: Flags
    answerable: bool


class CachedEmbedder(Embedder):
    """Keeps vectors of texts: the same sentence is a candidate of many questions."""

    def __init__(self, inner: Embedder) -> None:
        self._inner = inner
        self._known: dict[str, Vectors] = {}

    @property
    def name(self) -> str:
        """Name of the inner model."""
        return self._inner.name

    @property
    def dimensions(self) -> int:
        """Length of a vector."""
        return self._inner.dimensions

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Vectors of shape (len(texts), dimensions)."""
        new = sorted({t for t in texts if t not in self._known}, key=len)
        if new:
            self._known.update(zip(new, self._inner.embed_passages(new), strict=True))
        return np.stack([self._known[t] for t in texts])

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Vectors of shape (len(texts), dimensions)."""
        return self._inner.embed_queries(texts)


def fill(index: PassageIndex, papers: Sequence[Paper], embedder: Embedder) -> dict[str, Document]:
    """Index the papers' texts; give their documents by source."""
    documents: dict[str, Document] = {}
    for paper in papers:
        document = load_bytes(paper.text.encode(), paper.source)
        cut = passages(document)
        vectors = embedder.embed_passages([search_text(document.info, p) for p in cut])
        index.add(document, cut, vectors, path=f"/{paper.source}", sha256=document.id)
        documents[paper.source] = document
    index.sync()
    return documents


def examples_of(
    view: IndexView,
    embedder: Embedder,
    papers: Sequence[Paper],
    documents: Mapping[str, Document],
    candidates: int,
) -> Iterator[Example]:
    """Ask every question twice: of all papers, and of all but its own."""
    for group, paper in enumerate(papers):
        own = documents[paper.source]
        for question in paper.questions:
            hits = view.search(question.question, 3 * candidates)
            others = [h for h in hits if h.passage.document_id != own.id][:candidates]
            for answerable, pool in ((True, hits[:candidates]), (False, others)):
                found = features(question.question, pool, embedder)
                yield Example(
                    group=group,
                    found=found,
                    gold=np.array(
                        [_holds(own, pool[at.hit], at.span, question) for at in found.sentences]
                    ),
                    gold_passages=np.array(
                        [
                            _holds(own, h, Span(h.passage.start, h.passage.end), question)
                            for h in pool
                        ]
                    ),
                    answerable=answerable,
                )


def _holds(own: Document, hit: Hit, span: Span, question: PaperQuestion) -> bool:
    if hit.passage.document_id != own.id:
        return False
    return any(
        low < end and start < high
        for low, high in own.source_spans(*span)
        for start, end in question.spans
    )
