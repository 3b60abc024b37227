"""What a JATS article says of itself: title, authors, journal, year, identifiers, licence."""

from __future__ import annotations

import re
from collections.abc import Iterator

from corpus.metadata import doi_in
from corpus.readers.base import Metadata
from corpus.readers.jats_text import words
from corpus.readers.xml_tree import Element

_YEAR = re.compile(r"\b(?:1[5-9]|20)\d\d\b")
_NOT_PUBLISHED = re.compile(
    r"pmc|nihms|preprint|received|accepted|rev-|corrected|retracted|updated", re.IGNORECASE
)
_CREATIVE_COMMONS = re.compile(
    r"creativecommons\.org/(?:licen[cs]es/(?P<kind>by[a-z-]*)(?:/(?P<version>\d\.\d))?"
    r"|(?P<zero>publicdomain/zero)|(?P<public>publicdomain/mark))",
    re.IGNORECASE,
)
_LONGEST_LICENCE = 200


def read_metadata(article: Element, raw: str) -> Metadata:
    """The metadata of an ``article`` element; what it does not state stays empty."""
    front = article.find("front") or article.find("front-stub") or Element("front")
    meta = front.find("article-meta") or front
    journal = front.find("journal-meta") or Element("journal-meta")
    ids = {
        node.attributes.get("pub-id-type", ""): text
        for node in meta.all("article-id")
        if (text := words(node, raw))
    }
    return Metadata(
        title=_title(meta, raw),
        authors=tuple(_authors(meta, raw)),
        year=_year(meta, raw),
        journal=_journal(journal, raw),
        doi=doi_in(ids.get("doi", "")),
        pmid=_digits(ids.get("pmid")),
        pmcid=_pmcid(ids),
        licence=_licence(meta, raw),
        volume=words(meta.find("volume"), raw),
        issue=words(meta.find("issue"), raw),
        page_range=_page_range(meta, raw),
    )


def _title(meta: Element, raw: str) -> str | None:
    group = meta.find("title-group") or meta
    parts = [words(group.find(tag), raw) for tag in ("article-title", "subtitle")]
    return ": ".join(part for part in parts if part) or None


def _authors(meta: Element, raw: str) -> Iterator[str]:
    for group in meta.all("contrib-group"):
        for contrib in group.all("contrib"):
            kind = contrib.attributes.get("contrib-type", "author")
            if kind in ("author", "collab") and (name := person(contrib, raw)):
                yield name


def person(contrib: Element, raw: str) -> str | None:
    """The name of a contributor as it is spoken: given names first."""
    alternatives = contrib.find("name-alternatives") or contrib
    name = alternatives.find("name") or alternatives.find("string-name")
    if name is None:
        collab = contrib.find("collab") or contrib.find("on-behalf-of")
        if collab is None:
            return None
        # A group may list its members inside its name.
        own = [c for c in collab.children if not isinstance(c, Element) or c.tag != "contrib-group"]
        return words(Element("collab", children=own), raw)
    given, surname = words(name.find("given-names"), raw), words(name.find("surname"), raw)
    if surname is None:
        return words(name, raw)
    eastern = name.attributes.get("name-style") == "eastern"
    parts = (surname, given) if eastern else (given, surname)
    return " ".join(p for p in (*parts, words(name.find("suffix"), raw)) if p)


def _year(meta: Element, raw: str) -> int | None:
    """The earliest year of publication, be it in print or ahead of it."""
    years: list[int] = []
    late: list[int] = []
    for date in meta.all("pub-date"):
        text = words(date.find("year"), raw) or words(date.find("string-date"), raw) or ""
        if match := _YEAR.search(text):
            kind = f"{date.attributes.get('pub-type', '')} {date.attributes.get('date-type', '')}"
            (late if _NOT_PUBLISHED.search(kind) else years).append(int(match.group()))
    if years or late:
        return min(years or late)
    copyright_year = words(meta.find("permissions", "copyright-year"), raw) or ""
    match = _YEAR.search(copyright_year)
    return int(match.group()) if match else None


def _journal(journal: Element, raw: str) -> str | None:
    for path in (("journal-title-group", "journal-title"), ("journal-title",)):
        if title := words(journal.find(*path), raw):
            return title
    for node in journal.all("journal-id"):
        if node.attributes.get("journal-id-type") in ("iso-abbrev", "nlm-ta"):
            return words(node, raw)
    return None


def _pmcid(ids: dict[str, str]) -> str | None:
    stated = ids.get("pmcid") or ids.get("pmc") or ids.get("pmc-uid")
    digits = _digits(stated.upper().removeprefix("PMC")) if stated else None
    return f"PMC{digits}" if digits else None


def _digits(text: str | None) -> str | None:
    return text if text and text.isascii() and text.isdigit() else None


def _page_range(meta: Element, raw: str) -> str | None:
    first, last = words(meta.find("fpage"), raw), words(meta.find("lpage"), raw)
    if first is not None:
        return first if last in (None, first) else f"{first}-{last}"
    return words(meta.find("page-range"), raw) or words(meta.find("elocation-id"), raw)


def _licence(meta: Element, raw: str) -> str | None:
    """The licence by its short name if it is a Creative Commons one, else its address or words."""
    permissions = meta.find("permissions") or meta
    found = list(permissions.all("license"))
    inner = [n for node in found for n in node.elements()]
    addresses = [value for n in inner for value in n.attributes.values()]
    # The reference of the NISO access indicators stands beside the licence or in it.
    stated = [n.text(raw) for n in (*permissions.all("license_ref"), *inner)]
    texts = [text for node in found if (text := words(node, raw))]
    for text in (*addresses, *stated):
        if match := _CREATIVE_COMMONS.search(text):
            return _short_name(match)
    for node in found:
        if address := node.attributes.get("href"):
            return address
    return texts[0][:_LONGEST_LICENCE] if texts else None


def _short_name(match: re.Match[str]) -> str:
    if match["zero"]:
        return "CC0"
    if match["public"]:
        return "public domain"
    kind = match["kind"].upper().strip("-")
    return f"CC {kind} {match['version']}" if match["version"] else f"CC {kind}"
