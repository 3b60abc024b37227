"""Separated values and spreadsheets: lists of abstracts, other tables, what is neither."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from corpus.document import BlockKind, Document
from corpus.load import LoadError, load_all, load_bytes
from corpus.passages import passages
from corpus.readers import xlsx
from corpus.readers.csv_rows import cell_value, rows
from tests.corpus.listing import (
    all_words_are_at_their_source,
    at_source,
    documents,
    everything,
    reasons,
    sections,
    texts,
)

ABSTRACT = 'Background: Mice sleep.\nMethods: They got "tea", 5 mg/kg; twice.\nThey slept less.'
RECORD = {
    "title": "Tea against sleep",
    "authors": "Moss, Ada; van der Oak, Ben",
    "journal": "Journal of Tea",
    "year": "2020",
    "volume": "12",
    "issue": "3",
    "pages": "233-241",
    "doi": "10.1016/j.tea.2020.01.001",
    "pmid": "12345678",
    "abstract": ABSTRACT,
}
ZOTERO = {
    **{"Key": "own", "Item Type": "type", "Publication Year": "year", "Author": "authors"},
    **{"Title": "title", "Publication Title": "journal", "DOI": "doi", "Url": "url"},
    **{"Abstract Note": "abstract", "Pages": "pages", "Issue": "issue", "Volume": "volume"},
    "Extra": "extra",
}
SCOPUS = {
    **{"Authors": "authors", "Author full names": "full", "Title": "title", "Year": "year"},
    **{"Source title": "journal", "Volume": "volume", "Issue": "issue", "Page start": "start"},
    **{"Page end": "end", "DOI": "doi", "Abstract": "abstract", "PubMed ID": "pmid", "EID": "own"},
}
WEB_OF_SCIENCE = {
    **{"Publication Type": "type", "Authors": "short", "Author Full Names": "authors"},
    **{"Article Title": "title", "Source Title": "journal", "Abstract": "abstract"},
    **{"Publication Year": "year", "Volume": "volume", "Issue": "issue", "Start Page": "start"},
    **{"End Page": "end", "DOI": "doi", "Pubmed Id": "pmid", "UT (Unique WOS ID)": "own"},
}
WEB_OF_SCIENCE_CODES = {
    **{"PT": "type", "AU": "short", "AF": "authors", "TI": "title", "SO": "journal"},
    **{"AB": "abstract", "PY": "year", "VL": "volume", "IS": "issue", "BP": "start"},
    **{"EP": "end", "DI": "doi", "PM": "pmid", "UT": "own"},
}
RAYYAN = {
    **{"key": "own", "title": "title", "year": "year", "journal": "journal", "volume": "volume"},
    **{"issue": "issue", "pages": "pages", "authors": "and", "abstract": "abstract"},
    **{"notes": "extra", "doi": "doi", "pubmed_id": "pmid"},
}
COVIDENCE = {
    **{"Title": "title", "Authors": "authors", "Abstract": "abstract", "Published Year": "year"},
    **{"Journal": "journal", "Volume": "volume", "Issue": "issue", "Pages": "pages"},
    **{"Accession Number": "own", "DOI": "doi", "Ref": "ref", "Notes": "extra"},
}
OTHERWISE = {
    "own": "X-1",
    "start": "233",
    "end": "241",
    "extra": "PMID: 12345678",
    "and": "Moss, Ada and van der Oak, Ben",
    "short": "Moss, A; Oak, B",
    "full": "Moss, Ada (57200000001); van der Oak, Ben (57200000002)",
}
EXPORTS = {
    "Zotero": (ZOTERO, ","),
    "Scopus": (SCOPUS, ","),
    "Web of Science": (WEB_OF_SCIENCE, "\t"),
    "Web of Science codes": (WEB_OF_SCIENCE_CODES, "\t"),
    "Rayyan": (RAYYAN, ","),
    "Covidence": (COVIDENCE, ";"),
}


def table(
    columns: dict[str, str], delimiter: str = ",", records: Sequence[dict[str, str]] = (RECORD,)
) -> str:
    """A list as a program would export it."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow(columns)
    for record in records:
        given_fields = {**OTHERWISE, **record}
        writer.writerow(given_fields.get(field, "") for field in columns.values())
    return out.getvalue()


