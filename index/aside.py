"""Vectors of passages made in a process of their own, which gives way to everything else.

For a server that answers questions while it takes documents in: the model of this process is free
for the questions, and so is this process's one interpreter lock.

The process takes one JSON list of texts a line on standard input, and writes for each a line with
the number of bytes that follow (float32, one row a text), or a line with what went wrong.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import IO, cast

import numpy as np

from index.base import IndexProblem, Vectors
from index.embed import CPU, Embedder, load_embedder

log = logging.getLogger(__name__)

ROOT = Path(__file__).parents[1]

NICENESS = 5
"""How far the process stands back (``nice``): it has a third of a question's share of a core. Much
further back it would come to nothing where something else keeps the cores busy."""

FEW = 32
"""Passages that are embedded sooner than a process is started."""


class AsideEmbedder(Embedder):
    """An embedder whose passages are embedded in a process of their own, questions here.

    The first :data:`FEW` passages are embedded here, for the sake of small uploads; the next ones
    start the process, which is kept. Where it cannot be used, passages are embedded here.

    Args:
        here: embeds the questions.
        name: of the same model, as ``load_embedder`` takes it.
        device: what it runs on there.
    """

    def __init__(self, here: Embedder, name: str = "", device: str = CPU) -> None:
        self._here = here
        self._named = name
        self._device = device
        self._child: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._closed = False
        self._seen = 0

    @property
    def name(self) -> str:
        """Name of the model."""
        return self._here.name

    @property
    def dimensions(self) -> int:
        """Length of a vector."""
        return self._here.dimensions

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Vectors of passages, made aside: the same as those that are made here."""
        self._seen += len(texts)
        if not texts or self._seen <= FEW:
            return self._here.embed_passages(texts)
        with self._lock:
            try:
                return self._ask(texts)
            except (OSError, ValueError) as error:
                self._end()
                if self._closed:
                    raise IndexProblem("The server is being stopped.") from error
                log.warning("Passages are embedded in the server itself: %s", error)
        return self._here.embed_passages(texts)

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Vectors of questions, made here."""
        return self._here.embed_queries(texts)

    def close(self) -> None:
        """End the process, whatever it is doing."""
        self._closed = True
        child = self._child
        if child is not None:
            child.kill()
        with self._lock:
            self._end()

    def _ask(self, texts: Sequence[str]) -> Vectors:
        if self._closed:
            raise OSError("it was closed")
        if self._child is None:
            self._child = _start(self._named, self._device)
        requests, answers = cast(IO[bytes], self._child.stdin), cast(IO[bytes], self._child.stdout)
        requests.write(json.dumps(list(texts)).encode("ascii") + b"\n")
        requests.flush()
        said = answers.readline().decode("utf-8", "replace").strip()
        if not said.isdecimal():
            raise ValueError(said or "its process ended")
        flat = np.frombuffer(answers.read(int(said)), dtype=np.float32)
        return flat.reshape(len(texts), -1).copy()

    def _end(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child.communicate()
            self._child = None


def _start(name: str, device: str) -> subprocess.Popen[bytes]:
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    return subprocess.Popen(
        # -P: no module is taken from the folder that the person stands in.
        [sys.executable, "-P", "-m", "index.aside", name, device],
        env={**os.environ, "PYTHONPATH": path},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )


def stand_back() -> None:
    """Let every other process of this machine go first, where the system knows of that."""
    threads = Path("/proc/self/task")
    if threads.is_dir():  # Linux knows it of each thread
        niceness = os.getpriority(os.PRIO_PROCESS, 0) + NICENESS
        for thread in threads.iterdir():
            os.setpriority(os.PRIO_PROCESS, int(thread.name), min(19, niceness))
    elif hasattr(os, "nice"):
        os.nice(NICENESS)


def serve(requests: IO[bytes], answers: IO[bytes], embedder: Embedder) -> None:
    """Embed what is asked for until there are no more requests."""
    for line in requests:
        try:
            made = embedder.embed_passages(json.loads(line)).tobytes()
            answers.write(b"%d\n" % len(made) + made)
        except Exception as error:  # whatever it is, it is said by the process that asked
            said = " ".join(f"{type(error).__name__}: {error}".split())
            answers.write(said.encode("utf-8", "replace") + b"\n")
        answers.flush()


def main() -> None:
    """Serve standard input and output: ``python -m index.aside NAME DEVICE``."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    # What a library prints must not get between the vectors.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    embedder = load_embedder(sys.argv[1], device=sys.argv[2])
    # Loaded at once, on one core; only then does it stand back, so that nobody waits for its start.
    embedder.embed_passages(["Are you ready?"])
    stand_back()
    serve(sys.stdin.buffer, answers, embedder)


if __name__ == "__main__":
    main()
