"""How several people who ask at once are measured."""

from __future__ import annotations

from pathlib import Path

import pytest

from qa.measure.askers import Crowd, crowd, table
from qa.measure.served import served, until

PAPER = "# Tea\n\nThe tea was grown on the south slope of the hill from 1824 onwards.\n"


def test_the_table_says_who_was_served_least() -> None:
    made = Crowd(2, waits=[0.1, 0.2, 0.3, 0.4], served=[3, 1], seconds=2.0)
    assert table([made]).splitlines()[-1] == "| 2 | 2.0 | 0.25 s | 0.40 s | 0.40 s | 0.50 |"


@pytest.mark.slow
def test_every_question_of_a_crowd_is_answered(tmp_path: Path) -> None:
    from index import open_index
    from index.embed import load_embedder
    from index.ingest import ingest

    (tmp_path / "tea.md").write_text(PAPER, "utf-8")
    embedder = load_embedder()
    with open_index(tmp_path / "index", embedder) as index:
        ingest(index, embedder, [tmp_path / "tea.md"])
    with served(tmp_path / "index", tmp_path / "log") as server:
        until(server, "")
        made = crowd(server, ["Where was the tea grown?"] * 9, 3)
    assert len(made.waits) == sum(made.served) == 9
    assert made.askers == len(made.served) == 3
