"""Sketches of documents as they lie in Milvus, and the numbers by which copies are looked for."""

from __future__ import annotations

import json
from hashlib import blake2b

import numpy as np

from index import sketch
from index.sketch import Sketch


def keys_of(made: Sketch) -> list[int]:
    """Numbers of which two documents share one if they may be copies."""
    names = [f"said {made.said}", *(f"{band} {value}" for band, value in sketch.bands(made))]
    names += [f"doi {made.doi}"] if made.doi else []
    names += [f"pmid {made.pmid}"] if made.pmid else []
    digests = (blake2b(name.encode(), digest_size=8).digest() for name in names)
    return [int.from_bytes(digest, "big") >> 1 for digest in digests]


def pack_sketch(made: Sketch) -> bytes:
    """A sketch as bytes."""
    head = json.dumps([*made[:-2], len(made.shingles)]).encode("ascii")
    return head + b"\n" + made.shingles.tobytes() + made.numbers.tobytes()


def unpack_sketch(data: bytes) -> Sketch:
    """The sketch that :func:`pack_sketch` packed."""
    head, _, body = data.partition(b"\n")
    doi, pmid, said, structure, count, level, first = json.loads(head)
    hashes = np.frombuffer(body, dtype="<u4")
    return Sketch(doi, pmid, said, structure, count, level, hashes[:first], hashes[first:])
