"""What a web page says of its article in JSON-LD, in the words of schema.org."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from corpus.metadata import doi_in, licence_name, pmid_in, year_in
from corpus.readers.base import Metadata
from corpus.readers.html_tree import Node

_WORKS = frozenset(
    "scholarlyarticle medicalscholarlyarticle techarticle report thesis chapter book".split()
)
_POSTS = frozenset({"article", "newsarticle", "blogposting"})
_LONGEST = 2_000_000
_MAX_NODES = 10_000


def read_jsonld(page: Node, source: str, into: Metadata) -> None:
    """Fill in what the ``meta`` elements did not state; data that are broken state nothing.

    Args:
        page: the tree of the page.
        source: the page's source.
        into: what is found is noted here, where nothing is noted yet.
    """
    for node in page.elements():
        if node.tag != "script" or "ld+json" not in node.attributes.get("type", "").lower():
            continue
        end = source.find("</", node.end)
        closing = re.compile(r"</script", re.IGNORECASE).search(source, max(end, 0))
        text = source[node.end : closing.start() if closing else len(source)]
        for article in _articles(text[:_LONGEST]):
            _take(article, into)


def _articles(text: str) -> Iterator[dict[str, object]]:
    """The objects that describe an article, in order."""
    try:
        stack: list[object] = [json.loads(text)]
    except (ValueError, RecursionError):
        return
    for _ in range(_MAX_NODES):
        if not stack:
            return
        item = stack.pop()
        if isinstance(item, list):
            stack.extend(reversed(item))
        elif isinstance(item, dict):
            kinds = {kind.lower() for kind in _texts(item.get("@type"))}
            # An encyclopedia's entry is by nobody, and its date that of its first version.
            if kinds & _WORKS or (kinds & _POSTS and _has_author(item)):
                yield item
            stack.extend(item[key] for key in ("mainEntity", "@graph") if key in item)


def _has_author(article: dict[str, object]) -> bool:
    authors = article.get("author")
    listed = authors if isinstance(authors, list) else [authors]
    kinds = [_texts(a.get("@type")) for a in listed if isinstance(a, dict)]
    return any("Person" in kind for kind in kinds)


def _take(article: dict[str, object], into: Metadata) -> None:
    into.title = into.title or _text(article.get("headline")) or _text(article.get("name"))
    if not into.authors:
        into.authors = tuple(dict.fromkeys(_texts(article.get("author"))))
    into.year = into.year or year_in(_text(article.get("datePublished")) or "")
    names = ("identifier", "sameAs", "@id")
    identifiers = " ".join(text for name in names for text in _texts(article.get(name)))
    into.doi = into.doi or doi_in(identifiers)
    into.pmid = into.pmid or pmid_in(identifiers)
    into.licence = into.licence or licence_name(_text(article.get("license")) or "")
    first, last = _text(article.get("pageStart")), _text(article.get("pageEnd"))
    pages = _text(article.get("pagination")) or page_range(first, last)
    into.page_range = into.page_range or pages
    part = article.get("isPartOf")
    for _ in range(4):  # an article is part of an issue, that of a volume, that of a journal
        part = part[0] if isinstance(part, list) and part else part
        if not isinstance(part, dict):
            return
        into.volume = into.volume or _text(part.get("volumeNumber"))
        into.issue = into.issue or _text(part.get("issueNumber"))
        if {kind.lower() for kind in _texts(part.get("@type"))} & {"periodical", "journal"}:
            into.journal = into.journal or _text(part.get("name"))
        part = part.get("isPartOf")


def page_range(first: str | None, last: str | None) -> str | None:
    """Pages as a citation gives them: "378-390"; of a single one, or an article's number, that."""
    return first if first is None or last in (None, first) else f"{first}-{last}"


def _text(value: object) -> str | None:
    return next(iter(_texts(value)), None)


def _texts(value: object) -> list[str]:
    """The texts of a value: itself, those of a list, the name or value of an object."""
    if isinstance(value, (str, int)) and not isinstance(value, bool):
        text = " ".join(str(value).split())
        return [text] if text else []
    if isinstance(value, list):
        return [text for item in value[:200] if not isinstance(item, list) for text in _texts(item)]
    if isinstance(value, dict):
        named = next((value[k] for k in ("name", "value", "url", "@id") if k in value), None)
        return [] if isinstance(named, (dict, list)) else _texts(named)
    return []
