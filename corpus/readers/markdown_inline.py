"""Inline Markdown to pieces of its source: what is mark-up goes, what is text keeps its place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from markdown_it.token import Token

from corpus.readers.base import Piece


@dataclass(frozen=True, slots=True)
class Placed:
    """A string and, for each of its characters, its offset in the source."""

    text: str
    places: list[int]


class _Lost(Exception):
    """The tokens and their source do not agree; the source is then taken as it stands."""


@dataclass(slots=True)
class _Cursor:
    """A walk through the source of one inline token."""

    placed: Placed
    at: int = 0
    pieces: list[Piece] = field(default_factory=list)

    def emit(self, length: int, text: str | None = None) -> None:
        """Take ``length`` characters as text (or as ``text``)."""
        places = self.placed.places[self.at : self.at + length]
        self.at += length
        if text is not None:
            if places:
                self.pieces.append(Piece(places[0], places[-1] + 1, text))
            return
        for place in places:
            last = self.pieces[-1] if self.pieces else None
            if last and last.text is None and last.end == place:
                self.pieces[-1] = Piece(last.start, place + 1)
            else:
                self.pieces.append(Piece(place, place + 1))

    def skip(self, expected: str) -> None:
        """Pass over mark-up that must stand here."""
        if not self.placed.text.startswith(expected, self.at):
            raise _Lost
        self.at += len(expected)


def inline_pieces(tokens: Sequence[Token], placed: Placed) -> list[Piece]:
    """The pieces of source that the inline tokens show as text.

    Args:
        tokens: the children of an inline token, parsed without ``text_join``.
        placed: the source they were parsed from.

    Returns:
        Pieces in order. Image descriptions and HTML tags are left out.
    """
    cursor = _Cursor(placed)
    try:
        for token in tokens:
            _TAKE.get(token.type, _other)(cursor, token)
    except _Lost:
        cursor = _Cursor(placed)
        cursor.emit(len(placed.text))
    return cursor.pieces


def _text(cursor: _Cursor, token: Token) -> None:
    source = cursor.placed.text
    while not source.startswith(token.content, cursor.at):
        # Indentation after a line break is not part of the text.
        if cursor.at >= len(source) or not source[cursor.at].isspace():
            raise _Lost
        cursor.at += 1
    cursor.emit(len(token.content))


def _special(cursor: _Cursor, token: Token) -> None:
    if not cursor.placed.text.startswith(token.markup, cursor.at):
        raise _Lost
    cursor.emit(len(token.markup), token.content)


def _break(cursor: _Cursor, token: Token) -> None:
    end = cursor.placed.text.find("\n", cursor.at)
    if end < 0 or cursor.placed.text[cursor.at : end].strip(" \t\\"):
        raise _Lost
    cursor.at = end
    cursor.emit(1)


def _mark(cursor: _Cursor, token: Token) -> None:
    cursor.skip(token.markup)


def _code(cursor: _Cursor, token: Token) -> None:
    cursor.skip(token.markup)
    end = cursor.placed.text.find(token.markup, cursor.at)
    if end < 0:
        raise _Lost
    cursor.emit(end - cursor.at)
    cursor.skip(token.markup)


def _link_open(cursor: _Cursor, token: Token) -> None:
    cursor.skip("<" if token.markup == "autolink" else "[")


def _link_close(cursor: _Cursor, token: Token) -> None:
    if token.markup == "autolink":
        cursor.skip(">")
        return
    cursor.skip("]")
    _skip_target(cursor)


def _image(cursor: _Cursor, token: Token) -> None:
    cursor.skip("![")
    depth, text = 1, cursor.placed.text
    while depth and cursor.at < len(text):
        depth += {"[": 1, "]": -1}.get(text[cursor.at], 0)
        cursor.at += 1
    _skip_target(cursor)


def _skip_target(cursor: _Cursor) -> None:
    """Pass over ``(address "title")`` or ``[label]`` after a link's or image's text."""
    text = cursor.placed.text
    pairs = {"(": ")", "[": "]"}
    opener = text[cursor.at : cursor.at + 1]
    if opener not in pairs:
        return  # a shortcut reference: [text]
    depth, quote = 0, ""
    while cursor.at < len(text):
        char = text[cursor.at]
        cursor.at += 1
        if char == "\\":
            cursor.at += 1
        elif quote:
            quote = "" if char == quote else quote
        elif char in "\"'" and text[cursor.at - 2].isspace():
            quote = char
        elif char == opener:
            depth += 1
        elif char == pairs[opener]:
            depth -= 1
            if depth == 0:
                return
    raise _Lost


def _html(cursor: _Cursor, token: Token) -> None:
    if token.content.lower().startswith("<br"):
        cursor.emit(len(token.content), " ")
    else:
        cursor.skip(token.content)


def _other(cursor: _Cursor, token: Token) -> None:
    raise _Lost


_TAKE: dict[str, Callable[[_Cursor, Token], None]] = {
    "text": _text,
    "text_special": _special,
    "softbreak": _break,
    "hardbreak": _break,
    "em_open": _mark,
    "em_close": _mark,
    "strong_open": _mark,
    "strong_close": _mark,
    "code_inline": _code,
    "link_open": _link_open,
    "link_close": _link_close,
    "image": _image,
    "html_inline": _html,
}
