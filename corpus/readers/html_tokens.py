"""HTML source to tags and text runs, each with its exact place in the source.

The standard library's ``html.parser`` gives line and column only, differs between Python releases
in how it recovers from broken mark-up and turns all that follows a stray ``&#`` into text. This
scanner follows the tokenization rules of the WHATWG HTML standard (section 13.2.5) as far as text
and its place need them, and takes time linear in the source whatever the source holds.
"""

from __future__ import annotations

import html
import re
from collections.abc import Generator, Iterator
from enum import Enum, auto
from typing import NamedTuple

_TAG = re.compile(
    r"""<(/?)([a-zA-Z][^\s/>]*+)((?:[^>"'=]++|=\s*+(?:"[^"]*+"|'[^']*+')?+|["'])*+)>"""
)
_SIMPLE_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/<>]*+)([^<>]*+)>?")
_ATTRIBUTE = re.compile(
    r"""[\s/]*+([^\s/>=]++)(?:\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s>]*+)))?+"""
)
_XML_DECLARATION = re.compile(r"[\ufeff \t\r\n]*+<\?xml")
_REFERENCE = re.compile(r"&(?:#[0-9]+;?|#[xX][0-9a-fA-F]+;?|[a-zA-Z][a-zA-Z0-9]*;?)")
_RAW_TEXT = frozenset(
    {"script", "style", "textarea", "title", "iframe", "noembed", "noframes", "xmp"}
)


class TokenKind(Enum):
    """What a stretch of HTML source is."""

    START = auto()
    END = auto()
    TEXT = auto()


class Token(NamedTuple):
    """A stretch ``[start, end)`` of the source.

    Attributes:
        kind: what it is.
        start, end: its characters.
        name: the element's name in lower case (tags), empty for text.
        attributes: the unparsed attributes (start tags).
        text: what a character reference means; None for text that is read as it stands.
    """

    kind: TokenKind
    start: int
    end: int
    name: str = ""
    attributes: str = ""
    text: str | None = None


def parse_attributes(source: str) -> dict[str, str]:
    """The attributes of a start tag by lower-case name; of a repeated one the first counts."""
    out: dict[str, str] = {}
    for match in _ATTRIBUTE.finditer(source):
        name, *values = match.groups()
        value = next((v for v in values if v is not None), "")
        out.setdefault(name.lower(), html.unescape(value) if "&" in value else value)
    return out


def is_xhtml(source: str) -> bool:
    """Whether a page is declared to be XML."""
    return _XML_DECLARATION.match(source) is not None


def tokens(source: str) -> Iterator[Token]:
    """The tags and text runs of ``source`` in order.

    Comments, declarations and the contents of scripts, styles and form fields are left out.
    """
    return _Scanner(source).run()


class _Scanner:
    def __init__(self, source: str) -> None:
        self.source = source
        self.xml = is_xhtml(source)
        self.whole_tags = True
        self.unclosed: set[str] = set()

    def run(self) -> Iterator[Token]:
        source, position = self.source, 0
        while True:
            less = source.find("<", position)
            if less < 0:
                yield from self.text(position, len(source))
                return
            yield from self.text(position, less)
            follower = source[less + 1 : less + 2]
            if follower.isascii() and (follower.isalpha() or source[less + 2 : less + 3].isalpha()):
                tag = self.tag(less) if follower.isalpha() or follower == "/" else None
                if tag is not None:
                    yield tag
                    position = yield from self.after(tag)
                    continue
            if follower in ("!", "?") or (follower == "/" and less + 2 < len(source)):
                position = yield from self.markup(less)
            else:
                yield Token(TokenKind.TEXT, less, less + 1)
                position = less + 1

    def text(self, start: int, end: int) -> Iterator[Token]:
        """Text, with each character reference as a token of its own."""
        if start >= end:
            return
        position = start
        for match in _REFERENCE.finditer(self.source, start, end):
            meaning = html.unescape(match.group())
            if meaning == match.group():
                continue  # "AT&T": an ampersand that is only itself
            if match.start() > position:
                yield Token(TokenKind.TEXT, position, match.start())
            if meaning:
                yield Token(TokenKind.TEXT, match.start(), match.end(), text=meaning)
            position = match.end()
        if position < end:
            yield Token(TokenKind.TEXT, position, end)

    def tag(self, start: int) -> Token | None:
        match = _TAG.match(self.source, start) if self.whole_tags else None
        if match is None:
            # A quote that never closes: from here on a tag ends at the next bracket, so that
            # the search for its end is not repeated from every tag to the end of the source.
            self.whole_tags = False
            match = _SIMPLE_TAG.match(self.source, start)
        if match is None:
            return None
        kind = TokenKind.END if match.group(1) else TokenKind.START
        return Token(kind, start, match.end(), match.group(2).lower(), match.group(3))

    def after(self, tag: Token) -> Generator[Token, None, int]:
        """Skip the raw contents that follow a start tag; returns where to go on."""
        if tag.kind is TokenKind.END or tag.name not in _RAW_TEXT or tag.name in self.unclosed:
            return tag.end
        if self.xml and tag.attributes.endswith("/"):
            return tag.end
        closing = re.compile(rf"</{tag.name}(?=[\s/>])", re.IGNORECASE)
        match = closing.search(self.source, tag.end)
        if tag.name == "title":
            if match is None:
                self.unclosed.add(tag.name)
                return tag.end
            yield from self.text(tag.end, match.start())
        return match.start() if match else len(self.source)

    def markup(self, start: int) -> Generator[Token, None, int]:
        """Skip a comment or declaration; the text of a CDATA section is text in XHTML."""
        source = self.source
        if source.startswith("<!--", start):
            end, length = source.find("-->", start + 2), 3
        elif source.startswith("<![CDATA[", start):
            end, length = source.find("]]>", start), 3
            if self.xml and end >= 0:
                yield Token(TokenKind.TEXT, start + 9, end)
        else:
            end, length = source.find(">", start), 1
        return len(source) if end < 0 else end + length
