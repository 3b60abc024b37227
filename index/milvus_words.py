"""The words of passages in Milvus: how many passages hold each, and candidates for BM25.

Milvus keeps of each passage a sparse vector of BM25 weights, one number for each term, right for an
average length that is kept with them. Its inner product with the question's weights is no less than
BM25 is, but for a known factor; so passages are fetched, best product first, until none that is
left could be among the best. Milvus's own BM25 is not used: it counts words segment by segment, and
those of passages that are gone.
"""

from __future__ import annotations

import json
import threading
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from index.bm25 import K1, B, Promising, Scorer, Wording, at_most, rounded_length
from index.milvus_schema import RECORDS
from index.milvus_state import Head, Transaction, joined, pieces, record
from index.milvus_tables import MOST, Row, Tables, at

AVERAGE = 100.0
"""Terms of a passage for which weights are made in a new index: 4,157 passages of 60 articles have
98. Where the true mean is another, more candidates are looked at, and the same ones are found."""

SLACK = 1e-4
"""How far, relatively, a sum of Milvus may lie from the exact one: it adds in single precision."""

MERGED_FROM = 64
"""Changes of the counts from which on they are written as one."""

_PLACES = (1 << 32) - 2


def place(term: str) -> int:
    """Where a term stands in sparse vectors; two terms may share a place."""
    return zlib.crc32(term.encode()) % _PLACES


def weights(found: Sequence[str], average: float) -> dict[int, float]:
    """The sparse vector of a passage.

    Args:
        found: its terms.
        average: the mean number of terms that its weights are for.
    """
    norm = _norm(len(found), average)
    vector: dict[int, float] = {}
    for term, tf in Counter(found).items():
        # Of terms that share a place both count for each, which makes the product no smaller.
        vector[place(term)] = vector.get(place(term), 0.0) + (K1 + 1.0) * tf / (tf + norm)
    return vector or {0: 1.0}


def asked_for(scorers: Sequence[Scorer]) -> dict[int, float]:
    """A question's sparse vector: with it, no product is less than the score by any of these."""
    vector: dict[int, float] = {}
    for term, weight in at_most(scorers).items():
        vector[place(term)] = vector.get(place(term), 0.0) + weight
    return {key: value for key, value in vector.items() if value > 0.0}


def promising(
    scorers: Sequence[Scorer],
    count: int,
    head: Head,
    nearest: Callable[[dict[int, float], int], list[tuple[int, float]]],
) -> Promising:
    """Rows that may score best by any of the scorers.

    Some may be there only for a term that shares its place with one of the question's.

    Args:
        scorers: BM25 of the question, in one or several wordings.
        count: how many rows to give.
        head: the revision that is asked.
        nearest: gives so many rows with the largest products, in descending order.
    """
    vector = asked_for(scorers)
    if not vector or count <= 0:
        return Promising([], [], 0.0)
    limit = min(count, MOST)
    found = nearest(vector, limit)
    average = head.length / head.passages if head.passages else 1.0
    factor = max(1.0, average / head.average) * (1.0 + SLACK)
    most = [product * factor for _, product in found]
    others = most[-1] if len(found) == limit < MOST else 0.0
    return Promising([row for row, _ in found], most, others)


class WordCounts:
    """How many passages hold each term, as of any revision.

    Args:
        tables: the collections.
    """

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._lock = threading.Lock()
        self._rows: frozenset[int] = frozenset()
        self._counts: Counter[str] = Counter()

    def at(self, revision: int) -> Mapping[str, int]:
        """The counts of a revision; never changed once given."""
        with self._lock:
            rows = self._tables.rows(RECORDS, f'kind == "words" and {at(revision)}', [])
            there = frozenset(row["row"] for row in rows)
            if there == self._rows:
                return self._counts
            # Where some are gone they were written as one: then all are read anew.
            known = self._rows if self._rows <= there else frozenset()
            counts = Counter(self._counts) if known else Counter()
            fields = ["owner", "part", "data"]
            new = self._tables.rows_of(RECORDS, "row", there - known, at(revision), fields)
            for change in _changes_of(new):
                counts.update(change)
            self._rows, self._counts = there, counts
            return counts

    def merge(self, transaction: Transaction) -> None:
        """Write many changes as one, inside a transaction."""
        rows = transaction.rows(RECORDS, 'kind == "words"', ["owner", "part", "data"])
        if len(rows) < MERGED_FROM:
            return
        counts: Counter[str] = Counter()
        for change in _changes_of(rows):
            counts.update(change)
        transaction.end(RECORDS, [row["row"] for row in rows])
        note(transaction, {term: count for term, count in counts.items() if count})


def note(transaction: Transaction, change: Mapping[str, int]) -> None:
    """Write down by how much the counts change, inside a transaction."""
    telling = {term: by for term, by in change.items() if by}
    if not telling:
        return
    data = zlib.compress(json.dumps(telling, separators=(",", ":")).encode("ascii"))
    owner = transaction.number()
    for part, piece in enumerate(pieces(data)):
        fields = record("words", owner=owner)
        transaction.add(RECORDS, {**fields, "part": part, "data": piece})


def held(passages: Iterable[Sequence[str]]) -> tuple[Counter[str], int]:
    """How many of these passages hold each term, and how many terms they have together."""
    counts: Counter[str] = Counter()
    length = 0
    for found in passages:
        counts.update(set(found))
        length += len(found)
    return counts, length


def _changes_of(rows: Sequence[Row]) -> Iterable[Mapping[str, int]]:
    by_owner: dict[int, list[Row]] = {}
    for row in rows:
        by_owner.setdefault(row["owner"], []).append(row)
    for some in by_owner.values():
        yield json.loads(zlib.decompress(joined(some)))


def _norm(length: int, average: float) -> float:
    return K1 * (1.0 - B + B * rounded_length(length) / average)


def frequencies(wording: Wording, counts: Mapping[str, int]) -> dict[str, int]:
    """How many passages hold each term of a wording."""
    return {term: counts.get(term, 0) for term in wording.every_term()}
