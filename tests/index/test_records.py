"""Files that hold many records: each is a document of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus.document import Document
from corpus.load import load_all
from corpus.readers import RECORD_READERS
from index import open_index
from index.base import Hit, PassageIndex, SourceRecord
from index.ingest import Failure, IngestReport, Progress, ingest
from index.reading import ReadingHere
from tests.index import record_files
from tests.index.record_files import write_records
from tests.index.word_vectors import WordVectors

TEXTS = {
    "mice": "Mice lived for twelve weeks.",
    "10.1/a b/c": "Rats lived for three years.",
    "..": "Voles were never weighed.",
}


class Library:
    """A folder of record files, and an index that takes them in."""

    def __init__(self, folder: Path, embedder: WordVectors, index: PassageIndex) -> None:
        self.folder = folder
        self.embedder = embedder
        self.index = index

    def take_in(self, *names: str, prune: bool = False) -> IngestReport:
        """Index files; without names the whole folder."""
        paths = [self.folder / name for name in names] or [self.folder]
        return ingest(self.index, self.embedder, paths, prune=prune, reading=ReadingHere())

    def write(self, name: str, records: dict[str, str] | list[tuple[str, str]]) -> str:
        """Write a file of records; gives its absolute path."""
        write_records(self.folder / name, records)
        return str((self.folder / name).absolute())

    def best(self, question: str) -> Hit:
        """The best passage."""
        with self.index.view() as view:
            return view.search(question, 1)[0]

    def held(self) -> dict[str, str]:
        """The text of the documents, by source."""
        with self.index.view() as view:
            return {
                record.source: view.document(record.document.id).text.split("\n\n")[-1]
                for record in self.index.sources()
                if record.document
            }

    def failed(self) -> list[tuple[str, str | None]]:
        """Sources that failed, with the reason."""
        return [(r.source, r.reason) for r in self.index.sources() if r.state == "failed"]

    def row(self, path: str) -> SourceRecord | None:
        """What the index knows of a path."""
        return next((record for record in self.index.sources() if record.path == path), None)


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Library]:
    """An empty library."""
    monkeypatch.setitem(RECORD_READERS, "ris", record_files.read)
    monkeypatch.chdir(tmp_path)
    folder, embedder = Path("library"), WordVectors()
    folder.mkdir()
    with open_index(tmp_path / "index", embedder) as index:
        yield Library(folder, embedder, index)


def test_every_record_becomes_a_document_with_an_address_in_its_file(library: Library) -> None:
    library.write("list.txt", TEXTS)
    report = library.take_in()
    assert (report.indexed, report.documents, report.failed) == (1, 3, [])
    assert library.held() == {f"library/list.txt#{key}": text for key, text in TEXTS.items()}
    hit = library.best("How long did rats live?")
    assert hit.document.source == "library/list.txt#10.1/a b/c"
    assert hit.document.title == "On 10.1/a b/c"
    with library.index.view() as view:
        ((start, end),) = view.document(hit.document.id).source_spans(
            hit.passage.start, hit.passage.end
        )
    assert (library.folder / "list.txt").read_text("utf-8")[start:end] == hit.passage.text


def test_an_unchanged_file_is_skipped_at_once(library: Library) -> None:
    library.write("list.txt", TEXTS)
    library.take_in()
    before = library.index.stats()
    report = library.take_in()
    assert (report.indexed, report.documents, report.unchanged) == (0, 0, 1)
    assert library.index.stats() == before


def test_a_changed_file_loses_the_records_that_are_gone_and_embeds_only_new_ones(
    library: Library,
) -> None:
    library.write("list.txt", TEXTS)
    library.take_in()
    library.embedder.calls.clear()
    # The others move in the file, so their addresses do; their words and vectors stay.
    library.write(
        "list.txt",
        {"new": "Shrews are small.", "..": TEXTS[".."], "mice": "Mice lived for two weeks."},
    )
    report = library.take_in()
    assert (report.indexed, report.documents) == (1, 3)
    assert library.held() == {
        "library/list.txt#new": "Shrews are small.",
        "library/list.txt#..": TEXTS[".."],
        "library/list.txt#mice": "Mice lived for two weeks.",
    }
    assert [len(call) for call in library.embedder.calls] == [1, 1]
    hit = library.best("Voles")
    with library.index.view() as view:
        spans = view.document(hit.document.id).source_spans(hit.passage.start, hit.passage.end)
    assert (library.folder / "list.txt").read_text("utf-8")[slice(*spans[0])] == TEXTS[".."]


def test_what_is_stored_does_not_depend_on_the_way_there(library: Library, tmp_path: Path) -> None:
    library.write("list.txt", {"a": "Ants dig.", "b": "Bees fly."})
    library.take_in()
    library.write("other.txt", {"z": "Zebras graze.", "b": "Bees fly."})
    library.take_in()
    library.write("list.txt", TEXTS)
    library.take_in()
    assert library.take_in().indexed == 1, "the bees now stand in the other file only"
    with open_index(tmp_path / "second", library.embedder) as second:
        for name in ("other.txt", "list.txt"):
            ingest(second, library.embedder, [library.folder / name], reading=ReadingHere())
        assert second.stats().fingerprint == library.index.stats().fingerprint
        with second.view() as one, library.index.view() as other:
            assert one.search("bees fly", 9) == other.search("bees fly", 9)


def test_a_stopped_run_goes_on_from_there(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = library.write("list.txt", TEXTS)

    written = 0

    def stop(_: object) -> None:
        nonlocal written
        written += 1
        if written == 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("index.ingest._Pace.step", stop)
        with pytest.raises(KeyboardInterrupt):
            library.take_in()
    assert len(library.held()) == 2
    row = library.row(path)
    assert row is not None
    assert (row.state, row.reason) == ("failed", "was not read to its end")
    library.embedder.calls.clear()
    report = library.take_in()
    assert (report.indexed, report.documents) == (1, 1)
    assert len(library.embedder.calls) == 1
    row = library.row(path)
    assert row is not None
    assert (row.state, row.document, row.reason) == ("indexed", None, None)
    assert library.take_in().unchanged == 1


def test_a_record_that_fails_is_listed_and_stops_nothing(library: Library) -> None:
    library.write("list.txt", {"mice": TEXTS["mice"], "bad": "BAD", "voles": "Voles dig."})
    report = library.take_in()
    assert (report.indexed, report.documents) == (1, 2)
    source = "library/list.txt#bad"
    assert report.failed == [
        Failure(source, "has no abstract", "Export it again.", record_of="library/list.txt")
    ]
    assert library.failed() == [(source, "has no abstract")]
    library.write("list.txt", {"mice": TEXTS["mice"], "bad": "Now it has one."})
    assert library.take_in().failed == []
    assert library.failed() == []


def test_records_without_a_key_or_with_the_same_one_are_kept_apart(library: Library) -> None:
    library.write(
        "list.txt",
        [("a", "Ants dig."), ("a", "Ants carry."), ("", "BAD"), ("", "BAD"), ("a", "Ants dig.")],
    )
    report = library.take_in()
    assert report.documents == 3
    assert library.index.stats().documents == 2, "two of the records are equal, byte for byte"
    assert [failure.source for failure in report.failed] == ["library/list.txt"] * 2
    assert len(library.failed()) == 2


def test_records_without_keys_are_all_kept(library: Library) -> None:
    library.write("list.txt", [("", "Ants dig."), ("", "Bees fly."), ("a", "Cats sleep.")])
    assert library.take_in().documents == 3
    assert library.index.stats().documents == 3
    assert library.take_in().unchanged == 1


def test_a_file_with_one_record_without_a_key_is_a_document_itself(library: Library) -> None:
    library.write("list.txt", [("", "Ants dig.")])
    library.take_in()
    assert library.held() == {"library/list.txt": "Ants dig."}


def test_a_file_that_breaks_off_keeps_what_it_held(library: Library) -> None:
    library.write("list.txt", TEXTS)
    library.take_in()
    library.write("list.txt", {"first": "Ants dig.", "torn": "TORN"})
    report = library.take_in()
    assert report.indexed == 0
    assert [f.reason for f in report.failed] == ["ends in the middle of a record"]
    assert set(library.held()) == {
        "library/list.txt#first",
        *(f"library/list.txt#{key}" for key in TEXTS),
    }
    assert library.take_in().failed == report.failed, "it is tried again"


def test_a_file_without_a_good_record_is_refused_and_keeps_what_it_held(library: Library) -> None:
    library.write("list.txt", TEXTS)
    library.take_in()
    library.write("list.txt", {"x": "BAD", "y": "BAD"})
    report = library.take_in()
    assert report.indexed == 0
    assert report.failed[-1] == Failure("library/list.txt", "has no record that can be read")
    assert len(library.held()) == 3


def test_a_file_goes_with_all_its_records(library: Library) -> None:
    path = library.write("list.txt", TEXTS)
    library.write("list.txt2.txt", {"mice": TEXTS["mice"] + " Really."})
    library.take_in()
    assert library.index.remove(path)
    assert list(library.held()) == ["library/list.txt2.txt#mice"]
    assert library.row(path) is None
    assert not library.index.remove(str(library.folder.absolute()))


def test_a_record_that_was_dropped_alone_comes_back_with_the_next_run(library: Library) -> None:
    library.write("list.txt", TEXTS)
    library.take_in()
    (record,) = [r for r in library.index.sources() if r.source.endswith("#mice")]
    assert library.index.remove(record.path)
    assert len(library.held()) == 2
    report = library.take_in()
    assert (report.indexed, report.documents) == (1, 1)
    assert len(library.held()) == 3


def test_a_file_that_is_gone_or_renamed_leaves_nothing_when_pruned(library: Library) -> None:
    library.write("list.txt", TEXTS)
    library.take_in()
    (library.folder / "list.txt").rename(library.folder / "new.txt")
    report = library.take_in(prune=True)
    assert (report.removed, report.indexed, report.documents) == (1, 1, 3)
    assert set(library.held()) == {f"library/new.txt#{key}" for key in TEXTS}
    assert library.take_in(prune=True).unchanged == 1
    (library.folder / "new.txt").unlink()
    assert library.take_in(prune=True).removed == 1
    assert library.index.sources() == []


def test_a_file_that_has_become_a_folder_makes_room_for_what_is_in_it(library: Library) -> None:
    library.write("list.txt", TEXTS)
    library.take_in()
    (library.folder / "list.txt").unlink()
    (library.folder / "list.txt").mkdir()
    library.write("list.txt/mice", {})
    (library.folder / "list.txt" / "new.txt").write_text("Shrews are small.")
    assert library.take_in(prune=True).removed == 1
    assert library.held() == {"library/list.txt/new.txt": "Shrews are small."}


def test_a_record_in_two_files_is_one_document_that_outlives_either(library: Library) -> None:
    for name, before in (("a.txt", "Ants dig."), ("b.txt", "Bees carry pollen.")):
        library.write(name, {"own": before, "mice": TEXTS["mice"]})
    library.take_in()
    assert library.index.stats().documents == 3
    assert library.best("mice").document.source == "library/a.txt#mice"
    library.write("a.txt", {"own": "Ants dig."})
    library.take_in("a.txt")
    assert library.index.stats().documents == 3
    assert library.best("mice").document.source == "library/b.txt#mice"
    # Its place in the other file is another one: the next run looks there.
    assert library.take_in().documents == 1
    hit = library.best("mice")
    with library.index.view() as view:
        spans = view.document(hit.document.id).source_spans(hit.passage.start, hit.passage.end)
    assert (library.folder / "b.txt").read_text("utf-8")[slice(*spans[0])] == TEXTS["mice"]


def test_a_file_may_turn_from_one_document_into_many_and_back(library: Library) -> None:
    (library.folder / "list.txt").write_text("Shrews are small.")
    library.take_in()
    library.write("list.txt", TEXTS)
    library.take_in()
    assert set(library.held()) == {f"library/list.txt#{key}" for key in TEXTS}
    (library.folder / "list.txt").write_text("Shrews are small.")
    library.take_in()
    assert library.held() == {"library/list.txt": "Shrews are small."}
    assert len(library.index.sources()) == 1


def test_a_source_names_its_record_when_the_file_is_read_again(library: Library) -> None:
    path = library.folder / "list.txt"
    library.write("list.txt", TEXTS)
    library.take_in()
    found = [d for d in load_all(path.read_bytes(), str(path)) if isinstance(d, Document)]
    again = {document.info.source: document.id for document in found}
    held = {r.source: r.document.id for r in library.index.sources() if r.document}
    assert again == held


def test_many_records_are_stored_without_holding_them_all(library: Library) -> None:
    library.write("list.txt", {str(n): f"Mouse {n} lived for {n} days." for n in range(300)})
    steps: list[Progress] = []
    report = ingest(
        library.index,
        library.embedder,
        [library.folder],
        progress=steps.append,
        reading=ReadingHere(),
    )
    assert report.documents == 300
    assert library.index.stats().documents == 300
    assert max(len(call) for call in library.embedder.calls) == 1
    assert [step.done for step in steps] == [0, 1]
