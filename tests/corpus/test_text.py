"""Plain text as people have it: copied PDF text, saved web pages, one paragraph a line."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus.document import BlockKind, Document
from corpus.load import load, load_bytes
from corpus.passages import passages

SEEDS = Path(__file__).parents[3] / "shared" / "seeds"
needs_seeds = pytest.mark.skipif(not SEEDS.is_dir(), reason="needs the folder ../shared/seeds")

WRAPPED = """ Abstract
Liver tumours were studied in 40 patients who had
been treated with a placebo or with the new com-
pound, and whose records could be read without
gaps. Half of the patients were women.
 METHODS
Records were read twice. The readers were not told
which of the arms a patient had belonged to, as in

earlier work of the same group. Studies led by Roe

Drug Study No. of
patients

Response
   rate

Alphatine
   Alphatine Roe      16          0
   Alphatine, betamycin Doe-Smith      32        44
   Alphatine, betamycin,
   gammacin (ABG)

Poe      91        20.9

Others
   Deltanib Foe-

Bar
     29          7

Table 1  Trials of the new compounds
 et al[2,3] had found the same rates in mice, which
were read as a sign of a common mechanism.

REFERENCES
1 Roe J. A study of mice. J Mice 2001; 3: 1-9
2 Doe J. Another study of mice that runs over the
end of the line. J Mice 2002; 4: 10-19
"""

PAGE = """Skip to main page content
U.S. flag

An official website of the United States government

The .gov means it's official.
Access keys NCBI Homepage MyNCBI Homepage Main Content Main Navigation
Review
. 2015 Mar;2(1):10-19.
doi: 10.1234/example.5678.

A Title That Stands Twice: What Mice Taught

Affiliations
Review

A Title That Stands Twice: What Mice Taught

Jane Roe. Mouse Letters. 2015 Mar.

Abstract

Mice were kept in pairs for twelve weeks. They gained weight.

PubMed Disclaimer

Figures

Fig. 1
Fig. 1
The weight of the mice over time.

References

    1. Roe J, Doe J. Of mice. Mouse Lett. 2001;3:1-9. - PubMed
