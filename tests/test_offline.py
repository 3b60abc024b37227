"""The main job works with every outside socket blocked, and never even tries to open one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# Run before anything else is imported, in a process of its own: no library can keep an earlier
# reference to the functions that are guarded here.
GUARDED = """
import socket, sys

def outside(address):
    host = address[0] if isinstance(address, tuple) else ""
    return bool(host) and host not in ("127.0.0.1", "::1", "localhost", "0.0.0.0", "::")

def guard(name):
    inner = getattr(socket.socket, name)
    def guarded(self, address, *rest):
        if outside(address):
            print(f"tried to reach {address}", file=sys.stderr)
            raise OSError("no network here")
        return inner(self, address, *rest)
    setattr(socket.socket, name, guarded)

for name in ("connect", "connect_ex"):
    guard(name)

resolve = socket.getaddrinfo
def guarded_resolve(host, *rest, **named):
    if host not in (None, "", "127.0.0.1", "::1", "localhost", "0.0.0.0", "::"):
        print(f"tried to look up {host}", file=sys.stderr)
        raise socket.gaierror("no network here")
    return resolve(host, *rest, **named)
socket.getaddrinfo = guarded_resolve

from qa.cli import main
main()
"""


def pincite(*arguments: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("HF_", "TRANSFORMERS"))}
    environment["PYTHONPATH"] = str(ROOT)
    environment["HF_HOME"] = str(folder / "no-models-here")
    return subprocess.run(
        [sys.executable, "-c", GUARDED, *map(str, arguments)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


@pytest.mark.slow
def test_index_ask_batch_eval_and_verify_need_no_network(tmp_path: Path) -> None:
    papers = tmp_path / "papers"
    papers.mkdir()
    (papers / "mice.md").write_text("# Mice\n\nMice lived for 12 weeks. They ate well.\n")
    (tmp_path / "questions.txt").write_text("How long did the mice live?\nWhat is a comet?\n")
    for arguments in (
        ("index", "papers"),
        ("ask", "How long did the mice live?", "--json", "--risk", "1"),
        ("batch", "questions.txt", "-o", "answers.jsonl", "--risk", "1"),
        ("eval", "questions.txt"),
        ("verify", "answers.jsonl"),
        ("status",),
    ):
        done = pincite(*arguments, folder=tmp_path)
        assert done.returncode == 0, (arguments, done.stdout, done.stderr)
        assert "tried to" not in done.stderr
    assert "Mice lived for 12 weeks." in (tmp_path / "answers.jsonl").read_text()


def test_the_guard_itself_catches_an_outside_address(tmp_path: Path) -> None:
    attempt = GUARDED.replace(
        "from qa.cli import main\nmain()",
        "import urllib.request\nurllib.request.urlopen('http://example.org')",
    )
    done = subprocess.run(
        [sys.executable, "-c", attempt], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode != 0
    assert "tried to look up example.org" in done.stderr
