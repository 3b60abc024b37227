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

    console = stdout()
    if answer.understood_as != answer.question:
        console.print(Text(f"Understood as: {plain(answer.understood_as)}\n", style="italic"))
    if answer.meanings:
        console.print(Text(f"Also searched: {plain(answer.meanings)}\n", style="dim"))
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
        number = info.doi or (f"PMID {info.pmid}" if info.pmid else "")
        cells = (record.source, info.title, year, info.journal or "", number)
        table.add_row(*(Text(plain(cell)) for cell in cells), str(record.passages))
    if table.row_count:
        console.print(table)
    console.print(
        f"{count(stats.documents, 'document')}, {count(stats.passages, 'passage')}, "
        f"{stats.failed} failed; "
        f"embedded with {stats.embedder}; fingerprint {stats.fingerprint}."
    )
    show_failed([(record.source, record.reason, record.hint) for record in failed], console)


def show_failed(failed: Sequence[tuple[str, str | None, str | None]], console: Console) -> None:
    """Print one line for each file that was refused: its path, the reason, what can be done."""
    for source, reason, hint in failed:
        line = Text("failed: ", style="red").append(plain(f"{source} {reason or 'failed'}."))
        console.print(line.append(f" {plain(hint)}", style="dim") if hint else line)


def show_refused(sentences: Sequence[str]) -> None:
    """Print on stderr what could not be done, a sentence a line."""
    console = stderr()
    for sentence in sentences:
        console.print(Text("refused: ", style="red").append(plain(sentence)))
