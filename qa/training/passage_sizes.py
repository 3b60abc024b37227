"""How long a passage should be, and how its two rankings are fused: measured on COVID-QA.

    python -m qa.training.passage_sizes ../shared/bench/covidqa/train.json

The papers of the file are cut in several ways; for each, every question is asked of the dense list,
of BM25, and of both fused with several weights. Short passages hold less text, so recall@n alone
favours long ones: recall is also given at an equal budget of characters, which is what a reader's
time goes by. A relevant passage is one that overlaps a gold answer.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from corpus.document import Document, DocumentInfo, Passage, Span
from corpus.load import load_bytes
from corpus.passages import PassageSize, passages
from index.base import Vectors
from index.embed import Embedder, load_embedder
from index.fuse import best, reciprocal_rank_fusion
from index.lexical import LexicalIndex
from index.worded import covering
from index.words import search_text
from qa.training.squad import Paper, PaperQuestion, read_squad

SIZES = (
    PassageSize(300, 400),
    PassageSize(400, 600),
    PassageSize(600, 900),
    PassageSize(600, 1000),
)
CUTS = (1, 5, 10, 20)
BUDGET = 16_000
"""Characters of passages that are read for a question; 20 passages of 800."""
DEPTH = 100
"""Passages of each list that are fused."""
HEADER = (
    "| characters | title, section | list | passages | "
    + " | ".join(f"recall@{n}" for n in CUTS)
    + f" | in {BUDGET:,} characters |"
)
RULE = "|---|---|---|---:|" + "---:|" * (len(CUTS) + 1)

TextOf = Callable[[DocumentInfo, Passage], str]


@dataclass(frozen=True, slots=True)
class Fusion:
    """How the dense and the lexical list become one; a weight of 0 leaves a list out."""

    dense: float
    lexical: float
    k: int

    @property
    def name(self) -> str:
        """What it is called in the table."""
        if not self.dense:
            return "BM25 alone"
        if not self.lexical:
            return "dense alone"
        return f"{self.dense:g} : {self.lexical:g}, k = {self.k}"


FUSIONS = (
    Fusion(1, 0, 10),
    Fusion(0, 1, 10),
    *(Fusion(dense, 1, k) for k in (10, 60) for dense in (0.25, 0.5, 1)),
)


@dataclass(frozen=True, slots=True)
class Cut:
    """A collection cut into passages one way.

    Attributes:
        passages: all passages of all papers.
        sources: of each passage, its places in the source file.
        vectors: of shape (passages, dimensions).
        lexical: BM25 over the same texts; rows count the passages.
        texts: what was embedded and searched.
    """

    passages: tuple[Passage, ...]
    sources: tuple[tuple[Span, ...], ...]
    vectors: Vectors
    lexical: LexicalIndex
    texts: tuple[str, ...]

    def dense_list(self, vector: Vectors) -> list[int]:
        """The rows nearest to a question's vector, best first."""
        cosines = self.vectors @ vector
        return [int(row) for row in np.argsort(-cosines, kind="stable")[:DEPTH]]

    def lexical_list(self, question: str) -> list[int]:
        """The rows with the highest BM25, best first."""
        scorer = self.lexical.scorer(question)
        (scores,) = covering(
            lambda limit: self.lexical.promising([scorer], limit),
            lambda rows: [{row: scorer.score(self.texts[row]) for row in rows}],
            DEPTH,
        )
        return best(scores, self._ties(scores), DEPTH)

    def fused(self, lists: Sequence[Sequence[int]], fusion: Fusion) -> list[int]:
        """Both lists as one, best first."""
        weights = (fusion.dense, fusion.lexical)
        used = [(rows, weight) for rows, weight in zip(lists, weights, strict=True) if weight]
        scores = reciprocal_rank_fusion(
            [rows for rows, _ in used], [weight for _, weight in used], fusion.k
        )
        return best(scores, self._ties(scores), len(scores))

    def holds(self, row: int, document_id: str, question: PaperQuestion) -> bool:
        """Whether a passage overlaps a gold answer of a question on a document."""
        return self.passages[row].document_id == document_id and any(
            low < end and start < high
            for low, high in self.sources[row]
            for start, end in question.spans
        )

    def recalls(self, rows: Sequence[int], relevant: Sequence[bool]) -> list[float]:
        """1.0 where a relevant passage is within each of ``CUTS``, and last within ``BUDGET``."""
        lengths = np.cumsum([len(self.passages[row].text) for row in rows])
        within = int((lengths <= BUDGET).sum())
        return [float(any(relevant[:n])) for n in (*CUTS, within)]

    def _ties(self, rows: dict[int, float]) -> dict[int, tuple[str, int, int]]:
        found = ((row, self.passages[row]) for row in rows)
        return {row: (p.document_id, p.start, p.end) for row, p in found}


