"""Bibliographic facts found in running text: DOI, PMID, year, journal, by their usual patterns."""

from __future__ import annotations

import re

from corpus.readers.base import Metadata

_DOI = re.compile(r"\b10\.\d{4,9}/[^\s\"<>|]+[^\s\"<>|.,;:)\]}]", re.IGNORECASE)
_PMID = re.compile(r"\bPMID:?\s*(\d{4,9})\b")
_YEAR = re.compile(r"(?<![\d.])((?:19|20)\d\d)(?![\d.]*\d)")
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?"
_ISSUE = (
    r"(?P<volume>\d{1,4})(?P<issue>(?:\s?Suppl\.?\s?\d*|\(\s?[^()]{1,24}\))*)(?::|,)\s?"
    r"(?P<pages>e?\d[\w-]*(?:\.\w[\w-]*)*)"
)
# "Digestion. 2000;62 Suppl 1:79-83." and "Jane Roe. Liver Cancer. 2012 Nov."
CITATION_LINE = re.compile(
    rf"^(?:(?P<authors>[^.]{{3,200}}?)\.\s+)?(?P<journal>[^\W\d_][^.;:]{{2,80}}?)?\s*\.\s*"
    rf"(?P<year>(?:19|20)\d\d)\s?(?:{_MONTH}(?:\s?\d{{1,2}})?)?\s?(?:;\s?{_ISSUE})?\.?"
)
_PUBLISHED_IN = re.compile(
    r"\bpublished in (?P<journal>[A-Z][\w&'’ -]{2,80}?),? (?P<year>(?:19|20)\d\d)\b"
)
_CREATIVE_COMMONS = re.compile(
    r"creativecommons\.org/(?:licen[cs]es/(?P<kind>by[a-z-]*)(?:/(?P<version>\d\.\d))?"
    r"|(?P<zero>publicdomain/zero)|(?P<public>publicdomain/mark))"
    r"|\bCC[ -](?P<short>BY(?:-(?:NC|ND|SA))*)(?:[ -](?P<number>\d\.\d))?\b",
    re.IGNORECASE,
)
_LONGEST_LICENCE = 200
LABELLED = re.compile(
    r"^(?P<label>authors?|date|doi|sha|license|licence|pmid|pmcid|journal|year|title|keywords?|"
    r"key words|publication (?:date|title)|document type|received|accepted|copyright)"
    r"\s*:\s*(?P<value>.*)$",
    re.IGNORECASE,
)


def doi_in(text: str) -> str | None:
    """The first DOI in ``text`` (without the resolver's address), lower-cased; None without one."""
    match = _DOI.search(text)
    return match.group().lower() if match else None


def pmid_in(text: str) -> str | None:
    """The first PubMed identifier in ``text`` that is named as one."""
    match = _PMID.search(text)
    return match.group(1) if match else None


def year_in(text: str) -> int | None:
    """The first year between 1900 and 2099 in ``text``."""
    match = _YEAR.search(text)
    return int(match.group(1)) if match else None


def is_creative_commons(stated: str) -> bool:
    """Whether a statement of rights names a Creative Commons licence or its address."""
    return _CREATIVE_COMMONS.search(stated) is not None


def licence_name(stated: str) -> str | None:
    """A licence by its short name ("CC BY 4.0") if it is a Creative Commons one, else as stated."""
    match = _CREATIVE_COMMONS.search(stated)
    if match is None:
        return " ".join(stated.split())[:_LONGEST_LICENCE] or None
    if match["zero"]:
        return "CC0"
    if match["public"]:
        return "public domain"
    kind = (match["kind"] or match["short"]).upper().strip("-")
    version = match["version"] or match["number"]
    return f"CC {kind} {version}" if version else f"CC {kind}"


def read_citation_line(line: str, into: Metadata) -> bool:
    """Take journal, year, authors and DOI from a line that is a bibliographic reference to itself.

    Args:
        line: one line, without line breaks.
        into: what is found is noted here, where nothing is noted yet.

    Returns:
        Whether the line is such a line.
    """
    match = CITATION_LINE.match(line.strip())
    if match is None:
        return False
    rest = line.strip()[match.end() :].strip()
    if rest and not re.match(r"(?:doi|pmid|pmcid|epub|online|available)\b", rest, re.IGNORECASE):
        return False
    authors, journal = match["authors"], match["journal"]
    if authors and not journal:
        authors, journal = None, authors
    into.journal = into.journal or (journal.strip() if journal else None)
    into.year = into.year or int(match["year"])
    into.doi = into.doi or doi_in(line)
    into.volume = into.volume or match["volume"]
    into.issue = into.issue or (match["issue"] or "").strip(" ()") or None
    into.page_range = into.page_range or match["pages"]
    if authors and not into.authors:
        into.authors = tuple(part.strip() for part in authors.split(",") if part.strip())
    return True


def read_labelled(label: str, value: str, into: Metadata) -> None:
    """Take what a line "Label: value" states; an unknown or empty value changes nothing."""
    label, value = label.lower(), value.strip()
    if not value or value.lower() in {"nan", "none", "n/a"}:
        return
    if label.startswith("author") and not into.authors:
        separator = ";" if ";" in value else ","
        into.authors = tuple(part.strip() for part in value.split(separator) if part.strip())
    elif label in {"date", "year", "publication date"}:
        into.year = into.year or year_in(value)
    elif label in {"journal", "publication title"}:
        into.journal = into.journal or value
    elif label == "title":
        into.title = into.title or value
    elif label == "doi":
        into.doi = into.doi or doi_in(value)
    elif label == "pmid":
        into.pmid = into.pmid or (value if value.isdigit() else None)


def read_colophon(text: str, into: Metadata) -> None:
    """Take journal and year from "… published in JOURNAL, YEAR …" and the DOI near it."""
    match = _PUBLISHED_IN.search(text)
    if match is not None:
        into.journal = into.journal or match["journal"].strip()
        into.year = into.year or int(match["year"])
        into.doi = into.doi or doi_in(text)
