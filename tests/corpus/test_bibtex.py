"""BibTeX: entries with their fields, LaTeX read as characters, each at its place."""

from __future__ import annotations

import pytest
from bibtexparser.entrypoint import parse_string
from bibtexparser.middlewares import LatexDecodingMiddleware
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.document import Document
from corpus.load import LoadError, load_bytes
from tests.corpus.listing import (
    all_words_are_at_their_source,
    at_source,
    documents,
    everything,
    reasons,
    sections,
)

LIST = r"""% Encoding: UTF-8
@string{jt = "Journal of " # {Tea}}
@comment{jabref-meta: databaseType:bibtex;}

@article{Moss2020,
  author    = {Moss, Ada and van der {\"O}k, Ben and {Tea and Voles Study Group} and others},
  title     = {{Tea} against sleep in {HCC}: a trial of 10\textsuperscript{5} mice},
  journal   = jt,
  year      = 2020,
  volume    = "12", number = {3},
  pages     = {233--241},
  doi       = {https://doi.org/10.1007/s00\_1},
  pmid      = {12345678},
  pmcid     = {PMC7654321},
  abstract  = "Background: Schr{\"o}dinger's mice slept 5~h ($p < 0.05$, 95\% CI 1--2).
     Methods: {$\beta$}-catenin {\textgreater} 3 $\times$ 10$^{-5}$ g \& \textit{in vivo}; tea cost
     \$5 or $6 in all.",
}

@Book(voles, title = "On voles", author = {Cy Elm}, year = {2019},
  abstract = {Voles na{\"\i}ve to \'{e}t\'e \v{c}aj and \O l ran \alpha-fast.})

@misc{letter, title = {A letter}, note = {no words}}
"""


def read(abstract: str) -> str:
    """The words that a reader sees of an abstract in braces."""
    (found,) = documents(f"@article{{a,\n  abstract = {{{abstract}}}\n}}\n")
    return sections(found)[0][1]


def test_an_entry_becomes_a_document_with_its_metadata() -> None:
    found, voles, refused = everything(LIST, "a.bib")
    assert isinstance(found, Document)
    assert isinstance(voles, Document)
    assert isinstance(refused, LoadError)
    assert (refused.path, refused.reason) == ("a.bib#letter", "has no abstract")
    info = found.info
    assert info.title == "Tea against sleep in HCC: a trial of 10⁵ mice"
    assert info.authors == ("Moss, Ada", "van der Ök, Ben", "Tea and Voles Study Group")
    assert (info.journal, info.year, info.volume) == ("Journal of Tea", 2020, "12")
    assert (info.issue, info.page_range) == ("3", "233-241")
    assert (info.doi, info.pmid, info.pmcid) == ("10.1007/s00_1", "12345678", "PMC7654321")
    assert (info.source, info.format) == ("a.bib#12345678", "bibtex")
    assert sections(found) == [
        ("Background", "Schrödinger's mice slept 5 h (p < 0.05, 95% CI 1–2)."),
        ("Methods", "β-catenin > 3 × 10⁻⁵ g & in vivo; tea cost $5 or $6 in all."),
    ]
    assert (voles.info.source, voles.info.authors) == ("a.bib#voles", ("Cy Elm",))
    assert sections(voles) == [(None, "Voles naïve to été čaj and Øl ran α-fast.")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_words_have_their_address_in_the_source(encoding: str) -> None:
    found = documents(LIST.replace("@misc{letter", "@comment{letter").encode(encoding))[0]
    for words, there in {
        "Schrödinger's mice": r"Schr{\"o}dinger's mice",
        "β-catenin": r"\beta-catenin",
        "10⁻⁵ g & ": r"10^{-5} g \&",
        "95% CI 1–2": r"95\% CI 1--2",
        "5 h": "5~h",
    }.items():
        assert at_source(found, LIST, words) == there
    (plain,) = documents("@article{a, abstract={Mice\n  slept.}, title={T},\n}\n")
    all_words_are_at_their_source([plain], "@article{a, abstract={Mice\n  slept.}, title={T},\n}\n")


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (r"Mice cost $5 million to $10 million.", "Mice cost $5 million to $10 million."),
        (r"Files in C:\data\mice were read.", r"Files in C:\data\mice were read."),
        (r"5\,mg\;of\ tea\-bags~ok", "5 mg of teabags ok"),
        (r"\emph{Mus} \textbf{musculus} {\it and} others", "Mus musculus and others"),
        (r"a \foo{b} c", "a b c"),
        (r"``quoted'' --- and-so-on", "“quoted” — and-so-on"),
        (r"$\frac{1}{2}$ of CO$_2$, CO\textsubscript{2}", "1/2 of CO2, CO2"),
        (r"37\,$^\circ$C or 37{\textdegree}C, $\geq$ 5", "37 °C or 37°C, ≥ 5"),
        (r"\c{c} \c c \'{\i} \~n \^{} \={a} \r{a} {\aa} {\ss}", "ç ç í ñ ^ ā å å ß"),
        (r"see \cite{x} and \href{https://x.y}{here}", "see and here"),
        (r"a \{b\} 50 \# \_ c\\d", "a {b} 50 # _ c d"),
        ("p &lt; 0.05 and <i>in vivo</i>", "p < 0.05 and in vivo"),
    ],
)
def test_latex_is_read_as_what_it_means(source: str, words: str) -> None:
    assert read(source) == words


