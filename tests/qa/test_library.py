"""The documents as a list: looked through, tried again, removed; and how they look on the page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus.document import DocumentInfo
from index import open_index
from index.base import PassageIndex, SourceRecord
from index.embed import Embedder
from index.ingest import ingest
from index.reading import Worker
from qa import bringing, library, show_library
from qa.answer import Restriction
from qa.bringing import Line
from qa.library import PAGE, Wanted, entries, found, limits
from tests.index.record_files import WORKER, write_records
from tests.qa.htmltree import find, find_all, text, tree

TEA = "# Tea\n\nTea was grown on the south slope of the hill from 1871 onwards.\n"
COCOA = "# Cocoa\n\nCocoa was never grown on the hill, as the winters were too cold.\n"


def record(
    name: str,
    title: str = "",
    *,
    year: int | None = None,
    form: str = "pdf",
    same_as: str | None = None,
    authors: tuple[str, ...] = (),
    passages: int = 3,
) -> SourceRecord:
    info = DocumentInfo(
        id=name[:1] * 16, source=name, title=title, year=year, format=form, authors=authors
    )
    return SourceRecord(
        f"/p/{name}", name, "indexed", document=info, passages=passages, same_as=same_as
    )


SOURCES = [
    record("a.pdf", "Zoledronic acid", year=2001, authors=("Müller, Jörg",), passages=9),
    record("b.md", "Sorafenib", year=2008, form="markdown"),
    record("c.xml", "Sorafenib again", year=2008, form="jats", same_as="b.md"),
    SourceRecord("/p/list.ris", "list.ris", "indexed"),
    record("list.ris#7", "A record", form="ris"),
    SourceRecord("/p/torn.pdf", "torn.pdf", "failed", reason="is torn", hint="Mend it."),
]


def names(**wanted: object) -> list[str]:
    shown = found(entries(SOURCES), Wanted.model_validate(wanted))
    return [one.record.source for one in shown]


def test_every_document_and_every_failure_is_listed_and_a_file_of_records_by_its_records() -> None:
    assert names() == ["list.ris#7", "b.md", "c.xml", "torn.pdf", "a.pdf"]


@pytest.mark.parametrize(
    ("search", "wanted"),
    [
        ("sorafenib", ["b.md", "c.xml"]),
        ("AGAIN soraf", ["c.xml"]),
        ("muller jorg", ["a.pdf"]),
        ("2001", ["a.pdf"]),
        ("torn", ["torn.pdf"]),
        ("list.ris", ["list.ris#7"]),
        ("sorafenib 2001", []),
        ("  ", ["list.ris#7", "b.md", "c.xml", "torn.pdf", "a.pdf"]),
    ],
)
def test_a_search_finds_where_all_words_occur_in_part_without_case_and_accents(
    search: str, wanted: list[str]
) -> None:
    assert names(search=search) == wanted


def test_filters_leave_only_what_fits_all_of_them() -> None:
    assert names(state="failed") == ["torn.pdf"]
    assert names(state="copy") == ["c.xml"]
    assert names(kind="PDF") == ["torn.pdf", "a.pdf"]
    assert names(kind="PDF", state="ready") == ["a.pdf"]
    assert names(first=2002) == ["b.md", "c.xml"]
    assert names(first=2001, last=2001) == ["a.pdf"]


def test_columns_can_be_sorted_either_way() -> None:
    assert names(sort="year", down=True) == ["b.md", "c.xml", "a.pdf", "list.ris#7", "torn.pdf"]
    assert names(sort="passages", down=True)[0] == "a.pdf"
    assert names(down=True)[0] == "a.pdf"
    assert names(sort="state", down=True)[:2] == ["torn.pdf", "c.xml"]


def test_questions_are_limited_to_the_documents_shown_or_to_years_alone() -> None:
    assert limits(Wanted(search="sorafenib"), SOURCES) == (("b" * 16, "c" * 16), (None, None))
    assert limits(Wanted(first=2000, last=2004), SOURCES) == ((), (2000, 2004))
    assert limits(Wanted(kind="PDF", first=2000), SOURCES) == (("a" * 16,), (None, None))


def page(sources: list[SourceRecord], **wanted: object) -> str:
    asked = Wanted.model_validate(wanted)
    listed = entries(sources)
    return show_library.table(listed, found(listed, asked), asked)


def test_the_table_has_a_row_for_each_document_with_what_is_known_of_it() -> None:
    rows = find_all(find(tree(page(SOURCES)), "tbody"), "tr")
    cells = {text(find(row, "th")): row for row in rows}
    row = next(row for title, row in cells.items() if title.startswith("Zoledronic acid"))
    assert "Müller" in text(row)
    assert [text(cell) for cell in find_all(row, "td")] == ["", "2001", "PDF", "9", "Ready"]
    copy = next(row for title, row in cells.items() if title.startswith("Sorafenib again"))
    assert "Same article as b.md" in text(copy)
    torn = next(row for title, row in cells.items() if title.startswith("torn.pdf"))
    assert "Not read. It is torn. Mend it." in text(torn)
    assert find(torn, "button").attrib["data-again"] == "/p/torn.pdf"


def test_long_lists_come_page_by_page() -> None:
    many = [record(f"{n:04}.pdf", f"Paper {n:04}") for n in range(3 * PAGE + 1)]
    first = page(many)
    assert len(find_all(find(tree(first), "tbody"), "tr")) == PAGE
    assert f"1–{PAGE} of {3 * PAGE + 1}" in first
    last = page(many, page=99)
    assert len(find_all(find(tree(last), "tbody"), "tr")) == 1
    assert f"{3 * PAGE + 1}–{3 * PAGE + 1} of {3 * PAGE + 1}" in last


def test_names_and_titles_stay_words() -> None:
    bad = "<img src=x onerror=hack()>\"'"
    shown = page([record(bad, bad, same_as=bad)])
    assert "<img" not in shown
    assert bad in text(tree(shown))
    (box,) = find_all(tree(shown), "input")
    assert box.attrib["data-path"] == f"/p/{bad}"
    told = show_library.lines([Line(bad, "failed", bad)]) + show_library.removed([bad])
    assert "<img" not in told


def test_an_empty_collection_and_an_empty_search_say_so() -> None:
    assert "The collection is empty" in page([])
    assert "No document fits" in page(SOURCES, search="quokka")


def test_the_kinds_that_occur_are_offered() -> None:
    (rows,) = find_all(tree(page(SOURCES, search="quokka")), cls="pc-rows")
    assert json.loads(rows.attrib["data-kinds"] or "") == ["JATS", "Markdown", "PDF", "RIS"]
    assert (rows.attrib["data-found"], rows.attrib["data-all"]) == ("0", "5")


@pytest.mark.parametrize("wanted", [{"page": 0}, {"sort": "colour"}, {"path": "/"}, "x", None])
def test_filters_that_are_none_get_a_sentence(index: PassageIndex, wanted: object) -> None:
    assert "cannot be used" in show_library.page(index, wanted)


def test_a_limit_is_said_with_a_way_out() -> None:
    chosen = Restriction(documents=("a", "b"))
    shown = show_library.limit(chosen, 2, 20)
    assert text(tree(shown)) == "Only 2 of 20 documents change · ask all"
    buttons = [button.attrib["data-limit"] for button in find_all(tree(shown), "button")]
    assert buttons == ["change", "all"]
    assert show_library.limit(None, 0, 20) == ""
    years = Restriction(from_year=1998)
    assert "Only documents from 1998 on" in show_library.limit(years, 0, 20)
    assert "None of the chosen documents is in the collection" in show_library.limit(chosen, 0, 18)


def test_each_file_on_its_way_has_a_bar() -> None:
    shown = show_library.lines(
        [
            Line("a.md", "read"),
            Line("b.md", "reading"),
            Line("c.md"),
            Line("d.md", "failed", "is empty."),
        ]
    )
    bars = [bar.attrib.get("value") for bar in find_all(tree(shown), "progress")]
    assert bars == ["1", None, "0", "1"]
    assert "d.md is empty." in text(tree(shown))
    assert show_library.lines([]) == ""


@pytest.fixture
def index(tmp_path: Path, embedder: Embedder) -> Iterator[PassageIndex]:
    with open_index(tmp_path / "index", embedder) as opened:
        yield opened


def handed(tmp_path: Path, **files: str) -> list[Path]:
    desk = tmp_path / "desk"
    desk.mkdir(exist_ok=True)
    for name, words in files.items():
        (desk / name.replace("_", ".")).write_text(words, encoding="utf-8")
    return [desk / name.replace("_", ".") for name in files]


def states(index: PassageIndex) -> dict[str, str]:
    return {Path(r.source).name: r.state for r in index.sources() if r.document or r.reason}


def test_uploads_are_told_of_file_by_file_with_their_outcome(
    tmp_path: Path, index: PassageIndex, embedder: Embedder
) -> None:
    files = handed(tmp_path, tea_md=TEA, empty_md="", cocoa_md=COCOA)
    told = list(bringing.add(files, index, embedder, tmp_path / "index" / "uploads"))
    assert [line.state for line in told[0]] == ["waiting"] * 3
    states_told = [tuple(x.state for x in lines) for lines in told]
    assert ("reading", "waiting", "waiting") in states_told
    # Read, and its vectors still in the making, is not failed.
    assert not any(states[0] == "failed" for states in states_told)
    assert [(line.name, line.state) for line in told[-1]] == [
        ("tea.md", "read"),
        ("empty.md", "failed"),
        ("cocoa.md", "read"),
    ]
    assert told[-1][1].note.startswith("is empty.")
    again = list(
        bringing.add(handed(tmp_path, tea_md=TEA), index, embedder, tmp_path / "index" / "uploads")
    )
    assert [line.state for line in again[-1]] == ["known"]


def test_a_file_that_could_not_be_read_is_kept_to_be_tried_again(
    tmp_path: Path, index: PassageIndex, embedder: Embedder
) -> None:
    uploads = tmp_path / "index" / "uploads"
    list(bringing.add(handed(tmp_path, tea_md=""), index, embedder, uploads))
    path = str(uploads / "tea.md")
    assert states(index) == {"tea.md": "failed"}
    (uploads / "tea.md").write_text(TEA, encoding="utf-8")
    told = list(bringing.again([path, "/nowhere"], index, embedder))
    assert told[-1] == (Line("tea.md", "read"),)
    assert states(index) == {"tea.md": "indexed"}


def test_trying_again_in_vain_says_why(
    tmp_path: Path, index: PassageIndex, embedder: Embedder
) -> None:
    (paper,) = handed(tmp_path, tea_md="")
    ingest(index, embedder, [paper])
    (line,) = list(bringing.again([str(paper)], index, embedder))[-1]
    assert (line.name, line.state) == ("tea.md", "failed")
    assert line.note.startswith("is empty.")


def test_a_file_keeps_the_name_that_the_person_gave_when_it_is_tried_again(
    tmp_path: Path, index: PassageIndex, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    paper = Path("tea.md")
    paper.write_text("", encoding="utf-8")
    ingest(index, embedder, [paper])
    paper.write_text(TEA, encoding="utf-8")
    library.again([str(tmp_path / "tea.md")], index, embedder)
    (one,) = index.sources()
    assert (one.source, one.state) == ("tea.md", "indexed")


def test_a_record_that_failed_is_tried_again_with_its_file(
    tmp_path: Path, index: PassageIndex, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "index.ingest.Workers", lambda limits, niceness: Worker(limits, WORKER, niceness)
    )
    file = tmp_path / "list.txt"
    write_records(file, {"1": "Tea was grown on the hill.", "2": "BAD"})
    ingest(index, embedder, [file])
    (failed,) = [r for r in index.sources() if r.state == "failed"]
    write_records(file, {"1": "Tea was grown on the hill.", "2": "Cocoa was not."})
    told = list(bringing.again([failed.path], index, embedder))
    assert [line.state for line in told[-1]] == ["read"]
    assert index.stats().documents == 2


def test_what_is_removed_is_gone_at_once_and_only_its_own_copy_is_deleted(
    tmp_path: Path, index: PassageIndex, embedder: Embedder
) -> None:
    uploads = tmp_path / "index" / "uploads"
    (mine,) = handed(tmp_path, cocoa_md=COCOA)
    ingest(index, embedder, [mine])
    list(bringing.add(handed(tmp_path, tea_md=TEA), index, embedder, uploads))
    going = [str(mine), str(uploads / "tea.md"), "/etc/passwd"]
    assert library.remove(going, index, uploads) == sorted([str(mine), str(uploads / "tea.md")])
    assert mine.exists()
    assert not (uploads / "tea.md").exists()
    with index.view() as view:
        assert view.search("Where was tea grown?", 5) == []


def test_with_its_last_record_a_file_is_gone(
    tmp_path: Path, index: PassageIndex, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "index.ingest.Workers", lambda limits, niceness: Worker(limits, WORKER, niceness)
    )
    uploads = tmp_path / "index" / "uploads"
    file = tmp_path / "list.txt"
    write_records(file, {"1": "Tea was grown on the hill.", "2": "Cocoa was not."})
    list(bringing.add([file], index, embedder, uploads))
    first, second = (r.path for r in index.sources() if r.document)
    library.remove([first], index, uploads)
    assert (uploads / "list.txt").exists()
    library.remove([second], index, uploads)
    assert index.sources() == []
    assert not (uploads / "list.txt").exists()
