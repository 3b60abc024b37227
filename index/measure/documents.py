"""Every measurement of reading in one run, written as one table.

    python -m index.measure.documents ../shared OUT

Each measurement runs in a process of its own: one that fails costs its rows and no others, and what
it needs of memory is given back.
"""

from __future__ import annotations

import argparse
import logging
import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor
from importlib import import_module
from pathlib import Path

from corpus.measure.figures import Figure

log = logging.getLogger(__name__)
PARTS = {
    "JATS against the twins' text": "corpus.measure.jats_twins",
    "JATS tables": "corpus.measure.jats_tables",
    "PDF with known text": "corpus.measure.pdf_truth",
    "Marks on real pages": "corpus.measure.page_pictures",
    "Long PDF": "corpus.measure.pdf_scale",
    "Speed by format": "corpus.measure.read_speed",
    "Large XML": "corpus.measure.xml_scale",
    "Copies of one article": "index.measure.copies",
    "Damaged files": "index.measure.fuzz",
}


def measured(module: str, shared: Path, out: Path) -> list[Figure]:
    """The figures of one measurement; one that says why where it fails."""
    try:
        figures: list[Figure] = import_module(module).measure(shared, out)
    except Exception as error:
        log.warning("%s failed: %s", module, error)
        return [Figure("failed", type(error).__name__, " ".join(str(error).split())[:200])]
    return figures


def table(parts: dict[str, list[Figure]], seconds: dict[str, float]) -> str:
    """The figures as a Markdown table, one row each."""
    lines = ["| | what | figure | over |", "|---|---|---|---|"]
    for name, figures in parts.items():
        for number, figure in enumerate(figures):
            first = f"{name} ({seconds[name]:.0f} s)" if number == 0 else ""
            cells = (first, figure.what, figure.value, figure.of)
            lines.append(f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure all parts, or those that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shared", type=Path, help="the folder of the data sets")
    parser.add_argument("out", type=Path, help="where the table and long texts of results go")
    parser.add_argument("--part", action="append", choices=list(PARTS), help="only this one")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    arguments.out.mkdir(parents=True, exist_ok=True)
    parts: dict[str, list[Figure]] = {}
    seconds: dict[str, float] = {}
    context = multiprocessing.get_context("spawn")
    for name in arguments.part or PARTS:
        began = time.monotonic()
        with ProcessPoolExecutor(1, mp_context=context) as pool:
            run = pool.submit(measured, PARTS[name], arguments.shared, arguments.out)
            parts[name] = run.result()
        seconds[name] = time.monotonic() - began
        log.info("%s: %.0f s", name, seconds[name])
    (arguments.out / "documents.md").write_text(table(parts, seconds), "utf-8")
    log.info("%s", arguments.out / "documents.md")


if __name__ == "__main__":
    main()
