"""Askings to fit the first reader on: features of candidates, and which of them hold the gold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from corpus.document import Document, Span
from corpus.load import load_bytes
from corpus.passages import passages
from index.base import Hit, IndexView, PassageIndex, Vectors
from index.embed import Embedder
from index.words import search_text
from qa.overlap_features import Features, most_promising, overlap, read_as, with_cosines
from qa.training.squad import Paper, PaperQuestion

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Example:
    """One asking.

    Attributes:
        group: number of the paper; papers never straddle a fold.
        question: what is asked.
        hits: the candidates.
        found: features of the candidates' sentences.
        gold: of shape (sentences,): which overlap a gold answer.
        gold_passages: of shape (passages,): which overlap a gold answer.
        answerable: whether the paper that answers was in the pool.
    """

    group: int
    question: str
    hits: tuple[Hit, ...]
    found: Features
    gold: Flags
    gold_passages: Flags
    answerable: bool


class CachedEmbedder(Embedder):
    """Keeps vectors of texts: the same sentence is a candidate of many questions."""

    def __init__(self, inner: Embedder) -> None:
        self._inner = inner
        self._known: dict[str, Vectors] = {}
        self._questions: dict[str, Vectors] = {}

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
        new = [t for t in texts if t not in self._questions]
        if new:
            self._questions.update(zip(new, self._inner.embed_queries(new), strict=True))
        return np.stack([self._questions[t] for t in texts])


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
                found = overlap(question.question, pool)
                yield Example(
                    group=group,
                    question=question.question,
                    hits=tuple(pool),
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


def narrowed(
    examples: Sequence[Example], weights: Sequence[float], embedder: Embedder
) -> list[Example]:
    """Keep each asking's most promising sentences and fill in their cosines, as the reader does."""
    kept = [most_promising(e.found, weights) for e in examples]
    # All at once, sorted by length: many times faster than question by question.
    embedder.embed_passages(
        [
            read_as(example.hits[at.hit].passage, at.span)
            for example, found in zip(examples, kept, strict=True)
            for at in found.sentences
        ]
    )
    out: list[Example] = []
    for example, found in zip(examples, kept, strict=True):
        place = {at: i for i, at in enumerate(example.found.sentences)}
        out.append(
            replace(
                example,
                found=with_cosines(found, example.question, example.hits, embedder),
                gold=example.gold[[place[at] for at in found.sentences]],
            )
        )
    return out


def _holds(own: Document, hit: Hit, span: Span, question: PaperQuestion) -> bool:
    if hit.passage.document_id != own.id:
        return False
    return any(
        low < end and start < high
        for low, high in own.source_spans(*span)
        for start, end in question.spans
    )
