"""Paragraphs of Word files: they read as they are shown."""

from __future__ import annotations

import docx
import pytest

from tests.corpus.word_files import field, put, read, run, texts

NOT_HIDDEN = '<w:vanish w:val="0"/>'
RAISED = '<w:vertAlign w:val="superscript"/>'


def paragraph_of(inner: str) -> str:
    """The reading text of one paragraph of the given WordprocessingML."""
    word = docx.Document()
    put(word, inner)
    return read(word).text


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        (f"{run('a ')}<w:ins w:id='1'>{run('new ')}</w:ins>{run('word')}", "a new word"),
        (
            f"{run('a ')}<w:del w:id='1'><w:r><w:delText>old </w:delText></w:r></w:del>{run('b')}",
            "a b",
        ),
        (f"{run('a ')}<w:moveFrom w:id='1'>{run('moved ')}</w:moveFrom>{run('b')}", "a b"),
        (f"{run('a ')}<w:moveTo w:id='1'>{run('moved ')}</w:moveTo>{run('b')}", "a moved b"),
        (f"{run('see ')}<w:hyperlink w:anchor='x'>{run('the page')}</w:hyperlink>", "see the page"),
        (
            f"<w:sdt><w:sdtPr/><w:sdtContent>{run('in a control')}</w:sdtContent></w:sdt>",
            "in a control",
        ),
        (
            f"{run('x')}<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>"
            f"{run('Click here')}</w:sdtContent></w:sdt>",
            "x",
        ),
        (f"{run('In ')}{field('REF tab1', run('Table 1'))}{run(' and on')}", "In Table 1 and on"),
        (f"{run('a')}<w:fldSimple w:instr='SEQ x'>{run('7')}</w:fldSimple>", "a7"),
        (
            field("IF 1", field("PAGE", run("3")) + run(" pages")) + run(" long"),
            "3 pages long",
        ),
        (f"{run('shown')}{run(' hidden', '<w:vanish/>')}", "shown"),
        (f"{run('shown')}{run(' too', NOT_HIDDEN)}", "shown too"),
        (
            "<w:r><w:t>soft</w:t><w:softHyphen/><w:t>ware and soft\u00adware</w:t></w:r>",
            "software and software",
        ),
        ("<w:r><w:t>5</w:t><w:noBreakHyphen/><w:t>FU</w:t></w:r>", "5-FU"),
        (
            "<w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t><w:cr/><w:t>d</w:t></w:r>",
            "a b c d",
        ),
        (run("P ") + "<w:r><w:sym w:font='Symbol' w:char='F0B3'/></w:r>" + run(" 1"), "P ≥ 1"),
        (run("b", "<w:rFonts w:ascii='Symbol' w:hAnsi='Symbol'/>") + run("-catenin"), "β-catenin"),
        (run("\uf062") + run("-catenin"), "β-catenin"),
        (
            f"{run('of 10')}{run('9', RAISED)}{run('/L in 5 cm')}{run('2', RAISED)}",
            "of 10⁹/L in 5 cm2",
        ),
        (f"{run('with ')}{run('131', RAISED)}{run('I')}", "with 131I"),
        (
            f"{run('It was well.')}{run('1,', RAISED)}{run('2', RAISED)}{run(' So')}",
            "It was well. So",
        ),
        (f"{run('in patients')}{run('4–6', RAISED)}{run(' too')}", "in patients too"),
        (
            run("in CT") + field("ADDIN ZOTERO_ITEM CSL_CITATION {}", run("7", RAISED)) + run("."),
            "in CT.",
        ),
        (
            run("Let ") + "<m:oMath><m:f><m:num><m:r><m:t>a</m:t></m:r></m:num><m:den><m:d><m:e>"
            "<m:r><m:t>b+1</m:t></m:r></m:e></m:d></m:den></m:f></m:oMath>" + run(" be"),
            "Let a/(b+1) be",
        ),
        (
            "<w:r><w:ruby><w:rt><w:r><w:t>かん</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>漢</w:t>"
            "</w:r></w:rubyBase></w:ruby></w:r>",
            "漢",
        ),
        (
            f"<w:commentRangeStart w:id='0'/>{run('said')}<w:commentRangeEnd w:id='0'/>"
            "<w:r><w:commentReference w:id='0'/></w:r>",
            "said",
        ),
    ],
)
def test_a_paragraph_reads_as_it_is_shown(inner: str, expected: str) -> None:
    assert paragraph_of(inner) == expected


def test_a_field_that_never_ends_hides_no_more_than_its_paragraph() -> None:
    word = docx.Document()
    put(word, run("One. ") + "<w:r><w:fldChar w:fldCharType='begin'/></w:r>" + run("Two."))
    word.add_paragraph("Three.")
    assert [t for _, t in texts(read(word))] == ["One.", "Three."]


def test_a_paragraph_goes_on_where_its_end_was_deleted() -> None:
    word = docx.Document()
    put(word, run("One half "), properties="<w:rPr><w:del w:id='1'/></w:rPr>")
    put(word, run("and the other."))
    assert read(word).text == "One half and the other."
