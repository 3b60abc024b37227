"""Kinds of dense index, compared on the vectors of a store.

    python -m index.measure.kinds STORES QUESTIONS -o OUT [--first 200000] [--kind Flat …]

STORES is what :mod:`index.measure.grown` made; the smallest that has so many passages is taken. For
each: how many of the ten nearest of the flat index it finds among its ten (recall@10), how long
a question takes (one thread, one question at a time), how large the index is, how long it takes to
make, and to add the passages of one more paper. QUESTIONS is one question a line, or Evidence
Inference's ``train.jsonl``. What is as near as the tenth counts as one of the ten, whichever of
several equals it is. OUT/kinds.jsonl gets one line a kind.
"""

from __future__ import annotations

import argparse
import json
import logging
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import faiss
import numpy as np
import numpy.typing as npt

from index.base import Vectors
from index.dense import DenseIndex
from index.embed import load_embedder
from index.schema import STORE_NAME
from index.segment import Kind
from index.snapshot import Snapshot

log = logging.getLogger(__name__)

NEAREST = 10
TIED = 1e-6
"""By how much scores may differ that are equal but for the order in which they were added up."""
PAPER = 50
"""Passages that are added as one more paper."""

TEMPLATE = "What was the effect of {Intervention} compared with {Comparator} on {Outcome}?"


class Figures(NamedTuple):
    """What was measured of a kind: sizes in bytes, times in seconds."""

    kind: str
    passages: int
    recall: float
    p50: float
    p95: float
    size: int
    build: float
    add: float


def questions(file: Path, count: int = 200) -> list[str]:
    """The first questions of a file, each once; those of Evidence Inference by one template."""
    found: dict[str, None] = {}
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            asked = line.strip()
            if asked.startswith("{"):
                record = {k[:1].upper() + k[1:]: v for k, v in json.loads(line).items()}
                asked = record.get("Question") or " ".join(TEMPLATE.format(**record).split())
            if asked:
                found[asked] = None
            if len(found) == count:
                break
    return list(found)


def vectors_of(stores: Path, first: int) -> Vectors:
    """The first so many vectors of the smallest store that has them."""
    sizes = sorted(int(one.name) for one in stores.iterdir() if one.name.isdigit())
    store = stores / str(next(size for size in sizes if size >= first))
    found: list[Vectors] = []
    with Snapshot(store / STORE_NAME) as snapshot:
        for _, vectors in snapshot.vectors(0, snapshot.generation):
            found.append(vectors)
            if sum(map(len, found)) >= first:
                break
    return np.concatenate(found)[:first]


def compare(vectors: Vectors, asked: Vectors, kinds: list[str]) -> Iterator[Figures]:
    """The figures of each kind, as they come.

    Args:
        vectors: float32 of shape (n, dimensions), unit rows.
        asked: the questions' vectors.
        kinds: ``pincite``, or what FAISS's index factory takes with ``;nprobe`` or ``;efSearch``
            and a number behind it where it is to be set.
    """
    faiss.omp_set_num_threads(1)
    truth = faiss.IndexFlatIP(vectors.shape[1])
    truth.add(vectors)
    least = truth.search(asked, NEAREST)[0][:, -1]
    del truth
    for kind in kinds:
        found = _pincite(vectors, asked) if kind == "pincite" else _faiss(kind, vectors, asked)
        rows, times, size, build, add = found
        hits = [
            near_enough(vectors, one, near, low)
            for one, near, low in zip(asked, rows, least, strict=True)
        ]
        yield Figures(
            kind,
            len(vectors),
            sum(hits) / (NEAREST * len(hits)),
            float(np.percentile(times, 50)),
            float(np.percentile(times, 95)),
            size,
            build,
            add,
        )


def near_enough(vectors: Vectors, asked: Vectors, rows: list[int], least: float) -> int:
    """How many of these rows are as near to a question as the last of the nearest.

    Copies of a sentence have equal vectors, and which of them is named is no matter.

    Args:
        vectors: float32 of shape (n, dimensions).
        asked: the question's, of shape (dimensions,).
        rows: what was found, each once; below zero where nothing was.
        least: score of the last of the nearest.
    """
    found = [row for row in rows if row >= 0]
    return int((vectors[found] @ asked >= least - TIED).sum())


