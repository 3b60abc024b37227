"""How often the passage with the answer is found, with vectors of different kinds.

Papers and questions come from a SQuAD-format file of whole papers (COVID-QA); a passage is right if
it overlaps a gold answer.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from corpus.document import Document
from corpus.load import load_bytes
from corpus.passages import passages
from index.base import Hit, Vectors
from index.embed import Embedder
from index.local import LocalIndex
from index.words import search_text

CUTS = (1, 5, 10, 20)
_DEPTH = 100


@dataclass(frozen=True, slots=True)
class AskedPaper:
    """A paper and its questions, each with the places of its answers in the text."""

    document: Document
    questions: tuple[tuple[str, tuple[tuple[int, int], ...]], ...]


def read_papers(path: Path) -> Iterator[AskedPaper]:
    """The papers of a SQuAD-format file, one a paragraph."""
    for article in json.loads(path.read_text("utf-8"))["data"]:
        for number, paragraph in enumerate(article["paragraphs"]):
            text = paragraph["context"]
            name = f"{paragraph.get('document_id', number)}.txt"
            yield AskedPaper(
                load_bytes(text.encode(), name),
                tuple((asked["question"], _places(asked)) for asked in paragraph["qas"]),
            )


def _places(asked: dict[str, list[dict[str, str]]]) -> tuple[tuple[int, int], ...]:
    return tuple(
        (int(answer["answer_start"]), int(answer["answer_start"]) + len(answer["text"].rstrip()))
        for answer in asked["answers"]
    )


class Mixed(Embedder):
    """One embedder's passages with another one's questions."""

    def __init__(self, passages: Embedder, questions: Embedder) -> None:
        self._passages = passages
        self._questions = questions

    @property
    def name(self) -> str:
        """Names of both."""
        return f"{self._passages.name}, questions {self._questions.name}"

    @property
    def dimensions(self) -> int:
        """Length of a vector."""
        return self._passages.dimensions

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """The first one's vectors."""
        return self._passages.embed_passages(texts)

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """The second one's vectors of passages, which is how it sees a question too."""
        return self._questions.embed_passages(texts)


def recall(papers: Sequence[AskedPaper], embedder: Embedder) -> dict[str, list[float]]:
    """recall@n of the dense list and of the fused one, for each of :data:`CUTS`.

    All questions are asked of all papers.
    """
    found: dict[str, list[list[bool]]] = {"dense": [], "fused": []}
    with tempfile.TemporaryDirectory() as folder, LocalIndex(Path(folder), embedder) as index:
        for paper in papers:
            cut = passages(paper.document)
            vectors = embedder.embed_passages([search_text(paper.document.info, p) for p in cut])
            source, id = paper.document.info.source, paper.document.id
            index.add(paper.document, cut, vectors, path=f"/{source}", sha256=id)
        index.sync()
        with index.view() as view:
            for paper in papers:
                for question, places in paper.questions:
                    hits = view.search(question, _DEPTH)
                    near = [hit for hit in hits if hit.dense_rank is not None]
                    near.sort(key=lambda hit: hit.dense_rank or 0)
                    for name, ranked in (("dense", near), ("fused", hits)):
                        right = [_holds(paper.document, hit, places) for hit in ranked]
                        found[name].append([any(right[:n]) for n in CUTS])
    return {name: np.mean(rows, axis=0).tolist() for name, rows in found.items()}


def _holds(own: Document, hit: Hit, places: Sequence[tuple[int, int]]) -> bool:
    if hit.passage.document_id != own.id:
        return False
    return any(
        low < end and start < high
        for low, high in own.source_spans(hit.passage.start, hit.passage.end)
        for start, end in places
    )
