"""A document as bytes and back: zlib over JSON and plain number arrays, never pickle.

Layout before compression: the length of the JSON header (4 bytes, little-endian), the header in
ASCII, then the arrays it lists, one after the other, little-endian, row by row.
"""

from __future__ import annotations

import json
import struct
import zlib
from typing import Any

import numpy as np
import numpy.typing as npt

from corpus.document import (
    Block,
    BlockKind,
    Document,
    DocumentInfo,
    Passage,
    Places,
    SourceMap,
    Span,
)

VERSION = 1
_MAP_FIELDS = ("reading", "length", "source", "source_length")
_PLACE_FIELDS = ("start", "end", "page", "box")


def pack_document(document: Document) -> bytes:
    """The whole document as bytes."""
    return zlib.compress(document_bytes(document))


def document_bytes(document: Document) -> bytes:
    """The whole document before compression; equal documents give equal bytes everywhere."""
    arrays = [getattr(document.source_map, name) for name in _MAP_FIELDS]
    if document.places is not None:
        arrays += [getattr(document.places, name) for name in _PLACE_FIELDS]
    header = {
        "version": VERSION,
        "info": info_to_json(document.info),
        "text": document.text,
        "blocks": [_block_to_json(block) for block in document.blocks],
        "arrays": [list(array.shape) for array in arrays],
    }
    head = json.dumps(header, separators=(",", ":")).encode("ascii")
    body = b"".join(_array_to_bytes(array) for array in arrays)
    return struct.pack("<I", len(head)) + head + body


def unpack_document(data: bytes) -> Document:
    """The document that :func:`pack_document` packed.

    Raises:
        ValueError: the bytes are damaged, or of a later version.
    """
    try:
        return document_from_bytes(zlib.decompress(data))
    except zlib.error as error:
        raise ValueError(f"a stored document is damaged: {error}") from error


def document_from_bytes(raw: bytes) -> Document:
    """The document that :func:`document_bytes` wrote.

    Raises:
        ValueError: the bytes are damaged, or of a later version.
    """
    try:
        (length,) = struct.unpack_from("<I", raw)
        header = json.loads(raw[4 : 4 + length])
    except (struct.error, ValueError) as error:
        raise ValueError(f"a stored document is damaged: {error}") from error
    if header["version"] != VERSION:
        raise ValueError(f"a stored document is of version {header['version']}, not {VERSION}")
    arrays = _arrays(raw, 4 + length, header["arrays"])
    places = None
    if len(arrays) > len(_MAP_FIELDS):
        places = Places(*arrays[len(_MAP_FIELDS) :])
    return Document(
        info=info_from_json(header["info"]),
        text=header["text"],
        blocks=tuple(_block_from_json(block) for block in header["blocks"]),
        source_map=SourceMap(*arrays[: len(_MAP_FIELDS)]),
        places=places,
    )


def info_to_json(info: DocumentInfo) -> dict[str, Any]:
    """A document's metadata as a JSON object."""
    return {name: getattr(info, name) for name in DocumentInfo.__slots__}


def info_from_json(fields: dict[str, Any]) -> DocumentInfo:
    """The metadata that :func:`info_to_json` gave."""
    return DocumentInfo(**{**fields, "authors": tuple(fields["authors"])})


def passage_to_json(passage: Passage) -> dict[str, Any]:
    """A passage but for its document and its place, as a JSON object."""
    return {
        "text": passage.text,
        "kind": passage.kind.value,
        "section": passage.section,
        "sentences": passage.sentences,
        "header": passage.header,
        "header_text": passage.header_text,
        "context": passage.context,
    }


def passage_from_json(document_id: str, start: int, end: int, body: dict[str, Any]) -> Passage:
    """The passage that :func:`passage_to_json` wrote, at its place in its document."""
    return Passage(
        document_id=document_id,
        start=start,
        end=end,
        text=body["text"],
        kind=BlockKind(body["kind"]),
        section=body["section"],
        sentences=tuple(Span(*span) for span in body["sentences"]),
        header=Span(*body["header"]) if body["header"] else None,
        header_text=body["header_text"],
        context=body["context"],
    )


def _block_to_json(block: Block) -> list[Any]:
    return [
        block.start,
        block.end,
        block.kind.value,
        block.section,
        block.page,
        block.header,
        block.group,
    ]


def _block_from_json(fields: list[Any]) -> Block:
    start, end, kind, section, page, header, group = fields
    return Block(
        start=start,
        end=end,
        kind=BlockKind(kind),
        section=section,
        page=page,
        header=Span(*header) if header else None,
        group=Span(*group) if group else None,
    )


def _array_to_bytes(array: npt.NDArray[Any]) -> bytes:
    return np.ascontiguousarray(array, dtype=_dtype(array.ndim)).tobytes()


def _arrays(raw: bytes, offset: int, shapes: list[list[int]]) -> list[npt.NDArray[Any]]:
    out: list[npt.NDArray[Any]] = []
    for shape in shapes:
        dtype = _dtype(len(shape))
        count = int(np.prod(shape))
        # A copy: frombuffer alone would be read-only and keep the whole buffer alive.
        out.append(np.frombuffer(raw, dtype, count, offset).reshape(shape).copy())
        offset += count * dtype.itemsize
    return out


def _dtype(dimensions: int) -> np.dtype[Any]:
    """Offsets and pages are int32 in one dimension, boxes float32 in two."""
    return np.dtype("<i4") if dimensions == 1 else np.dtype("<f4")
