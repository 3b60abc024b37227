"""The measure of PDFs: articles are set, read back, and every kind of fault is counted."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus.load import load_bytes
from corpus.measure.pdf_articles import Article, Heading, Table, jats_articles, own_articles
from corpus.measure.pdf_makers import LAYOUTS, Layout, by_reportlab
from corpus.measure.pdf_score import score

ROOT = Path(__file__).resolve().parents[3]
ARCHIVE = ROOT.parent / "shared" / "bench" / "evidence_inference" / "jats.tar.gz"

FIRST = "The first sentence of the paragraph stands here, long enough to fill a line of print."
SECOND = "A second one comes after it and speaks about something that is quite different."
THIRD = "Then a third sentence ends the whole article with one more thing to be remembered."
TABLE = Table(
    "Patients of the trial",
    (("Group", "Patients"), ("Drug", "112"), ("Placebo", "109"), ("Neither", "37")),
)
ARTICLE = Article(
    "example", "A title of the example", (Heading("Methods"), f"{FIRST} {SECOND}", THIRD, TABLE)
)


def test_what_was_set_is_found_again() -> None:
    data = by_reportlab(ARTICLE, Layout("plain", hyphens=False, heads=False))
    counts, faults = score(load_bytes(data, "a.pdf"), ARTICLE, data, with_notes=False)
    assert (counts.wrong, counts.found, counts.foreign, counts.parted) == (0, 3, 0, 0)
    assert (counts.headings_found, counts.cells_found, counts.cells) == (1, 3, 3)
    assert counts.quotes == counts.exact == 7
    assert not faults.missed


def test_every_kind_of_fault_is_counted() -> None:
    data = by_reportlab(ARTICLE, Layout("plain", hyphens=False, heads=False))
    other = Article(
        "other",
        "A title of the example",
        (
            Heading("Results"),
            f"{SECOND} {FIRST}",
            THIRD.replace("third", "thirt"),
            Table("Patients of the trial", (TABLE.rows[0], ("Placebo", "112"))),
        ),
    )
    counts, faults = score(load_bytes(data, "a.pdf"), other, data, with_notes=False)
    assert counts.wrong > 0
    assert counts.sentences - counts.found == 1
    assert faults.missed == [THIRD.replace("third", "thirt")]
    assert faults.foreign == [THIRD]
    assert (counts.pairs, counts.parted) == (1, 1)
    assert counts.headings_found == counts.cells_found == 0


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_our_own_articles_can_be_set_and_read_in_every_layout(layout: Layout) -> None:
    article = own_articles(ROOT / "corpus" / "starter")[0]
    data = by_reportlab(article, layout)
    counts, _ = score(load_bytes(data, "a.pdf"), article, data, with_notes=False)
    assert counts.sentences > 40
    assert counts.found / counts.sentences > 0.85
    assert counts.parted <= 1


@pytest.mark.skipif(not ARCHIVE.is_file(), reason="the shared data sets are not here")
def test_bodies_of_jats_files_become_articles_with_plain_tables() -> None:
    (article,) = jats_articles(ARCHIVE, 1, range(2, 9))
    paragraphs = [part for part in article.parts if isinstance(part, str)]
    tables = [part for part in article.parts if isinstance(part, Table)]
    assert article.title
    assert len(paragraphs) > 10
    assert len(tables) >= 2
    assert all(len(row) == len(table.rows[0]) for table in tables for row in table.rows)
