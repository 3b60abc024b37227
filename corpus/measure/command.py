"""A measurement as a command: ``python -m corpus.measure.NAME SHARED OUT``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from corpus.measure.figures import Figure


def run(measure: Callable[[Path, Path], list[Figure]]) -> None:
    """Measure with the folders named on the command line, and write the figures out."""
    parser = argparse.ArgumentParser(description=sys.modules[measure.__module__].__doc__)
    parser.add_argument("shared", type=Path, help="the folder of the data sets")
    parser.add_argument("out", type=Path, help="where long texts of results go")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    for figure in measure(arguments.shared, arguments.out):
        over = f"  ({figure.of})" if figure.of else ""
        sys.stdout.write(f"{figure.what}: {figure.value}{over}\n")
