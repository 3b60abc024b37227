"""Pages of a PDF as pictures with the quoted words marked."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image
from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from corpus import pictures
from corpus.document import Box, Document
from corpus.load import load_bytes
from corpus.pictures import MARK, MOST_PIXELS, page_picture
from corpus.readers.base import Unreadable

LINES = (
    "The first line of this page tells of the weather on the lake.",
    "The second line begins a sentence that is long enough to go",
    "on in the third line, where it ends. The rest is about fish.",
)


def pdf(draw: Callable[[Canvas], None], size: tuple[float, float] = A4, **options: object) -> bytes:
    """The bytes of a PDF that ``draw`` draws."""
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=size, invariant=1, **options)
    draw(canvas)
    canvas.save()
    return file.getvalue()


def three_lines(canvas: Canvas) -> None:
    canvas.setFont("Times-Roman", 12)
    for number, line in enumerate(LINES):
        canvas.drawString(60, 500 - 14 * number, line)


def rotated(degrees: int) -> Callable[[Canvas], None]:
    def draw(canvas: Canvas) -> None:
        canvas.setPageRotation(degrees)
        three_lines(canvas)

    return draw


def cropped(canvas: Canvas) -> None:
    canvas.setCropBox((40, 300, 500, 800))
    three_lines(canvas)


def sideways(canvas: Canvas) -> None:
    canvas.translate(300, 100)
    canvas.rotate(90)
    canvas.translate(0, -450)
    three_lines(canvas)


def blank(canvas: Canvas) -> None:
    canvas.drawString(1, 1, ".")


def pixels(png: bytes) -> np.ndarray:
    """A picture as an array of height, width and three colours."""
    assert png.startswith(b"\x89PNG")
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)


def quoted(document: Document) -> list[Box]:
    """Boxes of the sentence that goes over two lines."""
    start = document.text.index("The second")
    return document.boxes(start, document.text.index(" The rest"))


def is_marked(picture: np.ndarray) -> np.ndarray:
    """Which pixels are yellow rather than grey."""
    return np.asarray(picture[..., 0] - picture[..., 2] > 40)


@pytest.mark.parametrize(
    "draw",
    [three_lines, rotated(90), rotated(180), rotated(270), cropped, sideways],
    ids=["upright", "90", "180", "270", "cropped", "sideways"],
)
def test_the_words_are_marked_where_a_viewer_shows_them(draw: Callable[[Canvas], None]) -> None:
    data = pdf(draw)
    boxes = quoted(load_bytes(data, "lake.pdf"))
    assert len(boxes) == 2
    plain, marked = (pixels(page_picture(data, 1, b, 2)) for b in ([], boxes))
    changed = (plain != marked).any(axis=2)
    inside = np.zeros_like(changed)
    for _, x0, y0, x1, y1 in boxes:
        core = np.s_[math.ceil(2 * y0) : int(2 * y1), math.ceil(2 * x0) : int(2 * x1)]
        inside[max(0, int(2 * y0) - 4) : int(2 * y1) + 5, int(2 * x0) - 4 : int(2 * x1) + 5] = True
        assert (marked[core][(plain[core] == 255).all(axis=2)] == MARK).all()
        assert (plain[core] < 100).any(), "there are words in the box"
    assert not (changed & ~inside).any()


def test_the_print_stays_as_black_as_it_was() -> None:
    data = pdf(three_lines)
    boxes = quoted(load_bytes(data, "lake.pdf"))
    plain, marked = (pixels(page_picture(data, 1, b, 2)) for b in ([], boxes))
    ink = (plain < 20).all(axis=2)
    assert ink.any()
    assert (marked[ink] <= plain[ink]).all()


def test_the_marks_of_neighbouring_lines_are_one_and_nowhere_twice_as_dark() -> None:
    data = pdf(blank)
    lines = [Box(1, 100, 100, 400, 112), Box(1, 100, 116, 300, 128), Box(1, 100, 120, 320, 132)]
    picture = pixels(page_picture(data, 1, lines, 2))
    assert is_marked(picture)[int(2 * 99.5) : 2 * 132, 400].all()
    found = {tuple(colour) for colour in picture[: 2 * 700].reshape(-1, 3).tolist()}
    assert found == {(255, 255, 255), MARK}


def test_marks_of_lines_that_stand_apart_stay_apart() -> None:
    lines = [Box(1, 100, 100, 400, 112), Box(1, 100, 140, 300, 152)]
    picture = pixels(page_picture(pdf(blank), 1, lines, 2))
    assert not is_marked(picture)[2 * 126, :].any()


def test_boxes_of_other_pages_are_passed_over() -> None:
    data = pdf(blank)
    assert page_picture(data, 1, [Box(2, 0, 0, 50, 50)]) == page_picture(data, 1, [])


def test_a_cropped_picture_shows_the_marks_with_something_around_them() -> None:
    data = pdf(three_lines)
    boxes = quoted(load_bytes(data, "lake.pdf"))
    whole, cut = (pixels(page_picture(data, 1, boxes, 2, crop=crop)) for crop in (False, True))
    assert cut.shape[0] < whole.shape[0] / 3
    assert is_marked(cut).sum() == is_marked(whole).sum()
    assert (cut[~is_marked(cut)] < 100).any(), "neighbouring lines are seen too"
    top, left = np.argwhere(is_marked(whole)).min(0) - np.argwhere(is_marked(cut)).min(0)
    assert (whole[top : top + cut.shape[0], left : left + cut.shape[1]] == cut).all()
    ink = np.flatnonzero((cut < 255).any(axis=(0, 2)))
    assert ink[0] == cut.shape[1] - 1 - ink[-1] == 2 * 8, "no more white beside the print"


def test_without_marks_or_with_marks_off_the_page_all_of_it_is_shown() -> None:
    data = pdf(three_lines)
    whole = pixels(page_picture(data, 1, [], 1)).shape
    assert pixels(page_picture(data, 1, [], 1, crop=True)).shape[0] == whole[0]
    off = [Box(1, 5000, 5000, 5100, 5010)]
    assert pixels(page_picture(data, 1, off, 1, crop=True)).shape[0] == whole[0]


@pytest.mark.parametrize(
    "size", [(14_400.0, 14_400.0), (200_000.0, 150_000.0), (1_000_000.0, 3.0), (2.0, 90_000.0)]
)
def test_a_huge_page_becomes_a_picture_of_bounded_size(size: tuple[float, float]) -> None:
    data = pdf(blank, size)
    for boxes, crop in (([], False), ([Box(1, 10, 0, 5000, 2)], True)):
        high, wide, _ = pixels(page_picture(data, 1, boxes, 8, crop=crop)).shape
        assert high * wide <= 1.01 * MOST_PIXELS


def test_the_same_page_gives_the_same_bytes_from_any_thread() -> None:
    data = pdf(three_lines)
    boxes = quoted(load_bytes(data, "lake.pdf"))
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda crop: page_picture(data, 1, boxes, crop=crop), [0, 1] * 4))
    assert len(set(made)) == 2


@pytest.mark.parametrize(
    ("data", "page", "reason"),
    [
        (pdf(three_lines), 0, "has 1 page, there is no page 0"),
        (pdf(three_lines), 2, "has 1 page, there is no page 2"),
        (pdf(three_lines, encrypt=StandardEncryption("secret", strength=128)), 1, "password"),
        (pdf(three_lines)[:400], 1, "is broken"),
        (b"", 1, "is broken"),
        (b"# A text about the lake\n", 1, "is broken"),
    ],
    ids=["page 0", "page 2", "password", "cut off", "empty", "text"],
)
def test_what_cannot_be_drawn_is_refused_in_one_sentence(
    data: bytes, page: int, reason: str
) -> None:
    with pytest.raises(Unreadable, match=reason) as refusal:
        page_picture(data, page, [])
    assert "\n" not in refusal.value.reason


def test_a_page_that_takes_too_long_is_given_up_and_the_next_one_is_drawn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def hatched(canvas: Canvas) -> None:
        for i in range(20_000):
            canvas.line(0, i / 20, 600, 800 - i / 20)

    data = pdf(hatched)
    monkeypatch.setattr(pictures, "DRAW_SECONDS", 0.0)
    with pytest.raises(Unreadable, match="takes longer than 0 s to draw"):
        page_picture(data, 1, [])
    monkeypatch.undo()
    assert (pixels(page_picture(data, 1, [], 0.5)) < 255).any()


@pytest.mark.parametrize("scale", [0.0, -1.0, math.nan, math.inf])
def test_a_scale_must_be_a_positive_number(scale: float) -> None:
    with pytest.raises(ValueError, match="pixels a point"):
        page_picture(pdf(three_lines), 1, [], scale)
