"""LaTeX as it stands in the fields of BibTeX: read as characters, each with its place.

Accents, symbols, simple formulas and escaped characters become what they mean; commands that only
set type are taken out and their words stay. Anything unknown loses its mark-up, never its words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from corpus.readers.base import Piece
from corpus.readers.superscript import raised

if TYPE_CHECKING:
    from pylatexenc.macrospec import LatexContextDb

_TOKEN = re.compile(r"\\(?:[A-Za-z]+\*?|[^A-Za-z])|[{}~$^_]|-{2,3}|``|''", re.DOTALL)
_ACCENT = re.compile(
    r"\\(?:(?P<mark>[`'^\"~=.])\s*|(?P<letter>[cvuHkrbd])(?:\s+|(?=[{\\])))"
    r"(?:\{\s*(?P<braced>\\[ij](?![A-Za-z])|[^\W\d_])?\s*\}|(?P<dotless>\\[ij])(?![A-Za-z])\s?"
    r"|(?P<bare>[^\W\d_]))"
)
_MARKS = {
    **{"`": "\u0300", "'": "\u0301", "^": "\u0302", '"': "\u0308", "~": "\u0303", "=": "\u0304"},
    **{".": "\u0307", "c": "\u0327", "v": "\u030c", "u": "\u0306", "H": "\u030b", "k": "\u0328"},
    **{"r": "\u030a", "b": "\u0331", "d": "\u0323"},
}
_MATH = re.compile(r"\$(?!\s)(?:[^$\\]|\\.){1,300}?(?<!\s)\$(?!\d)", re.DOTALL)
_SYMBOLS = {
    **{"textless": "<", "textgreater": ">", "lt": "<", "gt": ">", "ne": "≠", "degree": "°"},
    **{"textbraceleft": "{", "textbraceright": "}", "lbrace": "{", "rbrace": "}"},
    **{"textasciitilde": "~", "textasciicircum": "^", "textquotesingle": "'", "textbar": "|"},
    **{"copyright": "©", "S": "§", "micro": "µ", "celsius": "°C", "textperthousand": "‰"},
    **{"textsuperscript": "", "textsubscript": "", "quad": " ", "qquad": " ", "newline": " "},
    **{"par": "\n\n", "textquoteleft": "‘", "textquoteright": "’", "textquotedblleft": "“"},
    **{"textquotedblright": "”", "leqslant": "≤", "geqslant": "≥", "textonehalf": "½"},
}
_CHARACTERS = {" ": " ", ",": " ", ";": " ", ":": " ", "\\": " ", "\n": " ", "\r": " ", "\t": " "}
_NOTHING = frozenset("!/-()[]")
_DROPPED = frozenset({"begin", "end", "cite", "citep", "citet", "ref", "label", "href"})
_SWITCHES = frozenset(
    """bf bfseries boldmath cal displaystyle em footnotesize hbox hfill hskip hspace huge it item
    itshape large left limits mathrm mathbf mathit mdseries noindent nolimits normalfont normalsize
    protect relax right rm rmfamily sc scriptsize scshape sf sffamily sl slshape small textbf
    textit textrm textstyle tiny tt ttfamily upshape vskip""".split()
)
_ARGUMENT = re.compile(r"\s*\{([^{}]{0,300})\}")
_AFTER_WORD = re.compile(r"\s*\{\}|\s*")
_DASHES = {"--": "–", "---": "—", "``": "“", "''": "”"}
_DEGREE = re.compile(r"\^\s*(?:\{\s*\\circ\s*\}|\\circ(?![A-Za-z])\s?)")
_RAISED = re.compile(r"\^\s*(?:\{([^{}\\$]{1,12})\}|([\w+*]))")


def latex_pieces(raw: str, start: int, end: int) -> list[Piece]:
    """The characters that ``raw[start:end]`` means, as pieces of ``raw``."""
    return list(_Walk(raw, end).pieces(start))


class _Walk:
    """A walk over one field."""

    def __init__(self, raw: str, end: int) -> None:
        self._raw = raw
        self._end = end
        self._math_end = -1

    def pieces(self, start: int) -> Iterator[Piece]:
        """The pieces from ``start`` on."""
        done = start
        while match := _TOKEN.search(self._raw, done, self._end):
            if match.start() > done:
                yield Piece(done, match.start())
            piece, done = self._read(match)
            if piece is not None:
                yield piece
        if done < self._end:
            yield Piece(done, self._end)

    def _read(self, token: re.Match[str]) -> tuple[Piece | None, int]:
        """What a token means, and where the words go on."""
        mark, start, end = token.group(), token.start(), token.end()
        if mark[0] == "\\":
            return self._command(token)
        if mark == "{":
            return self._group(start)
        if mark == "}":
            return None, end
        if mark == "~":
            return Piece(start, end, " "), end
        if mark == "$":
            return self._dollar(start)
        if mark in "^_":
            return self._script(start) if start < self._math_end else (Piece(start, end), end)
        if start < self._math_end:
            return Piece(start, end), end
        return Piece(start, end, _DASHES[mark]), end

    def _group(self, start: int) -> tuple[Piece | None, int]:
        r"""An opening brace; around a single accent ("{\"o}") it belongs to that."""
        accent = _ACCENT.match(self._raw, start + 1, self._end)
        if accent and self._raw[accent.end() : accent.end() + 1] == "}":
            return Piece(start, accent.end() + 1, _accented(accent)), accent.end() + 1
        return None, start + 1

    def _dollar(self, start: int) -> tuple[Piece | None, int]:
        """The border of a formula; a price where no formula can end."""
        if start == self._math_end:
            self._math_end = -1
            return None, start + 1
        formula = _MATH.match(self._raw, start, self._end)
        if formula is None:
            return Piece(start, start + 1), start + 1
        self._math_end = formula.end() - 1
        return None, start + 1

    def _script(self, start: int) -> tuple[Piece | None, int]:
        """A superscript of a formula; a subscript stays on its line, as in CO2."""
        degree = _DEGREE.match(self._raw, start, self._end)
        if degree:
            return Piece(start, degree.end(), "°"), degree.end()
        match = _RAISED.match(self._raw, start, self._end)
        if match:
            return Piece(start, match.end(), raised(match.group(1) or match.group(2))), match.end()
        return None, start + 1

    def _command(self, token: re.Match[str]) -> tuple[Piece | None, int]:
        start, end = token.start(), token.end()
        accent = _ACCENT.match(self._raw, start, self._end)
        if accent:
            return Piece(start, accent.end(), _accented(accent)), accent.end()
        name = token.group()[1:].rstrip("*")
        if not name.isalpha():
            if name in _NOTHING:
                return None, end
            return Piece(start, end, _CHARACTERS.get(name, name)), end
        return self._word(name, start, end)

    def _word(self, name: str, start: int, end: int) -> tuple[Piece | None, int]:
        """A command with a name: a symbol, a superscript, a fraction, or nothing but type."""
        argument = _ARGUMENT.match(self._raw, end, self._end)
        if name in _DROPPED:
            return None, argument.end() if argument else end
        if name == "textsuperscript" and argument and len(argument.group(1)) <= 12:
            return Piece(start, argument.end(), raised(argument.group(1))), argument.end()
        if name == "frac" and argument:
            below = _ARGUMENT.match(self._raw, argument.end(), self._end)
            if below:
                words = f"{argument.group(1)}/{below.group(1)}"
                if "\\" not in words:
                    return Piece(start, below.end(), words), below.end()
        symbol = _symbol(name)
        if symbol is None:
            if name not in _SWITCHES and not self._raw.startswith("{", end):
                return Piece(start, end), end  # no command at all: "C:\\data"
            return None, end + self._raw[end : end + 1].isspace()
        after = _AFTER_WORD.match(self._raw, end, self._end)
        end = after.end() if after else end
        return Piece(start, end, symbol) if symbol else None, end


def _accented(match: re.Match[str]) -> str:
    letter = (match["braced"] or match["dotless"] or match["bare"] or "").lstrip("\\")
    mark = match["mark"] or match["letter"]
    if not letter:
        return mark if match["mark"] else ""
    return unicodedata.normalize("NFC", letter + _MARKS[mark])


@cache
def _symbol(name: str) -> str | None:
    """The character that a command without words of its own stands for; None for all others."""
    if name in _SYMBOLS:
        return _SYMBOLS[name]
    specification = _known_commands().get_macro_spec(name)
    meant = getattr(specification, "simplify_repl", None)
    return meant if isinstance(meant, str) and 0 < len(meant) <= 4 and "%" not in meant else None


@cache
def _known_commands() -> LatexContextDb:
    from pylatexenc.latex2text import get_default_latex_context_db

    return get_default_latex_context_db()
