"""PDFs: reading order, pages, boxes, running heads, tables, and what must be refused."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from corpus.clean import clean
from corpus.document import BlockKind
from corpus.readers.base import RawDocument, Unreadable
from corpus.readers.pdf import read

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "inputs" / "pdf"
shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the shared input papers are not here")

WIDTH, HEIGHT = A4
LEFT, SECOND, COLUMN = 60.0, 310.0, 225.0
WORDS = (
    "the patients who received this treatment lived longer than those who did not and their "
    "tumours grew more slowly although the side effects were seen more often in this group of "
    "people than we had expected from the earlier work on smaller numbers"
).split()


def pdf(draw: Callable[[Canvas], None], **options: object) -> bytes:
    """The bytes of a PDF that ``draw`` draws."""
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=A4, **options)
    draw(canvas)
    canvas.save()
    return file.getvalue()


def prose(start: int, count: int) -> list[str]:
    """Words of a sentence, numbered so that their order can be checked."""
    return [f"{WORDS[i % len(WORDS)]}{i}" for i in range(start, start + count)]


def set_lines(
    canvas: Canvas,
    words: Sequence[str],
    x: float,
    y: float,
    width: float = 475.0,
    font: str = "Times-Roman",
    size: float = 10.0,
    indent: float = 0.0,
) -> float:
    """Set words in justified lines from ``y`` downwards; returns the y below the last line."""
    left, rest = x + indent, list(words)
    canvas.setFont(font, size)
    while rest:
        line: list[str] = []
        while (
            rest and canvas.stringWidth(" ".join([*line, rest[0]]), font, size) <= x + width - left
        ):
            line.append(rest.pop(0))
        space = 0.0
        if rest and len(line) > 1:
            slack = x + width - left - canvas.stringWidth(" ".join(line), font, size)
            space = slack / (len(line) - 1)
        canvas.drawString(left, y, " ".join(line), wordSpace=space)
        y, left = y - 1.2 * size, x
    return y


def blocks_of(document: RawDocument) -> list[tuple[str, str]]:
    text, blocks, _ = clean(document)
    return [(block.kind.value, text[block.start : block.end]) for block in blocks]


def ink(data: bytes, page: int) -> np.ndarray:
    """The dark pixels of a page as a viewer shows it, at two pixels a point."""
    with pypdfium2.PdfDocument(data) as document:
        shown = document[page - 1]
        picture = shown.render(scale=2, grayscale=True).to_numpy()
        shown.close()
    return np.asarray(picture).reshape(picture.shape[0], -1) < 128


def assert_boxes_hold_the_ink(data: bytes, document: RawDocument, page: int) -> None:
    """Every word's box holds ink, and no ink of the page lies outside of all boxes."""
    dark = ink(data, page)
    outside = dark.copy()
    assert document.places is not None
    for row in np.flatnonzero(document.places.page == page):
        x0, y0, x1, y1 = (float(v) * 2 for v in document.places.box[row])
        area = np.s_[max(int(y0) - 2, 0) : int(y1) + 3, max(int(x0) - 2, 0) : int(x1) + 3]
        assert dark[area].any()
        outside[area] = False
    assert not outside.any()


def one_column(canvas: Canvas) -> None:
    canvas.setTitle("Microsoft Word - final_v3.doc")
    canvas.setFont("Times-Bold", 18)
    canvas.drawString(LEFT, 760, "Example treatment in an example disease")
    canvas.setFont("Times-Roman", 11)
    canvas.drawString(LEFT, 735, "Jane Roe, Max van Doe and Ann B. Smith")
    canvas.setFont("Times-Roman", 8)
    canvas.drawString(LEFT, 720, "Example Journal 2014;12:101-9. doi: 10.1234/exa.2014.5")
    canvas.setFont("Times-Bold", 12)
    canvas.drawString(LEFT, 690, "Introduction")
    y = set_lines(canvas, [*prose(0, 119), "end."], LEFT, 672)
    set_lines(canvas, prose(200, 40), LEFT, y, indent=15)
    for number in (2, 3):
        canvas.showPage()
        canvas.setFont("Times-Italic", 8)
        canvas.drawString(LEFT, 810, "Roe et al. Example treatment")
        canvas.drawRightString(535, 810, str(number))
        y = set_lines(canvas, [*prose(240, 20), "end."], LEFT, 770) if number == 2 else 770
        canvas.setFont("Times-Bold", 12)
        canvas.drawString(LEFT, y - 20, f"Section{number}")
        set_lines(canvas, [*prose(number * 1000, 60), "end."], LEFT, y - 38)


