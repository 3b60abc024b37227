r"""How often retrieval has the right passage: dense, BM25, and fused, on COVID-QA.

    python -m qa.training.retrieval ../shared/bench/covidqa/train.json
    python -m qa.training.retrieval ../shared/bench/covidqa/dev.json \
        --with ../shared/bench/covidqa/train.json

The papers of all files are indexed, the questions of the first are asked. A relevant passage is one
that overlaps the gold span.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.console import Console
from rich.table import Table

from index.base import Hit
from index.embed import load_embedder
from index.fuse import reciprocal_rank_fusion
from index.local import LocalIndex
from qa.training.overlap_examples import fill, passage_holds
from qa.training.squad import read_squad

CUTS = (1, 5, 10, 20)
DEPTH = 100
Order = Callable[[Sequence[Hit]], list[Hit]]


def _by_rank(rank: Callable[[Hit], int | None]) -> Order:
    def order(hits: Sequence[Hit]) -> list[Hit]:
        ranked = [(place, hit) for hit in hits if (place := rank(hit)) is not None]
        return [hit for _, hit in sorted(ranked, key=lambda pair: pair[0])]

    return order


def _evenly_fused(hits: Sequence[Hit]) -> list[Hit]:
    dense, lexical = (ORDERS[name](hits) for name in ("dense alone", "BM25 alone"))
    place = {id(hit): hit for hit in hits}
    scores = reciprocal_rank_fusion([[id(h) for h in dense], [id(h) for h in lexical]])
    ranked = sorted(
        scores, key=lambda i: (-scores[i], place[i].passage.document_id, place[i].passage.start)
    )
    return [place[i] for i in ranked]


ORDERS: dict[str, Order] = {
    "dense alone": _by_rank(lambda hit: hit.dense_rank),
    "BM25 alone": _by_rank(lambda hit: hit.lexical_rank),
    "fused, k = 60, weights 1 : 1": _evenly_fused,
    "fused, as the index does": list,
}


def main(
    asked: Annotated[Path, typer.Argument(help="COVID-QA file (SQuAD format) to ask from.")],
    beside: Annotated[
        list[Path] | None, typer.Option("--with", help="Files whose papers are indexed too.")
    ] = None,
) -> None:
    """Show recall@n of each list."""
    logging.basicConfig(level=logging.WARNING)
    papers = read_squad(asked)
    others = [paper for part in beside or [] for paper in read_squad(part)]
    embedder = load_embedder()
    found: dict[str, list[list[bool]]] = {name: [] for name in ORDERS}
    with tempfile.TemporaryDirectory() as folder, LocalIndex(Path(folder), embedder) as index:
        documents = fill(index, [*papers, *others], embedder)
        with index.view() as view:
            for paper in papers:
                own = documents[paper.source]
                for question in paper.questions:
                    hits = view.search(question.question, DEPTH)
                    for name, order in ORDERS.items():
                        right = [passage_holds(own, h, question) for h in order(hits)]
                        found[name].append([any(right[:n]) for n in CUTS])
    table = Table("list", *(f"recall@{n}" for n in CUTS))
    for name, rows in found.items():
        table.add_row(name, *(f"{share:.3f}" for share in np.mean(rows, axis=0)))
    console = Console()
    console.print(table)
    console.print(f"{len(papers) + len(others)} papers, {len(rows)} questions")


if __name__ == "__main__":
    typer.run(main)
