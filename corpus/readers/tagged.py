"""Lists of records in tagged lines: RIS, NBIB (PubMed's MEDLINE format), EndNote, Web of Science.

A field begins with its tag at a line's start and goes on to the next tag, so a value is one piece
of the source, its broken lines included. What the tags mean is a table a dialect.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from corpus.readers.base import Metadata, RawDocument, Unreadable
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

_LINE_START = r"(?:^|(?<=\r))"
_BETWEEN = re.compile(r"\s*\n[ \t\r]*\n\s*|\r[ \t]*\r\s*")


@dataclass(frozen=True, slots=True)
class Dialect:
    """A format of tagged lines.

    Attributes:
        name: the reader's name.
        tag: matches a tag at a line's start, up to its value.
        begins: the tags that begin a record.
        ends: the tag that ends it; "" where a record ends with the next one.
        fields: for each field the tags that hold it, the best first.
        line_lists: whether each line of a field that names people is a person.
    """

    name: str
    tag: re.Pattern[str]
    begins: frozenset[str]
    ends: str
    fields: Mapping[str, tuple[str, ...]]
    line_lists: bool = False


RIS = Dialect(
    name="ris",
    tag=re.compile(rf"{_LINE_START}[ \t]*([A-Z][A-Z0-9])  -(?: |(?=[\r\n]|\Z))", re.MULTILINE),
    begins=frozenset({"TY"}),
    ends="ER",
    fields={
        "title": ("TI", "T1", "CT", "BT"),
        "abstract": ("AB", "N2"),
        "authors": ("AU", "A1"),
        "journal": ("JF", "T2", "JO", "JA", "J1", "J2"),
        "year": ("PY", "Y1", "DA"),
        "doi": ("DO", "DI"),
        "pmid": ("PM",),
        "pmcid": (),
        "volume": ("VL",),
        "issue": ("IS", "CP"),
        "start": ("SP",),
        "end": ("EP",),
        "own": ("ID", "AN", "LB"),
        "database": ("DB", "DP"),
        "accession": ("AN",),
        "notes": ("N1", "UR", "L2", "M1", "M2", "M3", "C1", "C2", "C5", "C6", "C7", "U1", "L3"),
        "licence": (),
    },
)
_RIS_LOOSE = re.compile(
    rf"{_LINE_START}[ \t]*([A-Z][A-Z0-9]) {{1,2}}-(?: |(?=[\r\n]|\Z))", re.MULTILINE
)
NBIB = Dialect(
    name="nbib",
    tag=re.compile(
        rf"{_LINE_START}(?=.{{4}}-)([A-Z][A-Z0-9]{{1,3}}) {{0,2}}-(?: |(?=[\r\n]|\Z))", re.MULTILINE
    ),
    begins=frozenset({"PMID", "PMC", "UI"}),
    ends="",
    fields={
        "title": ("TI", "BTI", "TT"),
        "abstract": ("AB", "OAB"),
        "authors": ("FAU", "CN"),
        "short_authors": ("AU", "CN"),
        "journal": ("JT", "TA"),
        "year": ("DP", "DEP"),
        "doi": ("LID", "AID"),
        "pmid": ("PMID",),
        "pmcid": ("PMC",),
        "volume": ("VI",),
        "issue": ("IP",),
        "start": ("PG",),
        "own": ("UI",),
        "licence": ("CI",),
    },
)
ENW = Dialect(
    name="enw",
    tag=re.compile(rf"{_LINE_START}%([0-9A-Z@!#$&()*+<=>?\[\]^~:]) ", re.MULTILINE),
    begins=frozenset({"0"}),
    ends="",
    fields={
        "title": ("T",),
        "abstract": ("X",),
        "authors": ("A",),
        "journal": ("J", "B"),
        "year": ("D", "8"),
        "doi": ("R",),
        "pmid": (),
        "pmcid": ("2",),
        "volume": ("V",),
        "issue": ("N",),
        "start": ("P",),
        "own": ("F", "M"),
        "database": ("~", "W"),
        "accession": ("M",),
        "notes": ("Z", "U"),
    },
)
ISI = Dialect(
    name="isi",
    tag=re.compile(rf"{_LINE_START}([A-Z][A-Z0-9])(?: |(?=[\r\n]|\Z))", re.MULTILINE),
    begins=frozenset({"PT"}),
    ends="ER",
    fields={
        "title": ("TI",),
        "abstract": ("AB",),
        "authors": ("AF", "AU"),
        "journal": ("SO", "JI"),
        "year": ("PY", "PD"),
        "doi": ("DI",),
        "pmid": ("PM",),
        "volume": ("VL",),
        "issue": ("IS",),
        "start": ("BP", "AR"),
        "end": ("EP",),
        "own": ("UT",),
    },
    line_lists=True,
)


DIALECTS = {dialect.name: dialect for dialect in (RIS, NBIB, ENW, ISI)}


class _Field(NamedTuple):
    """A tag, where its line begins, and the place of its value in the source."""

    tag: str
    line: int
    start: int
    end: int


def read(text: str, dialect: Dialect) -> Iterator[RawDocument | Unreadable]:
    """Read a list of records in tagged lines.

    Args:
        text: the decoded file.
        dialect: what its tags mean.

    Yields:
        A document a record, or the reason why there is none.

    Raises:
        Unreadable: there is no record in it.
    """
    keys = Keys()
    number = 0
    for number, fields in enumerate(_records(text, dialect), start=1):
        yield document_of(_record(text, fields, number, dialect), keys, dialect.name)
    if not number:
        raise Unreadable("holds no records", "Export the list again.")


def _records(text: str, dialect: Dialect) -> Iterator[list[_Field]]:
    """The fields of each record, in order; what stands in front of the first record is left out."""
    fields: list[_Field] = []
    for found in _fields(text, _tag_of(text, dialect)):
        if _begins(text, found, fields, dialect):
            if fields:
                yield fields
            fields = [found]
        elif dialect.ends and found.tag == dialect.ends:
            if fields:
                yield [*fields, found]
            fields = []
        elif fields:
            fields.append(found)
    if fields:
        yield fields


def _tag_of(text: str, dialect: Dialect) -> re.Pattern[str]:
    """The pattern of a tag: RIS has two spaces behind it, but some programs write one."""
    if dialect is RIS:
        first = next((m for m in _RIS_LOOSE.finditer(text) if m.group(1) == "TY"), None)
        if first is not None and not RIS.tag.match(text, first.start()):
            return _RIS_LOOSE
    return dialect.tag


def _fields(text: str, tag: re.Pattern[str]) -> Iterator[_Field]:
    before: re.Match[str] | None = None
    for match in tag.finditer(text):
        if before is not None:
            yield _Field(before.group(1), before.start(), before.end(), match.start())
        before = match
    if before is not None:
        yield _Field(before.group(1), before.start(), before.end(), len(text))


def _begins(text: str, found: _Field, fields: list[_Field], dialect: Dialect) -> bool:
    """Whether a field is the first of a record."""
    if found.tag not in dialect.begins:
        return False
    if dialect.ends or not fields or dialect is ENW:
        return True
    if found.tag == "PMID" and any(field.tag == "PMID" for field in fields):
        return True
    # PMID and PMC stand in either order: a record begins behind a blank line.
    return _BETWEEN.search(text, max(fields[-1].start, found.line - 9), found.line) is not None


def _record(text: str, fields: list[_Field], number: int, dialect: Dialect) -> Record:
    first, last = fields[0].line, fields[-1]
    first += len(text[first : first + 99]) - len(text[first : first + 99].lstrip())
    end = last.start + len(text[last.start : last.end].rstrip())
    if dialect.ends and last.tag == dialect.ends:
        end = last.line + len(text[last.line : last.start].rstrip())
    raw = text[first:end]
    read_one = _Reading(raw, [_moved(field, first, end) for field in fields], dialect)
    return Record(
        raw=raw,
        first=first,
        number=number,
        title=read_one.title(),
        abstract=read_one.abstract(),
        metadata=read_one.metadata(),
        own=read_one.one("own"),
    )


def _moved(field: _Field, by: int, end: int) -> _Field:
    return _Field(field.tag, field.line - by, field.start - by, min(field.end, end) - by)


class _Reading:
    """One record's fields, by what they mean."""

    def __init__(self, raw: str, fields: list[_Field], dialect: Dialect) -> None:
        self._raw = raw
        self._dialect = dialect
        self._by_tag: dict[str, list[_Field]] = {}
        for field in fields:
            self._by_tag.setdefault(field.tag, []).append(field)

    def title(self) -> Value | None:
        """The title, with its place."""
        return next(self._values("title"), None)

    def abstract(self) -> Value | None:
        """The abstract: all fields of the first tag that has any words."""
        for tag in self._dialect.fields["abstract"]:
            found = [value for value in map(self._value, self._by_tag.get(tag, [])) if value]
            if found:
                return Value.joined(found, "\n\n")
        return None

    def all(self, name: str) -> list[str]:
        """The words of every field that holds this, the best tag first."""
        return [plain(value.text) for value in self._values(name)]

    def one(self, name: str) -> str | None:
        """The words of the best field that holds this."""
        value = next(self._values(name), None)
        return plain(value.text) if value else None

    def metadata(self) -> Metadata:
        """What the record states of itself."""
        found = Metadata(
            authors=self._authors("authors") or self._authors("short_authors"),
            journal=self.one("journal"),
            volume=self.one("volume"),
            issue=self.one("issue"),
            page_range=page_range(self.one("start"), self.one("end")),
            licence=self.one("licence"),
        )
        read_year(found, self.all("year"))
        accession = self.all("accession") if self._from_pubmed() else []
        read_identifiers(
            found,
            doi=[words for words in self.all("doi") if not words.endswith("[pii]")],
            pmid=[*self.all("pmid"), *accession],
            pmcid=self.all("pmcid"),
            notes=self.all("notes"),
        )
        return found

    def _from_pubmed(self) -> bool:
        database = " ".join(self.all("database")).lower()
        return any(name in database for name in ("pubmed", "medline", "nlm"))

    def _authors(self, name: str) -> tuple[str, ...]:
        """The people of the best tag; bodies (NBIB's CN) stand among them in the file's order."""
        tags = [tag for tag in self._dialect.fields.get(name, ()) if tag in self._by_tag]
        if self._dialect is not NBIB:
            tags = tags[:1]
        elif tags == ["CN"] and "AU" in self._by_tag:
            return ()
        fields = [field for tag in tags for field in self._by_tag[tag]]
        fields.sort(key=lambda field: field.start)
        values = [self._raw[field.start : field.end] for field in fields]
        if self._dialect.line_lists:
            values = [line for value in values for line in value.splitlines()]
        return tuple(name for name in (plain(value).rstrip(",;") for value in values) if name)

    def _values(self, name: str) -> Iterator[Value]:
        for tag in self._dialect.fields.get(name, ()):
            yield from filter(None, map(self._value, self._by_tag.get(tag, [])))

    def _value(self, field: _Field) -> Value:
        words = self._raw[field.start : field.end]
        begin = field.start + len(words) - len(words.lstrip())
        return Value.between(self._raw, begin, max(begin, field.start + len(words.rstrip())))
