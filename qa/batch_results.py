"""The answers of a run that is under way, read a page at a time while the file grows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Literal

from qa.answer import Answer
from qa.jsonl import parse

Which = Literal["all", "answered", "not_found"]
"""Which answers of a run are looked at."""

_ANSWERED = b'"status":"answered"'


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the answers, each with its number among all of the run's, from 1.

    Attributes:
        answers: number and answer.
        number: which page this is, from 0.
        pages: how many there are, at least 1.
        of: how many answers there are on all pages.
    """

    answers: tuple[tuple[int, Answer], ...]
    number: int
    pages: int
    of: int


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    end: int
    answered: bool


class Results:
    """Where each answer stands in a file of JSON lines; safe to use from several threads.

    Args:
        path: the file; it may grow, be written anew, or not be there yet.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        self._lines: list[_Line] = []
        self._last = b""

    def counts(self) -> tuple[int, int]:
        """Count the answers: those with quotes, and those without."""
        lines = self._now()
        answered = sum(line.answered for line in lines)
        return answered, len(lines) - answered

    def page(self, which: Which, number: int, size: int, *, newest_first: bool = False) -> Page:
        """Give a page of the answers.

        Args:
            which: which of them.
            number: the page, from 0; one that is not there is the nearest that is.
            size: answers a page.
            newest_first: whether the last answer comes first.
        """
        picked = [
            (n, line)
            for n, line in enumerate(self._now(), start=1)
            if which == "all" or line.answered == (which == "answered")
        ]
        if newest_first:
            picked.reverse()
        pages = max(1, -(-len(picked) // size))
        number = max(0, min(number, pages - 1))
        shown = picked[number * size : (number + 1) * size]
        return Page(tuple(self._read(shown)), number, pages, len(picked))

    def all(self) -> list[Answer]:
        """Read all answers."""
        return [answer for _, answer in self._read(list(enumerate(self._now(), start=1)))]

    def raw(self) -> bytes:
        """Give the complete lines as they stand in the file."""
        lines = self._now()
        return self._path.read_bytes()[: lines[-1].end] if lines else b""

    def _read(self, lines: list[tuple[int, _Line]]) -> Iterator[tuple[int, Answer]]:
        if not lines:
            return
        with self._path.open("rb") as file:
            for number, line in lines:
                file.seek(line.start)
                words = file.read(line.end - line.start).decode("utf-8", "surrogateescape")
                yield number, parse(Answer, words.strip())

    def _now(self) -> list[_Line]:
        """The complete lines of the file; only what is new in it is read."""
        with self._lock:
            try:
                with self._path.open("rb") as file:
                    end = self._lines[-1].end if self._lines else 0
                    file.seek(end - len(self._last))
                    # A file that was written anew has other words there.
                    if file.read(len(self._last)) != self._last:
                        self._lines, self._last, end = [], b"", 0
                        file.seek(0)
                    for line in file:
                        if not line.endswith(b"\n"):
                            break
                        self._lines.append(_Line(end, end + len(line), _ANSWERED in line))
                        end, self._last = end + len(line), line
            except FileNotFoundError:
                self._lines, self._last = [], b""
            return list(self._lines)
