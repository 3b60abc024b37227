"""The characters of a PDF: accents, raised figures, spaces, dashes, and other scripts."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from corpus.clean import clean
from corpus.readers.pdf import read
from corpus.readers.pdf_marks import set_arabic

LEFT = 60.0


def pdf(draw: Callable[[Canvas], None]) -> bytes:
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=A4)
    draw(canvas)
    canvas.save()
    return file.getvalue()


def texts_of(draw: Callable[[Canvas], None]) -> list[str]:
    text, blocks, _ = clean(read(pdf(draw)))
    return [text[block.start : block.end] for block in blocks]


def draw_raised(canvas: Canvas, x: float, y: float, *parts: tuple[str, float, float]) -> None:
    """Draw strings one behind the other, each with its size and how high it is raised."""
    for part, size, rise in parts:
        canvas.setFont("Times-Roman", size)
        canvas.drawString(x, y + rise, part)
        x += canvas.stringWidth(part, "Times-Roman", size)


@pytest.mark.parametrize(
    ("parts", "wanted"),
    [
        ([("more than 10", 10, 0), ("-3", 6, 4), (" of all", 10, 0)], "more than 10⁻³ of all"),
        ([("they lived longer.", 10, 0), ("1–3,9", 6, 4)], "they lived longer.¹⁻³,⁹"),
        ([("an LC", 10, 0), ("50", 6, -2), (" of one", 10, 0)], "an LC50 of one"),
        ([("on the 1", 10, 0), ("st", 6, 4), (" of May", 10, 0)], "on the 1st of May"),
        ([("the effect was", 10, 0), ("8", 6, 4), (" into it", 10, 0)], "the effect was⁸ into it"),
    ],
)
def test_raised_figures_are_superscripts_and_lowered_ones_stay(
    parts: list[tuple[str, float, float]], wanted: str
) -> None:
    assert texts_of(lambda canvas: draw_raised(canvas, LEFT, 700, *parts)) == [wanted]


@pytest.mark.parametrize("accent_first", [True, False])
def test_an_accent_printed_over_a_letter_becomes_part_of_it(accent_first: bool) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setFont("Times-Roman", 10)
        x = LEFT + canvas.stringWidth("the work of Jim", "Times-Roman", 10)
        canvas.drawString(LEFT, 700, "the work of Jim")
        parts = [(x + 0.5, "´"), (x, "enez and others")]
        for at, part in parts if accent_first else reversed(parts):
            canvas.drawString(at, 700, part)

    assert texts_of(draw) == ["the work of Jiménez and others"]


def test_an_accent_over_no_letter_stays_what_it_is() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setFont("Times-Roman", 10)
        canvas.drawString(LEFT, 700, "the sign ´ alone")

    assert texts_of(draw) == ["the sign ´ alone"]


def test_words_that_all_but_touch_are_parted_by_the_spaces_of_the_file() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setFont("Times-Italic", 10)
        canvas.drawString(LEFT, 700, "the needs of Those we serve", wordSpace=-2.4)

    assert texts_of(draw) == ["the needs of Those we serve"]


def test_a_dash_without_spaces_keeps_none_at_a_line_end() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setFont("Times-Roman", 10)
        canvas.drawString(LEFT, 700, "It went from typewriters to platforms—")
        canvas.drawString(LEFT, 688, "reflecting progress—and further")

    assert texts_of(draw) == [
        "It went from typewriters to platforms—reflecting progress—and further"
    ]


JAPANESE = "肝細胞癌の治療では多くの患者が\n長く生存した。"
KOREAN = "세계적 유행 단계에 돌\n입하였다고 세계보건기구가 \n인정한 질병과 관련하여 \n살펴본다."


@pytest.mark.parametrize(
    ("font", "printed"),
    [("HeiseiMin-W3", JAPANESE), ("HYSMyeongJo-Medium", KOREAN)],
    ids=["Japanese sets no spaces", "Korean goes on where the file has no space"],
)
def test_words_go_on_over_line_ends(font: str, printed: str) -> None:
    pdfmetrics.registerFont(UnicodeCIDFont(font))

    def draw(canvas: Canvas) -> None:
        canvas.setFont(font, 10)
        for number, line in enumerate(printed.split("\n")):
            canvas.drawString(LEFT, 700 - 13 * number, line)

    assert texts_of(draw) == [printed.replace("\n", "")]


def test_arabic_letters_of_one_glyph_stand_in_the_order_of_reading() -> None:
    word = [ord(c) for c in "اإلنتاج"]
    boxes = [[70.0 - 10 * i, 0.0, 80.0 - 10 * i, 10.0] for i in range(len(word))]
    boxes[2] = boxes[1]
    set_arabic(word, boxes)
    assert "".join(map(chr, word)) == "الإنتاج"


def test_an_arabic_vowel_mark_stands_behind_the_letter_it_is_on() -> None:
    word = [ord(c) for c in "أي\u064bض"]
    boxes = [[30.0, 0, 40, 10], [20.0, 0, 30, 10], [14.0, 7, 16, 9], [10.0, 0, 20, 10]]
    set_arabic(word, boxes)
    assert "".join(map(chr, word)) == "أيض\u064b"
