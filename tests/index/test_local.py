"""What only the index on disk must stand: damage, other processes, wrong folders."""

from __future__ import annotations

import json
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from filelock import FileLock

from index import local, open_index
from index.base import Hit, IndexProblem
from index.embed import Embedder, SentenceTransformerEmbedder
from index.local import LocalIndex
from index.schema import STORE_NAME
from index.snapshot import Snapshot
from tests.index.papers import PAPERS, answers, ask, paper, store


@pytest.fixture
def index(tmp_path: Path, embedder: Embedder) -> Iterator[LocalIndex]:
    """An index of all papers, synced."""
    with LocalIndex(tmp_path / "index", embedder) as made:
        store(made, embedder, *map(paper, PAPERS))
        made.sync()
        yield made


def published(directory: Path) -> Path:
    """The folder of the publication that counts."""
    manifest = json.loads((directory / "derived" / "current.json").read_text("utf-8"))
    return directory / "derived" / str(manifest["publication"])


def cut_faiss(directory: Path) -> None:
    (file,) = (published(directory) / "dense").glob("*.faiss")
    file.write_bytes(file.read_bytes()[:-100])


def flip_a_bit_in_faiss(directory: Path) -> None:
    (file,) = (published(directory) / "dense").glob("*.faiss")
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)


def flip_a_bit_in_a_segment(directory: Path) -> None:
    for file in (published(directory) / "lexical").glob("*.idx"):
        data = bytearray(file.read_bytes())
        data[0] ^= 1
        file.write_bytes(data)


def lose_a_segment(directory: Path) -> None:
    next((published(directory) / "lexical").glob("*.term")).unlink()


def lose_the_publication(directory: Path) -> None:
    shutil.rmtree(published(directory))


def lose_everything_derived(directory: Path) -> None:
    shutil.rmtree(directory / "derived")


def garble_the_manifest(directory: Path) -> None:
    (directory / "derived" / "current.json").write_text("{", "utf-8")


def take_another_manifest(directory: Path) -> None:
    file = directory / "derived" / "current.json"
    manifest = json.loads(file.read_text("utf-8"))
    file.write_text(json.dumps({**manifest, "store": "another"}), "utf-8")


def claim_a_later_generation(directory: Path) -> None:
    file = directory / "derived" / "current.json"
    manifest = json.loads(file.read_text("utf-8"))
    file.write_text(json.dumps({**manifest, "generation": 999}), "utf-8")


def forget_the_last_word(directory: Path) -> None:
    with closing(sqlite3.connect(directory / STORE_NAME)) as connection, connection:
        connection.execute("UPDATE meta SET value = value + 1 WHERE key = 'purged'")
        connection.execute("UPDATE meta SET value = value + 1 WHERE key = 'generation'")


@pytest.mark.parametrize(
    "damage",
    [
        cut_faiss,
        flip_a_bit_in_faiss,
        flip_a_bit_in_a_segment,
        lose_a_segment,
        lose_the_publication,
        lose_everything_derived,
        garble_the_manifest,
        take_another_manifest,
        claim_a_later_generation,
        forget_the_last_word,
    ],
    ids=lambda damage: damage.__name__,
)
def test_damaged_derived_files_are_made_anew(
    index: LocalIndex, embedder: Embedder, damage: Callable[[Path], None]
) -> None:
    wanted = answers(index)
    before = published(index.directory)
    index.close()
    damage(index.directory)
    with LocalIndex(index.directory, embedder) as again:
        assert answers(again) == wanted
    assert published(index.directory) != before


def test_damage_during_use_is_mended_at_the_next_change(
    index: LocalIndex, embedder: Embedder
) -> None:
    lose_a_segment(index.directory)
    store(index, embedder, paper("late", "A late paper on cirrhosis."))
    with index.view() as view:
        assert view.stats().documents == len(PAPERS) + 1
        assert any(hit.document.title == "About late" for hits in ask(view) for hit in hits)


def test_an_undamaged_publication_is_used_as_it_is(index: LocalIndex, embedder: Embedder) -> None:
    before = published(index.directory)
    index.close()
    with LocalIndex(index.directory, embedder) as again:
        answers(again)
    assert published(index.directory) == before


def test_old_publications_are_cleaned_away(index: LocalIndex, embedder: Embedder) -> None:
    for n in range(5):
        store(index, embedder, paper(f"late {n}", f"Late paper {n}."))
        index.sync()
    (index.directory / "derived" / "half-written").mkdir()
    store(index, embedder, paper("last", "The last paper."))
    index.sync()
    folders = [entry for entry in (index.directory / "derived").iterdir() if entry.is_dir()]
    assert published(index.directory) in folders
    assert len(folders) == 2


def test_what_was_removed_leaves_the_disk(index: LocalIndex) -> None:
    index.remove(paper("asthma").path)
    index.sync()
    with closing(sqlite3.connect(index.directory / STORE_NAME)) as connection:
        found = connection.execute("SELECT count(*) FROM passages WHERE body LIKE '%Budesonide%'")
        assert found.fetchone()[0] == 0


def test_a_document_costs_one_generation(index: LocalIndex, embedder: Embedder) -> None:
    before = index.stats().generation
    store(index, embedder, paper("asthma", "Replaced by one sentence."))
    assert index.stats().generation == before + 1
    index.remove(paper("asthma").path)
    assert index.stats().generation == before + 2


