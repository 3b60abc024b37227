"""The measurements of JATS reading: they find what is wrong, and say nothing of what is right."""

from __future__ import annotations

from pathlib import Path

from lxml import etree

from corpus.load import load_all, load_bytes
from corpus.measure.jats_tables import Counted, count, truth
from corpus.measure.jats_twins import cause, compare
from corpus.measure.xml_scale import write_records

ONE = "Mice of both sexes were weighed twice a day."
TWO = "They ran in their wheels for twelve weeks."
HEAD = "<table><thead><tr><th rowspan='2'>M</th><th colspan='2'>W</th></tr><tr><th>a</th><th>b</th>"
TABLE = f"{HEAD}</tr></thead><tbody><tr><td>x</td><td>1</td><td>2</td></tr></tbody></table>"


def article(body: str) -> bytes:
    front = "<front><article-meta/></front>"
    return f"<article>{front}<body><sec>{body}</sec></body></article>".encode()


def test_sentences_that_are_missing_altered_or_out_of_order_are_told_apart() -> None:
    document = load_bytes(article(f"<p>{TWO} {ONE}</p>"), "x.xml")
    twin = f"BODY.METHODS:\n{ONE}  {TWO}\nThis sentence is only in the twin."
    found = compare(document, twin)
    assert (found.total, found.found, found.ordered) == (3, 2, 1)
    assert found.missed == ["This sentence is only in the twin."]
    assert found.foreign == []


def test_causes_are_named() -> None:
    text = "Table 1 Weights of mice. Mice were seen in older patients."
    assert cause("Table 1Weights of mice.", text).startswith("white space")
    assert cause("Mice were seen in older patients5,6.", text).startswith("raised")
    assert cause("Mice were seen in younger patients.", text) == "other"


def test_the_truth_of_a_table_joins_its_header_rows() -> None:
    assert truth(etree.fromstring(TABLE)) == [("x", "Wa", "1"), ("x", "Wb", "2")]


def test_cells_are_counted_by_row_and_column() -> None:
    counted = Counted()
    count("x", article(f"<table-wrap>{TABLE}</table-wrap>"), counted)
    assert (counted.tables, counted.cells, counted.right, counted.missed) == (1, 2, 2, [])


def test_invented_records_are_read_to_the_last(tmp_path: Path) -> None:
    written = write_records(tmp_path / "x.xml", 50_000)
    found = list(load_all((tmp_path / "x.xml").read_bytes(), "x.xml"))
    assert len(found) == written > 3
    assert not [document for document in found if isinstance(document, Exception)]
