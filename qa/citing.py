"""A citation in words: who, what, where, and how sure, as a person reads it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from qa.answer import Citation, DocumentRef, Marked, Quote
from qa.names import reading_order

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
    """Join the authors' names, given name first; beyond ``AUTHORS`` the first, with "et al."."""
    said = [reading_order(name) for name in names[:AUTHORS]]
    return ", ".join(said) if len(names) <= AUTHORS else f"{said[0]} et al."


def published(document: DocumentRef) -> str:
    """Write where a document was published: "J Hepatol 2020;12(3):233-41"; what is not known goes.

    Volume, issue and pages are only written where the journal is.
    """
    words = " ".join(str(part) for part in (document.journal, document.year) if part)
    if not document.journal or not (document.volume or document.page_range):
        return words
    issue = f"({document.issue})" if document.issue else ""
    within = f"{document.volume or ''}{issue}"
    place = f"{within}:{document.page_range}" if document.page_range else within
    return f"{words};{place}" if within else f"{words}{place}"


def reference(document: DocumentRef) -> str:
    """Write a document as a reference list would: authors, title, journal, year, DOI, PMID."""
    parts = [
        authors(document.authors),
        document.title,
        published(document),
        f"doi:{document.doi}" if document.doi else "",
        f"PMID {document.pmid}" if document.pmid else "",
    ]
    return ". ".join(part.rstrip(".") for part in parts if part) + "."


def doi_link(doi: str | None) -> str | None:
    """Give the resolver's address of a DOI; None where it does not look like one."""
    return f"https://doi.org/{doi}" if doi and _DOI.fullmatch(doi) else None


def pages(numbers: Sequence[int]) -> str:
    """Write page numbers: "p. 4", "pp. 4–5, 8"; empty where there are none."""
    if not numbers:
        return ""
    return f"{'p.' if len(numbers) == 1 else 'pp.'} {page_runs(numbers)}"


def page_runs(numbers: Sequence[int], dash: str = "–") -> str:
    """Write ascending page numbers with runs drawn together: "3–5, 8"."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(f"{run[0]}{dash}{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)


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
    return f"“{quote.text}” {_work(citation.document)} {place(citation)}."


def entry(citation: Citation) -> str:
    """Write a citation as an entry of a list of references: the work, the file, the place in it."""
    return f"{_kept(citation.document)}: {place(citation)}."


def source_entry(document: DocumentRef) -> str:
    """Write a document as an entry of a list of sources: the work and the file."""
    return f"{_kept(document)}."


def _kept(document: DocumentRef) -> str:
    also = f", also {', '.join(document.also)}" if document.also else ""
    return f"{_work(document)} In {document.source} ({document.id}){also}"


def _work(document: DocumentRef) -> str:
    digest = f" Digest of: {document.digest_of.rstrip('.')}." if document.digest_of else ""
    return reference(document) + digest