def two_columns(canvas: Canvas) -> None:
    canvas.setFont("Times-Bold", 18)
    canvas.drawString(LEFT, 770, "Example treatment in an example disease")
    canvas.setFont("Times-Bold", 10)
    canvas.drawString(LEFT, 735, "Abstract")
    set_lines(canvas, [*prose(0, 60), "end."], LEFT, 720, size=9)
    set_lines(canvas, prose(100, 200), LEFT, 600, COLUMN)
    y = set_lines(canvas, [*prose(300, 79), "end."], SECOND, 604, COLUMN)
    set_lines(canvas, [*prose(400, 59), "end."], SECOND, y, COLUMN, indent=12)


def test_headings_title_and_paragraphs_are_told_apart() -> None:
    found = blocks_of(read(pdf(one_column)))
    assert found[0] == ("title", "Example treatment in an example disease")
    headings = [text for kind, text in found if kind == "heading"]
    assert headings == ["Introduction", "Section2", "Section3"]
    assert ("paragraph", " ".join([*prose(0, 119), "end."])) in found


def test_the_first_page_gives_the_metadata_and_a_file_name_is_no_title() -> None:
    found = read(pdf(one_column)).metadata
    assert found.title == "Example treatment in an example disease"
    assert found.authors == ("Jane Roe", "Max van Doe", "Ann B. Smith")
    assert (found.year, found.doi) == (2014, "10.1234/exa.2014.5")


def test_running_heads_and_page_numbers_are_left_out() -> None:
    document = read(pdf(one_column))
    assert "Roe et al" not in document.raw
    assert not any(text.strip().isdigit() for _, text in blocks_of(document))


def test_a_paragraph_that_turns_the_page_is_one_block_on_two_pages() -> None:
    document = read(pdf(one_column))
    text, blocks, source_map = clean(document)
    wanted = " ".join([*prose(200, 60), "end."])
    block = next(b for b in blocks if text[b.start : b.end] == wanted)
    assert block.page == 1
    assert document.places is not None
    assert document.places.pages(source_map.spans(block.start, block.end)) == [1, 2]


def test_two_columns_are_read_one_after_the_other_below_what_spans_them() -> None:
    found = blocks_of(read(pdf(two_columns)))
    assert [kind for kind, _ in found] == [
        "title",
        "heading",
        "paragraph",
        "paragraph",
        "paragraph",
    ]
    assert found[2][1] == " ".join([*prose(0, 60), "end."])
    assert found[3][1] == " ".join([*prose(100, 279), "end."])
    assert found[4][1] == " ".join([*prose(400, 59), "end."])


def test_three_columns_are_read_from_left_to_right() -> None:
    def draw(canvas: Canvas) -> None:
        for number in range(3):
            x = 50 + number * 170
            set_lines(canvas, [*prose(number * 100, 79), f"end{number}."], x, 760, 150)

    document = read(pdf(draw))
    ends = [document.raw.index(f"end{number}.") for number in range(3)]
    assert ends == sorted(ends)
    assert [text.split()[-1] for _, text in blocks_of(document)] == ["end0.", "end1.", "end2."]


def test_text_drawn_out_of_order_is_read_as_it_stands_on_the_page() -> None:
    def draw(canvas: Canvas) -> None:
        set_lines(canvas, [*prose(100, 79), "last."], SECOND, 760, COLUMN)
        set_lines(canvas, [*prose(0, 79), "end."], LEFT, 760, COLUMN)

    assert [text.split()[-1] for _, text in blocks_of(read(pdf(draw)))] == ["end.", "last."]


