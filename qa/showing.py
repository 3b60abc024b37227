"""``pincite show``: the quotes of an answers file in their originals, as pictures and pages."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import typer
from markupsafe import Markup

from corpus.document import Document
from corpus.load import LoadError, read_bytes
from index.base import IndexProblem, SourceRecord
from qa.answer import Answer, Citation, Quote
from qa.citing import place, reference
from qa.export import quote_problem, unresolved
from qa.jsonl import Line, parse, read_lines
from qa.opening import WrongUse, known_paths, opened
from qa.original import Original, original
from qa.show_original import fragment, lines_of
from qa.terminal import plain, show_refused
from qa.verify import SourceFiles, cited_in

_LONGEST_NAME = 40
_UNSAFE = re.compile(r"[^\w.-]+")
_STYLE = Markup("""\
:root { color-scheme: light dark; }
body { max-width: 46em; margin: 2em auto; padding: 0 1em; font: 17px/1.6 Georgia, serif; }
h1 { font-size: 1.2em; margin: 0; }
.pc-reference, .pc-path, .pc-gone, figcaption { font-size: 0.85em; opacity: 0.75; }
mark { background: #ffe45c; color: #000; }
table { border-collapse: collapse; }
th, td { padding: 0.3em 0.8em 0.3em 0; border-bottom: 1px solid #8888; text-align: left; }
.pc-hit td { background: #ffe45c; color: #000; }
figure { margin: 1.5em 0 0; }
ol { margin: 0.3em 0; padding: 0.5em 0.5em 0.5em 4.5em; border: 1px solid #8888; }
li { white-space: pre-wrap; overflow-wrap: anywhere; font: 13px/1.5 monospace; }
code { font: inherit; }
""")


def run(
    answers: Path, index: Path, out: Path, *, answer_id: str | None, number: int | None
) -> bool:
    """The command's body: write a file for each page or paragraph, and print a line for each.

    Args:
        answers: the answers file.
        index: the index's folder; where there is none, the sources are read anew.
        out: the folder to write to; made if missing.
        answer_id: only the answer with this id, where given.
        number: only the citations with this number, where given.

    Returns:
        Whether anything could not be shown.

    Raises:
        WrongUse: the answers cannot be read, hold nothing that was asked for, or the folder cannot
            be written to.
    """
    refused: list[str] = []
    wanted = list(_wanted(answers, answer_id, number, refused))
    if not wanted and not refused:
        raise WrongUse(_nothing(answers, answer_id, number))
    folder = _Folder(out)
    with _Shelf(index, answers) as shelf:
        for line, answer, quote in wanted:
            name = answer.id or f"line-{line.number}"
            try:
                found = _shown(shelf, answer, quote)
            except ValueError as error:
                refused.append(f"{answers}, line {line.number}, citation {quote.citation} {error}.")
                continue
            if found.problem:
                refused.append(found.problem)
            for what, path in folder.write(name, answer, quote, found):
                typer.echo(plain(f"{name} [{quote.citation}] {what}: {path}"))
    show_refused(list(dict.fromkeys(refused)))
    return bool(refused)


def _wanted(
    answers: Path, answer_id: str | None, number: int | None, refused: list[str]
) -> Iterator[tuple[Line, Answer, Quote]]:
    """The quotes that are asked for; what is no answer is noted as refused."""
    try:
        for line in read_lines(answers):
            if not line.text.strip():
                continue
            try:
                answer = parse(Answer, line.text)
            except ValueError as error:
                refused.append(f"{answers}, line {line.number} {error}.")
                continue
            if answer_id is None or answer.id == answer_id:
                yield from (
                    (line, answer, quote)
                    for quote in answer.quotes
                    if number is None or quote.citation == number
                )
    except OSError as error:
        raise WrongUse(f"{answers} cannot be read: {error.strerror or error}.") from error


def _nothing(answers: Path, answer_id: str | None, number: int | None) -> str:
    quote = "no quote" if number is None else f"no citation {number}"
    whose = "" if answer_id is None else f' of an answer with the id "{answer_id}"'
    return f"{answers} holds {quote}{whose}."


def _shown(shelf: _Shelf, answer: Answer, quote: Quote) -> Original:
    """A quote in its original.

    Raises:
        ValueError: it cannot be shown; a clause that goes on from the citation's name.
    """
    citation = _citation(answer, quote)
    document, records = shelf.find(citation)
    problem = quote_problem(quote, citation, document.text)
    if problem:
        raise ValueError(problem)
    return original(document, citation.start, citation.end, records)


def _citation(answer: Answer, quote: Quote) -> Citation:
    for citation in answer.citations:
        if citation.n == quote.citation:
            return citation
    raise ValueError(unresolved(quote))


class _Shelf:
    """Where cited documents come from: the index, or else their files, read anew."""

    def __init__(self, index: Path, answers: Path) -> None:
        self._stack = ExitStack()
        self._view = None
        self._records: list[SourceRecord] = []
        self._files = SourceFiles(answers.parent, lambda: known_paths(index), cited_in(answers))
        with suppress(IndexProblem, WrongUse):
            store, _ = self._stack.enter_context(opened(index, existing=True))
            self._view = self._stack.enter_context(store.view())
            self._records = store.sources()

    def __enter__(self) -> _Shelf:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def find(self, citation: Citation) -> tuple[Document, list[SourceRecord]]:
        """The cited document, and what is known of its files.

        Raises:
            ValueError: it is neither in the index nor to be read anew, with the reason.
        """
        if self._view is not None:
            with suppress(KeyError):
                return self._view.document(citation.document.id), self._records
        source = citation.document.source
        read = self._files.read(source, citation.document.id)
        if read.document is None or read.path is None:
            raise ValueError(read.problem.replace("cannot be checked", "cannot be shown"))
        try:
            sha256 = hashlib.sha256(read_bytes(read.path)).hexdigest()
        except LoadError as error:
            raise ValueError(f"cannot be shown: {source} {error.reason}") from error
        record = SourceRecord(str(read.path), source, "indexed", sha256, read.document.info)
        return read.document, [record]


class _Folder:
    """The folder that is written to, with names that are safe and used once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._names: dict[str, str] = {}
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise WrongUse(f"{path} cannot be made: {error.strerror or error}.") from error

    def write(
        self, name: str, answer: Answer, quote: Quote, found: Original
    ) -> Iterator[tuple[str, Path]]:
        """Write a quote's original; what was written, in words, and where."""
        stem = f"{self._safe(name)}-{quote.citation}"
        source = found.info.source
        for page in found.pages:
            written = self._put(f"{stem}-p{page.number}.png", page.whole)
            yield f"page {page.number} of {source}", written
        if not found.pages:
            page_of = _page(found, _citation(answer, quote)).encode("utf-8")
            what = lines_of(found.lines).lower() if found.lines else "paragraph"
            yield f"{what} of {source}", self._put(f"{stem}.html", page_of)

    def _safe(self, name: str) -> str:
        """A name for files, a different one for each id however much these are alike."""
        if name not in self._names:
            short = _UNSAFE.sub("-", name)[:_LONGEST_NAME].strip("-.") or "answer"
            taken, number, free = set(map(str.casefold, self._names.values())), 1, short
            while free.casefold() in taken:
                number += 1
                free = f"{short}_{number}"
            self._names[name] = free
        return self._names[name]

    def _put(self, name: str, data: bytes) -> Path:
        path = self._path / name
        try:
            path.write_bytes(data)
        except OSError as error:
            raise WrongUse(f"{path} cannot be written: {error.strerror or error}.") from error
        return path


def _page(found: Original, citation: Citation) -> str:
    """A web page of its own that shows a quote's original."""
    return Markup(
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><title>{title}</title>'
        "<style>{style}</style></head>\n<body><h1>{title}</h1>"
        '<p class="pc-reference">{reference} {place}.</p>\n{body}</body></html>\n'
    ).format(
        title=found.info.title,
        style=_STYLE,
        reference=reference(citation.document),
        place=place(citation),
        body=fragment(found),
    )
