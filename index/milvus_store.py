"""The writing side of an index in Milvus: what :mod:`index.store` does, on rows with a life.

The rules are the same, and those that decide are called from there: which path names a document,
what is a copy of what, which of copies answers. Whole documents, their passages and vectors are
kept as texts; what is searched (``PASSAGES``) is made from these and can be made anew.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from corpus.document import Document, Passage
from index import glossary, milvus_words, sketch
from index.base import IndexProblem, SourceRecord, Vectors
from index.duplicates import Member, decided
from index.milvus_schema import PASSAGES, RECORDS, TEXTS
from index.milvus_sketch import keys_of, pack_sketch, unpack_sketch
from index.milvus_snapshot import FIRST, KINDS, NO_YEAR, pack_passages, unpack_passages
from index.milvus_state import Transaction, joined, packed, pieces, record, unpacked
from index.milvus_tables import LONGEST, Row, is_text, text
from index.pack import info_from_json, pack_document, passage_to_json, unpack_document
from index.sketch import Sketch
from index.store import check_vectors, digest_of, file_of, without_source
from index.terms import terms
from index.words import search_text


@dataclass(frozen=True, slots=True)
class _Known:
    """A document as its row tells it."""

    row: int
    owner: int
    id: str
    fields: dict[str, object]

    @classmethod
    def of(cls, row: Row) -> _Known:
        return cls(row["row"], row["owner"], row["a"], unpacked(row["data"]))


class MilvusStore:
    """The changes of one transaction.

    Args:
        transaction: what they are written with.
    """

    def __init__(self, transaction: Transaction) -> None:
        self._now = transaction
        self._moved: set[int] = set()

    def put(
        self, document: Document, passages: list[Passage], vectors: Vectors, path: str, sha256: str
    ) -> None:
        """Store what the source file at ``path`` holds, in place of what it held before."""
        check_vectors(passages, vectors)
        if vectors.shape[1] != self._now.head.dimensions:
            raise IndexProblem(
                f"The index holds vectors of {self._now.head.dimensions} numbers, the embedder "
                f"gives {vectors.shape[1]}. Index the papers anew under another name."
            )
        self._drop_records(path)
        if self._held_by(path) not in (None, document.id):
            self._release(path)
        first = min([path, *self._paths_of(document.id)])
        if first == path:
            self._place(document, passages, vectors)
        source = SourceRecord(path, document.info.source, "indexed", sha256)
        self._set_source(source, document.id)
        self._note(document.id)

    def fail(self, path: str, source: str, sha256: str, reason: str, hint: str | None) -> None:
        """Note that a file could not be read; what it held stays."""
        known = self._source(path)
        named = str(unpacked(known["data"])["source"]) if known else source
        held = known["b"] if known else ""
        self._set_source(
            SourceRecord(path, named, "failed", sha256, reason=reason, hint=hint), held
        )

    def complete(self, path: str, source: str, sha256: str, records: Collection[str]) -> None:
        """Note that all records of a file are in; it holds these and nothing else."""
        self._drop_records(path, frozenset(records))
        if self._held_by(path) is not None:
            self._release(path)
        self._set_source(SourceRecord(path, source, "indexed", sha256), "")

    def drop(self, path: str) -> bool:
        """Forget a source file and, with its last path, its document; of a file, its records."""
        if self._source(path) is None:
            return False
        self._drop_records(path)
        self._forget(path)
        # A record that was dropped alone comes back with its file.
        self._void([file_of(path)])
        return True

    def search_anew(self, average: float) -> None:
        """Make what is searched anew, with weights for this average length."""
        self._now.say(average=average)
        rows = self._now.rows(RECORDS, 'kind == "words"')
        self._now.end(RECORDS, [row["row"] for row in rows])
        self._now.end(PASSAGES, [row["row"] for row in self._now.rows(PASSAGES, "row > 0")])
        head = self._now.head
        self._now.count(passages=-head.passages, length=-head.length)
        hidden = {row["owner"] for row in self._now.rows(RECORDS, 'kind == "duplicate"', ["owner"])}
        for row in self._now.rows(RECORDS, 'kind == "document"', ["owner", "a", "data"]):
            if row["owner"] not in hidden:
                self._show(_Known.of(row))

    def settle(self) -> None:
        """Decide who answers among copies, at the end; who does not is not searched."""
        seen: set[int] = set()
        for owner in sorted(self._moved):
            if owner not in seen:
                group = self._group(owner)
                seen |= group.keys()
                for member, of in decided(group.values()):
                    self._answered(member, of)

    def _answered(self, member: Member, of: str | None) -> None:
        rows = self._of("duplicate", member.row, ["a"])
        before = rows[0]["a"] if rows else None
        if (None if of is None else text(of)) == before:
            return
        self._now.raise_generation()
        self._now.end(RECORDS, [row["row"] for row in rows])
        if of is not None:
            self._now.add(RECORDS, record("duplicate", owner=member.row, a=of))
        if (of is None) == (before is None):
            return
        (row,) = self._of("document", member.row, ["owner", "a", "data"])
        known = _Known.of(row)
        if of is None:
            self._now.count(duplicates=-1)
            self._enter_acronyms(known.owner, unpack_document(self._text(known.owner, "document")))
            self._show(known)
        else:
            self._now.count(duplicates=1)
            self._leave_acronyms(known.owner)
            self._hide(known)

    def _place(self, document: Document, passages: list[Passage], vectors: Vectors) -> None:
        """Make ``document`` the live one of its id."""
        digest = digest_of(document, passages)
        live = self._document(document.id)
        if live is not None and live.fields["digest"] == digest:
            if live.fields["source"] != document.info.source:
                self._rename(live, document.info.source)
            return
        self._now.raise_generation()
        if live is not None:
            self._leave(live)
        owner = self._now.number()
        made = sketch.of(document)
        fields: dict[str, object] = {
            "source": document.info.source,
            "info": without_source(document),
            "digest": digest,
            "passages": len(passages),
            "structure": made.structure,
            "words": made.words,
        }
        self._add_text(owner, "document", pack_document(document))
        self._add_text(owner, "passages", pack_passages(passages, vectors))
        year = document.info.year
        self._enter_sketch(owner, made)
        known = _Known(0, owner, document.id, fields)
        self._add_document(known, NO_YEAR if year is None else year)
        self._enter_acronyms(owner, document)
        self._now.count(documents=1)
        self._show(known, (passages, vectors))

    def _add_document(self, known: _Known, year: int) -> None:
        digest = str(known.fields["digest"])
        row = record(
            "document", owner=known.owner, a=known.id, b=digest, number=year, data=known.fields
        )
        self._now.add(RECORDS, row)

    def _rename(self, known: _Known, source: str) -> None:
        self._now.raise_generation()
        (row,) = self._of("document", known.owner, ["number"])
        self._now.end(RECORDS, [row["row"]])
        fields = {**known.fields, "source": source}
        self._add_document(_Known(0, known.owner, known.id, fields), row["number"])

    def _leave(self, known: _Known) -> None:
        """Let a document go with all that was made of it."""
        owner = known.owner
        copies = self._of("copy", owner, ["number"])
        self._moved |= {row["number"] for row in copies}
        back = self._now.rows(RECORDS, f'kind == "copy" and number == {owner}')
        hidden = self._of("duplicate", owner)
        if hidden:
            self._now.count(duplicates=-1)
        else:
            self._hide(known)
        kept = [*self._of("document", owner), *self._of("bands", owner), *copies, *back, *hidden]
        self._now.end(RECORDS, [row["row"] for row in kept])
        self._leave_acronyms(owner)
        texts = self._now.rows(TEXTS, f"owner == {owner}")
        self._now.end(TEXTS, [row["row"] for row in texts])
        self._now.count(documents=-1)

    def _show(self, known: _Known, held: tuple[list[Passage], Vectors] | None = None) -> None:
        """Let a document's passages be searched."""
        passages, vectors = held or self._passages(known)
        found = self._terms(known, passages)
        average = self._now.head.average
        # Rounded as they are kept: the same vector is searched and scored with.
        halves = vectors.astype("<f2").astype(np.float32)
        for passage, own, vector in zip(passages, found, halves, strict=True):
            body = packed(passage_to_json(passage)) if _fits(passage) else ""
            self._now.add(
                PASSAGES,
                {
                    "owner": known.owner,
                    "start": passage.start,
                    "end": passage.end,
                    "data": body,
                    "vector": vector.tolist(),
                    "terms": milvus_words.weights(own, average),
                },
            )
        counts, length = milvus_words.held(found)
        milvus_words.note(self._now, counts)
        self._now.count(passages=len(passages), length=length)

    def _hide(self, known: _Known) -> None:
        """Let a document's passages no longer be searched."""
        passages, _ = self._passages(known)
        rows = self._now.rows(PASSAGES, f"owner == {known.owner}")
        self._now.end(PASSAGES, [row["row"] for row in rows])
        counts, length = milvus_words.held(self._terms(known, passages))
        milvus_words.note(self._now, {term: -count for term, count in counts.items()})
        self._now.count(passages=-len(passages), length=-length)

    def _passages(self, known: _Known) -> tuple[list[Passage], Vectors]:
        return unpack_passages(known.id, self._text(known.owner, "passages"))

    def _terms(self, known: _Known, passages: Iterable[Passage]) -> list[list[str]]:
        info = known.fields["info"]
        if not isinstance(info, dict):
            raise TypeError("metadata is a JSON object")
        whole = info_from_json({**info, "source": ""})
        return [terms(search_text(whole, passage)) for passage in passages]

    def _release(self, path: str) -> None:
        """Take a path from its document; the last path takes the document with it."""
        held = self._held_by(path)
        known = self._document(held) if held else None
        if known is None:
            return
        others = [other for other in self._paths_of(known.id) if other != path]
        if not others:
            self._now.raise_generation()
            self._leave(known)
        elif path < others[0]:
            # The document was read as this path's (a title may come from a file's name). It now
            # stands for the next path; without its hash that one is read again at the next run.
            row = self._source(others[0])
            if row is not None:
                self._rename(known, str(unpacked(row["data"])["source"]))
            self._void([others[0], file_of(others[0])])
            self._note(known.id)

    def _drop_records(self, file: str, keep: frozenset[str] = frozenset()) -> None:
        """Forget the records of a file but for those to keep."""
        # All paths that begin with the file's and "/", which "0" follows.
        begin = text(file)
        known = self._now.rows(
            RECORDS, f'kind == "source" and a > "{begin}/" and a < "{begin}0"', ["data"]
        )
        for path in sorted(str(unpacked(row["data"])["path"]) for row in known):
            if path not in keep:
                self._forget(path)

    def _forget(self, path: str) -> None:
        if self._held_by(path) is not None:
            self._release(path)
        row = self._source(path)
        if row is not None:
            self._now.end(RECORDS, [row["row"]])

    def _void(self, paths: Sequence[str]) -> None:
        """Have sources read again at the next run."""
        for path in paths:
            row = self._source(path)
            if row is not None:
                fields = unpacked(row["data"])
                self._set_source(SourceRecord(**{**fields, "sha256": ""}), row["b"])

    def _set_source(self, source: SourceRecord, document_id: str) -> None:
        before = self._source(source.path)
        names = ("path", "source", "state", "sha256", "reason", "hint")
        fields = {name: getattr(source, name) for name in names}
        if before is not None:
            if (unpacked(before["data"]), before["b"]) == (fields, text(document_id)):
                return
            self._now.end(RECORDS, [before["row"]])
        row = record("source", a=source.path, b=document_id, c=source.state, data=fields)
        self._now.add(RECORDS, row)

    def _source(self, path: str) -> Row | None:
        found = self._now.rows(RECORDS, f'kind == "source" and {is_text("a", path)}', ["b", "data"])
        return found[0] if found else None

    def _held_by(self, path: str) -> str | None:
        row = self._source(path)
        return (row["b"] or None) if row else None

    def _paths_of(self, document_id: str) -> list[str]:
        found = self._now.rows(
            RECORDS, f'kind == "source" and {is_text("b", document_id)}', ["data"]
        )
        return sorted(str(unpacked(row["data"])["path"]) for row in found)

    def _document(self, document_id: str) -> _Known | None:
        found = self._now.rows(
            RECORDS, f'kind == "document" and {is_text("a", document_id)}', ["owner", "a", "data"]
        )
        return _Known.of(found[0]) if found else None

    def _note(self, document_id: str) -> None:
        """See to it that it is decided anew who answers among the copies of a document."""
        known = self._document(document_id)
        if known is not None:
            self._moved.add(known.owner)

    def _group(self, owner: int) -> dict[int, Member]:
        """The documents that hang together with this one, copy by copy; none where it is gone."""
        group: dict[int, Member] = {}
        waiting = [owner]
        while waiting:
            current = waiting.pop()
            found = self._of("document", current, ["owner", "a", "data"])
            if not found:
                continue
            known = _Known.of(found[0])
            copies = {row["number"] for row in self._of("copy", current, ["number"])}
            group[current] = Member(
                current,
                known.id,
                int(str(known.fields["structure"])),
                int(str(known.fields["words"])),
                min(self._paths_of(known.id), default=""),
                copies,
            )
            waiting += copies - group.keys()
        return group

    def _enter_acronyms(self, owner: int, document: Document) -> None:
        for found in glossary.introduced(document):
            fields = {
                "id": document.id,
                "short": found.short,
                "key": found.key,
                "long": found.long,
            }
            self._now.add(
                RECORDS,
                record(
                    "acronym",
                    owner=owner,
                    a=document.id,
                    b=found.short,
                    c=found.key,
                    data=fields,
                ),
            )

    def _leave_acronyms(self, owner: int) -> None:
        self._now.end(RECORDS, [row["row"] for row in self._of("acronym", owner)])

    def _enter_sketch(self, owner: int, made: Sketch) -> None:
        """Store a document's sketch and whose copy it is."""
        keys = keys_of(made)
        near = self._now.rows(
            RECORDS, f'kind == "bands" and array_contains_any(keys, {keys})', ["owner"]
        )
        for row in near:
            if sketch.are_copies(made, unpack_sketch(self._text(row["owner"], "sketch"))):
                for one, other in ((owner, row["owner"]), (row["owner"], owner)):
                    self._now.add(RECORDS, record("copy", owner=one, number=other))
        self._now.add(RECORDS, record("bands", owner=owner, keys=keys))
        self._add_text(owner, "sketch", pack_sketch(made))

    def _add_text(self, owner: int, kind: str, data: bytes) -> None:
        for part, piece in enumerate(pieces(data), FIRST[kind]):
            self._now.add(TEXTS, {"owner": owner, "part": part, "data": piece, "none": [0.0, 0.0]})

    def _text(self, owner: int, kind: str) -> bytes:
        condition = f"owner == {owner} and {KINDS[kind]}"
        return joined(self._now.rows(TEXTS, condition, ["part", "data"]))

    def _of(self, kind: str, owner: int, fields: Sequence[str] = ()) -> list[Row]:
        return self._now.rows(RECORDS, f'kind == "{kind}" and owner == {owner}', fields)


def _fits(passage: Passage) -> bool:
    return len(json.dumps(passage_to_json(passage))) <= LONGEST
