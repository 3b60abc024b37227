"""Word files: what is read as what, what is left out, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import docx
import pytest
from docx.enum.section import WD_SECTION
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_BREAK
from docx.oxml import parse_xml

from corpus.document import Document
from corpus.load import load_bytes
from tests.corpus.word_files import (
    NS,
    PROSE,
    field,
    fill,
    put,
    read,
    run,
    saved,
    sections,
    texts,
    with_parts,
)

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "inputs" / "docx"
shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the shared input files are not here")


def test_headings_become_sections_and_the_title_stands_apart() -> None:
    word = docx.Document()
    word.add_paragraph("Weights of mice in a ward", style="Title")
    word.add_heading("Methods", 1)
    word.add_heading("Animals", 2)
    word.add_paragraph(PROSE)
    word.add_heading("Results", 1)
    word.add_paragraph("All of them were well.")
    document = read(word)
    assert texts(document)[0] == ("title", "Weights of mice in a ward")
    assert document.info.title == "Weights of mice in a ward"
    assert sections(document)[PROSE] == "Methods › Animals"
    assert sections(document)["All of them were well."] == "Results"
    assert document.info.format == "docx"


def test_headings_are_known_by_built_in_name_outline_level_and_base() -> None:
    word = docx.Document()
    styles = word.styles
    styles["Heading 1"].element.set(
        "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}styleId", "berschrift1"
    )
    own = styles.add_style("Kapitel", WD_STYLE_TYPE.PARAGRAPH)
    own.base_style = styles["Heading 1"]
    put(word, run("Eins"), properties='<w:pStyle w:val="berschrift1"/>')
    word.add_paragraph(PROSE)
    word.add_paragraph("Zwei", style="Kapitel")
    put(word, run("Drei"), properties='<w:outlineLvl w:val="1"/>')
    word.add_paragraph("Noch ein Satz.")
    found = read(word)
    assert [t for kind, t in texts(found) if kind == "heading"] == ["Eins", "Zwei", "Drei"]
    assert sections(found)["Noch ein Satz."] == "Zwei › Drei"


def test_a_numbered_paragraph_with_the_style_of_a_heading_is_one() -> None:
    word = docx.Document()
    numbered = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>'
    put(word, run("Methods"), properties=f'<w:pStyle w:val="Heading1"/>{numbered}')
    word.add_paragraph(PROSE)
    put(word, run("Patients", "<w:b/>"), properties=numbered)
    word.add_paragraph("Forty were asked.")
    put(word, run("One of the plain items"), properties=numbered)
    assert texts(read(word)) == [
        ("heading", "Methods"),
        ("paragraph", PROSE),
        ("heading", "Patients"),
        ("paragraph", "Forty were asked."),
        ("list item", "One of the plain items"),
    ]


def test_bold_lines_are_headings_in_a_file_without_styles() -> None:
    word = docx.Document()
    word.add_paragraph().add_run("Weights of mice in a ward").bold = True
    word.add_paragraph().add_run("Jane Roe1, Max Doe2").bold = True
    word.add_paragraph("Abstract")
    word.add_paragraph(PROSE)
    word.add_paragraph().add_run("2.1 Animals").bold = True
    word.add_paragraph("Forty mice were bought.")
    word.add_paragraph().add_run("Bold from end to end, but a sentence.").bold = True
    found = texts(read(word))
    assert [t for kind, t in found if kind == "heading"] == ["Abstract", "2.1 Animals"]
    assert ("title", "Weights of mice in a ward") in found
    assert read(word).info.authors == ("Jane Roe", "Max Doe")


def test_list_items_and_typed_bullets_are_list_items_without_their_marks() -> None:
    word = docx.Document()
    word.add_paragraph(PROSE)
    word.add_paragraph("first", style="List Bullet")
    word.add_paragraph("second", style="List Number")
    put(word, run("third"), properties='<w:numPr><w:numId w:val="1"/></w:numPr>')
    word.add_paragraph("•\tfourth")
    found = [t for kind, t in texts(read(word)) if kind == "list item"]
    assert found == ["first", "second", "third", "fourth"]


def test_merged_cells_a_marked_header_and_group_rows() -> None:
    word = docx.Document()
    word.add_paragraph("Table 1. Weights", style="Caption")
    table = word.add_table(rows=6, cols=3)
    rows = [
        ["Drug", "Weight", ""],
        ["", "Before", "After"],
        ["Young mice", "", ""],
        ["A", "20 g", "21 g"],
        ["", "22 g", "25 g"],
        ["B", "not weighed", ""],
    ]
    for y, words in enumerate(rows):
        for x, text in enumerate(words):
            table.cell(y, x).text = text
    for first, last in (
        ((0, 0), (1, 0)),
        ((0, 1), (0, 2)),
        ((2, 0), (2, 2)),
        ((3, 0), (4, 0)),
        ((5, 1), (5, 2)),
    ):
        kept = table.cell(*first).text
        table.cell(*first).merge(table.cell(*last)).text = kept
    for row in list(table.rows)[:2]:
        row._tr.get_or_add_trPr().append(parse_xml(f"<w:tblHeader {NS}/>"))
    document = read(word)
    assert texts(document) == [
        ("caption", "Table 1. Weights"),
        ("table header", "Drug | Weight Before | After"),
        ("table header", "Young mice"),
        ("table row", "A | 20 g | 21 g"),
        ("table row", "A | 22 g | 25 g"),
        ("table row", "B | not weighed"),
    ]
    header, group = document.blocks[1].span, document.blocks[2].span
    assert all((b.header, b.group) == (header, group) for b in document.blocks[3:])


@pytest.mark.parametrize(
    "properties",
    ["<w:b/>", "shaded"],
)
def test_a_bold_or_shaded_first_row_is_the_header(properties: str) -> None:
    word = docx.Document()
    table = word.add_table(rows=2, cols=2)
    for cell, text in zip(table._cells, ["Drug", "Effect", "A", "none"], strict=True):
        cell.text = text
    for cell in table.rows[0].cells:
        if properties == "shaded":
            cell._tc.get_or_add_tcPr().append(parse_xml(f'<w:shd {NS} w:fill="D9D9D9"/>'))
        else:
            cell.paragraphs[0].runs[0].bold = True
    assert texts(read(word)) == [("table header", "Drug | Effect"), ("table row", "A | none")]


def test_a_table_in_a_cell_follows_its_row_and_a_deleted_row_is_gone() -> None:
    word = docx.Document()
    table = word.add_table(rows=3, cols=2)
    for cell, text in zip(table._cells, ["a", "b", "c", "d", "gone", "gone"], strict=True):
        cell.text = text
    inner = table.cell(0, 1).add_table(rows=2, cols=2)
    for cell, text in zip(inner._cells, ["e", "f", "g", "h"], strict=True):
        cell.text = text
    table.rows[2]._tr.get_or_add_trPr().append(parse_xml(f'<w:del {NS} w:id="1"/>'))
    assert [t for _, t in texts(read(word))] == ["a | b", "e | f", "g | h", "c | d"]


def test_a_table_that_only_places_text_is_read_as_paragraphs() -> None:
    word = docx.Document()
    fill(word, [["One paragraph stands here.", "Another stands beside it."]])
    assert texts(read(word)) == [
        ("paragraph", "One paragraph stands here."),
        ("paragraph", "Another stands beside it."),
    ]


def test_footnotes_follow_their_paragraph_and_endnotes_end_the_text() -> None:
    word = docx.Document()
    put(word, run("Mice were weighed") + '<w:r><w:footnoteReference w:id="2"/></w:r>' + run("."))
    put(word, run("They were well.") + '<w:r><w:endnoteReference w:id="5"/></w:r>')
    word.add_paragraph("The end.")
    note = "<w:{0} w:id='{1}'><w:p><w:r><w:footnoteRef/></w:r>{2}</w:p></w:{0}>"
    cited = "Roe J, et al. Of mice. Journal of Examples 2011;4:1-9."
    data = with_parts(
        saved(word),
        footnotes="<w:footnote w:type='separator' w:id='0'><w:p><w:r><w:separator/></w:r></w:p>"
        "</w:footnote>" + note.format("footnote", 2, run(" On one scale.")),
        endnotes=note.format("endnote", 5, run(cited)),
    )
    assert texts(load_bytes(data, "a.docx")) == [
        ("paragraph", "Mice were weighed."),
        ("paragraph", "On one scale."),
        ("paragraph", "They were well."),
        ("paragraph", "The end."),
        ("reference", cited),
    ]


def test_the_text_of_a_text_box_is_read_once() -> None:
    box = "<w:txbxContent><w:p><w:r><w:t>Figure 1. In a box.</w:t></w:r></w:p></w:txbxContent>"
    word = docx.Document()
    put(
        word,
        run("Before.")
        + "<w:r><mc:AlternateContent><mc:Choice Requires='wps'><w:drawing><wp:anchor>"
        f"<a:graphic><a:graphicData uri='x'><wps:wsp><wps:txbx>{box}</wps:txbx></wps:wsp>"
        "</a:graphicData></a:graphic></wp:anchor></w:drawing></mc:Choice><mc:Fallback><w:pict>"
        f"<v:shape><v:textbox>{box}</v:textbox></v:shape></w:pict></mc:Fallback>"
        "</mc:AlternateContent></w:r>" + run(" After."),
    )
    assert texts(read(word)) == [
        ("paragraph", "Before. After."),
        ("caption", "Figure 1. In a box."),
    ]


def test_two_line_breaks_or_a_page_break_part_paragraphs() -> None:
    word = docx.Document()
    paragraph = word.add_paragraph("One.")
    paragraph.add_run().add_break()
    paragraph.add_run().add_break()
    paragraph.add_run("Two.").add_break(WD_BREAK.PAGE)
    paragraph.add_run("Three.")
    assert [t for _, t in texts(read(word))] == ["One.", "Two.", "Three."]


def test_running_heads_and_contents_are_left_out() -> None:
    word = docx.Document()
    word.sections[0].header.paragraphs[0].text = "A running head"
    word.sections[0].footer.paragraphs[0].text = "Page 1 of 9"
    word.styles.add_style("TOC 1", WD_STYLE_TYPE.PARAGRAPH)
    word.add_paragraph("Methods\t3", style="TOC 1")
    put(
        word,
        "<w:hyperlink w:anchor='_Toc12'>" + run("Results 4") + "</w:hyperlink>",
    )
    word.add_section(WD_SECTION.NEW_PAGE)
    word.add_paragraph(PROSE)
    assert texts(read(word)) == [("paragraph", PROSE)]


ENTRY = "Roe J, Doe M. Of mice. Journal of Examples 2011;4:1-9."


def test_the_list_of_references_is_told_apart_and_tables_behind_it_are_text_again() -> None:
    word = docx.Document()
    word.add_heading("Discussion", 1)
    word.add_paragraph(PROSE)
    word.add_paragraph().add_run("Literature cited").bold = True
    word.add_paragraph(ENTRY, style="List Number")
    word.add_paragraph("Table 2. Weights at the end")
    fill(word, [["Drug", "n", "Weight"], ["A", "4", "20 g"], ["B", "5", "21 g"]])
    assert texts(read(word)) == [
        ("heading", "Discussion"),
        ("paragraph", PROSE),
        ("heading", "Literature cited"),
        ("reference", ENTRY),
        ("caption", "Table 2. Weights at the end"),
        ("table header", "Drug | n | Weight"),
        ("table row", "A | 4 | 20 g"),
        ("table row", "B | 5 | 21 g"),
    ]


def test_entries_of_a_reference_manager_are_references_without_a_heading() -> None:
    word = docx.Document()
    word.styles.add_style("EndNote Bibliography", WD_STYLE_TYPE.PARAGRAPH)
    word.add_paragraph(PROSE)
    word.add_paragraph(ENTRY, style="EndNote Bibliography")
    put(word, field("ADDIN ZOTERO_BIBL {}", run("Another entry")))
    kinds = [kind for kind, _ in texts(read(word))]
    assert kinds == ["paragraph", "reference", "reference"]


def test_the_properties_and_the_first_lines_give_the_metadata() -> None:
    word = docx.Document()
    word.core_properties.title = "Weights of mice"
    word.core_properties.author = "Jane Roe; Max Doe"
    word.core_properties.created = datetime(2019, 5, 1, tzinfo=UTC)
    word.add_paragraph("Weights of Mice")
    word.add_paragraph("https://doi.org/10.1234/EX.5  PMID: 12345678")
    word.add_paragraph(PROSE)
    found = read(word).info
    assert (found.title, found.authors, found.year) == (
        "Weights of Mice",
        ("Jane Roe", "Max Doe"),
        2019,
    )
    assert (found.doi, found.pmid) == ("10.1234/ex.5", "12345678")


@pytest.mark.parametrize(
    "title", ["", "Microsoft Word - draft 3", "draft.docx", "Document1", "Untitled", "Title"]
)
def test_a_title_that_a_program_put_in_is_none(title: str) -> None:
    word = docx.Document()
    word.core_properties.title = title
    word.core_properties.author = "Microsoft Office User"
    word.add_heading("Mice and their weights", 1)
    word.add_paragraph(PROSE)
    found = read(word, "of mice.docx").info
    assert found.title == "Mice and their weights"
    assert found.authors == ()


def test_a_file_without_any_title_is_called_by_its_name() -> None:
    word = docx.Document()
    word.add_heading("Introduction", 1)
    word.add_paragraph(PROSE)
    assert read(word, "of mice.docx").info.title == "of mice"


def test_source_spans_are_empty_and_every_block_is_in_the_text() -> None:
    word = docx.Document()
    word.add_paragraph(PROSE)
    document = read(word)
    assert document.source_spans(0, len(document.text)) == []
    assert document.text == PROSE


def shared_file(name: str) -> Document:
    return load_bytes((SHARED / name).read_bytes(), name)


@shared
def test_the_levels_of_a_real_file_become_paths_of_sections() -> None:
    document = shared_file("unit_test_headers.docx")
    assert document.info.title == "Test Document"
    assert document.info.authors == ("Peter Staar",)
    assert sections(document)["Paragraph 1.2.3.1"] == "Section 1 › Section 1.2 › Section 1.2.3"
    assert sections(document)["Paragraph 2.2"] == "Section 2"


@shared
def test_lists_of_a_real_file_are_items_under_their_headings() -> None:
    document = shared_file("docx_lists.docx")
    found = texts(document)
    assert ("heading", "Test 3:") in found
    assert ("list item", "List item 1.2.1") in found
    assert ("list item", "Sub-item A") in found  # a list by its style alone
    assert sections(document)["List item c"] == "Test 2:"


@shared
def test_merged_cells_of_a_real_file_are_resolved() -> None:
    found = texts(shared_file("word_tables.docx"))
    assert ("table header", "Header 0.0 | Header 0.1 | Header 0.2") in found
    assert ("table row", "Cell 2.0 | Merged Cell 1.1 2.1 | Cell 2.2") in found
    assert ("table row", "Cell 1.0 | Merged Cell 1.1 1.2 |  | Cell 1.3") in found
    assert ("table row", "| Cell 1.1") in [(kind, text.strip()) for kind, text in found]


@shared
def test_caption_fields_title_and_table_of_a_real_file() -> None:
    document = shared_file("word_sample.docx")
    found = texts(document)
    assert ("title", "Swimming in the lake") in found
    assert ("caption", "Figure 1: This is a cute duckling") in found
    assert ("table row", "Leaves | Ash, Elm, Maple | 50") in found
    assert sections(document)["I like to eat leaves"] == "Let’s swim! › Let’s eat"


@shared
def test_lists_and_tables_in_cells_of_a_real_file() -> None:
    found = [text for _, text in texts(shared_file("docx_rich_cells.docx"))]
    assert "This is a list: A First A Second A Third | " in " ".join(found)
    assert found.count("Cell 1 | Cell 2 | Cell 3") == 2
    assert "After table with bold, underline, strikethrough, and italic formatting" in found
    assert not any("INCLUDEPICTURE" in text for text in found)


@shared
def test_a_japanese_file_stays_whole() -> None:
    document = shared_file("japanese.docx")
    assert document.info.title == "AIエージェントとRAGの統合"
    assert ("heading", "ハイブリッド検索の重要性") in texts(document)
    assert document.info.authors == ()  # "python-docx" is no author
