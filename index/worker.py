"""The process that reads files for the index, so that no file can take the rest down with it.

It takes one JSON object a line on standard input (``path``, ``source``, ``seconds``), reads that
file, and writes what it found to standard output as frames (:mod:`index.frames`), the last of them
``end``. It opens no socket, starts no program, and leaves when standard input ends.
"""

from __future__ import annotations

import hashlib
import json
import logging
import math
import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

from corpus.document import Document
from corpus.load import LoadError, load_all, read_bytes
from corpus.passages import passages
from index.frames import Frame, write
from index.pack import document_bytes, passage_to_json

log = logging.getLogger(__name__)

OUT_OF_MEMORY = 77
"""Exit code of a worker that could not even say that its memory was used up."""

_MB = 1_000_000
_CPU_SLACK = 5
_LONGEST = 300
_FORBIDDEN = ("socket.", "subprocess.", "os.system", "os.exec", "os.posix_spawn", "os.fork")


def read_file(path: str, source: str) -> Iterator[Frame]:
    """Read one file: its documents with their passages, then ``end``.

    Args:
        path: where it is.
        source: the path as the person gave it.
    """
    end: dict[str, Any] = {"kind": "end", "sha256": ""}
    try:
        data = read_bytes(Path(path))
        end["sha256"] = hashlib.sha256(data).hexdigest()
        empty = True
        for found in load_all(data, source):
            empty = False
            yield _refused(found, source) if isinstance(found, LoadError) else _found(found, source)
        if empty:
            raise LoadError(source, "holds no records")
    except LoadError as error:
        end |= {"reason": error.reason, "hint": error.hint}
    except MemoryError:
        end |= {"memory": True}
    except RecursionError:
        end |= {"reason": "is nested too deeply to be read"}
    except Exception as error:
        # A reader that stumbles over one file must not cost the person all others.
        log.debug("%s", path, exc_info=True)
        said = " ".join(str(error).split())[:_LONGEST] or "no message"
        end |= {"reason": f"cannot be read ({type(error).__name__}: {said})"}
    yield Frame(end)


def _found(document: Document, source: str) -> Frame:
    cut = passages(document)
    named = _text(document.info.source)
    key = _key(named, source)
    if not cut:
        return Frame({"kind": "refused", "key": key, "reason": "has no text that could be quoted"})
    # Without its path: the same record read from the same place is the same, however it is named.
    bare = document_bytes(replace(document, info=replace(document.info, source="")))
    head = {
        "kind": "document",
        "key": key,
        "id": document.id,
        "source": named,
        "sha256": hashlib.sha256(bare).hexdigest(),
        "passages": [[p.start, p.end, passage_to_json(p)] for p in cut],
    }
    return Frame(head, bare)


def _refused(error: LoadError, source: str) -> Frame:
    key = _key(_text(error.path), source)
    head = {"kind": "refused", "key": key, "reason": error.reason, "hint": error.hint}
    return Frame(head)


def _text(words: str) -> str:
    """The words without characters that no file can hold (halves of UTF-16 pairs)."""
    return words.encode("utf-8", "replace").decode()


def _key(found: str, source: str) -> str | None:
    """A record's key, from the source that it was given; None of a whole file."""
    return found.removeprefix(f"{source}#") if found.startswith(f"{source}#") else None


def serve(requests: IO[bytes], answers: IO[bytes], memory: int) -> None:
    """Read the files that are asked for until there are no more requests.

    Args:
        requests: one JSON object a line.
        answers: takes the frames.
        memory: how many MB this process may use; past half of them it asks to be replaced, so that
            what one file left behind is not counted against the next.
    """
    for line in requests:
        request = json.loads(line)
        _limit_seconds(float(request["seconds"]))
        for frame in read_file(request["path"], request["source"]):
            if frame.head["kind"] == "end" and _used() > memory * _MB / 2:
                frame.head["tired"] = True
            write(answers, frame)
            answers.flush()  # what was read before a crash is not lost with it


def main() -> None:
    """Serve standard input and output: ``python -m index.worker MEMORY``."""
    memory = int(sys.argv[1])
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it is the parent that stops a run
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    # What a library prints must not get between the frames.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    _limit_memory(memory)
    sys.addaudithook(_refuse)
    try:
        serve(sys.stdin.buffer, answers, memory)
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    except BrokenPipeError:  # the parent is gone
        os._exit(0)


def _refuse(event: str, _: tuple[object, ...]) -> None:
    if event.startswith(_FORBIDDEN):
        raise PermissionError(f"reading a file does not need {event}")


def _limit_memory(megabytes: int) -> None:
    """Cap the data of this process, on systems that can."""
    try:
        import resource
    except ImportError:  # Windows
        return
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    limit = megabytes * _MB
    if hard != resource.RLIM_INFINITY:
        limit = min(limit, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))


def _limit_seconds(seconds: float) -> None:
    """Let the system end this process should its parent be gone: a little after the limit."""
    try:
        import resource
    except ImportError:  # Windows
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    limit = math.ceil(used.ru_utime + used.ru_stime + seconds) + _CPU_SLACK
    if hard != resource.RLIM_INFINITY:
        limit = min(limit, hard)
    resource.setrlimit(resource.RLIMIT_CPU, (limit, hard))


def _used() -> int:
    """Bytes of data that this process holds; 0 where the system does not tell."""
    try:
        fields = Path("/proc/self/statm").read_text("ascii").split()
        return int(fields[5]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0


if __name__ == "__main__":
    main()