def workbook(*sheets: tuple[str, Sequence[Sequence[object]]]) -> bytes:
    book = Workbook()
    assert book.active is not None
    book.remove(book.active)
    for name, lines in sheets:
        sheet = book.create_sheet(name)
        for line in lines:
            sheet.append(list(line))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize(("columns", "delimiter"), EXPORTS.values(), ids=EXPORTS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("name", ["list.csv", "list.txt"])
def test_exports_are_read_by_the_names_of_their_columns(
    columns: dict[str, str], delimiter: str, encoding: str, name: str
) -> None:
    text = table(columns, delimiter)
    (found,) = documents(text.encode(encoding), name)
    info = found.info
    assert info.format == "csv"
    assert (info.title, info.journal) == ("Tea against sleep", "Journal of Tea")
    assert info.authors == ("Moss, Ada", "van der Oak, Ben")
    assert (info.year, info.volume, info.issue) == (2020, "12", "3")
    assert (info.page_range, info.doi) == ("233-241", "10.1016/j.tea.2020.01.001")
    if columns is not COVIDENCE:
        assert (info.pmid, info.source) == ("12345678", f"{name}#12345678")
    assert sections(found) == [
        ("Background", "Mice sleep."),
        ("Methods", 'They got "tea", 5 mg/kg; twice.'),
        ("Methods", "They slept less."),
    ]
    assert at_source(found, text, 'got "tea", 5 mg') == 'got ""tea"", 5 mg'


def test_every_word_has_its_address() -> None:
    record = {**RECORD, "abstract": "Mice: β≥5 🫖.\r\nThey slept, too."}
    text = table(ZOTERO, ";", [record, {**record, "pmid": "2", "title": "Voles, and mice"}])
    found = documents(text, "list.csv")
    assert len(found) == 2
    all_words_are_at_their_source(found, text)


def test_rows_without_an_abstract_or_with_too_many_cells_are_refused_by_their_number() -> None:
    text = (
        "Title,Abstract,DOI\nOne,Mice slept.,\nTwo,,\nThree,[No abstract available],10.1000/xy\n"
        "\nFour,Mice, slept,less\nFive,Mice ran.\n,,\n"
    )
    assert reasons(text, "a.csv") == {
        "a.csv#3": "has no abstract",
        "a.csv#10.1000/xy": "has no abstract",
        "a.csv#6": "has 4 cells where the header has 3",
    }
    found = [d for d in everything(text, "a.csv") if isinstance(d, Document)]
    assert [document.info.source for document in found] == ["a.csv#2", "a.csv#7"]


def test_a_row_means_what_its_header_says() -> None:
    one = documents("Title,Abstract,DOI\nA,Mice slept.,\n", "a.csv")[0]
    other = documents("Title,Abstract,PMID\nA,Mice slept.,\n", "a.csv")[0]
    assert one.id != other.id
    assert one.id == documents("Title,Abstract,DOI\nA,Mice slept.,\nB,Voles.,\n", "b.csv")[0].id


def test_a_header_may_stand_below_other_lines() -> None:
    text = "sep=;\nExport of 3 May\n\nTitle;Abstract;Year\nA;Mice slept.;2020\n"
    (found,) = documents(text, "a.csv")
    assert (found.info.title, found.info.year) == ("A", 2020)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ("Moss A, Oak B, Elm C.", ("Moss A", "Oak B", "Elm C.")),
        ("Moss, Ada", ("Moss, Ada",)),
        ("A. Moss, B. Oak and C. Elm", ("A. Moss", "B. Oak", "C. Elm")),
        ("Moss, A., Oak, B.", ("Moss, A.", "Oak, B.")),
        ("Moss, Ada | Oak, Ben", ("Moss, Ada", "Oak, Ben")),
        ("Moss A; Oak B; et al", ("Moss A", "Oak B")),
        ("World Health Organization", ("World Health Organization",)),
    ],
)
def test_authors_in_one_cell_are_told_apart(names: str, expected: tuple[str, ...]) -> None:
    text = f'Title,Abstract,Authors\nA,Mice.,"{names}"\n'
    assert documents(text, "a.csv")[0].info.authors == expected


def test_a_list_without_abstracts_says_how_to_get_them() -> None:
    header = "PMID,Title,Authors,Citation,First Author,Journal/Book,Publication Year,DOI\n"
    with pytest.raises(LoadError, match="lists records without their abstracts") as caught:
        everything(header + "1,Tea,Moss A,x,Moss A,J Tea,2020,10.1000/xy\n", "csv-tea-set.csv")
    assert "PubMed" in (caught.value.hint or "")


