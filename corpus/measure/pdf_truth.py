"""How well PDFs are read: articles with known text are set as PDFs, read, and compared."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import corpus
from corpus.load import LoadError, load_bytes
from corpus.measure.command import run
from corpus.measure.figures import Figure
from corpus.measure.pdf_articles import Article, jats_articles, own_articles, without_tables
from corpus.measure.pdf_makers import LAYOUTS, makers
from corpus.measure.pdf_score import Faults, Score, score

_ARCHIVE = Path("bench/evidence_inference/jats.tar.gz")
_STARTER = Path(corpus.__file__).parent / "starter"
_JATS = 6
_PER_LAYOUT = 3
_SHOWN = 40


def measure(shared: Path, out: Path) -> list[Figure]:
    """Set, read and compare; what went wrong is written to ``out/pdf_truth.txt``.

    Args:
        shared: the folder of the data sets; without it only our own texts are set.
        out: where the faults are written down.
    """
    own = own_articles(_STARTER)[:2]
    archive = shared / _ARCHIVE
    theirs = jats_articles(archive, _JATS) if archive.is_file() else []
    by_layout: dict[str, Score] = defaultdict(Score)
    notes: list[str] = []
    for number, layout in enumerate(LAYOUTS):
        chosen = [own[number % len(own)]]
        chosen += [theirs[(2 * number + i) % len(theirs)] for i in range(_PER_LAYOUT - 1) if theirs]
        for maker, make in makers(layout).items():
            for article in map(without_tables, chosen) if layout.numbered else chosen:
                data = make(article)
                result, faults = _compare(
                    article, data, maker == "WeasyPrint" and layout.columns == 1
                )
                by_layout[f"{layout.name} ({maker})"] += result
                notes.append(_report(f"{layout.name}, {maker}, {article.name}", result, faults))
    (out / "pdf_truth.txt").write_text("\n".join(notes), encoding="utf-8")
    total = sum(by_layout.values(), Score())
    out_figures = _figures("all layouts", total)
    for name, result in by_layout.items():
        out_figures += _figures(name, result)
    return out_figures


def _compare(article: Article, data: bytes, with_notes: bool) -> tuple[Score, Faults]:
    try:
        document = load_bytes(data, f"{article.name}.pdf")
    except LoadError as error:
        letters = sum(len(part) for part in article.parts if isinstance(part, str))
        return Score(letters=letters, wrong=letters), Faults([error.reason], [], [], [], [])
    return score(document, article, data, with_notes)


def _figures(name: str, s: Score) -> list[Figure]:
    rows = (
        ("character error rate", s.wrong, s.letters, "characters"),
        ("sentences found letter for letter", s.found, s.sentences, "sentences"),
        ("our sentences that are not in the truth", s.foreign, s.ours, "sentences"),
        ("neighbouring sentences that are parted", s.parted, s.pairs, "pairs"),
        ("headings found", s.headings_found, s.headings, "headings"),
        ("table cells with their row and head", s.cells_found, s.cells, "cells"),
        ("quotes whose boxes hold exactly their words", s.exact, s.quotes, "quotes"),
    )
    return [
        Figure(f"PDF, {name}: {what}", _share(part, whole), f"{whole} {of}")
        for what, part, whole, of in rows
    ]


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.2f} %" if whole else "–"


def _report(name: str, result: Score, faults: Faults) -> str:
    lines = [f"## {name}", str(result)]
    for label in ("missed", "foreign", "parted", "cells", "boxes"):
        found = getattr(faults, label)
        lines += [f"### {label}: {len(found)}", *(f"- {one}" for one in found[:_SHOWN])]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    run(measure)
