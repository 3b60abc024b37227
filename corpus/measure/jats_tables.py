"""How many cells of the tables in JATS articles are read with their row and their column.

The truth is made from the mark-up with lxml, by the rules of HTML for spans and without any code
of the reader: a cell's row is the text of the first column beside it, its column the texts of all
header cells above it. White space is left out of the comparison, and so are raised letters and
numbers that point to notes. Where the mark-up ends the head too early, a cell is counted apart.
"""

from __future__ import annotations

import tarfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree

from corpus.document import BlockKind, Document
from corpus.load import load_bytes
from corpus.measure.command import run
from corpus.measure.figures import Figure

Cell = tuple[str, str, str]
"""Row, column and text of a cell, without white space."""

_BETWEEN = " | "


@dataclass(slots=True)
class Counted:
    """Over all tables: cells, those read right, those in the right row or column; misses.

    ``longer`` are cells whose column header begins as the mark-up says and goes on with words of
    the first rows of the body, which stand in for a second header row.
    """

    tables: int = 0
    whole: int = 0
    headless: int = 0
    cells: int = 0
    right: int = 0
    by_row: int = 0
    by_column: int = 0
    longer: int = 0
    missed: list[str] = field(default_factory=list)


def truth(table: etree._Element) -> list[Cell]:
    """The cells of a table's body outside of its first column; [] where it has no head."""
    head = _grid(table.findall("./thead/tr"))
    body = _grid(table.findall("./tbody/tr") or table.findall("./tr"))
    columns: dict[int, str] = {}
    for column in range(max((len(row) for row in head), default=0)):
        above = [row[column] for row in head if column < len(row)]
        texts = dict.fromkeys(cell for cell in above if cell is not None)
        columns[column] = "".join(_text(cell) for cell in texts)
    cells: list[Cell] = []
    for number, row in enumerate(body if head else ()):
        for column, cell in enumerate(row[1:], 1):
            above_it = number and column < len(body[number - 1]) and body[number - 1][column]
            if cell is None or cell is row[column - 1] or (cell is above_it and cell is not None):
                continue  # it begins elsewhere
            if text := _text(cell):
                label = "" if row[0] is None else _text(row[0])
                cells.append((label, columns.get(column, ""), text))
    return cells


def _grid(rows: Sequence[etree._Element]) -> list[list[etree._Element | None]]:
    """The table model of HTML: which cell covers each slot."""
    slots: dict[tuple[int, int], etree._Element] = {}
    for y, row in enumerate(rows):
        x = 0
        for cell in row:
            if cell.tag not in ("td", "th"):
                continue
            while (x, y) in slots:
                x += 1
            wide, high = int(cell.get("colspan") or 1), int(cell.get("rowspan") or 1)
            for dx in range(wide):
                for dy in range(min(high, len(rows) - y)):
                    slots[x + dx, y + dy] = cell
            x += wide
    width = max((x for x, _ in slots), default=-1) + 1
    return [[slots.get((x, y)) for x in range(width)] for y in range(len(rows))]


def _text(cell: etree._Element) -> str:
    """The cell's characters without white space and without letters that point to notes."""
    return "".join("".join(_words(cell)).split())


def _words(node: etree._Element) -> Iterator[str]:
    if isinstance(node.tag, str) and not _points(node):
        yield str(node.text or "")
        for child in node:
            yield from _words(child)
            yield str(child.tail or "")


def _points(node: etree._Element) -> bool:
    """Whether an element is a pointer to a note, or a raised one to a reference."""
    text = "".join(map(str, node.itertext())).strip()
    kind = node.get("ref-type", "")
    parent = node.getparent()
    raised = "sup" in (parent is not None and parent.tag, *(child.tag for child in node))
    return text.isalnum() and (
        kind in ("fn", "table-fn") or (kind == "bibr" and raised and text.isdigit())
    )


def ours(document: Document) -> list[list[Cell]]:
    """The cells of each table of a document, outside of the first column."""
    tables: list[list[Cell]] = []
    after = None
    for block in document.blocks:
        if block.kind is BlockKind.TABLE_ROW:
            if after is None:
                tables.append([])
            header = document.text[slice(*block.header)] if block.header else ""
            heads = [_bare(text) for text in header.split(_BETWEEN)]
            label, *cells = [
                _bare(text) for text in document.text[block.start : block.end].split(_BETWEEN)
            ]
            for column, text in enumerate(cells, 1):
                if text:
                    tables[-1].append((label, heads[column] if column < len(heads) else "", text))
            after = block.kind
        elif block.kind is not BlockKind.TABLE_HEADER:
            after = None
    return tables


def _bare(text: str) -> str:
    return "".join(text.split())


def count(name: str, data: bytes, into: Counted) -> None:
    """Count the cells of one article; of our tables each is held against the one like it."""
    document = load_bytes(data, name)
    found = Counter(cell for table in ours(document) for cell in table)
    rows = Counter((label, text) for (label, _, text), n in found.items() for _ in range(n))
    columns = Counter((head, text) for (_, head, text), n in found.items() for _ in range(n))
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    for table in etree.fromstring(data, parser).iter("table"):
        cells = truth(table)
        if not cells:
            into.headless += 1
            continue
        right = 0
        for cell in cells:
            label, head, text = cell
            if found[cell]:
                found[cell] -= 1
                right += 1
            elif any(found[longer] for longer in _longer(cell, found)):
                into.longer += 1
            else:
                into.missed.append(f"{name}\t{label}\t{head}\t{text}\n")
            into.by_row += _take(rows, (label, text))
            into.by_column += _take(columns, (head, text))
        into.tables += 1
        into.cells += len(cells)
        into.right += right
        into.whole += right == len(cells)


def _longer(cell: Cell, found: Counter[Cell]) -> list[Cell]:
    """The cells that were found with the same row and text, and more words in their header."""
    label, head, text = cell
    return [f for f in found if (f[0], f[2]) == (label, text) and f[1].startswith(head)]


def _take(counter: Counter[tuple[str, str]], key: tuple[str, str]) -> bool:
    if not counter[key]:
        return False
    counter[key] -= 1
    return True


def articles(shared: Path) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of every JATS article of Evidence Inference that is here."""
    with tarfile.open(shared / "bench" / "evidence_inference" / "jats.tar.gz") as archive:
        for member in archive:
            file = archive.extractfile(member)
            if file is not None:
                yield Path(member.name).stem, file.read()


def measure(shared: Path, out: Path) -> list[Figure]:
    """Count the cells of all tables.

    Args:
        shared: the folder that holds ``bench/evidence_inference``.
        out: ``jats_tables_missed.txt`` is written there.
    """
    counted = Counted()
    for name, data in articles(shared):
        count(name, data, counted)
    (out / "jats_tables_missed.txt").write_text("".join(counted.missed), "utf-8")
    of = f"{counted.cells:,} cells of {counted.tables} tables"
    return [
        Figure("cells with their row and column", f"{counted.right / counted.cells:.4f}", of),
        Figure(
            "… and where the head goes on in the body",
            f"{(counted.right + counted.longer) / counted.cells:.4f}",
            of,
        ),
        Figure("cells with their row", f"{counted.by_row / counted.cells:.4f}", of),
        Figure("cells with their column header", f"{counted.by_column / counted.cells:.4f}", of),
        Figure(
            "tables without a cell missed",
            f"{counted.whole / counted.tables:.3f}",
            f"{counted.tables} tables; {counted.headless} more have no head or no cells",
        ),
    ]


if __name__ == "__main__":
    run(measure)
