"""How fast files of each format are read: ``python -m corpus.measure.read_speed SHARED OUT``.

Real files where there are some; lists of references are made of the beginnings of real articles.
Each file is read three times and its fastest reading counts, so that other work on the machine
counts little.
"""

from __future__ import annotations

import csv
import io
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path

import corpus
from corpus.document import Document
from corpus.load import LoadError, load_all
from corpus.measure.command import run
from corpus.measure.figures import Figure

_TIMES = 3
_RECORDS = 2_000
Files = list[tuple[str, bytes]]


def measure(shared: Path, out: Path) -> list[Figure]:
    """Read the files of every format.

    Args:
        shared: the folder of the data sets; formats without a file are left out.
        out: not used.

    Returns:
        Megabytes and documents a second of processor time, by format.
    """
    return [_speed(name, files) for name, files in _sets(shared) if files]


def _sets(shared: Path) -> Iterator[tuple[str, Files]]:
    inputs, evidence = shared / "inputs", shared / "bench" / "evidence_inference"
    articles = list(_jats(evidence / "jats.tar.gz"))
    yield "JATS", articles
    yield "plain text", _files(evidence / "validation_text", "*.txt")
    yield "Markdown", _files(Path(corpus.__file__).parent / "starter", "*.md")
    yield "PDF", _files(inputs, "*.pdf")
    yield "HTML", _files(inputs, "*.html")
    yield "DOCX", _files(inputs, "*.docx")
    abstracts = [found for found in map(_abstract, articles) if found]
    if abstracts:
        records = [abstracts[i % len(abstracts)] for i in range(_RECORDS)]
        yield "CSV list", [("list.csv", _as_csv(records))]
        yield "RIS list", [("list.ris", _as_ris(records))]
        yield "BibTeX list", [("list.bib", _as_bibtex(records))]


def _speed(name: str, files: Files) -> Figure:
    seconds, size, documents = 0.0, 0, 0
    for file, data in files:
        best, count = float("inf"), 0
        for _ in range(_TIMES):
            start = time.process_time()
            try:
                count = sum(isinstance(one, Document) for one in load_all(data, file))
            except LoadError:
                count = 0
            best = min(best, time.process_time() - start)
        if count:
            seconds, size, documents = seconds + best, size + len(data), documents + count
    return Figure(
        f"{name}: read in a second of processor time",
        f"{documents / seconds:,.0f} documents, {size / seconds / 1e6:.1f} MB",
        f"{documents:,} documents in {len(files):,} files, {size / 1e6:.1f} MB",
    )


def _jats(archive: Path) -> Iterator[tuple[str, bytes]]:
    if not archive.exists():
        return
    with tarfile.open(archive) as opened:
        for member in sorted(opened.getmembers(), key=lambda member: member.name):
            file = opened.extractfile(member) if member.isfile() else None
            if file is not None:
                yield Path(member.name).name, file.read()


def _files(folder: Path, pattern: str) -> Files:
    return [(path.name, path.read_bytes()) for path in sorted(folder.rglob(pattern))]


def _abstract(article: tuple[str, bytes]) -> dict[str, str] | None:
    """Title, year and some two thousand characters of an article, as a reference manager has it."""
    name, data = article
    try:
        found = next(one for one in load_all(data, name) if isinstance(one, Document))
    except (LoadError, StopIteration):
        return None
    words = " ".join(found.text[:2_000].replace("{", "").replace("}", "").split())
    title = found.info.title.replace("{", "").replace("}", "")
    return {"title": title, "year": str(found.info.year or 2015), "abstract": words}


def _as_csv(records: list[dict[str, str]]) -> bytes:
    file = io.StringIO()
    table = csv.DictWriter(file, ("title", "year", "abstract"))
    table.writeheader()
    table.writerows(records)
    return file.getvalue().encode()


def _as_ris(records: list[dict[str, str]]) -> bytes:
    lines = (
        f"TY  - JOUR\nTI  - {one['title']}\nPY  - {one['year']}\nAB  - {one['abstract']}\nER  - \n"
        for one in records
    )
    return "\n".join(lines).encode()


def _as_bibtex(records: list[dict[str, str]]) -> bytes:
    entries = (
        f"@article{{r{number},\n title = {{{one['title']}}},\n year = {{{one['year']}}},\n"
        f" abstract = {{{one['abstract']}}}\n}}\n"
        for number, one in enumerate(records)
    )
    return "\n".join(entries).encode()


if __name__ == "__main__":
    run(measure)
