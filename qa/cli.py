"""The command line. Heavy parts are imported inside the commands, so that help comes at once."""

from __future__ import annotations

import logging
import os
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from qa import terminal
from qa.cli_export import export
from qa.cli_options import INDEX, Documents, FromYear, Index, Risk, ToYear
from qa.opening import (
    WrongUse,
    assistant_on,
    calibration_of,
    must_exist,
    opened,
    questions_of,
)

REFUSED, WRONG_USE, INTERRUPTED = 1, 2, 130

app = typer.Typer(
    name="pincite",
    help="Answers from your own papers, in verbatim quotes with pinpoint citations.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    epilog="Exit codes: 0 done, 1 done but something was refused, 2 wrong use.",
)

MOST_RECORDS = 20
"""Records of a file that are named when they cannot be read; the rest is counted."""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and leave with its exit code.

    Args:
        arguments: the words after the program's name; those of the process if left out.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        app(args=list(arguments) if arguments is not None else None, prog_name="pincite")
    except BrokenPipeError:
        # Whoever read the output has had enough. Python must not complain when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except Exception as error:
        if not _is_for_the_person(error):
            raise
        terminal.stderr().print(f"Error: {terminal.plain(str(error))}")
        sys.exit(WRONG_USE)
    sys.exit(0)


def _is_for_the_person(error: Exception) -> bool:
    """Whether the message says all: not a fault of the program, but of what it was given."""
    from index.base import IndexProblem
    from qa.batch import OutputProblem
    from qa.question_set import QuestionFileProblem

    return isinstance(error, WrongUse | IndexProblem | OutputProblem | QuestionFileProblem)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import PackageNotFoundError, version

        try:
            typer.echo(f"pincite {version('pincite')}")
        except PackageNotFoundError:
            typer.echo("pincite, not installed")
        raise typer.Exit


@app.callback()
def _common(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(message)s")
    # The model libraries announce their loading; only what Pincite says itself is of use here.
    for name in ("HF_HUB_DISABLE_PROGRESS_BARS", "HF_HUB_DISABLE_TELEMETRY"):
        os.environ.setdefault(name, "1")
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    if not sys.warnoptions:
        warnings.simplefilter("ignore")


@app.command("index")
def index_files(
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="PATH", help="Files and folders to add.")
    ] = None,
    prune: Annotated[
        bool, typer.Option("--prune", help="Drop what is no longer in the given folders.")
    ] = False,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Make the search indexes anew from what is stored.")
    ] = False,
    index: Index = INDEX,
) -> None:
    """Add or refresh files and folders; unchanged ones are skipped."""
    if prune and not paths:
        raise WrongUse("--prune needs the folders to compare with.")
    if not paths and not rebuild:
        raise WrongUse("Name at least one file or folder to index.")
    if not paths:
        must_exist(index)
    from index.ingest import Progress, ingest

    with opened(index) as (store, embedder), terminal.progress("Indexing") as tell:

        def on_progress(step: Progress) -> None:
            tell(step.done, step.total)

        report = ingest(store, embedder, paths or [], prune=prune, progress=on_progress)
        if rebuild:
            store.rebuild()
        stats = store.stats()
    typer.echo(terminal.indexed(report, stats))
    terminal.show_failed(report.failed, terminal.stderr(), most=MOST_RECORDS)
    _leave(bool(report.failed))


@app.command()
def ask(
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="What to ask.")],
    json: Annotated[bool, typer.Option("--json", help="Print the answer record as JSON.")] = False,
    document: Documents = None,
    from_year: FromYear = None,
    to_year: ToYear = None,
    risk: Risk = None,
    index: Index = INDEX,
) -> None:
    """Ask one question."""
    if not question.strip():
        raise WrongUse("The question is empty.")
    from qa.jsonl import is_text

    if not is_text(question):
        raise WrongUse("The question is not UTF-8 text.")
    with assistant_on(index, risk) as assistant:
        from qa.asking import texts_of
        from qa.export import check, to_json_line
        from qa.within import limit

        try:
            within = limit(document or (), (from_year, to_year), assistant.index.sources())
        except ValueError as error:
            raise WrongUse(str(error)) from None
        answer = assistant.ask(question, within=within)
        text_of = texts_of(assistant.index)
        if json:
            typer.echo(to_json_line(answer, text_of))
        else:
            check(answer, text_of)
            terminal.show_answer(answer, text_of)