def plain_text(_: DocumentInfo, passage: Passage) -> str:
    """What a passage would be found by without its document's title and its section."""
    parts = (passage.context, passage.header_text, passage.text)
    return "\n".join(part for part in parts if part)


TEXTS: dict[str, TextOf] = {"with": search_text, "without": plain_text}


def cut_up(
    documents: Sequence[Document],
    size: PassageSize,
    text_of: TextOf,
    embedder: Embedder,
    folder: Path,
) -> Cut:
    """Cut, embed and index documents.

    Args:
        documents: the collection.
        size: of the passages.
        text_of: what a passage is found by.
        embedder: makes the vectors.
        folder: where the lexical index goes; must not exist.
    """
    pairs = [(document, p) for document in documents for p in passages(document, size)]
    texts = tuple(text_of(document.info, p) for document, p in pairs)
    return Cut(
        passages=tuple(p for _, p in pairs),
        sources=tuple(tuple(document.source_spans(p.start, p.end)) for document, p in pairs),
        vectors=embedder.embed_passages(texts),
        lexical=LexicalIndex.write(folder, enumerate(texts)),
        texts=texts,
    )


def table_rows(
    papers: Sequence[Paper],
    embedder: Embedder,
    sizes: Sequence[PassageSize] = SIZES,
    texts: Sequence[str] = tuple(TEXTS),
) -> Iterator[str]:
    """Measure each text, size and fusion; give the lines of a Markdown table as they come.

    Args:
        papers: the collection and its questions.
        embedder: makes the vectors.
        sizes: passage sizes to try.
        texts: keys of ``TEXTS`` to try.
    """
    yield HEADER
    yield RULE
    documents = [load_bytes(paper.text.encode(), paper.source) for paper in papers]
    asked = [
        (document.id, question)
        for paper, document in zip(papers, documents, strict=True)
        for question in paper.questions
    ]
    vectors = embedder.embed_queries([question.question for _, question in asked])
    for kind in texts:
        for size in sizes:
            with tempfile.TemporaryDirectory() as folder:
                cut = cut_up(documents, size, TEXTS[kind], embedder, Path(folder) / "words")
                found = _measured(cut, asked, vectors)
            for fusion, shares in found:
                cells = " | ".join(f"{share:.3f}" for share in shares)
                name = f"{size.least} to {size.most}"
                yield f"| {name} | {kind} | {fusion.name} | {len(cut.passages)} | {cells} |"


def _measured(
    cut: Cut, asked: Sequence[tuple[str, PaperQuestion]], vectors: Vectors
) -> list[tuple[Fusion, list[float]]]:
    """Mean recalls over the questions, for each fusion."""
    found: dict[Fusion, list[list[float]]] = {fusion: [] for fusion in FUSIONS}
    for (document_id, question), vector in zip(asked, vectors, strict=True):
        lists = cut.dense_list(vector), cut.lexical_list(question.question)
        for fusion, rows in found.items():
            order = cut.fused(lists, fusion)
            rows.append(cut.recalls(order, [cut.holds(r, document_id, question) for r in order]))
    return [(fusion, [float(m) for m in np.mean(rows, axis=0)]) for fusion, rows in found.items()]


def main(
    asked: Annotated[
        Path, typer.Argument(help="COVID-QA file (SQuAD format); use the train part.")
    ],
    text: Annotated[
        list[str] | None, typer.Option(help="Only this search text: with or without (title).")
    ] = None,
) -> None:
    """Print recall of every passage size, search text and fusion as a Markdown table."""
    logging.basicConfig(level=logging.WARNING)
    for line in table_rows(read_squad(asked), load_embedder(), texts=text or tuple(TEXTS)):
        typer.echo(line)


if __name__ == "__main__":
    typer.run(main)
