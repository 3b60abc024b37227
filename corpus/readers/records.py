"""What the readers of lists of records share: fields with their places, keys, one document each."""

from __future__ import annotations

import html
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from typing import Self

from corpus.document import BlockKind
from corpus.metadata import doi_in, pmid_in, year_in
from corpus.readers.abstracts import Part, parts_of
from corpus.readers.base import Metadata, Piece, RawBlock, RawDocument, Unreadable
from corpus.readers.superscript import raised

_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,31}\d{0,2});")
_ATTRIBUTES = r"""(?:\s+[\w:.-]+\s*=\s*(?:"[^"<>]{0,300}"|'[^'<>]{0,300}'))*\s*/?"""
_SUPERSCRIPT = re.compile(rf"<(?:jats:)?sup{_ATTRIBUTES}>([^<>]{{1,12}})</(?:jats:)?sup\s*>", re.I)
_BORDER = re.compile(
    rf"</?(?:jats:)?(?:p|sec|title|label|div|br|h[1-6]|ul|ol|li|list|list-item){_ATTRIBUTES}>", re.I
)
_INLINE = re.compile(
    rf"</?(?:jats:)?(?:i|b|u|em|strong|sup|sub|italic|bold|underline|sc|span|font){_ATTRIBUTES}>",
    re.I,
)
_PUBMED_LINK = re.compile(r"pubmed(?:\.ncbi\.nlm\.nih\.gov)?/(\d{4,9})\b", re.IGNORECASE)
_PMCID = re.compile(r"\bPMC\d{4,9}\b", re.IGNORECASE)
_NO_ABSTRACT = re.compile(r"\W*(?:no abstract(?: (?:is )?available)?|n/?a|none|null|nan)\W*", re.I)
_INITIALS = re.compile(r"(?:[A-Z]\.?[ -]?){1,4}")
_MAX_KEY = 200


@dataclass(frozen=True)
class Value:
    """The words of a field, and the pieces of the source that they stand in, in their order."""

    text: str
    pieces: tuple[Piece, ...]

    @classmethod
    def of(cls, raw: str, pieces: Iterable[Piece]) -> Self:
        """The words of these pieces of ``raw``."""
        pieces = tuple(pieces)
        return cls(
            "".join(raw[p.start : p.end] if p.text is None else p.text for p in pieces), pieces
        )

    @classmethod
    def between(cls, raw: str, start: int, end: int) -> Self:
        """The words ``raw[start:end]`` as they stand."""
        return cls(raw[start:end], (Piece(start, end),))

    @classmethod
    def joined(cls, values: Sequence[Value], gap: str) -> Self:
        """The values one after the other, with ``gap`` between them, which stands nowhere."""
        pieces: list[Piece] = []
        for value in values:
            if pieces and value.pieces:
                pieces.append(Piece(pieces[-1].end, pieces[-1].end, gap))
            pieces.extend(value.pieces)
        return cls(gap.join(value.text for value in values if value.pieces), tuple(pieces))

    @cached_property
    def _ends(self) -> list[int]:
        """Where each piece ends in ``text``."""
        return list(accumulate(_length(piece) for piece in self.pieces))

    def cut(self, start: int, end: int) -> Value:
        """The words ``text[start:end]``; a replacement cut in two keeps its whole place."""
        out: list[Piece] = []
        i = bisect_right(self._ends, start)
        while i < len(self.pieces) and start < end:
            piece = self.pieces[i]
            begin = self._ends[i] - _length(piece)
            low, high = max(start, begin) - begin, min(end, self._ends[i]) - begin
            if low >= high:
                break
            if piece.text is None:
                out.append(Piece(piece.start + low, piece.start + high))
            else:
                out.append(Piece(piece.start, piece.end, piece.text[low:high]))
            i += 1
        return Value(self.text[start:end], tuple(out))

    def sub(self, pattern: re.Pattern[str], replace: Callable[[re.Match[str]], str]) -> Value:
        """Replace each match; the new words stand for the whole of it. Unchanged ones stay."""
        pieces: list[Piece] = []
        done = 0
        for match in pattern.finditer(self.text):
            new = replace(match)
            if new == match.group():
                continue
            pieces.extend(self.cut(done, match.start()).pieces)
            old = self.cut(match.start(), match.end()).pieces
            if new and old:
                pieces.append(Piece(old[0].start, old[-1].end, new))
            done = match.end()
        if not done:
            return self
        pieces.extend(self.cut(done, len(self.text)).pieces)
        return Value(pattern.sub(replace, self.text), tuple(pieces))

    def __bool__(self) -> bool:
        """Whether there are any words."""
        return bool(self.text) and not self.text.isspace()


