"""The running text of a JATS element: what is read, what is passed over, where a space belongs."""

from __future__ import annotations

import re
from collections.abc import Sequence

from corpus.readers.base import Piece
from corpus.readers.jats_math import math_pieces, tex_pieces
from corpus.readers.xml_tree import Element, piece_text

FLOATS = frozenset(
    "table-wrap table-wrap-group fig fig-group boxed-text supplementary-material fn".split()
)
"""What may be anchored in a sentence without being part of it."""

BLOCKS = FLOATS | frozenset(
    "p sec title label list list-item def-list def-item term def disp-quote disp-formula "
    "disp-formula-group verse-group verse-line attrib speech speaker statement caption table "
    "thead tbody tfoot tr td th array row entry break hr ref preformat code chem-struct-wrap "
    "AbstractText DispFormula".split()
)
"""Elements that begin and end a line of text: words on both sides of their border stay apart."""

GAP = Piece(-1, -1, " ")
"""White space that stands nowhere in the source, only in the mark-up's meaning."""

_DROPPED = frozenset(
    "tex-math graphic inline-graphic media object-id alt-text long-desc private-char index-term "
    "permissions sec-meta pub-id-list fn-meta processing-meta kwd-group counts".split()
)
_FORMULAS = frozenset({"inline-formula", "disp-formula"})
_POINTERS = frozenset({"bibr", "fn", "table-fn", "author-notes", "aff", "corresp"})
_NOTE_SIGN = re.compile(r"[*†‡§¶#‖|\u2016\u2020-\u2022\s]+")
_AROUND_POINTERS = re.compile(r"[\s,;–—‐‑−\-.\[\]()]*")
_BETWEEN_MARKERS = re.compile(r"\s*[,;–—‐‑−-]\s*")
_NUMBERED = re.compile(r"\s*\d{1,3}[a-z]?\s*")
_NOTE = re.compile(r"\(?(?:[A-Za-z]|\d{1,2})\)?")
_NAMES_NOTE = re.compile(r"\b(?:foot-?)?(?:notes?|see|and|or|to|in|of)\s*[(\[]?$", re.IGNORECASE)
_CLOSED_UP = re.compile(r"[^\W\d_][\"'”’»)\]%]?[.,;:?!]?[\"”’»]?$|[)\]%][.,;:]?$")
_STOP = re.compile(r"\s*[.,;:?!)\]]")


def flatten(node: Element, raw: str, floats: list[Element] | None = None) -> list[Piece]:
    """All text inside ``node`` as pieces of one block.

    Borders of blocks and line breaks become white space. Raised pointers to references and notes
    are passed over; pointers in the line ("[12]", "Roe 2004") are words of the sentence and stay.

    Args:
        node: the element; its own name does not matter.
        raw: the record's source.
        floats: where given, tables, figures, boxes and notes inside are left out and put here.
    """
    return flatten_items(node.children, raw, floats)


def flatten_items(
    items: Sequence[Element | Piece], raw: str, floats: list[Element] | None = None
) -> list[Piece]:
    """``flatten`` for a run of neighbours."""
    run = _Run(raw, floats)
    run.stack = list(reversed(items))
    while run.stack:
        item = run.stack.pop()
        if isinstance(item, Piece):
            run.put(item)
        else:
            run.enter(item)
    if run.dropped is not None:
        run.strip_end()
    return run.out


def has_text(pieces: Sequence[Piece], raw: str) -> bool:
    """Whether the pieces hold anything but white space."""
    return any(not piece_text(p, raw).isspace() and piece_text(p, raw) for p in pieces)


def words(node: Element | None, raw: str) -> str | None:
    """The text of an element in one line; None where there is none."""
    if node is None:
        return None
    text = "".join(piece_text(p, raw) for p in flatten(node, raw))
    return " ".join(text.split()) or None


