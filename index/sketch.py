"""Whether two documents are copies of one article, told by a sketch of each.

They are copies if they have the same DOI or PMID and what the shorter one says stands in the longer
one, or if their texts are nearly the same; ``docs/index.md`` has the rule and how it was measured.

Texts are compared by their shingles, runs of five words (Broder 1997, "On the resemblance and
containment of documents"); candidates are found by MinHash signatures cut into bands (Leskovec,
Rajaraman and Ullman 2014, "Mining of Massive Datasets", chapter 3).
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from corpus.document import QUOTABLE, BlockKind, Document
from index.words import VERSION as WORDS_VERSION
from index.words import words

RULES = f"1.{WORDS_VERSION}"
"""Raised whenever sketches or what is made of them change."""

ALIKE = 0.6
"""Jaccard similarity of the shingles from which on texts are nearly the same."""

SAME_NUMBERS = 0.8
"""The share of the shorter text's numbers that the other must have: an interim and a final report
may differ in nothing else."""

WITHIN = 0.6
"""With the same DOI or PMID: the share of the shorter text's shingles in the longer one."""

ABSTRACT_WITHIN = 0.8
"""The same where it has less than half the words: an abstract of a full article."""

TELLING = 50
"""Shingles from which on a text can be nearly the same as another; shorter ones must be equal."""

_LENGTH = 5
_BANDS, _ROWS = 21, 3
_MOST = 1 << 16
_STRUCTURE = {"jats": 0, "html": 1, "docx": 1, "markdown": 1, "pdf": 2, "text": 3, "pubmed": 4}
_RECORD = 5

Hashes = npt.NDArray[np.uint32]


class Sketch(NamedTuple):
    """What is kept of a document to compare it by.

    Attributes:
        doi, pmid: its identifiers, in lower case.
        said: digest of all its words; equal texts have equal ones.
        structure: how well its format tells what is what, 0 the best.
        words: words of its prose.
        level: of the shingles those that end in so many 0 bits are kept.
        shingles: distinct, sorted.
        numbers: the distinct numbers in its prose, sorted.
    """

    doi: str | None
    pmid: str | None
    said: str
    structure: int
    words: int
    level: int
    shingles: Hashes
    numbers: Hashes


def of(document: Document) -> Sketch:
    """The sketch of a document. Tables and references differ too much between formats to count."""
    info, text = document.info, document.text
    blocks = [b for b in document.blocks if b.kind in (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM)]
    blocks = blocks or [b for b in document.blocks if b.kind in QUOTABLE]
    prose = words("\n".join(text[block.start : block.end] for block in blocks))
    shingles, level = _shingles(prose), 0
    while len(shingles) > _MOST:
        level += 1
        shingles = _sampled(shingles, level)
    return Sketch(
        doi=info.doi.lower() if info.doi else None,
        pmid=info.pmid or None,
        said=hashlib.sha256(" ".join(words(text)).encode()).hexdigest()[:32],
        structure=_STRUCTURE.get(info.format, _RECORD),
        words=len(prose),
        level=level,
        shingles=shingles,
        numbers=_hashes({word for word in prose if word[0].isdigit()}),
    )


def are_copies(one: Sketch, other: Sketch) -> bool:
    """Whether two documents hold the same article, or one of them a part of the other's."""
    if _differ(one.doi, other.doi) or _differ(one.pmid, other.pmid):
        return False
    if one.said == other.said:
        return True
    similar, within = overlap(one, other)
    if _agree(one.doi, other.doi) or _agree(one.pmid, other.pmid):
        short, long = sorted((one.words, other.words))
        return within >= (ABSTRACT_WITHIN if 2 * short < long else WITHIN)
    telling = min(len(one.shingles), len(other.shingles)) >= TELLING
    return telling and similar >= ALIKE and _share(one.numbers, other.numbers) >= SAME_NUMBERS


def _differ(one: str | None, other: str | None) -> bool:
    return one is not None and other is not None and one != other


def _agree(one: str | None, other: str | None) -> bool:
    return one is not None and one == other


def overlap(one: Sketch, other: Sketch) -> tuple[float, float]:
    """Jaccard similarity of the shingles, and the share of the fewer ones in the more."""
    level = max(one.level, other.level)
    a, b = _sampled(one.shingles, level), _sampled(other.shingles, level)
    fewer = min(len(a), len(b))
    if not fewer:
        return 0.0, 0.0
    common = len(np.intersect1d(a, b, assume_unique=True))
    return common / (len(a) + len(b) - common), common / fewer


def _share(one: Hashes, other: Hashes) -> float:
    fewer = min(len(one), len(other))
    common = len(np.intersect1d(one, other, assume_unique=True))
    return common / fewer if fewer else 1.0


def _sampled(shingles: Hashes, level: int) -> Hashes:
    kept: Hashes = shingles[shingles & np.uint32((1 << level) - 1) == 0]
    return kept


def _hashes(found: Iterable[str]) -> Hashes:
    hashed = [zlib.crc32(word.encode()) for word in found]
    return np.unique(np.array(hashed, dtype="<u4"))


def _shingles(found: Sequence[str]) -> Hashes:
    """The hashes of all runs of five words; of fewer words none."""
    count = len(found) - _LENGTH + 1
    if count <= 0:
        return np.zeros(0, dtype="<u4")
    hashed = np.array([zlib.crc32(word.encode()) for word in found], dtype=np.uint64)
    mixed = np.zeros(count, dtype=np.uint64)
    for i in range(_LENGTH):
        mixed = mixed * np.uint64(0x9E3779B97F4A7C15) + hashed[i : i + count]
    mixed = (mixed ^ (mixed >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
    return np.unique((mixed >> np.uint64(32)).astype("<u4"))


def _constants(name: str) -> npt.NDArray[np.uint64]:
    """Numbers that look random and are the same everywhere."""
    digests = (hashlib.sha256(f"{name} {i}".encode()).digest() for i in range(_BANDS * _ROWS))
    return np.array([int.from_bytes(d[:8], "little") | 1 for d in digests], dtype=np.uint64)


_FACTORS, _TERMS = _constants("factor"), _constants("term")


def bands(made: Sketch) -> list[tuple[int, int]]:
    """The MinHash signature of the shingles, cut into bands of three, each a number."""
    if len(made.shingles) < TELLING:
        return []
    wide = made.shingles.astype(np.uint64)
    # Multiply-shift hashing (Dietzfelbinger et al. 1997).
    least = [
        int(((wide * factor + term) >> np.uint64(32)).min())
        for factor, term in zip(_FACTORS, _TERMS, strict=True)
    ]
    out = []
    for band in range(_BANDS):
        rows = least[band * _ROWS : (band + 1) * _ROWS]
        digest = hashlib.sha256(str(rows).encode()).digest()
        out.append((band, int.from_bytes(digest[:8], "little", signed=True)))
    return out
