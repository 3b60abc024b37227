"""The command line with an index in Milvus, run as a person runs it."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path

import pytest

from index.location import beside
from qa.cli import main
from qa.risk.calibration import load, save
from tests.qa.librarian import PAPERS
from tests.qa.risk.test_calibration import CALIBRATION

pytest.importorskip("milvus_lite", reason="Milvus Lite is not installed")

FERRY = "How many minutes did the ferry take to cross the lake?"
LITE = "milvus:papers.db"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Papers, indexed in a folder and in a file of Milvus Lite."""
    made = tmp_path_factory.mktemp("papers")
    for name, text in PAPERS.items():
        (made / name).write_text(text, encoding="utf-8")
    with chdir(made):
        for where in ((), ("--index", LITE)):
            with pytest.raises(SystemExit) as left:
                main(["index", *PAPERS, *where])
            assert left.value.code == 0
        yield made


@pytest.fixture(autouse=True)
def here(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The papers' folder is the working directory."""
    monkeypatch.delenv("PINCITE_INDEX", raising=False)
    monkeypatch.chdir(folder)


def ran(capture: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Exit code, output and messages of ``pincite`` with these words."""
    capture.readouterr()
    with pytest.raises(SystemExit) as left:
        main(list(words))
    assert isinstance(left.value.code, int)
    return (left.value.code, *capture.readouterr())


def test_the_answer_record_is_the_same_byte_for_byte(capfd: pytest.CaptureFixture[str]) -> None:
    code, local, _ = ran(capfd, "ask", FERRY, "--json")
    again, milvus, _ = ran(capfd, "ask", FERRY, "--json", "--index", LITE)
    assert (code, again) == (0, 0)
    assert milvus == local
    assert '"answered"' in local


def test_status_is_the_same(capfd: pytest.CaptureFixture[str]) -> None:
    _, local, _ = ran(capfd, "status", "--json")
    code, milvus, _ = ran(capfd, "status", "--json", "--index", LITE)
    assert code == 0
    there, here = json.loads(milvus), json.loads(local)
    assert there.pop("search").startswith("Milvus, flat")
    assert here.pop("search").startswith("flat, 32-bit")
    assert there == here


def test_an_index_is_copied_there_and_back(capfd: pytest.CaptureFixture[str]) -> None:
    code, out, err = ran(capfd, "copy", "milvus:copied.db")
    assert (code, err) == (0, "")
    assert f"{len(PAPERS)} sources copied. milvus:" in out
    code, out, _ = ran(capfd, "copy", "back", "--index", "milvus:copied.db")
    assert code == 0
    assert out.endswith(f"back: {len(PAPERS)} documents.\n")
    _, there, _ = ran(capfd, "ask", FERRY, "--json")
    _, back, _ = ran(capfd, "ask", FERRY, "--json", "--index", "back")
    assert back == there


def test_a_copy_that_is_there_is_not_made_again(capfd: pytest.CaptureFixture[str]) -> None:
    code, out, _ = ran(capfd, "copy", LITE)
    assert code == 0
    assert f"0 sources copied ({len(PAPERS)} were there)" in out


def test_an_index_is_not_copied_onto_itself(capfd: pytest.CaptureFixture[str]) -> None:
    code, _, err = ran(capfd, "copy", ".pincite")
    assert (code, err) == (2, "Error: .pincite is the index itself.\n")
    code, _, err = ran(capfd, "copy", LITE, "--index", LITE)
    assert code == 2
    assert err.endswith("papers.db is the index itself.\n")


@pytest.mark.parametrize("command", [["ask", FERRY], ["status"], ["index", *PAPERS]])
def test_a_server_that_is_not_there_is_one_sentence(
    command: list[str], capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.milvus_tables.CONNECT_SECONDS", 1.0)
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    code, out, err = ran(capfd, *command, "--index", f"milvus://127.0.0.1:{port}/papers")
    assert (code, out) == (2, "")
    assert err == (
        f"Error: The index milvus://127.0.0.1:{port}/papers cannot be reached: no Milvus server "
        f"answers at 127.0.0.1:{port}.\n"
    )


def test_an_address_that_is_none_is_one_sentence(capfd: pytest.CaptureFixture[str]) -> None:
    code, _, err = ran(capfd, "status", "--index", "milvus://here/papers")
    assert code == 2
    assert err.startswith("Error: milvus:/here/papers is no address of an index: write milvus://")


def test_a_file_that_is_not_there_is_not_made_by_asking(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    code, _, err = ran(capfd, "ask", FERRY, "--index", "milvus:none.db")
    assert code == 2
    assert err.startswith(f"Error: There is no index at milvus:{folder.resolve()}/none.db. Make")
    assert not (folder / "none.db").exists()


def test_a_calibration_is_kept_beside_the_index_and_copied_with_it(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    save(CALIBRATION, beside(LITE))
    assert ran(capfd, "copy", "calibrated", "--index", LITE)[0] == 0
    assert load(folder / "calibrated") == CALIBRATION
    code, out, _ = ran(capfd, "calibrate", "--forget", "--index", LITE)
    assert (code, out) == (0, "Calibration dropped.\n")
    assert load(beside(LITE)) is None