def test_a_word_broken_at_a_line_end_is_mended_and_keeps_its_boxes_on_both_lines() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setFont("Times-Roman", 10)
        canvas.drawString(LEFT, 700, "This trial was carried out by an interna-")
        canvas.drawString(LEFT, 688, "tional group of physicians in two years.")

    document = read(pdf(draw))
    text, _, source_map = clean(document)
    at = text.index("international")
    assert document.places is not None
    boxes = document.places.boxes(source_map.spans(at, at + len("international")))
    assert len(boxes) == 2
    assert boxes[0].y1 <= boxes[1].y0 + 1


@pytest.mark.parametrize("draw", [one_column, two_columns], ids=["one column", "two columns"])
def test_the_text_in_a_words_box_is_that_word(draw: Callable[[Canvas], None]) -> None:
    data = pdf(draw)
    document = read(data)
    places = document.places
    assert places is not None
    with pypdfium2.PdfDocument(data) as opened:
        for start, end, number, box in zip(
            places.start, places.end, places.page, places.box, strict=True
        ):
            page = opened[int(number) - 1]
            x0, y0, x1, y1 = (float(v) for v in box)
            layer = page.get_textpage()
            inside = layer.get_text_bounded(x0 - 0.5, HEIGHT - y1 + 1, x1 + 0.5, HEIGHT - y0 - 1)
            assert inside.strip() == document.raw[start:end]
            layer.close()
            page.close()


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_boxes_fit_a_rotated_page_as_it_is_shown(rotation: int) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setPageRotation(rotation)
        set_lines(canvas, [*prose(0, 60), "end."], LEFT, 500, COLUMN)

    data = pdf(draw)
    document = read(data)
    assert blocks_of(document) == [("paragraph", " ".join([*prose(0, 60), "end."]))]
    assert_boxes_hold_the_ink(data, document, 1)


@pytest.mark.parametrize("angle", [90, 180, 270])
def test_text_printed_sideways_is_read_in_its_own_direction(angle: int) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.translate(WIDTH / 2, HEIGHT / 2)
        canvas.rotate(angle)
        set_lines(canvas, [*prose(0, 60), "end."], -150, 100, 300)

    data = pdf(draw)
    document = read(data)
    assert blocks_of(document) == [("paragraph", " ".join([*prose(0, 60), "end."]))]
    assert_boxes_hold_the_ink(data, document, 1)


def test_a_stamp_along_the_margin_is_left_out() -> None:
    def draw(canvas: Canvas) -> None:
        set_lines(canvas, [*prose(0, 60), "end."], LEFT, 700)
        canvas.rotate(90)
        canvas.drawString(200, -20, "Downloaded by a library")

    document = read(pdf(draw))
    assert "Downloaded" not in document.raw
    assert len(document.blocks) == 1


def test_boxes_count_from_the_corner_of_a_cropped_page() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setCropBox((40, 100, 560, 800))
        set_lines(canvas, [*prose(0, 60), "end."], LEFT, 700)

    data = pdf(draw)
    document = read(data)
    assert_boxes_hold_the_ink(data, document, 1)


def table(canvas: Canvas) -> None:
    y = set_lines(canvas, [*prose(0, 60), "end."], LEFT, 780)
    canvas.setFont("Times-Bold", 9)
    canvas.drawString(LEFT, y - 20, "Table 1. Trials of one drug")
    rows = [
        ("Study", "Patients", "Response rate"),
        ("First trial", "18", "0%"),
        ("Second trial", "112", "14%"),
        ("A third one", "37", "5.5%"),
    ]
    y -= 40
    for number, row in enumerate(rows):
        canvas.setFont("Times-Bold" if number == 0 else "Times-Roman", 9)
        for x, cell in zip((LEFT, 220, 330), row, strict=True):
            canvas.drawString(x, y, cell)
        y -= 12
    set_lines(canvas, [*prose(100, 60), "end."], LEFT, y - 20)


