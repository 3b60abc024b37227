"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Index = Annotated[
    Path,
    typer.Option(
        "--index",
        metavar="INDEX",
        envvar="PINCITE_INDEX",
        help="Folder of the index, or milvus://HOST:PORT/NAME, or milvus:FILE.db.",
    ),
]
Risk = Annotated[
    float | None,
    typer.Option(
        "--risk",
        metavar="R",
        help="Share of the given answers that may be wrong, above 0 and up to 1; 1 always answers.",
    ),
]
Documents = Annotated[
    list[str] | None,
    typer.Option(
        "--document",
        metavar="SOURCE",
        help="Ask only this document: path, file name or id. May be given several times.",
    ),
]
FromYear = Annotated[
    int | None, typer.Option("--from-year", metavar="Y", help="Only documents of Y or later.")
]
ToYear = Annotated[
    int | None, typer.Option("--to-year", metavar="Y", help="Only documents of Y or earlier.")
]
INDEX = Path(".pincite")
"""The index where none is named."""