def _length(piece: Piece) -> int:
    return piece.end - piece.start if piece.text is None else len(piece.text)


def without_markup(value: Value) -> Value:
    """Entities read, elements of HTML and JATS that exports leave in abstracts taken out."""
    if "&" in value.text:
        value = value.sub(_ENTITY, lambda match: html.unescape(match.group()))
    if "<" in value.text:
        value = value.sub(_SUPERSCRIPT, lambda match: raised(match.group(1)))
        value = value.sub(_BORDER, lambda match: "\n\n")
        value = value.sub(_INLINE, lambda match: "")
    return value


def plain(words: str) -> str:
    """Words of a field on one line, for metadata and keys."""
    return " ".join(words.replace("\0", "").split())


class Keys:
    """Gives each record of a file a name that no other record of it has."""

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}

    def unique(self, *wanted: str | None) -> str:
        """The first of ``wanted`` that is stated, with "-2", "-3" … behind it where it is taken."""
        key = next((name for name in map(plain, filter(None, wanted)) if name), "record")[:_MAX_KEY]
        found = key
        while found in self._seen:
            self._seen[key] += 1
            found = f"{key}-{self._seen[key]}"
        self._seen.setdefault(found, 1)
        return found


@dataclass(slots=True)
class Record:
    """A record of a list, before it is a document.

    Attributes:
        raw: the record's words as they stand in the source; the values' pieces point into it.
        first: where ``raw`` begins in the decoded source.
        number: its number in the file, from 1; of a table, that of its row.
        identity: what makes its id: ``raw``, and in front of it what its meaning hangs on.
        title, abstract: with their places.
        metadata: what it states of itself.
        own: the name that the file itself gives it: a citation key, an accession number.
        lines: whether a line break in the abstract was put there by its author.
    """

    raw: str
    first: int
    number: int
    identity: str = ""
    title: Value | None = None
    abstract: Value | None = None
    metadata: Metadata = field(default_factory=Metadata)
    own: str | None = None
    lines: bool = False


def document_of(record: Record, keys: Keys, format_name: str) -> RawDocument | Unreadable:
    """The document of a record: its title, and its abstract with the sections that it names.

    Args:
        record: the record.
        keys: the names given so far in its file.
        format_name: the name of the reader.

    Returns:
        The document, or the reason where there is no abstract.
    """
    found = record.metadata
    key = keys.unique(found.pmid, found.doi, record.own, str(record.number))
    title = without_markup(record.title) if record.title else None
    if title and not found.title:
        found.title = plain(title.text)
    abstract = without_markup(record.abstract) if record.abstract else None
    if not abstract or _NO_ABSTRACT.fullmatch(abstract.text):
        return Unreadable("has no abstract", key=key)
    blocks = [RawBlock(BlockKind.TITLE, (title.pieces,))] if title else []
    for part in parts_of(abstract.text, lines=record.lines):
        blocks.append(_block(part, abstract))
        if part.kind is BlockKind.REFERENCE and not found.licence:
            found.licence = plain(abstract.text[part.start : part.end])
    return RawDocument(
        raw=record.raw,
        blocks=blocks,
        metadata=found,
        format=format_name,
        key=key,
        first=record.first,
        record=(record.identity or record.raw).encode("utf-8", "surrogatepass"),
    )


