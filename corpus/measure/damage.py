"""Damaged and malicious files for a fuzzer: the same seed gives the same files.

Variants of real files (cut short, bytes changed, parts swapped, another format's ending), names
that no one expects, and files that are none. For content made to do harm see
:mod:`corpus.measure.bombs`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

Change = Callable[[bytes, np.random.Generator], bytes]

_MB = 1_000_000
ENDINGS = (
    ".pdf",
    ".docx",
    ".html",
    ".xml",
    ".txt",
    ".md",
    ".ris",
    ".nbib",
    ".bib",
    ".csv",
    ".xlsx",
)


class Harm(NamedTuple):
    """A file that was made.

    Attributes:
        path: where it is.
        what: what was done to it.
    """

    path: Path
    what: str


def _cut(data: bytes, dice: np.random.Generator) -> bytes:
    return data[: dice.integers(1, len(data))]


def _flipped(data: bytes, dice: np.random.Generator) -> bytes:
    out = bytearray(data)
    for _ in range(dice.choice((1, 10, 100, 1000))):
        out[dice.integers(len(out))] = int(dice.integers(256))
    return bytes(out)


def _hollow(data: bytes, dice: np.random.Generator) -> bytes:
    start = dice.integers(len(data))
    return data[:start] + data[start + dice.integers(1, 5000) :]


def _zeroed(data: bytes, dice: np.random.Generator) -> bytes:
    start = dice.integers(len(data))
    length = min(dice.integers(1, 5000), len(data) - start)
    return data[:start] + bytes(length) + data[start + length :]


def _stuttering(data: bytes, dice: np.random.Generator) -> bytes:
    start = dice.integers(len(data))
    return data[:start] + data[start : start + 2000] * int(dice.integers(2, 50)) + data[start:]


def _swapped(data: bytes, dice: np.random.Generator) -> bytes:
    at = dice.integers(1, len(data))
    return data[at:] + data[:at]


def _swollen(data: bytes, dice: np.random.Generator) -> bytes:
    """Every length and number that stands in it as text becomes enormous."""
    at = dice.integers(len(data))
    head, rest = data[:at], data[at:]
    return head + rest.replace(b" 1 ", b" 99999999999 ").replace(b"/Length ", b"/Length 9")


def _in_utf_16(data: bytes, dice: np.random.Generator) -> bytes:
    mark = (b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"")[dice.integers(4)]
    return mark + data[:200_000].decode("latin-1").encode("utf-16-le")


CHANGES: dict[str, Change] = {
    "cut short": _cut,
    "bytes changed": _flipped,
    "a part missing": _hollow,
    "a part zeroed": _zeroed,
    "a part repeated": _stuttering,
    "halves swapped": _swapped,
    "lengths enormous": _swollen,
    "another encoding": _in_utf_16,
}


def variants(files: list[Path], folder: Path, count: int, seed: int) -> Iterator[Harm]:
    """Write damaged variants of real files; every sixth gets the ending of another format.

    Args:
        files: the originals, which stay as they are.
        folder: where the variants go.
        count: how many.
        seed: of all chance.
    """
    dice = np.random.default_rng(seed)
    kinds = list(CHANGES.items())
    for number in range(count):
        original = files[number % len(files)]
        what, change = kinds[(number // len(files) + number) % len(kinds)]
        ending = ENDINGS[dice.integers(len(ENDINGS))] if number % 6 == 5 else original.suffix
        path = folder / f"{number:03}-{what.replace(' ', '-')}-{original.stem}{ending}"
        path.write_bytes(change(original.read_bytes(), dice))
        yield Harm(path, f"{original.name}: {what}" + (f", as {ending}" if number % 6 == 5 else ""))


def names(folder: Path) -> Iterator[Harm]:
    """Write harmless files under names that no one expects."""
    words = b"# Mice\n\nMice lived in a house of this name.\n"
    for name in (
        b'quote\'s "name".md',
        b"new\nline.md",
        b"tab\tbell\x07.md",
        b"back\\slash.md",
        b"-rf.md",
        b"$(touch outside).md",
        b"percent%2Fs%s.md",
        b"hash#1?.md",
        "mäuse 🐭 マウス.md".encode(),
        "\u202edm.live.md".encode(),
        b"n" * 250 + b".md",
        b"spaces   .md",
        b"no valid \xff\xfe utf-8.md",
    ):
        path = Path(os.fsdecode(bytes(folder) + b"/" + name))
        path.write_bytes(words + os.fsencode(name.hex()) + b".\n")
        yield Harm(path, "an odd name")


def open_doors(folder: Path) -> None:
    """Let what :func:`no_files` closed be deleted again."""
    for path in (folder / "closed", folder / "closed.md"):
        if path.exists():
            path.chmod(0o700)


def no_files(folder: Path) -> Iterator[Harm]:
    """Make what lies in folders without being a readable file: links, pipes, closed doors."""
    loop, back = folder / "loop-a.md", folder / "loop-b.md"
    loop.symlink_to(back)
    back.symlink_to(loop)
    yield Harm(loop, "a link in a circle")
    yield Harm(back, "a link in a circle")
    itself = folder / "itself"
    itself.mkdir()
    (itself / "again").symlink_to(itself)
    (itself / "above").symlink_to(folder)
    yield Harm(itself, "a folder that holds itself")
    dangling = folder / "dangling.md"
    dangling.symlink_to(folder / "nowhere.md")
    yield Harm(dangling, "a link to nothing")
    pipe = folder / "pipe.md"
    os.mkfifo(pipe)
    yield Harm(pipe, "a pipe")
    linked = folder / "linked-pipe.md"
    linked.symlink_to(pipe)
    yield Harm(linked, "a link to a pipe")
    device = folder / "device.md"
    device.symlink_to("/dev/zero")
    yield Harm(device, "a link to a device without end")
    closed = folder / "closed.md"
    closed.write_bytes(b"Mice ate.")
    closed.chmod(0)
    yield Harm(closed, "a file that may not be read")
    room = folder / "closed"
    room.mkdir(mode=0)
    yield Harm(room, "a folder that may not be searched")
    (folder / "folder.md").mkdir()
    yield Harm(folder / "folder.md", "a folder with a file's ending")
    for name, size in (("sparse.txt", 300 * _MB), ("sparse.md", 60_000 * _MB)):
        path = folder / name
        with path.open("wb") as file:
            file.truncate(size)
        yield Harm(path, f"{size // _MB:,} MB of nothing")
