"""A run that is killed at any moment leaves the index as before or after a document."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from corpus.load import load
from corpus.passages import passages
from index.base import Hit, IndexStats
from index.embed import Embedder
from index.local import LocalIndex
from index.schema import STORE_NAME
from tests.index.papers import answers
from tests.index.record_files import WORKER, write_records

KILLS = 50
FILES = 14
ROOT = Path(__file__).parents[2]

Cut = list[tuple[int, int, str]]


class Nursery:
    """Jobs in processes of their own; see ``nursery.py``."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.index.nursery"],
            cwd=ROOT,
            env={**os.environ, "TOKENIZERS_PARALLELISM": "false"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def start(self, index: Path, folder: Path, *worker: str) -> int:
        """Begin to index, the files being read by another command if one is given.

        Gives the process id.
        """
        job: dict[str, object] = {"index": str(index), "folder": str(folder)}
        self._say(json.dumps(job | {"worker": worker} if worker else job))
        return int(self._line())

    def kill(self, child: int) -> str:
        """Kill the job, which may have ended before: ``done`` or ``killed``."""
        os.kill(child, signal.SIGKILL)
        return self.end()

    def end(self) -> str:
        """Wait for the job: ``done`` or ``killed``."""
        outcome = self._line()
        self._say("")
        assert outcome in ("done", "killed")
        return outcome

    def close(self) -> None:
        """End the process."""
        self._process.communicate()

    def _say(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


@pytest.fixture
def nursery() -> Iterator[Nursery]:
    """A nursery with the model loaded."""
    made = Nursery()
    yield made
    made.close()


class Papers:
    """A folder of short papers that changes, and what each version of a file must become."""

    def __init__(self, folder: Path, dice: random.Random) -> None:
        self.folder = folder
        self._dice = dice
        self._written = 0
        self.cuts: dict[str, Cut] = {}
        self.held: dict[str, set[str | None]] = {}
        folder.mkdir()
        for n in range(FILES):
            self._write(f"paper-{n:02}.md")

    def change(self) -> None:
        """Rewrite some files, delete one and add one."""
        names = sorted(file.name for file in self.folder.iterdir())
        chosen = self._dice.sample(names, k=FILES // 2)
        for name in chosen[1:]:
            self._write(name)
        (self.folder / chosen[0]).unlink()
        self.held.setdefault(chosen[0], set()).add(None)
        self._write(f"paper-{self._written:02}-new.md")

    def settle(self) -> None:
        """From now on only what the files now hold is right."""
        self.held = {file.name: {load(file).id} for file in self.folder.iterdir() if file.is_file()}

    def _write(self, name: str) -> None:
        self._written += 1
        drug = self._dice.choice(["sorafenib", "tamoxifen", "interferon", "5-FU", "octreotide"])
        sections = [
            f"## Part {part}\n\nIn part {part} of trial {self._written}, {drug} was given to "
            f"{self._dice.randint(10, 900)} patients with cirrhosis. Survival did not change.\n"
            for part in range(self._dice.randint(1, 5))
        ]
        file = self.folder / name
        file.write_text(f"# Trial {self._written}\n\n" + "\n".join(sections), "utf-8")
        document = load(file)
        self.cuts[document.id] = [(p.start, p.end, p.text) for p in passages(document)]
        self.held.setdefault(name, {None}).add(document.id)


def stored_cuts(index: Path) -> dict[str, Cut]:
    """The live documents of a store, each with its passages."""
    with closing(sqlite3.connect(index / STORE_NAME)) as connection:
        rows = connection.execute(
            'SELECT d.id, p.start, p."end", p.body FROM documents d '
            "LEFT JOIN passages p ON p.document = d.row WHERE d.removed IS NULL ORDER BY p.row"
        ).fetchall()
    out: dict[str, Cut] = {}
    for document_id, start, end, body in rows:
        out.setdefault(document_id, []).append((start, end, json.loads(body)["text"]))
    return out


def look(index: Path, embedder: Embedder) -> tuple[list[list[Hit]], IndexStats]:
    """Open an index as a person would, ask, and check both derived indexes against the store."""
    with LocalIndex(index, embedder) as opened:
        found = answers(opened)
        size = opened.stats()
        with opened.view() as view:
            assert view.stats() == size
            assert len(view.search("cirrhosis", 10_000)) == size.passages
        opened.rebuild()
        assert answers(opened) == found
        return found, size


def check(index: Path, papers: Papers, embedder: Embedder, scratch: Path) -> None:
    """Every document is wholly there or wholly absent, and the index answers.

    Asks a copy, so that the next run meets the index as the kill left it.
    """
    if not (index / STORE_NAME).exists():
        return
    shutil.copytree(index, scratch)
    _, size = look(scratch, embedder)
    stored = stored_cuts(scratch)
    assert size.documents == len(stored)
    for document_id, cut in stored.items():
        assert cut == papers.cuts[document_id]
    with LocalIndex(scratch, embedder) as opened:
        for record in opened.sources():
            assert record.state == "indexed"
            assert record.document is not None
            assert record.document.id in papers.held[Path(record.path).name]
    shutil.rmtree(scratch)


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_run_killed_anywhere_leaves_whole_documents_and_can_be_finished(
    nursery: Nursery, tmp_path: Path, embedder: Embedder
) -> None:
    dice = random.Random(20261122)
    papers = Papers(tmp_path / "papers", dice)
    index, kills, rounds = tmp_path / "index", 0, 0
    nursery.start(tmp_path / "first", papers.folder)
    begun = time.monotonic()
    assert nursery.end() == "done"
    whole_run = time.monotonic() - begun
    while kills < KILLS or rounds == 0:
        child = nursery.start(index, papers.folder)
        time.sleep(dice.uniform(0.0, 0.5 * whole_run))
        if nursery.kill(child) == "killed":
            kills += 1
            check(index, papers, embedder, tmp_path / "scratch")
            continue
        rounds += 1
        fresh = tmp_path / f"fresh-{rounds}"
        nursery.start(fresh, papers.folder)
        assert nursery.end() == "done"
        found, size = look(index, embedder)
        wanted, wanted_size = look(fresh, embedder)
        assert found == wanted
        assert size.fingerprint == wanted_size.fingerprint
        papers.settle()
        papers.change()


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_run_killed_among_the_records_of_a_file_goes_on_from_there(
    nursery: Nursery, tmp_path: Path, embedder: Embedder
) -> None:
    dice = random.Random(20261123)
    folder, index = tmp_path / "papers", tmp_path / "index"
    folder.mkdir()
    texts = {str(n): f"Trial {n} gave tamoxifen to {n + 7} patients." for n in range(150)}
    write_records(folder / "list.txt", texts)
    begun = time.monotonic()
    nursery.start(tmp_path / "fresh", folder, *WORKER)
    assert nursery.end() == "done"
    whole_run = time.monotonic() - begun
    held, outcome = 0, ""
    while outcome != "done":
        child = nursery.start(index, folder, *WORKER)
        time.sleep(dice.uniform(0.1, 0.4 * whole_run))
        outcome = nursery.kill(child)
        if (index / STORE_NAME).exists():
            stored = stored_cuts(index)
            assert all(len(cut) == 1 for cut in stored.values())
            assert len(stored) >= held, "what was stored is not stored anew"
            held = len(stored)
    assert look(index, embedder)[1].fingerprint == look(tmp_path / "fresh", embedder)[1].fingerprint
    with LocalIndex(index, embedder) as opened:
        assert all(record.state == "indexed" for record in opened.sources())
        assert len(opened.sources()) == len(texts) + 1
