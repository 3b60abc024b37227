"""XML to trees whose every element and run of text knows its place in the decoded source.

The standard library's expat checks the mark-up and gives the places; record by record, so that a
file of any size needs the memory of its largest record. Nothing is fetched: document types and
external entities are never opened. Entities that the file defines itself may only stand for plain
text, which leaves nothing to multiply. What is not well-formed is refused, never repaired.
"""

from __future__ import annotations

import html.entities
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from corpus.readers.base import Piece, Unreadable
from corpus.readers.xml_source import as_utf8

MAX_DEPTH = 500
MAX_PARTS = 3_000_000
MAX_ENTITY = 1000
MAX_EXPANSIONS = 1_000_000

_CHUNK = 1 << 20
_HINT = "Download or export it again."
_PREDEFINED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}


@dataclass(slots=True, eq=False)
class Element:
    """An element with its children in source order.

    Attributes:
        tag: its name without a namespace prefix, as it is written.
        start, end: the characters of its start tag, counted from its record's first.
        attributes: by name, without prefixes.
        children: elements and runs of text. Neighbouring characters are one run; a character
            reference is a run of its own that says what it means.
    """

    tag: str
    start: int = 0
    end: int = 0
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Element | Piece] = field(default_factory=list)

    def elements(self) -> Iterator[Element]:
        """The element itself and those inside it, in document order."""
        stack = [self]
        while stack:
            node = stack.pop()
            yield node
            stack.extend(c for c in reversed(node.children) if isinstance(c, Element))

    def all(self, *tags: str) -> Iterator[Element]:
        """The children with one of these names."""
        return (c for c in self.children if isinstance(c, Element) and c.tag in tags)

    def find(self, *path: str) -> Element | None:
        """The first element down a path of names, each a child of the one before."""
        found: Element | None = self
        for tag in path:
            found = next(found.all(tag), None) if found is not None else None
        return found

    def holds(self, *tags: str) -> bool:
        """Whether an element of one of these names is inside."""
        return any(node.tag in tags for node in self.elements() if node is not self)

    def pieces(self) -> Iterator[Piece]:
        """The runs of text inside it, in document order."""
        stack: list[Element | Piece] = [self]
        while stack:
            item = stack.pop()
            if isinstance(item, Piece):
                yield item
            else:
                stack.extend(reversed(item.children))

    def text(self, raw: str) -> str:
        """All text inside it as it stands, white space folded."""
        return " ".join("".join(piece_text(p, raw) for p in self.pieces()).split())


@dataclass(frozen=True, slots=True)
class Record:
    """An element that was looked for, with the part of the source that it is.

    Attributes:
        root: the element; its places count from the record's first character.
        raw: its source, from its first tag to its last.
        first: where ``raw`` begins in the decoded source (code points).
        data: ``raw`` in UTF-8.
        outer: the name of the file's root element.
    """

    root: Element
    raw: str = field(repr=False)
    first: int
    data: bytes = field(repr=False)
    outer: str


def piece_text(piece: Piece, raw: str) -> str:
    """What a run of text says."""
    return raw[piece.start : piece.end] if piece.text is None else piece.text


def records(
    data: bytes, wanted: frozenset[str], skip: frozenset[str] = frozenset()
) -> Iterator[Record]:
    """The outermost elements of an XML file that have one of the ``wanted`` names.

    Args:
        data: the whole file, in any encoding.
        wanted: local names, as they are written.
        skip: names of elements whose insides are not kept (they are checked all the same).

    Yields:
        Each such element as soon as it has ended; only that one is held in memory.

    Raises:
        Unreadable: the file is not well-formed, or made to do harm. It comes after the records
            in front of the place.
    """
    utf8, begin = as_utf8(data)
    builder = _Builder(utf8, begin, wanted, skip)
    view = memoryview(utf8)
    for at in range(begin, len(utf8) + 1, _CHUNK):
        failure = None
        try:
            builder.feed(view[at : at + _CHUNK], last=at + _CHUNK > len(utf8))
        except Unreadable as error:
            failure = error
        done, builder.done = builder.done, []
        yield from done
        if failure is not None:
            raise failure


