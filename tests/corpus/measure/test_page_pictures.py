"""The check that boxes hold exactly the words of a quote."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from corpus.load import load_bytes
from corpus.measure.page_pictures import WANTED, measure, text_in_boxes

SHARED = Path(__file__).resolve().parents[4] / "shared"
LINES = (
    "The first line tells of the weather on the lake. The second",
    "sentence is long. The third one is about the fish.",
)


def pdf(prepare: Callable[[Canvas], None]) -> bytes:
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=A4)
    prepare(canvas)
    canvas.setFont("Times-Roman", 12)
    for number, line in enumerate(LINES):
        canvas.drawString(60, 500 - 13 * number, line)
    canvas.save()
    return file.getvalue()


@pytest.mark.parametrize(
    "prepare",
    [
        lambda canvas: None,
        lambda canvas: canvas.setPageRotation(90),
        lambda canvas: canvas.setPageRotation(180),
        lambda canvas: canvas.setCropBox((40, 300, 500, 800)),
    ],
    ids=["upright", "90", "180", "cropped"],
)
def test_the_words_of_a_quote_and_no_others_are_in_its_boxes(
    prepare: Callable[[Canvas], None],
) -> None:
    data = pdf(prepare)
    document = load_bytes(data, "lake.pdf")
    quote = "The second sentence is long."
    start = document.text.index(quote)
    boxes = document.boxes(start, start + len(quote))
    assert text_in_boxes(data, boxes).split() == quote.split()
    moved = [box._replace(x1=box.x1 + 40) for box in boxes]
    assert text_in_boxes(data, moved).split() != quote.split()


@pytest.mark.slow
@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared input papers are not here")
def test_every_picture_is_made_and_its_boxes_are_exact(tmp_path: Path) -> None:
    first, *_ = measure(SHARED, tmp_path)
    assert (first.value, first.of.partition(":")[0]) == ("1.000", str(len(WANTED)))
    numbers = {path.name[:2] for path in tmp_path.glob("*.png")}
    assert len(numbers) == len(WANTED) == 10
    assert (tmp_path / "boxes.txt").is_file()