def test_aligned_cells_become_rows_under_their_header() -> None:
    document = read(pdf(table))
    found = blocks_of(document)
    assert found[1:6] == [
        ("caption", "Table 1. Trials of one drug"),
        ("table header", "Study | Patients | Response rate"),
        ("table row", "First trial | 18 | 0%"),
        ("table row", "Second trial | 112 | 14%"),
        ("table row", "A third one | 37 | 5.5%"),
    ]
    header = next(i for i, b in enumerate(document.blocks) if b.kind is BlockKind.TABLE_HEADER)
    rows = [b for b in document.blocks if b.kind is BlockKind.TABLE_ROW]
    assert [row.header for row in rows] == [header] * 3


def test_a_paragraph_goes_on_behind_a_table_that_interrupts_it() -> None:
    def draw(canvas: Canvas) -> None:
        set_lines(canvas, prose(0, 60), LEFT, 780, COLUMN)
        canvas.setFont("Times-Roman", 8)
        canvas.drawString(LEFT, 560, "Figure 1. A curve.")
        set_lines(canvas, [*prose(60, 59), "end."], SECOND, 780, COLUMN)

    found = blocks_of(read(pdf(draw)))
    assert ("paragraph", " ".join([*prose(0, 119), "end."])) in found
    assert ("caption", "Figure 1. A curve.") in found


def test_nothing_is_joined_over_pages_that_the_file_leaves_out() -> None:
    def draw(canvas: Canvas) -> None:
        for number in (1, 9, 10):
            canvas.setFont("Times-Italic", 8)
            canvas.drawRightString(535, 810, f"Page {number} of 11" if number > 1 else "")
            set_lines(canvas, [*prose(number * 100, 60), *["on"] * (number < 10)], LEFT, 770)
            canvas.showPage()

    found = [text.split()[0] for _, text in blocks_of(read(pdf(draw)))]
    assert found == [prose(100, 1)[0], prose(900, 1)[0]]


def test_numbers_that_count_references_belong_to_their_column() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setFont("Times-Bold", 12)
        canvas.drawString(LEFT, 780, "References")
        for x, first, count in ((LEFT, 1, 12), (SECOND, 13, 3)):
            y = 760.0 if first == 1 else 782.0
            if first > 1:
                y = set_lines(canvas, ["ending", "the", "twelfth."], x + 18, y, COLUMN - 18)
            for number in range(first, first + count):
                canvas.setFont("Times-Roman", 10)
                canvas.drawString(x, y, f"{number}.")
                entry = [*prose(number * 100, 14), "open" if number == 12 else "end."]
                y = set_lines(canvas, entry, x + 18, y, COLUMN - 18)
        set_lines(canvas, [*prose(5000, 40), "end."], SECOND + 8, 500, COLUMN - 8)

    found = [text for kind, text in blocks_of(read(pdf(draw))) if kind == "reference"]
    numbers = [int(text.split(".")[0]) for text in found if text[0].isdigit()]
    assert numbers == list(range(1, 16))
    assert found[11].endswith("open ending the twelfth.")


def test_lines_that_were_broken_on_purpose_are_paragraphs_of_their_own() -> None:
    def draw(canvas: Canvas) -> None:
        y = set_lines(canvas, [*prose(0, 80), "end."], LEFT, 780, indent=12)
        canvas.setFont("Times-Roman", 10)
        for number in range(3):
            canvas.drawString(LEFT + 12, y - 12 * number, f"RB{number} \u2013 Design of the study")
        set_lines(canvas, ["Then", *prose(200, 80), "end."], LEFT, y - 36, indent=12)

    found = [text for _, text in blocks_of(read(pdf(draw)))]
    assert found[1:4] == [f"RB{number} \u2013 Design of the study" for number in range(3)]


