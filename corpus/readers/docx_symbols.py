"""Letters of symbol fonts as the Unicode characters that they show."""

from __future__ import annotations

import re

# The encoding of the Symbol font (Adobe, 1990) by the code of each row's first letter.
_ROWS = {
    0x20: " !∀#∃%&∋()∗+,−./0123456789:;<=>?≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_",
    0x60: "‾αβχδεφγηιϕκλμνοπθρστυϖωξψζ{|}∼",
    0xA0: "€ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…⏐⎯↵",
    0xC0: "ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓",
    0xE0: "◊〈®©™∑⎛⎜⎝⎡⎢⎣⎧⎨⎩⎪ 〉∫⌠⎮⌡⎞⎟⎠⎤⎥⎦⎫⎬⎭",
}
_SYMBOL = {first + i: c for first, row in _ROWS.items() for i, c in enumerate(row)}
_WINGDINGS = {
    **{0x4A: "☺", 0x4B: "😐", 0x4C: "☹", 0x6C: "●", 0x6E: "■", 0x6F: "□", 0x71: "❑", 0x75: "◆"},
    **{0x76: "❖", 0x9F: "•", 0xA7: "▪", 0xA8: "◻", 0xD8: "➢", 0xDF: "←", 0xE0: "→", 0xE1: "↑"},
    **{0xE2: "↓", 0xE8: "➔", 0xF0: "⇨", 0xFB: "✗", 0xFC: "✓", 0xFD: "☒", 0xFE: "☑"},
}
_FONTS = {"symbol": _SYMBOL, "wingdings": _WINGDINGS}
_PRIVATE = range(0xF000, 0xF100)
_PRIVATE_LETTER = re.compile("[\uf000-\uf0ff]")


def is_symbol_font(font: str | None) -> bool:
    """Whether a font shows other characters than those that are written in it."""
    return font is not None and font.lower() in _FONTS


def shown(text: str, font: str | None) -> str:
    """What ``text`` shows when it is set in ``font``.

    Letters of a symbol font, also those moved to U+F000 as Word writes them, become the characters
    that are seen; the private characters of fonts that are not known here are dropped.
    """
    table = _FONTS.get((font or "").lower())
    # Without a font of its own such a letter is one of Symbol.
    private = _SYMBOL if font is None else table or {}
    if table is None and not _PRIVATE_LETTER.search(text):
        return text
    return "".join(_one(ord(c), table or {}, private) for c in text)


def symbol(code: str | None, font: str | None) -> str:
    """The character of a ``w:sym`` element: ``code`` is hexadecimal."""
    try:
        point = int(code or "", 16)
    except ValueError:
        return ""
    if not 0x20 <= point <= 0x10FFFF or 0xD800 <= point <= 0xDFFF:
        return ""
    return shown(chr(point), font)


def _one(point: int, table: dict[int, str], private: dict[int, str]) -> str:
    if point in _PRIVATE:
        return private.get(point - _PRIVATE.start, "")
    return table.get(point, chr(point))