@app.command()
def batch(
    questions: Annotated[
        Path, typer.Argument(metavar="QUESTIONS", help="Question file: .jsonl, .csv, .txt, .md.")
    ],
    out: Annotated[
        Path,
        typer.Option(
            "-o", "--out", metavar="OUT", help="Output: .jsonl, .csv, .md, .html or .docx (Word)."
        ),
    ],
    risk: Risk = None,
    index: Index = INDEX,
) -> None:
    """Answer a file of questions; a run that was stopped goes on where it stopped.

    Each answer is on disk as soon as it is given: as JSON lines in OUT, or in OUT.partial.jsonl
    beside a file of another format, which is made from them at the end.
    """
    found = questions_of(questions, out)
    from qa.asking import texts_of
    from qa.batch import run_batch

    try:
        with assistant_on(index, risk) as assistant, terminal.progress("Asking") as tell:
            text_of = texts_of(assistant.index)
            report = run_batch(assistant, found.questions, out, text_of, progress=tell)
    except KeyboardInterrupt:
        typer.echo("Stopped. The same command goes on from here.", err=True)
        raise typer.Exit(INTERRUPTED) from None
    refused = [*found.refused, *report.refused]
    kept = f" ({report.kept} of them kept from an earlier run)" if report.kept else ""
    done = terminal.count(report.asked + report.kept, "question")
    typer.echo(f"{done}{kept}, {report.answered} answered, {len(refused)} refused: {out}")
    terminal.show_refused(refused)
    _leave(bool(refused))


@app.command("eval")
def evaluate_questions(
    questions: Annotated[
        Path, typer.Argument(metavar="QUESTIONS", help="Question set: .jsonl or .csv.")
    ],
    report: Annotated[
        Path | None, typer.Option("--report", metavar="OUT", help="Write a report: .md or .html.")
    ] = None,
    json: Annotated[
        Path | None, typer.Option("--json", metavar="OUT", help="Write the figures: .json.")
    ] = None,
    answers: Annotated[
        Path | None,
        typer.Option("--answers", metavar="OUT", help="Write the answer records: .jsonl."),
    ] = None,
    against: Annotated[
        Path | None,
        typer.Option(
            "--against",
            metavar="EARLIER",
            help="Compare with an earlier run: its figures (.json) or answers (.jsonl).",
        ),
    ] = None,
    risk: Risk = None,
    index: Index = INDEX,
) -> None:
    """Measure the answers to a question set against its gold evidence."""
    _check_ending(report, ".md", ".html")
    _check_ending(json, ".json")
    _check_ending(answers, ".jsonl")
    _check_ending(against, ".json", ".jsonl")
    found = questions_of(questions, report, json, answers)
    from qa.evaluating import run

    outputs = {"report": report, "json": json, "answers": answers}
    _leave(run(found, questions, index, outputs, risk=risk, against=against))


@app.command()
def calibrate(
    questions: Annotated[
        Path | None,
        typer.Argument(metavar="QUESTIONS", help="Question set with gold: .jsonl or .csv."),
    ] = None,
    risk: Annotated[
        float | None,
        typer.Option("--risk", metavar="R", help="A risk that must be guaranteed, else exit 1."),
    ] = None,
    delta: Annotated[
        float,
        typer.Option("--delta", metavar="D", help="Accepted chance that a guarantee fails."),
    ] = 0.1,
    forget: Annotated[
        bool, typer.Option("--forget", help="Drop what an earlier run found.")
    ] = False,
    index: Index = INDEX,
) -> None:
    """Find how sure an answer must be to keep a risk, on your own questions."""
    if forget == (questions is not None):
        raise WrongUse("Name a question set to calibrate on, or --forget, one of the two.")
    from qa.risk.calibrating import run

    _leave(run(questions, index, risk=risk, delta=delta))


