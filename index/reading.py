"""Reading files in a process of their own, with limits: what goes wrong there stays there."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from abc import abstractmethod
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, NamedTuple, cast

from corpus.document import Document, Passage
from index import frames
from index.base import Closing
from index.find import FoundFile
from index.frames import Frame
from index.pack import document_from_bytes, passage_from_json
from index.settings import Settings
from index.weights import cores
from index.worker import OUT_OF_MEMORY, read_file

ROOT = Path(__file__).parents[1]
WORKER = ("-m", "index.worker")
_MB = 1_000_000
_CORES_A_WORKER, _MOST_WORKERS = 4, 4
"""Embedding what one process reads keeps several cores busy."""
_AHEAD = 32 * _MB
"""Bytes of frames that may wait while the caller is busy with those before."""


class Limits(NamedTuple):
    """What one file may cost.

    Attributes:
        seconds: for any file; each MB of it adds another one.
        memory: MB of data that the reading process may hold.
    """

    seconds: float
    memory: int

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        """The limits that the person chose."""
        return cls(settings.read_seconds, settings.read_memory)

    def seconds_for(self, path: Path) -> float:
        """How long this file may take."""
        try:
            return self.seconds + path.stat().st_size / _MB
        except OSError:
            return self.seconds


@dataclass(frozen=True, slots=True)
class Found:
    """A document of a file; ``key`` names it where the file holds many.

    ``sha256`` is of all that was read; ``source`` its path as the person gave it.
    """

    key: str | None
    id: str
    source: str
    sha256: str
    frame: Frame

    def unpack(self) -> tuple[Document, list[Passage]]:
        """The document and its passages."""
        bare = document_from_bytes(self.frame.body)
        document = replace(bare, info=replace(bare.info, source=self.source))
        cut = [passage_from_json(self.id, *fields) for fields in self.frame.head["passages"]]
        return document, cut


class Refused(NamedTuple):
    """A record that could not be read: the reason goes on from its name, the hint is a sentence."""

    key: str | None
    reason: str
    hint: str | None


class End(NamedTuple):
    """The end of a file: the sha256 of its bytes; where the file failed, the reason and a hint."""

    sha256: str
    reason: str | None = None
    hint: str | None = None


Event = Found | Refused | End


class Reading(Closing):
    """Reads files, one after the other.

    Attributes:
        ahead: how many files after the one that is read are worth expecting.
    """

    ahead = 1

    @abstractmethod
    def read(self, file: FoundFile) -> Iterator[Event]:
        """What a file holds, in its order, and last its end. Nothing is raised for a bad file."""

    @abstractmethod
    def expect(self, file: FoundFile) -> None:
        """Say that this file is the next to be read, so that it can be begun early."""


class ReadingHere(Reading):
    """Reads in this process, without limits: for tests and for what is known to be harmless."""

    def read(self, file: FoundFile) -> Iterator[Event]:
        """What a file holds, and last its end."""
        for frame in read_file(str(file.path), file.source):
            yield _event(frame)

    def expect(self, file: FoundFile) -> None:
        """Nothing is begun early."""

    def close(self) -> None:
        """Nothing is held."""


class Worker(Reading):
    """Reads in a process of its own, which is replaced when a file breaks it.

    A file's time is what its reading keeps the caller waiting, and the processor time it takes.

    Args:
        limits: what one file may cost.
        command: starts the process; the memory limit in MB is added.
        niceness: how far the process stands back behind all others (``nice``).
    """

    def __init__(
        self,
        limits: Limits,
        command: Sequence[str] = WORKER,
        niceness: int = 0,
    ) -> None:
        self._limits = limits
        self._command = command
        self._niceness = niceness
        self._child: _Child | None = None
        self._asked: list[FoundFile] = []

    def expect(self, file: FoundFile) -> None:
        """Let the process begin with a file while the caller is busy."""
        child = self._running()
        if file not in self._asked:
            self._asked.append(file)
            child.ask(file, self._limits.seconds_for(file.path))

    def read(self, file: FoundFile) -> Iterator[Event]:
        """What a file holds, and last its end; a limit that it broke is its reason."""
        seconds = left = self._limits.seconds_for(file.path)
        self.expect(file)
        child = self._running()
        while True:
            begun = time.monotonic()
            try:
                frame = child.pipe.get(left)
            except TimeoutError:
                self._asked.remove(file)
                self.close()
                yield self._too_slow(seconds)
                return
            left = max(0.0, left - (time.monotonic() - begun))
            if frame is None:
                code = child.end()
                self._asked.remove(file)
                self.close()
                yield self._broken(code, seconds)
                return
            if frame.head["kind"] != "end":
                yield _event(frame)
                continue
            self._asked.remove(file)
            if frame.head.get("tired"):
                self.close()
            yield self._too_large(frame.head["sha256"]) if "memory" in frame.head else _event(frame)
            return

    def close(self) -> None:
        """End the process."""
        if self._child is not None:
            self._child.close()
            self._child = None

    def _running(self) -> _Child:
        if self._child is None:
            self._child = _Child(self._command, self._limits.memory)
            if self._niceness and hasattr(os, "setpriority"):
                os.setpriority(os.PRIO_PROCESS, self._child.pid, self._niceness)
            # Those that waited for the process before this one, in their order.
            for file in self._asked:
                self._child.ask(file, self._limits.seconds_for(file.path))
        return self._child

    def _broken(self, code: int, seconds: float) -> End:
        """Why a process ended in the middle of a file."""
        if code == OUT_OF_MEMORY:
            return self._too_large("")
        if code == -_SIGXCPU:
            return self._too_slow(seconds)
        return End("", "makes its reader crash", "The file may be damaged; try to save it anew.")

    def _too_slow(self, seconds: float) -> End:
        hint = "PINCITE_READ_SECONDS allows more."
        return End("", f"cannot be read within {seconds:.0f} seconds", hint)

    def _too_large(self, sha256: str) -> End:
        reason = f"needs more than {self._limits.memory:,} MB of memory to be read"
        return End(sha256, reason, "PINCITE_READ_MEMORY allows more.")


class Workers(Reading):
    """Several :class:`Worker` processes that read the next files while the caller is busy.

    Which of them reads a file makes no difference to what is found in it.

    Args:
        limits: what one file may cost.
        count: how many processes; if left out, one for every four cores, four at most.
        command: starts a process; the memory limit in MB is added.
        niceness: how far the processes stand back behind all others (``nice``).
    """

    def __init__(
        self,
        limits: Limits,
        count: int | None = None,
        command: Sequence[str] = WORKER,
        niceness: int = 0,
    ) -> None:
        self.ahead = count or max(1, min(_MOST_WORKERS, cores() // _CORES_A_WORKER))
        self._workers = [Worker(limits, command, niceness) for _ in range(self.ahead)]
        self._given: dict[FoundFile, Worker] = {}

    def expect(self, file: FoundFile) -> None:
        """Let the process that has the least to do begin with a file."""
        if file not in self._given:
            given = Counter(id(worker) for worker in self._given.values())
            worker = min(self._workers, key=lambda one: given[id(one)])
            self._given[file] = worker
            worker.expect(file)

    def read(self, file: FoundFile) -> Iterator[Event]:
        """What a file holds, and last its end; a limit that it broke is its reason."""
        self.expect(file)
        try:
            yield from self._given[file].read(file)
        finally:
            del self._given[file]

    def close(self) -> None:
        """End the processes."""
        for worker in self._workers:
            worker.close()


_SIGXCPU = 24
"""Its number everywhere that has it."""


class _Child:
    """One process, and the thread that takes in its frames."""

    def __init__(self, command: Sequence[str], memory: int) -> None:
        path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
        single = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        self._process = subprocess.Popen(
            # -P: no module is taken from the folder that the person stands in.
            [sys.executable, "-P", *command, str(memory)],
            env={**os.environ, **single, "PYTHONPATH": path},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._stdin = cast(IO[bytes], self._process.stdin)
        self._stdout = cast(IO[bytes], self._process.stdout)
        self.pipe = _Pipe()
        self._thread = threading.Thread(target=self._take_in, daemon=True)
        self._thread.start()

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    def ask(self, file: FoundFile, seconds: float) -> None:
        """Ask for a file."""
        request = {"path": str(file.path), "source": file.source, "seconds": seconds}
        try:
            self._stdin.write(json.dumps(request).encode("ascii") + b"\n")
            self._stdin.flush()
        except OSError:  # it has died; that is noticed where its frames are read
            return

    def end(self) -> int:
        """Wait until it has ended; gives its exit code, negative for a signal."""
        return self._process.wait()

    def close(self) -> None:
        """Kill it."""
        self._process.kill()
        self.pipe.close()
        self._thread.join()
        self._process.wait()
        with contextlib.suppress(OSError):  # a request that it never took
            self._stdin.close()
        self._stdout.close()

    def _take_in(self) -> None:
        try:
            while self.pipe.put(frame := frames.read(self._stdout)) and frame is not None:
                pass
        except (OSError, ValueError):  # what stands in the pipe is no frame
            self.pipe.put(None)


class _Pipe:
    """Frames between two threads, at most ``_AHEAD`` bytes of them waiting; None is the end."""

    def __init__(self) -> None:
        self._frames: deque[Frame | None] = deque()
        self._bytes = 0
        self._closed = False
        self._changed = threading.Condition()

    def put(self, frame: Frame | None) -> bool:
        """Add a frame once there is room for it; False where nobody will take it."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._bytes <= _AHEAD)
            self._frames.append(frame)
            self._bytes += _size(frame)
            self._changed.notify_all()
            return not self._closed

    def get(self, seconds: float) -> Frame | None:
        """Take the next frame.

        Raises:
            TimeoutError: none came.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: bool(self._frames), seconds):
                raise TimeoutError
            frame = self._frames.popleft()
            self._bytes -= _size(frame)
            self._changed.notify_all()
            return frame

    def close(self) -> None:
        """Let no one wait any longer."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()


def _size(frame: Frame | None) -> int:
    # The passages of the head weigh about as much as the document's bytes.
    return 2 * len(frame.body) if frame is not None else 0


def _event(frame: Frame) -> Event:
    head = frame.head
    if head["kind"] == "document":
        return Found(head["key"], head["id"], head["source"], head["sha256"], frame)
    if head["kind"] == "refused":
        return Refused(head["key"], head["reason"], head.get("hint"))
    if "memory" in head:
        return End(head["sha256"], "needs more memory to be read than there is")
    return End(head["sha256"], head.get("reason"), head.get("hint"))
