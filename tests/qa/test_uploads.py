"""Files handed over in the browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from index import open_index
from index.base import PassageIndex
from index.embed import Embedder
from index.ingest import Progress
from index.reading import Worker
from qa.uploads import UploadReport, take
from tests.index.record_files import WORKER, write_records

PAPER = "# Tea\n\nTea was grown on the south slope of the hill from 1871 onwards.\n"


@pytest.fixture
def index(tmp_path: Path, embedder: Embedder) -> Iterator[PassageIndex]:
    with open_index(tmp_path / "index", embedder) as opened:
        yield opened


class Counter:
    """Where people hand in their files."""

    def __init__(self, tmp_path: Path, index: PassageIndex, embedder: Embedder) -> None:
        self.tmp_path, self.index, self.embedder = tmp_path, index, embedder
        self.folder = tmp_path / "index" / "uploads"
        self.handed = 0

    def hand_in(self, **files: str) -> UploadReport:
        """Hand in files, given as ``name_md="text"``."""
        self.handed += 1
        desk = self.tmp_path / f"temporary-{self.handed}"
        desk.mkdir()
        paths = []
        for name, text in files.items():
            path = desk / name.replace("_", ".")
            path.write_text(text, encoding="utf-8")
            paths.append(path)
        report = take(paths, self.index, self.embedder, self.folder)
        assert not any(path.exists() for path in paths)
        return report

    def kept(self) -> list[str]:
        """List what is kept."""
        return sorted(path.name for path in self.folder.iterdir())


@pytest.fixture
def counter(tmp_path: Path, index: PassageIndex, embedder: Embedder) -> Counter:
    return Counter(tmp_path, index, embedder)


def test_an_upload_can_be_asked_about_and_is_kept_beside_the_index(counter: Counter) -> None:
    report = counter.hand_in(tea_md=PAPER)
    assert report == UploadReport(added=("tea.md",))
    assert counter.kept() == ["tea.md"]
    with counter.index.view() as view:
        hits = view.search("Where was tea grown?", 1)
        assert "south slope" in hits[0].passage.text
        assert hits[0].document.source == str(counter.folder / "tea.md")


def test_the_same_file_again_is_said_to_be_known(counter: Counter) -> None:
    counter.hand_in(tea_md=PAPER)
    assert counter.hand_in(tea_md=PAPER) == UploadReport(known=("tea.md",))
    assert counter.kept() == ["tea.md"]
    assert counter.index.stats().documents == 1


def test_another_file_of_the_same_name_replaces_nothing(counter: Counter) -> None:
    counter.hand_in(tea_md=PAPER)
    report = counter.hand_in(tea_md=PAPER.replace("1871", "1901"))
    assert report.added == ("tea.md",)
    assert counter.kept() == ["tea-2.md", "tea.md"]
    assert counter.index.stats().documents == 2


def test_a_file_that_cannot_be_read_is_named_with_the_reason_and_kept_as_failed(
    counter: Counter,
) -> None:
    report = counter.hand_in(tea_md=PAPER, empty_md="")
    assert report.added == ("tea.md",)
    ((name, reason),) = report.failed
    assert name == "empty.md"
    assert reason.endswith(".")
    assert counter.kept() == ["empty.md", "tea.md"]
    assert [record.state for record in counter.index.sources()] == ["failed", "indexed"]
    assert counter.index.stats().documents == 1


def test_a_mended_file_takes_the_place_of_the_one_that_could_not_be_read(counter: Counter) -> None:
    counter.hand_in(tea_md="")
    report = counter.hand_in(tea_md=PAPER)
    assert report == UploadReport(added=("tea.md",))
    assert counter.kept() == ["tea.md"]
    assert [record.state for record in counter.index.sources()] == ["indexed"]


def test_a_broken_file_does_not_replace_one_that_answers(counter: Counter) -> None:
    counter.hand_in(tea_md=PAPER)
    counter.hand_in(tea_md="")
    assert counter.kept() == ["tea-2.md", "tea.md"]
    assert counter.index.stats().documents == 1


def test_records_that_cannot_be_read_are_told_of_and_the_file_stays(
    index: PassageIndex, embedder: Embedder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "list.txt"
    write_records(file, {"1": "Tea was grown on the hill.", "2": "BAD", "3": "BAD"})
    monkeypatch.setattr(
        "index.ingest.Workers", lambda limits, niceness: Worker(limits, WORKER, niceness)
    )
    report = take([file], index, embedder, tmp_path / "kept")
    assert report == UploadReport(
        added=("list.txt",),
        partly=(("list.txt", "2 records could not be read: 2 has no abstract."),),
    )
    assert (tmp_path / "kept" / "list.txt").exists()
    assert index.stats().documents == 1


def test_progress_is_told_file_by_file(
    tmp_path: Path, index: PassageIndex, embedder: Embedder
) -> None:
    files = [tmp_path / "a.md", tmp_path / "b.md"]
    for file in files:
        file.write_text(PAPER + file.name, encoding="utf-8")
    told: list[Progress] = []
    take(files, index, embedder, tmp_path / "kept", told.append)
    assert [(now.done, now.total) for now in told] == [(0, 2), (1, 2), (2, 2)]
