"""A page of a PDF as a picture, with the words that are quoted marked as by a highlighter."""

from __future__ import annotations

import io
import math
import time
from collections.abc import Sequence
from contextlib import closing
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from corpus.document import Box
from corpus.readers.base import Unreadable

if TYPE_CHECKING:
    import pypdfium2
    from PIL.Image import Image

PIXELS_A_POINT = 2.0
"""The usual size of a picture: 144 dots an inch, an A4 page is 1,191 by 1,684 pixels."""

MOST_PIXELS = 16_000_000
"""A picture has no more; a larger page is shown smaller."""

LONGEST_SIDE = 16_384
"""Pixels of a whole page's longer side: beyond it, viewers and PDFium's arithmetic give up."""

DRAW_SECONDS = 30.0
"""A page that takes longer to draw is given up: nobody else can use PDFium meanwhile."""

MARK = (255, 228, 92)
"""The highlighter's colour. It is multiplied with the page, so that the print stays as it is."""

_PADDING = 1.0  # points by which a mark stands out around its words
_ROUNDING = 2.0  # points
_AROUND = (24.0, 60.0)  # points shown beside and above the marks of a cropped picture
_RIM = 8.0  # points of white left beside a cropped picture's print
_LEAST = (300.0, 120.0)  # points, the least width and height of a cropped picture
_MOST = 0.6  # of the page's width or height: rather than to show more, all of it is shown


class _Area(NamedTuple):
    """A rectangle in points from the page's top left."""

    x0: float
    y0: float
    x1: float
    y1: float


def page_picture(
    data: bytes,
    page: int,
    boxes: Sequence[Box],
    scale: float = PIXELS_A_POINT,
    *,
    crop: bool = False,
) -> bytes:
    """Draw one page of a PDF with boxes marked. Equal arguments give equal bytes.

    Args:
        data: the bytes of the PDF.
        page: which page, counting from 1.
        boxes: what to mark, in reading order, in points from the top left of the page as a viewer
            shows it; those of other pages are passed over. Neighbouring lines become one mark.
        scale: pixels a point, above 0. Less is taken where the picture would have more than
            ``MOST_PIXELS``, or the page a side longer than ``LONGEST_SIDE``.
        crop: whether to show only the surroundings of the marks, for a narrow screen. A page
            without marks is shown whole.

    Returns:
        The picture as a PNG.

    Raises:
        Unreadable: the file is broken or wants a password, has no such page, or the page cannot
            be drawn. The reason goes on from the file's name.
        ValueError: the scale is no positive number.
    """
    if not 0 < scale < math.inf:
        raise ValueError(f"a picture cannot have {scale} pixels a point")
    from corpus.readers.pdf_pages import opened

    own = list(dict.fromkeys(_Area(*box[1:]) for box in boxes if box.page == page))
    with opened(data) as document:
        drawn, area, scale = _draw(document, page, own if crop else [], scale)
    picture = _marked(drawn, own, area, scale)
    if crop:
        picture = _without_margins(picture, scale)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def _draw(
    document: pypdfium2.PdfDocument, number: int, around: Sequence[_Area], scale: float
) -> tuple[Image, _Area, float]:
    """Draw a page, or what is around some areas of it; the picture, its area and its scale."""
    import pypdfium2

    if not 1 <= number <= len(document):
        pages = "1 page" if len(document) == 1 else f"{len(document)} pages"
        raise Unreadable(f"has {pages}, there is no page {number}")
    try:
        page = document[number - 1]
    except pypdfium2.PdfiumError as error:
        raise Unreadable(f"is broken: its page {number} cannot be opened") from error
    with closing(page):
        width, height = page.get_size()
        if not (0 < width < math.inf and 0 < height < math.inf):
            raise Unreadable(f"is broken: its page {number} has no size")
        area = _surroundings(around, width, height)
        scale = _bounded(scale, area, max(width, height))
        return _rendered(page, (width, height), area, scale), area, scale


def _surroundings(marks: Sequence[_Area], width: float, height: float) -> _Area:
    """What to show of a page: the marks with something around them, or all of it."""
    sides = []
    for low, high, size, around, least in (
        ([m.x0 for m in marks], [m.x1 for m in marks], width, _AROUND[0], _LEAST[0]),
        ([m.y0 for m in marks], [m.y1 for m in marks], height, _AROUND[1], _LEAST[1]),
    ):
        first, last = min(low, default=0.0) - around, max(high, default=size) + around
        more = max(0.0, least - (last - first)) / 2
        first, last = max(0.0, first - more), min(size, last + more)
        if last - first > _MOST * size:
            first, last = 0.0, size
        # A box beyond the page's edge must not leave an empty picture.
        sides.append((first, last) if last - first >= min(1.0, size) else (0.0, size))
    (x0, x1), (y0, y1) = sides
    return _Area(x0, y0, x1, y1)


