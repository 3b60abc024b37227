"""Runs a system's runner as a process of its own, with a clock and an eye on its memory."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

from qa.measure.peers.protocol import Found, Request, Words
from qa.measure.peers.systems import System, python_of

ROOT = Path(__file__).parents[3]
PATIENCE = 4 * 60.0
"""Minutes after which a runner is given up, where no other number is said."""
LOOK = 0.1
"""Seconds between two looks at the memory."""
_OFFLINE = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "HAYSTACK_TELEMETRY_ENABLED": "False",
    "PYTHONWARNINGS": "ignore",
}


class RunnerFailed(Exception):
    """A runner came to nothing; the message is its last line."""


@dataclass(slots=True)
class Line:
    """One line of a runner, and how many seconds after its start it came."""

    said: dict[str, Any]
    at: float


@dataclass(slots=True)
class Watched:
    """A runner that is watched.

    Attributes:
        process: the runner, which leads a session of its own.
        began: when it was started, on the clock of ``time.monotonic``.
        patience: minutes after which it is given up.
        peak: most resident bytes of it and its children that were seen.
        given_up: whether it was.
        taken: how far it got, in words; empty where it does not tell.
    """

    process: subprocess.Popen[str]
    began: float
    patience: float = PATIENCE
    peak: int = 0
    given_up: bool = False
    taken: str = ""
    _ended: threading.Event = field(default_factory=threading.Event)

    def lines(self) -> Iterator[Line]:
        """What it says, as it comes."""
        if self.process.stdout is None:
            raise RunnerFailed("the runner has no output")
        for line in self.process.stdout:
            said = json.loads(line)
            self.peak = max(self.peak, int(said.get("peak", 0)))
            if said["event"] == "taken":
                self.taken = f", {said['documents']:,} of {said['of']:,} documents taken"
            yield Line(said, time.monotonic() - self.began)

    def look(self) -> None:
        """Look at the memory until :meth:`stop`."""
        while not self._ended.wait(LOOK):
            self.peak = max(self.peak, resident(self.process.pid))
            if time.monotonic() - self.began > 60 * self.patience:
                self.given_up = True
                os.killpg(self.process.pid, signal.SIGKILL)
                return

    def stop(self) -> None:
        """End the looking."""
        self._ended.set()


def run_ingest(
    system: System, request: Request, where: Path, cores: int, patience: float = PATIENCE
) -> tuple[Line, Line, int]:
    """Let a system store the papers.

    Args:
        system: which one.
        request: with the step ``ingest``.
        where: folder of the environments.
        cores: how many threads its libraries may use; 0 for their own choice.
        patience: minutes after which it is given up.

    Returns:
        Its ``ready`` line, its ``ingested`` line, and its peak resident bytes.

    Raises:
        RunnerFailed: it came to nothing, or was not done in time.
    """
    with watched(system, request, where, cores, patience) as runner:
        lines = {line.said["event"]: line for line in runner.lines()}
    try:
        return lines["ready"], lines["ingested"], runner.peak
    except KeyError:
        raise RunnerFailed("the runner ended without a word") from None


def run_ask(
    system: System, request: Request, where: Path, cores: int
) -> tuple[list[tuple[float, Found]], float, int]:
    """Let a system answer questions from what it stored.

    Returns:
        Seconds and finds of each question; seconds from the start of the process to the first
        answer; peak resident bytes.

    Raises:
        RunnerFailed: it came to nothing, or left questions out.
    """
    with watched(system, request, where, cores) as runner:
        answers = [line for line in runner.lines() if line.said["event"] == "answer"]
    if len(answers) != len(request.questions):
        raise RunnerFailed(f"{len(answers)} answers to {len(request.questions)} questions")
    found = [(float(line.said["seconds"]), _found(line.said)) for line in answers]
    return found, answers[0].at, runner.peak


@contextmanager
def watched(
    system: System, request: Request, where: Path, cores: int, patience: float = PATIENCE
) -> Iterator[Watched]:
    """Start a runner, hand it its request, watch it, and make sure that it ended well."""
    python = python_of(system, where)
    environment = {**os.environ, **_OFFLINE, "PYTHONPATH": str(ROOT)}
    if cores:
        environment["OMP_NUM_THREADS"] = str(cores)
    log = Path(request.store).with_suffix(".log")
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w+", encoding="utf-8", errors="replace") as errors:
        began = time.monotonic()
        process = subprocess.Popen(
            [str(python), "-m", f"qa.measure.peers.runners.{system.runner}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            encoding="utf-8",
            env=environment,
            cwd=ROOT,
            start_new_session=True,
        )
        runner = Watched(process, began, patience)
        looking = threading.Thread(target=runner.look, daemon=True)
        looking.start()
        try:
            _hand_over(process.stdin, request)
            yield runner
            process.wait()
        finally:
            runner.stop()
            looking.join()
            if process.poll() is None:
                process.kill()
                process.wait()
            if process.stdout is not None:
                process.stdout.close()
        if runner.given_up:
            raise RunnerFailed(f"not done after {patience:g} minutes{runner.taken}")
        if process.returncode:
            raise RunnerFailed(_last_line(errors) or f"it ended with code {process.returncode}")


def resident(session: int) -> int:
    """Resident bytes of all processes of a session, summed; what they share counts for each.

    0 where the system has no ``/proc``.
    """
    pages = 0
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            fields = (entry / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()
        except OSError:
            continue  # it ended between the two looks
        if int(fields[3]) == session:
            pages += int(fields[21])
    return pages * os.sysconf("SC_PAGE_SIZE")


def size_of(folder: Path) -> int:
    """Bytes of all files of a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _hand_over(stdin: IO[str] | None, request: Request) -> None:
    if stdin is None:
        raise RunnerFailed("the runner has no input")
    try:
        stdin.write(json.dumps(asdict(request)))
        stdin.close()
    except BrokenPipeError:
        return  # it has ended already, and says why on standard error


def _found(said: dict[str, Any]) -> Found:
    passages, sentences = (
        [
            Words(w["document"], w["text"], tuple((start, end) for start, end in w["spans"]))
            for w in said[name]
        ]
        for name in ("passages", "sentences")
    )
    return Found(passages, sentences)


def _last_line(errors: IO[str]) -> str:
    errors.seek(0)
    lines = [line.strip() for line in errors if line.strip()]
    return lines[-1][:300] if lines else ""
