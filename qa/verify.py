"""Verification: every quote of an answers file is held against its source, read anew."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from corpus.document import Document
from corpus.load import LoadError, load_all, load_bytes, read_bytes
from qa.answer import Answer, Citation, Quote
from qa.export import quote_problem, unresolved
from qa.jsonl import Line, parse, read_lines

Known = Callable[[], Mapping[str, str]]
"""Gives the absolute path that an index knows for each source; called at most once, if needed."""


@dataclass(slots=True)
class VerifyReport:
    """What was checked, and one sentence for each thing that does not hold."""

    answers: int = 0
    quotes: int = 0
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class SourceRead:
    """A source file read anew, with its path, or the reason why it cannot vouch for a quote."""

    document: Document | None
    problem: str = ""
    path: Path | None = None


def verify_file(path: Path, known: Known = dict) -> VerifyReport:
    """Re-read every source that an answers file (JSON lines) names and check each quote.

    Of every quote: its citation resolves, the source's bytes are those that were indexed, the
    words, the table header and the short answer stand letter for letter at their addresses, the
    short answer lies inside the quote, and source spans, pages and boxes are where the document
    puts these words.

    Args:
        path: the answers file.
        known: the paths of an index's sources, for sources that are not found from here.

    Raises:
        OSError: the answers file cannot be read.
    """
    report = VerifyReport()
    sources = SourceFiles(path.parent, known, cited_in(path))
    for line in read_lines(path):
        if not line.text.strip():
            continue
        try:
            answer = parse(Answer, line.text)
        except ValueError as error:
            report.problems.append(f"{path}, line {line.number} {error}.")
            continue
        report.answers += 1
        report.quotes += len(answer.quotes)
        report.problems += (
            f"{_name(path, line, answer)}, {p}." for p in _problems(answer, sources)
        )
    return report


def cited_in(path: Path) -> frozenset[str]:
    """The ids of all cited documents: of a file of many records only these are kept in memory."""
    ids: set[str] = set()
    for line in read_lines(path):
        with suppress(ValueError):
            ids.update(c.document.id for c in parse(Answer, line.text).citations)
    return frozenset(ids)


def _name(path: Path, line: Line, answer: Answer) -> str:
    return f"{path}, line {line.number}" + (f" ({answer.id})" if answer.id else "")


def _problems(answer: Answer, sources: SourceFiles) -> Iterator[str]:
    """Say what does not hold of one answer, in clauses."""
    citations = {citation.n: citation for citation in answer.citations}
    if len(citations) < len(answer.citations):
        yield "two citations have the same number"
    if answer.status == "answered" and not answer.quotes:
        yield "is answered without a quote"
    quoted = {quote.citation for quote in answer.quotes}
    for side in sorted({n for difference in answer.differs for n in difference.sides} - quoted):
        yield f"says that sources differ in [{side}], which is not quoted"
    for number, quote in enumerate(answer.quotes, start=1):
        problem = _quote_problem(quote, citations.get(quote.citation), sources)
        if problem:
            yield f"quote {number} {problem}"


def _quote_problem(quote: Quote, citation: Citation | None, sources: SourceFiles) -> str | None:
    if citation is None:
        return unresolved(quote)
    source = sources.read(citation.document.source, citation.document.id)
    document = source.document
    if document is None:
        return source.problem
    return quote_problem(quote, citation, document.text) or _place_problem(citation, document)


def _place_problem(citation: Citation, document: Document) -> str | None:
    """Check that the citation's source spans, pages and boxes are where the document puts them."""
    start, end = citation.start, citation.end
    if citation.source_spans != tuple(document.source_spans(start, end)):
        return "has other source spans than the document gives for it"
    if citation.pages != tuple(document.pages(start, end)):
        return "has other pages than the document gives for it"
    boxes = [(box.page, box.x0, box.y0, box.x1, box.y1) for box in citation.boxes]
    if boxes != document.boxes(start, end):
        return "has other boxes than the document gives for it"
    return None


class SourceFiles:
    """Source files read anew, each at most once.

    Args:
        folder: where the answers file is; sources are also looked for from there.
        known: the paths of an index's sources.
        cited: ids of the documents that will be asked for, so that of a file with many records
            only those are kept.
    """

    def __init__(self, folder: Path, known: Known, cited: frozenset[str]) -> None:
        self._folder = folder
        self._known = known
        self._cited = cited
        self._files: dict[tuple[Path, str], dict[str, Document] | LoadError] = {}
        self._paths: Mapping[str, str] | None = None
        self._read: dict[tuple[str, str], SourceRead] = {}

    def read(self, source: str, document_id: str) -> SourceRead:
        """Give the document with this id from the file that ``source`` names."""
        key = (source, document_id)
        if key not in self._read:
            self._read[key] = self._find(source, document_id)
        return self._read[key]

    def _find(self, source: str, document_id: str) -> SourceRead:
        """Look from the working directory, then where the index knows it, then beside the file."""
        seen: Path | None = None
        for file in _files(source):
            for path in self._candidates(file):
                try:
                    data = read_bytes(path)
                except (LoadError, ValueError):  # ValueError: a path that no file can have
                    continue
                if file != source:
                    found = self._record(path, file, data, document_id)
                elif hashlib.sha256(data).hexdigest()[:16] == document_id:
                    found = _load(data, source, path)
                else:
                    found = None
                if found is not None:
                    return found
                seen = seen or path
        if seen is not None:
            return SourceRead(None, f"cannot be checked: {seen} has changed since it was indexed")
        return SourceRead(None, f"cannot be checked: its source {source} is not found")

    def _record(self, path: Path, file: str, data: bytes, document_id: str) -> SourceRead | None:
        """The record of a file with this id; None where it holds none."""
        if (path, file) not in self._files:
            self._files[path, file] = self._records(file, data)
        found = self._files[path, file]
        if isinstance(found, LoadError):
            return _refused(found, file)
        return SourceRead(found[document_id], path=path) if document_id in found else None

    def _records(self, file: str, data: bytes) -> dict[str, Document] | LoadError:
        """The cited records of a file by id, or why it cannot be read."""
        found: dict[str, Document] = {}
        try:
            for document in load_all(data, file):
                if isinstance(document, Document) and document.id in self._cited:
                    found[document.id] = document
        except LoadError as error:
            # What stands before the place where it breaks off is right.
            return found or error
        return found

    def _candidates(self, source: str) -> Iterator[Path]:
        yield Path(source)
        if self._paths is None:
            self._paths = self._known()
        if source in self._paths:
            yield Path(self._paths[source])
        yield self._folder / source


def _files(source: str) -> Iterator[str]:
    """The file that a source names; where it may be a record's, also what stands before a "#"."""
    yield source
    at = source.rfind("#")
    while at > 0:
        yield source[:at]
        at = source.rfind("#", 0, at)


def _load(data: bytes, source: str, path: Path) -> SourceRead:
    try:
        return SourceRead(load_bytes(data, source), path=path)
    except LoadError as error:
        return _refused(error, source)


def _refused(error: LoadError, source: str) -> SourceRead:
    return SourceRead(None, f"cannot be checked: {source} {error.reason}")
