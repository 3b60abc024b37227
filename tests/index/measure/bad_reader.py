"""A worker whose reader of Markdown does what a reader must not."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from corpus.document import BlockKind
from corpus.readers import READERS
from corpus.readers.base import Piece, RawBlock, RawDocument, Unreadable
from index import worker


def read(data: bytes) -> RawDocument:
    """Write a file, tell of another one, call somebody, or give a traceback as the reason."""
    folder = Path(os.environ["TMPDIR"])
    (folder / "left-behind").write_text("x")
    if len(data) % 3 == 0:
        raise Unreadable("failed\nTraceback (most recent call last)")
    if len(data) % 3 == 1:
        socket.socket()
    text = (folder.parent / "hidden.txt").read_text()
    return RawDocument(text, [RawBlock(BlockKind.PARAGRAPH, ((Piece(0, len(text)),),))])


if __name__ == "__main__":
    READERS["markdown"] = read
    worker.main()
