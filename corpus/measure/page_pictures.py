"""Ten page pictures with marked quotes, and whether the boxes of quotes hold exactly their words.

``python -m corpus.measure.page_pictures ../shared OUT`` writes the pictures and what is not exact.
"""

from __future__ import annotations

import ctypes
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pypdfium2
import pypdfium2.raw as pdfium

from corpus.document import BlockKind, Box, Document
from corpus.load import LoadError, load
from corpus.measure.command import run
from corpus.measure.figures import Figure
from corpus.passages import passages
from corpus.pictures import page_picture
from corpus.readers.pdf_pages import opened

_FINE = 100  # PDFium maps whole device units only: a hundredth of a point
_INSET = (0.5, 0.1)  # points from the sides; share of the height from top and bottom
# White space, hyphens (mended at line ends) and what the reading text puts between cells.
_BETWEEN = re.compile(r"[\s\u00ad\u2010\u2011\ufffe\x02|-]+")


@dataclass(frozen=True, slots=True)
class Quote:
    """A sentence, a table row or a caption of a PDF that may be quoted.

    Attributes:
        document: the document.
        data: the file's bytes.
        start, end: offsets into the reading text.
        kind: its block's.
        boxes: where it stands.
        first, last: whether it is the first or the last one on a page.
    """

    document: Document
    data: bytes
    start: int
    end: int
    kind: BlockKind
    boxes: tuple[Box, ...]
    first: bool = False
    last: bool = False

    @property
    def text(self) -> str:
        """Its words."""
        return self.document.text[self.start : self.end]


def _crosses_a_column(quote: Quote) -> bool:
    return any(
        a.page == b.page and b.y1 < a.y0 - 50 and b.x0 > a.x1 for a, b in pairwise(quote.boxes)
    )


def _crosses_a_page(quote: Quote) -> bool:
    return len({box.page for box in quote.boxes}) > 1


def _is(kind: BlockKind) -> Callable[[Quote], bool]:
    return lambda quote: quote.kind is kind


WANTED: Sequence[tuple[str, str, Callable[[Quote], bool]]] = (
    ("first of a page", "journal-1", lambda q: q.first and q.boxes[0].page == 2),
    ("last of a page", "journal-2", lambda q: q.last and q.boxes[0].page == 3),
    ("over two columns", "journal-1", _crosses_a_column),
    ("over two columns", "journal-2", _crosses_a_column),
    ("over two pages", "two-column", _crosses_a_page),
    ("table row", "journal-3", _is(BlockKind.TABLE_ROW)),
    ("caption", "journal-3", _is(BlockKind.CAPTION)),
    ("caption", "two-column", _is(BlockKind.CAPTION)),
    ("list item", "multi_page", _is(BlockKind.LIST_ITEM)),
    ("right to left", "right_to_left_01", lambda q: len(q.boxes) > 1),
)
"""The ten pictures: what is marked, in which paper, and how it is told."""


def measure(shared: Path, out: Path) -> list[Figure]:
    """Make the pictures, and hold every quotable sentence of the papers against its boxes.

    Args:
        shared: the folder of the data sets; the papers are in ``inputs/pdf``.
        out: where the pictures go, and ``boxes.txt`` with every quote that is not exact.
    """
    papers = dict(_papers(shared / "inputs" / "pdf"))
    figures, inexact, chosen = [], list[str](), list[Quote]()
    for number, (what, name, fits) in enumerate(WANTED, start=1):
        quote = next((q for q in papers.get(name, ()) if fits(q)), None)
        if quote is None:
            inexact.append(f"no quote for picture {number}: {what} of {name}")
            continue
        chosen.append(quote)
        for page in sorted({box.page for box in quote.boxes}):
            picture = page_picture(quote.data, page, quote.boxes)
            file = f"{number:02}-{name}-p{page}-{what.replace(' ', '-')}.png"
            (out / file).write_bytes(picture)
    figures.append(_figure("the quotes of the page pictures", chosen, []))
    for name, quotes in papers.items():
        figures.append(_figure(f"all quotable sentences and rows of {name}.pdf", quotes, inexact))
    everything = [quote for quotes in papers.values() for quote in quotes]
    figures.append(_figure("all quotable sentences and rows of all papers", everything, []))
    (out / "boxes.txt").write_text("\n".join(inexact) + "\n", encoding="utf-8")
    return figures