def test_two_headings_one_below_the_other_stay_two() -> None:
    def draw(canvas: Canvas) -> None:
        for number in range(8):
            y = 780 - number * 90
            canvas.setFont("Times-Bold", 11)
            canvas.drawString(LEFT, y, f"Patients{number}")
            canvas.drawString(LEFT, y - 22, f"Procedure{number}")
            set_lines(canvas, [*prose(number * 100, 40), "end."], LEFT, y - 36)

    found = [text for kind, text in blocks_of(read(pdf(draw))) if kind == "heading"]
    assert len(found) == 15
    assert found[-2:] == ["Patients7", "Procedure7"]


def test_a_sentence_about_a_figure_is_no_caption() -> None:
    def draw(canvas: Canvas) -> None:
        set_lines(
            canvas, "Figure 4 shows how long the patients of both groups lived.".split(), LEFT, 700
        )

    assert blocks_of(read(pdf(draw)))[0][0] == "paragraph"


def references(canvas: Canvas) -> None:
    y = set_lines(canvas, [*prose(0, 60), "end."], LEFT, 780)
    canvas.setFont("Times-Bold", 12)
    canvas.drawString(LEFT, y - 20, "References")
    y -= 40
    canvas.setFont("Times-Roman", 9)
    for number in range(1, 6):
        canvas.drawString(LEFT, y, f"{number}.")
        canvas.drawString(LEFT + 18, y, f"Roe J, Doe M. A study of something in number {number}.")
        canvas.drawString(LEFT + 18, y - 11, f"Example Journal 200{number};12:10{number}-9.")
        y -= 22


def test_a_reference_list_is_one_block_an_entry() -> None:
    found = [text for kind, text in blocks_of(read(pdf(references))) if kind == "reference"]
    assert len(found) == 5
    assert (
        found[2]
        == "3. Roe J, Doe M. A study of something in number 3. Example Journal 2003;12:103-9."
    )


def test_list_items_keep_their_second_lines() -> None:
    def draw(canvas: Canvas) -> None:
        y = set_lines(canvas, [*prose(0, 60), "follows:"], LEFT, 780)
        for number in range(1, 4):
            canvas.drawString(LEFT + 10, y, f"({number})")
            y = set_lines(canvas, [*prose(number * 100, 25), "end."], LEFT + 28, y, 440)

    items = [text for kind, text in blocks_of(read(pdf(draw))) if kind == "list item"]
    assert items == [f"({n}) " + " ".join([*prose(n * 100, 25), "end."]) for n in (1, 2, 3)]


def test_line_numbers_of_a_manuscript_are_left_out() -> None:
    def draw(canvas: Canvas) -> None:
        y = set_lines(canvas, [*prose(0, 160), "end."], LEFT + 20, 780, 400)
        canvas.setFont("Helvetica", 7)
        number = 1
        while y < 780:
            y += 12
            canvas.drawRightString(LEFT - 5, 780 - 12 * (number - 1), str(number))
            number += 1

    assert blocks_of(read(pdf(draw))) == [("paragraph", " ".join([*prose(0, 160), "end."]))]


def test_raised_figures_stay_with_their_word() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setFont("Times-Roman", 10)
        canvas.drawString(LEFT, 700, "A dose of 10")
        end = LEFT + canvas.stringWidth("A dose of 10", "Times-Roman", 10)
        canvas.setFont("Times-Roman", 6)
        canvas.drawString(end, 704, "9")
        canvas.setFont("Times-Roman", 10)
        canvas.drawString(end + 6, 700, "cells was given.")

    assert blocks_of(read(pdf(draw))) == [("paragraph", "A dose of 10⁹ cells was given.")]


def test_a_power_in_the_first_line_of_a_page_is_no_page_number() -> None:
    def draw(canvas: Canvas) -> None:
        for number in range(2):
            set_lines(canvas, [*prose(100 * number, 10), "of", "10"], LEFT, 790)
            end = LEFT + canvas.stringWidth(
                " ".join([*prose(100 * number, 10), "of", "10"]), "Times-Roman", 10
            )
            canvas.setFont("Times-Roman", 6)
            canvas.drawString(end, 797, "2")
            canvas.showPage()

    found = [text for _, text in blocks_of(read(pdf(draw)))]
    assert "".join(found).count("of 10²") == 2


