"""Web pages: what is read, what is left out, and that every character keeps its place."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.clean import clean
from corpus.document import BlockKind
from corpus.readers.base import RawBlock, RawDocument, Unreadable
from corpus.readers.html import read

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "inputs" / "html"
shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the shared input pages are not here")

ARTICLE = """<!doctype html>
<html lang="en"><head><title>Drug A in liver cancer - PubMed</title>
<meta name="citation_title" content="Drug A in liver cancer">
<meta name="citation_author" content="Roe, Jane"><meta name="citation_author" content="Max Doe">
<meta name="citation_journal_title" content="Journal of Examples">
<meta name="citation_date" content="03/05/2012"><meta name="citation_doi" content="10.1234/EX.5">
<meta name="citation_pmid" content="12345678">
<style>p { color: red }</style><script>var p = "<p>no text</p>";</script></head>
<body><a class="usa-skipnav" href="#main">Skip to main page content</a>
<section class="usa-banner"><p>An official website of the government</p></section>
<header role="banner"><a href="/">Home</a>
<form role="search"><input><button>Go</button></form></header>
<nav><ul><li><a href="/a">Journals</a></li><li><a href="/b">Topics</a></li></ul></nav>
<div class="cookie-notice">We use cookies to improve your visit.</div>
<main id="article"><header class="heading"><h1>Drug A in liver cancer</h1></header>
<ul class="breadcrumb"><li><a href="/x">Home</a></li></ul>
<h2>Results</h2>
<p>Median survival was 10.7&nbsp;months (P&lt;0.001)<sup><a href="#R4">4</a></sup> in
<b>299</b> patients&#8212;longer than with placebo.</p>
<p>Toxicity was mild<sup class="reference"><a href="#cite_note-2">[2]</a></sup>.<br>Nobody died.</p>
<aside>Read our newsletter</aside>
<figure><img alt="curve"><figcaption>Figure 1. Survival by arm.</figcaption>
<a class="figure-viewer-link" href="#f1">View large</a></figure>
<h2>See also</h2><ul><li><a href="/c">Drug B</a></li><li><a href="/d">Drug C</a></li></ul>
<h2>References</h2><ol><li>Roe J. Older work. <a href="https://example.org">Link</a></li></ol>
</main><footer><p>Contact us. Copyright notice.</p></footer></body></html>"""


def texts(document: RawDocument) -> list[tuple[str, str]]:
    """Kind and reading text of each block."""
    text, blocks, _ = clean(document)
    return [(block.kind.value, text[block.start : block.end]) for block in blocks]


def page(body: str) -> list[tuple[str, str]]:
    return texts(read(f"<html><body>{body}</body></html>"))


def paragraphs(body: str) -> list[str]:
    return [text for kind, text in page(body) if kind == "paragraph"]


def raw_text(document: RawDocument, block: RawBlock) -> str:
    return "".join(
        document.raw[p.start : p.end] if p.text is None else p.text
        for cell in block.cells
        for p in cell
    )


def test_an_article_is_read_without_the_furniture_around_it() -> None:
    assert texts(read(ARTICLE)) == [
        ("title", "Drug A in liver cancer"),
        ("heading", "Results"),
        (
            "paragraph",
            "Median survival was 10.7 months (P<0.001) in 299 patients—longer than with placebo.",
        ),
        ("paragraph", "Toxicity was mild. Nobody died."),
        ("caption", "Figure 1. Survival by arm."),
        ("heading", "References"),
        ("reference", "Roe J. Older work. Link"),
    ]


def test_the_meta_elements_give_the_metadata() -> None:
    found = read(ARTICLE).metadata
    assert found.title == "Drug A in liver cancer"
    assert found.authors == ("Jane Roe", "Max Doe")
    assert (found.journal, found.year) == ("Journal of Examples", 2012)
    assert (found.doi, found.pmid) == ("10.1234/ex.5", "12345678")


def test_every_reading_character_leads_back_to_the_source_that_means_it() -> None:
    document = read(ARTICLE)
    text, _, source_map = clean(document)
    at = text.index("10.7 months (P<0.001)")
    spans = source_map.spans(at, at + len("10.7 months (P<0.001)"))
    source = "".join(document.raw[span.start : span.end] for span in spans)
    assert source == "10.7&nbsp;months (P&lt;0.001)"
    assert document.raw == ARTICLE


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Drug A in liver cancer - PubMed", "Drug A in liver cancer"),
        ("Duck - Wikipedia", "Duck"),
        ("Drug A | Journal of Examples | Publisher", "Drug A"),
        (
            "Drug A in liver cancer - a randomised trial",
            "Drug A in liver cancer - a randomised trial",
        ),
    ],
)
def test_the_name_of_the_site_is_cut_from_the_page_title(title: str, expected: str) -> None:
    document = read(f"<title>{title}</title><p>Some text.</p>")
    assert document.metadata.title == expected


def test_the_heading_that_agrees_with_the_stated_title_is_the_title() -> None:
    found = texts(
        read("<title>Drug A | Site</title><h1>Site</h1><h1>Drug <i>A</i></h1><p>Some text.</p>")
    )
    assert ("title", "Drug A") in found
    assert ("title", "Site") not in found


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<p>one<p>two", ["one", "two"]),
        ("<p>one <b>bold<p>two</b>", ["one bold", "two"]),
        ("<div>one<p>two</div>three", ["one", "two", "three"]),
        ("one</p>two", ["onetwo"]),
        ("<p>one</i> two</p>", ["one two"]),
        ("<p>a < b and AT&T &lt; c</p>", ["a < b and AT&T < c"]),
        ("<p>5 &mu;g &times; 2 &#x2265; &#946; &amp;amp; &copy 1</p>", ["5 μg × 2 ≥ β &amp; © 1"]),
        ("<p>a stray &# stays, <b>bold</b> too</p>", ["a stray &# stays, bold too"]),
        ("<p>one<!-- <p>two</p> -->, three<!-->four</p>", ["one, threefour"]),
        ("<p>one<![CDATA[ two ]]> three</p>", ["one three"]),
        ("<p>one</p><script>if (a < b) '<p>x'</script><p>two</p>", ["one", "two"]),
        ("<p title='a > b'>one</p><p class=\"x>two</p>", ["one", "two"]),
        ("<p>one<br><br>two<br>three</p>", ["one", "two three"]),
        ("<p>n\0ul and soft&shy;ware</p>", ["nul and software"]),
        ("<p>H<sub>2</sub>O, 10<sup>9</sup>/L</p>", ["H2O, 10⁹/L"]),
        ("<p>caf&eacute; cafe\u0301</p>", ["café café"]),
        ("<pre>two\nlines</pre>", ["two lines"]),
        ("<p>shown</p><p hidden>no</p><p style='display: none'>no</p>", ["shown"]),
        ("<p>shown <span aria-hidden='true'>no</span></p><template>no</template>", ["shown"]),
        ("<p>shown</p><noscript>no</noscript><svg><text>no</text></svg>", ["shown"]),
    ],
)
def test_broken_and_odd_markup_reads_as_the_text_it_holds(source: str, expected: list[str]) -> None:
    assert paragraphs(source) == expected


def test_cdata_is_text_in_xhtml_and_empty_elements_close_themselves() -> None:
    source = (
        '<?xml version="1.0"?><html><body><p>a<![CDATA[ <b> ]]>c</p><div/><p>d</p></body></html>'
    )
    assert texts(read(source)) == [("paragraph", "a <b> c"), ("paragraph", "d")]


def test_list_items_stand_alone_and_nested_ones_follow() -> None:
    assert page("<ul><li>one<ul><li>two</ul><li><p>three</p><p>four</p></ul>") == [
        ("list item", "one"),
        ("list item", "two"),
        ("list item", "three"),
        ("list item", "four"),
    ]


def test_a_term_and_its_description_read_as_one() -> None:
    assert page(
        "<dl><dt>Objective<dd>To test it.<dt>Setting<dd><p>A ward.</p><p>Two.</p></dl>"
    ) == [
        ("list item", "Objective To test it."),
        ("list item", "Setting A ward."),
        ("list item", "Two."),
    ]


def test_headings_keep_their_level_and_those_without_text_go() -> None:
    document = read("<h1>T</h1><h2>A</h2><h3>B</h3><p>x</p><h3>C</h3><h2>D</h2><p>y</p><h2>E</h2>")
    found = [
        (b.level, raw_text(document, b)) for b in document.blocks if b.kind is BlockKind.HEADING
    ]
    assert found == [(2, "A"), (3, "B"), (2, "D")]


def test_a_table_row_points_to_its_header_and_its_group() -> None:
    document = read(
        "<table><caption>Table 1. Trials</caption><thead><tr><th>Study<th>No.<th>RR</thead>"
        "<tr><td colspan=3>Single drug</td></tr><tr><td>A<td>18<td>0%<tr><td>B<td>22<td></table>"
    )
    text, blocks, _ = clean(document)
    assert [(b.kind.value, text[b.start : b.end]) for b in blocks] == [
        ("caption", "Table 1. Trials"),
        ("table header", "Study | No. | RR"),
        ("table header", "Single drug"),
        ("table row", "A | 18 | 0%"),
        ("table row", "B | 22"),
    ]
    for row in blocks[3:]:
        assert row.header == blocks[1].span
        assert row.group == blocks[2].span


def test_header_rows_that_span_columns_become_one_header() -> None:
    found = page(
        "<table><tr><th rowspan=2>Study</th><th colspan=2>Survival</th></tr>"
        "<tr><th>Median</th><th>P</th></tr><tr><td>A</td><td>10.7</td><td>0.01</td></tr></table>"
    )
    assert found == [
        ("table header", "Study | Survival Median | P"),
        ("table row", "A | 10.7 | 0.01"),
    ]


def test_a_cell_that_spans_rows_stands_in_each_of_them() -> None:
    found = page(
        "<table><tr><th>Drug<th>Dose<th>RR</tr><tr><td rowspan=2>A<td>1 mg<td>5%</tr>"
        "<tr><td>2 mg<td>7%</tr></table>"
    )
    assert found[1:] == [("table row", "A | 1 mg | 5%"), ("table row", "A | 2 mg | 7%")]


@pytest.mark.parametrize(
    "rows",
    [
        "<tr><td><b>Drug</b><td><b>RR</b><tr><td>A<td>5%<tr><td>B<td>7%",
        "<tr><td>Drug<td>RR<tr><td>A<td>5%<tr><td>B<td>7%",
    ],
)
def test_a_header_is_found_without_header_cells(rows: str) -> None:
    assert page(f"<table>{rows}</table>")[0] == ("table header", "Drug | RR")


def test_rows_of_a_table_in_a_cell_are_rows_of_their_own() -> None:
    found = page(
        "<table><tr><td>A<td>B<tr><td><table><tr><td>C<td>D<tr><td>E<td>F</table><td>G</table>end"
    )
    assert [text for _, text in found] == ["A | B", "G", "C | D", "E | F", "end"]


@pytest.mark.parametrize(
    "table",
    [
        "<table><tr><td><p>One paragraph.</p><p>Another.</p></td></tr></table>",
        "<table role=presentation><tr><td>One paragraph.<td>Another.<tr><td></table>",
        "<table><tr><td>One paragraph.</td></tr><tr><td>Another.</td></tr></table>",
    ],
)
def test_a_table_that_only_places_text_is_read_as_paragraphs(table: str) -> None:
    assert paragraphs(table) == ["One paragraph.", "Another."]


def test_text_that_strayed_between_cells_stands_before_the_table() -> None:
    found = page("<table><tr>stray<th>A<th>B<b>x</b><tr><td>1<td>2</table>")
    assert found == [("paragraph", "stray"), ("table header", "A | Bx"), ("table row", "1 | 2")]


@pytest.mark.parametrize(
    "body",
    [
        "<h2>References</h2><p>Roe J. Work.</p>",
        '<ol class="references"><li>Roe J. Work.</ol>',
        '<section class="ref-list"><h3>Cited</h3><ul><li>Roe J. Work.</ul></section>',
        "<h2>5. Literature cited</h2><table><tr><td>1</td><td>Roe J. Work.</td></tr></table>",
    ],
)
def test_reference_lists_are_told_apart(body: str) -> None:
    kinds = {kind for kind, text in page(f"<p>Claim.</p>{body}") if "Roe" in text}
    assert kinds == {"reference"}


def test_text_after_the_reference_list_is_text_again() -> None:
    found = page("<h2>References</h2><p>Roe J.</p><h2>Appendix</h2><p>More words.</p>")
    assert found[-1] == ("paragraph", "More words.")


def test_a_form_around_the_whole_page_does_not_hide_its_text() -> None:
    assert paragraphs("<form><div><p>The text of the page stands here.</p></div></form>") == [
        "The text of the page stands here."
    ]


def test_a_misleading_name_does_not_hide_most_of_the_text() -> None:
    body = "<p>Short.</p><div class='sidebar'><p>" + "Long text of the article. " * 9 + "</p></div>"
    assert len(paragraphs(body)) == 2


def test_a_site_header_goes_and_an_article_header_with_the_title_stays() -> None:
    found = page(
        "<header>Example Site</header><article><header><h1>T</h1></header><p>Text.</p></article>"
    )
    assert found == [("title", "T"), ("paragraph", "Text.")]


def test_a_short_main_part_is_not_preferred_to_a_long_body() -> None:
    long = "Long text of the page outside of its marked main part. " * 5
    assert len(paragraphs(f"<main><p>Teaser.</p></main><p>{long}</p>")) == 2


def test_a_page_without_text_is_refused() -> None:
    with pytest.raises(Unreadable, match="without text"):
        read("<html><head><title>App</title></head><body><div id=root></div></body></html>")


@pytest.mark.parametrize(
    "source",
    [
        "<p>" + "word <b>bold</b> &amp; " * 40_000,
        "<div>" * 30_000 + "text" + "</div>" * 30_000,
        "<b><i>" * 20_000 + "text",
        "<p>text" + '<a "' * 40_000,
        "<p>text" + "<a b='>" * 40_000 + '"',
        "<p>text" + "<!--" * 40_000,
        "<p>text" + "<title>" * 20_000,
        "<p>text " + "&#" * 100_000,
        "<p>text" + "</div>" * 40_000,
        "<table>" * 5_000 + "<tr><td>text",
        "<table><tr>" + "<td rowspan=99 colspan=99>x" * 2_000 + "</table>",
        "<p>text" + "<" * 100_000,
    ],
    ids=lambda source: source[:30],
)
def test_large_and_hostile_pages_are_read_in_time(source: str) -> None:
    began = time.perf_counter()
    assert read(source).blocks
    assert time.perf_counter() - began < 20


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            "<p> </p> <table> </table> <tr> <td> <th> <li> <ul> </ul> <b> </b> <a href=x> </a> "
            "<div </div> <h1> </h2> <br/> <!-- --> &amp; &lt &#x41; &#; < > \" ' = é \0 <script> "
            "<td colspan=2 rowspan=3> <dl> <dt> <dd> <svg> <![CDATA[ <title> </title>".split(" ")
        ),
        max_size=40,
    )
)
def test_any_soup_of_tags_is_read_or_refused_with_every_piece_in_place(parts: list[str]) -> None:
    source = "start " + " ".join(parts)
    try:
        document = read(source)
    except Unreadable:
        return
    for number, block in enumerate(document.blocks):
        assert all(0 <= p.start <= p.end <= len(source) for cell in block.cells for p in cell)
        for target in (block.header, block.group):
            assert target is None or document.blocks[target].kind is BlockKind.TABLE_HEADER
            assert target is None or target < number


@shared
def test_a_saved_encyclopedia_page_is_read_without_menus_and_markers() -> None:
    found = texts(read((SHARED / "wiki_duck.html").read_text(encoding="utf-8")))
    whole = "\n".join(text for _, text in found)
    assert found[0] == ("title", "Duck")
    assert sum(kind == "reference" for kind, _ in found) > 70
    assert ("heading", "Etymology") in found
    for furniture in ("Jump to content", "[edit]", "Main menu", "[1]", "Toggle", "Privacy policy"):
        assert furniture not in whole


@shared
def test_headings_inside_paragraphs_part_them() -> None:
    found = texts(read((SHARED / "html_heading_in_p.html").read_text(encoding="utf-8")))
    assert ("paragraph", "1st paragraph") in found
    assert ("table header", "2 | 3 | 4") in found
    assert ("table row", "17 | 18 | 19 20") in found
    assert found[-2:] == [("heading", "21"), ("paragraph", "2nd paragraph")]