def _bounded(scale: float, area: _Area, longest: float) -> float:
    """The largest scale, up to the one wished for, that keeps a picture of the area small."""
    width, height = area.x1 - area.x0, area.y1 - area.y0
    return min(scale, LONGEST_SIDE / longest, math.sqrt(MOST_PIXELS / (width * height)))


def _rendered(
    page: pypdfium2.PdfPage, size: tuple[float, float], area: _Area, scale: float
) -> Image:
    """The pixels of an area of a page, on white."""
    import pypdfium2
    import pypdfium2.raw as pdfium
    from pypdfium2.internal import set_callback

    whole = [max(1, math.ceil(side * scale)) for side in size]
    left, top = int(area.x0 * scale), int(area.y0 * scale)
    width = min(whole[0], max(left + 1, math.ceil(area.x1 * scale))) - left
    height = min(whole[1], max(top + 1, math.ceil(area.y1 * scale))) - top
    flags = pdfium.FPDF_ANNOT | pdfium.FPDF_REVERSE_BYTE_ORDER
    until = time.monotonic() + DRAW_SECONDS
    pause = pdfium.IFSDK_PAUSE(version=1)
    set_callback(pause, "NeedToPauseNow", lambda _: time.monotonic() > until)
    with closing(
        pypdfium2.PdfBitmap.new_native(width, height, pdfium.FPDFBitmap_BGRx, rev_byteorder=True)
    ) as bitmap:
        bitmap.fill_rect((255, 255, 255, 255), 0, 0, width, height)
        state = pdfium.FPDF_RenderPageBitmap_Start(
            bitmap, page, -left, -top, *whole, 0, flags, pause
        )
        pdfium.FPDF_RenderPage_Close(page)
        if state == pdfium.FPDF_RENDER_TOBECONTINUED:
            raise Unreadable(f"has a page that takes longer than {DRAW_SECONDS:.0f} s to draw")
        if state != pdfium.FPDF_RENDER_DONE:
            raise Unreadable("has a page that PDFium cannot draw")
        picture: Image = bitmap.to_pil()
        # A copy, too: the bitmap's memory is given back here.
        return picture.convert("RGB")


def _marked(picture: Image, marks: Sequence[_Area], area: _Area, scale: float) -> Image:
    """The picture with the marks laid over it, darkening what is light and leaving what is dark."""
    from PIL import Image, ImageChops, ImageDraw

    if not marks:
        return picture
    ink = Image.new("RGB", picture.size, (255, 255, 255))
    pen = ImageDraw.Draw(ink)
    padded = [
        _Area(m.x0 - _PADDING, m.y0 - _PADDING, m.x1 + _PADDING, m.y1 + _PADDING) for m in marks
    ]
    shapes = [(mark, _ROUNDING * scale) for mark in padded]
    shapes += [(seam, 0.0) for pair in pairwise(padded) if (seam := _seam(*pair))]
    left, top = int(area.x0 * scale), int(area.y0 * scale)
    for shape, radius in shapes:
        x0, y0 = round(shape.x0 * scale) - left, round(shape.y0 * scale) - top
        x1, y1 = round(shape.x1 * scale) - left - 1, round(shape.y1 * scale) - top - 1
        pen.rounded_rectangle((x0, y0, max(x0, x1), max(y0, y1)), radius, fill=MARK)
    return ImageChops.multiply(picture, ink)


def _without_margins(picture: Image, scale: float) -> Image:
    """The picture without the white at its left and right, but for a little."""
    from PIL import Image, ImageChops

    white = Image.new("RGB", picture.size, (255, 255, 255))
    ink = ImageChops.difference(picture, white).getbbox()
    if ink is None:
        return picture
    rim = round(_RIM * scale)
    left, right = max(0, ink[0] - rim), min(picture.width, ink[2] + rim)
    return picture.crop((left, 0, right, picture.height))


def _seam(above: _Area, below: _Area) -> _Area | None:
    """What joins the marks of two printed lines that follow each other; None where they do not."""
    x0, x1 = max(above.x0, below.x0), min(above.x1, below.x1)
    height = min(above.y1 - above.y0, below.y1 - below.y0)
    if x0 >= x1 or not above.y0 < below.y0 or below.y0 - above.y1 > 0.6 * height:
        return None
    # From line to line, so that no rounded corner is left in between.
    return _Area(x0, above.y1 - _ROUNDING, x1, below.y0 + _ROUNDING)
