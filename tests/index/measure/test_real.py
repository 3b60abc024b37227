"""Real texts in passages of another length."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from corpus.passages import PassageSize
from index.embed import Embedder
from index.local import LocalIndex
from index.measure.real import store

TEXT = "# Tea\n\n" + " ".join(f"The tea of year {year} was picked by hand." for year in range(40))


def test_shorter_passages_are_more_and_every_word_is_that_of_the_text(
    tmp_path: Path, embedder: Embedder, caplog: pytest.LogCaptureFixture
) -> None:
    tea, empty = tmp_path / "tea.md", tmp_path / "empty.txt"
    tea.write_text(TEXT, "utf-8")
    empty.touch()
    counted = {}
    for size in (PassageSize(), PassageSize(80, 160)):
        with LocalIndex(tmp_path / str(size.most), embedder) as index:
            with caplog.at_level(logging.WARNING):
                counted[size.most] = store(index, embedder, [empty, tea], size)
            with index.view() as view:
                assert view.stats().passages == counted[size.most]
                (found,) = view.search("Which tea was picked in year 17?", 1)
                assert found.passage.text in TEXT
                assert len(found.passage.text) <= size.most
    assert counted[160] > 3 * counted[1000]
    assert "empty.txt" in caplog.text
