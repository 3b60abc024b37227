"""Passages become findable.

``base`` is the contract of a store, ``local`` the default one, ``embed`` makes vectors, ``fuse``
joins ranked lists, ``ingest`` brings files in.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from index.base import PassageIndex
    from index.embed import Embedder

__all__ = ["open_index"]


def open_index(location: str | Path, embedder: Embedder) -> PassageIndex:
    """Open the index at a location; a new, empty one is made where there is none.

    Args:
        location: a folder.
        embedder: makes the vectors; an index opens only with the one it was made with.

    Raises:
        IndexProblem: it cannot be opened, with the reason.
    """
    from index.local import LocalIndex

    return LocalIndex(Path(location), embedder)
