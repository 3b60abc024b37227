"""Characters that a PDF prints over, before or above others, put where a reader sees them.

TeX prints an accent as a character of its own over its letter; Arabic fonts print two letters as
one, which the text layer then gives in the wrong order; a power or a reference mark is a smaller
figure that stands higher. All of it is told by place, never by guess.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence

_COMBINING = {
    "\u00a8": "\u0308",
    "\u00b4": "\u0301",
    "`": "\u0300",
    "\u02c6": "\u0302",
    "\u02dc": "\u0303",
    "\u00af": "\u0304",
    "\u02d8": "\u0306",
    "\u02d9": "\u0307",
    "\u02da": "\u030a",
    "\u02c7": "\u030c",
    "\u02dd": "\u030b",
    "\u00b8": "\u0327",
    "\u02db": "\u0328",
}
_ACCENTS = frozenset(map(ord, _COMBINING))
_DOTLESS = {"ı": "i", "ȷ": "j"}
_LAM, _ALEFS = ord("ل"), frozenset(map(ord, "اأإآٱ"))
_RAISED = str.maketrans("0123456789+-−–‐=()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻⁻⁼⁽⁾")
_RAISABLE = re.compile(r"[\d+\-−–‐=(),;*†‡§]*\d[\d+\-−–‐=(),;*†‡§]*|[+\-−–‐]")

DROPPED = -1
"""The code of a character that has become part of another."""

Row = Sequence[float]
"""x0, y0, x1, y1 of a character in the layout frame."""


def set_accents(codes: list[int], rows: Sequence[Row], ink: Callable[[int], Row]) -> None:
    """Put accents that are printed over a letter into that letter.

    Args:
        codes: the characters, changed in place.
        rows: the box of each, as high as its font's line.
        ink: gives the box of what is printed of a character.
    """
    for i, code in enumerate(codes):
        if code not in _ACCENTS:
            continue
        x0, _, x1, _ = ink(i)
        middle = (x0 + x1) / 2
        for j in _nearest(i, len(codes)):
            over = rows[j][0] < middle < rows[j][2] and _level(rows[i], rows[j])
            letter = chr(codes[j]) if over and codes[j] > 0 else ""
            if not letter.isalpha():
                continue
            whole = unicodedata.normalize(
                "NFC", _DOTLESS.get(letter, letter) + _COMBINING[chr(code)]
            )
            if len(whole) == 1:
                codes[j], codes[i] = ord(whole), DROPPED
            break


def _nearest(i: int, count: int) -> Iterator[int]:
    """Indices from ``i`` outwards, the next one first."""
    for step in range(1, 200):
        if i + step < count:
            yield i + step
        if i - step >= 0:
            yield i - step


def _level(a: Row, b: Row) -> bool:
    return min(a[3], b[3]) - max(a[1], b[1]) > 0.5 * min(a[3] - a[1], b[3] - b[1])


def set_arabic(codes: list[int], rows: Sequence[Row]) -> None:
    """Put lam before alef where one glyph is both, and a vowel mark behind the letter it is on."""
    for i in range(len(codes) - 1):
        code, following = codes[i], codes[i + 1]
        if code < 0x600 or following < 0x600:
            continue
        one_glyph = max(abs(a - b) for a, b in zip(rows[i], rows[i + 1], strict=True)) < 0.01
        if one_glyph and code in _ALEFS and following == _LAM:
            codes[i], codes[i + 1] = following, code
        elif unicodedata.combining(chr(code)) and not unicodedata.combining(chr(following)):
            middle = (rows[i][0] + rows[i][2]) / 2
            before = i > 0 and rows[i - 1][0] <= middle <= rows[i - 1][2]
            if rows[i + 1][0] <= middle <= rows[i + 1][2] and not before:
                codes[i], codes[i + 1] = following, code


def raised(text: str) -> str:
    """A raised figure or sign as Unicode superscripts: "10" with "9" is 10⁹, never 109."""
    return text.translate(_RAISED) if _RAISABLE.fullmatch(text) else text
