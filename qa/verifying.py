"""``pincite verify``: check an answers file and tell what does not hold."""

from __future__ import annotations

from pathlib import Path

import typer

from qa.opening import WrongUse, known_paths
from qa.terminal import count, plain
from qa.verify import verify_file


def run(answers: Path, index: Path) -> bool:
    """The command's body.

    Args:
        answers: the answers file.
        index: the index's folder; it only helps to find files that have another name from here.

    Returns:
        Whether anything does not hold.

    Raises:
        WrongUse: the file cannot be read or holds no answers.
    """
    try:
        report = verify_file(answers, lambda: known_paths(index))
    except OSError as error:
        raise WrongUse(f"{answers} cannot be read: {error.strerror or error}.") from error
    if not report.answers and not report.problems:
        raise WrongUse(f"{answers} holds no answers.")
    for problem in report.problems:
        typer.echo(plain(problem), err=True)
    verdict = count(len(report.problems), "problem") if report.problems else "all exact"
    typer.echo(f"{count(report.answers, 'answer')}, {count(report.quotes, 'quote')}, {verdict}")
    return bool(report.problems)
