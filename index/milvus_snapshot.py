"""The reading side of an index in Milvus: what one revision holds."""

from __future__ import annotations

import json
import struct
import zlib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

import numpy as np

from corpus.document import Document, DocumentInfo, Passage
from index.base import SourceRecord, Vectors, Within
from index.glossary import Glossary
from index.milvus_schema import PASSAGES, RECORDS, TEXTS
from index.milvus_state import Head, joined, unpacked
from index.milvus_tables import Row, Tables, at, is_text, parts, text
from index.pack import info_from_json, passage_from_json, passage_to_json, unpack_document
from index.snapshot import StoredPassage, fingerprint

NO_YEAR = -(1 << 31)
_AT_ONCE = 200


class MilvusSnapshot:
    """One revision of an index in Milvus.

    Args:
        tables: the collections.
        head: the revision.
    """

    def __init__(self, tables: Tables, head: Head) -> None:
        self._tables = tables
        self._now = at(head.revision)
        self.head = head
        self._infos: dict[int, tuple[str, DocumentInfo]] = {}

    def owner(self, document_id: str) -> int:
        """The number by which a document's parts are known.

        Raises:
            KeyError: no such document.
        """
        found = self._records("document", is_text("a", document_id), ["owner"])
        if not found:
            raise KeyError(document_id)
        return int(found[0]["owner"])

    def document(self, document_id: str) -> Document:
        """A whole document.

        Raises:
            KeyError: no such document.
        """
        found = self._records("document", is_text("a", document_id), ["owner", "data"])
        if not found:
            raise KeyError(document_id)
        document = unpack_document(self._text(found[0]["owner"], "document"))
        source = unpacked(found[0]["data"])["source"]
        return replace(document, info=replace(document.info, source=source))

    def held(self, document_id: str) -> tuple[list[Passage], Vectors]:
        """The passages of a document and their vectors.

        Raises:
            KeyError: no such document.
        """
        packed = self._text(self.owner(document_id), "passages")
        return unpack_passages(document_id, packed)

    def also(self, document_id: str) -> tuple[str, ...]:
        """The other sources of a document and those of its copies, sorted."""
        copies = self._records("duplicate", is_text("a", document_id), ["owner"])
        owners = [row["owner"] for row in copies]
        ids = {document_id, *(id for id, _ in self._known(owners).values())}
        found = self._records_of("source", "b", [text(id) for id in ids], ["data"])
        sources = {str(unpacked(row["data"])["source"]) for row in found}
        (_, own) = self._known([self.owner(document_id)]).popitem()[1]
        return tuple(sorted(sources - {own.source}))

    def passages(self, rows: Sequence[int]) -> list[StoredPassage]:
        """The passages of these rows, ordered by row."""
        fields = ["owner", "start", "end", "data", "vector"]
        found: list[Row] = []
        for some in parts(sorted(rows), _AT_ONCE):
            found += self._tables.rows_of(PASSAGES, "row", some, self._now, fields)
        known = self._known({row["owner"] for row in found})
        return [self._stored(row, *known[row["owner"]]) for row in found]

    def owners_within(self, within: Within) -> list[int]:
        """The documents that are searched and may be found, ascending."""
        duplicates = self._records("duplicate", "row > 0", ["owner", "a"])
        copies: dict[str, list[int]] = defaultdict(list)
        for row in duplicates:
            copies[row["a"]].append(row["owner"])
        hidden = {row["owner"]: row["a"] for row in duplicates}
        documents = self._records("document", "row > 0", ["owner", "a", "number"])
        chosen = None
        if within.documents is not None:
            wanted = {text(id) for id in within.documents}
            chosen = {hidden.get(row["owner"], row["a"]) for row in documents if row["a"] in wanted}
        years = {row["owner"]: row["number"] for row in documents}
        found = []
        for row in documents:
            owner, id = row["owner"], row["a"]
            if owner in hidden or (chosen is not None and id not in chosen):
                continue
            if within.years != (None, None):
                year = years[owner]
                if year == NO_YEAR:
                    given = [years[one] for one in copies[id] if years[one] != NO_YEAR]
                    year = min(given, default=NO_YEAR)
                if not _lies_in(year, within.years):
                    continue
            found.append(owner)
        return sorted(found)

    def glossary(self) -> Glossary:
        """What the documents say of their acronyms."""
        return _MilvusGlossary(self._tables, self._now)

    def fingerprint(self) -> str:
        """What tells this collection from another; reads two fields of every document."""
        found = self._records("document", "row > 0", ["a", "b"])
        # Ids are hex digits and the like, which are stored as they are.
        return fingerprint(self.head.embedder, sorted((row["a"], row["b"]) for row in found))

    def failed(self) -> int:
        """How many source files could not be read."""
        return self._tables.count(RECORDS, f'kind == "source" and c == "failed" and {self._now}')

    def sources(self) -> list[SourceRecord]:
        """Every source file and record, by path."""
        documents = self._records("document", "row > 0", ["owner", "a", "data"])
        by_id = {row["a"]: (row["owner"], unpacked(row["data"])) for row in documents}
        hidden = {
            row["owner"]: row["a"] for row in self._records("duplicate", "row > 0", ["owner", "a"])
        }
        out = []
        for row in self._records("source", "row > 0", ["b", "data"]):
            owner, document = by_id.get(row["b"], (0, None))
            answering = by_id.get(hidden.get(owner, ""), (0, None))[1]
            fields = unpacked(row["data"])
            named = document["source"] if document else None
            out.append(
                SourceRecord(
                    **fields,
                    document=_info(document) if document else None,
                    passages=document["passages"] if document else 0,
                    same_as=(answering["source"] if answering else None)
                    or (named if named != fields["source"] else None),
                )
            )
        return sorted(out, key=lambda record: record.path)

    def hashes(self) -> dict[str, str]:
        """The sha256 of every source, by path; empty where it failed."""
        out = {}
        for row in self._records("source", "row > 0", ["data"]):
            fields = unpacked(row["data"])
            out[fields["path"]] = fields["sha256"] if fields["state"] == "indexed" else ""
        return dict(sorted(out.items()))

    def _known(self, owners: Collection[int]) -> dict[int, tuple[str, DocumentInfo]]:
        """Id and metadata of documents; each is asked for once."""
        new = set(owners) - self._infos.keys()
        if new:
            for row in self._records_of("document", "owner", new, ["owner", "a", "data"]):
                info = _info(unpacked(row["data"]))
                self._infos[row["owner"]] = (info.id, info)
        return {owner: self._infos[owner] for owner in owners}

    def _stored(self, row: Row, id: str, info: DocumentInfo) -> StoredPassage:
        if row["data"]:
            passage = passage_from_json(id, row["start"], row["end"], unpacked(row["data"]))
        else:
            passages, _ = unpack_passages(id, self._text(row["owner"], "passages"))
            place = (row["start"], row["end"])
            passage = next(p for p in passages if (p.start, p.end) == place)
        return StoredPassage(row["row"], passage, info, np.array(row["vector"], dtype=np.float64))

    def _text(self, owner: int, kind: str) -> bytes:
        rows = self._tables.rows(
            TEXTS, f"owner == {owner} and {KINDS[kind]} and {self._now}", ["part", "data"]
        )
        return joined(rows)

    def _records(self, kind: str, condition: str, fields: Sequence[str]) -> list[Row]:
        return self._tables.rows(
            RECORDS, f'kind == "{kind}" and {condition} and {self._now}', fields
        )

    def _records_of(
        self,
        kind: str,
        field: str,
        values: Collection[int] | Collection[str],
        fields: Sequence[str],
    ) -> list[Row]:
        rest = f'kind == "{kind}" and {self._now}'
        return self._tables.rows_of(RECORDS, field, values, rest, fields)


