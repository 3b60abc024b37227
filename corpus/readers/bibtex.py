"""BibTeX: entries with their fields, each character with its place in the file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from corpus.readers.base import Metadata, Piece, RawDocument, Unreadable
from corpus.readers.latex import latex_pieces
from corpus.readers.records import (
    Keys,
    Record,
    Value,
    document_of,
    page_range,
    plain,
    read_identifiers,
    read_year,
)

_ENTRY = re.compile(r"(?:^|(?<=[\r}]))[ \t]*@\s*(?P<type>[A-Za-z]+)\s*(?P<open>[{(])", re.MULTILINE)
_KEY = re.compile(r"\s*([^,={}\"\r\n]{0,200}?)\s*(?:,|(?=[})]|\Z))")
_FIELD = re.compile(r"[\s,]*([A-Za-z][\w:.+-]{0,60})\s*=\s*")
_BARE = re.compile(r"[^\s,#{}()\"=]+")
_JOIN = re.compile(r"\s*#\s*")
_END = re.compile(r"[\s,]*[})]")
_MARK = re.compile(r"\\.|[{}\"]", re.DOTALL)
_AND = re.compile(r"\\.|[{}]|(?<!\s)\s++and\s+", re.DOTALL | re.IGNORECASE)
_LONGEST_MACRO = 10_000  # characters; a journal's name has fifty
_NO_RECORD = frozenset({"comment", "preamble", "string"})


@dataclass(slots=True)
class _Part:
    """A part of a field's value: the words between its marks, or the name of a macro."""

    start: int
    end: int
    bare: bool


@dataclass(slots=True)
class _Entry:
    """An entry as it stands: offsets are characters of ``raw``, which begins with its "@"."""

    type: str
    raw: str
    first: int
    key: str = ""
    fields: dict[str, list[_Part]] = field(default_factory=dict)
    end: int | None = None


class _Malformed(Exception):
    """An entry that does not follow the format."""


def read(text: str) -> Iterator[RawDocument | Unreadable]:
    """Read a BibTeX file.

    Args:
        text: the decoded file.

    Yields:
        A document an entry, or the reason why there is none.

    Raises:
        Unreadable: there is no entry in it.
    """
    keys = Keys()
    macros: dict[str, str] = {}
    number = 0
    for entry in _entries(text):
        if entry.type == "string":
            for name, parts in entry.fields.items():
                macros[name] = _value(entry.raw, parts, macros).text
        if entry.type in _NO_RECORD:
            continue
        number += 1
        if entry.end is None:
            key = keys.unique(entry.key, str(number))
            yield Unreadable(
                "is not well-formed BibTeX: a brace or a quotation mark is missing", key=key
            )
            continue
        yield document_of(_record(entry, number, macros), keys, "bibtex")
    if not number:
        raise Unreadable("holds no records", "Export the list again.")


def _entries(text: str) -> Iterator[_Entry]:
    """The entries in order. A damaged one ends, at the latest, where the next one begins."""
    match = _ENTRY.search(text)
    while match is not None:
        following = _ENTRY.search(text, match.end())
        first = text.index("@", match.start())
        raw = text[first : following.start() if following else len(text)]
        entry = _Entry(match["type"].lower(), raw, first)
        try:
            _read_fields(entry, match.end() - first)
        except _Malformed:
            entry.end = None
        else:
            entry.raw = raw[: entry.end]
        yield entry
        match = following


def _read_fields(entry: _Entry, at: int) -> None:
    """Find key and fields.

    Raises:
        _Malformed: the entry does not come to its end.
    """
    if entry.type in {"comment", "preamble"}:
        entry.end = at
        return
    if entry.type != "string":
        key = _KEY.match(entry.raw, at)
        if key:
            entry.key, at = plain(key.group(1)), key.end()
    while name := _FIELD.match(entry.raw, at):
        parts, at = _read_value(entry.raw, name.end())
        entry.fields.setdefault(name.group(1).lower(), parts)
    end = _END.match(entry.raw, at)
    if end is None:
        raise _Malformed
    entry.end = end.end()


