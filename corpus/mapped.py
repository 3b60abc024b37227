"""Text that remembers, for each of its characters, where in the source it came from."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from corpus.document import IntArray, SourceMap
from corpus.readers.base import Piece


@dataclass(frozen=True, slots=True)
class MappedText:
    """A string and, per character, the source range ``[low[i], high[i])`` that it stands for.

    A character put in by the reader has ``low == high == -1``.
    """

    text: str
    low: IntArray
    high: IntArray

    @classmethod
    def of_pieces(cls, raw: str, pieces: Sequence[Piece]) -> Self:
        """The pieces' text one after the other, with nothing between."""
        texts: list[str] = []
        lows: list[IntArray] = []
        highs: list[IntArray] = []
        for piece in pieces:
            if piece.text is None:
                texts.append(raw[piece.start : piece.end])
                place = np.arange(piece.start, piece.end, dtype=np.int32)
                lows.append(place)
                highs.append(place + 1)
            else:
                texts.append(piece.text)
                lows.append(np.full(len(piece.text), piece.start, dtype=np.int32))
                highs.append(np.full(len(piece.text), piece.end, dtype=np.int32))
        return cls("".join(texts), _join(lows), _join(highs))

    @classmethod
    def inserted(cls, text: str) -> Self:
        """Text that stands nowhere in the source: a separator."""
        nowhere = np.full(len(text), -1, dtype=np.int32)
        return cls(text, nowhere, nowhere)

    @classmethod
    def concat(cls, parts: Sequence[MappedText]) -> Self:
        """The parts one after the other."""
        return cls(
            "".join(p.text for p in parts),
            _join([p.low for p in parts]),
            _join([p.high for p in parts]),
        )

    def slice(self, start: int, end: int) -> MappedText:
        """The characters ``[start, end)``."""
        return MappedText(self.text[start:end], self.low[start:end], self.high[start:end])

    def strip(self) -> MappedText:
        """Without white space at both ends."""
        start = len(self.text) - len(self.text.lstrip())
        return self.slice(start, max(start, len(self.text.rstrip())))

    def sub(
        self, pattern: re.Pattern[str], replace: Callable[[re.Match[str]], str | None]
    ) -> MappedText:
        """Replace matches; each new character stands for the whole match.

        White space and what the match begins with anyway stand for the match only as far as it is
        one run of the source, so that they do not take in what was dropped in its midst.

        Args:
            pattern: what to look for. An empty match is passed over.
            replace: gives the new text, "" to drop the match, or None to leave it as it is.
        """
        parts: list[MappedText] = []
        done = 0
        for match in pattern.finditer(self.text):
            new = replace(match) if match.end() > match.start() else None
            if new is None or new == match.group():
                continue
            parts.append(self.slice(done, match.start()))
            done = match.end()
            if new:
                low, high = self._places_of(match, new)
                size = len(new)
                parts.append(
                    MappedText(new, np.full(size, low, np.int32), np.full(size, high, np.int32))
                )
        if not parts:
            return self
        parts.append(self.slice(done, len(self.text)))
        return MappedText.concat(parts)

    def _places_of(self, match: re.Match[str], new: str) -> tuple[int, int]:
        """The source range that ``new`` stands for in place of ``match``; (-1, -1) for none."""
        low, high = self.low[match.start() : match.end()], self.high[match.start() : match.end()]
        known = low >= 0
        low, high = low[known], high[known]
        if not len(low):
            return -1, -1
        if new.isspace() or match.group().startswith(new):
            gaps = np.flatnonzero((low[1:] > high[:-1]) | (low[1:] < low[:-1]))
            end = int(gaps[0]) + 1 if len(gaps) else len(low)
            low, high = low[:end], high[:end]
        return int(low.min()), int(high.max())

    def source_map(self) -> SourceMap:
        """The map, run-length coded: linear runs and replacements (see ``SourceMap``)."""
        count = len(self.text)
        if count == 0:
            empty = np.empty(0, dtype=np.int32)
            return SourceMap(empty, empty, empty, empty)
        single = self.high - self.low == 1
        linear = (np.diff(self.low) == 1) & single[:-1] & single[1:]
        # Characters of one replacement share their source range.
        same = (np.diff(self.low) == 0) & (np.diff(self.high) == 0)
        starts = np.concatenate(([0], np.flatnonzero(~(linear | same)) + 1)).astype(np.int32)
        # A run is one kind or the other: cut again where a linear step meets a repeated one.
        kinds = np.flatnonzero((linear[:-1] & same[1:]) | (same[:-1] & linear[1:])) + 1
        starts = np.unique(np.concatenate((starts, kinds))).astype(np.int32)
        ends = np.append(starts[1:], count).astype(np.int32)
        low, high = self.low[starts], self.high[ends - 1]
        known = low >= 0
        return SourceMap(
            reading=starts[known],
            length=(ends - starts)[known],
            source=low[known],
            source_length=(high - low)[known],
        )


def _join(arrays: Sequence[IntArray]) -> IntArray:
    return np.concatenate(arrays) if arrays else np.empty(0, dtype=np.int32)
