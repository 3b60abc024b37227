"""The text layer of a PDF as words with places, page by page. PDFium is spoken to only here.

Boxes come in two frames. ``box`` is for people: points from the top left of the page as a viewer
shows it, crop and rotation applied. ``x0`` … ``y1`` are for layout: turned so that the page's text
runs to the right and lines follow each other downwards, whatever way the text was printed; a page
in a right-to-left script is mirrored, so that its lines too begin at ``x0``.
"""

from __future__ import annotations

import ctypes
import math
import re
import threading
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pypdfium2
import pypdfium2.raw as pdfium

from corpus.readers.base import Unreadable
from corpus.readers.pdf_marks import DROPPED, set_accents, set_arabic
from corpus.readers.pdf_rules import page_rules

_PDFIUM = threading.Lock()  # PDFium must not be entered by two threads, not even for two files
_BOLD = re.compile(r"bold|black|heavy|demi|[.-]B(?:I|$|\+)|cmbx|cmssbx", re.IGNORECASE)
_SAMPLE = 25
_FORCE_BOLD = 1 << 18

Boxes = npt.NDArray[np.float64]
Box4 = tuple[float, float, float, float]


@dataclass(slots=True)
class Word:
    """A run of characters without a space.

    Attributes:
        text: its characters.
        x0, y0, x1, y1: where it stands, in the layout frame.
        box: where it stands on the page as shown (x0, y0, x1, y1 in points from the top left).
        size: the size of its type in points.
        font: the font's name.
        bold: whether that font is a bold one, as far as the file says.
        order: its number in the page's text layer.
        spaced: whether the text layer has white space before it.
        closed: whether the file itself has a space behind it, not only a gap or a line's end.
    """

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    box: Box4
    size: float
    font: str
    bold: bool
    order: int
    spaced: bool
    closed: bool = False


@dataclass(slots=True)
class Page:
    """A page's words in the order of the text layer, and the page's frame for layout.

    Attributes:
        number: 1-based.
        words: none for a page without a text layer.
        left, top, right, bottom: the visible page in the layout frame.
        rules: straight lines drawn on it (x0, y0, x1, y1 in the layout frame).
    """

    number: int
    words: list[Word] = field(repr=False)
    left: float
    top: float
    right: float
    bottom: float
    rules: list[Box4] = field(default_factory=list, repr=False)


@dataclass(slots=True)
class Pages:
    """All pages of a file and what its document information states (title, author, subject)."""

    pages: list[Page]
    information: dict[str, str]


def read_pages(data: bytes) -> Pages:
    """Read the text layer of every page.

    Raises:
        Unreadable: the file is broken, has no pages or wants a password.
    """
    with opened(data) as document:
        information = {
            k: v.replace("\0", "").strip() for k, v in document.get_metadata_dict().items()
        }
        return Pages([_read_page(document, i) for i in range(len(document))], information)


@contextmanager
def opened(data: bytes) -> Iterator[pypdfium2.PdfDocument]:
    """A PDF, open. PDFium is held for as long: other threads wait.

    Raises:
        Unreadable: the file is broken, has no pages or wants a password.
    """
    with _PDFIUM:
        try:
            document = pypdfium2.PdfDocument(data)
        except pypdfium2.PdfiumError as error:
            raise _refusal(error) from error
        with closing(document):
            if len(document) == 0:
                raise Unreadable("is a PDF without pages")
            yield document


def _refusal(error: pypdfium2.PdfiumError) -> Unreadable:
    if "password" in str(error).lower() or "security" in str(error).lower():
        return Unreadable(
            "is protected by a password",
            "Open it in a PDF viewer and save a copy without the password.",
        )
    return Unreadable(
        "is broken: PDFium cannot open it",
        "Download it again, or print it to a new PDF in a viewer.",
    )


def _read_page(document: pypdfium2.PdfDocument, index: int) -> Page:
    try:
        page = document[index]
    except pypdfium2.PdfiumError:
        return Page(index + 1, [], 0, 0, 0, 0)  # one broken page does not cost the others
    with closing(page):
        shown = _shown(page)
        with closing(page.get_textpage()) as text_page:
            count = text_page.count_chars()
            angle = _angle(text_page.raw, count)
            words = list(_words(text_page.raw, count, shown, angle))
        drawn = page_rules(page.raw) if words else []
        rules = _turn(np.array(drawn), angle).tolist() if drawn else []
    inside = [w for w in words if _overlaps(w.box, *shown.size)]
    left, top, right, bottom = _turn(shown.whole(), angle)[0].tolist()
    if _is_right_to_left(inside):
        left, right = -right, -left
        for word in inside:
            word.x0, word.x1 = -word.x1, -word.x0
        rules = [(-x1, y0, -x0, y1) for x0, y0, x1, y1 in rules]
    return Page(index + 1, inside, left, top, right, bottom, [(a, b, c, d) for a, b, c, d in rules])


