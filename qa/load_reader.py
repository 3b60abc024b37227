"""Which reader a name in the settings means."""

from __future__ import annotations

from index.base import IndexProblem
from index.embed import Embedder
from qa.overlap_reader import OverlapReader
from qa.reader import Reader

OVERLAP = ("overlap", "overlap-1")
"""Names of the first reader."""


def load_reader(name: str, embedder: Embedder) -> Reader:
    """The reader of that name.

    Args:
        name: empty for the one that comes with Pincite, ``overlap`` for the first one.
        embedder: what the index was embedded with.

    Raises:
        IndexProblem: no reader has this name.
    """
    if not name or name in OVERLAP:
        return OverlapReader(embedder)
    raise IndexProblem(f"There is no reader {name} (PINCITE_READER).")
