"""Markdown with optional YAML front matter: markdown-it decides the structure, we keep places."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token

from corpus.document import BlockKind
from corpus.metadata import doi_in, year_in
from corpus.readers.base import Metadata, Piece, RawBlock, RawDocument
from corpus.readers.markdown_inline import Placed, inline_pieces
from corpus.readers.section_names import is_reference_section

_FRONT = re.compile(
    r"\A---[ \t]*\r?\n(?P<yaml>.*?)^---[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE
)
_NEWLINE = re.compile(r"\r\n?|\n")
_CAPTION = re.compile(r"^(?:table|fig(?:ure)?\.?)\s?\d{1,3}[a-z]?\s*[.:]", re.IGNORECASE)
_CELL_BREAK = re.compile(r"(?<!\\)\|")
_TAG = re.compile(r"<[^>]*>")


@dataclass(slots=True)
class _Walk:
    """State of the walk over the block tokens."""

    raw: str
    lines: list[tuple[int, int]]
    metadata: Metadata
    blocks: list[RawBlock] = field(default_factory=list)
    references: bool = False
    list_depth: int = 0
    header: int | None = None


def read(raw: str) -> RawDocument:
    """Read a Markdown file.

    Args:
        raw: the decoded file.

    Returns:
        Blocks without mark-up; offsets are characters of ``raw``. Front matter becomes metadata.
    """
    metadata, body = _front_matter(raw)
    # Without text_join, escapes and entities stay tokens of their own that name their source.
    parser = MarkdownIt("commonmark").enable("table").disable("text_join")
    walk = _Walk(raw, _line_table(raw, body), metadata)
    tokens = parser.parse(raw[body:])
    i = 0
    while i < len(tokens):
        i = _take(walk, tokens, i)
    return RawDocument(raw=raw, blocks=walk.blocks, metadata=metadata, format="markdown")


def _take(walk: _Walk, tokens: list[Token], i: int) -> int:
    token = tokens[i]
    if token.type == "list_item_open":
        walk.list_depth += 1
    elif token.type == "list_item_close":
        walk.list_depth -= 1
    elif token.type == "table_open":
        walk.header = None
    elif token.type == "tr_open":
        return _table_row(walk, tokens, i)
    elif token.type == "inline":
        _inline_block(walk, tokens[i - 1], token)
    elif token.type in ("fence", "code_block"):
        _plain_block(walk, token, trim=1 if token.type == "fence" else 0)
    elif token.type == "html_block" and not token.content.lstrip().startswith("<!--"):
        _html_block(walk, token)
    return i + 1


def _inline_block(walk: _Walk, opener: Token, token: Token) -> None:
    placed = _placed_lines(walk, token)
    pieces = inline_pieces(token.children or [], placed)
    kind, level = BlockKind.PARAGRAPH, 0
    if opener.type == "heading_open":
        level = int(opener.tag[1])
        kind = BlockKind.HEADING
        walk.references = is_reference_section(token.content)
        if level == 1 and not any(b.kind is BlockKind.TITLE for b in walk.blocks):
            kind = BlockKind.TITLE
            walk.metadata.title = walk.metadata.title or _plain(walk.raw, pieces)
    elif walk.references:
        kind = BlockKind.REFERENCE
    elif walk.list_depth:
        kind = BlockKind.LIST_ITEM
    elif _CAPTION.match(token.content):
        kind = BlockKind.CAPTION
    walk.blocks.append(RawBlock(kind, (tuple(pieces),), level=level))


def _table_row(walk: _Walk, tokens: list[Token], i: int) -> int:
    source_lines = tokens[i].map
    line = source_lines[0] if source_lines else 0
    places = _cells(walk.raw, *walk.lines[line])
    cells: list[tuple[Piece, ...]] = []
    header = False
    while tokens[i].type != "tr_close":
        if tokens[i].type == "inline":
            header = header or tokens[i - 1].type == "th_open"
            place = places[len(cells)] if len(cells) < len(places) else Placed("", [])
            cells.append(tuple(inline_pieces(tokens[i].children or [], place)))
        i += 1
    if header:
        walk.header = len(walk.blocks)
        walk.blocks.append(RawBlock(BlockKind.TABLE_HEADER, tuple(cells)))
    else:
        walk.blocks.append(RawBlock(BlockKind.TABLE_ROW, tuple(cells), header=walk.header))
    return i + 1


def _plain_block(walk: _Walk, token: Token, trim: int) -> None:
    if token.map is None:
        return
    first, last = token.map[0] + trim, token.map[1] - trim
    if first < last:
        piece = Piece(walk.lines[first][0], walk.lines[last - 1][1])
        walk.blocks.append(RawBlock(BlockKind.PARAGRAPH, ((piece,),)))


def _html_block(walk: _Walk, token: Token) -> None:
    if token.map is None:
        return
    start, end = walk.lines[token.map[0]][0], walk.lines[token.map[1] - 1][1]
    pieces: list[Piece] = []
    for match in _TAG.finditer(walk.raw, start, end):
        pieces.append(Piece(start, match.start()))
        pieces.append(Piece(match.start(), match.end(), " "))
        start = match.end()
    pieces.append(Piece(start, end))
    walk.blocks.append(RawBlock(BlockKind.PARAGRAPH, (tuple(pieces),)))


def _line_table(raw: str, body: int) -> list[tuple[int, int]]:
    """Source range of each line of the body, without its line break."""
    lines: list[tuple[int, int]] = []
    start = body
    for match in _NEWLINE.finditer(raw, body):
        lines.append((start, match.start()))
        start = match.end()
    lines.append((start, len(raw)))
    return lines


def _placed_lines(walk: _Walk, token: Token) -> Placed:
    """The content of a paragraph or heading with the source place of each character.

    A line of the content is the tail of its source line, less closing marks of a heading.
    """
    content = token.content.split("\n")
    first = token.map[0] if token.map else 0
    places: list[int] = []
    for number, text in enumerate(content):
        start, end = walk.lines[first + number]
        source = walk.raw[start:end]
        at = source.rfind(text) if text.strip() else len(source)
        offset = start + max(at, 0)
        places.extend(range(offset, offset + len(text)))
        if number + 1 < len(content):
            places.append(end)
    return Placed(token.content, places)


def _cells(raw: str, start: int, end: int) -> list[Placed]:
    """The cells of a table line: cut at unescaped pipes, trimmed, an escaped pipe read as one."""
    cuts = [start - 1, *(m.start() for m in _CELL_BREAK.finditer(raw, start, end)), end]
    cells: list[Placed] = []
    for left, right in pairwise(cuts):
        places = [
            i
            for i in range(left + 1, right)
            if not (raw[i] == "\\" and i + 1 < right and raw[i + 1] == "|")
        ]
        while places and raw[places[0]].isspace():
            places.pop(0)
        while places and raw[places[-1]].isspace():
            places.pop()
        cells.append(Placed("".join(raw[i] for i in places), places))
    if cells and not cells[0].text and raw[start:end].lstrip().startswith("|"):
        cells.pop(0)
    return cells


def _plain(raw: str, pieces: list[Piece]) -> str:
    return "".join(raw[p.start : p.end] if p.text is None else p.text for p in pieces).strip()


class _WithoutAliases(yaml.SafeLoader):
    """YAML in which nothing is named and repeated: a few lines of that may grow without end."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("an alias")
        return super().compose_node(parent, index)


