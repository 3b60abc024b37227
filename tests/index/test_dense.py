"""Tests of the dense index."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from index.base import Vectors
from index.dense import DenseIndex, Rows


def unit_vectors(count: int, seed: int = 0) -> tuple[Rows, Vectors]:
    vectors = np.random.default_rng(seed).normal(size=(count, 16)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.arange(count, dtype=np.int64), vectors


NONE = np.zeros(0, dtype=np.int64)


@pytest.mark.parametrize("count", [1, 7, 99, 100, 1000])
def test_the_nearest_are_among_the_candidates(count: int) -> None:
    rows, vectors = unit_vectors(100)
    query = unit_vectors(1, seed=1)[1][0]
    nearest = np.argsort(-(vectors @ query), kind="stable")[:count]
    found = DenseIndex.of([(rows, vectors)]).candidates(query, count)
    assert {int(row) for row in nearest} <= set(found)
    assert len(found) == len(set(found)) <= min(count + 2, 100)


def test_equal_vectors_at_the_last_place_are_all_candidates() -> None:
    _, (one,) = unit_vectors(1)
    index = DenseIndex.of([(np.arange(40, dtype=np.int64), np.stack([one] * 40))])
    assert sorted(index.candidates(one, 3)) == list(range(40))


def test_extending_leaves_the_old_index_as_it_was() -> None:
    rows, vectors = unit_vectors(30)
    old = DenseIndex.of([(rows[:20], vectors[:20])])
    new = old.extended(rows[5:10], [(rows[20:], vectors[20:])])
    assert sorted(old.candidates(vectors[0], 99)) == [*range(20)]
    assert sorted(new.candidates(vectors[0], 99)) == [*range(5), *range(10, 30)]


def test_an_index_comes_back_from_its_file(tmp_path: Path) -> None:
    rows, vectors = unit_vectors(30)
    for name, index in (("full", DenseIndex.of([(rows, vectors)])), ("empty", DenseIndex())):
        index.saved(tmp_path / name)
        again = DenseIndex.load(tmp_path / name)
        assert len(again) == len(index)
        assert again.candidates(vectors[3], 5) == index.candidates(vectors[3], 5)


def test_nothing_is_near_where_nothing_is() -> None:
    _, vectors = unit_vectors(1)
    assert DenseIndex().candidates(vectors[0], 5) == []
    rows, vectors = unit_vectors(3)
    emptied = DenseIndex.of([(rows, vectors)]).extended(rows, [])
    assert emptied.candidates(vectors[0], 5) == []
