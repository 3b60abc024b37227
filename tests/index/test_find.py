"""Which files are meant: folders in circles, doors that are closed, things that are no files."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from index.find import find_files

ENDINGS = {".md"}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, which is the working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def sources(*paths: str | Path) -> list[str]:
    """The files found under these paths, as they are named."""
    return [file.source for file in find_files([Path(path) for path in paths], ENDINGS).files]


def clear_away(deep: Path) -> None:
    """Delete a folder that is too deep for those who clear away after the tests."""
    flat = deep.with_name("flat")
    flat.mkdir()
    while (deep / "d").exists():
        (deep / "d").rename(flat / "d")
        shutil.rmtree(deep)
        (flat / "d").rename(deep)


def test_a_folder_that_holds_itself_is_searched_once(here: Path) -> None:
    (here / "a" / "b").mkdir(parents=True)
    (here / "a" / "b" / "note.md").touch()
    (here / "a" / "b" / "up").symlink_to(here / "a")
    (here / "a" / "itself").symlink_to(".")
    assert sources("a") == ["a/b/note.md"]


def test_a_link_in_a_circle_is_named_and_left_to_the_reading(here: Path) -> None:
    (here / "a").mkdir()
    (here / "a" / "one.md").symlink_to("two.md")
    (here / "a" / "two.md").symlink_to("one.md")
    (here / "a" / "circle").symlink_to("circle")
    found = find_files([Path("a")], ENDINGS)
    assert [file.source for file in found.files] == ["a/one.md", "a/two.md"]
    assert found.ignored == 1
    assert sources("a/circle") == ["a/circle"]


def test_what_is_no_file_is_found_by_its_ending_and_never_opened(here: Path) -> None:
    os.mkfifo(here / "pipe.md")
    (here / "folder.md").mkdir()
    (here / "folder.md" / "in.md").touch()
    assert sources(".") == ["pipe.md", "folder.md/in.md"]


def test_a_folder_deeper_than_python_calls_is_searched(here: Path) -> None:
    for _ in range(1500):
        Path("d").mkdir()
        os.chdir("d")
    Path("note.md").touch()
    os.chdir(here)
    try:
        found = find_files([Path()], ENDINGS)
    finally:
        clear_away(here / "d")
    # Where the system takes no path this long, it is named where the search has to stop.
    assert found.files or found.refused
    assert all("cannot be searched" in reason for _, reason in found.refused)


@pytest.mark.parametrize(
    "name",
    ['it\'s "quoted".md', "new\nline.md", "🐭 マウス.md", "\u202edm.live.md", "n" * 250 + ".md"],
)
def test_odd_names_are_taken_as_they_are(here: Path, name: str) -> None:
    (here / name).touch()
    assert sources(".", here) == [name]


def test_a_name_longer_than_the_system_takes_is_no_folder(here: Path) -> None:
    name = "n" * 5000 + ".md"
    assert sources(name) == [name]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may search all")
def test_a_closed_folder_is_named_and_the_others_are_searched(here: Path) -> None:
    for name in ("a", "b"):
        (here / name).mkdir()
        (here / name / "note.md").touch()
    (here / "a").chmod(0)
    found = find_files([here], ENDINGS)
    (here / "a").chmod(0o700)
    assert [Path(file.source).parent.name for file in found.files] == ["b"]
    assert [(Path(source).name, reason) for source, reason in found.refused] == [
        ("a", "cannot be searched (Permission denied)")
    ]


def test_a_folder_that_closes_while_it_is_searched_is_named(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (here / "a").mkdir()
    (here / "b").mkdir()
    (here / "b" / "note.md").touch()
    iterdir = Path.iterdir

    def closed(folder: Path) -> object:
        if folder.name == "a":
            raise PermissionError(13, "Permission denied")
        return iterdir(folder)

    monkeypatch.setattr(Path, "iterdir", closed)
    found = find_files([Path()], ENDINGS)
    assert [file.source for file in found.files] == ["b/note.md"]
    assert found.refused == [("a", "cannot be searched (Permission denied)")]