_Measured = tuple[list[list[int]], list[float], int, float, float]


def _faiss(kind: str, vectors: Vectors, asked: Vectors) -> _Measured:
    name, _, setting = kind.partition(";")
    index = faiss.index_factory(vectors.shape[1], name, faiss.METRIC_INNER_PRODUCT)
    began = time.perf_counter()
    if not index.is_trained:
        # Forty for each cell are what FAISS asks for; 256 for each centroid of a product.
        dice = np.random.default_rng(1)
        some = dice.permutation(len(vectors))[:160_000]
        index.train(vectors[some])
    index.add(vectors)
    build = time.perf_counter() - began
    if setting:
        key, value = setting.split("=")
        faiss.ParameterSpace().set_index_parameter(index, key, float(value))
    rows, times = _timed(lambda one: index.search(one[None, :], NEAREST)[1][0].tolist(), asked)
    size = len(faiss.serialize_index(index))
    began = time.perf_counter()
    index.add(vectors[:PAPER])
    return rows, times, size, build, time.perf_counter() - began


def _pincite(vectors: Vectors, asked: Vectors) -> _Measured:
    rows = np.arange(len(vectors), dtype=np.int64)

    def chunks(wanted: npt.NDArray[np.int64]) -> list[tuple[npt.NDArray[np.int64], Vectors]]:
        return [(wanted, vectors[wanted % len(vectors)])]

    began = time.perf_counter()
    index = DenseIndex.of(chunks(rows), Kind.EIGHT_BITS)
    build = time.perf_counter() - began

    def nearest(one: Vectors) -> list[int]:
        near = np.array(index.candidates(one, NEAREST, stored=chunks), dtype=np.int64)
        scores = vectors[near] @ one
        return [int(row) for row in near[np.argsort(-scores, kind="stable")[:NEAREST]]]

    found, times = _timed(nearest, asked)
    none = np.zeros(0, dtype=np.int64)
    began = time.perf_counter()
    index.extended(none, chunks(rows[:PAPER] + len(vectors)), chunks)
    return found, times, index.size, build, time.perf_counter() - began


def _timed(
    search: Callable[[Vectors], list[int]], asked: Vectors
) -> tuple[list[list[int]], list[float]]:
    search(asked[0])
    rows, times = [], []
    for one in asked:
        began = time.perf_counter()
        rows.append(search(one))
        times.append(time.perf_counter() - began)
    return rows, times


def default_kinds(passages: int) -> list[str]:
    """What is compared at a size; cells are as many as FAISS's guidelines advise."""
    cells = 4096 if passages >= 500_000 else max(16, 2 ** round(np.log2(4 * passages**0.5)))
    return [
        "Flat",
        "SQ8",
        "pincite",
        "HNSW32;efSearch=64",
        f"IVF{cells},SQ8;nprobe={cells // 32}",
        f"IVF{cells},PQ48;nprobe={cells // 32}",
    ]


def main() -> None:
    """Compare the kinds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("stores", type=Path, help="stores of growing size")
    parser.add_argument("--first", type=int, default=200_000, help="how many vectors")
    parser.add_argument("questions", type=Path, help="questions, one a line")
    parser.add_argument("-o", "--out", type=Path, required=True)
    parser.add_argument("--kind", action="append", help="only this one")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    arguments.out.mkdir(parents=True, exist_ok=True)
    vectors = vectors_of(arguments.stores, arguments.first)
    asked = load_embedder().embed_queries(questions(arguments.questions))
    kinds: list[Any] = arguments.kind or default_kinds(len(vectors))
    for figures in compare(vectors, asked, kinds):
        log.info("%s", figures)
        with (arguments.out / "kinds.jsonl").open("a") as file:
            file.write(json.dumps(figures._asdict()) + "\n")


if __name__ == "__main__":
    main()
