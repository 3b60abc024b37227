"""What a runner and the bench say to each other: one request in, lines of JSON out.

A runner is a process of its own, in the environment of the program it runs, so this module uses
the standard library alone. The bench writes one :class:`Request` to the runner's standard input.
The runner answers on standard output, one JSON object a line, told apart by ``event``:

- ``ready``: libraries and model are loaded; ``versions`` of the packages that matter;
- ``taken``: ``documents`` that are read so far, ``of`` how many; only from programs that take the
  papers one by one, so that what is given up has got somewhere;
- ``ingested``: ``documents``, ``passages``, ``seconds`` from the first file read to the last byte
  stored;
- ``answer``: ``seconds``, ``passages`` and ``sentences``, both best first, one line a question;
- ``ended``: ``peak``, the most resident bytes of the process alone. The bench looks at the children
  too, but only now and then.

Whatever the libraries print goes to standard error. A runner that cannot do it ends with a code
other than 0 and its reason as the last line there.
"""

from __future__ import annotations

import json
import os
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import ClassVar, Literal, TextIO


@dataclass(frozen=True, slots=True)
class Request:
    """What a runner is to do.

    Attributes:
        step: ``ingest`` makes the store from the papers, ``ask`` opens it and asks.
        papers: folder of text files.
        store: folder that holds, and is to hold, all the program keeps.
        model: folder of the sentence-transformers model.
        variant: which way of setting the program up, where it has several.
        reader: folder of a question-answering model; empty where none is used.
        questions: what to ask, in this order.
        depth: how many passages are wanted for each.
    """

    step: Literal["ingest", "ask"]
    papers: str
    store: str
    model: str
    variant: str = ""
    reader: str = ""
    questions: tuple[str, ...] = ()
    depth: int = 10


@dataclass(frozen=True, slots=True)
class Words:
    """A passage or sentence that a program gives.

    Attributes:
        document: the file's name.
        text: its words.
        spans: where the program says that they stand: ``[start, end)`` in characters of the file;
            empty where it does not say.
    """

    document: str
    text: str
    spans: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """What a program finds for a question, best first; ``sentences`` only where it picks any."""

    passages: Sequence[Words]
    sentences: Sequence[Words] = field(default=())


class Peer(ABC):
    """A program, set up as its own documentation recommends.

    Args:
        request: what it is to do.
        say: says one line of the protocol.
    """

    packages: ClassVar[tuple[str, ...]]
    """The packages whose versions are told."""

    def __init__(self, request: Request, say: Callable[..., None]) -> None:
        self.request = request
        self.store = Path(request.store)
        self._say = say

    def one_by_one(self, papers: Sequence[Path]) -> Iterator[Path]:
        """The papers, for a program that takes them as it goes; how far it got is told."""
        for taken, path in enumerate(papers, start=1):
            yield path
            self._say(event="taken", documents=taken, of=len(papers))

    @abstractmethod
    def prepare(self) -> None:
        """Import what is needed and load the model."""

    @abstractmethod
    def ingest(self, papers: Sequence[Path]) -> int:
        """Read, cut up, embed and store the papers; the number of passages."""

    @abstractmethod
    def open(self) -> None:
        """Open what :meth:`ingest` stored."""

    @abstractmethod
    def ask(self, question: str) -> Found:
        """Answer one question."""


def read_paper(path: Path) -> str:
    """A paper's text with every character as it is: line ends are not translated."""
    return path.read_bytes().decode("utf-8")


def run(kind: type[Peer]) -> None:
    """Do what standard input asks for, and say so on standard output."""
    out = _own_output()
    asked = json.loads(sys.stdin.read())
    asked["questions"] = tuple(asked["questions"])
    request = Request(**asked)
    say = partial(_say, out)
    peer = kind(request, say)
    peer.prepare()
    say(event="ready", versions={name: version(name) for name in kind.packages})
    if request.step == "ingest":
        peer.store.mkdir(parents=True, exist_ok=True)
        papers = sorted(Path(request.papers).glob("*.txt"))
        began = time.perf_counter()
        passages = peer.ingest(papers)
        seconds = time.perf_counter() - began
        say(event="ingested", documents=len(papers), passages=passages, seconds=seconds)
        say(event="ended", peak=peak_memory())
        return
    peer.open()
    for question in request.questions:
        began = time.perf_counter()
        found = peer.ask(question)
        seconds = time.perf_counter() - began
        passages_, sentences = map(_plain, (found.passages, found.sentences))
        say(event="answer", seconds=seconds, passages=passages_, sentences=sentences)
    say(event="ended", peak=peak_memory())


def peak_memory() -> int:
    """The most resident bytes that this process had; 0 where the system does not tell."""
    try:
        lines = Path("/proc/self/status").read_text("ascii", "replace").splitlines()
    except OSError:
        return 0
    return sum(1024 * int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


def _own_output() -> TextIO:
    """Standard output for the protocol alone: what libraries print there goes to standard error."""
    own = os.dup(1)
    os.dup2(2, 1)
    return os.fdopen(own, "w", encoding="utf-8")


def _say(out: TextIO, **line: object) -> None:
    out.write(json.dumps(line, ensure_ascii=False) + "\n")
    out.flush()


def _plain(words: Sequence[Words]) -> list[dict[str, object]]:
    return [asdict(one) for one in words]
