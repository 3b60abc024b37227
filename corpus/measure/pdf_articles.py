"""Articles with known text, to be set as PDFs: digests of our own, and bodies of JATS files."""

from __future__ import annotations

import re
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from lxml import etree

_SUPERSCRIPT = str.maketrans("0123456789+-−–", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻")
_FEWEST_LETTERS, _MOST_LETTERS = 14_000, 34_000
_LEFT_OUT = frozenset(
    {"table-wrap", "fig", "disp-formula", "supplementary-material", "fn", "list", "boxed-text"}
)
_UNPRINTABLE = re.compile(r"[^\u0020-\u024f\u0370-\u03ff\u2010-\u203a\u2070-\u209c\u2190-\u22ff]")


@dataclass(frozen=True, slots=True)
class Table:
    """A table that is a plain grid; the first row heads the others."""

    caption: str
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Note:
    """A footnote to the paragraph that it comes after."""

    text: str


@dataclass(frozen=True, slots=True)
class Heading:
    """The heading of a section, level 1 or 2."""

    text: str
    level: int = 1


Part = str | Heading | Table | Note
"""A paragraph, or something between two of them."""


@dataclass(frozen=True, slots=True)
class Article:
    """An article as it is to be read back; raised digits are Unicode superscripts."""

    name: str
    title: str
    parts: tuple[Part, ...] = field(repr=False)


def without_tables(article: Article) -> Article:
    """The article for a layout that sets none."""
    return replace(article, parts=tuple(p for p in article.parts if not isinstance(p, Table)))


def own_articles(starter: Path) -> list[Article]:
    """The digests that come with Pincite, three to an article, with footnotes and raised marks."""
    files = sorted(starter.glob("*.md"))
    out: list[Article] = []
    for first in range(0, len(files) - 2, 3):
        parts: list[Part] = []
        for file in files[first : first + 3]:
            parts.extend(_markdown(file.read_text(encoding="utf-8")))
        title = next(part for part in parts if isinstance(part, Heading))
        rest = [part for part in parts if part is not title]
        out.append(Article(files[first].stem, title.text, tuple(_noted(rest))))
    return out


def _markdown(text: str) -> Iterator[Part]:
    """The parts of one of our digests; its references are left out."""
    body = text.split("---\n", 2)[2].partition("## References")[0]
    for chunk in re.split(r"\n{2,}", body.strip()):
        mark = re.match(r"(#+) (.*)", chunk)
        if mark:
            yield Heading(mark.group(2).strip(), len(mark.group(1)))
        elif chunk.startswith("|"):
            rows = [line.strip("| ").split(" | ") for line in chunk.splitlines()]
            if len({len(row) for row in rows[2:] + rows[:1]}) == 1 and len(rows) > 3:
                cells = [tuple(cell.strip() for cell in row) for row in [rows[0], *rows[2:]]]
                yield Table("What was reported, as it stands in the text", tuple(cells))
        else:
            yield " ".join(chunk.split())


def _noted(parts: Sequence[Part]) -> Iterator[Part]:
    """Give every fourth paragraph a reference mark, and every ninth a footnote."""
    count = 0
    for part in parts:
        if not isinstance(part, str):
            yield part
            continue
        count += 1
        if count % 4 == 1 and part.endswith("."):
            yield f"{part}{str(count).translate(_SUPERSCRIPT)}"
        else:
            yield part
        if count % 9 == 5:
            yield Note(
                f"Figures of paragraph {count} are rounded as they are in the report itself."
            )


def jats_articles(archive: Path, count: int, tables: range) -> list[Article]:
    """The first articles of an archive of JATS files that are neither short nor long.

    Formulas, figures and lists are left out of their bodies, and tables with merged cells.

    Args:
        archive: the packed files.
        count: how many to take.
        tables: how many tables they may have.
    """
    out: list[Article] = []
    with tarfile.open(archive) as tar:
        for member in sorted(tar.getmembers(), key=lambda m: m.name):
            file = tar.extractfile(member) if member.isfile() else None
            if file is None:
                continue
            article = _jats(Path(member.name).stem, file.read())
            letters = sum(len(part) for part in article.parts if isinstance(part, str))
            own = sum(isinstance(part, Table) for part in article.parts)
            if _FEWEST_LETTERS < letters < _MOST_LETTERS and own in tables:
                out.append(article)
            if len(out) == count:
                break
    return out


def _jats(name: str, data: bytes) -> Article:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    root = etree.fromstring(data, parser)
    title = _text(root.find(".//article-title"))
    parts: list[Part] = []
    if (abstract := root.find(".//abstract")) is not None:
        parts.append(Heading("Abstract"))
        parts.extend(part for part in _section(abstract, 1) if isinstance(part, str))
    if (body := root.find(".//body")) is not None:
        parts.extend(_section(body, 0))
    known: list[Part] = [part for part in parts if _printable(part)]
    return Article(name, title, tuple(known))


def _section(node: etree._Element, level: int) -> Iterator[Part]:
    for child in node:
        if child.tag == "sec":
            yield from _section(child, level + 1)
        elif child.tag == "title" and (text := _text(child)):
            yield Heading(text, min(max(level, 1), 2))
        elif child.tag == "p":
            if text := _text(child):
                yield text
            yield from (t for w in child.iter("table-wrap") if (t := _table(w)))
        elif child.tag == "table-wrap" and (table := _table(child)):
            yield table


def _table(wrap: etree._Element) -> Table | None:
    """A table without merged or empty cells, one row of heads, no more than eight columns."""
    if wrap.xpath(".//@rowspan[.>1]|.//@colspan[.>1]") or len(wrap.findall(".//table")) != 1:
        return None
    rows = [tuple(_text(c) for c in row if c.tag in ("td", "th")) for row in wrap.iter("tr")]
    widths = {len(row) for row in rows}
    if len(wrap.findall(".//thead//tr")) != 1 or len(widths) != 1 or not 2 <= max(widths) <= 8:
        return None
    full = all(cell for row in rows[1:] for cell in row) and all(rows[0][1:])
    if not full or not 3 < len(rows) < 40 or any(len(c) > 160 for row in rows for c in row):
        return None
    caption = wrap.find("caption")
    return Table(_text(caption) or "Values of the groups", tuple(rows))


def _text(node: etree._Element | None) -> str:
    return " ".join("".join(_texts(node)).split()) if node is not None else ""


def _texts(node: etree._Element) -> Iterator[str]:
    raised = node.tag == "sup"
    if node.text:
        yield node.text.translate(_SUPERSCRIPT) if raised else node.text
    for child in node:
        if isinstance(child.tag, str) and child.tag not in _LEFT_OUT:
            yield from _texts(child)
        if child.tail:
            yield child.tail


def _printable(part: Part) -> bool:
    """Whether everything in a part is in the fonts that the pages are set in."""
    texts = [part] if isinstance(part, str) else []
    if isinstance(part, Heading | Note):
        texts = [part.text]
    elif isinstance(part, Table):
        texts = [part.caption, *(cell for row in part.rows for cell in row)]
    return not any(_UNPRINTABLE.search(text) for text in texts)
