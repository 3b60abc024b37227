"""The search that all back ends share: they find candidates, the scores are computed here.

Nothing of what a back end's own index says of a passage ranks it or is shown. Cosine and BM25 of
every candidate are computed from what is stored, in double precision, so that equal collections
give equal answers wherever they lie.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import numpy as np

from index.base import Hit, Vectors
from index.embed import Embedder
from index.expand import Expander
from index.fuse import best, reciprocal_rank_fusion
from index.glossary import Glossary
from index.snapshot import StoredPassage
from index.worded import Lexical, Passages, WordedSearch, ties

DENSE_WEIGHT = 0.5
LEXICAL_WEIGHT = 1.0
RANK_CONSTANT = 10
"""How the two lists are fused; measured on COVID-QA's training papers, see docs/index.md."""


class Searched(Passages, Lexical, Protocol):
    """What may be found in one generation, and how it is looked for."""

    @abstractmethod
    def near(self, vector: Vectors, count: int) -> list[int]:
        """Rows among which the ``count`` nearest passages surely are, in no particular order.

        Args:
            vector: one unit vector, float32 of shape (dimensions,).
            count: how many nearest to cover.
        """

    @abstractmethod
    def glossary(self) -> Glossary:
        """What the documents say of their acronyms."""


def hits(searched: Searched, query: str, embedder: Embedder, k: int) -> list[Hit]:
    """The ``k`` best passages, dense and lexical hits fused by rank, best first.

    The question is embedded beside the search for its words; either takes about as long.

    Args:
        searched: what may be found.
        query: taken as plain words.
        embedder: makes the question's vector.
        k: how many at most, at least 1.
    """
    count = max(50, 3 * k)
    with ThreadPoolExecutor(1, thread_name_prefix="pincite-question") as beside:
        embedded = beside.submit(embedder.embed_queries, [query])
        expander = Expander(query, searched.glossary())
        search = WordedSearch(searched, searched)
        worded = search.candidates(expander.wordings(), count)
        vector = embedded.result()[0]
    near = searched.near(vector, count)
    found = search.passages({*near, *worded})
    cosine = _cosines(vector, found)
    meant = expander.understandings({stored.document.id for stored in found.values()})

    def bm25(row: int) -> float:
        return search.score(row, meant[found[row].document.id].wording)

    tie = ties(found)
    dense = best({row: cosine[row] for row in near}, tie, count)
    lexical = best({row: bm25(row) for row in worded}, tie, count)
    weights = [DENSE_WEIGHT, LEXICAL_WEIGHT]
    fused = reciprocal_rank_fusion([dense, lexical], weights, RANK_CONSTANT)
    dense_rank = {row: rank for rank, row in enumerate(dense)}
    lexical_rank = {row: rank for rank, row in enumerate(lexical)}
    return [
        Hit(
            passage=found[row].passage,
            document=found[row].document,
            score=fused[row],
            cosine=cosine[row],
            bm25=bm25(row),
            dense_rank=dense_rank.get(row),
            lexical_rank=lexical_rank.get(row),
            question=meant[found[row].document.id].question,
            expansions=meant[found[row].document.id].expansions,
        )
        for row in best(fused, tie, k)
    ]


def _cosines(vector: Vectors, found: Mapping[int, StoredPassage]) -> dict[int, float]:
    """Exact cosine of each stored vector with the question's, in double precision."""
    if not found:
        return {}
    query = vector.astype(np.float64)
    # Row by row, never as one matrix product: there a row's sum may depend on its neighbours.
    products = np.stack([stored.vector for stored in found.values()]) * query
    sums = np.clip(products.sum(axis=1), -1.0, 1.0)
    return {row: float(value) for row, value in zip(found, sums, strict=True)}
