"""The kinds of vectors that the packaged model makes, and which of them an index has.

Passages can be read in single precision or in 8 bits. The vectors differ a little, so an index
keeps to the kind it was made with, wherever it is opened: every machine can make both.
"""

from __future__ import annotations

from pathlib import Path

from index.base import IndexProblem
from index.embed import PACKAGED
from index.encoder import Precision
from index.location import milvus_address
from index.processor import multiplies_bytes
from index.schema import STORE_NAME, exists
from index.snapshot import Snapshot

KINDS: dict[str, Precision] = {PACKAGED: "fp32", f"{PACKAGED} int8": "int8"}
"""By name, in what precision it reads passages."""


def packaged_kind(index: Path | None = None) -> str:
    """The name of the packaged model in the kind that fits.

    Args:
        index: where an index lies; if it was made with one of the kinds, it is that one.
    """
    made = None if index is None else made_with(index)
    return made if made in KINDS else fastest_kind()


def made_with(index: Path) -> str | None:
    """Name of the embedder that an index was made with; None where none can be read there."""
    try:
        address = milvus_address(index)
        if address is None:
            if not exists(index / STORE_NAME):
                return None
            with Snapshot(index / STORE_NAME) as snapshot:
                return snapshot.embedder
        if address.file is not None and not address.file.exists():
            return None
        from index.milvus_state import newest
        from index.milvus_tables import Tables

        with Tables(address) as tables:
            if not tables.there():
                return None
            tables.load()
            head = newest(tables)
        return None if head is None else head.embedder
    except IndexProblem:  # it is said where the index is opened
        return None


def fastest_kind() -> str:
    """The kind that this machine's processor makes fastest.

    8 bits are two to three times as fast as single precision where the processor has instructions
    for sums of products of bytes (VNNI, ARM's dot product), and 1.4 times where it has AVX2
    only.
    """
    wanted: Precision = "int8" if multiplies_bytes() else "fp32"
    return next(name for name, precision in KINDS.items() if precision == wanted)