"""


def words_of(document: Document, *kinds: BlockKind) -> list[str]:
    return [document.text[b.start : b.end] for b in document.blocks if b.kind in kinds]


@pytest.fixture(scope="module")
def wrapped() -> Document:
    return load_bytes(WRAPPED.encode(), "wrapped.txt")


@pytest.fixture(scope="module")
def page() -> Document:
    return load_bytes(PAGE.encode(), "page.txt")


def test_lines_broken_inside_sentences_are_rejoined(wrapped: Document) -> None:
    assert "who had been treated with a placebo or with the new compound, and" in wrapped.text


def test_a_sentence_cut_by_a_blank_line_is_one_paragraph(wrapped: Document) -> None:
    assert "belonged to, as in earlier work of the same group." in wrapped.text


def test_a_table_in_the_middle_of_a_sentence_is_moved_behind_it(wrapped: Document) -> None:
    assert "Studies led by Roe et al[2,3] had found the same rates in mice" in wrapped.text
    start = wrapped.text.index("Studies led by Roe et al")
    spans = wrapped.source_spans(start, start + len("Studies led by Roe et al[2,3]"))
    assert " ".join(WRAPPED[a:b].strip() for a, b in spans) == "Studies led by Roe et al[2,3]"
    assert len(spans) == 2


def test_the_tables_header_becomes_one_row_of_column_titles(wrapped: Document) -> None:
    header = words_of(wrapped, BlockKind.TABLE_HEADER)[0]
    assert header == "Drug | Study | No. of patients | Response rate"


def test_each_row_is_whole_and_its_last_label_word_is_the_second_column(wrapped: Document) -> None:
    assert words_of(wrapped, BlockKind.TABLE_ROW) == [
        "Alphatine | Roe | 16 | 0",
        "Alphatine, betamycin | Doe-Smith | 32 | 44",
        "Alphatine, betamycin, gammacin (ABG) | Poe | 91 | 20.9",
        "Deltanib | Foe-Bar | 29 | 7",
    ]


def test_rows_are_found_with_their_header_caption_and_group(wrapped: Document) -> None:
    rows = [p for p in passages(wrapped) if p.kind is BlockKind.TABLE_ROW]
    assert {p.header_text for p in rows} == {"Drug | Study | No. of patients | Response rate"}
    assert rows[0].context == "Table 1 Trials of the new compounds Alphatine"
    assert rows[-1].context == "Table 1 Trials of the new compounds Others"


def test_capitals_and_section_names_are_headings(wrapped: Document) -> None:
    assert words_of(wrapped, BlockKind.HEADING) == ["Abstract", "METHODS", "REFERENCES"]


def test_reference_lists_are_recognised_and_in_no_passage(wrapped: Document) -> None:
    assert len(words_of(wrapped, BlockKind.REFERENCE)) == 2
    assert not any("J Mice" in p.text for p in passages(wrapped))


def test_furniture_of_saved_pages_is_gone(page: Document) -> None:
    for furniture in ("Skip to", "flag", "official", ".gov", "Access keys", "Disclaimer", "Fig. 1"):
        assert furniture not in page.text


def test_title_authors_journal_year_and_doi_are_found(page: Document) -> None:
    assert page.info.title == "A Title That Stands Twice: What Mice Taught"
    assert page.info.authors == ("Jane Roe",)
    assert (page.info.journal, page.info.year) == ("Mouse Letters", 2015)
    assert page.info.doi == "10.1234/example.5678"


def test_a_title_that_stands_twice_is_read_once(page: Document) -> None:
    assert page.text.count("A Title That Stands Twice") == 1


def test_the_words_under_a_figure_link_are_a_caption(page: Document) -> None:
    assert words_of(page, BlockKind.CAPTION) == ["The weight of the mice over time."]


def test_labels_of_repository_pages_give_metadata() -> None:
    text = (
        "Publication Title\n\nMouse Communications\n\nMice were kept in pairs, and they throve.\n"
    )
    document = load_bytes(text.encode(), "repository.txt")
    assert document.info.journal == "Mouse Communications"
    assert [p.text for p in passages(document)] == ["Mice were kept in pairs, and they throve."]


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_all_line_ends_give_the_same_text_and_their_own_offsets(line_end: str) -> None:
    raw = WRAPPED.replace("\n", line_end)
    document = load_bytes(raw.encode(), "wrapped.txt")
    assert document.text == load_bytes(WRAPPED.encode(), "wrapped.txt").text
    block = document.blocks[1]
    source = "".join(raw[a:b] for a, b in document.source_spans(block.start, block.end))
    assert source.split()[:4] == ["Liver", "tumours", "were", "studied"]


@needs_seeds
@pytest.mark.parametrize("name", ["000", "001", "002", "003"])
def test_seed_documents_read_as_prose(name: str) -> None:
    path = next(SEEDS.glob(f"{name}_*.txt"))
    raw = path.read_bytes().decode()
    document = load(path)
    body = [p for p in passages(document) if p.kind is BlockKind.PARAGRAPH]
    assert body
    for passage in body:
        assert "  " not in passage.text
        spans = document.source_spans(passage.start, passage.end)
        source = "".join(raw[a:b] for a, b in spans)
        assert "".join(source.split()) == "".join(passage.text.split())


@needs_seeds
def test_the_seed_reviews_table_has_all_its_rows_with_four_cells() -> None:
    document = load(next(SEEDS.glob("000_*.txt")))
    rows = words_of(document, BlockKind.TABLE_ROW)
    assert len(rows) == 23
    assert all(row.count(" | ") == 3 for row in rows)
    assert "Doxorubicin | Johnson | 32 | 44" in rows


@needs_seeds
def test_seed_metadata_is_found_where_it_stands() -> None:
    found = {p.name[:3]: load(p).info for p in SEEDS.glob("*.txt")}
    assert (found["001"].doi, found["001"].year) == ("10.1159/000343839", 2012)
    assert (found["001"].journal, found["003"].journal) == ("Liver Cancer", "Digestion")
    assert (found["003"].doi, found["003"].year) == ("10.1159/000051860", 2000)
    assert (found["002"].journal, found["002"].year) == ("Hepatology Communications", 2018)
    assert found["001"].title.startswith("Current and Future Treatment")
    assert found["003"].title.startswith("Hepatic arterial chemoembolization")
