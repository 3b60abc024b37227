"""The measurements of reading come as one table, and one that fails costs only its own rows."""

from __future__ import annotations

from pathlib import Path

from corpus.measure.figures import Figure
from index.measure.documents import PARTS, measured, table


def test_the_table_has_a_row_for_each_figure_and_names_its_part_once() -> None:
    parts = {"PDF": [Figure("pages | second", "9", "99 pages"), Figure("memory", "1 MB")]}
    assert table(parts, {"PDF": 12.4}).splitlines()[2:] == [
        "| PDF (12 s) | pages / second | 9 | 99 pages |",
        "|  | memory | 1 MB |  |",
    ]


def test_a_measurement_that_fails_says_why(tmp_path: Path) -> None:
    (figure,) = measured("corpus.measure.jats_twins", tmp_path / "missing", tmp_path)
    assert figure.what == "failed"
    assert figure.of


def test_every_part_is_a_measurement() -> None:
    root = Path(__file__).parents[2]
    assert all((root / f"{name.replace('.', '/')}.py").is_file() for name in PARTS.values())
