"""Tests of bringing files in."""

from __future__ import annotations

import os
import socket
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from index import open_index, pending, worker
from index.base import PassageIndex
from index.embed import PACKAGED, Embedder
from index.find import find_files
from index.ingest import Failure, IngestReport, Progress, ingest
from index.packaged import PackagedEmbedder
from index.reading import Limits, ReadingHere, Workers
from index.schema import STORE_NAME
from index.settings import Settings
from tests.index.papers import PAPERS, answers, write_papers


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with all papers; its parent is the working directory."""
    monkeypatch.chdir(tmp_path)
    write_papers(tmp_path / "papers")
    return Path("papers")


@pytest.fixture
def index(tmp_path: Path, embedder: Embedder) -> Iterator[PassageIndex]:
    """An empty index."""
    with open_index(tmp_path / "index", embedder) as made:
        yield made


def counts(report: IngestReport) -> tuple[int, int, int, int]:
    return report.indexed, report.unchanged, report.removed, len(report.failed)


def test_a_folder_is_indexed_and_asked(
    index: PassageIndex, embedder: Embedder, folder: Path
) -> None:
    report = ingest(index, embedder, [folder])
    assert counts(report) == (len(PAPERS), 0, 0, 0)
    with index.view() as view:
        hit = view.search("How many children were enrolled?", 1)[0]
        assert view.document(hit.document.id).text[hit.passage.start : hit.passage.end] == (
            hit.passage.text
        )
    assert hit.document.source == "papers/asthma.md"
    (record,) = [record for record in index.sources() if record.source == hit.document.source]
    assert record.path == str(Path.cwd() / "papers" / "asthma.md")


def test_unchanged_files_are_skipped_and_changed_ones_replaced(
    index: PassageIndex, embedder: Embedder, folder: Path
) -> None:
    ingest(index, embedder, [folder])
    before = index.stats()
    assert counts(ingest(index, embedder, [folder])) == (0, len(PAPERS), 0, 0)
    assert index.stats() == before
    (folder / "asthma.md").write_text("# About asthma\n\nThe trial was withdrawn.\n", "utf-8")
    assert counts(ingest(index, embedder, [folder])) == (1, len(PAPERS) - 1, 0, 0)
    with index.view() as view:
        assert view.search("asthma", 1)[0].passage.text == "The trial was withdrawn."
    assert index.stats().documents == len(PAPERS)


def test_missing_files_are_dropped_only_when_asked_and_only_under_the_given_paths(
    index: PassageIndex, embedder: Embedder, folder: Path
) -> None:
    write_papers(Path("others"), ("asthma",))
    (Path("others") / "asthma.md").rename("others/other.md")
    ingest(index, embedder, [folder, Path("others")])
    (folder / "asthma.md").unlink()
    Path("others/other.md").unlink()
    assert counts(ingest(index, embedder, [folder])) == (0, len(PAPERS) - 1, 0, 0)
    assert len(index.sources()) == len(PAPERS) + 1
    assert ingest(index, embedder, [folder], prune=True).removed == 1
    assert len(index.sources()) == len(PAPERS)
    report = ingest(index, embedder, [Path("others/other.md")], prune=True)
    assert counts(report) == (0, 0, 1, 0)
    assert len(index.sources()) == len(PAPERS) - 1


def test_a_renamed_file_keeps_nothing_of_its_old_name(
    index: PassageIndex, embedder: Embedder, folder: Path
) -> None:
    (folder / "a-note.txt").write_text("the plain note says that gout is painful.", "utf-8")
    ingest(index, embedder, [folder])
    (folder / "a-note.txt").rename(folder / "z-note.txt")
    report = ingest(index, embedder, [folder], prune=True)
    assert counts(report) == (1, len(PAPERS), 1, 0)
    with index.view() as view:
        hit = view.search("gout", 1)[0]
    assert (hit.document.source, hit.document.title) == ("papers/z-note.txt", "z-note")


def test_the_same_bytes_under_two_names_are_one_document(
    index: PassageIndex, embedder: Embedder, folder: Path
) -> None:
    text = "the plain note says that gout is painful."
    for name in ("b-note", "a-note"):
        (folder / f"{name}.txt").write_text(text, "utf-8")
    ingest(index, embedder, [folder])
    assert index.stats().documents == len(PAPERS) + 1
    with index.view() as view:
        hits = view.search("gout", 50)
    assert [h.document.source for h in hits if h.bm25] == ["papers/a-note.txt"]
    (folder / "a-note.txt").unlink()
    ingest(index, embedder, [folder], prune=True)
    with index.view() as view:
        hit = view.search("gout", 1)[0]
    assert (hit.document.source, hit.document.title) == ("papers/b-note.txt", "b-note")


def test_files_that_cannot_be_read_are_listed_and_stop_nothing(
    index: PassageIndex, embedder: Embedder, folder: Path
) -> None:
    (folder / "a-empty.txt").touch()
    (folder / "b-broken.pdf").write_bytes(b"%PDF-1.7\nnot much of a file")
    (folder / "c-dangling.md").symlink_to("nowhere.md")
    os.mkfifo(folder / "d-pipe.txt")
    report = ingest(index, embedder, [folder])
    assert report.indexed == len(PAPERS)
    assert [failure.source for failure in report.failed] == [
        "papers/a-empty.txt",
        "papers/b-broken.pdf",
        "papers/c-dangling.md",
        "papers/d-pipe.txt",
    ]
    assert all(failure.reason and "\n" not in failure.reason for failure in report.failed)
    noted = [record for record in index.sources() if record.state == "failed"]
    assert [Failure(r.source, r.reason or "", r.hint) for r in noted] == report.failed


def test_a_failed_file_is_tried_again_though_unchanged(
    index: PassageIndex, embedder: Embedder, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(*_: object) -> None:
        raise ZeroDivisionError("two\nlines")

    path = folder / "asthma.md"
    with monkeypatch.context() as patch:
        patch.setattr(worker, "load_all", stumble)
        report = ingest(index, embedder, [path], reading=ReadingHere())
    assert report.failed == [
        Failure("papers/asthma.md", "cannot be read (ZeroDivisionError: two lines)")
    ]
    assert index.stats().failed == 1
    assert counts(ingest(index, embedder, [path])) == (1, 0, 0, 0)
    assert index.stats().failed == 0


def test_a_file_that_breaks_keeps_answering_with_what_it_held(
    index: PassageIndex, embedder: Embedder, folder: Path
) -> None:
    ingest(index, embedder, [folder])
    wanted = answers(index)
    (folder / "asthma.md").write_bytes(b"")
    report = ingest(index, embedder, [folder])
    assert [failure.reason for failure in report.failed] == ["is empty"]
    assert answers(index) == wanted


def test_a_text_with_nothing_to_quote_is_refused(
    index: PassageIndex, embedder: Embedder, folder: Path
) -> None:
    (folder / "bare.md").write_text("# A title\n\n## A heading\n", "utf-8")
    report = ingest(index, embedder, [folder / "bare.md"])
    assert [failure.reason for failure in report.failed] == ["has no text that could be quoted"]


def test_a_path_that_leads_nowhere_is_listed(
    index: PassageIndex, embedder: Embedder, folder: Path
) -> None:
    report = ingest(index, embedder, [Path("nowhere.md"), folder])
    assert report.failed == [Failure("nowhere.md", "does not exist")]
    assert report.indexed == len(PAPERS)


def test_progress_names_each_file_and_comes_to_the_end(
    index: PassageIndex, embedder: Embedder, folder: Path
) -> None:
    steps: list[Progress] = []
    ingest(index, embedder, [folder], progress=steps.append)
    assert [step.done for step in steps] == [*range(len(PAPERS) + 1)]
    assert {step.total for step in steps} == {len(PAPERS)}
    assert [step.path.name for step in steps[:-1]] == sorted(f"{name}.md" for name in PAPERS)


def test_an_interrupted_run_is_finished_by_the_next(
    index: PassageIndex, embedder: Embedder, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pending, "AHEAD", 1)  # of each document, those before it are written

    def interrupt(step: Progress) -> None:
        if step.done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ingest(index, embedder, [folder], progress=interrupt)
    held = index.stats().documents
    assert held in (2, 3)
    with index.view() as view:
        assert view.stats().documents == held
    assert counts(ingest(index, embedder, [folder])) == (len(PAPERS) - held, held, 0, 0)


@pytest.mark.slow
def test_many_at_work_store_what_one_does(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a person would: the real model, real reading processes."""
    (folder / "b-broken.pdf").write_bytes(b"%PDF-1.7\nnot much of a file")
    stored: list[tuple[object, ...]] = []
    for processes, threads, ahead in ((1, 1, 0), (3, 4, 1000)):
        monkeypatch.setattr(pending, "AHEAD", ahead)
        embedder = PackagedEmbedder(f"{PACKAGED} int8", threads)
        with open_index(tmp_path / f"index-{processes}", embedder) as index:
            reading = Workers(Limits.of(Settings()), processes)
            report = ingest(index, embedder, [folder], reading=reading)
            index.rebuild()
            with closing(sqlite3.connect(tmp_path / f"index-{processes}" / STORE_NAME)) as store:
                rows = store.execute("SELECT row, start, body, vector FROM passages ORDER BY row")
                found = (report, index.stats(), index.sources(), rows.fetchall(), answers(index))
            stored.append(found)
    assert stored[0] == stored[1]


