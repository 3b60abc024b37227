"""What a reader gives: raw text, blocks of pieces of it, metadata, and places for paged formats."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from corpus.document import BlockKind, Places


class Piece(NamedTuple):
    """A run of source characters ``[start, end)`` that belongs to a block.

    ``text`` is None where the characters are read as they stand; else it is what they mean (an
    entity, a line break element), and is given back whole. What stands nowhere in the source, and
    was put in by the reader, has ``start == end == -1``.
    """

    start: int
    end: int
    text: str | None = None


@dataclass(frozen=True, slots=True)
class RawBlock:
    """A block before cleaning.

    Attributes:
        kind: what it is.
        cells: its pieces. Everything but a table row has one cell; the pieces of a cell are read
            one after the other with nothing between them, cells are joined by `` | ``.
        level: of a heading, 1 to 6.
        header: of a table row, the index (in the document's list of blocks) of the header row.
        group: of a table row, the index of the row that labels its group, if any.
    """

    kind: BlockKind
    cells: tuple[tuple[Piece, ...], ...]
    level: int = 0
    header: int | None = None
    group: int | None = None


@dataclass(slots=True)
class Metadata:
    """What a file says of itself. Fields that it does not state stay empty."""

    title: str | None = None
    authors: tuple[str, ...] = ()
    year: int | None = None
    journal: str | None = None
    doi: str | None = None
    pmid: str | None = None
    digest_of: str | None = None
    pmcid: str | None = None
    licence: str | None = None
    volume: str | None = None
    issue: str | None = None
    page_range: str | None = None


@dataclass(slots=True)
class RawDocument:
    """A source file as a reader understands it.

    Attributes:
        raw: the decoded source (text formats) or the text layer (PDF, Office); pieces point into
            it. Of a file with many records, that of one record.
        blocks: in reading order.
        metadata: as stated by the file.
        places: for paged formats, where the characters of ``raw`` stand.
        format: the name of its reader, as in ``corpus.readers``.
        mend: whether lines were broken by a layout, so that hyphens and stray spaces need mending.
        key: names a record in a file that holds many: its PMID, its citation key, its row's number.
        first: where ``raw`` begins in the decoded source.
        record: the bytes of the record, which make its id; None where they are the whole file.
    """

    raw: str
    blocks: list[RawBlock]
    metadata: Metadata = field(default_factory=Metadata)
    places: Places | None = None
    format: str = "text"
    mend: bool = False
    key: str | None = None
    first: int = 0
    record: bytes | None = None


class Unreadable(Exception):
    """A file that a reader must refuse: ``reason`` in one plain sentence, ``hint`` what to do.

    ``key`` names the record where it is only one of a file's many.
    """

    def __init__(self, reason: str, hint: str | None = None, key: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint
        self.key = key
