"""Saved pages, built as PubMed, journals, archives and encyclopedias build theirs.

The words of the pages are this project's own; names of elements and classes are those of the sites.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus.document import Document
from corpus.load import LoadError, load_bytes

PAGES = Path(__file__).parent / "pages"
PUBMED, JOURNAL, PMC, REPOSITORY, WIKI = (
    (PAGES / f"{name}.html").read_text(encoding="utf-8")
    for name in ("pubmed", "journal", "pmc", "repository", "wiki")
)


def read(page: str) -> Document:
    return load_bytes(page.encode(), "saved page.html")


def texts(document: Document) -> list[tuple[str, str]]:
    """Kind and reading text of each block."""
    return [(b.kind.value, document.text[b.start : b.end]) for b in document.blocks]


def quotable(page: str) -> list[str]:
    """What may be quoted from a page."""
    kinds = {"paragraph", "list item", "table row", "caption"}
    return [text for kind, text in texts(read(page)) if kind in kinds]


def test_of_a_pubmed_page_the_abstract_is_read_and_what_is_about_it_is_not() -> None:
    assert quotable(PUBMED) == [
        "Background: No drug is known to help mice.",
        "Results: Survival was 10.7 months (P<0.001) with drug A.",
        "Dr. Roe has been paid in cheese.",
        "Figure 1 Survival of mice by arm.",
    ]
    whole = read(PUBMED).text
    for furniture in (
        "Similar",
        "Cited by",
        "Drug B",
        "Log in",
        "Save",
        "MeSH",
        "LinkOut",
        "Comment",
    ):
        assert furniture not in whole


def test_of_a_pubmed_page_every_field_of_the_citation_is_known() -> None:
    found = read(PUBMED).info
    assert found.authors == ("Jane M Roe", "Max Doe")
    assert (found.journal, found.year) == ("Journal of Examples", 2008)
    assert (found.volume, found.issue, found.page_range) == ("359", "4", "378-390")
    assert (found.doi, found.pmid) == ("10.1234/ex08857", "18650514")


def test_a_journal_article_is_read_with_its_tables_and_figures() -> None:
    found = texts(read(JOURNAL))
    assert ("paragraph", "Forty mice were bought [1, 2] and fed (Fig. 1; Table 1).") in found
    at = found.index(("caption", "Table 1 Weights of mice"))
    assert found[at + 1 : at + 8] == [
        ("table header", "Arm | Weight (g) Before | After"),
        ("table row", "Drug A | 20 | 21"),
        ("table row", "Drug A | 22 | 25"),
        ("table header", "Controls"),
        ("table row", "Placebo | 20 | 20a"),
        ("caption", "a One mouse fled"),
        ("caption", "Fig. 1 Survival by arm."),
    ]
    assert ("reference", "Poe E. Older work. J Ex. 2001;1:1–2.") in found
    whole = read(JOURNAL).text
    for furniture in ("cookies", "Share on", "Full size", "Google Scholar", "Download", "Explore"):
        assert furniture not in whole


def test_how_to_cite_an_article_and_who_read_it_is_not_quoted() -> None:
    said = quotable(JOURNAL)
    assert said[0] == "Mice are small."
    assert said[-1] == "We thank the mice."
    assert not any("Cite this" in text or "Accesses" in text or "Doe, M." in text for text in said)


def test_sections_of_an_article_keep_their_place() -> None:
    document = read(JOURNAL)
    block = next(b for b in document.blocks if "10.7" in document.text[b.start : b.end])
    assert block.section == "Abstract › Results"


def test_dublin_core_and_prism_state_journal_volume_pages_and_licence() -> None:
    found = read(JOURNAL).info
    assert (found.journal, found.year, found.doi) == ("Journal of Examples", 2020, "10.1234/ex.7")
    assert (found.volume, found.issue, found.page_range) == ("12", "5", "233-41")
    assert found.licence == "CC BY 4.0"


def test_a_page_of_pubmed_central_is_read_with_its_captions_whole() -> None:
    assert quotable(PMC) == [
        "They lived for 10.7 months.",
        "Weights are in Table 1.",
        "Table 1. Weights of mice.",
        "A | 20 g",
        "a One mouse fled.",
        "Fig 1. Survival by arm.",
    ]
    found = read(PMC).info
    assert (found.pmcid, found.pmid, found.doi) == ("PMC7083259", "32130000", "10.1234/ex.8")
    assert (found.volume, found.issue, found.page_range) == ("8", "2", "e0008301")


def test_a_repository_page_is_titled_by_its_record_and_gives_the_abstract() -> None:
    document = read(REPOSITORY)
    assert texts(document)[0] == ("title", "Drug A in mice: a thesis")
    assert quotable(REPOSITORY) == [
        "Forty mice were treated with drug A. They lived for 10.7 months."
    ]
    found = document.info
    assert (found.authors, found.year) == (("Jane Roe",), 2014)
    assert (found.doi, found.licence) == ("10.1234/thesis.9", "CC BY-NC 4.0")


def test_an_encyclopedia_page_is_read_without_markers_boxes_and_links_to_others() -> None:
    assert texts(read(WIKI)) == [
        ("title", "Drug A"),
        ("caption", "A vial of it"),
        ("table header", "Clinical data"),
        ("table row", "Trade names | Examplon"),
        ("table row", "Routes | By mouth"),
        ("table header", "Identifiers"),
        ("table row", "CAS 1-2-3"),
        ("paragraph", "Drug A helps mice. It is given at 10⁶ units."),
        ("heading", "Use"),
        ("paragraph", "It is used in wards."),
        ("list item", "mice"),
        ("list item", "rats"),
        ("heading", "References"),
        ("reference", 'Roe, J (2011). "Of mice". J Ex. 4: 1–9.'),
    ]


JSONLD = """<html><head><title>Drug A in mice</title>
<script type="application/ld+json">%s</script></head>
<body><h1>Drug A in mice</h1><p>They lived for 10.7 months in all of the wards.</p></body></html>"""


def test_json_ld_states_what_meta_elements_do_not() -> None:
    page = (
        JSONLD
        % """{"@context": "https://schema.org", "@type": "WebPage", "mainEntity": {
        "@type": "ScholarlyArticle", "headline": "Drug A in mice",
        "author": [{"@type": "Person", "name": "Jane Roe"}, {"name": "Max Doe"}, "Ann Poe"],
        "datePublished": "2021-02-03T00:00:00Z", "sameAs": "https://doi.org/10.1234/EX.11",
        "license": "http://creativecommons.org/licenses/by-nc-nd/4.0/",
        "pageStart": "7", "pageEnd": "9", "isPartOf": {"@type": "PublicationIssue",
        "issueNumber": "3", "isPartOf": {"@type": ["PublicationVolume", "Periodical"],
        "name": "Journal of Examples", "volumeNumber": "12"}}}}"""
    )
    found = read(page).info
    assert (found.title, found.authors) == ("Drug A in mice", ("Jane Roe", "Max Doe", "Ann Poe"))
    assert (found.year, found.journal, found.doi) == (2021, "Journal of Examples", "10.1234/ex.11")
    assert (found.volume, found.issue, found.page_range) == ("12", "3", "7-9")
    assert found.licence == "CC BY-NC-ND 4.0"


def test_an_encyclopedia_states_no_author_and_no_year_of_its_entry() -> None:
    page = (
        JSONLD
        % """{"@type": "Article", "name": "Drug A", "headline": "drug for mice",
        "author": {"@type": "Organization", "name": "Contributors"}, "datePublished": "2001"}"""
    )
    found = read(page).info
    assert (found.title, found.authors, found.year) == ("Drug A in mice", (), None)


@pytest.mark.parametrize(
    "data",
    [
        "",
        "{",
        "null",
        "[1, [2]]",
        '{"@type": "Article", "author": 7, "isPartOf": [], "headline": {"name": {}}}',
        '{"@type": ["Article", null], "author": [[["x"]]], "datePublished": true}',
        "[" * 20_000,
    ],
    ids=lambda data: data[:20],
)
def test_broken_json_ld_states_nothing(data: str) -> None:
    assert read(JSONLD % data).info.title == "Drug A in mice"


def test_an_abstract_without_a_heading_is_still_text() -> None:
    page = """<html><head><meta name="citation_doi" content="10.1234/ex.12"></head><body>
    <h1>Drug A in mice</h1><p>They lived for 10.7 months.</p></body></html>"""
    assert quotable(page) == ["They lived for 10.7 months."]


@pytest.mark.parametrize(
    "data",
    [
        b"From: <Saved by Blink>\r\nSubject: =?utf-8?Q?a?=\r\n =?utf-8?Q?b?=\r\n"
        b"MIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n\r\n--x",
        b"bplist00\xd1\x01\x02_\x10\x0fWebMainResource",
    ],
)
def test_web_archives_are_refused_with_what_to_do(data: bytes) -> None:
    with pytest.raises(LoadError, match="web archive") as caught:
        load_bytes(data, "page.mhtml")
    assert "HTML" in (caught.value.hint or "")