def _figure(what: str, quotes: Sequence[Quote], inexact: list[str]) -> Figure:
    """The share of quotes whose boxes hold exactly their words; what is not, is noted."""
    exact = 0
    for quote in quotes:
        found = text_in_boxes(quote.data, quote.boxes)
        # In whatever order: PDFium gives the two letters of one Arabic glyph the wrong way round.
        if sorted(_letters(found)) == sorted(_letters(quote.text)):
            exact += 1
            continue
        pages = ", ".join(str(page) for page in sorted({box.page for box in quote.boxes}))
        source = quote.document.info.source
        inexact.append(f"{source} p. {pages}\n  quote: {quote.text!r}\n  boxes: {found!r}")
    share = f"{exact / len(quotes):.3f}" if quotes else "–"
    return Figure("quotes whose boxes hold exactly their words", share, f"{len(quotes)}: {what}")


def _letters(text: str) -> str:
    return _BETWEEN.sub("", unicodedata.normalize("NFKC", text).replace("\N{MINUS SIGN}", ""))


def _papers(folder: Path) -> Iterator[tuple[str, list[Quote]]]:
    """Every PDF that can be read, with its quotes."""
    for path in sorted(folder.glob("*.pdf")):
        try:
            document = load(path, path.name)
        except LoadError:
            continue  # a scan, a password: nothing can be quoted
        yield path.stem, _quotes(document, path.read_bytes())


def _quotes(document: Document, data: bytes) -> list[Quote]:
    found = [(span, passage.kind) for passage in passages(document) for span in passage.sentences]
    kinds = {block.start: block.kind for block in document.blocks}
    pages = [document.pages(*span) for span, _ in found]
    return [
        Quote(
            document,
            data,
            span.start,
            span.end,
            kinds.get(span.start, kind),
            tuple(document.boxes(*span)),
            first=bool(pages[i]) and (i == 0 or pages[i - 1][-1:] != pages[i][:1]),
            last=bool(pages[i]) and (i + 1 == len(found) or pages[i + 1][:1] != pages[i][-1:]),
        )
        for i, (span, kind) in enumerate(found)
    ]


def text_in_boxes(data: bytes, boxes: Sequence[Box]) -> str:
    """What PDFium finds in boxes of a PDF, one after the other.

    Args:
        data: the bytes of the PDF.
        boxes: in points from the top left of the page as a viewer shows it.
    """
    parts = []
    with opened(data) as document:
        for number in dict.fromkeys(box.page for box in boxes):
            with closing(document[number - 1]) as page, closing(page.get_textpage()) as text:
                for box in boxes:
                    if box.page == number:
                        parts.append(text.get_text_bounded(*_on_the_page(page, box)))
    return "\n".join(parts)


def _on_the_page(page: pypdfium2.PdfPage, box: Box) -> tuple[float, float, float, float]:
    """A box, a little smaller, in the page's own coordinates: left, bottom, right, top."""
    size = [round(side * _FINE) for side in page.get_size()]
    x, y = ctypes.c_double(), ctypes.c_double()
    beside, above = _INSET[0], _INSET[1] * (box.y1 - box.y0)
    if box.y1 - box.y0 > 2 * (box.x1 - box.x0):  # a line that runs up or down the page
        beside, above = _INSET[1] * (box.x1 - box.x0), _INSET[0]
    corners = []
    for px, py in ((box.x0 + beside, box.y0 + above), (box.x1 - beside, box.y1 - above)):
        pdfium.FPDF_DeviceToPage(
            page.raw, 0, 0, *size, 0, round(px * _FINE), round(py * _FINE), x, y
        )
        corners.append((x.value, y.value))
    (ax, ay), (bx, by) = corners
    return min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)


if __name__ == "__main__":
    run(measure)