def test_answers_and_question_sets_are_no_sources() -> None:
    answers = (
        "id,question,understood_as,status,confidence,reason,quote_1\nq,Who?,Who?,answered,1,,I\n"
    )
    with pytest.raises(LoadError, match="is a file of answers"):
        everything(answers, "out.csv")
    with pytest.raises(LoadError, match="is a question set"):
        everything("id,question,answerable\nq,Who?,true\n", "q.csv")
    with pytest.raises(LoadError, match="is a question set"):
        everything(workbook(("q", [("question", "evidence"), ("Who?", "x")])), "q.xlsx")


def test_another_table_is_one_document_with_its_rows() -> None:
    text = 'Arm;Mice;"Sleep, h"\nTea;40;3,5\n"Tea; green";12;4\nWater;41;7\n'
    (found,) = documents(text, "arms.csv")
    assert (found.info.source, found.info.title) == ("arms.csv", "arms")
    assert texts(found, BlockKind.TABLE_HEADER) == ["Arm | Mice | Sleep, h"]
    assert texts(found, BlockKind.TABLE_ROW) == [
        "Tea | 40 | 3,5",
        "Tea; green | 12 | 4",
        "Water | 41 | 7",
    ]
    assert [p.header_text for p in passages(found)] == ["Arm | Mice | Sleep, h"] * 3
    start = found.text.index("Tea; green")
    (span,) = found.source_spans(start, start + 10)
    assert text[span.start : span.end] == "Tea; green"


def test_a_table_of_numbers_has_no_header() -> None:
    (found,) = documents("mice,1,2\nvoles,3,4\nrats,5,6\n", "a.csv")
    assert not texts(found, BlockKind.TABLE_HEADER)
    assert len(texts(found, BlockKind.TABLE_ROW)) == 3


@pytest.mark.parametrize(
    "text",
    [
        "Mice sleep at night.\nVoles do not sleep at all in spring.\n",
        "Mice, it is said, sleep.\nVoles, rats, dogs, cats and owls, too, do.\nSo, what?\nNo.\n",
    ],
    ids=["one column", "ragged"],
)
def test_what_is_no_table_is_read_as_text(text: str) -> None:
    (found,) = documents(text, "notes.csv")
    assert found.info.format == "text"
    assert "sleep" in found.text


def test_a_web_page_under_a_wrong_name_is_still_one() -> None:
    page = "<!DOCTYPE html><html><body><p>Mice, voles, rats sleep.</p></body></html>"
    assert documents(page, "page.csv")[0].info.format == "html"


def test_an_open_quotation_mark_takes_what_follows_and_nothing_breaks() -> None:
    text = 'Title,Abstract,DOI\nA,Mice slept.,\nB,"Voles ran,\nC,Rats.,\n'
    found = [d for d in everything(text, "a.csv") if isinstance(d, Document)]
    assert [document.info.title for document in found] == ["A", "B"]


@pytest.mark.timeout(60)
@pytest.mark.parametrize("words", ['"', ",", '""', '",', "a" * 9, "\n"])
def test_lines_without_measure_are_read_to_their_end(words: str) -> None:
    everything(f"Title,Abstract,DOI\nA,{words * 100_000},\n", "a.csv")


CELL = st.text(alphabet='ab ,;"\n\r\té🫖', max_size=8)


@settings(max_examples=300)
@given(st.text(alphabet='ab ,"\n\ré🫖', max_size=40))
def test_cells_are_those_that_the_csv_module_reads(text: str) -> None:
    lines = io.StringIO(text, newline="")
    expected = list(csv.reader(lines))
    found = [[cell_value(text, 0, cell).text for cell in row.cells] for row in rows(text, ",")]
    assert found == expected


@given(st.lists(st.lists(CELL, min_size=2, max_size=4), min_size=1, max_size=4))
def test_what_the_csv_module_writes_comes_back(lines: list[list[str]]) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=";").writerows(lines)
    text = out.getvalue()
    found = [[cell_value(text, 0, cell).text for cell in row.cells] for row in rows(text, ";")]
    assert found == lines


def test_a_workbook_with_a_list_gives_a_document_a_row() -> None:
    header: list[object] = ["PMID", "Title", "Abstract", "Year", "Authors", "DOI"]
    first: list[object] = [
        12345678,
        "Tea",
        "Background: Mice.\nMethods: Tea.",
        2020,
        "Moss A, Oak B",
        None,
    ]
    second: list[object] = [
        None,
        "Voles",
        "Voles ran 3.5 h.",
        datetime(2019, 5, 3),
        "",
        "10.1000/vo",
    ]
    empty = [9, "No words", None, 2020, None, None]
    data = workbook(("Sheet1", [header, first, [], second, empty]))
    assert reasons(data, "a.xlsx") == {"a.xlsx#9": "has no abstract"}
    tea, voles = (d for d in everything(data, "a.xlsx") if isinstance(d, Document))
    assert (tea.info.source, tea.info.title, tea.info.year) == ("a.xlsx#12345678", "Tea", 2020)
    assert (tea.info.authors, tea.info.format) == (("Moss A", "Oak B"), "xlsx")
    assert sections(tea) == [("Background", "Mice."), ("Methods", "Tea.")]
    assert (voles.info.source, voles.info.year) == ("a.xlsx#10.1000/vo", 2019)
    assert voles.source_spans(0, 5) == []
    assert tea.id != voles.id


