"""What a large index takes is computed from constants; the page in the docs is what comes out."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from typer.testing import CliRunner

import corpus
from index.measure import sizing
from index.measure.constants import MILLION, Constants, measured
from index.measure.sizing import page, read, size

ROOT = Path(corpus.__file__).parents[1]
KNOWN = ROOT / "index" / "measure" / "sizing.json"


@pytest.fixture
def constants() -> Constants:
    """The constants that the docs were computed from."""
    return read(KNOWN)


def test_the_page_in_the_docs_is_what_the_constants_give(constants: Constants) -> None:
    written = (ROOT / "docs" / "sizing.md").read_text("utf-8")
    assert written == page(constants), "write it anew, as the page says"


def test_ten_times_the_passages_take_ten_times_the_vectors(constants: Constants) -> None:
    small, large = size(constants, 10 * MILLION), size(constants, 100 * MILLION)
    assert large.vectors == 10 * small.vectors == 4 * constants.dimensions * 100 * MILLION
    assert large.disk == pytest.approx(10 * small.disk)
    assert large.gpu_hours == pytest.approx(10 * small.gpu_hours)
    assert small.words < large.words < 10 * small.words
    assert small.nodes <= large.nodes


def test_smaller_nodes_mean_more_of_them(constants: Constants) -> None:
    halved = dataclasses.replace(constants, memory=constants.memory / 8)
    assert size(halved, 100 * MILLION).nodes > size(constants, 100 * MILLION).nodes


def test_a_constant_of_ones_own_changes_the_page(tmp_path: Path, constants: Constants) -> None:
    out = tmp_path / "page.md"
    command = ["page", str(KNOWN), str(out), "--rate", "100", "--set", "cores=64"]
    ran = CliRunner().invoke(sizing._app, command)
    assert ran.exit_code == 0, ran.output
    wanted = page(dataclasses.replace(constants, rate=100.0, cores=64))
    assert out.read_text("utf-8") == wanted != page(constants)
    ran = CliRunner().invoke(sizing._app, [*command, "--set", "colour=1"])
    assert ran.exit_code == 2


@pytest.mark.slow
def test_constants_are_measured_on_a_folder_of_papers() -> None:
    found = measured(ROOT / "corpus" / "starter", vectors=2000)
    assert found.documents == 20
    assert found.passages > 100
    assert 0 < found.terms < 200
    assert min(found.embed, found.dense, found.graph, found.lexical, found.asked) > 0
