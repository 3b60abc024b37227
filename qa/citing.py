"""A citation in words: who, what, where, and how sure, as a person reads it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from qa.answer import Citation, DocumentRef, Marked, Quote

NEARLY_ALL = 0.8
"""A short answer that covers this share of its quote's characters says no more than the quote."""

AUTHORS = 3
"""Names given before "et al."."""

_DOI = re.compile(r"10\.\d{4,9}/[^\s<>\"]+")

_WORDS = (
    (0.9, "Very likely"),
    (0.7, "Likely"),
    (0.5, "More likely than not"),
    (0.25, "Doubtful"),
    (0.0, "Very doubtful"),
)


def sureness(probability: float) -> str:
    """Name a calibrated probability: "Very likely", "Likely" … "Very doubtful"."""
    return next(word for least, word in _WORDS if probability >= least)


def percent(probability: float) -> str:
    """Write a probability in whole percent, never as certainty: "under 1 %", "over 99 %"."""
    if probability < 0.01:
        return "under 1 %"
    if probability > 0.99:
        return "over 99 %"
    return f"{probability * 100:.0f} %"


def emphasis(quote: Quote) -> Marked | None:
    """Give the short answer to be emphasised; None where it is nearly the whole quote, or none."""
    short = quote.short_answer
    if short is None or len(short.text) >= NEARLY_ALL * len(quote.text):
        return None
    return short


def authors(names: Sequence[str]) -> str:
    """Join the authors' names; beyond ``AUTHORS`` only the first, with "et al."."""
    return ", ".join(names) if len(names) <= AUTHORS else f"{names[0]} et al."


def reference(document: DocumentRef) -> str:
    """Write a document as a reference list would: authors, title, journal, year, DOI or PMID."""
    published = " ".join(str(part) for part in (document.journal, document.year) if part)
    parts = [authors(document.authors), document.title, published]
    if document.doi:
        parts.append(f"doi:{document.doi}")
    elif document.pmid:
        parts.append(f"PMID {document.pmid}")
    return ". ".join(part.rstrip(".") for part in parts if part) + "."


def doi_link(doi: str | None) -> str | None:
    """Give the resolver's address of a DOI; None where it does not look like one."""
    return f"https://doi.org/{doi}" if doi and _DOI.fullmatch(doi) else None


def pages(numbers: Sequence[int]) -> str:
    """Write page numbers: "p. 4", "pp. 4–5"; empty where there are none."""
    if not numbers:
        return ""
    if len(numbers) == 1:
        return f"p. {numbers[0]}"
    return f"pp. {numbers[0]}–{numbers[-1]}"


def span(start: int, end: int) -> str:
    """Write a half-open range of the reading text: "1,204–1,377"."""
    return f"{start:,}–{end:,}"


def place(citation: Citation) -> str:
    """Write where in its document a citation points: section, pages, character range."""
    parts = [
        f"“{citation.section}”" if citation.section else "",
        pages(citation.pages),
        f"characters {span(citation.start, citation.end)}",
    ]
    return ", ".join(part for part in parts if part)


def quote_with_reference(quote: Quote, citation: Citation) -> str:
    """Write a quote as it goes into a manuscript's notes: the words, the reference, the place."""
    origin = citation.document.digest_of
    digest = f" Digest of: {origin.rstrip('.')}." if origin else ""
    return f"“{quote.text}” {reference(citation.document)}{digest} {place(citation)}."
