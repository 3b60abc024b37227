"""Training examples of the reader: a question, and passages to choose the answer from.

A group is stored as one line of JSON, so that sets of any origin are mixed, counted and looked at
in the same way. The files hold words of the data sets and stay outside the repository.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict

SET_ASIDE = 0.15
"""Share of papers, articles and abstracts that is kept from training, to calibrate on."""

Offsets = tuple[int, int]


class Passage(BaseModel):
    """A passage as the reader sees it.

    Attributes:
        heading: title, section and, of a table row, caption and column names.
        text: the words that may be quoted.
        sentences: ``[start, end)`` of each sentence in ``text``.
        gold: of each sentence, whether it answers the question.
        answer: ``[start, end)`` of the short answer in ``text``, where one is known.
    """

    model_config = ConfigDict(frozen=True)

    heading: str
    text: str
    sentences: tuple[Offsets, ...]
    gold: tuple[bool, ...]
    answer: Offsets | None = None

    @property
    def relevant(self) -> bool:
        """Whether any sentence answers."""
        return any(self.gold)


class Group(BaseModel):
    """A question and its candidate passages: relevant ones first, then others, hardest first.

    ``origin`` is the data set, ``key`` what the split is made by (a paper, an article): no key is
    on both sides of it. A group without a relevant passage is one to decline.
    """

    model_config = ConfigDict(frozen=True)

    origin: str
    key: str
    question: str
    passages: tuple[Passage, ...]

    @property
    def set_aside(self) -> bool:
        """Whether the group is kept from training."""
        return is_set_aside(self.key)


def is_set_aside(key: str) -> bool:
    """Whether a paper or article is kept from training: decided by a hash of its name alone."""
    first = int.from_bytes(hashlib.sha256(key.encode()).digest()[:4], "big")
    return first / 2**32 < SET_ASIDE


def mark(
    heading: str,
    text: str,
    sentences: Iterable[Offsets],
    evidence: Sequence[Offsets],
    answer: Offsets | None = None,
) -> Passage:
    """A passage whose gold sentences are those that share a character with the evidence.

    Args:
        heading: title, section and the like.
        text: the words that may be quoted.
        sentences: ``[start, end)`` of each sentence in ``text``.
        evidence: ``[start, end)`` in ``text``.
        answer: ``[start, end)`` of the short answer in ``text``, where one is known.
    """
    spans = tuple(sentences)
    gold = tuple(any(s < end and start < e for start, end in evidence) for s, e in spans)
    return Passage(heading=heading, text=text, sentences=spans, gold=gold, answer=answer)


def write_groups(path: Path, groups: Iterable[Group]) -> int:
    """Write groups, one a line; give their number."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        return sum(bool(file.write(group.model_dump_json() + "\n")) for group in groups)


def read_groups(path: Path) -> Iterator[Group]:
    """Read what ``write_groups`` wrote."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield Group.model_validate_json(line)
