"""Formulas as a line of text: MathML, or TeX where nothing else says what a formula is."""

from __future__ import annotations

import re

from corpus.readers.base import Piece
from corpus.readers.xml_tree import Element, piece_text

_DEEPEST = 60
_DROPPED = frozenset({"annotation", "annotation-xml", "mspace", "mphantom", "none", "mprescripts"})
_TEX = re.compile(
    r"(?:.*\\begin\{document\})?[\s$]*(?P<body>.*?)[\s$]*(?:\\end\{document\}.*)?", re.DOTALL
)
_SIGNS = {"mfrac": "/", "mtr": " ", "mlabeledtr": " ", "mtable": "; "}
"""What stands between the parts of an element: the bar of a fraction, the gap between columns."""


def math_pieces(math: Element, depth: int = 0) -> list[Piece]:
    """The characters of a formula in reading order.

    A fraction bar becomes ``/``, a root sign ``√``; fences and separators that are only attributes
    are put in. Raised and lowered parts follow their base, as they do in running text.
    """
    if math.tag in _DROPPED:
        return []
    if depth > _DEEPEST:
        return list(math.pieces())
    if math.tag == "mfenced":
        return _fenced(math, depth)
    out: list[Piece] = []
    if math.tag in ("msqrt", "mroot"):
        out.append(Piece(math.start, math.end, "√"))
    sign = _SIGNS.get(math.tag)
    first = True
    for child in math.children:
        if isinstance(child, Piece):
            if math.tag in ("mi", "mn", "mo", "mtext", "ms"):  # elsewhere it is layout
                out.append(child)
            continue
        if sign and not first:
            out.append(Piece(child.start, child.end, sign))
        first = False
        inside = math_pieces(child, depth + 1)
        if math.tag in ("mfrac", "msqrt") and child.holds("mo"):
            # What the bar or the root holds together.
            inside = [_put_in("("), *inside, _put_in(")")]
        out.extend(inside)
    return out


def _fenced(math: Element, depth: int) -> list[Piece]:
    """Brackets and commas that stand in the attributes (MathML 3, section 3.3.8)."""
    commas = math.attributes.get("separators", ",").replace(" ", "")
    out = [Piece(math.start, math.end, math.attributes.get("open", "("))]
    for number, child in enumerate(c for c in math.children if isinstance(c, Element)):
        if number and commas:
            comma = commas[min(number, len(commas)) - 1]
            out.append(Piece(child.start, child.end, comma))
        out.extend(math_pieces(child, depth + 1))
    out.append(_put_in(math.attributes.get("close", ")")))
    return out


def _put_in(sign: str) -> Piece:
    """A sign that stands nowhere in the source."""
    return Piece(-1, -1, sign)


def tex_pieces(formula: Element, raw: str) -> list[Piece] | None:
    """The TeX of a formula that has no other form in characters; None where it has one, or none."""
    tex = next((n for n in formula.elements() if n.tag == "tex-math"), None)
    if tex is None or formula.holds("math"):
        return None
    inside = list(tex.pieces())
    if any(piece_text(p, raw).strip() for p in formula.pieces() if p not in inside):
        return None
    match = _TEX.fullmatch("".join(piece_text(p, raw) for p in inside))
    if match is None:
        return None
    out: list[Piece] = []
    at = 0
    for piece in inside:
        length = len(piece_text(piece, raw))
        low, high = max(match.start("body"), at), min(match.end("body"), at + length)
        if low < high and piece.text is None:
            piece = Piece(piece.start + low - at, piece.start + high - at)
        if low < high:
            out.append(piece)
        at += length
    return out
