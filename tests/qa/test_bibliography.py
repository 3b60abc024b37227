"""Cited sources as BibTeX, RIS and CSL-JSON, read back by each format's own library."""

from __future__ import annotations

import json
import warnings

import pytest
import rispy
from bibtexparser.entrypoint import parse_string
from bibtexparser.middlewares import (
    LatexDecodingMiddleware,
    SeparateCoAuthors,
    SplitNameParts,
)
from citeproc.source.json import CiteProcJSON
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.document import Document
from corpus.load import load_all
from qa.answer import Answer, Citation, DocumentRef
from qa.bibliography import (
    citation_keys,
    cited_documents,
    latex,
    to_bibtex,
    to_csl_json,
    to_ris,
)
from qa.names import Name, parse_name, reading_order

TRIAL = DocumentRef(
    id="1" * 16,
    title="TACE vs. tea in HCC: 5 % of β-catenin & {more} in Łódź_1.",
    source="trial.pdf",
    authors=("Moss, Ada", "Ben van der Öak", "Elm C", "Tea and Voles Study Group"),
    year=2020,
    journal="Journal of Tea & Voles",
    doi="10.1007/s00_1(19)x",
    pmid="12345678",
    pmcid="PMC7654321",
    volume="12",
    issue="3 Suppl 1",
    page_range="233-41",
)
NOTES = DocumentRef(id="2" * 16, title="notes of May", source="notes.txt")
DIGEST = DocumentRef(
    id="3" * 16,
    title="Tea, in short",
    source="d.md",
    digest_of="Moss A. Tea. 2020.",
    authors=("World Health Organization",),
    year=1999,
)
ALL = [TRIAL, NOTES, DIGEST]


def answer(*documents: DocumentRef) -> Answer:
    places = {"section": None, "pages": (), "start": 0, "end": 1, "source_spans": (), "boxes": ()}
    citations = [
        Citation.model_validate({"n": n, "document": document, **places})
        for n, document in enumerate(documents, start=1)
    ]
    fields = {"question": "Q", "understood_as": "Q", "status": "answered", "confidence": 1.0}
    more: dict[str, object] = {
        "quotes": (),
        "passages": (),
        "reason": None,
        "models": {},
        "index": {},
    }
    return Answer.model_validate({**fields, **more, "citations": citations})


def test_each_source_is_listed_once_in_the_order_of_first_citation() -> None:
    again = TRIAL.model_copy(update={"id": "9" * 16, "source": "copy.xml", "doi": TRIAL.doi})
    other = NOTES.model_copy(update={"id": "8" * 16})
    found = cited_documents([answer(NOTES, TRIAL), answer(again, NOTES, other), answer(DIGEST)])
    assert found == [NOTES, TRIAL, other, DIGEST]


def test_keys_are_made_of_author_year_and_word_and_differ() -> None:
    assert citation_keys(ALL) == ["moss2020tace", "anonnotes", "world1999tea"]
    japanese = TRIAL.model_copy(update={"authors": ("李 雷",), "title": "茶", "year": None})
    danish = TRIAL.model_copy(update={"authors": ("Sørensen, Å",), "title": "The æon of Érablé"})
    assert citation_keys([TRIAL, TRIAL, TRIAL, japanese, danish]) == [
        *("moss2020tace", "moss2020tace-2", "moss2020tace-3"),
        *("anon", "sorensen2020aeon"),
    ]


def test_bibtex_is_read_back_by_bibtexparser() -> None:
    library = parse_string(to_bibtex(ALL), append_middleware=[LatexDecodingMiddleware()])
    assert not library.failed_blocks
    trial, notes, digest = library.entries
    assert (trial.entry_type, trial.key) == ("article", "moss2020tace")
    assert trial["title"] == TRIAL.title.rstrip(".")
    assert trial["journal"] == TRIAL.journal
    assert (trial["year"], trial["volume"], trial["number"]) == ("2020", "12", "3 Suppl 1")
    assert (trial["doi"], trial["pmid"], trial["pmcid"]) == (TRIAL.doi, TRIAL.pmid, TRIAL.pmcid)
    assert trial["pages"] == "233–41"
    assert notes.entry_type == "misc"
    assert set(notes.fields_dict) == {"title"}
    assert digest["note"] == "Digest of: Moss A. Tea. 2020."


def test_bibtex_takes_the_names_apart_as_they_are_meant() -> None:
    names = [SeparateCoAuthors(), SplitNameParts()]
    authors = parse_string(to_bibtex([TRIAL]), append_middleware=names).entries[0]["author"]
    assert [(name.first, name.von, name.last) for name in authors] == [
        (["Ada"], [], ["Moss"]),
        (["Ben"], ["van", "der"], ['{\\"O}ak']),
        (["C"], [], ["Elm"]),
        ([], [], ["{Tea and Voles Study Group}"]),
    ]


def test_capitals_in_a_title_are_kept_from_styles() -> None:
    text = to_bibtex([TRIAL])
    assert "title = {{TACE} vs. tea in {HCC:} 5 \\% of " in text


