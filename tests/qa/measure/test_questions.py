"""How the time of a question is measured."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer

from index import open_index
from index.embed import load_embedder
from index.ingest import ingest
from qa.measure.questions import PARTS, Times, asked, main, started, table

PAPER = "# Tea\n\nThe tea was grown on the south slope of the hill from 1824 onwards.\n"


def test_the_table_has_a_line_for_each_part_and_each_command() -> None:
    parts = {part: [0.1, 0.2, 0.3] for part in PARTS}
    written = table(Times(1000, parts, [6, 6, 20], {"pincite ask": [1.0, 2.0, 4.0]}))
    assert "| 1,000 passages | p50 | p95 |" in written
    assert "| in all | 200 ms | 300 ms |" in written
    assert "| passages read | 6 | 20 (most) |" in written
    assert "| `pincite ask`, a new process, 3 times | 2.00 s | 4.00 s (longest) |" in written


def test_the_parts_of_a_question_add_up(tmp_path: Path) -> None:
    (tmp_path / "tea.md").write_text(PAPER, "utf-8")
    embedder = load_embedder()
    with open_index(tmp_path / "index", embedder) as index:
        ingest(index, embedder, [tmp_path / "tea.md"])
    times = asked(tmp_path / "index", ["Where was the tea grown?", "Who drank the tea?"])
    assert times.passages == 1
    assert times.read == [1, 1]
    *parts, whole = times.parts.values()
    assert [sum(spent) for spent in zip(*parts, strict=True)] == pytest.approx(whole)


def test_a_command_that_fails_is_said_with_its_last_line() -> None:
    with pytest.raises(RuntimeError, match="No such option"):
        started(["--no-such-option"], 1)


def test_where_there_is_no_index_nothing_is_measured_and_none_is_made(tmp_path: Path) -> None:
    with pytest.raises(typer.BadParameter, match="There is no index in"):
        main(tmp_path / "index", tmp_path / "questions.jsonl", tmp_path / "out")
    assert list(tmp_path.iterdir()) == []