FIRST = {"document": 0, "passages": 1 << 20, "sketch": 1 << 21}
"""The number of the first piece of each text of a document."""
KINDS = {kind: f"part >= {first} and part < {first + (1 << 20)}" for kind, first in FIRST.items()}
"""The conditions for the pieces of each text."""


class _MilvusGlossary(Glossary):
    """The glossary of one revision.

    Args:
        tables: the collections.
        now: the condition that a row counts in it.
    """

    def __init__(self, tables: Tables, now: str) -> None:
        self._tables = tables
        self._now = now

    def _counted(self, shorts: Collection[str]) -> list[tuple[str, str, str, int]]:
        counted = Counter(
            (found["short"], found["key"], found["long"]) for found in self._rows("b", shorts)
        )
        return sorted((*spelled, count) for spelled, count in counted.items())

    def _paired(self, keys: Collection[str]) -> list[tuple[str, str]]:
        return sorted({(found["key"], found["short"]) for found in self._rows("c", keys)})

    def _introduced(
        self, ids: Collection[str], shorts: Collection[str]
    ) -> list[tuple[str, str, str, str]]:
        wanted = set(shorts)
        return sorted(
            (found["id"], found["short"], found["key"], found["long"])
            for found in self._rows("a", ids)
            if found["short"] in wanted
        )

    def _rows(self, field: str, values: Collection[str]) -> Iterable[dict[str, str]]:
        rest = f'kind == "acronym" and {self._now}'
        wanted = {text(value) for value in values}
        for row in self._tables.rows_of(RECORDS, field, wanted, rest, ["data"]):
            yield unpacked(row["data"])


def pack_passages(passages: Sequence[Passage], vectors: Vectors) -> bytes:
    """Passages and their vectors (half precision) as bytes."""
    head = json.dumps([[p.start, p.end, passage_to_json(p)] for p in passages]).encode("ascii")
    body = vectors.astype("<f2").tobytes()
    return zlib.compress(struct.pack("<I", len(head)) + head + body)


def unpack_passages(document_id: str, packed: bytes) -> tuple[list[Passage], Vectors]:
    """What :func:`pack_passages` packed; vectors as float32 of shape (passages, dimensions)."""
    raw = zlib.decompress(packed)
    (length,) = struct.unpack_from("<I", raw)
    fields = json.loads(raw[4 : 4 + length])
    passages = [passage_from_json(document_id, *one) for one in fields]
    halves = np.frombuffer(raw, "<f2", offset=4 + length)
    return passages, halves.reshape(len(passages), -1).astype(np.float32)


def _info(fields: dict[str, object]) -> DocumentInfo:
    info = fields["info"]
    if not isinstance(info, dict):
        raise TypeError("metadata is a JSON object")
    return info_from_json({**info, "source": fields["source"]})


def _lies_in(year: int, years: tuple[int | None, int | None]) -> bool:
    first, last = years
    return year != NO_YEAR and (first is None or year >= first) and (last is None or year <= last)
