"""Runners as processes: what they say, what they need, and what becomes of one that fails."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from index.embed import packaged_folder
from qa.measure.peers.protocol import Found, Peer, Request
from qa.measure.peers.running import RunnerFailed, run_ask, run_ingest, size_of
from qa.measure.peers.systems import OWN, REQUIREMENTS, SYSTEMS, System, chosen

PAPERS = {
    "tea.txt": "Green tea\n\nTea was grown on the south slope. It was picked in May by hand.\n",
    "coffee.txt": "Coffee\n\nCoffee was roasted in the harbour. It was sold by weight.\n",
}
NOBODY = System("nobody", "Nobody", "nobody", "")


class OneByOne(Peer):
    """A program that is asked for nothing but its papers."""

    packages = ()

    def prepare(self) -> None:
        raise NotImplementedError

    def ingest(self, papers: Sequence[Path]) -> int:
        raise NotImplementedError

    def open(self) -> None:
        raise NotImplementedError

    def ask(self, question: str) -> Found:
        raise NotImplementedError


def request_for(tmp_path: Path, *questions: str) -> Request:
    papers = tmp_path / "papers"
    papers.mkdir(exist_ok=True)
    for name, text in PAPERS.items():
        (papers / name).write_bytes(text.encode("utf-8"))
    return Request(
        "ask" if questions else "ingest",
        papers=str(papers),
        store=str(tmp_path / "store"),
        model=str(packaged_folder()),
        questions=questions,
    )


@pytest.mark.slow
def test_pincite_goes_through_the_same_protocol_as_its_peers(tmp_path: Path) -> None:
    (own,) = chosen([OWN])
    ready, stored, memory = run_ingest(own, request_for(tmp_path), tmp_path, 1)
    assert ready.said["versions"]["torch"]
    assert stored.said["documents"] == 2
    assert stored.said["passages"] >= 2
    assert memory > 50_000_000
    assert size_of(tmp_path / "store") > 1000
    asked = ("When was tea picked?", "How was coffee sold?")
    answers, seconds, _ = run_ask(own, request_for(tmp_path, *asked), tmp_path, 1)
    assert seconds > answers[0][0]
    for (_, found), name, words in zip(
        answers, ("tea.txt", "coffee.txt"), ("picked in May", "sold by weight"), strict=True
    ):
        best = found.sentences[0]
        assert best.document == name
        places = [PAPERS[name][start:end] for start, end in best.spans]
        assert any(words in place for place in places)


def test_a_runner_that_fails_says_why(tmp_path: Path) -> None:
    with pytest.raises(RunnerFailed, match="No module named"):
        run_ingest(NOBODY, request_for(tmp_path), tmp_path, 1)


def test_a_runner_that_takes_too_long_is_given_up_and_that_is_its_reason(tmp_path: Path) -> None:
    (own,) = chosen([OWN])
    with pytest.raises(RunnerFailed, match=r"not done after 0\.001 minutes"):
        run_ingest(own, request_for(tmp_path), tmp_path, 1, patience=0.001)


def test_of_one_that_is_given_up_it_is_said_how_far_it_got(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = '{"event": "taken", "documents": 3, "of": 20}'
    slow = tmp_path / "slow"
    slow.write_text(f"#!/bin/sh\ncat > /dev/null\necho '{taken}'\nsleep 30\n", "utf-8")
    slow.chmod(0o700)
    monkeypatch.setattr("qa.measure.peers.running.python_of", lambda *_: slow)
    with pytest.raises(RunnerFailed, match=r"0\.02 minutes, 3 of 20 documents taken$"):
        run_ingest(NOBODY, request_for(tmp_path), tmp_path, 1, patience=0.02)


def test_a_program_that_takes_papers_one_by_one_tells_of_each_when_it_is_done_with_it() -> None:
    told: list[dict[str, object]] = []
    papers = [Path("a.txt"), Path("b.txt")]
    some = OneByOne(Request("ingest", "papers", "store", "model"), lambda **said: told.append(said))
    for path in some.one_by_one(papers):
        assert len(told) == papers.index(path)
    assert told[-1] == {"event": "taken", "documents": 2, "of": 2}


def test_an_unknown_system_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="no system nobody"):
        chosen(["nobody"])
    assert [system.name for system in chosen(["txtai", OWN])] == [OWN, "txtai"]
    assert chosen([]) == SYSTEMS


def test_every_environment_is_pinned_to_the_last_package_and_brings_no_gpu_library() -> None:
    environments = {system.environment for system in SYSTEMS if system.environment}
    assert environments == {path.stem for path in REQUIREMENTS.glob("*.txt")}
    for name in environments:
        lines = (REQUIREMENTS / f"{name}.txt").read_text("utf-8").splitlines()
        pins = [line for line in lines if line and not line.startswith("#")]
        assert all(line.count("==") == 1 and " " not in line for line in pins), name
        assert not [line for line in pins if line.startswith(("nvidia", "cuda", "triton"))]
        torch = [line for line in pins if line.startswith("torch==")]
        assert torch in ([], ["torch==2.13.0"])


def test_runners_and_protocol_need_nothing_of_pincite_but_the_protocol() -> None:
    import qa.measure.peers as peers

    folder = Path(peers.__file__).parent
    for path in [folder / "protocol.py", *sorted((folder / "runners").glob("*.py"))]:
        if path.stem in (OWN, "__init__"):
            continue
        own = [
            line.split()[1]
            for line in path.read_text("utf-8").splitlines()
            if line.split()[:1] in (["from"], ["import"])
        ]
        ours = {name for name in own if name.split(".")[0] in ("qa", "index", "corpus")}
        assert ours <= {"qa.measure.peers.protocol"}, path.name


@pytest.mark.skipif(sys.platform == "win32", reason="the protocol's output is a descriptor")
def test_what_a_library_prints_does_not_get_into_the_protocol(tmp_path: Path) -> None:
    import json
    import subprocess

    program = """
from qa.measure.peers.protocol import Found, Peer, Words, run
import os
class Loud(Peer):
    packages = ()
    def prepare(self):
        print("loading"); os.write(1, b"from C\\n")
    def ingest(self, papers): return len(papers)
    def open(self): print("opening")
    def ask(self, question): return Found([Words("a.txt", question, ((1, 2),))])
run(Loud)
"""
    from dataclasses import asdict

    asked = request_for(tmp_path, "ä?")
    ran = subprocess.run(
        [sys.executable, "-c", program],
        input=json.dumps(asdict(asked)).encode(),
        capture_output=True,
        check=True,
        cwd=Path(__file__).parents[4],
    )
    lines = [json.loads(line) for line in ran.stdout.decode("utf-8").splitlines()]
    assert [line["event"] for line in lines] == ["ready", "answer", "ended"]
    assert lines[1]["passages"] == [{"document": "a.txt", "text": "ä?", "spans": [[1, 2]]}]
    assert lines[2]["peak"] > 1_000_000 or sys.platform != "linux"
    assert b"from C" in ran.stderr