def test_ris_is_read_back_by_rispy() -> None:
    text = to_ris(ALL)
    assert text.startswith("TY  - JOUR\n")
    trial, notes, digest = rispy.loads(text)
    assert trial["title"] == TRIAL.title.rstrip(".")
    assert trial["authors"] == [
        *("Moss, Ada", "van der Öak, Ben", "Elm, C", "Tea and Voles Study Group"),
    ]
    assert (trial["year"], trial["volume"], trial["number"]) == ("2020", "12", "3 Suppl 1")
    assert (trial["start_page"], trial["end_page"]) == ("233", "241")
    assert (trial["doi"], trial["accession_number"]) == (TRIAL.doi, TRIAL.pmid)
    assert (trial["custom2"], trial["journal_name"]) == (TRIAL.pmcid, TRIAL.journal)
    assert notes == {"type_of_reference": "GEN", "id": "anonnotes", "title": "notes of May"}
    assert digest["notes"] == ["Digest of: Moss A. Tea. 2020."]


CSL_FIELDS = frozenset(
    "id type title author container-title issued volume issue page DOI PMID PMCID note".split()
)
CSL_NAME = frozenset("family given non-dropping-particle suffix literal".split())


def test_csl_json_has_the_fields_of_its_schema_and_is_read_by_citeproc() -> None:
    text = to_csl_json(ALL)
    items = json.loads(text)
    for item in items:
        assert set(item) <= CSL_FIELDS
        assert {"id", "type"} <= set(item)
        assert all(set(name) <= CSL_NAME for name in item.get("author", ()))
    trial, notes, digest = items
    assert trial["type"] == "article-journal"
    assert trial["author"] == [
        {"family": "Moss", "given": "Ada"},
        {"family": "Öak", "given": "Ben", "non-dropping-particle": "van der"},
        {"family": "Elm", "given": "C"},
        {"literal": "Tea and Voles Study Group"},
    ]
    assert trial["issued"] == {"date-parts": [[2020]]}
    assert "issued" not in notes
    assert digest["author"] == [{"literal": "World Health Organization"}]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        source = CiteProcJSON(items)
    assert str(source["moss2020tace"].title) == TRIAL.title.rstrip(".")
    assert source["moss2020tace"].issued.year == 2020


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Moss, Ada", Name("Moss", "Ada")),
        ("van der Oak, Ben", Name("van der Oak", "Ben")),
        ("Oak, Jr, Ben", Name("Oak", "Ben", "Jr")),
        ("Oak, Ben, Jr.", Name("Oak", "Ben", "Jr.")),
        ("Ada Moss", Name("Moss", "Ada")),
        ("Ada M. de la Cruz", Name("de la Cruz", "Ada M.")),
        ("Ben Oak III", Name("Oak", "Ben", "III")),
        ("Moss A", Name("Moss", "A")),
        ("van der Oak BC", Name("van der Oak", "BC")),
        ("Oak BC Jr", Name("Oak", "BC", "Jr")),
        ("García López, Ana", Name("García López", "Ana")),
        ("Plato", Name(literal="Plato")),
        ("Tea Study Group", Name(literal="Tea Study Group")),
        (
            "Ministry of Health, Labour and Welfare",
            Name(literal="Ministry of Health, Labour and Welfare"),
        ),
        ("a, b, c, d", Name(literal="a, b, c, d")),
        ("", Name(literal="")),
    ],
)
def test_names_are_taken_apart(written: str, name: Name) -> None:
    assert parse_name(written) == name


def test_names_are_shown_given_name_first() -> None:
    assert reading_order("van der Oak, Ben") == "Ben van der Oak"
    assert reading_order("Ministry of Health, Labour and Welfare").startswith("Ministry of Health,")
    assert reading_order("Moss A") == "Moss A"


WORDS = st.text(
    alphabet="abAB12 {}\\$&%#_~^<>\"'`-@=,;:/éßłÅβ≥−×⁵₂–—“”’µ日本🫖", min_size=1, max_size=30
).map(lambda words: " ".join(f"w{words}w".split()))


@settings(max_examples=200)
@given(WORDS, WORDS, WORDS)
def test_any_words_come_back_from_all_three(title: str, journal: str, family: str) -> None:
    family = family.replace(",", "")
    document = TRIAL.model_copy(
        update={"title": title, "journal": journal, "authors": (f"{family}, Ada",)}
    )
    text = to_bibtex([document])
    abstract = text.rstrip().removesuffix("}") + ",\n abstract = {Mice.}\n}\n"
    (read,) = load_all(abstract.encode(), "a.bib")
    assert isinstance(read, Document)
    assert (read.info.title, read.info.journal) == (title, journal)
    assert len(read.info.authors) == 1
    (entry,) = rispy.loads(to_ris([document]))
    assert (entry["title"], entry["journal_name"]) == (title, journal)
    (item,) = json.loads(to_csl_json([document]))
    assert (item["title"], item["container-title"]) == (title, journal)


@settings(max_examples=100)
@given(st.characters(codec="utf-8", exclude_categories=["C", "Z"]))
def test_every_letter_is_written_so_that_it_is_read_back(letter: str) -> None:
    entry = f"@misc{{a, title = {{x{latex(letter)}x}}, abstract = {{Mice.}}}}"
    (read,) = load_all(entry.encode(), "a.bib")
    assert isinstance(read, Document)
    assert read.info.title == f"x{letter}x"