@dataclass(frozen=True, slots=True)
class _Shown:
    """The affine map from a page's own coordinates to the page as shown."""

    size: tuple[float, float]
    matrix: Boxes
    offset: Boxes

    def box(self, box: Box4) -> Box4:
        """A box of the page's own coordinates as shown, corners in order."""
        (a, c), (b, d) = self.matrix.tolist()
        e, f = self.offset.tolist()
        xs = sorted((a * box[0] + c * box[1] + e, a * box[2] + c * box[3] + e))
        ys = sorted((b * box[0] + d * box[1] + f, b * box[2] + d * box[3] + f))
        return xs[0], ys[0], xs[1], ys[1]

    def whole(self) -> Boxes:
        """The visible page, as one box (1, 4) in the page's own coordinates."""
        corners = np.array([[0.0, 0.0], self.size])
        back = (corners - self.offset) @ np.linalg.inv(self.matrix).T
        return _ordered(back[:1], back[1:])


def _ordered(a: Boxes, b: Boxes) -> Boxes:
    return np.hstack([np.minimum(a, b), np.maximum(a, b)])


def _shown(page: pypdfium2.PdfPage) -> _Shown:
    width, height = page.get_size()
    scale = 100  # PDFium answers in whole device units; a hundredth of a point is close enough
    x, y = ctypes.c_int(), ctypes.c_int()
    points = []
    for px, py in ((0, 0), (1000, 0), (0, 1000)):
        pdfium.FPDF_PageToDevice(
            page.raw, 0, 0, round(width * scale), round(height * scale), 0, px, py, x, y
        )
        points.append((x.value / scale, y.value / scale))
    origin, right, up = (np.array(p) for p in points)
    return _Shown(
        (width, height), np.column_stack([(right - origin) / 1000, (up - origin) / 1000]), origin
    )


def _angle(text: pdfium.FPDF_TEXTPAGE, count: int) -> int:
    """The direction in which most of the page's text runs: quarter turns against the clock."""
    turns = Counter(_turns(text, i) for i in range(0, count, _SAMPLE))
    return turns.most_common(1)[0][0] if turns else 0


def _turns(text: pdfium.FPDF_TEXTPAGE, index: int) -> int:
    angle = float(pdfium.FPDFText_GetCharAngle(text, index))
    return round(-angle / (math.pi / 2)) % 4  # PDFium counts with the clock


def _turn(boxes: Boxes, angle: int) -> Boxes:
    """Page coordinates (y upwards) to the layout frame (y downwards, text to the right)."""
    x0, y0, x1, y1 = boxes.T
    turned = {
        0: (x0, -y1, x1, -y0),
        1: (y0, x0, y1, x1),
        2: (-x1, y0, -x0, y1),
        3: (-y1, -x1, -y0, -x0),
    }[angle]
    return np.stack(turned, axis=1)


def _turn_back(box: Box4, angle: int) -> Box4:
    """The inverse of ``_turn`` for one box."""
    x0, y0, x1, y1 = box
    return [(x0, -y1, x1, -y0), (y0, x0, y1, x1), (-x1, y0, -x0, y1), (-y1, -x1, -y0, -x0)][angle]


def _words(text: pdfium.FPDF_TEXTPAGE, count: int, shown: _Shown, angle: int) -> Iterator[Word]:
    """Group the characters of the text layer into words that run in the page's direction."""
    codes = [pdfium.FPDFText_GetUnicode(text, i) for i in range(count)]
    rows = _turn(_char_boxes(text, range(count)), angle).tolist()
    set_accents(codes, rows, lambda i: _turn(_ink_boxes(text, range(i, i + 1)), angle)[0].tolist())
    set_arabic(codes, rows)
    held, spaced = list[int](), True
    for i in range(count + 1):
        if i < count and codes[i] == DROPPED:
            continue
        blank = i == count or codes[i] in (0, 0xFFFE, 0xFFFF) or chr(codes[i]).isspace()
        if held and (blank or _breaks(rows[held[-1]], rows[i])):
            if _turns(text, held[0]) == angle:
                word = _word(text, codes, held, rows, shown, angle, spaced)
                word.closed = i < count and blank and _is_space(text, i, rows[i], word.size)
                yield word
            held, spaced = [], False
        if blank:
            spaced = True
        else:
            held.append(i)


