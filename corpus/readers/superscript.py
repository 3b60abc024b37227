"""Raised figures as Unicode superscripts: a power must stay one where marks are lost."""

from __future__ import annotations

from typing import Any, Protocol

from corpus.readers.base import Piece

_RAISED = str.maketrans("0123456789+-−–()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻⁽⁾ⁿ")


class Marked(Protocol):
    """An element of a tree of mark-up; its children are such elements and pieces."""

    tag: str
    children: list[Any]


def raised(words: str) -> str:
    """Digits and signs as superscripts: "5" -> "⁵"; others, and what is longer, unchanged."""
    new = words.translate(_RAISED)
    return new if all(a != b for a, b in zip(words, new, strict=True)) else words


def raise_powers(root: Marked, raw: str) -> None:
    """Read each ``sup`` behind a digit as a power: 10 with 9 raised is 10⁹, never 109.

    Only there, where it would be read as part of the number; "cm2" and "131I" stay.

    Args:
        root: a tree of mark-up, changed in place.
        raw: the source its pieces point into.
    """
    last = ""
    stack: list[Marked | Piece] = [root]
    while stack:
        item = stack.pop()
        if isinstance(item, Piece):
            last = (raw[item.start : item.end] if item.text is None else item.text)[-1:] or last
            continue
        if item.tag == "sup" and last.isdigit():
            item.children = [_power(child, raw) for child in item.children]
        stack.extend(reversed(item.children))


def _power(child: Marked | Piece, raw: str) -> Marked | Piece:
    if not isinstance(child, Piece):
        return child
    words = raw[child.start : child.end] if child.text is None else child.text
    return child if raised(words) == words else child._replace(text=raised(words))
