"""A file that breaks its reader costs one line; the rest goes on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from index import open_index
from index.base import PassageIndex
from index.find import FoundFile
from index.ingest import ingest
from index.reading import ROOT, End, Event, Found, Limits, Reading, Refused, Worker, Workers
from index.settings import Settings
from tests.index.record_files import WORKER, write_records
from tests.index.word_vectors import WordVectors

ROOMY = Limits(seconds=60.0, memory=600)


@pytest.fixture(params=["one", "three"])
def worker(request: pytest.FixtureRequest) -> Iterator[Reading]:
    """One process or three, with the test's own reader of RIS files."""
    with Worker(ROOMY, WORKER) if request.param == "one" else Workers(ROOMY, 3, WORKER) as made:
        yield made


def found_file(path: Path) -> FoundFile:
    return FoundFile(path, path.name)


def record_file(path: Path, *texts: str) -> FoundFile:
    """A file of records with these texts, by number."""
    write_records(path, {str(n): text for n, text in enumerate(texts, start=1)})
    return found_file(path)


def read(worker: Reading, file: FoundFile) -> list[Event]:
    return list(worker.read(file))


def texts(events: list[Event]) -> list[str]:
    """The last paragraphs of the documents among these events."""
    return [e.unpack()[0].text.split("\n\n")[-1] for e in events if isinstance(e, Found)]


def test_what_comes_out_of_the_process_is_what_a_reader_gives(
    worker: Reading, tmp_path: Path
) -> None:
    (tmp_path / "mice.md").write_text("# Mice\n\nMice ate.\n\n## Care\n\nMice slept.\n")
    found, end = read(worker, found_file(tmp_path / "mice.md"))
    assert isinstance(found, Found)
    document, cut = found.unpack()
    assert (document.info.source, document.info.title, found.key) == ("mice.md", "Mice", None)
    assert [document.text[p.start : p.end] for p in cut] == ["Mice ate.", "Mice slept."]
    assert [p.text for p in cut] == ["Mice ate.", "Mice slept."]
    assert isinstance(end, End)
    assert (len(end.sha256), end.reason) == (64, None)


def test_records_come_one_by_one_with_their_reasons(worker: Reading, tmp_path: Path) -> None:
    events = read(worker, record_file(tmp_path / "list.txt", "Mice ate.", "BAD", "Mice slept."))
    assert texts(events) == ["Mice ate.", "Mice slept."]
    assert events[1] == Refused("2", "has no abstract", "Export it again.")


@pytest.mark.parametrize(
    ("deed", "reason"),
    [
        ("DIE", "makes its reader crash"),
        ("SEGFAULT", "makes its reader crash"),
        ("EAT", "needs more than 600 MB of memory to be read"),
        ("DEEP", "is nested too deeply to be read"),
        ("STUMBLE", "cannot be read (ZeroDivisionError: "),
        ("CONNECT", "cannot be read (PermissionError: reading a file does not need socket."),
        ("RUN", "cannot be read (PermissionError: reading a file does not need subprocess."),
        ("TORN", "ends in the middle of a record"),
    ],
)
def test_a_file_that_breaks_its_reader_costs_only_itself(
    worker: Reading, tmp_path: Path, deed: str, reason: str
) -> None:
    harmful = record_file(tmp_path / "harmful.txt", "Mice ate.", deed, "Mice slept.")
    good = record_file(tmp_path / "good.txt", "Rats ate.")
    worker.expect(harmful)
    worker.expect(good)
    events = read(worker, harmful)
    assert texts(events) == ["Mice ate."]
    end = events[-1]
    assert isinstance(end, End)
    assert end.reason is not None
    assert end.reason.startswith(reason)
    assert "\n" not in end.reason
    assert texts(read(worker, good)) == ["Rats ate."]


@pytest.mark.parametrize("deed", ["HANG", "SPIN"])
def test_a_file_that_takes_too_long_is_given_up(tmp_path: Path, deed: str) -> None:
    with Worker(Limits(seconds=2.0, memory=600), WORKER) as worker:
        events = read(worker, record_file(tmp_path / "slow.txt", deed))
        assert events == [
            End("", "cannot be read within 2 seconds", "PINCITE_READ_SECONDS allows more.")
        ]
    with Worker(ROOMY, WORKER) as worker:
        assert texts(read(worker, record_file(tmp_path / "good.txt", "Rats ate."))) == ["Rats ate."]


def test_a_file_is_read_while_another_process_is_busy(tmp_path: Path) -> None:
    slow = record_file(tmp_path / "slow.txt", "HANG")
    good = [record_file(tmp_path / f"{n}.txt", f"Rats ate {n}.") for n in range(4)]
    with Workers(ROOMY, 2, WORKER) as workers:
        workers.expect(slow)
        for n, file in enumerate(good):
            assert texts(read(workers, file)) == [f"Rats ate {n}."]


