"""How well PDFs are read: articles with known text are set as PDFs, read, and compared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
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
_JATS = 12
_SEEN, _ASIDE = range(2, 20), range(1, 2)  # tables of the articles
_PER_LAYOUT = 2
_SHOWN = 40


def measure(shared: Path, out: Path) -> list[Figure]:
    """Set, read and compare; what went wrong is written to ``out/pdf_truth.txt``.

    The reader's rules were made with articles of two and more tables in sight. Those of one
    table were set aside and not looked at; figures by layout are theirs, where they are there.

    Args:
        shared: the folder of the data sets; without it only our own texts are set.
        out: where the faults are written down.
    """
    archive = shared / _ARCHIVE
    theirs = [
        jats_articles(archive, _JATS, t) if archive.is_file() else [] for t in (_SEEN, _ASIDE)
    ]
    notes: list[str] = []
    seen = _by_layout([*own_articles(_STARTER)[:2], *theirs[0]], notes)
    aside = _by_layout(theirs[1], notes)
    (out / "pdf_truth.txt").write_text("\n".join(notes), encoding="utf-8")
    figures = _figures("articles in sight", sum(seen.values(), Score()))
    if aside:
        figures += _figures("articles set aside", sum(aside.values(), Score()))
    for name, result in (aside or seen).items():
        figures += _figures(name, result)
    return figures


def _by_layout(articles: Sequence[Article], notes: list[str]) -> dict[str, Score]:
    """The score of every layout and maker over some of the articles, each time others."""
    out: dict[str, Score] = defaultdict(Score)
    for number, layout in enumerate(LAYOUTS if articles else ()):
        first = number * _PER_LAYOUT
        chosen = [articles[(first + i) % len(articles)] for i in range(_PER_LAYOUT)]
        for maker, make in makers(layout).items():
            for article in map(without_tables, chosen) if layout.numbered else chosen:
                data = make(article)
                noted = maker == "WeasyPrint" and layout.columns == 1
                result, faults = _compare(article, data, noted)
                out[f"{layout.name} ({maker})"] += result
                notes.append(_report(f"{layout.name}, {maker}, {article.name}", result, faults))
    return out


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
