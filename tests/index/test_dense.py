"""Tests of the dense index."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from index import dense
from index.base import Vectors
from index.dense import DenseIndex
from index.segment import Chunk, Kind, Rows


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


def clustered(count: int, seed: int = 0) -> tuple[Rows, Vectors]:
    """Unit vectors that lie as close together as those of papers on one field."""
    dice = np.random.default_rng(seed)
    middle = dice.normal(size=(12, 64))
    vectors = middle[dice.integers(0, 12, count)] + 0.5 * dice.normal(size=(count, 64))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.arange(count, dtype=np.int64), vectors.astype(np.float16).astype(np.float32)


class Stored:
    """Vectors by row, as the store gives them, counting how many were fetched."""

    def __init__(self, vectors: Vectors) -> None:
        self.vectors = vectors
        self.fetched = 0

    def __call__(self, rows: Rows) -> list[Chunk]:
        self.fetched += len(rows)
        return [(rows, self.vectors[rows])]


@pytest.fixture
def small_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    """Segments of a few hundred rows, so that thousands of vectors make many."""
    monkeypatch.setattr(dense, "SEGMENT_ROWS", 700)
    monkeypatch.setattr(dense, "SMALL", 50)


@pytest.mark.parametrize("count", [1, 10, 60])
def test_eight_bits_give_the_same_candidates_as_all_bits(small_segments: None, count: int) -> None:
    rows, vectors = clustered(5000)
    stored = Stored(vectors)
    exact = DenseIndex.of([(rows, vectors)])
    coarse = DenseIndex.of([(rows, vectors)], Kind.EIGHT_BITS)
    assert coarse.size < exact.size / 2
    for query in clustered(40, seed=1)[1]:
        wanted = set(exact.candidates(query, count))
        assert set(coarse.candidates(query, count, None, stored)) == wanted
    assert stored.fetched < 40 * 1000, "few are compared exactly"


def test_eight_bits_give_the_same_candidates_among_those_allowed(small_segments: None) -> None:
    rows, vectors = clustered(3000)
    exact = DenseIndex.of([(rows, vectors)])
    coarse = DenseIndex.of([(rows, vectors)], Kind.EIGHT_BITS)
    dice = np.random.default_rng(3)
    for among in (5, 100, 1500, 2999):
        allowed = np.sort(dice.permutation(rows)[:among])
        query = clustered(1, seed=among)[1][0]
        found = coarse.candidates(query, 20, allowed, Stored(vectors))
        assert set(found) == set(exact.candidates(query, 20, allowed))
        assert set(found) <= set(allowed.tolist())


def test_without_the_stored_vectors_eight_bits_still_cover_the_nearest() -> None:
    rows, vectors = clustered(2000)
    coarse = DenseIndex.of([(rows, vectors)], Kind.EIGHT_BITS)
    query = clustered(1, seed=9)[1][0]
    nearest = np.argsort(-(vectors @ query))[:10]
    assert set(nearest.tolist()) <= set(coarse.candidates(query, 10))


def test_one_large_number_does_not_spoil_the_candidates() -> None:
    rows, vectors = clustered(1000)
    vectors[500] = 0.0
    vectors[500, 7] = 1.0
    coarse = DenseIndex.of([(rows, vectors)], Kind.EIGHT_BITS)
    for query in (vectors[500], clustered(1, seed=4)[1][0]):
        wanted = set(DenseIndex.of([(rows, vectors)]).candidates(query, 5))
        assert set(coarse.candidates(query, 5, None, Stored(vectors))) == wanted


@pytest.mark.parametrize("kind", list(Kind))
def test_an_index_that_grew_and_shrank_gives_what_one_made_at_once_gives(
    small_segments: None, tmp_path: Path, kind: Kind
) -> None:
    _, vectors = clustered(4000)
    stored = Stored(vectors)
    dice = np.random.default_rng(5)
    there: set[int] = set()
    index = DenseIndex(kind=kind)
    for step in range(40):
        # Some that were removed come again.
        absent = np.array(sorted(set(range(4000)) - there), dtype=np.int64)
        added = np.sort(dice.permutation(absent)[: int(dice.integers(1, 300))])
        removed = np.sort(dice.permutation(sorted(there))[: len(there) // 7]).astype(np.int64)
        index = index.extended(removed, stored(added), stored).saved(tmp_path / str(step))
        there = (there - set(removed.tolist())) | set(added.tolist())
        assert len(index) == len(there)
    again = DenseIndex.load(tmp_path / "39")
    rows = np.array(sorted(there), dtype=np.int64)
    once = DenseIndex.of(stored(rows), kind)
    for query in clustered(20, seed=6)[1]:
        wanted = set(once.candidates(query, 30, None, stored))
        assert wanted <= there
        assert set(index.candidates(query, 30, None, stored)) == wanted
        assert set(again.candidates(query, 30, None, stored)) == wanted


def test_a_few_more_rows_write_a_small_file_and_share_the_large_ones(tmp_path: Path) -> None:
    rows, vectors = clustered(3000)
    stored = Stored(vectors)
    old = DenseIndex.of([(rows[:2900], vectors[:2900])], Kind.EIGHT_BITS).saved(tmp_path / "old")
    old.extended(NONE, stored(rows[2900:]), stored).saved(tmp_path / "new")
    before = {file.name: file.stat().st_ino for file in (tmp_path / "old").glob("*.faiss")}
    after = {file.name: file.stat() for file in (tmp_path / "new").glob("*.faiss")}
    assert {name: state.st_ino for name, state in after.items() if name in before} == before
    (fresh,) = after.keys() - before.keys()
    assert after[fresh].st_size < 100 * 64 + 2000
