"""What a web page says of itself: title, authors, journal, year, identifiers, licence."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from corpus.metadata import doi_in, is_creative_commons, licence_name, pmid_in, year_in
from corpus.readers.base import Metadata
from corpus.readers.html_jsonld import page_range, read_jsonld
from corpus.readers.html_tree import HEADINGS, Node

_SITES = re.compile(
    r"\s+(?:[-–—|]|::)\s+(?:PubMed(?: Central)?|PMC|NCBI|Wikipedia.*|ScienceDirect|SpringerLink|"
    r"Nature|Wiley Online Library|PLOS ONE|Oxford Academic|Europe PMC|MedlinePlus.*|Medscape.*|"
    r"Google Scholar|ClinicalTrials\.gov|NEJM|JAMA.*|The Lancet.*|Full Text|Abstract)\s*$",
    re.IGNORECASE,
)
_PMCID = re.compile(r"\bPMC\d{4,9}\b", re.IGNORECASE)
_BAR = re.compile(r"\s+(?:\||::)\s+")


def read_metadata(page: Node, source: str) -> Metadata:
    """The metadata of a page from its ``meta`` elements and ``title``.

    Highwire (``citation_…``), Dublin Core and PRISM names are known, then JSON-LD; the title falls
    back to ``og:title``, then to ``title`` without the name of the site.
    """
    named = _named(page)
    title = _first(named, "citation_title", "dc.title", "dcterms.title", "bepress_citation_title")
    found = Metadata(
        title=title,
        authors=_authors(named),
        year=_year(named),
        journal=_journal(named),
        doi=_doi(named),
        pmid=_pmid(named),
        pmcid=_pmcid(named),
        licence=_licence(page, named),
        volume=_first(named, "citation_volume", "prism.volume", "bepress_citation_volume"),
        issue=_first(named, "citation_issue", "prism.number", "bepress_citation_issue"),
        page_range=page_range(
            _first(named, "citation_firstpage", "prism.startingpage", "bepress_citation_firstpage"),
            _first(named, "citation_lastpage", "prism.endingpage", "bepress_citation_lastpage"),
        ),
    )
    read_jsonld(page, source, found)
    if found.title is None:
        stated = _first(named, "og:title") or _title_element(page, source)
        found.title = _without_site(stated, named) if stated else None
    return found


def find_title(page: Node, part: Node, stated: str | None, source: str) -> Node | None:
    """The heading that is the document's title.

    It is the one that reads like ``stated``, else the first ``h1`` in ``part``, else the page's
    first.
    """
    headings = [n for n in page.elements() if n.tag in HEADINGS and n.size]
    every = [n for n in headings if n.tag == "h1"]
    if stated:
        for node in (*every, *headings):
            if _same(node.text(source), stated):
                return node
    inside = next((n for n in part.elements() if n.tag == "h1" and n.size), None)
    return inside or next(iter(every), None)


def agrees(heading: str, stated: str) -> bool:
    """Whether a heading and a stated title are the same but for the name of the site."""
    return _key(heading) in _key(stated)


def _named(page: Node) -> dict[str, list[str]]:
    named: dict[str, list[str]] = {}
    for node in page.elements():
        if node.tag == "meta":
            name = node.attributes.get("name") or node.attributes.get("property") or ""
            content = " ".join(node.attributes.get("content", "").split())
            if name and content:
                named.setdefault(name.strip().lower(), []).append(content)
    return named


def _first(named: dict[str, list[str]], *names: str) -> str | None:
    return next((named[name][0] for name in names if name in named), None)


def _title_element(page: Node, source: str) -> str | None:
    node = next((n for n in page.elements() if n.tag == "title"), None)
    return (node.text(source) or None) if node else None


def _without_site(title: str, named: dict[str, list[str]]) -> str:
    """Cut " - PubMed", " | Journal" and the site's own name from the end of a page title."""
    for site in named.get("og:site_name", []):
        title = re.sub(rf"\s+[-–—|:]+\s+{re.escape(site)}\s*$", "", title, flags=re.IGNORECASE)
    title = _SITES.sub("", title)
    first, *rest = _BAR.split(title)
    return first if rest and len(first) >= 3 else title