def test_a_process_that_ends_loses_none_of_the_files_that_wait_for_it(tmp_path: Path) -> None:
    deadly = record_file(tmp_path / "deadly.txt", "DIE")
    good = [record_file(tmp_path / f"{n}.txt", f"Rats ate {n}.") for n in range(3)]
    with Workers(ROOMY, 2, WORKER) as workers:
        for file in (deadly, *good):
            workers.expect(file)
        (end,) = read(workers, deadly)
        assert isinstance(end, End)
        assert end.reason == "makes its reader crash"
        for n, file in enumerate(good):
            assert texts(read(workers, file)) == [f"Rats ate {n}."]


def test_a_large_file_may_take_longer(tmp_path: Path) -> None:
    large = tmp_path / "large.txt"
    with large.open("wb") as file:
        file.truncate(300_000_000)
    assert ROOMY.seconds_for(large) == 360.0
    assert ROOMY.seconds_for(tmp_path / "missing.txt") == 60.0


def test_what_a_library_prints_does_not_get_between(worker: Reading, tmp_path: Path) -> None:
    file = record_file(tmp_path / "loud.txt", "PRINT", "Mice slept.")
    assert texts(read(worker, file)) == ["PRINT", "Mice slept."]


def test_more_than_a_pipe_holds_waits_until_it_is_wanted(worker: Reading, tmp_path: Path) -> None:
    long = record_file(tmp_path / "long.txt", *("Mice ate. " * 2000 for _ in range(50)))
    next_one = record_file(tmp_path / "next.txt", "Rats ate.")
    worker.expect(long)
    worker.expect(next_one)
    assert len(texts(read(worker, long))) == 50
    assert texts(read(worker, next_one)) == ["Rats ate."]


def test_the_process_takes_no_module_from_the_folder_one_stands_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('taken')")
    (tmp_path / "mice.md").write_text("Mice ate.")
    monkeypatch.chdir(tmp_path)
    with Worker(ROOMY) as worker:
        assert texts(read(worker, found_file(tmp_path / "mice.md"))) == ["Mice ate."]


def test_the_process_loads_no_model_library() -> None:
    code = "import sys, index.worker; print(*sorted(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = {name.split(".")[0] for name in done.stdout.split()}
    assert loaded.isdisjoint({"torch", "transformers", "faiss", "tantivy", "gradio", "pydantic"})


def test_the_process_leaves_when_its_parent_is_gone(tmp_path: Path) -> None:
    """Its input ends; what it was doing it gives up with the next word it cannot say."""
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "index.worker", "600"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    (tmp_path / "mice.md").write_text("Mice ate.")
    request = {"path": str(tmp_path / "mice.md"), "source": "mice.md", "seconds": 9}
    assert process.stdout is not None
    process.stdout.close()
    _, said = process.communicate(json.dumps(request).encode() + b"\n")
    assert (process.returncode, said) == (0, b"")


@pytest.fixture
def index(tmp_path: Path) -> Iterator[PassageIndex]:
    with open_index(tmp_path / "index", WordVectors()) as made:
        yield made


@pytest.mark.parametrize("processes", [1, 3])
def test_every_good_file_beside_harmful_ones_is_indexed(
    index: PassageIndex, tmp_path: Path, processes: int
) -> None:
    folder = tmp_path / "papers"
    folder.mkdir()
    for n, deed in enumerate(("DIE", "EAT", "SEGFAULT", "DEEP"), start=1):
        record_file(folder / f"{n}-harmful.txt", f"Before {deed} {n}.", deed)
        record_file(folder / f"{n}-good.txt", f"Good number {n}.")
    report = ingest(index, WordVectors(), [folder], reading=Workers(ROOMY, processes, WORKER))
    assert report.indexed == 4
    assert [Path(f.source).name for f in report.failed] == [f"{n}-harmful.txt" for n in range(1, 5)]
    assert all(f.hint or "nested" in f.reason for f in report.failed)
    # What was read before the harm is there, and is not read twice.
    assert index.stats().documents == 8
    again = ingest(index, WordVectors(), [folder], reading=Workers(ROOMY, processes, WORKER))
    assert (again.documents, again.unchanged, len(again.failed)) == (0, 4, 4)


def test_limits_are_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PINCITE_READ_SECONDS", "7.5")
    monkeypatch.setenv("PINCITE_READ_MEMORY", "300")
    assert Limits.of(Settings()) == Limits(7.5, 300)
