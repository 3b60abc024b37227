"""Formulas of a Word file as a line of text, with the signs that stand in attributes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corpus.readers.docx_package import attribute, child, name

if TYPE_CHECKING:
    from lxml.etree import _Element as Element
else:
    Element = object

_PROPERTIES = frozenset(
    "m:rPr m:ctrlPr m:fPr m:dPr m:naryPr m:radPr m:sSupPr m:sSubPr m:sSubSupPr m:sPrePr m:accPr "
    "m:barPr m:boxPr m:borderBoxPr m:eqArrPr m:funcPr m:groupChrPr m:limLowPr m:limUppPr m:mPr "
    "m:phantPr m:oMathParaPr m:argPr w:rPr w:del w:moveFrom".split()
)
_AFTER = frozenset({"m:oMath", "m:mr"})  # lines of a paragraph of formulas, rows of a matrix


def math_text(formula: Element) -> str:
    """The text of a formula in reading order.

    A fraction is written with a slash, delimiters, sums and roots with their signs; raised and
    lowered parts follow their base.
    """
    parts: list[str] = []
    stack: list[Element | str] = [formula]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            parts.append(item)
            continue
        kind = name(item)
        if kind in ("m:t", "w:t"):
            parts.append(item.text or "")
        elif kind and kind not in _PROPERTIES:
            stack.extend(reversed(_inside(item, kind)))
    return " ".join("".join(parts).split())


def _inside(element: Element, kind: str) -> list[Element | str]:
    """The parts of an element in reading order, and the signs between them."""
    inner: list[Element | str] = [c for c in element if name(c) not in _PROPERTIES]
    if kind == "m:f" and attribute(child(element, "m:fPr", "m:type")) != "noBar":
        return _between(inner, "/")
    if kind == "m:d":
        properties = child(element, "m:dPr")
        first = _sign(properties, "m:begChr", "(")
        last = _sign(properties, "m:endChr", ")")
        return [first, *_between(inner, _sign(properties, "m:sepChr", "|")), last]
    if kind == "m:nary":
        return [_sign(child(element, "m:naryPr"), "m:chr", "∫"), *inner]
    if kind == "m:rad":
        return ["√", *inner]
    return [*inner, " "] if kind in _AFTER else inner


def _between(items: list[Element | str], sign: str) -> list[Element | str]:
    out: list[Element | str] = []
    for item in items:
        out.extend([sign, item] if out else [item])
    return out


def _sign(properties: Element | None, which: str, usual: str) -> str:
    element = child(properties, which)
    return usual if element is None else attribute(element) or ""