def _authors(named: dict[str, list[str]]) -> tuple[str, ...]:
    for name in ("citation_author", "dc.creator", "dc.contributor", "bepress_citation_author"):
        if name in named:
            return _unique(_given_name_first(author) for author in named[name])
    for name in ("citation_authors", "author"):
        if name in named:
            listed = [part for value in named[name] for part in value.split(";")]
            return _unique(_given_name_first(part.strip()) for part in listed)
    return ()


def _given_name_first(author: str) -> str:
    parts: Sequence[str] = [part.strip() for part in author.split(",")]
    return f"{parts[1]} {parts[0]}" if len(parts) == 2 and all(parts) else author.strip()


def _unique(items: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(item for item in items if item))


def _year(named: dict[str, list[str]]) -> int | None:
    names = (
        "citation_publication_date citation_date citation_year citation_cover_date "
        "citation_online_date prism.publicationdate dc.date dc.date.issued dcterms.issued "
        "article:published_time date"
    ).split()
    values = (value for name in names for value in named.get(name, []))
    years = (year_in(re.sub("[/-]", " ", value)) for value in values)
    return next((year for year in years if year), None)


def _journal(named: dict[str, list[str]]) -> str | None:
    stated = _first(
        named, "citation_journal_title", "prism.publicationname", "bepress_citation_journal_title"
    )
    if stated is None and (source := _first(named, "dc.source", "dcterms.source")):
        # "Journal of Examples 2020 12:5"
        stated = re.sub(r"[,.]?\s+(?:19|20)\d\d\b.*$", "", source)
    return stated or _first(named, "citation_journal_abbrev")


def _doi(named: dict[str, list[str]]) -> str | None:
    names = (
        "citation_doi prism.doi bepress_citation_doi dc.identifier dcterms.identifier "
        "dc.identifier.doi dc.relation.isversionof publication_doi"
    ).split()
    found = (doi_in(value) for name in names for value in named.get(name, []))
    return next((doi for doi in found if doi), None)


def _pmcid(named: dict[str, list[str]]) -> str | None:
    """The PubMed Central number, where the page names it or stands at such an address."""
    names = (
        "citation_pmcid ncbi_pcid citation_fulltext_html_url citation_abstract_html_url "
        "citation_pdf_url og:url dc.identifier"
    ).split()
    for name in names:
        for value in named.get(name, []):
            match = _PMCID.search(value)
            if match:
                return match.group().upper()
    return None


def _licence(page: Node, named: dict[str, list[str]]) -> str | None:
    names = "dc.rights.license dc.rights dcterms.license dcterms.rights dc.rights.uri".split()
    stated = [value for name in names for value in named.get(name, [])]
    linked = [
        node.attributes.get("href", "")
        for node in page.elements()
        if node.tag in ("a", "link") and "license" in node.attributes.get("rel", "").lower().split()
    ]
    free = [text for text in (*linked, *stated) if is_creative_commons(text)]
    return next((licence_name(text) for text in (*free, *stated, *linked) if text), None)


def _pmid(named: dict[str, list[str]]) -> str | None:
    value = _first(named, "citation_pmid", "ncbi_pmid", "ncbi_article_id", "ncbi_uid")
    if value and value.isdigit() and "citation_pmid" in named:
        return value
    if value and value.isdigit() and any("pubmed" in v.lower() for v in named.get("ncbi_db", [])):
        return value
    return pmid_in(" ".join(named.get("dc.identifier", [])))


def _key(text: str) -> str:
    return re.sub(r"\W+", " ", text).strip().lower()


def _same(heading: str, stated: str) -> bool:
    return bool(_key(heading)) and _key(heading) == _key(stated)
