"""Tables in PDFs: ruled and unruled, cells of many lines, over columns and pages."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence

import pytest
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from corpus.clean import clean
from corpus.readers.pdf import read

LEFT, SECOND, COLUMN = 60.0, 310.0, 225.0
PROSE = (
    "Patients who received this treatment lived longer than those who did not, and their tumours "
    "grew more slowly, although side effects were seen more often in this group of people than "
    "had been expected from earlier work on smaller numbers of people in other countries."
)
Rows = Sequence[Sequence[str]]
TRIALS = (
    ("Study", "Patients", "Response"),
    ("First trial of the drug", "18", "none was seen"),
    ("Second trial", "112", "in every seventh"),
    ("A third one", "37", "in one of twenty"),
)


def pdf(draw: Callable[[Canvas], None]) -> bytes:
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=A4)
    draw(canvas)
    canvas.save()
    return file.getvalue()


def set_text(
    canvas: Canvas, text: str, x: float, y: float, width: float, size: float = 10
) -> float:
    """Set words in lines from ``y`` downwards; returns the y below the last line."""
    canvas.setFont("Times-Roman", size)
    line: list[str] = []
    for word in [*text.split(), ""]:
        full = canvas.stringWidth(" ".join([*line, word]), "Times-Roman", size) > width
        if line and (full or not word):
            canvas.drawString(x, y, " ".join(line))
            y, line = y - 1.15 * size, []
        line.append(word)
    return y


def set_table(
    canvas: Canvas, rows: Rows, x: float, y: float, width: float, rules: str, padding: float = 4
) -> float:
    """Set a table from ``y`` downwards, its columns alike; returns the y below it."""
    each, top = width / len(rows[0]), y
    levels = [y]
    for row in rows:
        bottoms = [
            set_text(canvas, cell, x + i * each + 3, y - padding - 7, each - 8, 9)
            for i, cell in enumerate(row)
        ]
        y = min(bottoms) + 7 - padding
        levels.append(y)
    if rules == "all":
        for level in levels:
            canvas.line(x, level, x + width, level)
        for i in range(len(rows[0]) + 1):
            canvas.line(x + i * each, top, x + i * each, y)
    elif rules == "three":
        for level in (levels[0], levels[1], levels[-1]):
            canvas.line(x, level, x + width, level)
    return y - 14


def tables_of(data: bytes) -> list[tuple[str, str]]:
    text, blocks, _ = clean(read(data))
    return [
        (b.kind.value.removeprefix("table "), text[b.start : b.end])
        for b in blocks
        if b.kind.value.startswith("table")
    ]


def as_read(rows: Rows) -> list[tuple[str, str]]:
    """The blocks that a table with a header is to give."""
    return [("row" if i else "header", " | ".join(row)) for i, row in enumerate(rows)]


@pytest.mark.parametrize("rules", ["all", "three"])
@pytest.mark.parametrize("width", [475.0, 170.0], ids=["wide", "cells of many lines"])
def test_a_ruled_table_is_read_row_by_row_under_its_header(rules: str, width: float) -> None:
    def draw(canvas: Canvas) -> None:
        y = set_text(canvas, PROSE, LEFT, 780, 475)
        y = set_table(canvas, TRIALS, LEFT, y - 10, width, rules)
        set_text(canvas, PROSE, LEFT, y - 10, 475)

    assert tables_of(pdf(draw)) == as_read(TRIALS)


def test_rows_between_three_rules_are_told_apart_where_all_steps_are_alike() -> None:
    def draw(canvas: Canvas) -> None:
        y = set_text(canvas, PROSE, LEFT, 780, 475)
        for level in (y, y - 16, y - 95):
            canvas.line(LEFT, level, LEFT + 300, level)
        canvas.setFont("Times-Roman", 9)
        for x, cell in ((LEFT, "Endpoint"), (200, "Drug"), (290, "Placebo")):
            canvas.drawString(x, y - 11, cell)
        lines = [
            ("Median survival of all", "10.7", "7.9"),
            ("patients, months", "", ""),
            ("Time to progression", "5.5", "2.8"),
            ("Adverse events", "", ""),
            ("  Diarrhoea", "39%", "11%"),
            ("  Pain", "8%", "3%"),
        ]
        for number, row in enumerate(lines):
            for x, cell in zip((LEFT, 200, 290), row, strict=True):
                indent = 9 if cell.startswith(" ") else 0
                canvas.drawString(x + indent, y - 29 - 11 * number, cell.strip())
        set_text(canvas, PROSE, LEFT, y - 120, 475)

    assert tables_of(pdf(draw)) == [
        ("header", "Endpoint | Drug | Placebo"),
        ("row", "Median survival of all patients, months | 10.7 | 7.9"),
        ("row", "Time to progression | 5.5 | 2.8"),
        ("header", "Adverse events"),
        ("row", "Diarrhoea | 39% | 11%"),
        ("row", "Pain | 8% | 3%"),
    ]


def test_a_row_knows_its_header_and_the_label_above_it() -> None:
    def draw(canvas: Canvas) -> None:
        rows = [TRIALS[0], ("Early trials", "", ""), TRIALS[1], TRIALS[2]]
        set_table(canvas, rows, LEFT, 780, 475, "all")

    text, blocks, _ = clean(read(pdf(draw)))
    last = blocks[-1]
    assert last.header is not None
    assert last.group is not None
    assert text[last.header.start : last.header.end] == "Study | Patients | Response"
    assert text[last.group.start : last.group.end] == "Early trials"


def test_a_head_over_two_columns_stands_in_both() -> None:
    def draw(canvas: Canvas) -> None:
        y = 700.0
        for level in (y, y - 30, y - 70):
            canvas.line(LEFT, level, LEFT + 400, level)
        canvas.line(200, y - 15, 440, y - 15)
        canvas.setFont("Times-Roman", 9)
        canvas.drawString(280, y - 11, "Months of survival")
        rows = [("Trial", "Drug", "Placebo"), ("First", "10.7", "7.9"), ("Second", "6.5", "4.2")]
        for number, row in enumerate(rows):
            for x, cell in zip((LEFT, 220, 380), row, strict=True):
                canvas.drawString(x, y - 26 - 15 * number, cell)

    assert tables_of(pdf(draw)) == [
        ("header", "Trial | Months of survival Drug | Months of survival Placebo"),
        ("row", "First | 10.7 | 7.9"),
        ("row", "Second | 6.5 | 4.2"),
    ]


def test_a_table_across_both_columns_parts_what_stands_above_and_below_it() -> None:
    def draw(canvas: Canvas) -> None:
        words = [f"{word}{i}" for i, word in enumerate((PROSE + " ").split() * 3)]
        for x, own in ((LEFT, words[:40]), (SECOND, words[40:80])):
            set_text(canvas, " ".join(own), x, 780, COLUMN)
        set_table(canvas, TRIALS, LEFT, 640, 475, "three")
        for x, own in ((LEFT, words[80:120]), (SECOND, words[120:])):
            set_text(canvas, " ".join(own), x, 520, COLUMN)

    data = pdf(draw)
    assert tables_of(data) == as_read(TRIALS)
    raw = read(data).raw.split()
    numbered = [word for word in raw if word[-1].isdigit() and word[0].isalpha()]
    assert len(numbered) == len(PROSE.split() * 3)
    assert [int("".join(c for c in w if c.isdigit())) for w in numbered] == list(
        range(len(numbered))
    )


def test_heads_that_are_set_again_on_the_next_page_are_no_running_heads() -> None:
    def draw(canvas: Canvas) -> None:
        for number in range(2):
            canvas.setFont("Times-Italic", 8)
            canvas.drawString(LEFT, 815, "Roe et al. Example treatment")
            rows = [TRIALS[0], *((f"Trial {number}{i}", f"{i}7", "some") for i in range(4))]
            y = set_table(canvas, rows, LEFT, 800, 475, "all")
            set_text(canvas, PROSE, LEFT, y - 20, 475)
            canvas.showPage()

    found = [text for kind, text in tables_of(pdf(draw)) if kind == "header"]
    assert found == ["Study | Patients | Response"] * 2


@pytest.mark.parametrize("width", [475.0, 200.0], ids=["wide", "cells of many lines"])
@pytest.mark.parametrize("x", [LEFT, SECOND], ids=["left", "right column"])
def test_a_table_without_rules_is_found_below_its_caption(x: float, width: float) -> None:
    if x == SECOND:
        width = min(width, COLUMN)

    def draw(canvas: Canvas) -> None:
        column = COLUMN if width < 300 else 475
        if column == COLUMN:
            set_text(canvas, " ".join([PROSE] * 5), LEFT + SECOND - x, 780, COLUMN)
        y = set_text(canvas, PROSE, x, 780, column)
        canvas.setFont("Times-Bold", 9)
        canvas.drawString(x, y - 8, "Table 1. Trials of one drug")
        y = set_table(canvas, TRIALS, x, y - 14, width, "none")
        set_text(canvas, PROSE, x, y - 12, column)

    data = pdf(draw)
    assert tables_of(data) == as_read(TRIALS)
    text, blocks, _ = clean(read(data))
    assert sum(text[b.start : b.end].endswith("other countries.") for b in blocks) >= 2


def test_text_in_two_columns_below_a_caption_is_no_table() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setFont("Times-Bold", 9)
        canvas.drawString(LEFT, 790, "Table 1. Trials of one drug (on the next page)")
        for x in (LEFT, SECOND):
            set_text(canvas, " ".join([PROSE] * 4), x, 770, COLUMN)

    assert tables_of(pdf(draw)) == []


def test_a_box_around_text_and_a_ruled_running_head_are_no_tables() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.line(LEFT, 810, 535, 810)
        canvas.line(LEFT, 790, 535, 790)
        canvas.setFont("Times-Roman", 9)
        canvas.drawString(LEFT, 797, "Example Journal")
        canvas.drawRightString(535, 797, "Vol. 3")
        canvas.rect(LEFT - 5, 690, 485, 60)
        y = set_text(canvas, PROSE, LEFT, 735, 475)
        set_text(canvas, PROSE, LEFT, y - 40, 475)

    assert tables_of(pdf(draw)) == []


def test_quotes_from_a_cell_of_many_lines_have_their_boxes() -> None:
    def draw(canvas: Canvas) -> None:
        set_table(canvas, TRIALS, LEFT, 700, 170, "all")

    document = read(pdf(draw))
    text, _, source_map = clean(document)
    at = text.index("First trial of the drug")
    assert document.places is not None
    boxes = document.places.boxes(source_map.spans(at, at + len("First trial of the drug")))
    assert len(boxes) > 1
    assert all(box.x0 >= LEFT and box.x1 < LEFT + 170 / 3 for box in boxes)
