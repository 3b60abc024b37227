"""A piece of HTML as a tree, to ask in tests what a browser would see."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from xml.etree.ElementTree import Element, SubElement

VOID = {"br", "img", "input", "hr", "meta", "link"}


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("root")
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = SubElement(self.open[-1], tag, {name: value or "" for name, value in attrs})
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        here = self.open[-1]
        if len(here):
            here[-1].tail = (here[-1].tail or "") + data
        else:
            here.text = (here.text or "") + data


def tree(piece: str) -> Element:
    """Parse a piece of HTML; every element must be closed where it ends."""
    builder = _Builder()
    builder.feed(piece)
    builder.close()
    assert builder.open == [builder.root], f"not closed: {builder.open[-1].tag}"
    return builder.root


def find_all(
    root: Element, tag: str | None = None, *, cls: str | None = None, ident: str | None = None
) -> list[Element]:
    """List the elements of a tag, a class and an id, in document order."""

    def fits(element: Element) -> bool:
        return (
            (tag is None or element.tag == tag)
            and (cls is None or cls in element.get("class", "").split())
            and (ident is None or element.get("id") == ident)
        )

    return [element for element in root.iter() if element is not root and fits(element)]


def find(
    root: Element, tag: str | None = None, *, cls: str | None = None, ident: str | None = None
) -> Element:
    """Find the only such element."""
    found = find_all(root, tag, cls=cls, ident=ident)
    assert len(found) == 1, f"{len(found)} of {tag} .{cls} #{ident}"
    return found[0]


def text(element: Element, *, without: str | None = None) -> str:
    """Join the text inside, leaving out the elements of one tag."""

    def words(here: Element) -> Iterator[str]:
        yield here.text or ""
        for child in here:
            if child.tag != without:
                yield from words(child)
            yield child.tail or ""

    return "".join(words(element))