def _front_matter(raw: str) -> tuple[Metadata, int]:
    """Metadata and where the body begins. Front matter that is no YAML mapping states nothing."""
    metadata = Metadata()
    match = _FRONT.match(raw)
    if match is None:
        return metadata, 0
    try:
        stated = _WithoutAliases(match["yaml"]).get_single_data()
    except (yaml.YAMLError, ValueError, RecursionError):  # ValueError: the 45th of May
        return metadata, match.end()
    if not isinstance(stated, Mapping):
        return metadata, match.end()
    fields = {str(k).lower().replace("_", " "): v for k, v in stated.items() if v is not None}
    authors = fields.get("authors", fields.get("author", ()))
    metadata.title = _line(fields.get("title"))
    metadata.authors = tuple(
        str(a).strip() for a in (authors if isinstance(authors, list) else [authors]) if a
    )
    metadata.journal = _line(fields.get("journal"))
    metadata.year = year_in(str(fields.get("year", fields.get("date", ""))))
    metadata.doi = doi_in(str(fields.get("doi", "")))
    metadata.pmid = _line(fields.get("pmid"))
    metadata.digest_of = _line(fields.get("digest of"))
    return metadata, match.end()


def _line(value: object) -> str | None:
    text = " ".join(str(value).split()) if value is not None else ""
    return text or None