class Renamed(SentenceTransformerEmbedder):
    """The same model under another name."""

    @property
    def name(self) -> str:
        """Not the name that the index knows."""
        return "another-model"


def test_another_embedder_is_refused_in_one_sentence(index: LocalIndex) -> None:
    index.close()
    with pytest.raises(IndexProblem, match=r"made with the embedder all-MiniLM-L6-v2.*another-"):
        LocalIndex(index.directory, Renamed())


def test_a_later_format_is_refused_in_one_sentence(index: LocalIndex, embedder: Embedder) -> None:
    index.close()
    with closing(sqlite3.connect(index.directory / STORE_NAME)) as connection, connection:
        connection.execute("UPDATE meta SET value = '99' WHERE key = 'format'")
    with pytest.raises(IndexProblem, match="format 99"):
        LocalIndex(index.directory, embedder)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path, embedder: Embedder) -> None:
    (tmp_path / STORE_NAME).write_bytes(b"something else entirely " * 100)
    with pytest.raises(IndexProblem, match="cannot be opened"):
        LocalIndex(tmp_path, embedder)


def test_a_place_where_no_folder_can_be_is_refused(tmp_path: Path, embedder: Embedder) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(IndexProblem, match="cannot be made"):
        open_index(tmp_path / "file" / "index", embedder)


def test_an_index_whose_making_was_cut_short_is_made(tmp_path: Path, embedder: Embedder) -> None:
    with closing(sqlite3.connect(tmp_path / STORE_NAME)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
    with LocalIndex(tmp_path, embedder) as index:
        assert index.stats().documents == 0


def test_an_index_that_vanished_is_one_sentence(index: LocalIndex) -> None:
    shutil.rmtree(index.directory)
    with pytest.raises(IndexProblem, match="cannot be read"):
        index.view()


def test_while_another_process_writes_readers_go_on(
    index: LocalIndex, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local, "CATCH_UP_SECONDS", 0.01)
    wanted = answers(index)
    with index.view() as view:
        published_size = view.stats()
    # An open file of its own stands for another process: the lock belongs to the open file.
    with LocalIndex(index.directory, embedder) as other:
        store(other, embedder, paper("late", "Children with asthma and cirrhosis."))
        index.remove(paper("tamoxifen").path)
        with (
            FileLock(index.directory / "write.lock"),
            LocalIndex(index.directory, embedder) as reader,
        ):
            for one in (index, reader):
                assert answers(one) == wanted
                with one.view() as view:
                    assert view.stats() == published_size
        assert answers(index) != wanted
        assert answers(other) == answers(index)


def test_a_writer_waits_for_another_one_and_says_so_if_it_takes_too_long(
    index: LocalIndex, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local, "LOCK_SECONDS", 0.1)
    lock = FileLock(index.directory / "write.lock")
    with lock, pytest.raises(IndexProblem, match="Another process has been writing"):
        store(index, embedder, paper("late", "Too late."))
    store(index, embedder, paper("late", "In time."))
    assert index.stats().documents == len(PAPERS) + 1


def test_readers_in_other_threads_see_whole_generations_while_documents_come_and_go(
    index: LocalIndex, embedder: Embedder
) -> None:
    seen: list[tuple[int, list[list[Hit]]]] = []
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            with index.view() as view:
                seen.append((view.stats().generation, ask(view)))

    readers = [threading.Thread(target=read) for _ in range(3)]
    late = paper("late", "Sorafenib in children with asthma.", "Cirrhosis was rare.")
    store(index, embedder, late)  # its vectors are remembered from here on
    for reader in readers:
        reader.start()
    begun = time.monotonic()
    while time.monotonic() - begun < 2.0:
        index.remove(late.path)
        store(index, embedder, late)
    stop.set()
    for reader in readers:
        reader.join()
    with_it = answers(index)
    index.remove(late.path)
    without = answers(index)
    assert len({generation for generation, _ in seen}) > 3
    assert all(hits in (with_it, without) for _, hits in seen)


def test_a_snapshot_does_not_see_later_commits(index: LocalIndex, embedder: Embedder) -> None:
    with Snapshot(index.directory / STORE_NAME) as snapshot:
        before = snapshot.sources()
        store(index, embedder, paper("late", "Too late to be seen."))
        assert snapshot.sources() == before
    assert len(index.sources()) == len(before) + 1


def test_while_documents_are_gathered_no_question_waits_for_them_to_be_found(
    index: LocalIndex, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = answers(index)
    with index.gathering():
        index.remove(paper("asthma").path)
        with monkeypatch.context() as patched:
            patched.setattr(index, "_catch_up", lambda: pytest.fail("a question caught up"))
            held = threading.Thread(target=hold, args=(index, release := threading.Event()))
            held.start()
            assert answers(index) == before
            release.set()
            held.join()
        index.sync()
        after = answers(index)
    assert after != before
    assert answers(index) == after


def hold(index: LocalIndex, release: threading.Event) -> None:
    """Write, for as long as it takes."""
    with index._writing():
        assert release.wait(20)


def test_an_index_that_was_just_opened_is_found_in_while_it_gathers(
    tmp_path: Path, embedder: Embedder
) -> None:
    with LocalIndex(tmp_path / "new", embedder) as index, index.gathering():
        store(index, embedder, paper("asthma"))
        with index.view() as view:
            assert view.stats().documents == 1