def _block(part: Part, abstract: Value) -> RawBlock:
    level = 1 if part.kind is BlockKind.HEADING else 0
    return RawBlock(part.kind, (abstract.cut(part.start, part.end).pieces,), level=level)


def read_identifiers(
    into: Metadata,
    *,
    doi: Iterable[str] = (),
    pmid: Iterable[str] = (),
    pmcid: Iterable[str] = (),
    notes: Iterable[str] = (),
) -> None:
    """Take DOI, PMID and PMCID from the fields that are for them, else from notes and addresses.

    Args:
        into: what is found is noted here, where nothing is noted yet.
        doi: the words of the fields for it, the best first.
        pmid: likewise.
        pmcid: likewise.
        notes: the words of fields that may name them ("PMID: 123", an address at PubMed).
    """
    notes = list(notes)
    into.doi = into.doi or _first(doi_in, doi) or _first(_named_doi, notes)
    into.pmid = into.pmid or _first(_number, pmid) or _first(_named_pmid, notes)
    into.pmcid = into.pmcid or _first(_any_pmcid, [*pmcid, *notes])
    if into.pmcid is None:
        number = _first(_number, pmcid)
        into.pmcid = f"PMC{number}" if number else None


def _first(find: Callable[[str], str | None], texts: Iterable[str]) -> str | None:
    return next((found for found in map(find, texts) if found), None)


def _number(words: str) -> str | None:
    match = re.fullmatch(r"\s*(?:PMID:?\s*)?(\d{1,9})(?:\.0)?\s*", words, re.IGNORECASE)
    return match.group(1) if match else None


def _named_doi(words: str) -> str | None:
    return doi_in(words) if "doi" in words.lower() else None


def _named_pmid(words: str) -> str | None:
    match = _PUBMED_LINK.search(words)
    return match.group(1) if match else pmid_in(words)


def _any_pmcid(words: str) -> str | None:
    match = _PMCID.search(words)
    return match.group().upper() if match else None


def read_year(into: Metadata, stated: Iterable[str]) -> None:
    """Take the year from the first of the fields that names one."""
    for words in stated:
        into.year = into.year or year_in(words)


def page_range(start: str | None, end: str | None) -> str | None:
    """The pages that two fields name: "233-241"; one page where there is no other."""
    start, end = plain(start or ""), plain(end or "")
    if not start or not end or start == end or "-" in start or "–" in start:
        return start or end or None
    return f"{start}-{end}"


def people(words: str) -> tuple[str, ...]:
    """The names in a field that holds all authors: apart by ";", "and", lines, bars or commas.

    "Moss A, Oak B" are two, "Moss, Ada" is one.
    """
    for separator in (";", "\n", "|"):
        if separator in words:
            return _names(words.split(separator))
    apart = re.split(r"\s+and\s+", words)
    if len(apart) > 1 and not all("," in part for part in apart) and "," in apart[0]:
        return people(", ".join(apart))  # "A. Moss, B. Oak and C. Elm"
    if len(apart) > 1:
        return _names(apart)
    parts = [part.strip() for part in words.split(",")]
    if len(parts) % 2 == 0 and len(parts) > 2 and all(map(_INITIALS.fullmatch, parts[1::2])):
        return _names(map(", ".join, zip(parts[::2], parts[1::2], strict=True)))
    spaced = sum(" " in part for part in parts)
    apart_by_commas = spaced == len(parts) or (len(parts) > 2 and 2 * spaced > len(parts))
    return _names(parts if apart_by_commas else [words])


def _names(parts: Iterable[str]) -> tuple[str, ...]:
    names = (re.sub(r"\s*\(\d{6,}\)$", "", plain(part)).strip(" ,;") for part in parts)
    return tuple(name for name in names if name and name.lower() not in {"et al", "et al."})