def test_two_runs_at_once_give_what_one_gives(
    index: PassageIndex, embedder: Embedder, folder: Path, tmp_path: Path
) -> None:
    # Each index has its own open lock file, as another process would.
    with open_index(tmp_path / "index", embedder) as other, ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(ingest, one, embedder, [folder]) for one in (index, other)]
        assert [counts(run.result())[-1] for run in runs] == [0, 0]
    with open_index(tmp_path / "alone", embedder) as alone:
        ingest(alone, embedder, [folder])
        assert answers(index) == answers(alone)
        assert index.stats() == alone.stats()


def test_the_fingerprint_does_not_depend_on_where_a_collection_lies(
    index: PassageIndex, embedder: Embedder, folder: Path, tmp_path: Path
) -> None:
    ingest(index, embedder, [folder])
    folder.rename("moved")
    with open_index(tmp_path / "second", embedder) as second:
        for path in sorted(Path("moved").iterdir(), reverse=True):
            ingest(second, embedder, [path])
        assert second.stats().fingerprint == index.stats().fingerprint


def test_folders_are_searched_in_order_without_hidden_files_and_indexes(
    folder: Path, tmp_path: Path, embedder: Embedder
) -> None:
    for name in ("sub/z.md", "sub/deep/A.MD", ".hidden/x.md", ".x.md", "sub/data.csv", "a.txt"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("Text.", "utf-8")
    open_index(folder / "own", embedder).close()
    (folder / "own" / "uploaded.md").write_text("Text.", "utf-8")
    (folder / "sub" / "loop").symlink_to(folder.absolute())
    found = find_files([folder, folder / "a.txt", folder / ".x.md"], {".md", ".txt"})
    papers = sorted(f"papers/{name}.md" for name in PAPERS)
    assert [file.source for file in found.files] == [
        *sorted(["papers/a.txt", *papers]),
        "papers/sub/z.md",
        "papers/sub/deep/A.MD",
        "papers/.x.md",
    ]
    assert found.ignored == 1
    assert found.refused == []


def test_a_socket_and_a_name_that_is_no_text_are_refused(
    index: PassageIndex, embedder: Embedder, folder: Path
) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("papers/s.txt")
        Path(os.fsdecode(b"papers/caf\xe9.md")).write_text("Text.", "utf-8")
        report = ingest(index, embedder, [folder])
    assert [failure.reason for failure in report.failed] == [
        "has a name that is not valid UTF-8",
        "is not a regular file",
    ]
    assert report.indexed == len(PAPERS)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read all")
def test_what_may_not_be_read_is_listed(
    index: PassageIndex, embedder: Embedder, folder: Path
) -> None:
    (folder / "asthma.md").chmod(0)
    (folder / "closed").mkdir(mode=0)
    report = ingest(index, embedder, [folder])
    assert [failure.source for failure in report.failed] == ["papers/closed", "papers/asthma.md"]
