"""Made collections: verbatim sentences of real passages, the same for the same seed."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from index.embed import Embedder
from index.local import LocalIndex
from index.measure.grown import grow
from index.measure.made import LONGER, Maker, Sample
from index.schema import STORE_NAME
from index.snapshot import Snapshot
from tests.index.papers import PAPERS, paper, store


@pytest.fixture
def sample(tmp_path: Path, embedder: Embedder) -> Path:
    """An index of all papers."""
    with LocalIndex(tmp_path / "sample", embedder) as index:
        store(index, embedder, *map(paper, PAPERS))
    return tmp_path / "sample"


def test_made_articles_hold_sentences_of_real_ones_at_their_places(sample: Path) -> None:
    real = {sentence for sentences in PAPERS.values() for sentence in sentences}
    for made in islice(Maker(Sample(sample)).articles(), 20):
        for passage in made.passages:
            assert made.document.text[passage.start : passage.end] == passage.text
            spans = [made.document.text[s.start : s.end] for s in passage.sentences]
            assert set(spans) <= real
        assert made.vectors.shape == (len(made.passages), 384)
        assert np.allclose(np.linalg.norm(made.vectors, axis=1), 1.0, atol=1e-5)


def test_made_passages_are_about_as_long_as_real_ones(sample: Path) -> None:
    real = Sample(sample)
    longest = max(len(one.passage.text) for one in real.passages)
    lengths = [len(p.text) for m in islice(Maker(real).articles(), 60) for p in m.passages]
    assert max(lengths) <= longest + LONGER
    assert np.mean(lengths) > 0.8 * np.mean([len(one.passage.text) for one in real.passages])


def test_equal_seeds_make_equal_articles_and_others_others(sample: Path) -> None:
    one, again, other = (Maker(Sample(sample), seed).article(7) for seed in (1, 1, 2))
    assert one.document.text == again.document.text
    assert np.array_equal(one.vectors, again.vectors)
    assert not np.array_equal(one.vectors, other.vectors)


def test_a_store_of_each_size_is_kept(sample: Path, tmp_path: Path) -> None:
    grow(sample, tmp_path / "grown", [10, 25], tmp_path / "work")
    held = []
    for size in (10, 25):
        with Snapshot(tmp_path / "grown" / str(size) / STORE_NAME) as snapshot:
            held.append(snapshot.totals(snapshot.generation))
    assert [total.documents for total in held] == sorted(total.documents for total in held)
    assert (tmp_path / "grown" / "grown.jsonl").read_text("utf-8").count('"size"') == 2