def test_a_raised_figure_below_a_tight_heading_stays_in_its_own_line() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setFont("Times-Bold", 12)
        canvas.drawString(LEFT, 709.5, "Statistical analysis")
        set_lines(canvas, [*prose(0, 14), "of", "10"], LEFT, 700, 600)
        end = LEFT + canvas.stringWidth(" ".join([*prose(0, 14), "of", "10"]), "Times-Roman", 10)
        canvas.setFont("Times-Roman", 8)
        canvas.drawString(end, 703.5, "2")
        set_lines(canvas, [*prose(200, 60), "end."], LEFT, 688)

    found = [text for _, text in blocks_of(read(pdf(draw)))]
    assert any("of 10² " in text for text in found)


def test_a_file_with_a_password_is_refused_with_a_way_out() -> None:
    data = pdf(one_column, encrypt=StandardEncryption("secret", strength=128))
    with pytest.raises(Unreadable, match="protected by a password") as refusal:
        read(data)
    assert "without the password" in str(refusal.value.hint)


def test_a_scan_is_refused_with_a_way_out_and_read_where_one_page_has_text() -> None:
    def scan(canvas: Canvas) -> None:
        canvas.rect(100, 100, 200, 200, fill=1)

    def mixture(canvas: Canvas) -> None:
        scan(canvas)
        canvas.showPage()
        set_lines(canvas, [*prose(0, 60), "end."], LEFT, 700)

    with pytest.raises(Unreadable, match="scan without a text layer") as refusal:
        read(pdf(scan))
    assert "ocrmypdf" in str(refusal.value.hint)
    document = read(pdf(mixture))
    assert document.places is not None
    assert set(document.places.page.tolist()) == {2}


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7\n", pdf(one_column)[:900], b"no pdf at all"])
def test_a_broken_file_is_refused_in_one_sentence(data: bytes) -> None:
    with pytest.raises(Unreadable) as refusal:
        read(data)
    assert "\n" not in refusal.value.reason
    assert "Traceback" not in refusal.value.reason


def test_files_can_be_read_from_several_threads() -> None:
    files = [pdf(one_column), pdf(two_columns), pdf(table), pdf(references)] * 3
    alone = [read(data).raw for data in files]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda data: read(data).raw, files)) == alone


@shared
@pytest.mark.parametrize(
    ("name", "title", "year", "doi", "authors"),
    [
        ("journal-1", "Complications related to deep venous", 2010, "10.1186/1752-2897-4-1", 5),
        ("journal-2", "Patient Experiences of Structured", 2010, "10.1155/2010/157939", 4),
        ("journal-3", "Phytochemical and Biological", 2009, None, 6),
        ("two-column", "A Perspective on Explanations of", None, None, 4),
    ],
)
def test_real_papers_give_title_authors_year_and_doi(
    name: str, title: str, year: int | None, doi: str | None, authors: int
) -> None:
    found = read((SHARED / f"{name}.pdf").read_bytes()).metadata
    assert (found.title or "").startswith(title)
    assert (found.year, found.doi, len(found.authors)) == (year, doi, authors)


@shared
def test_a_real_paper_keeps_sentences_whole_over_columns() -> None:
    found = blocks_of(read((SHARED / "journal-1.pdf").read_bytes()))
    assert sum(kind == "reference" for kind, _ in found) >= 80
    whole = "\n".join(text for kind, text in found if kind == "paragraph")
    assert "with low molecular weight heparins (LMWHs)" in whole
    assert "Page 9 of 11" not in whole


@shared
@pytest.mark.parametrize("name", ["password", "scanned-no-text"])
def test_real_files_without_readable_text_are_refused(name: str) -> None:
    with pytest.raises(Unreadable):
        read((SHARED / f"{name}.pdf").read_bytes())
