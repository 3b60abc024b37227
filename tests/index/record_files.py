"""A small reader of RIS files for tests, some of whose records do harm.

``python -m tests.index.record_files`` is a worker that has it.
"""

from __future__ import annotations

import ctypes
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from corpus.document import BlockKind
from corpus.readers import RECORD_READERS
from corpus.readers.base import Metadata, Piece, RawBlock, RawDocument, Unreadable
from index import worker

WORKER = ("-m", "tests.index.record_files")
_RECORD = re.compile(r"TY  - JOUR\nID  - (?P<key>.*)\nTI  - (?P<title>.*)\nAB  - (?P<text>.*)\nER")


def write_records(path: Path, records: Mapping[str, str] | list[tuple[str, str]]) -> None:
    """Write a file of records: the text of each by its key, which also gives its title."""
    pairs = records.items() if isinstance(records, Mapping) else records
    path.write_text(
        "".join(
            f"TY  - JOUR\nID  - {key}\nTI  - On {key}\nAB  - {text}\nER  - \n\n"
            for key, text in pairs
        ),
        "utf-8",
    )


def read(data: bytes) -> Iterator[RawDocument | Unreadable]:
    """Read such a file."""
    text = data.decode()
    for match in _RECORD.finditer(text):
        harm(match["text"])
        if match["text"].startswith("BAD"):
            yield Unreadable("has no abstract", "Export it again.", match["key"] or None)
            continue
        first = match.start()
        title, abstract = (
            (Piece(match.start(name) - first, match.end(name) - first),)
            for name in ("title", "text")
        )
        yield RawDocument(
            raw=match.group(),
            blocks=[
                RawBlock(BlockKind.TITLE, (title,)),
                RawBlock(BlockKind.PARAGRAPH, (abstract,)),
            ],
            metadata=Metadata(title=match["title"]),
            format="ris",
            key=match["key"] or None,
            first=first,
            record=match.group().encode(),
        )


def harm(text: str) -> None:
    """Do what a record asks for."""
    for word, deed in DEEDS.items():
        if text.startswith(word):
            deed()


def _tear() -> None:
    raise Unreadable("ends in the middle of a record")


def _spin() -> None:
    while True:
        pass


def _sink() -> None:
    _sink()


DEEDS: dict[str, Callable[[], object]] = {
    "TORN": _tear,
    "STUMBLE": lambda: 1 // 0,
    "DEEP": _sink,
    "DIE": lambda: os._exit(3),
    "SEGFAULT": lambda: ctypes.string_at(0),
    "HANG": lambda: time.sleep(3600),
    "SPIN": _spin,
    "EAT": lambda: bytearray(4_000_000_000),
    "CONNECT": lambda: socket.create_connection(("192.0.2.1", 80), timeout=1),
    "RUN": lambda: subprocess.run([sys.executable, "-c", ""], check=False),
    "PRINT": lambda: os.write(1, b"what a library has to say"),
}


if __name__ == "__main__":
    RECORD_READERS["ris"] = read
    worker.main()
