"""Which files are meant when files and folders are named."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from index.schema import STORE_NAME


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file to be indexed: its absolute path, and the path as the person gave it."""

    path: Path
    source: str


@dataclass(slots=True)
class Found:
    """What stands behind the paths that a person named.

    Attributes:
        files: in order, each once.
        ignored: how many other files the folders hold.
        refused: paths that lead nowhere, each with the reason.
    """

    files: list[FoundFile] = field(default_factory=list)
    ignored: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)


def absolute(path: str | Path) -> Path:
    """The absolute path without ``..``, symbolic links left as they are."""
    return Path(os.path.normpath(Path.cwd() / path))


def find_files(paths: Sequence[Path], suffixes: Collection[str]) -> Found:
    """Look for files under ``paths``.

    A file that is named is always taken, whatever its ending. Folders are searched with all below
    them, in sorted order, for files with one of ``suffixes``; hidden files and folders, and
    folders that are an index, are passed over; a folder is entered once, however many links lead
    to it.

    Args:
        paths: files and folders.
        suffixes: endings in lower case, with the dot.
    """
    found = Found()
    seen: set[Path] = set()
    for path in paths:
        if not _is_folder(path):
            _take(found, seen, path)
            continue
        for file in _walk(path, found, set()):
            if file.suffix.lower() in suffixes:
                _take(found, seen, file)
            else:
                found.ignored += 1
    return found


def _take(found: Found, seen: set[Path], path: Path) -> None:
    source = str(path)
    try:
        source.encode()
    except UnicodeEncodeError:
        shown = source.encode("utf-8", "replace").decode()
        found.refused.append((shown, "has a name that is not valid UTF-8"))
        return
    whole = absolute(path)
    if whole not in seen:
        seen.add(whole)
        found.files.append(FoundFile(whole, source))


def _walk(folder: Path, found: Found, entered: set[tuple[int, int]]) -> Iterator[Path]:
    """Files under a folder, depth first, each level sorted; a stack, as folders may nest deeply."""
    waiting = [folder]
    while waiting:
        current = waiting.pop()
        try:
            status = current.stat()
            if (status.st_dev, status.st_ino) in entered:
                continue
            entered.add((status.st_dev, status.st_ino))
            entries = sorted(current.iterdir())
        except OSError as error:
            shown = str(current).encode("utf-8", "replace").decode()
            found.refused.append((shown, f"cannot be searched ({error.strerror or error})"))
            continue
        if any(entry.name == STORE_NAME for entry in entries):
            continue
        visible = [entry for entry in entries if not entry.name.startswith(".")]
        yield from (entry for entry in visible if not _is_folder(entry))
        waiting.extend(entry for entry in reversed(visible) if _is_folder(entry))


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # a name too long, a folder above that may not be entered
        return False
