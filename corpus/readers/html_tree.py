"""HTML tokens to a tree of elements, as a browser would build it from broken mark-up.

The rules are those of the WHATWG HTML standard's tree construction (section 13.2.6) that decide
which text belongs together: implied ends of ``p``, ``li``, ``td`` and their like, end tags without
a start, text that strayed into a table. Formatting that crosses block borders simply ends there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from corpus.readers.base import Piece
from corpus.readers.html_tokens import Token, TokenKind, is_xhtml, parse_attributes, tokens

VOID = frozenset(
    "area base basefont bgsound br col embed frame hr img input keygen link meta param source "
    "track wbr".split()
)
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
BLOCKS = HEADINGS | frozenset(
    "address article aside blockquote body caption center dd details dialog dir div dl dt fieldset "
    "figcaption figure footer form frameset header hgroup hr html legend li listing main menu nav "
    "ol optgroup option p pre search section summary table tbody td tfoot th thead tr ul "
    "ref-list sec abstract".split()
)
"""Elements that begin and end a block of text."""

_ENDS_PARAGRAPH = BLOCKS - frozenset(
    "body caption html legend option optgroup tbody td tfoot th thead tr".split()
)
_CELL_WALL = frozenset({"table", "td", "th", "caption", "template", "object", "button", "html"})
_TABLE_WALL = frozenset({"table", "template", "html"})
_TABLE_PARTS = frozenset({"tr", "td", "th", "thead", "tbody", "tfoot", "caption", "colgroup"})
_IN_TABLE = _TABLE_PARTS | {"col", "script", "style", "template", "input"}
_ROW_GROUPS = frozenset({"thead", "tbody", "tfoot"})
_TABLE_CONTEXT = _ROW_GROUPS | {"table", "tr"}
_IN_HEAD = frozenset(
    "head html title meta link base script style noscript template bgsound basefont".split()
)
_MAX_DEPTH = 500  # browsers stop nesting at 512; deeper elements become siblings


@dataclass(slots=True, eq=False)
class Node:
    """An element with its children in source order.

    Attributes:
        tag: the element's name in lower case.
        start, end: the characters of its start tag.
        attributes: by lower-case name.
        children: elements and runs of text.
        own: visible characters in its own runs of text; -1 until counted.
        size, links: visible characters inside, and those of them inside links.
    """

    tag: str
    start: int = 0
    end: int = 0
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Node | Piece] = field(default_factory=list)
    own: int = -1
    size: int = 0
    links: int = 0

    def elements(self) -> Iterator[Node]:
        """The element itself and those inside it, in document order."""
        stack: list[Node] = [self]
        while stack:
            node = stack.pop()
            yield node
            stack.extend(c for c in reversed(node.children) if isinstance(c, Node))

    def pieces(self) -> Iterator[Piece]:
        """The text runs inside it, in document order."""
        stack: list[Node | Piece] = [self]
        while stack:
            item = stack.pop()
            if isinstance(item, Piece):
                yield item
            else:
                stack.extend(reversed(item.children))

    def text(self, source: str) -> str:
        """The text inside it, white space collapsed."""
        runs = (source[p.start : p.end] if p.text is None else p.text for p in self.pieces())
        return " ".join("".join(runs).split())


def parse(source: str) -> Node:
    """Build the tree of ``source``; the root stands for the document."""
    builder = _Builder(source)
    for token in tokens(source):
        if token.kind is TokenKind.TEXT:
            builder.text(token)
        elif token.kind is TokenKind.START:
            builder.begin(token)
        else:
            builder.finish(token)
    return builder.root


class _Builder:
    def __init__(self, source: str) -> None:
        self.source = source
        self.xml = is_xhtml(source)
        self.root = Node("#document")
        self.stack = [self.root]
        self.past_head = False

    def text(self, token: Token) -> None:
        piece = Piece(token.start, token.end, token.text)
        blank = token.text is None and self.source[token.start : token.end].isspace()
        if not blank:
            self._leave_head("#text")
        if self.stack[-1].tag not in _TABLE_CONTEXT:
            self.stack[-1].children.append(piece)
        elif not blank:
            self._before_table(piece)

    def begin(self, token: Token) -> None:
        name = token.name
        node = Node(name, token.start, token.end, parse_attributes(token.attributes))
        closed = token.attributes.endswith("/") and (
            self.xml or self._in_foreign() or name in ("svg", "math")
        )
        self._leave_head(name)
        self._imply_ends(name)
        if name in _TABLE_PARTS:
            self._back_to_table(token)
        if self.stack[-1].tag in _TABLE_CONTEXT and name not in _IN_TABLE:
            if name == "form":
                return  # a form around rows: browsers leave it empty
            self._before_table(node)
        else:
            self.stack[-1].children.append(node)
        if name not in VOID and not closed:
            self._open(node)

    def finish(self, token: Token) -> None:
        name = token.name
        if name in ("body", "html"):
            return  # what follows still belongs to the page
        if name == "br":
            self.begin(token._replace(attributes=""))
        elif name in HEADINGS:
            self._close(HEADINGS, _CELL_WALL)
        elif name in _TABLE_PARTS:
            self._close({name}, _TABLE_WALL)
        elif name in ("table", "template"):
            self._close({name}, frozenset())
        elif name in BLOCKS:
            self._close({name}, _CELL_WALL)
        else:
            self._close({name}, BLOCKS)

    def _imply_ends(self, name: str) -> None:
        """End the elements that cannot stay open when ``name`` begins."""
        if name in _ENDS_PARAGRAPH:
            self._close({"p"}, _CELL_WALL)
        if name in HEADINGS and self.stack[-1].tag in HEADINGS:
            self.stack.pop()
        elif name == "li":
            self._close({"li"}, BLOCKS - {"li", "address", "div", "p"})
        elif name in ("dt", "dd"):
            self._close({"dt", "dd"}, BLOCKS - {"dt", "dd", "address", "div", "p"})
        elif name in ("td", "th"):
            self._close({"td", "th", "caption"}, _TABLE_WALL | {"tr"})
        elif name in ("tr", "thead", "tbody", "tfoot", "caption", "colgroup"):
            ends = {"caption", "colgroup", "tr"} | (_ROW_GROUPS if name != "tr" else set())
            while self._close(ends, _TABLE_WALL):
                pass
        elif name in ("a", "option"):
            self._close({name}, BLOCKS - {"option"})

    def _close(self, names: frozenset[str] | set[str], walls: frozenset[str] | set[str]) -> bool:
        """End the innermost open element of ``names`` with all inside it, unless behind a wall."""
        for height in range(len(self.stack) - 1, 0, -1):
            tag = self.stack[height].tag
            if tag in names:
                del self.stack[height:]
                return True
            if tag in walls:
                return False
        return False

    def _leave_head(self, name: str) -> None:
        if self.past_head or name in _IN_HEAD:
            return
        if self.stack[-1].tag not in ("title", "noscript", "template"):
            self._close({"head"}, frozenset())
            self.past_head = True

    def _open(self, node: Node) -> None:
        if len(self.stack) >= _MAX_DEPTH:
            self.stack.pop()
        self.stack.append(node)

    def _in_foreign(self) -> bool:
        return any(n.tag in ("svg", "math") for n in self.stack[-4:])

    def _back_to_table(self, token: Token) -> None:
        """Leave what strayed between the rows; give a cell without a row its row."""
        for height in range(len(self.stack) - 1, 0, -1):
            if self.stack[height].tag in _TABLE_CONTEXT:
                del self.stack[height + 1 :]
                if token.name in ("td", "th") and self.stack[-1].tag != "tr":
                    row = Node("tr", token.start, token.end)
                    self.stack[-1].children.append(row)
                    self._open(row)
                return

    def _before_table(self, item: Node | Piece) -> None:
        """Place what strayed between the cells in front of its table."""
        height = len(self.stack) - 1
        while height > 0 and self.stack[height].tag != "table":
            height -= 1
        siblings = self.stack[max(height - 1, 0)].children
        siblings.insert(max(len(siblings) - 1, 0), item)