@app.command()
def verify(
    answers: Annotated[Path, typer.Argument(metavar="ANSWERS", help="Answers file: .jsonl.")],
    index: Index = INDEX,
) -> None:
    """Re-check every quote of an answers file against its source."""
    _check_ending(answers, ".jsonl")
    from qa.verifying import run

    _leave(run(answers, index))


@app.command("show")
def show_originals(
    answers: Annotated[Path, typer.Argument(metavar="ANSWERS", help="Answers file: .jsonl.")],
    out: Annotated[
        Path, typer.Option("-o", "--out", metavar="FOLDER", help="Folder of the pictures.")
    ],
    id: Annotated[
        str | None, typer.Option("--id", metavar="ID", help="Only of the answer with this id.")
    ] = None,
    n: Annotated[
        int | None, typer.Option("--n", metavar="N", help="Only the citations with this number.")
    ] = None,
    index: Index = INDEX,
) -> None:
    """Show the quotes of an answers file in their originals: page pictures, paragraphs."""
    _check_ending(answers, ".jsonl")
    from qa.showing import run

    _leave(run(answers, index, out, answer_id=id, number=n))


app.command()(export)


@app.command()
def status(
    json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
    index: Index = INDEX,
) -> None:
    """Show what is indexed, and what failed and why."""
    with opened(index, existing=True) as (store, _):
        stats, sources = store.stats(), store.sources()
    calibration = calibration_of(index, stats)
    if json:
        from dataclasses import asdict
        from json import dumps

        record = {**asdict(stats), "sources": [asdict(source) for source in sources]}
        typer.echo(dumps(record | {"calibration": calibration}, ensure_ascii=False))
    else:
        terminal.show_status(stats, sources)
        if calibration:
            terminal.stdout().print(terminal.plain(calibration))


@app.command()
def remove(
    sources: Annotated[
        list[str], typer.Argument(metavar="SOURCE", help="Path, file name or document id.")
    ],
    index: Index = INDEX,
) -> None:
    """Drop documents from the index; the files themselves stay."""
    from qa.removal import resolve

    refused: list[str] = []
    with opened(index, existing=True) as (store, _):
        for name in sources:
            try:
                records = resolve(name, store.sources())
            except ValueError as error:
                refused.append(str(error))
                continue
            for record in records:
                store.remove(record.path)
                typer.echo(f"removed {terminal.plain(record.source)}")
        store.sync()
    terminal.show_refused(refused)
    _leave(bool(refused))


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 7860,
    auth: Annotated[
        list[str] | None,
        typer.Option("--auth", metavar="USER", help="Who may log in; may be repeated."),
    ] = None,
    passwords: Annotated[
        Path | None,
        typer.Option("--passwords", metavar="FILE", help="Lines of USER:PASSWORD."),
    ] = None,
    index: Index = INDEX,
) -> None:
    """Open the web chat, with its HTTP API and MCP server.

    On any address but 127.0.0.1 a password is required. It is read from --passwords FILE, from
    PINCITE_PASSWORD, or asked for.
    """
    from importlib import import_module

    from qa.accounts import accounts_for
    from qa.web.swift import no_interface_files

    accounts = accounts_for(host, auth or [], passwords, terminal.ask_password)
    try:
        with no_interface_files():
            # By name: the web chat stands right of this folder and may not be imported from it.
            app = import_module("app")
        app.serve(index, host=host, port=port, accounts=accounts)
    except OSError as error:
        raise WrongUse(f"{host}:{port} cannot be served: {error.strerror or error}.") from error


def _check_ending(path: Path | None, *endings: str) -> None:
    if path is not None and path.suffix.lower() not in endings:
        raise WrongUse(f"{path} must end in {' or '.join(endings)}.")


def _leave(refused: bool) -> None:
    if refused:
        raise typer.Exit(REFUSED)


if __name__ == "__main__":
    main()