def _is_space(text: pdfium.FPDF_TEXTPAGE, index: int, row: list[float], size: float) -> bool:
    """Whether a blank is a character of the file and takes room on the page."""
    return row[2] - row[0] > 0.1 * size and not pdfium.FPDFText_IsGenerated(text, index)


def _char_boxes(text: pdfium.FPDF_TEXTPAGE, indices: range) -> Boxes:
    """The boxes (left, bottom, right, top) of characters, each as high as its font's line."""
    rects = (pdfium.FS_RECTF * max(len(indices), 1))()
    get = pdfium.FPDFText_GetLooseCharBox
    for rect, i in zip(rects, indices, strict=False):
        get(text, i, rect)
    boxes = np.frombuffer(rects, dtype=np.float32).reshape(-1, 4)[: len(indices)].astype(np.float64)
    left, top, right, bottom = boxes.T
    return _ordered(np.stack([left, bottom], axis=1), np.stack([right, top], axis=1))


def _ink_boxes(text: pdfium.FPDF_TEXTPAGE, indices: Iterable[int]) -> Boxes:
    """The boxes (left, bottom, right, top) of what is printed of characters."""
    sides = [ctypes.c_double() for _ in range(4)]
    boxes = []
    for i in indices:
        pdfium.FPDFText_GetCharBox(text, i, *sides)
        left, right, bottom, top = (side.value for side in sides)
        boxes.append((left, bottom, right, top))
    return np.array(boxes)


def _breaks(before: list[float], here: list[float]) -> bool:
    """Whether a word ends between two characters: a jump, or a step to another size or height."""
    height = max(before[3] - before[1], 0.1)
    other = max(here[3] - here[1], 0.1)
    shift = abs((here[1] + here[3]) - (before[1] + before[3])) / 2
    forwards = -0.8 * height < here[0] - before[2] < 0.5 * height
    backwards = -0.8 * height < before[0] - here[2] < 0.5 * height  # right-to-left scripts
    return not (forwards or backwards) or shift > 0.2 * height or not 0.85 < other / height < 1.18


def _word(
    text: pdfium.FPDF_TEXTPAGE,
    codes: list[int],
    held: list[int],
    rows: list[list[float]],
    shown: _Shown,
    angle: int,
    spaced: bool,
) -> Word:
    start = held[0]
    size = _size(text, start)
    x0, y0, x1, y1 = _around([rows[i] for i in held])
    if not 0.5 * size < y1 - y0 < 1.6 * size:
        # The font misstates how high its line is; go by the ink instead.
        x0, y0, x1, y1 = _around(_turn(_ink_boxes(text, held), angle).tolist())
    font, bold = _font(text, start)
    return Word(
        text=_characters([codes[i] for i in held]),
        x0=x0,
        y0=y0,
        x1=x1,
        y1=y1,
        box=shown.box(_turn_back((x0, y0, x1, y1), angle)),
        size=size,
        font=font,
        bold=bold,
        order=start,
        spaced=spaced,
    )


def _characters(codes: list[int]) -> str:
    # PDFium marks a hyphen at a line's end with the code 2 and gives UTF-16 units.
    units = "".join("-" if code == 2 else chr(code) for code in codes)
    if units.isascii():
        return units
    return units.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _around(boxes: list[list[float]]) -> Box4:
    return (
        min(b[0] for b in boxes),
        min(b[1] for b in boxes),
        max(b[2] for b in boxes),
        max(b[3] for b in boxes),
    )


def _font(text: pdfium.FPDF_TEXTPAGE, index: int) -> tuple[str, bool]:
    name, flags = ctypes.create_string_buffer(128), ctypes.c_int()
    pdfium.FPDFText_GetFontInfo(text, index, name, 128, flags)
    font = name.value.decode("utf-8", "replace").partition("+")[
        0 if b"+" not in name.value[:7] else 2
    ]
    weight = pdfium.FPDFText_GetFontWeight(text, index)
    return font, bool(_BOLD.search(font)) or weight >= 600 or bool(flags.value & _FORCE_BOLD)


def _size(text: pdfium.FPDF_TEXTPAGE, index: int) -> float:
    matrix = pdfium.FS_MATRIX()
    size = float(pdfium.FPDFText_GetFontSize(text, index))
    if pdfium.FPDFText_GetMatrix(text, index, matrix):
        size *= math.hypot(matrix.c, matrix.d)
    return round(size, 1)


def _is_right_to_left(words: Iterable[Word]) -> bool:
    kinds = Counter(unicodedata.bidirectional(c) for w in words for c in w.text)
    return kinds["R"] + kinds["AL"] > kinds["L"]


def _overlaps(box: Box4, width: float, height: float) -> bool:
    return box[2] > 0 and box[3] > 0 and box[0] < width and box[1] < height
