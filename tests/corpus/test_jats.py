"""JATS: title to references as blocks with sections, tables with their columns, places right."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus.document import Block, BlockKind, Document
from corpus.load import LoadError, load_all, load_bytes
from corpus.passages import passages

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "inputs" / "jats"
shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the shared input articles are not here")

META = """<front><journal-meta><journal-title-group><journal-title>Mouse Letters</journal-title>
</journal-title-group></journal-meta><article-meta>
<article-id pub-id-type="pmid">123</article-id><article-id pub-id-type="pmc">456</article-id>
<article-id pub-id-type="doi">10.1234/ABC.5</article-id>
<title-group><article-title>Of <italic>Mus musculus</italic><xref ref-type="fn"><sup>1</sup>
</xref></article-title><subtitle>A trial</subtitle><alt-title>Mice</alt-title></title-group>
<contrib-group>
<contrib contrib-type="author"><name><surname>Roe</surname><given-names>Jane A</given-names>
<suffix>Jr</suffix></name></contrib>
<contrib contrib-type="author"><collab>The Mouse Group<contrib-group><contrib><name>
<surname>Member</surname></name></contrib></contrib-group></collab></contrib>
<contrib contrib-type="editor"><name><surname>Editor</surname></name></contrib></contrib-group>
<author-notes><corresp>jane@example.org</corresp>
<fn fn-type="COI-statement"><p>We have no interests.</p></fn></author-notes>
<pub-date pub-type="ppub"><year>2011</year></pub-date>
<pub-date pub-type="epub"><year>2010</year></pub-date>
<pub-date pub-type="nihms-submitted"><year>2009</year></pub-date>
<volume>7</volume><issue>2</issue><fpage>233</fpage><lpage>241</lpage>
<permissions><license xmlns:xlink="x" xlink:href="http://creativecommons.org/licenses/by-nc/4.0/">
<license-p>Free.</license-p></license></permissions>
<abstract><sec><title>Background</title><p>Mice are small.</p></sec></abstract>
<abstract abstract-type="graphical"><p>A drawn mouse.</p></abstract>
<funding-group><funding-statement>The cat paid.</funding-statement></funding-group>
</article-meta></front>"""


def article(body: str, back: str = "", front: str = META, floats: str = "") -> Document:
    source = f"<article>{front}<body>{body}</body><back>{back}</back>{floats}</article>"
    return load_bytes(f'<?xml version="1.0"?>\n{source}'.encode(), "mice.nxml")


def lines(document: Document) -> list[tuple[str, str | None, str]]:
    return [(b.kind.value, b.section, words(document, b)) for b in document.blocks]


def words(document: Document, block: Block) -> str:
    return document.text[block.start : block.end]


def of_kind(document: Document, *kinds: BlockKind) -> list[str]:
    return [words(document, b) for b in document.blocks if b.kind in kinds]


def texts(body: str) -> list[str]:
    """The paragraphs, items and captions of a body."""
    quotable = BlockKind.PARAGRAPH, BlockKind.LIST_ITEM, BlockKind.CAPTION
    front = "<front><article-meta/></front>"
    return of_kind(article(f"<sec><title>T</title>{body}</sec>", front=front), *quotable)


def test_the_front_becomes_metadata() -> None:
    info = article("<sec><p>Text.</p></sec>").info
    assert (info.title, info.journal, info.year) == (
        "Of Mus musculus: A trial",
        "Mouse Letters",
        2010,
    )
    assert info.authors == ("Jane A Roe Jr", "The Mouse Group")
    assert (info.doi, info.pmid, info.pmcid) == ("10.1234/abc.5", "123", "PMC456")
    assert (info.volume, info.issue, info.page_range) == ("7", "2", "233-241")
    assert (info.licence, info.format, info.source) == ("CC BY-NC 4.0", "jats", "mice.nxml")


def test_sections_become_paths_and_nothing_falls_under_the_wrong_heading() -> None:
    body = """<p>First words.</p><sec><title>Methods</title><sec><label>2.1</label>
    <title>Mice<xref ref-type="bibr">1</xref></title><p>They ran.</p></sec></sec>
    <supplementary-material><caption><p>More mice.</p></caption></supplementary-material>"""
    back = """<ack><p>Thanks.</p></ack><ref-list><ref id="r1"><label>1</label><element-citation>
    <name><surname>Roe</surname><given-names>J</given-names></name>
    <article-title>Of mice</article-title><year>2001</year></element-citation></ref></ref-list>
    <app-group><app><title>Appendix A</title><p>Details.</p></app></app-group>
    <fn-group><fn><label>a</label><p>A note.</p></fn></fn-group>"""
    assert lines(article(body, back)) == [
        ("title", None, "Of Mus musculus: A trial"),
        ("heading", None, "Abstract"),
        ("heading", "Abstract", "Background"),
        ("paragraph", "Abstract › Background", "Mice are small."),
        ("heading", "Abstract › Background", "Graphical abstract"),
        ("paragraph", "Graphical abstract", "A drawn mouse."),
        ("heading", "Graphical abstract", "Main text"),
        ("paragraph", "Main text", "First words."),
        ("heading", "Main text", "Methods"),
        ("heading", "Methods", "2.1 Mice"),
        ("paragraph", "Methods › 2.1 Mice", "They ran."),
        ("heading", "Methods › 2.1 Mice", "Supplementary material"),
        ("caption", "Supplementary material", "More mice."),
        ("heading", "Supplementary material", "Acknowledgements"),
        ("paragraph", "Acknowledgements", "Thanks."),
        ("heading", "Acknowledgements", "References"),
        ("reference", "References", "1 Roe J Of mice 2001"),
        ("heading", "References", "Appendix A"),
        ("paragraph", "Appendix A", "Details."),
        ("heading", "Appendix A", "Footnotes"),
        ("paragraph", "Footnotes", "a A note."),
        ("heading", "Footnotes", "Funding"),
        ("paragraph", "Funding", "The cat paid."),
        ("heading", "Funding", "Author notes"),
        ("paragraph", "Author notes", "We have no interests."),
    ]


B = '<xref ref-type="bibr" rid="r1">{}</xref>'.format


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<p>H<sub>2</sub>O, 10<sup>9</sup>/L, <bold>P</bold>&lt;0.05.</p>", "H2O, 10⁹/L, P<0.05."),
        (
            f"<p>Mice ran [{B(1)},{B(2)}–{B(4)}] (Roe {B(2004)}).</p>",
            "Mice ran [1,2–4] (Roe 2004).",
        ),
        (f"<p>Mice ran.<sup>{B(1)},{B(2)}</sup> Cats slept.</p>", "Mice ran. Cats slept."),
        (f"<p>In 2005<sup>{B(12)}</sup>, 7 mice <sup>[{B(3)}]</sup>.</p>", "In 2005, 7 mice."),
        (f"<p>It ran.{B('<sup>1</sup>')}<sup>,</sup>{B('<sup>2</sup>')} So.</p>", "It ran. So."),
        (f"<p>It ran.<sup>{B(1)} </sup>Cats slept.</p>", "It ran. Cats slept."),
        (f"<p>Mice ran.{B(1)},{B(2)} Roe et al.{B(3)} saw.</p>", "Mice ran. Roe et al. saw."),
        (f"<p>Mice (ref. {B(5)}) ran.</p>", "Mice (ref. 5) ran."),
        ('<p>5<xref ref-type="table-fn"><sup>a</sup></xref> mice</p>', "5 mice"),
        ('<p>5 bp<xref ref-type="table-fn"><italic>a</italic></xref> (b)</p>', "5 bp (b)"),
        ('<p>Mice (see note <xref ref-type="fn">1</xref>) ran.</p>', "Mice (see note 1) ran."),
        ('<p>5<xref ref-type="table-fn"><sup>*</sup></xref> mice</p>', "5* mice"),
        ("<p>line<break/>break <named-content>kept</named-content></p>", "line break kept"),
        ("<p>β\n\t\t<sub>2</sub>-agonist</p>", "β2-agonist"),
    ],
)
def test_a_sentence_reads_as_its_reader_reads_it(source: str, expected: str) -> None:
    assert texts(source) == [expected]


MATH = '<math xmlns="http://www.w3.org/1998/Math/MathML">{}</math>'.format
TEX = r"<tex-math>\documentclass{a} \begin{document}$$ R_{\beta}^2 $$\end{document}</tex-math>"


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        (MATH("<mi>n</mi><mo>=</mo><mfrac><mi>a</mi><mi>b</mi></mfrac>"), "n=a/b"),
        (
            MATH("<mfrac><mrow><mi>a</mi><mo>-</mo><mi>b</mi></mrow><mn>2</mn></mfrac>"),
            "(a-b)/2",
        ),
        (MATH("<msqrt><mi>x</mi></msqrt><mfenced><mi>a</mi><mi>b</mi></mfenced>"), "√x(a,b)"),
        (
            "<alternatives>"
            + TEX.replace("{}", "x")
            + MATH("<mi>x</mi>")
            + "<graphic/></alternatives>",
            "x",
        ),
        (
            "<alternatives>" + TEX.replace("{}", r"R_{\beta}^2") + "<graphic/></alternatives>",
            r"R_{\beta}^2",
        ),
    ],
)
def test_formulas_are_read_as_characters(formula: str, expected: str) -> None:
    inline = f"<p>It is <inline-formula>{formula}</inline-formula> here.</p>"
    assert texts(inline) == [f"It is {expected} here."]
    display = f"<p>It is<disp-formula>{formula}</disp-formula>here.</p>"
    assert texts(display) == [f"It is {expected} here."]


def test_lists_part_their_paragraph_and_floats_do_not() -> None:
    body = """<p>Mice were <fig id="f1"><label>Fig 1</label><caption><title>Mice</title><p>All of
    them.</p></caption><graphic/></fig>weighed: <list><list-item><label>1.</label><p>first</p>
    <p>still first</p></list-item><list-item><p>second</p></list-item></list>twice.<fn><p>
    <sup>a</sup>A note.</p></fn></p>
    <def-list><def-item><term>HCC</term><def><p>liver cancer</p></def></def-item></def-list>
    <disp-quote><p>A mouse said this.</p><attrib>Anon</attrib></disp-quote>"""
    assert texts(body) == [
        *("Mice were weighed:", "1. first", "still first", "second", "twice."),
        *("Fig 1 Mice", "All of them.", "a A note."),
        *("HCC liver cancer", "A mouse said this.", "Anon"),
    ]


def test_boxes_leave_the_section_around_them_alone() -> None:
    box = "<boxed-text><caption><title>Key points</title></caption><p>Mice win.</p></boxed-text>"
    document = article(f"{box}<sec><title>Methods</title>{box}<p>They ran.</p></sec>")
    assert [line for line in lines(document) if line[1] in ("Key points", "Methods")][:-1] == [
        ("paragraph", "Key points", "Mice win."),
        ("heading", "Key points", "Methods"),
        ("caption", "Methods", "Key points"),
        ("paragraph", "Methods", "Mice win."),
        ("paragraph", "Methods", "They ran."),
    ]


TABLE = """<table-wrap id="t1"><label>Table 1</label><caption><p>Weights of mice.</p></caption>
<alternatives><graphic/><table><thead><tr><th rowspan="2">Mouse</th>
<th colspan="2">Weight<xref ref-type="table-fn"><sup>a</sup></xref></th>
<th rowspan="2">P</th></tr><tr><th>before</th><th>after</th></tr></thead><tbody>
<tr><td>Males</td><td/><td/><td/></tr>
<tr><td>&#x2003;old</td><td>20 g</td><td>21 g</td><td rowspan="2">0.03</td></tr>
<tr><td>&#x2003;young</td><td>10 g</td><td>11 g</td></tr>
<tr><td>All</td><td colspan="2">no data</td><td>0.1</td></tr>
</tbody></table></alternatives>
<table-wrap-foot><fn><p><sup>a</sup>In grams.</p></fn></table-wrap-foot></table-wrap>"""


def rows(document: Document) -> list[tuple[str, str | None, str | None]]:
    return [
        (
            words(document, b),
            document.text[slice(*b.header)] if b.header else None,
            document.text[slice(*b.group)] if b.group else None,
        )
        for b in document.blocks
        if b.kind is BlockKind.TABLE_ROW
    ]


def test_each_cell_stands_under_all_its_headers() -> None:
    document = article(f"<sec><title>Results</title><p>See it.{TABLE}</p></sec>")
    header = "Mouse | Weight before | Weight after | P"
    assert rows(document) == [
        ("old | 20 g | 21 g | 0.03", header, "Males"),
        ("young | 10 g | 11 g | 0.03", header, "Males"),
        ("All | no data |  | 0.1", header, None),
    ]
    assert "a In grams." in of_kind(document, BlockKind.PARAGRAPH)


def test_a_row_is_found_by_the_caption_of_its_table() -> None:
    document = article(f"<sec><title>Results</title>{TABLE}</sec>")
    found = [p for p in passages(document) if p.kind is BlockKind.TABLE_ROW]
    assert [p.context for p in found][1:] == [
        "Table 1 Weights of mice. Males",
        "Table 1 Weights of mice.",
    ]


def table(content: str) -> Document:
    inside = content if "<table>" in content else f"<table>{content}</table>"
    return article(f"<sec><title>R</title><table-wrap>{inside}</table-wrap></sec>")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            "<tr><th>Mouse</th><th>g</th></tr><tr><td>A</td><td>1</td></tr>",
            [("A | 1", "Mouse | g", None)],
        ),
        (
            "<tr><td>Mouse</td><td>g</td></tr><tr><td>A</td><td>1</td></tr>"
            "<tr><td>B</td><td>2</td></tr>",
            [("A | 1", "Mouse | g", None), ("B | 2", "Mouse | g", None)],
        ),
        (
            "<tr><td>A</td><td>1</td></tr><tr><td>B</td><td>2</td></tr>",
            [("A | 1", None, None), ("B | 2", None, None)],
        ),
        (
            "<thead><tr><td>Sex</td><td>pre</td><td>post</td></tr></thead>"
            "<tr><td>m</td><td>1</td><td>2</td></tr>"
            "<tr><td>Age</td><td>pre</td><td>post</td></tr>"
            "<tr><td>old</td><td>3</td><td>4</td></tr>",
            [
                ("m | 1 | 2", "Sex | pre | post", None),
                ("old | 3 | 4", "Age | pre | post", None),
            ],
        ),
        (
            "<thead><tr><th/><th>Mice</th><th>Rats</th></tr></thead>"
            "<tr><td/><td>n</td><td>n (%)</td></tr><tr><td>old</td><td>3</td><td>4 (5)</td></tr>",
            [("old | 3 | 4 (5)", " | Mice n | Rats n (%)", None)],
        ),
        (
            '<thead><tr><th rowspan="9">A</th><th>B</th></tr></thead>'
            '<tr><td rowspan="99">x</td><td>1</td></tr><tr><td>2</td></tr>',
            [("x | 1", "A | B", None), ("x | 2", "A | B", None)],
        ),
        ('<tr><td colspan="x" rowspan="-1">a</td><td/><td>1</td></tr>', [("a | 1", None, None)]),
    ],
)
def test_headers_and_spans_of_all_kinds(
    content: str, expected: list[tuple[str, str | None, str | None]]
) -> None:
    assert rows(table(content)) == expected


def test_an_enormous_span_is_cut_down() -> None:
    content = '<tr><td colspan="99999999" rowspan="99999999">a</td><td>b</td></tr>' * 50
    assert len(table(content).text) < 100_000


def test_tables_of_one_wrap_are_all_read() -> None:
    one, two = (f"<table><tr><td>{n}</td><td>{n}1</td></tr></table>" for n in "ab")
    document = table(f"<alternatives>{one}{two}</alternatives>")
    assert [row[0] for row in rows(document)] == ["a | a1", "b | b1"]


def test_a_set_of_articles_gives_one_document_each() -> None:
    one = f"<article>{META}<body><p>β one.</p></body></article>"
    two = "<article><front><article-meta/></front><body><p>Two.</p></body></article>"
    empty = "<article><front><article-meta/></front></article>"
    source = f"<!-- ö --><pmc-articleset>{one}\n{empty}{two}</pmc-articleset>"
    first, refused, second = load_all(source.encode(), "set.xml")
    assert isinstance(first, Document)
    assert isinstance(second, Document)
    assert isinstance(refused, LoadError)
    assert (first.info.source, second.info.source) == ("set.xml#PMC456", "set.xml#3")
    assert (refused.path, "front matter" in refused.reason) == ("set.xml#2", True)
    assert first.id != second.id
    start = first.text.index("β one.")
    [span] = first.source_spans(start, start + 6)
    assert source[span.start : span.end] == "β one."


def test_peer_reviews_and_translations_inside_an_article_are_left_out() -> None:
    review = "<sub-article><body><p>I disagree.</p></body></sub-article>"
    assert "disagree" not in article("<p>Text.</p>", floats=review).text


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("<article><front><article-meta/></front><body><p>Half a", "breaks off at line 1"),
        ("<!DOCTYPE article><article><sect1><para>x</para></sect1></article>", "not one in JATS"),
        ("<article><front><article-meta/></front><body><p>A.</p></body></article><b/>", "line 1"),
        ("<pmc-articleset><Reply Id='1' error='none'/></pmc-articleset>", "without a JATS article"),
        ("<?xml version='1.0'?><tei><p>x</p></tei>", "another kind (tei)"),
        (
            '<!DOCTYPE article [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
            "<article><body><p>&x;</p></body></article>",
            "wants another file",
        ),
        ("<article><body>" + "<sec>" * 9999, "elements deep"),
        ("<article><body><p>a\0b</p></body></article>", "NUL"),
    ],
)
def test_what_is_no_article_is_refused_in_one_sentence(source: str, reason: str) -> None:
    with pytest.raises(LoadError) as caught:
        load_bytes(source.encode(), "x.xml")
    assert reason in caught.value.reason
    assert "\n" not in str(caught.value)


def test_text_nested_beyond_all_sense_is_still_read() -> None:
    depth = 120
    body = "<sec>" * depth + "<p>Deep <italic>down</italic>.</p>" + "</sec>" * depth
    assert "Deep down." in article(body).text


def test_ten_megabytes_of_one_paragraph_are_read() -> None:
    document = article(f"<p>{'Mice ran. ' * 1_000_000}</p>")
    assert len(document.text) > 9_000_000


LOWERED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾", "0123456789+−()")


def places(document: Document, source: str) -> Iterator[tuple[str, str]]:
    """Each block's words, and the source characters that its map leads to; white space apart."""
    for block in document.blocks:
        spans = document.source_map.spans(block.start, block.end)
        taken = "".join(source[s.start : s.end] for s in spans)
        yield (
            "".join(words(document, block).replace(" | ", "").split()),
            "".join(html.unescape(re.sub(r"<[^<>]*>", "", taken)).split()),
        )


@shared
@pytest.mark.parametrize("path", sorted(SHARED.glob("*.nxml")), ids=lambda p: p.stem)
def test_every_block_of_a_real_article_leads_back_to_its_words(path: Path) -> None:
    source = path.read_text("utf-8")
    document = load_bytes(path.read_bytes(), path.name)
    implied = {"Abstract", "References", "Acknowledgements", "Maintext", "Funding", "Authornotes"}
    checked = 0
    for text, taken in places(document, source):
        if text in implied and not taken:
            continue
        plain = unicodedata.normalize("NFC", taken).replace("\xad", "")
        assert plain == text or plain == text.translate(LOWERED)  # powers are superscripts
        checked += 1
    assert checked > 100
    kinds = {b.kind for b in document.blocks}
    assert kinds == set(BlockKind) - {BlockKind.LIST_ITEM} or kinds == set(BlockKind)
    info = document.info
    assert info.title
    assert info.authors
    assert info.doi
    assert info.pmcid
    assert info.year
    assert info.licence
