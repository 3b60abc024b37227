"""How fast PDFs are read, and how much memory a thousand pages take."""

from __future__ import annotations

import io
import resource
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import corpus
from corpus.measure.command import run
from corpus.measure.figures import Figure
from corpus.measure.pdf_articles import Article, Part, own_articles
from corpus.measure.pdf_makers import Layout, by_reportlab

_STARTER = Path(corpus.__file__).parent / "starter"
_PAGES = 1000
_LAYOUT = Layout("two columns", columns=2, rules="all", narrow=True)


def measure(shared: Path, out: Path) -> list[Figure]:
    """Read one long and many short PDFs, each set in a process of its own.

    Args:
        shared: the folder of the data sets; its real papers are read too where they are.
        out: where the long PDF is written.
    """
    long = out / "long.pdf"
    long.write_bytes(_long_pdf(_PAGES))
    own = _in_child([long])
    long.unlink()
    figures = [
        Figure(
            "PDF, one file: pages a second",
            f"{own['pages'] / own['seconds']:.0f}",
            f"{own['pages']:.0f} pages in two columns with ruled tables",
        ),
        Figure(
            "PDF, one file: memory at its peak",
            f"{own['peak'] / 1e6:.0f} MB",
            f"{own['pages']:.0f} pages, {own['before'] / 1e6:.0f} MB before the file is opened",
        ),
    ]
    papers = sorted((shared / "inputs" / "pdf").glob("*.pdf"))
    if papers:
        theirs = _in_child(papers)
        figures.append(
            Figure(
                "PDF, real papers: pages a second",
                f"{theirs['pages'] / theirs['seconds']:.0f}",
                f"{theirs['pages']:.0f} pages of {len(papers)} files",
            )
        )
    return figures


def _long_pdf(pages: int) -> bytes:
    """Our own articles again and again, until there are enough pages."""
    import pypdfium2

    articles = own_articles(_STARTER)
    parts: list[Part] = [part for article in articles for part in (article.title, *article.parts)]
    file = io.BytesIO()
    with (
        pypdfium2.PdfDocument(by_reportlab(Article("a", "One", tuple(parts)), _LAYOUT)) as once,
        pypdfium2.PdfDocument.new() as document,
    ):
        while (left := pages - len(document)) > 0:
            document.import_pages(once, list(range(min(left, len(once)))))
        document.save(file)
    return file.getvalue()


def _in_child(files: list[Path]) -> dict[str, float]:
    """What a process of its own needed to read the files."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_child, files).result()


def _child(files: list[Path]) -> dict[str, float]:
    """Read the files; pages, seconds of processor time, bytes of memory before and at most."""
    import pypdfium2

    from corpus.load import LoadError, load_bytes

    load_bytes(_long_pdf(1), "a.pdf")  # loads what is loaded once
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    pages, seconds = 0, 0.0
    for name in files:
        data = name.read_bytes()
        start = time.process_time()
        try:
            load_bytes(data, name.name)
        except LoadError:
            continue
        seconds += time.process_time() - start
        with pypdfium2.PdfDocument(data) as document:
            pages += len(document)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {"pages": pages, "seconds": seconds, "before": before, "peak": peak}


if __name__ == "__main__":
    run(measure)
