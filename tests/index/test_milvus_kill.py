"""A run into Milvus Lite that is killed at any moment leaves whole documents."""

from __future__ import annotations

import os
import random
import shutil
import time
from pathlib import Path

import pytest

from index import open_index
from index.base import Hit, IndexStats, PassageIndex
from index.embed import Embedder
from tests.index.papers import answers
from tests.index.test_kill import Nursery, Papers, nursery

__all__ = ["nursery"]

pytest.importorskip("milvus_lite", reason="Milvus Lite is not installed")

KILLS = 6


def place(file: Path) -> Path:
    """The address of a file of Milvus Lite."""
    return Path(f"milvus:{file}")


def whole(index: PassageIndex, papers: Papers) -> None:
    """Every document is there with all its passages, as one of its file's versions."""
    with index.view() as view:
        assert len(view.search("cirrhosis", 10_000)) == view.stats().passages
        for record in index.sources():
            assert record.state == "indexed"
            assert record.document is not None
            assert record.document.id in papers.held[Path(record.path).name]
            passages, vectors = index.held(record.document.id)
            cut = papers.cuts[record.document.id]
            assert [(p.start, p.end, p.text) for p in passages] == cut
            assert len(vectors) == len(cut)


def look(file: Path, papers: Papers, embedder: Embedder) -> tuple[list[list[Hit]], IndexStats]:
    """Open an index as a person would, and ask."""
    with open_index(place(file), embedder) as index:
        whole(index, papers)
        return answers(index), index.stats()


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_run_into_milvus_killed_anywhere_leaves_whole_documents_and_can_be_finished(
    nursery: Nursery, tmp_path: Path, embedder: Embedder
) -> None:
    dice = random.Random(20261128)
    papers = Papers(tmp_path / "papers", dice)
    file, kills, rounds = tmp_path / "index.db", 0, 0
    begun = time.monotonic()
    nursery.start(place(tmp_path / "first.db"), papers.folder)
    assert nursery.end() == "done"
    span = 0.4 * (time.monotonic() - begun)
    while kills < KILLS or rounds == 0:
        child = nursery.start(place(file), papers.folder)
        time.sleep(dice.uniform(0.1 * span, span))
        if nursery.kill(child) == "killed":
            kills += 1
            span *= 1.2
            if file.exists():
                # A copy, so that the next run meets the index as the kill left it.
                shutil.copytree(file, tmp_path / "copy.db")
                look(tmp_path / "copy.db", papers, embedder)
                shutil.rmtree(tmp_path / "copy.db")
            continue
        rounds += 1
        span *= 0.6  # it was done before it could be killed
        fresh = tmp_path / f"fresh-{rounds}.db"
        nursery.start(place(fresh), papers.folder)
        assert nursery.end() == "done"
        found, size = look(file, papers, embedder)
        wanted, wanted_size = look(fresh, papers, embedder)
        assert found == wanted
        assert size.fingerprint == wanted_size.fingerprint
        papers.settle()
        papers.change()
