"""The two derived indexes of one generation, and how they are kept on disk.

Each publication is a folder of its own, written whole and never changed; ``current.json`` names
the one that counts, with size and CRC-32 of each file, and is replaced in one step. A kill
therefore leaves the old publication or the new one, and damage is seen when it is opened. What did
not change since the publication before is shared with it.
"""

from __future__ import annotations

import json
import logging
import shutil
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index import words
from index.dense import OWN_FILES as DENSE_FILES
from index.dense import DenseIndex
from index.files import Checked, Checksum, checksum, flush
from index.lexical import OWN_FILES, LexicalIndex
from index.segment import Rows
from index.sizes import choice
from index.snapshot import Snapshot, Totals

log = logging.getLogger(__name__)

FORMAT = 2
_CURRENT = "current.json"
_CHECKED = "checked.json"

ANEW = 5000
"""Passages up to which a removal writes the lexical index anew: that takes a second or two."""

GONE_SHARE = 1 / 8
"""The share of removed passages from which on a larger one is."""

CHANGING = (*OWN_FILES, *DENSE_FILES)
"""Names of the files that every publication has its own of; all others are written once."""


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
        checked = Checked(self._folder / _CHECKED)
        for name, wanted in manifest["files"].items():
            if checked.differs(folder / name, wanted):
                raise Damaged(f"{name} is missing or changed")
        checked.keep()
        try:
            dense = DenseIndex.load(folder / "dense")
            whole, gone = manifest["lengths"]
            lexical = LexicalIndex(folder / "lexical", (int(whole), int(gone)))
        # FAISS and Tantivy raise what they like on files that they cannot read.
        except (OSError, RuntimeError, ValueError, KeyError) as error:
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
        totals = snapshot.totals(at)
        kind = choice(totals.passages).kind
        if before is not None and before.dense.kind is kind:
            dense = before.dense.extended(removed, snapshot.vectors(since, at), snapshot.vectors_at)
        else:
            dense = DenseIndex.of(snapshot.vectors(0, at), kind)
        dense = dense.saved(folder / "dense")
        lexical = _lexical(folder / "lexical", snapshot, before, removed)
        # Tantivy itself waits for the disk, but for the list of what is removed.
        own = [path for name, path in _files(folder) if name not in known or path.name in CHANGING]
        flush(path for path in own if path.parent.name == "dense" or path.suffix == ".rows")
        files = _checksums(folder, known)
        manifest = {
            "format": FORMAT,
            "words": words.VERSION,
            "store": snapshot.store,
            "generation": at,
            "publication": folder.name,
            "lengths": lexical.lengths,
            "files": files,
        }
        made = Derived(at, dense, lexical, totals, folder.name)
        self._point_to(manifest)
        self._remember(folder, {n: one for n, one in files.items() if n not in known})
        return made

    def _remember(self, folder: Path, new: dict[str, Checksum]) -> None:
        """Note that files that were written and read just now need not be read when opened."""
        checked = Checked(self._folder / _CHECKED)
        for name, wanted in new.items():
            checked.note(folder / name, wanted)
        checked.forget_others(path for path in self._folder.rglob("*") if path.is_file())
        checked.keep()

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
        flush([draft])
        draft.replace(self._folder / _CURRENT)

    def _clean(self, keep: str, also: str | None) -> None:
        """Delete old publications and what a killed process left half written.

        The one before stays, for a reader that has just read its name.
        """
        for entry in self._folder.iterdir():
            if entry.is_dir() and entry.name not in (keep, also):
                # On Windows files that are open stay; the next publication tries again.
                shutil.rmtree(entry, ignore_errors=True)


def _lexical(
    folder: Path, snapshot: Snapshot, before: Derived | None, removed: Rows
) -> LexicalIndex:
    """The lexical index of the snapshot, in this folder."""
    at = snapshot.generation
    if before is None or _anew(before.lexical, len(removed)):
        return LexicalIndex.write(folder, snapshot.texts(0, at))
    came = snapshot.texts(before.generation, at)
    return before.lexical.extend(folder, came, snapshot.texts_at(removed))


def _anew(before: LexicalIndex, removed: int) -> bool:
    """Whether what was removed is so much that the index is written without it."""
    if not removed:
        return False
    if len(before) <= ANEW:
        return True
    return before.removed + removed > GONE_SHARE * len(before)


def _checksums(folder: Path, known: dict[str, Checksum]) -> dict[str, Checksum]:
    """Size and CRC-32 of every file of a publication, by relative path.

    Shared segments keep the ``known`` checksum, so that damage done to one meanwhile still shows.
    """
    return {
        name: known[name] if name in known and path.name not in CHANGING else checksum(path)
        for name, path in _files(folder)
    }


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    """The files of a publication with their relative paths, sorted."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix != ".lock":
            yield _name(folder, path), path


def _name(folder: Path, path: Path) -> str:
    return path.relative_to(folder).as_posix()
