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
from qa.readers.overlap_features import (
    Features,
    most_promising,
    overlap,
    rare_words,
    read_as,
    with_cosines,
)
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
        answerable: whether the pool holds the answer.
        weight: what it counts for; answerable and unanswerable askings weigh the same in all.
    """

    group: int
    question: str
    hits: tuple[Hit, ...]
    found: Features
    gold: Flags
    gold_passages: Flags
    answerable: bool
    weight: float


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
    """Ask every question three times: of all papers, of all but its own, and about something else.

    The third asking is a near miss: the question's rarest word is exchanged for that of a question
    on another paper, so that much of it is found and the thing it asks about is not.
    """
    asked = [(group, q) for group, paper in enumerate(papers) for q in paper.questions]
    for number, (group, question) in enumerate(asked):
        own = documents[papers[group].source]
        hits = view.search(question.question, 3 * candidates)
        others = [h for h in hits if h.passage.document_id != own.id][:candidates]
        yield _example(group, question, own, question.question, hits[:candidates], True)
        yield _example(group, question, own, question.question, others, False)
        foreign = next(q for g, q in asked[number:] + asked[:number] if g != group)
        missed = near_miss(question.question, foreign.question)
        if missed is not None:
            hits = view.search(missed, candidates)
            yield _example(group, question, own, missed, hits, False)


def near_miss(question: str, foreign: str) -> str | None:
    """The question with its rarest word exchanged for the foreign one's; None without such."""
    mine, theirs = rare_words(question)[:1], rare_words(foreign)[:1]
    if not mine or not theirs or mine[0].lower() == theirs[0].lower():
        return None
    return question.replace(mine[0], theirs[0])


def _example(
    group: int,
    question: PaperQuestion,
    own: Document,
    words: str,
    hits: Sequence[Hit],
    answerable: bool,
) -> Example:
    found = overlap(words, hits)
    return Example(
        group=group,
        question=words,
        hits=tuple(hits),
        found=found,
        gold=np.array(
            [answerable and _holds(own, hits[at.hit], at.span, question) for at in found.sentences],
            dtype=bool,
        ),
        gold_passages=np.array(
            [answerable and passage_holds(own, hit, question) for hit in hits], dtype=bool
        ),
        answerable=answerable,
        weight=1.0 if answerable else 0.5,
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


def passage_holds(own: Document, hit: Hit, question: PaperQuestion) -> bool:
    """Whether a passage overlaps a gold answer of a question on the paper ``own``."""
    return _holds(own, hit, Span(hit.passage.start, hit.passage.end), question)


def _holds(own: Document, hit: Hit, span: Span, question: PaperQuestion) -> bool:
    if hit.passage.document_id != own.id:
        return False
    return any(
        low < end and start < high
        for low, high in own.source_spans(*span)
        for start, end in question.spans
    )