def test_a_damaged_entry_costs_only_itself() -> None:
    text = (
        "@article{one, title={T}, abstract={Mice {slept.}\n}\n"
        '@article{two, title={T}, abstract="Mice ran.\n}\n'
        "@article{three, title={T}, abstract={Voles ran.}}\n"
        "@article{four, title={T}, abstract={Voles} slept.}\n"
        "@article{five, title={T}, abstract={Cut of"
    )
    found = [record for record in everything(text, "a.bib") if isinstance(record, Document)]
    assert [record.info.source for record in found] == ["a.bib#three"]
    refused = reasons(text, "a.bib")
    assert list(refused) == [f"a.bib#{name}" for name in ("one", "two", "four", "five")]
    assert all("is not well-formed BibTeX" in reason for reason in refused.values())


def test_keys_may_be_missing_or_double() -> None:
    entry = "@article{%s, abstract = {Mice slept.}}\n"
    text = entry % "a" + entry % "a" + "@article{abstract = {Voles.}}\n" + entry % ""
    names = [document.info.source for document in documents(text, "a.bib")]
    assert names == ["a.bib#a", "a.bib#a-2", "a.bib#3", "a.bib#4"]


@pytest.mark.parametrize(
    "text",
    [
        "@ada (the owner) said that mice sleep. They do so at night in all seasons.\n",
        "@ben: see {this}. Mice sleep at night.\n",
        "ada@mice.org wrote that mice sleep at night.\n",
        "@article{ this is a text about a word in braces } that mice read.\n",
    ],
)
def test_words_behind_an_at_sign_are_no_list(text: str) -> None:
    assert documents(text, "post.txt")[0].info.format == "text"


def test_words_in_front_of_the_first_entry_are_comments_in_a_file_named_so() -> None:
    text = "Automatically generated by Mendeley.\n\n" + LIST
    assert documents(text.partition("@misc")[0], "library.bib")[0].info.format == "bibtex"


@pytest.mark.timeout(60)
@pytest.mark.parametrize("mark", ["{", "\\", "$", '"', " and ", "{}", "^{"])
def test_marks_without_measure_are_read_to_their_end(mark: str) -> None:
    words = mark * 10_000
    for field in ("abstract", "author", "title"):
        text = f"@article{{a, {field} = {{{words}}}\n}}\n@article{{b, abstract = {{Mice.}}}}\n"
        assert any(isinstance(record, Document) for record in everything(text, "a.bib"))


def test_entries_that_never_end_are_each_refused() -> None:
    assert len(reasons("@article{a, abstract = {\n" * 2_000, "a.bib")) == 2_000


PLAIN = st.text(alphabet="abcXYZ 0123.,;:()éβ≥-", max_size=40)
LATEX = st.sampled_from(
    [r"{\"o}", r"\'e", r"\alpha{}", r"\%", r"\&", r"{\ss}", r"\v{c}", "{HCC}", r"{\O}"]
)
FIELD = st.lists(st.one_of(PLAIN, LATEX), min_size=1, max_size=6).map(
    lambda parts: "w " + "".join(parts).replace("--", "-") + " w"
)


@settings(max_examples=60)
@given(st.lists(st.tuples(FIELD, FIELD, st.booleans()), min_size=1, max_size=3))
def test_fields_agree_with_what_bibtexparser_reads(entries: list[tuple[str, str, bool]]) -> None:
    text = "".join(
        f"@article{{key{number},\n  title = "
        + (f'"{title}"' if quoted and '"' not in title else f"{{{title}}}")
        + f",\n  abstract = {{{abstract}}},\n  year = {{2020}}\n}}\n\n"
        for number, (title, abstract, quoted) in enumerate(entries)
    )
    read_by_it = parse_string(text, append_middleware=[LatexDecodingMiddleware()])
    found = documents(text, "a.bib")
    assert len(found) == len(read_by_it.entries) == len(entries)
    for document, entry in zip(found, read_by_it.entries, strict=True):
        assert document.info.source == f"a.bib#{entry.key}"
        assert document.info.title.split() == entry["title"].split()
        body = document.text[len(document.info.title) :]
        assert body.split() == entry["abstract"].split()


def test_strings_that_double_each_other_fill_no_memory() -> None:
    doubling = "".join(f"@string{{s{n + 1} = s{n} # s{n}}}\n" for n in range(60))
    source = (
        '@string{s0 = "mice "}\n' + doubling + "@article{a, title = {Mice}, journal = s60,\n"
        "abstract = {The mice lived for ten months.}}\n"
    )
    document = load_bytes(source.encode(), "a.bib")
    assert "The mice lived for ten months." in document.text
    assert len(document.info.journal or "") < 50_000
