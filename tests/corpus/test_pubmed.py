"""PubMed XML: a document for each record, with its metadata, its labels and its places."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from corpus.document import BlockKind, Document
from corpus.load import LoadError, load_all, load_bytes

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "inputs" / "pubmed"
shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the shared PubMed records are not here")

RECORD = """<PubmedArticle><MedlineCitation Status="MEDLINE"><PMID Version="1">{pmid}</PMID>
<Article><Journal><JournalIssue><Volume>7</Volume><Issue>2</Issue><PubDate>{date}</PubDate>
</JournalIssue><Title>Mouse Letters</Title><ISOAbbreviation>Mouse Lett</ISOAbbreviation></Journal>
<ArticleTitle>Of <i>Mus</i> &amp; <sup>18</sup>F in Sjögren's.</ArticleTitle>
<Pagination><StartPage>233</StartPage><EndPage>41</EndPage><MedlinePgn>233-41</MedlinePgn>
</Pagination><ELocationID EIdType="doi" ValidYN="N">10.1/wrong</ELocationID>{abstract}
<AuthorList><Author ValidYN="Y"><LastName>Roe</LastName><ForeName>Jane A</ForeName>
<AffiliationInfo><Affiliation>Mouse House</Affiliation></AffiliationInfo></Author>
<Author ValidYN="N"><LastName>Wrong</LastName></Author>
<Author><CollectiveName>The Mouse Group</CollectiveName></Author></AuthorList></Article>
<MeshHeadingList><MeshHeading><DescriptorName>Cats</DescriptorName></MeshHeading>
</MeshHeadingList>{other}<KeywordList><Keyword>dogs</Keyword></KeywordList></MedlineCitation>
<PubmedData><ArticleIdList><ArticleId IdType="doi">10.1234/ABC.5</ArticleId>
<ArticleId IdType="pmc">PMC456</ArticleId></ArticleIdList><ReferenceList><Reference>
<Citation>Doe J.</Citation><ArticleIdList><ArticleId IdType="doi">10.9/other</ArticleId>
</ArticleIdList></Reference></ReferenceList></PubmedData></PubmedArticle>"""
PLAIN = "<Abstract><AbstractText>Mice β<sub>2</sub> ran.</AbstractText></Abstract>"


def record(
    pmid: str = "123", date: str = "<Year>2010</Year>", abstract: str = PLAIN, other: str = ""
) -> str:
    return RECORD.format(pmid=pmid, date=date, abstract=abstract, other=other)


def file_of(*content: str) -> bytes:
    head = (
        '<?xml version="1.0"?>\n<!DOCTYPE PubmedArticleSet PUBLIC "x" "https://no.dtd">\n<!-- ö -->'
    )
    return f"{head}<PubmedArticleSet>\n{''.join(content)}\n</PubmedArticleSet>".encode()


def lines(document: Document) -> list[tuple[str, str | None, str]]:
    return [(b.kind.value, b.section, document.text[b.start : b.end]) for b in document.blocks]


def test_a_record_becomes_a_document_with_its_metadata() -> None:
    info = load_bytes(file_of(record()), "set.xml").info
    assert info.title == "Of Mus & 18F in Sjögren's"
    assert info.authors == ("Jane A Roe", "The Mouse Group")
    assert (info.journal, info.year, info.doi) == ("Mouse Letters", 2010, "10.1234/abc.5")
    assert (info.pmid, info.pmcid, info.source) == ("123", "PMC456", "set.xml#123")
    assert (info.volume, info.issue, info.page_range) == ("7", "2", "233-41")
    assert info.format == "pubmed"


@pytest.mark.parametrize(
    ("date", "year"),
    [
        ("<Year>2010</Year><Month>Jan</Month>", 2010),
        ("<MedlineDate>1998 Dec-1999 Jan</MedlineDate>", 1998),
        ("<MedlineDate>Winter 2001</MedlineDate>", 2001),
        ("", None),
    ],
)
def test_the_year_is_that_of_the_issue(date: str, year: int | None) -> None:
    assert load_bytes(file_of(record(date=date)), "x.xml").info.year == year


def test_labels_become_headings_and_other_abstracts_follow() -> None:
    abstract = """<Abstract><AbstractText Label="AIMS">To see.</AbstractText>
    <AbstractText Label="UNLABELLED">More.</AbstractText><CopyrightInformation>© Mouse
    </CopyrightInformation></Abstract>"""
    other = """<OtherAbstract Type="plain-language-summary" Language="eng"><AbstractText>In short.
    </AbstractText></OtherAbstract><OtherAbstract Type="Publisher" Language="fre"><AbstractText>
    Des souris.</AbstractText></OtherAbstract>"""
    assert lines(load_bytes(file_of(record(abstract=abstract, other=other)), "x.xml")) == [
        ("title", None, "Of Mus & 18F in Sjögren's."),
        ("heading", None, "Abstract"),
        ("heading", "Abstract", "AIMS"),
        ("paragraph", "Abstract › AIMS", "To see."),
        ("paragraph", "Abstract › AIMS", "More."),
        ("heading", "Abstract › AIMS", "Plain language summary"),
        ("paragraph", "Plain language summary", "In short."),
        ("heading", "Plain language summary", "Abstract (fre)"),
        ("paragraph", "Abstract (fre)", "Des souris."),
    ]


def test_terms_keywords_and_references_are_no_text() -> None:
    text = load_bytes(file_of(record()), "x.xml").text
    assert not [word for word in ("Cats", "dogs", "Doe", "House") if word in text]


def test_each_record_stands_for_itself_and_leads_back_to_the_file() -> None:
    data = file_of(record("1"), record("2", abstract=""), record("3"))
    first, refused, third = load_all(data, "set.xml")
    assert isinstance(first, Document)
    assert isinstance(third, Document)
    assert isinstance(refused, LoadError)
    assert (refused.path, refused.reason) == ("set.xml#2", "has no abstract")
    assert (first.info.source, third.info.source) == ("set.xml#1", "set.xml#3")
    assert first.id != third.id
    source = data.decode()
    for document in (first, third):
        start = document.text.index("Mice β2 ran.")
        spans = document.source_spans(start, start + 12)
        assert [source[s.start : s.end] for s in spans] == ["Mice β", "2", " ran."]
    assert third.source_spans(0, 2)[0].start > first.source_spans(0, 2)[0].start


def test_a_record_has_the_same_id_alone_and_among_others() -> None:
    alone = load_bytes(f"<?xml version='1.0'?>{record('9')}".encode(), "one.xml")
    [_, among] = load_all(file_of(record("1"), record("9")), "set.xml")
    assert isinstance(among, Document)
    assert (alone.id, alone.text) == (among.id, among.text)


def test_books_are_read_too() -> None:
    book = """<PubmedBookArticle><BookDocument><PMID>77</PMID><ArticleIdList>
    <ArticleId IdType="bookaccession">NBK1</ArticleId>
    <ArticleId IdType="doi">10.1234/book</ArticleId></ArticleIdList>
    <Book><BookTitle>All Mice</BookTitle><PubDate><Year>1993</Year></PubDate>
    <AuthorList Type="editors"><Author><LastName>Ed</LastName></Author></AuthorList></Book>
    <ArticleTitle>Mouse Fever</ArticleTitle><AuthorList Type="authors"><Author>
    <LastName>Roe</LastName><ForeName>J</ForeName></Author></AuthorList><Abstract><AbstractText
    Label="Signs">Hot mice.</AbstractText></Abstract></BookDocument></PubmedBookArticle>"""
    [document] = load_all(file_of(book), "x.xml")
    assert isinstance(document, Document)
    info = document.info
    assert (info.title, info.journal, info.year) == ("Mouse Fever", "All Mice", 1993)
    assert (info.authors, info.doi, info.pmid) == (("J Roe",), "10.1234/book", "77")
    assert lines(document)[-1] == ("paragraph", "Abstract › Signs", "Hot mice.")


def test_utf_16_files_are_read() -> None:
    source = (
        f"<?xml version='1.0' encoding='utf-16'?><PubmedArticleSet>{record()}</PubmedArticleSet>"
    )
    document = load_bytes(source.encode("utf-16"), "x.xml")
    start = document.text.index("Mice")
    [span, *_] = document.source_spans(start, start + 4)
    assert source[span.start : span.end] == "Mice"


def test_a_file_that_breaks_off_gives_the_records_in_front_and_then_the_reason() -> None:
    found = load_all(file_of(record("1"), record("2"))[:-400], "cut.xml")
    first = next(found)
    assert isinstance(first, Document)
    with pytest.raises(LoadError, match="breaks off at line") as caught:
        list(found)
    assert caught.value.path == "cut.xml"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"<PubmedArticleSet></PubmedArticleSet>", "without a record"),
        (b"<PubmedArticleSet><PubmedArticle>", "breaks off at line 1"),
        (b"<PubmedArticleSet><PubmedArticle>\0</PubmedArticle></PubmedArticleSet>", "NUL"),
        (
            b'<!DOCTYPE PubmedArticleSet [<!ENTITY a "&b;&b;">]><PubmedArticleSet/>',
            "of more than plain text",
        ),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_sentence(content: bytes, reason: str) -> None:
    with pytest.raises(LoadError) as caught:
        load_bytes(content, "x.xml")
    assert reason in caught.value.reason
    assert "\n" not in str(caught.value)


@shared
@pytest.mark.parametrize("path", sorted(SHARED.glob("*.xml")), ids=lambda p: p.stem)
def test_a_real_record_leads_back_to_its_words(path: Path) -> None:
    source = path.read_text("utf-8")
    [document] = load_all(path.read_bytes(), path.name)
    assert isinstance(document, Document)
    assert document.info.pmid == "29768149"
    assert {b.section for b in document.blocks if b.kind is BlockKind.PARAGRAPH} == {
        f"Abstract › {label}" for label in ("BACKGROUND", "METHODS", "RESULTS", "CONCLUSIONS")
    }
    for block in document.blocks:
        if block.kind is BlockKind.PARAGRAPH:
            spans = document.source_map.spans(block.start, block.end)
            taken = "".join(source[s.start : s.end] for s in spans)
            for reference in ("&#946;", "&#956;", "&#8211;"):
                taken = taken.replace(reference, chr(int(reference[2:-1])))
            own = document.text[block.start : block.end]
            assert "".join(unicodedata.normalize("NFC", taken).split()) == "".join(own.split())