def _read_value(raw: str, at: int) -> tuple[list[_Part], int]:
    """The parts of a value, which "#" may join, and where it ends."""
    parts: list[_Part] = []
    while True:
        mark = raw[at : at + 1]
        if mark in {"{", '"'}:
            end = _closing(raw, at + 1, "}" if mark == "{" else '"')
            parts.append(_Part(at + 1, end, bare=False))
            at = end + 1
        else:
            word = _BARE.match(raw, at)
            if word is None:
                raise _Malformed
            parts.append(_Part(word.start(), word.end(), bare=True))
            at = word.end()
        join = _JOIN.match(raw, at)
        if join is None:
            return parts, at
        at = join.end()


def _closing(raw: str, at: int, wanted: str) -> int:
    """Where the mark that ends a value stands: outside all inner braces, not behind a backslash."""
    depth = 0
    for match in _MARK.finditer(raw, at):
        mark = match.group()
        if mark == wanted and depth == 0:
            return match.start()
        if mark == "{":
            depth += 1
        elif mark == "}":
            depth -= 1
            if depth < 0:
                break
    raise _Malformed


def _value(raw: str, parts: list[_Part], macros: dict[str, str]) -> Value:
    pieces: list[Piece] = []
    for part in parts:
        macro = macros.get(raw[part.start : part.end].lower()) if part.bare else None
        if macro is not None:
            # Each may be made of two before it: without an end, fifty lines would fill any memory.
            pieces.append(Piece(part.start, part.end, macro[:_LONGEST_MACRO]))
        else:
            pieces.extend(latex_pieces(raw, part.start, part.end))
    return Value.of(raw, pieces)


def _record(entry: _Entry, number: int, macros: dict[str, str]) -> Record:
    def value(*names: str) -> Value | None:
        found = (_value(entry.raw, entry.fields[n], macros) for n in names if n in entry.fields)
        return next(filter(None, found), None)

    def words(*names: str) -> str | None:
        found = value(*names)
        return plain(found.text) if found else None

    def stated(*names: str) -> list[str]:
        return [found for found in map(words, names) if found]

    pages = words("pages", "eid", "articleno")
    metadata = Metadata(
        authors=tuple(_people(entry, macros)),
        journal=words("journal", "journaltitle", "fjournal", "booktitle"),
        volume=words("volume"),
        issue=words("number", "issue"),
        page_range=page_range(pages.replace("–", "-"), None) if pages else None,
        licence=words("license", "licence", "copyright", "rights"),
    )
    read_year(metadata, stated("year", "date", "issued"))
    eprint = stated("eprint") if (words("eprinttype") or "").lower() in {"pubmed", "pmid"} else []
    read_identifiers(
        metadata,
        doi=stated("doi"),
        pmid=[*stated("pmid", "pubmedid", "pubmed_id"), *eprint],
        pmcid=stated("pmcid", "pmc"),
        notes=stated("note", "annote", "url", "howpublished"),
    )
    return Record(
        raw=entry.raw,
        first=entry.first,
        number=number,
        title=value("title"),
        abstract=value("abstract", "summary"),
        metadata=metadata,
        own=entry.key or None,
    )


def _people(entry: _Entry, macros: dict[str, str]) -> Iterator[str]:
    """The authors: apart by "and" outside braces, so that a body's name may have one."""
    for part in entry.fields.get("author", []):
        if part.bare:
            yield from filter(None, [plain(_value(entry.raw, [part], macros).text)])
            continue
        start, depth = part.start, 0
        borders: list[tuple[int, int]] = []
        for match in _AND.finditer(entry.raw, part.start, part.end):
            mark = match.group()
            depth += (mark == "{") - (mark == "}")
            if depth == 0 and mark.strip().lower() == "and":
                borders.append(match.span())
        for begin, then in [*borders, (part.end, part.end)]:
            name = plain(_value(entry.raw, [_Part(start, begin, bare=False)], macros).text)
            if name and name.lower() != "others":
                yield name
            start = then
