"""The page on the command line, made from the program's own help.

``python -m qa.cli_page docs/cli.md`` writes it anew; a test compares the two.
"""

from __future__ import annotations

from pathlib import Path

import typer

from qa.cli import app

WIDTH = 96
_HEAD = """\
# Command line

What follows is the program's own help (`pincite --help`, `pincite COMMAND --help`). The files that
go in and come out are described in [formats](formats.md), the figures of `eval` in
[evaluation](evaluation.md).
"""


def page() -> str:
    """Write the help of the program and of each of its commands as a Markdown page."""
    program = typer.main.get_command(app)
    top = typer.Context(program, info_name="pincite", terminal_width=WIDTH)
    parts = [_HEAD, _block(program.get_help(top))]
    for name, command in getattr(program, "commands", {}).items():
        context = typer.Context(command, parent=top, info_name=name, terminal_width=WIDTH)
        parts += [f"## {name}\n", _block(command.get_help(context))]
    return "\n".join(parts)


def _block(help_text: str) -> str:
    lines = "\n".join(line.rstrip() for line in help_text.strip().splitlines())
    return f"```text\n{lines}\n```\n"


def _write(path: Path) -> None:
    """Write the page to a file."""
    path.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    typer.run(_write)
