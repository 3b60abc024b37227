"""What a worker says, in frames: a JSON head and, behind it, plain bytes. Never pickle."""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from typing import IO, Any

_SIZES = struct.Struct("<IQ")


@dataclass(frozen=True, slots=True)
class Frame:
    """One thing that was found in a file.

    Attributes:
        head: ``kind`` is ``document``, ``refused`` (a record) or ``end`` (of the file).
        body: of a document, its bytes (:func:`index.pack.document_bytes`), without its source.
    """

    head: dict[str, Any]
    body: bytes = b""


def write(stream: IO[bytes], frame: Frame) -> None:
    """Write a frame."""
    head = json.dumps(frame.head, separators=(",", ":")).encode("ascii")
    stream.write(_SIZES.pack(len(head), len(frame.body)))
    stream.write(head)
    stream.write(frame.body)


def read(stream: IO[bytes]) -> Frame | None:
    """Read the next frame; None where the stream ends, be it in the middle of one."""
    sizes = stream.read(_SIZES.size)
    if len(sizes) < _SIZES.size:
        return None
    head_size, body_size = _SIZES.unpack(sizes)
    head, body = stream.read(head_size), stream.read(body_size)
    if len(head) < head_size or len(body) < body_size:
        return None
    return Frame(json.loads(head), body)
