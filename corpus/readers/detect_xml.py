"""Which reader an XML file is for: by its root, and what it is declared as."""

from __future__ import annotations

import re

from corpus.readers.base import Unreadable
from corpus.readers.xml_source import root_of

_READERS = {
    "article": "jats",
    "pmc-articleset": "jats",
    "oai-pmh": "jats",
    "pubmedarticleset": "pubmed",
    "pubmedarticle": "pubmed",
    "pubmedbookarticle": "pubmed",
    "pubmedbookarticleset": "pubmed",
    "medlinecitation": "pubmed",
    "medlinecitationset": "pubmed",
}
_OTHER = frozenset({"tei", "nlmarticle"})
_JATS_PART = re.compile(rb"<(?:[\w.-]+:)?(?:front|body|back|article-meta)[\s>]")
_DOCTYPE = re.compile(rb"<!doctype\s+(?!html\b)", re.IGNORECASE)
_MAX_FRONT = 1_000_000


def xml_reader(data: bytes, hint: str) -> str | None:
    """The reader of an XML file that is no web page; None for everything else.

    Args:
        data: the file's bytes.
        hint: what Pincite reads, for the refusal.

    Raises:
        Unreadable: an XML file of a kind that no reader is for.
    """
    root = (root_of(data) or "").lower()
    start = data[:200].replace(b"\0", b"").removeprefix(b"\xef\xbb\xbf").lstrip()
    declared = start.startswith((b"<?xml", b"\xff\xfe<?xml", b"\xfe\xff<?xml"))
    declared = declared or bool(_DOCTYPE.match(start))
    if root == "article" and not declared:
        # A part of a web page may be called so too.
        return "jats" if _JATS_PART.search(data[:_MAX_FRONT].replace(b"\0", b"")) else None
    if root in _READERS:
        return _READERS[root]
    if root in _OTHER or (declared and root != "html"):
        raise Unreadable(f"is an XML file of another kind ({root or 'without a root'})", hint)
    return None
