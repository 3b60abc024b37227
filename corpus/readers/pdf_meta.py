"""What a PDF says of itself, on its first page and in its document information."""

from __future__ import annotations

import re
from collections.abc import Sequence

from corpus.document import BlockKind
from corpus.metadata import doi_in, pmid_in, year_in
from corpus.readers.base import Metadata
from corpus.readers.pdf_citation import find_citation, find_licence
from corpus.readers.pdf_flow import is_plausible_title
from corpus.readers.pdf_groups import Group
from corpus.readers.pdf_lines import Line

_MONTH = r"(?:Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sept?|Oct|Nov|Dec)[a-z]*"
_YEARS = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?:©|\(c\)|copyright)[^\d\n]{0,30}((?:19|20)\d\d)\b",
        r"\bpublished(?: online)?:?[^\d\n]{0,12}(?:\d{1,2}[^\d\n]{0,14})?((?:19|20)\d\d)\b",
        r"\b((?:19|20)\d\d)\s?[;,]\s?(?:vol\.?\s?)?\d{1,4}\s?[:(]",
        r"\bvol(?:ume|\.)?\s?\d{0,4},?\s?\(?((?:19|20)\d\d)\b",
        r"\d\(\d+\)\s?:\s?\d+[-–]\d+,?\s\(?((?:19|20)\d\d)\b",
        rf"\baccepted:?[^\n]{{0,20}}?((?:19|20)\d\d)\b|\b{_MONTH}\.?\s(?:\d{{1,2}},\s?)?((?:19|20)\d\d)\b",
    )
]
_SHORT = 4  # lines of a group that may be a paper's reference to itself
_NAME = re.compile(
    r"(?:(?:Dr|Prof|Md)\.?\s+)?[^\W\d_a-z][\w.'’-]*(?:\s+(?:(?:de|van|von|der|den|del|da|di|la|le|bin|al|"
    r"el|ten|ter)\s+)*[^\W\d_a-z][\w.'’-]*){1,4}"
)
_NAME_BREAK = re.compile(r"\s*(?:,|;|&|\band\b)\s*")
_DEGREE = re.compile(
    r"(?:MD|PhD|MSc|BSc|MPH|FRCP|DPhil|RN|MBBS|MS|MA|BA|DSc|Jr\.?|Sr\.?|I{1,3})\.?", re.IGNORECASE
)


def read_metadata(
    groups: Sequence[Group], furniture: Sequence[str], information: dict[str, str]
) -> Metadata:
    """Title, authors, journal with volume and pages, year, identifiers and licence.

    Args:
        groups: the document's groups in reading order.
        furniture: the running heads and feet, which often carry journal and year.
        information: the document information; used where it holds more than a file name.
    """
    page = groups[0].first.page if groups else 1
    first = [g for g in groups if g.first.page == page and g.kind is not BlockKind.REFERENCE]
    title = next((g for g in groups if g.kind is BlockKind.TITLE), None)
    stated = information.get("Title", "")
    subject = information.get("Subject", "")
    front = "\n".join([subject, *furniture, *(g.text for g in first)])
    short = [g for g in first if g.grid is None and len(g.lines) <= _SHORT]
    cited = find_citation(furniture, [*(line.text for g in short for line in g.lines), subject])
    return Metadata(
        title=_title(title, stated),
        authors=_authors(groups, title) or _stated_authors(information.get("Author", "")),
        year=_year(front) or cited.year,
        journal=_journal(subject) or cited.journal,
        doi=doi_in(front),
        pmid=pmid_in(front),
        pmcid=_pmcid(front),
        licence=find_licence(front),
        volume=cited.volume,
        issue=cited.issue,
        page_range=cited.pages,
    )


def _pmcid(text: str) -> str | None:
    match = re.search(r"\bPMCID:?\s*(PMC\d{4,9})\b", text)
    return match.group(1) if match else None


def _title(group: Group | None, stated: str) -> str | None:
    if group is not None:
        return " ".join(re.sub(r"(?<=\w)-\s+(?=[a-z])", "-", group.text).split())
    return stated if is_plausible_title(stated) else None


def _authors(groups: Sequence[Group], title: Group | None) -> tuple[str, ...]:
    """The names under the title, where they are nothing but names."""
    if title is None:
        return ()
    at = next(i for i, group in enumerate(groups) if group is title)
    for group in groups[at + 1 : at + 3]:
        plain = " ".join(_without_raised(line) for line in group.lines)
        names = [part.strip(" .*†‡§¶") for part in _NAME_BREAK.split(plain)]
        names = [name for name in names if name and not _DEGREE.fullmatch(name)]
        if names and len(plain) < 2000 and all(_NAME.fullmatch(name) for name in names):
            return tuple(dict.fromkeys(names))
    return ()


def _without_raised(line: Line) -> str:
    """A line without raised marks, and without digits that are set as if they were letters."""
    words = [word.text for word in line.words if word.size > 0.8 * line.size]
    return re.sub(r"[\d*†‡§¶∗]+", " ", " ".join(words)).replace(" ,", ",")


def _stated_authors(author: str) -> tuple[str, ...]:
    cleaned = re.sub(r"\{?\bet al\b\.?\}?", "", author).strip(" ,;")
    names = [part.strip() for part in re.split(r"[;,]|\band\b", cleaned) if part.strip()]
    return tuple(names) if names and all(_NAME.fullmatch(name) for name in names) else ()


def _year(text: str) -> int | None:
    for pattern in _YEARS:
        match = pattern.search(text)
        if match:
            return year_in(next(group for group in match.groups() if group))
    return None


def _journal(subject: str) -> str | None:
    """The journal in a subject such as "Journal of Examples 2010 4:1. doi:…"."""
    match = re.match(r"([A-Z][^\d;:]{3,80}?),?\s(?:19|20)\d\d\b", subject)
    return match.group(1).strip() if match else None
