"""The reading text: what is mended, what is left alone, and that every address stays right."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from corpus.clean import clean
from corpus.document import BlockKind, Document, DocumentInfo
from corpus.load import load_bytes
from corpus.readers.base import Piece, RawBlock, RawDocument


def read(raw: str, *, mend: bool = True) -> Document:
    block = RawBlock(BlockKind.PARAGRAPH, ((Piece(0, len(raw)),),))
    text, blocks, source_map = clean(RawDocument(raw=raw, blocks=[block], mend=mend))
    return Document(DocumentInfo("0" * 16, "x.txt", "x"), text, blocks, source_map)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("an inter-\nnational panel", "an international panel"),
        (
            "the anti-\napoptotic protein, anti-apoptotic",
            "the anti-apoptotic protein, anti-apoptotic",
        ),
        ("graded Child-\nPugh A", "graded Child-Pugh A"),
        ("an HCC-\nrelated death", "an HCC-related death"),
        ("doses of 10-\n15 mg", "doses of 10-15 mg"),
        ("arrest/\nrepair of cells", "arrest/repair of cells"),
        ("the hepatocarcino-\ngenesis of rats", "the hepatocarcinogenesis of rats"),
        ("a line\nand the next", "a line and the next"),
        ("two  spaces and\ta tab", "two spaces and a tab"),
        ("soft\u00adhyphen", "softhyphen"),
        ("a soft hy\u00ad\nphen", "a soft hyphen"),
        ("a\u00ad\né", "aé"),
        ("Child\u00ad \n Pugh", "ChildPugh"),
        ("by SP-\nM99 and again SPM99", "by SPM99 and again SPM99"),
        ("as platforms—\nthe newest ones", "as platforms—the newest ones"),
        ("the newest\n—as platforms", "the newest—as platforms"),
        ("platforms —\nthe newest", "platforms — the newest"),
        ("多くの患者が\n長く生存した。", "多くの患者が長く生存した。"),
        ("see http://\nwww.example.org/a/\nb.html for", "see http://www.example.org/a/b.html for"),
        ("either and/or_\nnot this", "either and/or_ not this"),
        ("the model²⁵ defines it", "the model²⁵ defines it"),
        ("ef\ufb01cacy of \ufb02uorouracil", "efficacy of fluorouracil"),
    ],
)
def test_broken_lines_and_spaces_are_mended(raw: str, expected: str) -> None:
    assert read(raw).text == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("its pathogenes is is unknown", "its pathogenesis is unknown"),
        ("a chemotherapeut ic agent", "a chemotherapeutic agent"),
    ],
)
def test_a_word_torn_by_a_stray_space_is_mended_where_only_the_whole_is_a_word(
    raw: str, expected: str
) -> None:
    assert read(raw).text == expected


@pytest.mark.parametrize(
    "raw",
    [
        "cirrhosis is common",
        "a response in all arms",
        "treated with sorafenib or placebo",
        "the Kouroumalis is a name",
        "given (n = 299) at 10%-15%[11] of patients",
        "2.5 × 107-5.0 × 108 IU/m2",
        "IL-2 and 5-FU, P = 0.00058",
    ],
)
def test_what_is_not_certainly_broken_stays_as_it_is(raw: str) -> None:
    assert read(raw).text == raw


def test_the_reading_text_is_composed_unicode() -> None:
    document = read("Sjo\u0308gren and Å, β")
    assert unicodedata.is_normalized("NFC", document.text)
    assert document.text == "Sjögren and Å, β"
    assert document.source_spans(2, 3) == [(2, 4)]


def test_files_with_a_paragraph_a_line_keep_their_hyphens_and_odd_spacing_between_words() -> None:
    assert read("a pathogenes is  here", mend=False).text == "a pathogenes is here"


@given(st.text(alphabet="abé\u0308 \n-\u00ad", max_size=80))
@example("a\u00ad\né")
@example("a -\n a")
@example("a \u00ad\n a")
def test_source_spans_give_back_the_quoted_words(raw: str) -> None:
    document = read(raw)
    for block in document.blocks:
        quoted = document.text[block.start : block.end]
        source = "".join(
            raw[s.start : s.end] for s in document.source_spans(block.start, block.end)
        )
        kept = unicodedata.normalize("NFC", source.replace("\u00ad", ""))
        assert "".join(kept.split()) == "".join(quoted.split())


def test_sections_name_the_path_of_headings() -> None:
    text = b"# Study\n\nIntro text.\n\n## Methods\n\nA.\n\n### Patients\n\nB.\n\n## Results\n\nC.\n"
    document = load_bytes(text, "study.md")
    sections = {document.text[b.start : b.end]: b.section for b in document.blocks}
    assert sections["Intro text."] is None
    assert sections["B."] == "Methods › Patients"
    assert sections["C."] == "Results"
