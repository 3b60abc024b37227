"""The text layer of a Word file: what the reader writes down, and where each piece stands in it."""

from __future__ import annotations

from corpus.readers.base import Piece


class Layer:
    """Text that grows line by line; pieces point into it."""

    def __init__(self) -> None:
        self._lines: dict[int, str] = {}
        self._length = 0

    def write(self, text: str) -> Piece:
        """Write ``text`` on a line of its own, and give its place."""
        start = self._length
        self._lines[start] = text
        self._length += len(text) + 1
        return Piece(start, start + len(text))

    def text_of(self, pieces: tuple[Piece, ...]) -> str:
        """The text of pieces that are whole lines, or stand for text of their own."""
        return "".join(self._lines[p.start] if p.text is None else p.text for p in pieces)

    @property
    def text(self) -> str:
        """All that was written, a line break after each line."""
        return "".join(f"{line}\n" for line in self._lines.values())
