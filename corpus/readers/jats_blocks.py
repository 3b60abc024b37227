"""A JATS article to blocks: sections, paragraphs, lists, figures, tables, notes, references."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from corpus.document import BlockKind
from corpus.readers.base import Piece, RawBlock
from corpus.readers.jats_tables import table_blocks
from corpus.readers.jats_text import BLOCKS, FLOATS, GAP, flatten, flatten_items, has_text, words
from corpus.readers.xml_tree import Element, piece_text

_DEEPEST = 60  # containers in containers; what is nested deeper is read as one paragraph
_PARTS = {
    "ack": "Acknowledgements",
    "app": "Appendix",
    "bio": "Biography",
    "fn-group": "Footnotes",
    "glossary": "Glossary",
    "notes": "Notes",
    "floats-group": "Figures and tables",
}
"""Parts of an article that are sections, by the name they get where they have no title."""

_ABSTRACTS = {
    "graphical": "Graphical abstract",
    "executive-summary": "Executive summary",
    "editor": "Editor's summary",
    "key-points": "Key points",
    "plain-language-summary": "Plain language summary",
    "toc": "Summary",
    "teaser": "Summary",
    "short": "Summary",
}
_PASSED_OVER = frozenset(
    "sub-article response sec-meta object-id alt-text long-desc graphic media permissions "
    "kwd-group sig-block processing-meta term-head def-head journal-meta x".split()
)
_RUNNING = BLOCKS - FLOATS - {"p", "label", "title", "break", "hr", "disp-formula", "term", "def"}
"""What ends the paragraph that it stands in."""

_HELD = ("p", "sec", "list", "table", "app", "fig")
_NOTE_TYPES = frozenset({"corresp", "present-address", "edited-by", "equal", "deceased"})


def article_blocks(article: Element, raw: str) -> list[RawBlock]:
    """The blocks of an ``article`` in reading order.

    Title, abstracts, body, back matter; then what the front states in sentences (funding, where the
    data are, notes on the authors). Answers and other articles inside it are passed over.

    Args:
        article: the element.
        raw: the record's source.
    """
    walk = _Walk(raw)
    front = article.find("front") or Element("front")
    meta = front.find("article-meta") or front
    walk.title(meta)
    for abstract in meta.all("abstract", "trans-abstract"):
        walk.abstract(abstract)
    for part in article.all("body", "back", "floats-group"):
        walk.part(part) if part.tag == "floats-group" else walk.body(part)
    walk.statements(meta)
    return walk.blocks


class _Walk:
    """One pass over an article. ``depth`` counts the sections around."""

    def __init__(self, raw: str) -> None:
        self.raw = raw
        self.blocks: list[RawBlock] = []
        self.depth = 0
        self.nested = 0
        self.kind = BlockKind.PARAGRAPH
        self.boxed = False
        self.lead: list[Piece] = []  # the label of the list item or note that comes next
        self.ways: dict[str, Callable[[Element], None]] = {
            "sec": self.section,
            "p": self.paragraph,
            "list": self.list_of,
            "list-item": self.list_item,
            "def-list": self.list_of,
            "def-item": self.definition,
            "table-wrap": self.table_wrap,
            "alternatives": self.table_of,
            "table": self.table,
            "array": self.table,
            "fig": self.figure,
            "supplementary-material": self.figure,
            "boxed-text": self.box,
            "statement": self.part,
            "fn": self.note,
            "ref-list": self.references,
            "ref": self.reference,
            "title": self.loose_title,
            **dict.fromkeys(_PARTS, self.part),
        }

    def add(self, kind: BlockKind, pieces: Sequence[Piece], level: int = 0) -> None:
        """Add a block, behind the label that waits for one."""
        if has_text(pieces, self.raw):
            self.blocks.append(RawBlock(kind, ((*self.lead, *pieces),), level=level))
            self.lead = []

    # Front

    def title(self, meta: Element) -> None:
        group = meta.find("title-group") or meta
        title, subtitle = group.find("article-title"), group.find("subtitle")
        if title is not None:
            pieces = flatten(title, self.raw, floats=[])
            if subtitle is not None:
                pieces += [Piece(subtitle.start, subtitle.end, ": "), *flatten(subtitle, self.raw)]
            self.add(BlockKind.TITLE, pieces)

    def abstract(self, node: Element) -> None:
        kind = node.attributes.get("abstract-type", "")
        name = _ABSTRACTS.get(kind, "Abstract")
        if node.tag == "trans-abstract" and (language := node.attributes.get("lang")):
            name = f"{name} ({language})"
        self.part(node, name)

    def statements(self, meta: Element) -> None:
        """What the front matter says in whole sentences."""
        for group in meta.all("funding-group"):
            for statement in group.all("funding-statement"):
                self.implied("Funding", statement)
                self.add(BlockKind.PARAGRAPH, flatten(statement, self.raw))
        for group in meta.all("custom-meta-group", "custom-meta-wrap"):
            for custom in group.all("custom-meta"):
                name, value = custom.find("meta-name"), custom.find("meta-value")
                if name is not None and value is not None and "data" in name.text(self.raw).lower():
                    self.add(BlockKind.HEADING, flatten(name, self.raw), level=1)
                    self.add(BlockKind.PARAGRAPH, flatten(value, self.raw))
        for notes in meta.all("author-notes"):
            kept = [n for n in notes.all("fn") if n.attributes.get("fn-type") not in _NOTE_TYPES]
            if kept:
                self.implied("Author notes", notes)
            for note in kept:
                self.note(note)

    # Sections

    def body(self, node: Element) -> None:
        """``body`` or ``back``.

        What stands outside of a titled section gets a heading of its own, or it would seem to
        belong to the section in front.
        """
        name = "Main text" if node.tag == "body" else "Notes"
        named = ""  # the heading that loose parts stand under just now
        for child in node.children:
            if isinstance(child, Piece) or child.tag in _PASSED_OVER:
                continue
            titled = child.tag in ("sec", "ref-list", "app-group", "boxed-text", *_PARTS)
            own = "Supplementary material" if child.tag == "supplementary-material" else name
            if child.tag == "sec":
                self.section(child, name)
            else:
                if not titled and named != own:
                    self.implied(own, child)
                self.inside([child])
            named = "" if titled else own

    def implied(self, name: str, node: Element, level: int = 1) -> None:
        """A heading that the article's structure states without a word."""
        self.add(BlockKind.HEADING, [Piece(node.start, node.end, name)], level=level)

    def section(self, node: Element, name: str | None = None) -> None:
        """A section with its heading, where it has one or ``name`` is one."""
        heading = self.heading_of(node)
        self.depth += 1
        if self.boxed:
            self.add(BlockKind.CAPTION, heading)
        elif has_text(heading, self.raw):
            self.add(BlockKind.HEADING, heading, level=min(self.depth, 6))
        elif name is not None:
            self.implied(name, node, level=min(self.depth, 6))
        self.inside([c for c in node.children if not _is(c, "title", "label", "subtitle")])
        self.depth -= 1

    def part(self, node: Element, name: str | None = None) -> None:
        self.section(node, name or _PARTS.get(node.tag))

    def heading_of(self, node: Element) -> list[Piece]:
        """Number and title of a section."""
        pieces: list[Piece] = []
        for child in node.all("label", "title", "subtitle"):
            if pieces:
                pieces.append(GAP)
            pieces.extend(flatten(child, self.raw, floats=[]))
        return pieces

    def loose_title(self, node: Element) -> None:
        self.add(self.kind, flatten(node, self.raw))

    # Text

    def inside(self, children: Sequence[Element | Piece]) -> None:
        """Blocks in the order in which they stand; words between them are paragraphs too."""
        run: list[Element | Piece] = []
        for child in children:
            if isinstance(child, Element) and self.is_block(child):
                self.running(run)
                run = []
                self.block(child)
            elif isinstance(child, Piece) or child.tag not in _PASSED_OVER:
                run.append(child)
        self.running(run)

    def is_block(self, node: Element) -> bool:
        """Whether an element ends the words in front of it: by its name, or by what it holds."""
        return node.tag in BLOCKS or node.tag in self.ways or node.holds(*_HELD)

    def block(self, node: Element) -> None:
        if node.tag in _PASSED_OVER:
            return
        if self.nested >= _DEEPEST:
            self.add(self.kind, flatten(node, self.raw))
            return
        self.nested += 1
        way = self.ways.get(node.tag)
        if way is not None:
            way(node)
        elif node.tag in ("disp-formula", "attrib", "speaker", "verse-line", "preformat", "code"):
            self.add(self.kind, flatten(node, self.raw))
        else:
            self.inside(node.children)
        self.nested -= 1

    def paragraph(self, node: Element) -> None:
        self.running(node.children)

    def running(self, items: Sequence[Element | Piece]) -> None:
        """A paragraph. Lists in it part it; tables and figures anchored in it come behind it."""
        floats: list[Element] = []
        run: list[Element | Piece] = []
        for item in items:
            if isinstance(item, Element) and item.tag in _RUNNING:
                self.add(self.kind, flatten_items(run, self.raw, floats))
                run = []
                self.block(item)
            else:
                run.append(item)
        self.add(self.kind, flatten_items(run, self.raw, floats))
        for found in floats:
            self.block(found)

    def list_of(self, node: Element) -> None:
        self.inside(node.children)

    def list_item(self, node: Element) -> None:
        kind, self.kind = self.kind, BlockKind.LIST_ITEM
        self.labelled(node)
        self.kind = kind

    def labelled(self, node: Element) -> None:
        """What a label or mark stands in front of."""
        label = node.find("label")
        self.lead = []
        if label is not None and has_text(pieces := flatten(label, self.raw), self.raw):
            self.lead = [*pieces, GAP]
        self.inside([c for c in node.children if c is not label])
        self.lead = []

    def definition(self, node: Element) -> None:
        """A term with its explanation: one list item."""
        pieces: list[Piece] = []
        for child in node.children:
            if isinstance(child, Element):
                pieces += [GAP, *flatten(child, self.raw)]
        self.add(BlockKind.LIST_ITEM, pieces)

    def note(self, node: Element) -> None:
        """A footnote, with a space behind the raised mark that it begins with."""
        for paragraph in node.all("p"):
            self.part_mark(paragraph)
        self.labelled(node)

    def part_mark(self, paragraph: Element) -> None:
        for number, child in enumerate(paragraph.children):
            if isinstance(child, Element) and child.tag == "sup":
                paragraph.children.insert(number + 1, GAP)
                return
            if isinstance(child, Element) or piece_text(child, self.raw).strip():
                return

    # Figures and tables

    def caption(self, node: Element, above: bool) -> list[Element]:
        """Label and caption.

        Args:
            node: a figure, table or box.
            above: whether rows follow, for which it must be one block.

        Returns:
            Paragraphs of the caption that did not go into it.
        """
        caption = node.find("caption")
        parts = [*node.all("label"), *(caption.all("title", "p") if caption else ())]
        if caption is not None and not any(caption.all("title", "p")):
            parts.append(caption)
        pieces: list[Piece] = []
        late: list[Element] = []
        for part in parts:
            found = flatten(part, self.raw, floats=[])
            if not has_text(found, self.raw):
                continue
            if pieces and self.stops_without_stop(parts, part):
                if above:
                    late.append(part)
                    continue
                self.add(BlockKind.CAPTION, pieces)
                pieces = []
            pieces += [GAP, *found]
        self.add(BlockKind.CAPTION, pieces)
        return late

    def stops_without_stop(self, parts: Sequence[Element], part: Element) -> bool:
        """Whether a caption's title lacks the stop that would part it from what follows."""
        before = parts[parts.index(part) - 1]
        text = words(before, self.raw) or ""
        return part.tag == "p" and before.tag == "title" and text[-1:] not in ".?!:;。"

    def figure(self, node: Element) -> None:
        self.caption(node, above=False)
        self.inside([c for c in node.children if not _is(c, "label", "caption")])

    def table_wrap(self, node: Element) -> None:
        late = self.caption(node, above=True)
        rest = [c for c in node.children if not _is(c, "label", "caption")]
        for child in rest:
            if isinstance(child, Element) and child.tag == "table-wrap-foot":
                self.foot(child)
            else:
                self.inside([child])
        for part in late:
            self.paragraph(part)

    def table_of(self, alternatives: Element) -> None:
        """The tables among several forms of one, or its formula where it is none."""
        tables = list(alternatives.all("table", "array"))
        for table in tables:
            self.table(table)
        if not tables:
            self.add(self.kind, flatten_items([alternatives], self.raw))

    def table(self, node: Element) -> None:
        found = table_blocks(node, self.raw, len(self.blocks))
        self.blocks.extend(found)

    def foot(self, node: Element) -> None:
        """The notes below a table."""
        kind, self.kind = self.kind, BlockKind.PARAGRAPH
        for paragraph in node.all("p"):
            self.part_mark(paragraph)
        self.inside(node.children)
        self.kind = kind

    def box(self, node: Element) -> None:
        """A box. Between sections it is one itself.

        In a section its titles are captions, so that what follows it stays under the section's
        own heading.
        """
        if self.depth == 0 and not self.boxed:
            heading = self.box_heading(node)
            self.depth += 1
            if has_text(heading, self.raw):
                self.add(BlockKind.HEADING, heading, level=1)
            else:
                self.implied("Box", node)
            self.inside([c for c in node.children if not _is(c, "label", "caption", "title")])
            self.depth -= 1
            return
        outer, self.boxed = self.boxed, True
        self.figure(node)
        self.boxed = outer

    def box_heading(self, node: Element) -> list[Piece]:
        caption = node.find("caption")
        parts = [*node.all("label", "title"), *(caption.all("title", "p") if caption else ())]
        return [piece for part in parts for piece in (GAP, *flatten(part, self.raw, []))]

    # References

    def references(self, node: Element) -> None:
        kind, self.kind = self.kind, BlockKind.REFERENCE
        self.section(node, "References")
        self.kind = kind

    def reference(self, node: Element) -> None:
        pieces: list[Piece] = []
        for child in node.children:
            if isinstance(child, Element) and child.tag not in _PASSED_OVER:
                inner = Element(child.tag, child.start, child.end, {}, [child])
                pieces += [GAP, *flatten(inner, self.raw)]
        self.add(BlockKind.REFERENCE, pieces)


def _is(child: Element | Piece, *tags: str) -> bool:
    return isinstance(child, Element) and child.tag in tags