class _Builder:
    """Expat's events to records. Byte places become code points as they go by."""

    def __init__(
        self, source: bytes, begin: int, wanted: frozenset[str], skip: frozenset[str]
    ) -> None:
        self.source, self.begin, self.wanted, self.skip = source, begin, wanted, skip
        self.done: list[Record] = []
        self.byte, self.point = begin, 0  # the same place, in both counts
        self.depth = 0
        self.skipped = 0  # how many elements deep inside one that is skipped
        self.outer = ""
        self.stack: list[Element] = []  # open elements of the record
        self.opened: Element | None = None  # its start tag ends where the next thing begins
        self.first = self.first_byte = 0
        self.parts = 0
        self.cdata = False
        self.entities: dict[str, str] = {}
        self.files: set[str] = set()
        self.expanded = 0
        self.parser = self.new_parser()

    def new_parser(self) -> expat.XMLParserType:
        parser = expat.ParserCreate(encoding="utf-8")
        parser.buffer_text = False
        # With these, a name that only the (never opened) document type knows is no error.
        parser.UseForeignDTD(True)
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_UNLESS_STANDALONE)
        parser.ExternalEntityRefHandler = self.external
        parser.EntityDeclHandler = self.declared
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.text
        parser.StartCdataSectionHandler = self.cdata_begins
        parser.EndCdataSectionHandler = self.cdata_ends
        parser.DefaultHandler = self.rest  # set, it also leaves references to us
        return parser

    def feed(self, chunk: memoryview, last: bool) -> None:
        """Parse a chunk; what is wrong with the file comes as one sentence."""
        try:
            self.parser.Parse(chunk, last)
        except expat.ExpatError as error:
            raise self.refusal(error) from None

    def refusal(self, error: expat.ExpatError) -> Unreadable:
        line, code = error.lineno, error.code
        at = self.begin + self.parser.ErrorByteIndex
        errors = expat.errors
        if code in _CUT_SHORT or at >= len(self.source):
            return Unreadable(f"is an XML file that breaks off at line {line}", _HINT)
        if code == errors.codes[errors.XML_ERROR_TAG_MISMATCH]:
            cause = "ends an element that is not open"
        elif self.source[at : at + 1] == b"\0":
            cause = "holds a NUL byte"
        elif code == errors.codes[errors.XML_ERROR_INVALID_TOKEN]:
            cause = _token_cause(self.source, at)
        else:
            cause = f"is not well-formed ({expat.ErrorString(code)})"
        return Unreadable(f"is broken XML: line {line} {cause}", _HINT)

    def here(self) -> int:
        """The place of the event, in code points of the decoded source."""
        byte = self.begin + self.parser.CurrentByteIndex
        if byte != self.byte:
            part = self.source[self.byte : byte]
            self.point += len(part) if part.isascii() else len(part.decode("utf-8"))
            self.byte = byte
        if self.opened is not None:
            self.opened.end = self.point - self.first
            self.opened = None
        return self.point

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise Unreadable(
                f"is XML nested more than {MAX_DEPTH} elements deep",
                "No paper or record is; it was not made to be read.",
            )
        tag = name.rpartition(":")[2]
        if self.depth == 1:
            self.outer = tag
        if self.skipped or not (self.stack or tag in self.wanted):
            self.skipped += bool(self.skipped)
            return
        place = self.here()
        if not self.stack:
            self.first, self.first_byte, self.parts = place, self.byte, 0
        elif tag in self.skip:
            self.skipped = 1
            return
        plain = {key.rpartition(":")[2]: value for key, value in attributes.items()}
        node = Element(tag, place - self.first, place - self.first, plain)
        if self.stack:
            self.add(node)
        self.stack.append(node)
        self.opened = node

    def end(self, name: str) -> None:
        self.depth -= 1
        if self.skipped:
            self.skipped -= 1
            return
        if not self.stack:
            return
        self.here()
        node = self.stack.pop()
        if not self.stack:
            self.finish(node)

    def finish(self, node: Element) -> None:
        """A record has ended: behind its end tag, or behind the one tag that it is."""
        end = self.byte
        if self.source.startswith(b"</", end):
            end = self.source.index(b">", end) + 1
        data = self.source[self.first_byte : end]
        self.done.append(Record(node, data.decode("utf-8"), self.first, data, self.outer))

    def add(self, part: Element | Piece) -> None:
        self.parts += 1
        if self.parts > MAX_PARTS:
            raise Unreadable(f"is XML with more than {MAX_PARTS:,} parts in one record")
        self.stack[-1].children.append(part)

    def text(self, data: str) -> None:
        if self.skipped or not self.stack:
            return
        place = self.here() - self.first
        source, byte = self.source, self.byte
        if source[byte] == 38 and not self.cdata:  # & begins a reference
            end = source.index(b";", byte) + 1
            self.add(Piece(place, place + end - byte, data))
            return
        length = 2 if source[byte] == 13 and source[byte + 1 : byte + 2] == b"\n" else len(data)
        before = self.stack[-1].children[-1] if self.stack[-1].children else None
        if isinstance(before, Piece) and before.text is None and before.end == place:
            self.stack[-1].children[-1] = Piece(before.start, place + length)
        else:
            self.add(Piece(place, place + length))

    def cdata_begins(self) -> None:
        self.cdata = True
        self.rest("")

    def cdata_ends(self) -> None:
        self.cdata = False
        self.rest("")

    def rest(self, data: str) -> None:
        """Comments, instructions, declarations, and references to named characters."""
        if self.skipped or not self.stack:
            return
        place = self.here() - self.first
        if data.startswith("&") and data.endswith(";"):
            name = data[1:-1]
            meaning = self.entities.get(name) or html.entities.html5.get(f"{name};")
            self.expanded += len(meaning or "")
            if self.expanded > MAX_EXPANSIONS:
                raise Unreadable("is XML whose entities grow beyond all measure")
            # A name that nobody knows is left as it stands: a gap would be worse.
            self.add(Piece(place, place + len(data), meaning))

    def declared(
        self,
        name: str,
        is_parameter: bool,
        value: str | None,
        base: str | None,
        system: str | None,
        public: str | None,
        notation: str | None,
    ) -> None:
        """An entity of the file's own: plain text is kept, anything that could grow is refused."""
        if value is None or name in _PREDEFINED:
            return
        if len(value) > MAX_ENTITY or any(mark in value for mark in "<&%"):
            raise Unreadable(
                f"is XML that defines an entity ({name[:40]}) of more than plain text",
                "Such files can be made to do harm. Save it with its entities resolved.",
            )
        if not is_parameter:
            self.entities.setdefault(name, value)

    def external(
        self, context: str | None, base: str | None, system: str | None, public: str | None
    ) -> int:
        """A reference to another file. The document type is passed over, all else is refused."""
        if context is not None:
            raise Unreadable(
                f"is XML that wants another file read in its place ({(system or '')[:80]})",
                "Pincite opens no other file. Save it with its entities resolved.",
            )
        self.parser.ExternalEntityParserCreate(None).Parse(b"", True)  # it is empty to us
        return 1


_CUT_SHORT = frozenset(
    expat.errors.codes[name]
    for name in (
        expat.errors.XML_ERROR_NO_ELEMENTS,
        expat.errors.XML_ERROR_UNCLOSED_TOKEN,
        expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION,
        expat.errors.XML_ERROR_PARTIAL_CHAR,
    )
)


def _token_cause(source: bytes, at: int) -> str:
    """Why expat stumbled over a byte: it is no UTF-8, a control character, or broken mark-up."""
    try:
        source[at : at + 4].decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start == 0 and error.reason != "unexpected end of data":
            return "is not in the encoding that the file states, or in UTF-8"
    if source[at] < 32 and source[at] not in b"\t\r\n":
        return "holds a control character"
    return "holds mark-up that is not XML"
