"""How near a read PDF comes to the article that it was made of."""

from __future__ import annotations

import ctypes
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import pairwise

import pypdfium2
import pypdfium2.raw as pdfium
from rapidfuzz.distance import Levenshtein

from corpus.document import QUOTABLE, BlockKind, Box, Document
from corpus.measure.pdf_articles import Article, Heading, Note, Table
from corpus.sentences import sentence_spans

_RUNNING = frozenset({BlockKind.PARAGRAPH, BlockKind.LIST_ITEM})
_TEXT = _RUNNING | {BlockKind.TITLE, BlockKind.HEADING}
_INSIDE = 0.15  # of a box's height is left out at top and bottom, where lines may touch


@dataclass(slots=True)
class Score:
    """Counts over one or more documents.

    Attributes:
        letters, wrong: characters of the truth; the fewest single changes from ours to it.
        sentences, found: the truth's sentences; those that are one of ours, letter for letter.
        ours, foreign: our own quotable sentences; those that are none of the truth's.
        pairs, parted: found sentences next to each other in the truth; those that are not in ours.
        headings, headings_found: the truth's headings; those that are ours.
        cells, cells_found: table cells; those found with their row's label and column's head.
        quotes, exact: quotes whose boxes were looked into; those with their own words inside.
    """

    letters: int = 0
    wrong: int = 0
    sentences: int = 0
    found: int = 0
    ours: int = 0
    foreign: int = 0
    pairs: int = 0
    parted: int = 0
    headings: int = 0
    headings_found: int = 0
    cells: int = 0
    cells_found: int = 0
    quotes: int = 0
    exact: int = 0

    def __add__(self, other: Score) -> Score:
        """The counts of both."""
        return Score(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(Score)))


@dataclass(slots=True)
class Faults:
    """What went wrong, to be looked at."""

    missed: list[str]
    foreign: list[str]
    parted: list[str]
    cells: list[str]
    boxes: list[str]


def score(
    document: Document, article: Article, data: bytes, with_notes: bool
) -> tuple[Score, Faults]:
    """Hold a document against the article it was made of.

    Args:
        document: as it was read from ``data``.
        article: the truth.
        data: the PDF.
        with_notes: whether its footnotes were set.
    """
    total, faults = Score(), Faults([], [], [], [], [])
    notes = [p.text for p in article.parts if isinstance(p, Note)] if with_notes else []
    _score_text(document, article, notes, total)
    _score_sentences(document, article, notes, total, faults)
    _score_cells(document, article, total, faults)
    _score_boxes(document, data, total, faults)
    return total, faults


def _blocks(document: Document, kinds: frozenset[BlockKind]) -> list[str]:
    return [document.text[b.start : b.end] for b in document.blocks if b.kind in kinds]


def _score_text(document: Document, article: Article, notes: Sequence[str], total: Score) -> None:
    truth = [article.title]
    for part in article.parts:
        if isinstance(part, str | Heading):
            truth.append(part if isinstance(part, str) else part.text)
    ours = [t for t in _blocks(document, _TEXT) if not any(n in t[-len(n) - 4 :] for n in notes)]
    wanted, found = " ".join(truth), " ".join(ours)
    total.letters += len(wanted)
    total.wrong += min(Levenshtein.distance(wanted, found), len(wanted))
    headings = [part.text for part in article.parts if isinstance(part, Heading)]
    total.headings += len(headings)
    own = Counter(_blocks(document, frozenset({BlockKind.HEADING})))
    total.headings_found += (Counter(headings) & own).total()


def _sentences(texts: Sequence[str]) -> list[str]:
    return [t[s.start : s.end] for t in texts for s in sentence_spans(t, 0, len(t))]


def _score_sentences(
    document: Document, article: Article, notes: Sequence[str], total: Score, faults: Faults
) -> None:
    truth = _sentences([part for part in article.parts if isinstance(part, str)])
    ours = _sentences(_blocks(document, _RUNNING))
    known = Counter(ours)
    faults.missed = [s for s in truth if not known[s]]
    total.sentences += len(truth)
    total.found += len(truth) - len(faults.missed)
    right = set(truth) | set(notes)
    faults.foreign = [s for s in ours if s not in right and not any(n in s for n in notes)]
    total.ours += len(ours)
    total.foreign += len(faults.foreign)
    there = [s for s in ours if s in set(truth)]
    follows = Counter(pairwise(there))
    wanted = [pair for pair in pairwise(truth) if known[pair[0]] and known[pair[1]]]
    total.pairs += len(wanted)
    faults.parted = [" // ".join(pair) for pair in wanted if not follows[pair]]
    total.parted += len(faults.parted)


def _score_cells(document: Document, article: Article, total: Score, faults: Faults) -> None:
    ours: Counter[tuple[str, str, str]] = Counter()
    for block in document.blocks:
        if block.kind is BlockKind.TABLE_ROW and block.header is not None:
            heads = document.text[block.header.start : block.header.end].split(" | ")
            cells = document.text[block.start : block.end].split(" | ")
            if len(heads) == len(cells):
                ours.update((cells[0], h, c) for h, c in zip(heads[1:], cells[1:], strict=True))
    for table in (part for part in article.parts if isinstance(part, Table)):
        names = table.rows[0]
        for row in table.rows[1:]:
            for head, cell in zip(names[1:], row[1:], strict=True):
                total.cells += 1
                if ours[row[0], head, cell]:
                    ours[row[0], head, cell] -= 1
                    total.cells_found += 1
                else:
                    faults.cells.append(f"{row[0]} | {head} | {cell}")


def _score_boxes(document: Document, data: bytes, total: Score, faults: Faults) -> None:
    """Look into the boxes of every quotable sentence and every row."""
    pages: dict[int, tuple[pypdfium2.PdfPage, pypdfium2.PdfTextPage]] = {}
    with pypdfium2.PdfDocument(data) as opened:
        for block in document.blocks:
            if block.kind not in QUOTABLE:
                continue
            spans = sentence_spans(document.text, block.start, block.end)
            for span in spans if block.kind in _RUNNING else [block.span]:
                inside = ""
                for box in document.boxes(span.start, span.end):
                    if box.page not in pages:
                        page = opened[box.page - 1]
                        pages[box.page] = page, page.get_textpage()
                    inside += text_in(*pages[box.page], box)
                total.quotes += 1
                wanted = document.text[span.start : span.end]
                if _bare(inside) == _bare(wanted):
                    total.exact += 1
                else:
                    faults.boxes.append(f"{wanted} // {inside}")
        for page, layer in pages.values():
            layer.close()
            page.close()


def text_in(page: pypdfium2.PdfPage, layer: pypdfium2.PdfTextPage, box: Box) -> str:
    """The text layer's text inside a box, whatever way the page is turned."""
    width, height = (round(100 * side) for side in page.get_size())
    inset = _INSIDE * (box.y1 - box.y0)
    xs, ys = [], []
    for x, y in ((box.x0 + 0.3, box.y0 + inset), (box.x1 - 0.3, box.y1 - inset)):
        px, py = ctypes.c_double(), ctypes.c_double()
        pdfium.FPDF_DeviceToPage(
            page.raw, 0, 0, width, height, 0, round(100 * x), round(100 * y), px, py
        )
        xs.append(px.value)
        ys.append(py.value)
    return str(layer.get_text_bounded(min(xs), min(ys), max(xs), max(ys)))


def _bare(text: str) -> str:
    """What is left to compare: no white space, no hyphens, every character in its plain form."""
    return re.sub(r"[\s\u00ad\u0002\ufffe|—–−‐-]+", "", unicodedata.normalize("NFKC", text))
