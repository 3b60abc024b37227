"""Damaged and malicious files harm nothing and nobody."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from corpus.measure.damage import variants
from index.measure import fuzz
from index.measure.fuzz import Finding

INPUTS = Path(__file__).parents[3].parent / "shared" / "inputs"

needs_inputs = pytest.mark.skipif(not INPUTS.is_dir(), reason="needs ../shared/inputs")


def fuzzed(inputs: Path, out: Path, every: int = 1) -> Finding:
    """In a fresh process: what a process has held counts for those it starts, too."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(fuzz.fuzz, inputs, out, every=every).result()


def assert_harmless(found: Finding) -> None:
    assert found.indexed == found.good > 0
    assert found.failed, "some of the files cannot be read"
    assert found.wrong == []
    assert found.calls == 0
    assert found.written == []
    assert found.leaked == []
    assert found.child < fuzz.MOST_MEMORY


@needs_inputs
def test_a_sample_of_harmful_files_harms_nothing(tmp_path: Path) -> None:
    found = fuzzed(INPUTS, tmp_path, every=60)
    assert len(found.harms) >= 15
    assert_harmless(found)


@needs_inputs
@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_harmful_files_harm_nothing(tmp_path: Path) -> None:
    """A sixth of them; ``python -m index.measure.fuzz`` takes all, and up to ten minutes."""
    found = fuzzed(INPUTS, tmp_path, every=6)
    assert len(found.harms) >= 45
    assert_harmless(found)


@needs_inputs
def test_the_same_seed_gives_the_same_files(tmp_path: Path) -> None:
    files = sorted(INPUTS.rglob("*.html"))
    made = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        made.append([h.path.read_bytes() for h in variants(files, tmp_path / name, 9, seed=3)])
    assert made[0] == made[1]
    assert len(set(made[0])) == 9


def test_what_a_fuzzer_must_see_it_sees(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader that writes, calls and tells what it should not is found out."""
    inputs = tmp_path / "inputs"
    inputs.mkdir()
    (inputs / "a.md").write_text("# Mice\n\nMice ate.\n")
    (tmp_path / "run").mkdir()
    monkeypatch.setattr(fuzz, "WORKER", ("-m", "tests.index.measure.bad_reader"))
    found = fuzz.fuzz(inputs, tmp_path / "run", every=30, variants=30)
    assert found.calls > 0
    assert found.written == ["temporary/left-behind"]
    assert found.leaked
    assert found.wrong
