"""Passages become findable.

``base`` is the contract of a store, ``local`` the default one, ``milvus`` one on a server,
``embed`` makes vectors, ``fuse`` joins ranked lists, ``ingest`` brings files in.
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
        location: a folder, or an address in Milvus (see :mod:`index.location`).
        embedder: makes the vectors; an index opens only with the one it was made with.

    Raises:
        IndexProblem: it cannot be opened, with the reason.
    """
    from index.location import milvus_address

    address = milvus_address(location)
    if address is not None:
        from index.milvus import MilvusIndex

        return MilvusIndex(address, embedder)
    from index.local import LocalIndex

    return LocalIndex(Path(location), embedder)
