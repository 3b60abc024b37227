"""What a large collection must keep: the same answers, and small changes at small cost."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from index import derived, files, sizes
from index.base import Hit, Within
from index.embed import Embedder
from index.files import Checked, checksum
from index.ingest import ingest
from index.local import LocalIndex
from index.schema import STORE_NAME
from index.snapshot import Snapshot
from tests.index.large import keep_as_large
from tests.index.papers import PAPERS, QUESTIONS, answers, paper, store
from tests.index.test_local import flip_a_bit_in_a_segment, lose_a_segment, published

ROOT = Path(__file__).parents[2]


@pytest.fixture
def index(
    tmp_path: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> Iterator[LocalIndex]:
    """An index of all papers, kept as a large one, synced."""
    keep_as_large(monkeypatch)
    with LocalIndex(tmp_path / "index", embedder) as made:
        store(made, embedder, *map(paper, PAPERS))
        made.sync()
        yield made


def segments(index: LocalIndex) -> dict[str, int]:
    """The files of the publication that are written once, and which they are on the disk."""
    folder = published(index.directory)
    return {
        file.relative_to(folder).as_posix(): file.stat().st_ino
        for file in folder.rglob("*")
        if file.is_file() and file.name not in derived.CHANGING and file.suffix != ".lock"
    }


def test_a_removal_shares_all_large_files_and_the_paper_never_comes_back(
    index: LocalIndex, embedder: Embedder
) -> None:
    before = segments(index)
    index.remove(paper("asthma").path)
    index.sync()
    after = segments(index)
    words = {name: place for name, place in before.items() if name.startswith("lexical")}
    assert words
    assert words.items() <= after.items()
    assert any(after.get(name) == place for name, place in before.items() if name not in words)
    gone = paper("asthma").document.id
    for _ in range(3):
        assert all(hit.document.id != gone for hits in answers(index, 50) for hit in hits)
        index.close()
        index = LocalIndex(index.directory, embedder)
    index.close()


def test_scores_after_removals_are_those_of_an_index_that_never_held_the_paper(
    index: LocalIndex, embedder: Embedder, tmp_path: Path
) -> None:
    for step in range(3):
        store(index, embedder, paper(f"late {step}", f"Late paper {step} on cirrhosis and asthma."))
        index.sync()
        index.remove(paper(f"late {step}", f"Late paper {step} on cirrhosis and asthma.").path)
        index.sync()
    index.remove(paper("tamoxifen").path)
    with LocalIndex(tmp_path / "straight", embedder) as straight:
        store(straight, embedder, *(paper(name) for name in PAPERS if name != "tamoxifen"))
        assert answers(index, 50) == answers(straight, 50)


def test_many_removals_write_the_indexes_anew(
    index: LocalIndex, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(derived, "GONE_SHARE", 0.3)
    folder = published(index.directory) / "lexical"
    index.remove(paper("interferon").path)
    index.sync()
    assert (published(index.directory) / "lexical" / "gone").is_dir()
    index.remove(paper("asthma").path)
    index.sync()
    assert not (published(index.directory) / "lexical" / "gone").exists()
    assert folder != published(index.directory) / "lexical"


@pytest.mark.parametrize("damage", [flip_a_bit_in_a_segment, lose_a_segment])
def test_damage_to_a_large_index_is_mended_after_removals(
    index: LocalIndex, embedder: Embedder, damage: object
) -> None:
    index.remove(paper("asthma").path)
    wanted = answers(index)
    index.close()
    assert callable(damage)
    damage(index.directory)
    with LocalIndex(index.directory, embedder) as again:
        assert answers(again) == wanted


def test_what_counts_removed_words_is_checked_too(index: LocalIndex, embedder: Embedder) -> None:
    index.remove(paper("asthma").path)
    wanted = answers(index)
    before = published(index.directory)
    index.close()
    next((before / "lexical" / "gone").glob("*.term")).unlink()
    with LocalIndex(index.directory, embedder) as again:
        assert answers(again) == wanted
    assert published(index.directory) != before


def test_a_collection_that_grows_past_the_limit_answers_as_before(
    tmp_path: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sizes, "EXACT_MOST", 8)
    with LocalIndex(tmp_path / "index", embedder) as index:
        store(index, embedder, *(paper(name) for name in PAPERS if name != "tamoxifen"))
        assert index.stats().search.startswith("flat, 32-bit")
        before = answers(index)
        store(index, embedder, paper("tamoxifen"))
        assert index.stats().search.startswith("flat, 8-bit")
        assert answers(index) != before
        index.remove(paper("tamoxifen").path)
        assert answers(index) == before
        assert index.stats().search.startswith("flat, 32-bit")


def test_the_kind_that_a_view_reports_is_the_one_of_its_generation(index: LocalIndex) -> None:
    with index.view() as view:
        assert view.stats() == index.stats()
        assert "8-bit" in view.stats().search


def test_a_large_file_is_read_again_only_when_it_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    large, small = tmp_path / "large", tmp_path / "small"
    large.write_bytes(b"x" * files.TRUSTED)
    small.write_bytes(b"x")
    wanted = {file: checksum(file) for file in (large, small)}
    first = Checked(tmp_path / "checked.json")
    assert not any(first.differs(file, wanted[file]) for file in wanted)
    first.keep()
    read: list[Path] = []

    def reading(file: Path) -> files.Checksum:
        read.append(file)
        return checksum(file)

    monkeypatch.setattr(files, "checksum", reading)
    later = Checked(tmp_path / "checked.json")
    assert not any(later.differs(file, wanted[file]) for file in wanted)
    assert read == [small]
    large.write_bytes(b"x" * (files.TRUSTED - 1) + b"y")
    assert later.differs(large, wanted[large])
    large.unlink()
    assert later.differs(large, wanted[large])


def test_a_large_file_is_read_again_after_a_week(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    large = tmp_path / "large"
    large.write_bytes(b"x" * files.TRUSTED)
    wanted = checksum(large)
    first = Checked(tmp_path / "checked.json")
    first.note(large, wanted)
    first.keep()
    # The disk loses a bit by itself: neither size nor time of change tell.
    state = large.stat()
    large.write_bytes(b"x" * (files.TRUSTED - 1) + b"y")
    os.utime(large, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert not Checked(tmp_path / "checked.json").differs(large, wanted)
    week = time.time() + 8 * 86_400
    monkeypatch.setattr(time, "time", lambda: week)
    assert Checked(tmp_path / "checked.json").differs(large, wanted)


@pytest.mark.parametrize("said", ["{", "[]", '{"1": 2}', "\0"])
def test_a_list_of_checked_files_that_is_damaged_is_no_list(tmp_path: Path, said: str) -> None:
    (tmp_path / "checked.json").write_text(said, "utf-8")
    file = tmp_path / "file"
    file.write_bytes(b"x")
    assert not Checked(tmp_path / "checked.json").differs(file, checksum(file))
    assert Checked(tmp_path / "checked.json").differs(file, [1, 0])


def test_a_store_of_an_earlier_version_gets_what_it_lacks(
    index: LocalIndex, embedder: Embedder
) -> None:
    wanted, generation = answers(index), index.stats().generation
    index.close()
    with closing(sqlite3.connect(index.directory / STORE_NAME)) as connection, connection:
        connection.execute("DROP INDEX documents_by_life")
        connection.execute("CREATE INDEX documents_by_added ON documents (added)")
        connection.execute("DELETE FROM meta WHERE key = 'lives'")
    with LocalIndex(index.directory, embedder) as again:
        assert answers(again) == wanted
        assert again.stats().generation == generation
    with closing(sqlite3.connect(index.directory / STORE_NAME)) as connection:
        plan = connection.execute(
            "EXPLAIN QUERY PLAN SELECT id, digest, passages FROM documents WHERE added <= 9"
        ).fetchall()
    assert "COVERING INDEX documents_by_life" in str(plan)


def test_vectors_come_by_row_whatever_their_number(index: LocalIndex) -> None:
    with Snapshot(index.directory / STORE_NAME) as snapshot:
        chunks = list(snapshot.vectors(0, snapshot.generation))
        rows = np.concatenate([rows for rows, _ in chunks])
        vectors = np.concatenate([vectors for _, vectors in chunks])
        again = list(snapshot.vectors_at(rows[::2]))
    assert rows.tolist() == sorted(rows.tolist())
    assert np.concatenate([found for found, _ in again]).tolist() == rows[::2].tolist()
    assert np.array_equal(np.concatenate([found for _, found in again]), vectors[::2])


@pytest.mark.slow
def test_the_starter_corpus_is_answered_alike_by_both_kinds(
    tmp_path: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = (ROOT / "qa" / "questions" / "starter.jsonl").read_text("utf-8").splitlines()
    asked = [*QUESTIONS, *(json.loads(line)["question"] for line in lines)]

    def found(index: LocalIndex) -> list[list[Hit]]:
        with index.view() as view:
            hits = [view.search(question, 20) for question in asked]
            return hits + [view.search(q, 20, Within(years=(2010, None))) for q in asked[:20]]

    with LocalIndex(tmp_path / "index", embedder) as index:
        ingest(index, embedder, [ROOT / "corpus" / "starter"])
        exact = found(index)
        assert index.stats().search.startswith("flat, 32-bit")
        monkeypatch.setattr(sizes, "EXACT_MOST", 0)
        index.rebuild()
        assert found(index) == exact
        assert index.stats().search.startswith("flat, 8-bit")
