"""Lists of records in tagged lines: RIS, NBIB, EndNote, Web of Science."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence

import nbib
import pytest
import rispy
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.document import BlockKind
from corpus.load import LoadError, load_all
from tests.corpus.listing import (
    all_words_are_at_their_source,
    at_source,
    documents,
    everything,
    reasons,
    sections,
    texts,
)

NBIB = """
PMID- 12345678
OWN - NLM
STAT- MEDLINE
DP  - 2020 Jan 15
TI  - Tea against sleep in 40 mice with very long whiskers: a randomised,
      double-blind trial.
PG  - 233-41
VI  - 12
IP  - 3
LID - S0168-8278(19)30001-1 [pii]
LID - 10.1016/j.tea.2020.01.001 [doi]
AB  - BACKGROUND & AIMS: Mice sleep much. Tea, however, has been drunk for
      centuries. METHODS: Mice (n = 40) got tea at 5 mg/kg vs.
      water. RESULTS: They slept 3.5 h less (P = 0.016). HCC: none was seen.
      TRIAL REGISTRATION: TEA-0001.
CI  - Copyright (c) 2020 The Mice. Published by Whiskers B.V.
FAU - Moss, Ada
AU  - Moss A
FAU - van der Oak, Ben
AU  - van der Oak B
CN  - Tea Study Group
PMC - PMC7654321
JT  - Journal of tea
TA  - J Tea

PMID- 23456789
DP  - 2019
TI  - A second paper.
AB  - Voles were weighed.
AU  - Elm C
TA  - J Voles

PMID- 34567890
TI  - A letter without words.
"""

RIS = """TY  - JOUR
ID  - Moss2020
AU  - Moss, Ada
AU  - van der Oak, Ben
PY  - 2020/01/15/
TI  - Tea against sleep
T2  - Journal of Tea
J2  - J Tea
VL  - 12
IS  - 3
SP  - 233
EP  - 241
DO  - 10.1016/j.tea.2020.01.001
N1  - PMID: 12345678; PMCID: PMC7654321
AB  - Background: Mice sleep much.
Methods: Mice (n = 40) got tea
at 5 mg/kg. Results: They slept 3.5 h less (P &lt; 0.016) at 10<sup>-5</sup> g.
UR  - https://doi.org/10.1016/j.tea.2020.01.001
ER  -

