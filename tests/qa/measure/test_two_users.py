"""How the waiting of one person during another one's upload is measured."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from qa.measure.served import served, until
from qa.measure.two_users import Round, one_round, papers, quantile, table

PAPER = "# Tea {0}\n\nTea number {0} was grown on the south slope of the hill from 18{0} onwards.\n"


def test_a_quantile_is_one_of_the_values() -> None:
    values = [float(n) for n in range(1, 101)]
    assert quantile(values, 0.5) == 50
    assert quantile(values, 0.95) == 95
    assert quantile([3.0], 0.95) == 3.0
    assert quantile([2.0, 1.0], 0.95) == 2.0


def test_papers_come_from_a_folder_or_an_archive_by_name(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    for name in ("b.md", "a.md", "c.exe"):
        (folder / name).write_text(PAPER.format(10), "utf-8")
    with tarfile.open(tmp_path / "all.tar.gz", "w:gz") as archive:
        archive.add(folder, "all")
    assert [path.name for path in papers(folder, tmp_path / "x", 2)] == ["a.md", "b.md"]
    packed = papers(tmp_path / "all.tar.gz", tmp_path / "y", 2)
    assert [path.name for path in packed] == ["a.md", "b.md"]
    assert packed[0].read_text("utf-8") == PAPER.format(10)
    with pytest.raises(ValueError, match="holds 2 papers, not 3"):
        papers(folder, tmp_path / "z", 3)


def test_the_table_has_each_round_and_the_median_of_their_ratios() -> None:
    rounds = [Round([1.0, 1.0], [2.0, 3.0], 9.0), Round([1.0], [1.0], 9.0)]
    written = table(rounds, 7)
    assert "| 1 | 2 | 1.00 s | 1.00 s | 2 | 2.00 s | 3.00 s | 3.00 | 7 files, 9 s |" in written
    assert "Median of the rounds' p95 ratios: 2.00." in written


@pytest.mark.slow
def test_questions_are_answered_by_the_real_server_while_it_takes_files_in(tmp_path: Path) -> None:
    files = []
    for number in range(10, 14):
        files.append(tmp_path / f"tea-{number}.md")
        files[-1].write_text(PAPER.format(number), "utf-8")
    with served(tmp_path / "index", tmp_path / "log") as server:
        until(server, "")
        found = one_round(server, ["What is PIAF?", "Where was tea number 12 grown?"], files)
        with server.client() as client:
            assert "tea-12.md" in server.ask(client, "Where was tea number 12 grown?")
    assert len(found.rest) == 2
    assert found.during
    assert found.documents == sorted(found.documents)
    assert set(found.documents) <= set(range(20, 25))
