"""Fixtures for the tests around the main path."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus.load import load
from tests.qa.librarian import PAPERS, Librarian


@pytest.fixture
def papers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the papers, which is also the working directory."""
    for name, text in PAPERS.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def librarian(papers: Path) -> Librarian:
    """Answers from the papers."""
    return Librarian([load(Path(name)) for name in PAPERS])
