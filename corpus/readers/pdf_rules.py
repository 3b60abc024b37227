"""The straight lines that are drawn on a PDF's page: the rules of its tables among them."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator

import pypdfium2.raw as pdfium

_MOST_OBJECTS = 20_000
_MOST_SEGMENTS = 400
_THIN = 3.0  # points
_SHORTEST = 6.0
_SHADE = 40.0  # the height of a shaded row; a larger shade is a box
_WHITE = 250

Box4 = tuple[float, float, float, float]


def page_rules(page: pdfium.FPDF_PAGE) -> list[Box4]:
    """Horizontal and vertical lines of a page, thin rectangles and edges of boxes among them.

    Returns:
        x0, y0, x1, y1 in the page's own coordinates (y upwards); one side is next to nothing.
        Empty for a page with so many objects that they must be a picture.
    """
    count = pdfium.FPDFPage_CountObjects(page)
    if count > _MOST_OBJECTS:
        return []
    out: list[Box4] = []
    for i in range(count):
        item = pdfium.FPDFPage_GetObject(page, i)
        if item and pdfium.FPDFPageObj_GetType(item) == pdfium.FPDF_PAGEOBJ_PATH:
            out.extend(_rules_of(item))
    return out


def _rules_of(item: pdfium.FPDF_PAGEOBJECT) -> Iterator[Box4]:
    sides = [ctypes.c_float() for _ in range(4)]
    if not pdfium.FPDFPageObj_GetBounds(item, *sides):
        return
    x0, y0, x1, y1 = (side.value for side in sides)
    width, height = x1 - x0, y1 - y0
    if max(width, height) < _SHORTEST:
        return
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDFPath_GetDrawMode(item, fill, stroke)
    if not stroke.value and (not fill.value or _is_white(item)):
        return
    segments = pdfium.FPDFPath_CountSegments(item)
    if min(width, height) <= _THIN:
        yield _flat((x0, y0, x1, y1))
    elif stroke.value and segments <= _MOST_SEGMENTS:
        yield from _straight(item, segments)
    elif segments in (4, 5) and height <= _SHADE and width > height:
        yield from ((x0, y, x1, y) for y in (y0, y1))


def _is_white(item: pdfium.FPDF_PAGEOBJECT) -> bool:
    colour = [ctypes.c_uint() for _ in range(4)]
    pdfium.FPDFPageObj_GetFillColor(item, *colour)
    return all(part.value >= _WHITE for part in colour[:3])


def _flat(box: Box4) -> Box4:
    x0, y0, x1, y1 = box
    if x1 - x0 >= y1 - y0:
        return x0, (y0 + y1) / 2, x1, (y0 + y1) / 2
    return (x0 + x1) / 2, y0, (x0 + x1) / 2, y1


def _straight(item: pdfium.FPDF_PAGEOBJECT, segments: int) -> Iterator[Box4]:
    """The level and upright strokes of a path."""
    matrix = pdfium.FS_MATRIX()
    pdfium.FPDFPageObj_GetMatrix(item, matrix)
    x, y = ctypes.c_float(), ctypes.c_float()
    first = before = None
    for i in range(segments):
        segment = pdfium.FPDFPath_GetPathSegment(item, i)
        pdfium.FPDFPathSegment_GetPoint(segment, x, y)
        here = (
            matrix.a * x.value + matrix.c * y.value + matrix.e,
            matrix.b * x.value + matrix.d * y.value + matrix.f,
        )
        kind = pdfium.FPDFPathSegment_GetType(segment)
        ends = [(before, here)] if kind == pdfium.FPDF_SEGMENT_LINETO and before else []
        if kind == pdfium.FPDF_SEGMENT_MOVETO:
            first = here
        if first and pdfium.FPDFPathSegment_GetClose(segment):
            ends.append((here, first))
        for a, b in ends:
            across, up = abs(a[0] - b[0]), abs(a[1] - b[1])
            if max(across, up) >= _SHORTEST and min(across, up) < 1:
                yield _flat((min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1])))
        before = here
