"""The columns of a list of records, by the names that databases and reference managers use."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from corpus.readers.base import Metadata, Unreadable
from corpus.readers.records import (
    Record,
    Value,
    page_range,
    people,
    plain,
    read_identifiers,
    read_year,
)

# Names as Zotero, EndNote, PubMed, Scopus, Web of Science, Embase, Rayyan and Covidence write them,
# without spaces and signs; the best first.
_NAMES: Mapping[str, tuple[str, ...]] = {
    "title": ("title articletitle documenttitle primarytitle titles ti",),
    "abstract": ("abstract abstractnote abstracttext abstracts ab",),
    "authors": ("authorfullnames af authors author authornames authorsnames au firstauthors",),
    "journal": (
        "journal journalbook journaltitle journalname sourcetitle publicationtitle",
        "publicationname secondarytitle so jt jf jo t2 source",
    ),
    "year": ("publicationyear publishedyear pubyear year py publicationdate date dp y1",),
    "doi": ("doi doilink doiurl di",),
    "pmid": ("pmid pubmedid pubmedpmid medlinepmid pm",),
    "pmcid": ("pmcid pmc pmcidnumber",),
    "volume": ("volume vol vl vi",),
    "issue": ("issue number issuenumber no is ip",),
    "pages": ("pages pagerange page pg",),
    "start": ("startpage pagestart beginningpage firstpage bp sp artno articlenumber",),
    "end": ("endpage pageend endingpage lastpage ep",),
    "licence": ("license licence rights",),
    "own": ("key accessionnumber utuniquewosid uniquewosid ut eid an covidence id",),
    "notes": ("notes note extra url urls link pubmedlink",),
}
_FIELD_OF = {
    name: (field, rank)
    for field, groups in _NAMES.items()
    for rank, name in enumerate(" ".join(groups).split())
}
_NOT_A_LETTER = re.compile(r"[\W_]+")
_ANSWERS = frozenset({"question", "understoodas", "confidence"})
_QUESTIONS = (frozenset({"question", "answerable"}), frozenset({"question", "evidence"}))


def column_fields(names: Iterable[str]) -> dict[str, list[int]]:
    """The columns of each field that a header names, the best first; empty without any.

    Args:
        names: the cells of the row that may be a header.
    """
    ranked: dict[str, list[tuple[int, int]]] = {}
    for column, name in enumerate(names):
        known = _FIELD_OF.get(_bare(name)) if len(name) < 60 else None
        if known:
            ranked.setdefault(known[0], []).append((known[1], column))
    return {field: [column for _, column in sorted(found)] for field, found in ranked.items()}


def _bare(name: str) -> str:
    return _NOT_A_LETTER.sub("", name.lower())


def is_list_header(names: Sequence[str]) -> bool:
    """Whether a header is that of a list of records: it names titles or identifiers of papers."""
    found = column_fields(names)
    if "abstract" in found:
        return bool(found.keys() & {"title", "authors", "doi", "pmid", "journal"})
    return "title" in found and bool(found.keys() & {"doi", "pmid"}) and len(found) >= 4


def refuse_own_files(names: Iterable[str]) -> None:
    """Refuse answers and question sets, which Pincite itself reads and writes: they are no source.

    Raises:
        Unreadable: the header is of such a file.
    """
    found = {_bare(name) for name in names}
    if found >= _ANSWERS:
        raise Unreadable("is a file of answers, which is no source")
    if any(found >= wanted for wanted in _QUESTIONS):
        raise Unreadable("is a question set, which is no source")


class Columns:
    """Reads the rows of a list of records by its header."""

    def __init__(self, names: Sequence[str]) -> None:
        self._columns = column_fields(names)
        if "abstract" not in self._columns:
            raise Unreadable(
                "lists records without their abstracts",
                "Export it with abstracts; from PubMed, save in the format PubMed.",
            )

    def record(self, raw: str, first: int, number: int, cells: Sequence[Value]) -> Record:
        """The record of a row.

        Args:
            raw: the row as it stands; the cells' pieces point into it.
            first: where it begins in the source.
            number: of the row in its table, from 1.
            cells: its cells.
        """
        row = _Row(self._columns, cells)
        metadata = Metadata(
            authors=people(row.text("authors")),
            journal=plain(row.text("journal")) or None,
            volume=_number(row.text("volume")),
            issue=_number(row.text("issue")),
            page_range=page_range(row.text("pages"), None)
            or page_range(_number(row.text("start")), _number(row.text("end"))),
            licence=plain(row.text("licence")) or None,
        )
        read_year(metadata, row.texts("year"))
        read_identifiers(
            metadata,
            doi=row.texts("doi"),
            pmid=row.texts("pmid"),
            pmcid=row.texts("pmcid"),
            notes=row.texts("notes"),
        )
        return Record(
            raw=raw,
            first=first,
            number=number,
            title=row.value("title"),
            abstract=row.value("abstract"),
            metadata=metadata,
            own=_number(row.text("own")),
            lines=True,
        )


class _Row:
    """A row's cells, by the fields of their columns."""

    def __init__(self, columns: Mapping[str, list[int]], cells: Sequence[Value]) -> None:
        self._columns = columns
        self._cells = cells

    def value(self, field: str) -> Value | None:
        """The first cell of a field that has any words."""
        columns = self._columns.get(field, ())
        found = (self._cells[column] for column in columns if column < len(self._cells))
        return next(filter(None, found), None)

    def text(self, field: str) -> str:
        """The words of that cell, or none."""
        value = self.value(field)
        return value.text.strip() if value else ""

    def texts(self, field: str) -> list[str]:
        """The words of every cell of a field."""
        columns = self._columns.get(field, ())
        return [self._cells[column].text for column in columns if column < len(self._cells)]


def _number(words: str) -> str | None:
    """The words on one line, a number that a spreadsheet made a fraction ("12.0") as it was."""
    return re.sub(r"^(\d+)\.0$", r"\1", plain(words)) or None
