"""Journal, year, volume, issue, pages and licence, as first pages and running heads state them.

Only whole patterns count: a name, a volume and a page that stand together as in a reference.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_DASH = r"[-\u2010\u2011\u2012\u2013\u2014\u2212]"
_PAGES = rf"(?P<pages>[A-Za-z]{{0,2}}\d{{1,7}}(?:\s?{_DASH}\s?[A-Za-z]{{0,2}}\d{{1,7}})?)"
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_VOLUME = r"(?P<volume>\d{1,4})"
_ISSUE = r"(?:\s?\(\s?(?P<issue>[\w./ -]{1,20}?)\s?\))?"
_NAME = r"(?P<journal>[A-Z][^\d;:()]{2,80}?)"
_MONTH = r"(?:\s[A-Z][a-z]{2,8}\.?(?:\s\d{1,2})?)?"
_PATTERNS = [
    re.compile(pattern)
    for pattern in (
        # "Example Journal. 2014 Mar 3;12(3):101-9", "Example Journal 2014, 12:101"
        rf"{_NAME}[.,]?\s\(?{_YEAR}\)?{_MONTH}\s?[;,]\s?{_VOLUME}{_ISSUE}\s?:\s?{_PAGES}\b",
        # "Univ. J. Examples 8(1): 7-10, 2009", "Example Journal 12:101-109 (2014)"
        rf"{_NAME}[.,]?\s{_VOLUME}{_ISSUE}\s?[:,]\s?{_PAGES},?\s\(?{_YEAR}\b",
        # "Example Journal (2014) 12:101-109"
        rf"{_NAME}[.,]?\s\({_YEAR}\)\s{_VOLUME}{_ISSUE}\s?[:,]\s?{_PAGES}\b",
        # "Example Journal, Vol. 12, No. 3, pp. 101-109, 2014"
        rf"{_NAME}[.,]?\s[Vv]ol(?:ume|\.)?\s?{_VOLUME},?\s(?:\(?(?:[Nn]o|[Ii]ssue)\.?\s?"
        rf"(?P<issue>\d{{1,4}})\)?,?\s)?(?:pp?\.\s?{_PAGES},?\s)(?:{_MONTH},?\s?)?\(?{_YEAR}\b",
    )
]
_AUTHORS = re.compile(r"^.*?\bet al\b[.,:]?\s+")
_ARTICLE_ID = re.compile(rf"\bVolume {_YEAR}, Article ID (?P<pages>\d{{4,8}})\b")
_BY_LINE = re.compile(r"^(?:cite this article|citation|how to cite|source)\b.*?:\s*", re.IGNORECASE)
_CC_ADDRESS = re.compile(r"creativecommons\.org/(licenses|publicdomain)/([a-z-]+)/(\d\.\d)")
_CC_SHORT = re.compile(r"\bCC[ -](BY(?:-(?:NC|ND|SA)){0,2}|0)\b(?:[ -](\d\.\d))?")
_CC_NAME = re.compile(
    r"Creative Commons (Attribution(?:[\s-]?(?:Non-?[Cc]ommercial|No-?[Dd]eriv(?:ative)?s?|"
    r"Share-?[Aa]like)){0,2})(?:\s(\d\.\d))?",
)
_LONGEST = 400
_LONGEST_NAME = 80
_CC_PARTS = (
    ("attribution", "BY"),
    ("noncommercial", "NC"),
    ("noderiv", "ND"),
    ("sharealike", "SA"),
)


@dataclass(slots=True)
class Citation:
    """Where an article was published, as far as its pages say."""

    journal: str | None = None
    year: int | None = None
    volume: str | None = None
    issue: str | None = None
    pages: str | None = None


def find_citation(furniture: Sequence[str], lines: Sequence[str]) -> Citation:
    """What the first line says that is a reference to the article itself.

    Args:
        furniture: running heads and feet.
        lines: those of the first page that are no running text.
    """
    for line in (*furniture, *lines):
        text = _BY_LINE.sub("", " ".join(line.split()))
        text = _AUTHORS.sub("", text)
        for pattern in _PATTERNS:
            match = pattern.search(text) if len(text) < _LONGEST else None
            name = _journal_name(match["journal"]) if match else None
            if match and name:
                pages = re.sub(rf"\s?{_DASH}\s?", "-", match["pages"])
                issue = match.groupdict().get("issue")
                return Citation(name, int(match["year"]), match["volume"], issue, pages)
    for line in lines:
        if match := _ARTICLE_ID.search(line):
            # Such papers have the journal's name alone as their running head.
            names = [text for text in furniture if re.fullmatch(r"[A-Z][^\d.:]{4,60}", text)]
            return Citation(
                names[0] if len(names) == 1 else None,
                int(match["year"]),
                match["year"],
                pages=match["pages"],
            )
    return Citation()


def _journal_name(text: str) -> str | None:
    """The journal at the end of what stands before the year: after a title, its last sentence."""
    last = re.split(r"(?<=[a-z?!]{3})[.?!]\s|\s[-\u2013\u2014|]\s", text)[-1]
    for name in (text.strip(" .,"), last.strip(" .,")):
        small = [word for word in name.split() if word[0].islower() and len(word) > 4]
        if 2 < len(name) <= _LONGEST_NAME and not small and name[0].isupper():
            return name
    return None


def find_licence(text: str) -> str | None:
    """The Creative Commons licence that a text names, by its short name."""
    if match := _CC_ADDRESS.search(text):
        if match[1] == "publicdomain":
            return "CC0 1.0" if match[2] == "zero" else None
        return f"CC {match[2].upper()} {match[3]}"
    if match := _CC_SHORT.search(text):
        short = "CC0" if match[1] == "0" else f"CC {match[1]}"
        return f"{short} {match[2]}" if match[2] else short
    if match := _CC_NAME.search(text):
        name = re.sub(r"[\s-]", "", match[1]).lower()
        short = "CC " + "-".join(part for word, part in _CC_PARTS if word in name)
        return f"{short} {match[2]}" if match[2] else short
    return None
