"""The constants by which an index of many millions of passages is sized, and measuring them."""

from __future__ import annotations

import os
import platform
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import faiss
import numpy as np

from corpus.load import SUPPORTED, LoadError, load
from corpus.passages import passages
from index import sketch
from index.dense import DenseIndex
from index.embed import load_embedder
from index.find import find_files
from index.glossary import introduced
from index.kinds import packaged_kind
from index.lexical import LexicalIndex
from index.milvus_snapshot import pack_passages
from index.milvus_state import packed, pieces
from index.milvus_words import AVERAGE, weights
from index.pack import pack_document, passage_to_json
from index.packaged import PackagedEmbedder
from index.terms import asked, terms
from index.words import search_text

MILLION = 1_000_000
GIB = 1 << 30
SEED = 7


@dataclass(frozen=True, slots=True)
class Constants:
    """What is measured, and what is assumed. All sizes are bytes, all times seconds.

    Attributes:
        machine: where it was measured.
        documents, passages: of the papers that were measured.
        dimensions: length of a vector.
        terms: distinct terms of a passage, the numbers in its sparse vector.
        body: a passage as it is stored beside its vectors.
        kept: a passage's share of the whole documents, their passages and vectors that are kept.
        records: rows that a document has in the records: itself, acronyms, copies, its file.
        row: one of these rows.
        words: distinct terms of the papers.
        asked: of all passages, the share of those that hold a term of the question, summed over
            its terms: entries of posting lists that one question touches for each passage.
        embed: passages a second that one CPU core embeds.
        dense: comparing a question with a million vectors, exactly, on one core.
        graph: the same by HNSW (32 links, 64 looked at) in an index of ``graph_of`` vectors.
        lexical: finding the candidates for BM25 among a million passages, on one core.
        memory: assumed: memory of one query node.
        used: assumed: share of it that data may take.
        shard: assumed: passages that one shard should hold.
        segment: assumed: vectors in one sealed segment, each of which has a graph of its own.
        cores: assumed: cores of one query node.
        rate: assumed: passages a second that one GPU embeds.
    """

    machine: str
    documents: int
    passages: int
    dimensions: int
    terms: float
    body: float
    kept: float
    records: float
    row: float
    words: int
    asked: float
    embed: float
    dense: float
    graph: float
    graph_of: int
    lexical: float
    memory: float = 64.0 * GIB
    used: float = 0.7
    shard: int = 50 * MILLION
    segment: int = 700_000
    cores: int = 16
    rate: float = 2000.0


def measured(folder: Path, vectors: int) -> Constants:
    """Measure on a folder of papers, and on random vectors.

    Args:
        folder: the papers.
        vectors: how many vectors are searched.
    """
    found = _papers(folder)
    texts = found.texts
    held = [terms(text) for text in texts]
    counts = Counter(term for one in held for term in set(one))
    chosen = np.random.default_rng(SEED).permutation(len(texts))
    questions = [" ".join(texts[n].split()[5:17]) for n in chosen[:100]]
    touched = [sum(counts[term] for term in asked(one)) for one in questions]
    dense, graph = _searching(vectors, found.dimensions)
    return Constants(
        machine=f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}",
        documents=found.documents,
        passages=len(texts),
        dimensions=found.dimensions,
        terms=sum(len(weights(one, AVERAGE)) for one in held) / len(held),
        body=found.body / len(texts),
        kept=found.kept / len(texts),
        records=found.records / found.documents,
        row=found.row / found.records,
        words=len(counts),
        asked=sum(touched) / len(touched) / len(texts),
        embed=_embedding([texts[n] for n in chosen[:128]]),
        dense=dense,
        graph=graph,
        graph_of=vectors,
        lexical=_wording(texts, questions),
    )


@dataclass(slots=True)
class _Papers:
    """What papers come to in Milvus: their passages' texts, and bytes of what is kept."""

    texts: list[str]
    dimensions: int
    documents: int = 0
    body: int = 0
    kept: int = 0
    records: int = 0
    row: int = 0


def _papers(folder: Path) -> _Papers:
    dimensions = load_embedder().dimensions
    out = _Papers([], dimensions)
    for file in find_files([folder], SUPPORTED).files:
        try:
            document = load(file.path)
        except LoadError:
            continue
        cut = passages(document)
        out.documents += 1
        out.texts += [search_text(document.info, one) for one in cut]
        out.body += sum(len(packed(passage_to_json(one))) for one in cut)
        # A vector's numbers do not matter to its size, but do not compress.
        some = np.random.default_rng(SEED).standard_normal((len(cut), dimensions))
        made = sketch.of(document)
        kept = [pack_document(document), pack_passages(cut, some.astype(np.float32))]
        kept.append(made.shingles.tobytes() + made.numbers.tobytes())
        out.kept += sum(len(piece) for data in kept for piece in pieces(data))
        acronyms = list(introduced(document))
        # Beside the acronyms: the document, its file, what copies are found by, its words.
        out.records += len(acronyms) + 4
        words = {term for one in cut for term in terms(search_text(document.info, one))}
        out.row += sum(2 * len(found.long) + 100 for found in acronyms)
        out.row += 8 * len(words) + 2_000 + 100 * (len(acronyms) + 4)
    return out


def _embedding(texts: list[str]) -> float:
    """Passages that one core embeds in a second."""
    embedder = PackagedEmbedder(packaged_kind(), threads=1)
    embedder.embed_passages(texts[:8])
    return len(texts) / _took(lambda: embedder.embed_passages(texts), 3)


def _searching(count: int, dimensions: int) -> tuple[float, float]:
    """Time of a question among a million vectors exactly, and by HNSW among these."""
    dice = np.random.default_rng(SEED)
    # In groups, as texts lie; without them a graph has nothing to go by.
    centres = dice.standard_normal((max(1, count // 100), dimensions), dtype=np.float32)
    flat = centres[dice.integers(len(centres), size=count)]
    flat += 0.5 * dice.standard_normal((count, dimensions), dtype=np.float32)
    flat /= np.linalg.norm(flat, axis=1, keepdims=True)
    faiss.omp_set_num_threads(1)
    exact = DenseIndex.of([(np.arange(count), flat)])
    questions = iter(flat[dice.integers(count, size=1000)])
    dense = _took(lambda: exact.candidates(next(questions), 60), 20) * MILLION / count
    graph = faiss.IndexHNSWFlat(dimensions, 32, faiss.METRIC_INNER_PRODUCT)
    graph.hnsw.efConstruction, graph.hnsw.efSearch = 80, 64
    faiss.omp_set_num_threads(os.cpu_count() or 1)
    graph.add(flat)
    faiss.omp_set_num_threads(1)
    return dense, _took(lambda: graph.search(next(questions)[None], 60), 200)


def _wording(texts: list[str], questions: list[str]) -> float:
    """Time of finding BM25's candidates among a million passages: these, over and over."""
    times = max(1, 50_000 // len(texts))
    many = ((row, text) for row, text in enumerate(t for _ in range(times) for t in texts))
    with tempfile.TemporaryDirectory() as folder:
        index = LexicalIndex.write(Path(folder) / "words", many)
        waiting: Iterator[str] = iter(questions)
        took = _took(
            lambda: index.promising([index.scorer(next(waiting))], 100), min(50, len(questions))
        )
        return took * MILLION / len(index)


def _took(act: Callable[[], object], times: int) -> float:
    """The median time of an act, in seconds."""
    out = []
    for _ in range(times):
        begun = time.perf_counter()
        act()
        out.append(time.perf_counter() - begun)
    return median(out)