class _Run:
    """One pass over neighbouring elements. ``stack`` holds what is still to be read, reversed."""

    def __init__(self, raw: str, floats: list[Element] | None) -> None:
        self.raw, self.floats = raw, floats
        self.out: list[Piece] = []
        self.stack: list[Element | Piece] = []
        self.dropped: Element | None = None  # a marker that was passed over just now

    def put(self, piece: Piece) -> None:
        """Take a run of text; mend the place where a marker was passed over in front of it."""
        text = piece_text(piece, self.raw)
        if self.dropped is not None and text:
            if _BETWEEN_MARKERS.fullmatch(text) and self.stack and self.is_marker(self.stack[-1]):
                return
            if _STOP.match(text):
                self.strip_end()
            elif text[0].isalnum() and not self.last().isspace():
                self.out.append(GAP)
            self.dropped = None
        self.out.append(piece)

    def enter(self, node: Element) -> None:
        if self.floats is not None and node.tag in FLOATS:
            self.floats.append(node)
        elif node.tag in _DROPPED:
            pass
        elif node.tag == "math":
            self.out.extend(math_pieces(node))
        elif node.tag in _FORMULAS and (tex := tex_pieces(node, self.raw)) is not None:
            around = [GAP] if node.tag in BLOCKS else []
            self.out.extend((*around, *tex, *around))
        elif self.is_marker(node):
            self.drop(node)
        elif node.tag in ("alternatives", "citation-alternatives", "name-alternatives"):
            self.stack.extend(_chosen(node))
        elif node.tag in BLOCKS:
            self.stack.extend((GAP, *reversed(node.children), GAP))
        elif node.tag in ("element-citation", "name", "person-group", "string-name", "date"):
            self.stack.extend(reversed(_spaced(node)))
        else:
            if node.tag in ("sub", "inf"):
                self.close_up()
            self.stack.extend(reversed(node.children))

    def is_marker(self, item: Element | Piece) -> bool:
        """Whether an element is a raised pointer to a reference or a note.

        A note's sign (*, †) stays: it cannot be taken for a part of the number or word before it,
        and may tell what is significant.
        """
        if isinstance(item, Piece):
            return False
        if item.tag == "sup":
            if self.dropped is not None and _BETWEEN_MARKERS.fullmatch(item.text(self.raw)):
                return True
            pointers = [n for n in item.elements() if n.tag == "xref"]
            around = item.text(self.raw)
            for pointer in pointers:
                around = around.replace(pointer.text(self.raw), "", 1)
            raised = bool(pointers) and bool(_AROUND_POINTERS.fullmatch(around))
            return raised and all(self.points(n) for n in pointers)
        if item.tag != "xref" or not self.points(item):
            return False
        text = item.text(self.raw)
        in_sup = "".join(n.text(self.raw) for n in item.all("sup"))
        if in_sup and in_sup == text:
            return item.attributes.get("ref-type") == "bibr" or not _NOTE_SIGN.fullmatch(text)
        # Not raised by mark-up, but by every stylesheet: a letter or number that is a note's sign,
        # and a reference's number closed up to a word.
        if item.attributes.get("ref-type") in ("fn", "table-fn"):
            return bool(_NOTE.fullmatch(text)) and not _NAMES_NOTE.search(self.last(12))
        return bool(_NUMBERED.fullmatch(text)) and (
            self.dropped is not None or _CLOSED_UP.search(self.last(4)) is not None
        )

    def points(self, xref: Element) -> bool:
        kind = xref.attributes.get("ref-type", "")
        return kind == "bibr" or (
            kind in _POINTERS and not _NOTE_SIGN.fullmatch(xref.text(self.raw))
        )

    def drop(self, node: Element) -> None:
        text = "".join(piece_text(p, self.raw) for p in node.pieces())
        if text != text.strip() and not self.last().isspace():
            self.out.append(GAP)
        self.dropped = node

    def last(self, count: int = 1) -> str:
        """The last characters so far."""
        text = ""
        for piece in reversed(self.out):
            text = piece_text(piece, self.raw)[-count:] + text
            if len(text) >= count:
                break
        return text[-count:] or " "

    def strip_end(self) -> None:
        """Take away the white space at the end."""
        while self.out:
            piece = self.out.pop()
            text = piece_text(piece, self.raw)
            kept = text.rstrip()
            if not kept:
                continue
            if piece.text is None:
                piece = Piece(piece.start, piece.start + len(kept))
            self.out.append(piece)
            break

    def close_up(self) -> None:
        """A lowered character belongs to what is before it; an indented line between is layout."""
        end = self.last(200)
        space = end[len(end.rstrip()) :]
        if "\n" in space and end.strip():
            self.strip_end()


def _chosen(node: Element) -> list[Element | Piece]:
    """Of several forms of one thing the one to read: a table, MathML, else what has words."""
    for tag in ("table", "math"):
        found = node.find(tag)
        if found is not None:
            return [found]
    readable = [c for c in node.children if isinstance(c, Element) and c.tag not in _DROPPED]
    return list(readable[:1])


def _spaced(node: Element) -> list[Element | Piece]:
    """The children with a space between those that only mark-up parts."""
    out: list[Element | Piece] = []
    for child in node.children:
        if out and isinstance(child, Element) and isinstance(out[-1], Element):
            out.append(GAP)
        out.append(child)
    return out