def test_other_sheets_are_tables_under_their_names() -> None:
    arms: list[list[object]] = [["Arm", "Mice", "Share"], ["Tea", 40, 0.25], ["Water", 41, True]]
    doses = [["Drug", "Dose"], ["Tea", "5 mg/kg"]]
    (found,) = documents(workbook(("Arms of the trial", arms), ("Sheet2", doses)), "a.xlsx")
    assert found.info.source == "a.xlsx"
    assert texts(found, BlockKind.CAPTION) == ["Arms of the trial"]
    assert texts(found, BlockKind.TABLE_HEADER) == ["Arm | Mice | Share", "Drug | Dose"]
    assert texts(found, BlockKind.TABLE_ROW) == [
        "Tea | 40 | 0.25",
        "Water | 41 | TRUE",
        "Tea | 5 mg/kg",
    ]
    beside = workbook(("Arms", arms), ("List", [["Title", "Abstract", "DOI"], ["A", "Mice.", ""]]))
    sources = [document.info.source for document in documents(beside, "a.xlsx")]
    assert sources == ["a.xlsx#2", "a.xlsx#tables"]


def zipped(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def members(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


GOOD = workbook(("Sheet1", [["Title", "Abstract", "DOI"], ["A", "Mice slept.", ""]]))


def test_a_workbook_that_would_fill_the_memory_is_refused_unopened(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(xlsx, "MAX_UNPACKED", 20_000_000)
    assert everything(GOOD, "a.xlsx")
    bomb = zipped({**members(GOOD), "xl/worksheets/sheet2.xml": b" " * 20_000_001})
    assert len(bomb) < 100_000
    monkeypatch.setattr("openpyxl.load_workbook", lambda *_, **__: pytest.fail("it was opened"))
    with pytest.raises(LoadError, match="unpacks to more than 20 MB"):
        everything(bomb, "a.xlsx")


def test_damaged_workbooks_are_refused_in_one_sentence(tmp_path: Path) -> None:
    parts = members(GOOD)
    secret = tmp_path / "secret.txt"
    secret.write_text("a secret", encoding="utf-8")
    sheet = parts["xl/worksheets/sheet1.xml"]
    entity = f'<!DOCTYPE worksheet [<!ENTITY x SYSTEM "file://{secret}">]>'.encode()
    laughs = b'<!DOCTYPE worksheet [<!ENTITY a "%s">' % (b"ha" * 99) + b"".join(
        b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 40) for i in range(8)
    )

    def with_entity(head: bytes, instead: bytes) -> bytes:
        body = sheet[sheet.index(b"<worksheet") :].replace(b"Mice slept.", instead)
        assert instead in body
        return zipped({**parts, "xl/worksheets/sheet1.xml": head + body})

    bad = {
        "cut": GOOD[: len(GOOD) // 2] + b"xl/workbook.xml",
        "without sheet": zipped({k: v for k, v in parts.items() if "sheet1" not in k}),
        "no xml": zipped({**parts, "xl/worksheets/sheet1.xml": b"<worksheet><sheetData>"}),
        "far row": zipped(
            {**parts, "xl/worksheets/sheet1.xml": sheet.replace(b'r="2"', b'r="99999999"')}
        ),
        "entity": with_entity(entity, b"&x;"),
        "laughs": with_entity(laughs + b"]>", b"&i;"),
    }
    for what, data in bad.items():
        with pytest.raises(LoadError) as caught:
            load_bytes(data, "a.xlsx")
        assert "\n" not in str(caught.value), what
        assert "secret" not in str(caught.value), what


def test_a_long_list_is_read_row_by_row() -> None:
    text = table(SCOPUS, records=[{**RECORD, "pmid": str(n)} for n in range(1, 2001)])
    found = load_all(text.encode(), "a.csv")
    first = next(found)
    assert isinstance(first, Document)
    assert first.info.source == "a.csv#1"
    assert sum(1 for _ in found) == 1999
