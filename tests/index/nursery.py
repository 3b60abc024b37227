"""Runs indexing jobs in forked children, which a test can kill one by one.

The model is loaded once, in the parent. Each line of standard input is a job as JSON (``index``,
``folder``, and ``worker`` where files are to be read by another command); the answer is the child's
process id on one line and, when it has ended, ``done``, ``killed`` or ``failed`` on the next, which
is to be confirmed with an empty line.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from pathlib import Path
from typing import Any

from index import ingest as ingest_module
from index import open_index
from index.embed import Embedder, load_embedder
from index.ingest import ingest
from index.reading import Limits, Worker
from index.settings import Settings


def run(job: dict[str, Any], embedder: Embedder) -> int:
    """Index the folder of a job; gives the exit code."""
    limits = Limits.of(Settings())
    reading = Worker(limits, job["worker"]) if "worker" in job else Worker(limits)
    try:
        with open_index(job["index"], embedder) as index:
            ingest(index, embedder, [Path(job["folder"])], prune=True, reading=reading)
    except Exception:
        traceback.print_exc()
        return 1
    return 0


def say(word: object) -> None:
    """Answer with one line."""
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def main() -> None:
    """Serve jobs until standard input ends."""
    # Publish after every file, so that many kills fall into that.
    ingest_module.SYNC_SECONDS = 0.0
    ingest_module.SYNC_SHARE = float("inf")
    embedder = load_embedder()
    # One text: a pool of threads would not survive the fork.
    embedder.embed_passages(["The model is loaded before the first fork."])
    while line := sys.stdin.readline():
        child = os.fork()
        if child == 0:
            os._exit(run(json.loads(line), embedder))
        say(child)
        # The dead child is not buried before the test has read of it: until then its process id
        # cannot pass to a stranger, whom a late kill would hit.
        end = os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
        killed = end is not None and end.si_code == os.CLD_KILLED
        say("killed" if killed else "done" if end and end.si_status == 0 else "failed")
        sys.stdin.readline()
        os.waitpid(child, 0)


if __name__ == "__main__":
    main()
