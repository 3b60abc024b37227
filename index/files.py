"""Files of a publication: shared between folders, flushed, and checked when they are opened."""

from __future__ import annotations

import json
import os
import shutil
import time
import uuid
import zlib
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

Checksum = list[int]
"""Size and CRC-32."""

TRUSTED = 1 << 20
"""Bytes from which on a file that was read whole once is not read again at every opening."""

AGAIN_DAYS = 7
"""After so many days it is, in case the disk lost something by itself."""


def link(old: Path, new: Path) -> None:
    """Let a file that is never changed lie in another folder too."""
    try:
        os.link(old, new)
    except OSError:  # a file system without hard links
        shutil.copyfile(old, new)


def flush(paths: Iterable[Path]) -> None:
    """Wait until files are on the disk, so that no name points to what a power cut may lose."""
    for path in paths:
        with path.open("r+b") as file:
            os.fsync(file.fileno())


def checksum(path: Path) -> Checksum:
    """Size and CRC-32 of a file; [-1, 0] if it cannot be read."""
    size, crc = 0, 0
    try:
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                size += len(block)
                crc = zlib.crc32(block, crc)
    except OSError:
        return [-1, 0]
    return [size, crc]


class Checked:
    """Which large files were read whole and found as they should be, and when.

    Reading gigabytes at every opening would cost seconds. So a large file is read when it is new,
    when its size, its time of change or its place on the disk is another one than when it was last
    read, and when that was long ago. Small files are always read.

    Args:
        path: the file that remembers it; it may be missing, damaged or not writable.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known = self._read()
        self._found: dict[str, list[int]] = {}

    def differs(self, file: Path, wanted: Checksum) -> bool:
        """Whether a file is not what was written."""
        try:
            state = _state(file)
        except OSError:
            return True
        if state[0] != wanted[0]:
            return True
        if state[0] >= TRUSTED and self._fresh(state, wanted):
            return False
        if checksum(file) != wanted:
            return True
        self.note(file, wanted)
        return False

    def note(self, file: Path, wanted: Checksum) -> None:
        """Remember that a file was just found as it should be, or written so."""
        try:
            state = _state(file)
        except OSError:
            return
        if state[0] >= TRUSTED:
            self._found[str(state[2])] = [*state, wanted[1], int(time.time())]

    def keep(self) -> None:
        """Write down what was found since this object was made; where that cannot be, go on."""
        if not self._found:
            return
        draft = self._path.with_name(f"{self._path.name}.{uuid.uuid4().hex[:8]}")
        try:
            draft.write_text(json.dumps({**self._known, **self._found}), "utf-8")
            draft.replace(self._path)
        except OSError:
            draft.unlink(missing_ok=True)

    def forget_others(self, files: Iterable[Path]) -> None:
        """Drop what is known of files that are not among these; some may just have vanished."""
        there = set()
        for file in files:
            with suppress(OSError):
                there.add(str(_state(file)[2]))
        self._known = {place: one for place, one in self._known.items() if place in there}

    def _fresh(self, state: list[int], wanted: Checksum) -> bool:
        known = self._known.get(str(state[2]))
        if known is None or known[:3] != state or known[3] != wanted[1]:
            return False
        return 0 <= time.time() - known[4] < AGAIN_DAYS * 86_400

    def _read(self) -> dict[str, list[int]]:
        try:
            known: Any = json.loads(self._path.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        if not isinstance(known, dict):
            return {}
        return {p: one for p, one in known.items() if isinstance(one, list) and len(one) == 5}


def _state(file: Path) -> list[int]:
    """Size, time of the last change in nanoseconds, number on the disk."""
    found = file.stat()
    return [found.st_size, found.st_mtime_ns, found.st_ino]
