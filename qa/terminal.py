"""What the command line shows: answers, tables and progress, safe for any terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from index.base import IndexStats, SourceRecord
    from index.ingest import Failure, IngestReport
    from qa.answer import Answer
    from qa.export import TextOf

NEAREST = 3
_SHOWN = 300
_WIDE = 10_000
# A document must not move the cursor, ring the bell or retitle the window.
_CONTROLS = dict.fromkeys(
    [*range(9), *range(11, 32), *range(127, 160)], "\N{REPLACEMENT CHARACTER}"
)


def stdout() -> Console:
    """The console for results; lines are broken only where a person watches."""
    return _console(stderr=False)


def stderr() -> Console:
    """The console for messages and progress."""
    return _console(stderr=True)


def _console(*, stderr: bool) -> Console:
    stream = sys.stderr if stderr else sys.stdout
    return Console(
        stderr=stderr, highlight=False, markup=False, width=None if stream.isatty() else _WIDE
    )


def plain(words: str) -> str:
    """Words in which no character steers the terminal; as many characters as before."""
    return words.translate(_CONTROLS)


def count(number: int, what: str) -> str:
    """A number of things: ``1 quote``, ``2 quotes``."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


@contextmanager
def progress(doing: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on stderr, shown only to a person; gives what takes ``(done, total)``."""
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    console = stderr()
    with Progress(
        TextColumn("{task.description}"),
        *columns,
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as bar:
        task = bar.add_task(doing, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def show_answer(answer: Answer, text_of: TextOf) -> None:
    """Print an answer for a person: the quotes, then where each one stands."""
    from qa.citing import emphasis, entry, percent
    from qa.differ.say import line
    from qa.within import phrase

    console = stdout()
    if answer.understood_as != answer.question:
        console.print(Text(f"Understood as: {plain(answer.understood_as)}\n", style="italic"))
    if answer.meanings:
        console.print(Text(f"Also searched: {plain(answer.meanings)}\n", style="dim"))
    if answer.within:
        console.print(Text(f"Limited to: {phrase(answer.within)}\n", style="dim"))
    if answer.status == "not_found":
        _show_not_found(console, answer, text_of)
        return
    citations = {citation.n: citation for citation in answer.citations}
    for quote in answer.quotes:
        citation = citations[quote.citation]
        if quote.header:
            console.print(Text(plain(quote.header.text), style="dim"))
        text = Text(plain(quote.text))
        if strong := emphasis(quote):
            start = strong.start - citation.start
            text.stylize("bold", start, start + len(strong.text))
        console.print(text.append(f"  [{citation.n}]", style="cyan"))
        console.print()
    for difference in answer.differs:
        console.print(Text(f"{plain(line(difference, citations))}\n", style="bold"))
    for citation in answer.citations:
        words = plain(entry(citation))
        console.print(Text(f"[{citation.n}] ", style="cyan").append(words, style="default"))
    console.print(Text(f"\nConfidence {percent(answer.confidence)}", style="dim"))


def _show_not_found(console: Console, answer: Answer, text_of: TextOf) -> None:
    console.print(Text("Not found in the collection.", style="bold yellow"))
    if answer.reason:
        console.print(Text(plain(answer.reason)))
    if answer.passages:
        console.print(Text("\nThe nearest passages, which are no answer:", style="dim"))
    for passage in answer.passages[:NEAREST]:
        words = " ".join(text_of(passage.document)[passage.start : passage.end].split())
        shown = words if len(words) <= _SHOWN else f"{words[:_SHOWN].rsplit(' ', 1)[0]} …"
        console.print(Text(f"\n{plain(shown)}", style="dim"))
        where = f"{passage.source}, characters {passage.start}–{passage.end}"
        console.print(Text(plain(where), style="dim italic"))


def show_status(stats: IndexStats, sources: Sequence[SourceRecord]) -> None:
    """Print what an index holds, and what could not be read and why."""
    from index.ingest import Failure

    console = stdout()
    table = Table()
    for column in ("Source", "Title", "Year", "Journal", "DOI or PMID"):
        table.add_column(column, overflow="fold")
    table.add_column("Passages", justify="right")
    failed = [record for record in sources if record.state == "failed"]
    for record in sources:
        info = record.document
        if info is None:
            continue
        year = str(info.year) if info.year else ""
        same = f" (same as {record.same_as})" if record.same_as else ""
        number = info.doi or (f"PMID {info.pmid}" if info.pmid else "")
        cells = (record.source + same, info.title, year, info.journal or "", number)
        table.add_row(*(Text(plain(cell)) for cell in cells), str(record.passages))
    if table.row_count:
        console.print(table)
    console.print(
        f"{documents(stats)}, {count(stats.passages, 'passage')}, "
        f"{stats.failed} failed; "
        f"embedded with {stats.embedder}; fingerprint {stats.fingerprint}."
    )
    if stats.search:
        console.print(f"Vectors: {stats.search}")
    show_failed([Failure(r.source, r.reason or "failed", r.hint) for r in failed], console)


def documents(stats: IndexStats) -> str:
    """How many documents there are, and how many of them another one answers for."""
    held = count(stats.documents, "document")
    return f"{held} ({count(stats.duplicates, 'duplicate')})" if stats.duplicates else held


def indexed(report: IngestReport, stats: IndexStats) -> str:
    """Say in a line what a run of indexing did and what the index now holds."""
    files = sum(failure.record_of is None for failure in report.failed)
    records = len(report.failed) - files
    parts = [
        f"{report.indexed} indexed"
        + (
            f" ({count(report.documents, 'document')})" if report.documents > report.indexed else ""
        ),
        f"{report.unchanged} unchanged",
        f"{report.removed} removed",
        f"{report.ignored} of other kinds ignored" if report.ignored else "",
        f"{files} failed",
        f"{count(records, 'record')} refused" if records else "",
    ]
    return (
        f"{', '.join(filter(None, parts))}; the index holds "
        f"{documents(stats)} in {count(stats.passages, 'passage')}."
    )


def show_failed(failed: Sequence[Failure], console: Console, most: int | None = None) -> None:
    """Print one line for each file that was refused: its path, the reason, what can be done.

    Args:
        failed: files and records.
        console: where to.
        most: how many records of files are named, the rest being counted; None for all.
    """
    records = 0
    for failure in failed:
        records += failure.record_of is not None
        if failure.record_of is not None and most is not None and records > most:
            continue
        line = Text("failed: ", style="red")
        line.append(plain(f"{failure.source} {failure.reason}."))
        if failure.hint:
            line.append(f" {plain(failure.hint)}", style="dim")
        console.print(line)
    if most is not None and records > most:
        rest = count(records - most, "more record")
        console.print(f"failed: {rest}; 'pincite status' lists them all.")


def show_refused(sentences: Sequence[str]) -> None:
    """Print on stderr what could not be done, a sentence a line."""
    console = stderr()
    for sentence in sentences:
        console.print(Text("refused: ", style="red").append(plain(sentence)))


def ask_password(name: str) -> str:
    """Ask the person at the terminal for a user's password, twice; it is not shown."""
    import typer

    said: str = typer.prompt(f"Password for {name}", hide_input=True, confirmation_prompt=True)
    return said