TY  - BOOK
A1  - Elm, C.
T1  - On voles
Y1  - 2019
N2  - Voles were weighed.
ER  -
"""


def test_a_record_of_pubmed_becomes_a_document_with_its_sections() -> None:
    found, second, refused = everything(NBIB)
    assert not isinstance(found, LoadError)
    assert not isinstance(second, LoadError)
    assert isinstance(refused, LoadError)
    assert (refused.path, refused.reason) == ("list.txt#34567890", "has no abstract")
    assert second.info.source == "list.txt#23456789"
    assert second.info.authors == ("Elm C",)
    assert second.info.journal == "J Voles"
    assert sections(found) == [
        (
            "BACKGROUND & AIMS",
            "Mice sleep much. Tea, however, has been drunk for centuries.",
        ),
        ("METHODS", "Mice (n = 40) got tea at 5 mg/kg vs. water."),
        ("RESULTS", "They slept 3.5 h less (P = 0.016). HCC: none was seen."),
        ("TRIAL REGISTRATION", "TEA-0001."),
    ]
    info = found.info
    assert info.title.endswith("whiskers: a randomised, double-blind trial.")
    assert texts(found, BlockKind.TITLE) == [info.title]
    assert info.authors == ("Moss, Ada", "van der Oak, Ben", "Tea Study Group")
    assert (info.year, info.journal, info.volume) == (2020, "Journal of tea", "12")
    assert (info.issue, info.page_range) == ("3", "233-41")
    assert (info.doi, info.pmid) == ("10.1016/j.tea.2020.01.001", "12345678")
    assert (info.pmcid, info.format) == ("PMC7654321", "nbib")
    assert info.licence == "Copyright (c) 2020 The Mice. Published by Whiskers B.V."


def test_a_record_of_ris_becomes_a_document() -> None:
    found, book = documents(RIS)
    assert sections(found) == [
        ("Background", "Mice sleep much."),
        ("Methods", "Mice (n = 40) got tea at 5 mg/kg."),
        ("Results", "They slept 3.5 h less (P < 0.016) at 10⁻⁵ g."),
    ]
    info = found.info
    assert (info.title, info.journal, info.year) == ("Tea against sleep", "Journal of Tea", 2020)
    assert info.authors == ("Moss, Ada", "van der Oak, Ben")
    assert (info.volume, info.issue, info.page_range) == ("12", "3", "233-241")
    assert (info.pmid, info.pmcid) == ("12345678", "PMC7654321")
    assert info.doi == "10.1016/j.tea.2020.01.001"
    assert info.source == "list.txt#12345678"
    assert (book.info.title, book.info.year) == ("On voles", 2019)
    assert book.info.source == "list.txt#2"
    assert at_source(found, RIS, "P < 0.016) at 10⁻⁵ g") == "P &lt; 0.016) at 10<sup>-5</sup> g"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_every_word_has_its_address_under_any_encoding(end: str, encoding: str) -> None:
    text = NBIB.replace("Tea, however", "Θé β≥5 🫖, however").replace("&", "and")
    text = text.partition("\nPMID- 34567890")[0].replace("\n", end)
    data = text.encode(encoding)
    found = documents(data)
    assert len(found) == 2
    all_words_are_at_their_source(found, text)
    assert "Θé β≥5 🫖, however" in found[0].text


def test_a_record_is_known_by_its_own_bytes() -> None:
    first, second = documents(RIS)
    alone = documents(RIS.replace("On voles", "On other voles"))
    assert alone[0].id == first.id
    assert alone[1].id != second.id
    raw = RIS.partition("ER  -")[0] + "ER  -"
    assert first.id == hashlib.sha256(raw.encode()).hexdigest()[:16]


def test_two_records_with_one_key_are_told_apart() -> None:
    again = RIS.partition("\n\n")[0] + "\n"
    names = [document.info.source for document in documents(again * 3, "a.ris")]
    assert names == ["a.ris#12345678", "a.ris#12345678-2", "a.ris#12345678-3"]


def test_a_preamble_a_numbering_and_single_spaces_are_read_past() -> None:
    preamble = "Provider: Whiskers\nDatabase: Tea\nContent: text/plain; charset=UTF-8\n\n\n"
    numbered = "1.\n" + RIS.replace("\n\nTY", "\n\n2.\nTY")
    loose = RIS.replace("  - ", " - ")
    for text in (preamble + RIS, numbered, loose, "\n\n\n" + RIS):
        found = documents(text)
        assert [document.info.title for document in found] == ["Tea against sleep", "On voles"]
        assert found[0].info.format == "ris"
    all_words_are_at_their_source(documents(loose)[1:], loose)


def test_a_text_that_shows_a_list_is_no_list() -> None:
    page = f"# How to export\n\nA file in RIS looks like this.\n\n```\n{RIS}```\n"
    assert [d.info.format for d in documents(page, "page.md")] == ["markdown"]
    letter = "We met at noon. TY  - JOUR is what RIS begins with, said PMID- 1.\n"
    assert documents(letter)[0].info.format == "text"


def test_a_list_that_was_cut_off_gives_what_is_there() -> None:
    cut = RIS[: RIS.index("Results: They") + 22]
    (found,) = documents(cut)
    assert sections(found)[-1] == ("Results", "They slept 3.")
    assert reasons(RIS[: RIS.index("AB  -")]) == {"list.txt#12345678": "has no abstract"}


def test_endnote_and_web_of_science_are_read() -> None:
    enw = (
        "%0 Journal Article\n%A Moss, Ada\n%A Oak, Ben\n%T Tea against sleep\n%J J Tea\n%D 2020\n"
        "%V 12\n%N 3\n%P 233-241\n%R 10.1016/j.tea.1\n%X Mice slept\nless.\n\n"
        "%0 Book\n%T Voles\n%X Voles ran 100 % more.\n"
    )
    found, voles = documents(enw, "list.enw")
    assert sections(found) == [(None, "Mice slept less.")]
    assert (found.info.authors, found.info.year) == (("Moss, Ada", "Oak, Ben"), 2020)
    assert (found.info.doi, found.info.page_range) == ("10.1016/j.tea.1", "233-241")
    assert (found.info.format, voles.info.source) == ("enw", "list.enw#2")
    isi = (
        "\ufeffFN Clarivate Analytics Web of Science\nVR 1.0\nPT J\nAU Moss, A\n   Oak, B\n"
        "AF Moss, Ada\n   Oak, Ben\nTI Tea against\n   sleep\nSO JOURNAL OF TEA\nAB Mice slept\n"
        "   less.\nVL 12\nIS 3\nBP 233\nEP 241\nDI 10.1016/j.tea.1\nPY 2020\nPM 12345678\n"
        "UT WOS:1\nER\n\nEF\n"
    )
    (found,) = documents(isi)
    assert (found.info.title, found.info.pmid) == ("Tea against sleep", "12345678")
    assert found.info.authors == ("Moss, Ada", "Oak, Ben")
    assert sections(found) == [(None, "Mice slept less.")]


def test_an_abstract_that_names_no_sections_stays_whole() -> None:
    text = NBIB.replace("METHODS:", "In short:").replace("RESULTS:", "HCC:")
    text = text.replace("TRIAL REGISTRATION:", "VOLES:").partition("\nPMID- 2")[0]
    (found,) = documents(text)
    assert [section for section, _ in sections(found)] == [None]
    assert sections(found)[0][1].startswith("BACKGROUND & AIMS: Mice sleep much.")


def test_a_copyright_line_is_not_quoted() -> None:
    (found,) = documents(
        "TY  - JOUR\nAB  - Mice slept. © 2020 Whiskers. All rights reserved.\nER  - "
    )
    assert sections(found) == [(None, "Mice slept.")]
    assert found.info.licence == "© 2020 Whiskers. All rights reserved."


@pytest.mark.parametrize(
    "words",
    ["x" * 2_000_000, " " * 1_000_000, "a. " * 200_000, "\n" * 300_000, ". \n\t" * 5_000],
    ids=["letters", "spaces", "sentences", "line ends", "ends"],
)
def test_a_field_without_measure_is_read(words: str) -> None:
    found = list(load_all(f"TY  - JOUR\nTI  - T\nAB  - Mice. {words}\nER  - \n".encode(), "a.ris"))
    assert len(found) == 1
    assert not isinstance(found[0], LoadError)


def test_zeros_among_the_words_do_no_harm() -> None:
    (found,) = documents(f"TY  - JOUR\nTI  - A\0B\nAB  - Mice\0 slept{' long' * 99}.\nER  - ")
    assert found.info.title == "AB"
    assert sections(found) == [(None, f"Mice slept{' long' * 99}.")]


LINE = st.text(alphabet="abcXY19éβ≥🫖.,;:-()'\"{}\\%@ ", min_size=1, max_size=40).map(
    lambda words: " ".join(f"w{words}w".split())
)
ENTRY = st.fixed_dictionaries(
    {
        "title": LINE,
        "abstract": LINE,
        "year": st.integers(1900, 2099).map(str),
        "authors": st.lists(LINE, min_size=1, max_size=3),
        "volume": LINE,
        "number": LINE,
        "journal_name": LINE,
        "accession_number": LINE,
    }
)


@settings(max_examples=50)
@given(st.lists(ENTRY, min_size=1, max_size=4))
def test_fields_agree_with_what_rispy_wrote_and_reads(
    entries: Sequence[Mapping[str, str | list[str]]],
) -> None:
    text = rispy.dumps([{"type_of_reference": "JOUR", **entry} for entry in entries])
    read = rispy.loads(text)
    found = documents(text, "list.ris")
    assert len(found) == len(read)
    for document, entry in zip(found, read, strict=True):
        info = document.info
        assert info.title == entry["title"]
        assert list(info.authors) == [name.rstrip(",;") for name in entry["authors"]]
        assert str(info.year) == entry["year"]
        assert (info.volume, info.issue) == (entry["volume"], entry["number"])
        assert info.journal == entry["journal_name"]


def test_fields_agree_with_what_nbib_reads() -> None:
    complete = NBIB.strip("\n").partition("\n\nPMID- 34567890")[0] + "\n\n"
    read = nbib.read(complete)
    found = documents(complete)
    assert len(found) == len(read) == 2
    for document, entry in zip(found, read, strict=True):
        info = document.info
        assert info.title == entry["title"]
        assert info.pmid == str(entry["pubmed_id"])
        assert str(info.year) == entry["publication_date"][:4]
        # A heading has lost its colon; all other letters are the same.
        abstract = re.sub(r"(AIMS|METHODS|RESULTS|REGISTRATION):", r"\1", entry["abstract"])
        assert document.text[len(info.title) :].split() == abstract.split()
    assert found[0].info.journal == read[0]["journal"]
    assert found[0].info.volume == read[0]["journal_volume"]
    assert found[0].info.issue == read[0]["journal_issue"]
    assert found[0].info.page_range == read[0]["pages"]
    assert found[0].info.pmcid == f"PMC{read[0]['pmcid']}"
    assert [a["author"] for a in read[0]["authors"]] == list(found[0].info.authors[:2])
