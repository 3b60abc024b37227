"""The documents of an index as a list: looked through, tried again, removed."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from index.base import PassageIndex, SourceRecord
from index.embed import Embedder
from index.find import absolute
from index.ingest import IngestReport, Progress, ingest

PAGE = 50
"""Documents shown at a time."""

LONGEST = 300
"""Characters of a search."""

KINDS = {
    "pdf": "PDF",
    "docx": "Word",
    "html": "Web page",
    "jats": "JATS",
    "pubmed": "PubMed",
    "markdown": "Markdown",
    "text": "Text",
    "xlsx": "Excel",
}
"""Formats by the names that people know; any other is named in capitals, "RIS"."""

State = Literal["ready", "copy", "failed"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A file or a record of one, as the list shows it.

    Attributes:
        record: what the index knows of it.
        state: ``ready`` to answer; a ``copy`` of a document that answers for it; ``failed``, could
            not be read.
        title: the document's, or the file's name where there is none.
        kind: what it was read as, or the ending of its name.
    """

    record: SourceRecord
    state: State
    title: str
    kind: str

    @property
    def year(self) -> int | None:
        """The document's year, where one is known."""
        return self.record.document.year if self.record.document else None

    @property
    def words(self) -> str:
        """All that it is found by, folded."""
        parts: list[object] = [self.title, self.record.source, self.kind]
        if info := self.record.document:
            parts += [*info.authors, info.year, info.journal, info.doi, info.pmid, info.id]
        return folded(" ".join(str(part) for part in parts if part))


class Wanted(BaseModel):
    """Which documents a person wants to see, in which order.

    Attributes:
        search: words, or beginnings and parts of words, that all occur.
        state, kind: only these; empty for any.
        first, last: the years, both included; None for an open end.
        sort: by what they are ordered.
        down: whether the order is turned round.
        page: from 1.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    search: str = Field(default="", max_length=LONGEST)
    state: Literal["", "ready", "copy", "failed"] = ""
    kind: str = Field(default="", max_length=40)
    first: int | None = None
    last: int | None = None
    sort: Literal["title", "year", "kind", "passages", "state"] = "title"
    down: bool = False
    page: int = Field(default=1, ge=1)


def folded(text: str) -> str:
    """Text without case and accents."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in apart if not unicodedata.combining(character))


def entries(sources: Sequence[SourceRecord]) -> list[Entry]:
    """List what an index knows; a file of many records is listed by its records alone."""
    return [_entry(one) for one in sources if one.document or one.state == "failed"]


def _entry(record: SourceRecord) -> Entry:
    name = Path(record.source).name
    if record.document is None:
        kind = Path(name.partition("#")[0]).suffix.removeprefix(".").lower()
        return Entry(record, "failed", name, KINDS.get(kind, kind.upper()))
    form = record.document.format
    state: State = "ready"
    if record.state == "failed":
        state = "failed"
    elif record.same_as:
        state = "copy"
    return Entry(record, state, record.document.title or name, KINDS.get(form, form.upper()))


def found(listed: Sequence[Entry], wanted: Wanted) -> list[Entry]:
    """The entries that a person wants to see, in order."""
    words = folded(wanted.search).split()
    chosen = [
        one
        for one in listed
        if (not wanted.state or one.state == wanted.state)
        and (not wanted.kind or one.kind == wanted.kind)
        and _in_years(one.year, wanted.first, wanted.last)
    ]
    if words:
        chosen = [one for one in chosen if all(word in one.words for word in words)]
    chosen.sort(key=lambda one: (folded(one.title), one.record.path))
    if wanted.sort != "title" or wanted.down:
        chosen.sort(key=_KEYS[wanted.sort], reverse=wanted.down)
    return chosen


def _in_years(year: int | None, first: int | None, last: int | None) -> bool:
    if first is None and last is None:
        return True
    return year is not None and (first is None or year >= first) and (last is None or year <= last)


_STATES = {"ready": 0, "copy": 1, "failed": 2}
_KEYS: dict[str, Callable[[Entry], Any]] = {
    "title": lambda one: folded(one.title),
    "year": lambda one: one.year or 0,
    "kind": lambda one: one.kind,
    "passages": lambda one: one.record.passages,
    "state": lambda one: _STATES[one.state],
}


def kinds(listed: Sequence[Entry]) -> list[str]:
    """The kinds that occur, sorted."""
    return sorted({one.kind for one in listed if one.kind})


def ids_of(paths: Collection[str], sources: Sequence[SourceRecord]) -> tuple[str, ...]:
    """The ids of the documents that these source files hold, sorted, each once."""
    wanted = set(paths)
    return tuple(sorted({s.document.id for s in sources if s.document and s.path in wanted}))


def limits(
    wanted: Wanted, sources: Sequence[SourceRecord]
) -> tuple[tuple[str, ...], tuple[int | None, int | None]]:
    """Limit questions to what a person looks at: documents, or years where only they are given.

    Returns:
        Ids of documents, none for all, and the years.
    """
    years = wanted.first, wanted.last
    if not (wanted.search or wanted.state or wanted.kind):
        return (), years
    shown = {one.record.path for one in found(entries(sources), wanted)}
    return ids_of(shown, sources), (None, None)


def remove(paths: Collection[str], index: PassageIndex, uploads: Path) -> list[str]:
    """Drop source files from the index; copies that Pincite itself keeps of them are deleted.

    With the last record of a file the file goes too.

    Args:
        paths: as the index knows them; unknown ones are passed over.
        index: the index.
        uploads: where uploads are kept; nothing outside it is deleted.

    Returns:
        The sources that are gone, sorted.

    Raises:
        IndexProblem: the index cannot be written to.
    """
    known = {record.path: record.source for record in index.sources()}
    going = known.keys() & set(paths)
    files = {path.rpartition("/")[0] for path in going} & known.keys()
    for path in sorted(going):
        index.remove(path)
    left = {record.path.rpartition("/")[0] for record in index.sources()}
    emptied = files - left
    for path in sorted(emptied):
        index.remove(path)
    for path in going | emptied:
        if Path(path).parent == absolute(uploads):
            Path(path).unlink(missing_ok=True)
    index.sync()
    return sorted(known[path] for path in going)


def again(
    paths: Collection[str],
    index: PassageIndex,
    embedder: Embedder,
    progress: Callable[[Progress], None] | None = None,
) -> IngestReport:
    """Try to read files again that could not be read; of a record its whole file is read.

    Args:
        paths: as the index knows them; those that did not fail are passed over.
        index: the index.
        embedder: the index's embedder.
        progress: called before each file and once at the end.

    Raises:
        IndexProblem: the index cannot be written to.
    """
    known = {record.path: record for record in index.sources()}
    files: dict[str, Path] = {}
    for path in sorted(set(paths) & known.keys()):
        if known[path].state != "failed":
            continue
        file = known.get(path.rpartition("/")[0])
        if file is not None:
            index.remove(path)  # else its file would be taken for unchanged, and skipped
        record = file or known[path]
        given = Path(record.source)
        # Under the name that the person gave, where it still leads there.
        files[record.path] = given if str(absolute(given)) == record.path else Path(record.path)
    return ingest(index, embedder, list(files.values()), progress=progress, aside=True)
