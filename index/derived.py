"""The two derived indexes of one generation, and how they are kept on disk.

Each publication is a folder of its own, written whole and never changed; ``current.json`` names
the one that counts, with size and CRC-32 of each file, and is replaced in one step. A kill
therefore leaves the old publication or the new one, and damage is seen when it is opened.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import uuid
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index import words
from index.dense import DenseIndex
from index.lexical import OWN_FILES, LexicalIndex
from index.snapshot import Snapshot, Totals

log = logging.getLogger(__name__)

FORMAT = 1
_CURRENT = "current.json"


class Damaged(Exception):
    """A publication that cannot be used; it is made anew from the store."""


@dataclass(frozen=True, slots=True)
class Derived:
    """Both indexes as of one generation. Never changed once made."""

    generation: int
    dense: DenseIndex
    lexical: LexicalIndex
    totals: Totals
    publication: str


class DerivedFolder:
    """The folder in which publications lie.

    Args:
        folder: where; made when first written.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def current(self) -> str | None:
        """Name of the publication that counts, or None."""
        try:
            return str(self._manifest()["publication"])
        except Damaged:
            return None

    def load(self, snapshot: Snapshot) -> Derived:
        """Open the publication that counts.

        Raises:
            Damaged: there is none, it is not whole, or it does not belong to this store.
        """
        manifest = self._manifest()
        if manifest["store"] != snapshot.store or manifest["words"] != words.VERSION:
            raise Damaged("it belongs to another store or version")
        generation = int(manifest["generation"])
        if not snapshot.purged <= generation <= snapshot.generation:
            raise Damaged(f"its generation {generation} is unknown to the store")
        folder = self._folder / manifest["publication"]
        for name, checksum in manifest["files"].items():
            if _checksum(folder / name) != checksum:
                raise Damaged(f"{name} is missing or changed")
        try:
            dense = DenseIndex.load(folder / "dense.faiss")
            lexical = LexicalIndex(folder / "lexical", int(manifest["length"]))
        # FAISS and Tantivy raise what they like on files that they cannot read.
        except (OSError, RuntimeError, ValueError) as error:
            raise Damaged(str(error)) from error
        totals = snapshot.totals(generation)
        if not len(dense) == len(lexical) == totals.passages:
            raise Damaged("it holds another number of passages than the store")
        return Derived(generation, dense, lexical, totals, manifest["publication"])

    def publish(self, snapshot: Snapshot, before: Derived | None) -> Derived:
        """Write the newest generation of the snapshot and make it the one that counts.

        Its caller holds the index's lock.

        Args:
            snapshot: what to write.
            before: an earlier generation to start from, or None to make all anew.
        """
        folder = self._folder / f"{snapshot.generation:08d}-{uuid.uuid4().hex[:8]}"
        folder.mkdir(parents=True)
        try:
            made = self._write(folder, snapshot, before)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)  # the disk may be full
            raise
        self._clean(keep=folder.name, also=before.publication if before else None)
        return made

    def _write(self, folder: Path, snapshot: Snapshot, before: Derived | None) -> Derived:
        at = snapshot.generation
        since = before.generation if before else 0
        known = self._manifest()["files"] if before else {}
        removed = snapshot.removed(since, at)
        dense = before.dense if before else DenseIndex()
        dense = dense.extended(removed, snapshot.vectors(since, at))
        dense.save(folder / "dense.faiss")
        lexical = self._lexical(folder / "lexical", snapshot, before, anew=len(removed) > 0)
        _flush([folder / "dense.faiss"])
        manifest = {
            "format": FORMAT,
            "words": words.VERSION,
            "store": snapshot.store,
            "generation": at,
            "publication": folder.name,
            "length": lexical.length,
            "files": _checksums(folder, known),
        }
        made = Derived(at, dense, lexical, snapshot.totals(at), folder.name)
        self._point_to(manifest)
        return made

    @staticmethod
    def _lexical(
        folder: Path, snapshot: Snapshot, before: Derived | None, *, anew: bool
    ) -> LexicalIndex:
        at = snapshot.generation
        # Tantivy goes on counting a deleted passage's words until it happens to merge, so BM25
        # would depend on the past. Without deletions it never does.
        if before is None or anew:
            return LexicalIndex.write(folder, snapshot.texts(0, at))
        return before.lexical.extend(folder, snapshot.texts(before.generation, at))

    def _manifest(self) -> dict[str, Any]:
        try:
            manifest: dict[str, Any] = json.loads((self._folder / _CURRENT).read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise Damaged(str(error)) from error
        if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
            raise Damaged("its manifest is of another format")
        return manifest

    def _point_to(self, manifest: dict[str, Any]) -> None:
        draft = self._folder / f"{_CURRENT}.new"
        draft.write_text(json.dumps(manifest, indent=1), "utf-8")
        _flush([draft])
        draft.replace(self._folder / _CURRENT)

    def _clean(self, keep: str, also: str | None) -> None:
        """Delete old publications and what a killed process left half written.

        The one before stays, for a reader that has just read its name.
        """
        for entry in self._folder.iterdir():
            if entry.is_dir() and entry.name not in (keep, also):
                # On Windows files that are open stay; the next publication tries again.
                shutil.rmtree(entry, ignore_errors=True)


def _checksums(folder: Path, known: dict[str, list[int]]) -> dict[str, list[int]]:
    """Size and CRC-32 of every file of a publication, by relative path.

    Shared segments keep the ``known`` checksum, so that damage done to one meanwhile still shows.
    """
    out: dict[str, list[int]] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if not path.is_file() or path.suffix == ".lock":
            continue
        shared = path.parent != folder and path.name not in OWN_FILES
        out[name] = known[name] if shared and name in known else _checksum(path)
    return out


def _checksum(path: Path) -> list[int]:
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


def _flush(paths: list[Path]) -> None:
    """Wait until files are on the disk, so that no name points to what a power cut may lose."""
    for path in paths:
        with path.open("r+b") as file:
            os.fsync(file.fileno())
