"""Kinds of dense index are compared by how near what they find is."""

from __future__ import annotations

import numpy as np

from index.base import Vectors
from index.measure.kinds import compare, near_enough


def unit(count: int) -> Vectors:
    """Random directions."""
    some = np.random.default_rng(3).normal(size=(count, 16))
    found: Vectors = (some / np.linalg.norm(some, axis=1, keepdims=True)).astype(np.float32)
    return found


def test_a_copy_counts_as_what_it_is_a_copy_of() -> None:
    vectors = unit(3)[[0, 0, 1, 2]]
    asked = vectors[0]
    assert near_enough(vectors, asked, [0], 1.0) == near_enough(vectors, asked, [1], 1.0) == 1
    assert near_enough(vectors, asked, [2, 3, -1], 1.0) == 0


def test_the_flat_index_and_ours_find_all_even_among_copies_and_cells_do_not() -> None:
    some = unit(2000)
    vectors = np.concatenate([some, some, some])
    kinds = ["Flat", "pincite", "IVF64,Flat;nprobe=1"]
    found = {figures.kind: figures.recall for figures in compare(vectors, unit(40), kinds)}
    assert found["Flat"] == found["pincite"] == 1.0
    assert found["IVF64,Flat;nprobe=1"] < 0.9
