"""From judged sentences to quotes with citations, or to the reason why there are none."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, takewhile
from typing import NamedTuple

from corpus.document import Document, Span
from corpus.word_frequency import zipf
from index.base import Hit, IndexView
from index.terms import terms
from index.words import words
from qa.answer import (
    Citation,
    DocumentRef,
    Expansion,
    Marked,
    NotVerbatim,
    PageBox,
    PassageRef,
    Quote,
    Restriction,
)
from qa.citing import percent
from qa.reader import Reading, ScoredSentence
from qa.readers.overlap_features import rare_words
from qa.within import nothing_there, searched

MOST_QUOTES = 3
LEAST_SHARE = 0.2
"""A further quote must be at least this share as probable as the best one. On COVID-QA's training
papers this lowers hit@3 from 0.678 to 0.664 and the mean number of quotes from 3 to 2.4."""
OTHER_DOCUMENT = 0.75
"""A quote from a document not yet quoted is preferred down to this share of the next best one."""
LISTED = 10
"""Passages that are named with an answer at least, if so many were found. Those that were left
unread do not bear on it, but a ranking that ends where the reader stopped would be a worse one."""
NEAR_DUPLICATE = 0.75
"""Jaccard similarity of two quotes' words from which they say the same in the same words."""

TELLING = 3.4
"""Zipf frequency up to which a second missing word is named beside the first: beside a drug that
nothing mentions, that nothing says "recommended" explains nothing. "Aspirin" has 3.3."""

_ASKING = frozenset(
    terms("compare describe define differ difference explain list summarise summarize tell versus")
)
"""Words that ask, rare as they are in general English: that no passage has them means nothing."""


class Candidate(NamedTuple):
    """A sentence that may be quoted, with the passage it stands in."""

    hit: Hit
    sentence: ScoredSentence


def choose(readings: Sequence[Reading]) -> list[Candidate]:
    """Choose one to three sentences, the best first.

    Near-duplicates are merged into the better one. Where a sentence of another document is nearly
    as good as the next one, it is taken: sources that differ then stand side by side.

    Args:
        readings: judged passages, in any order.

    Returns:
        The chosen sentences; empty where there is no sentence at all.
    """
    candidates = ranked(readings)
    chosen: list[Candidate] = []
    while candidates and len(chosen) < MOST_QUOTES:
        best = _next_choice(candidates, chosen)
        if best is None or (
            chosen and best.sentence.score < LEAST_SHARE * chosen[0].sentence.score
        ):
            break
        chosen.append(best)
    return chosen


def ranked(readings: Sequence[Reading]) -> list[Candidate]:
    """All sentences, the most probable first; the order is the same for the same readings."""
    return sorted(
        (Candidate(r.hit, s) for r in readings for s in r.sentences),
        key=lambda c: (-c.sentence.score, c.hit.passage.document_id, c.sentence.span.start),
    )


def _next_choice(ranked: Sequence[Candidate], chosen: Sequence[Candidate]) -> Candidate | None:
    """The best sentence that says something new; an equally good one of a new document first."""
    # Made one by one: of hundreds of sentences a few are looked at.
    fresh = (c for c in ranked if not any(_same_words(c, other) for other in chosen))
    first = next(fresh, None)
    if first is None or not chosen:
        return first
    quoted = {c.hit.passage.document_id for c in chosen}
    least = OTHER_DOCUMENT * first.sentence.score
    near = takewhile(lambda c: c.sentence.score >= least, chain((first,), fresh))
    return next((c for c in near if c.hit.passage.document_id not in quoted), first)


def _same_words(one: Candidate, other: Candidate) -> bool:
    a = set(words(one.hit.passage.sentence_text(one.sentence.span)))
    b = set(words(other.hit.passage.sentence_text(other.sentence.span)))
    if one.hit.passage.document_id == other.hit.passage.document_id:
        low, high = one.sentence.span, other.sentence.span
        if low.start < high.end and high.start < low.end:
            return True
    # Equal but for a figure is no duplicate: it may be a conflict, and that must be seen.
    if {w for w in a if w[0].isdigit()} != {w for w in b if w[0].isdigit()}:
        return False
    return len(a & b) >= NEAR_DUPLICATE * len(a | b)


def cite(
    view: IndexView, chosen: Sequence[Candidate]
) -> tuple[tuple[Quote, ...], tuple[Citation, ...]]:
    """Make quotes and their citations, each compared with its document.

    Raises:
        NotVerbatim: a sentence's text is not what its document holds at its address.
    """
    quotes: list[Quote] = []
    citations: list[Citation] = []
    for number, (hit, sentence) in enumerate(chosen, start=1):
        document = view.document(hit.passage.document_id)
        text = _exact(document, sentence.span, hit.passage.sentence_text(sentence.span))
        header = hit.passage.header
        quotes.append(
            Quote(
                text=text,
                citation=number,
                short_answer=_marked(document, sentence.short_answer),
                header=_marked(document, header, hit.passage.header_text),
                score=sentence.score,
            )
        )
        also = view.also(document.id)
        citations.append(_citation(document, also, hit, sentence.span, number))
    return tuple(quotes), tuple(citations)


def refer(view: IndexView, readings: Sequence[Reading]) -> tuple[PassageRef, ...]:
    """Name every passage that was read, most relevant first, and further ones up to ``LISTED``."""
    out: list[PassageRef] = []
    for reading in readings:
        if len(out) >= LISTED and not reading.read:
            break
        passage = reading.hit.passage
        document = view.document(passage.document_id)
        out.append(
            PassageRef(
                document=document.id,
                source=document.info.source,
                start=passage.start,
                end=passage.end,
                source_spans=_pairs(document, passage.start, passage.end),
                score=reading.relevance,
                read=reading.read,
            )
        )
    return tuple(out)


def expanded(hits: Sequence[Hit]) -> tuple[Expansion, ...]:
    """Say what the question's acronyms were taken to mean, and in which of the documents read."""
    documents: dict[tuple[str, str], set[str]] = {}
    for hit in hits:
        for expansion in hit.expansions:
            documents.setdefault(expansion, set()).add(hit.passage.document_id)
    return tuple(
        Expansion(asked=asked, meaning=meaning, documents=tuple(sorted(ids)))
        for (asked, meaning), ids in sorted(documents.items())
    )


def why_not(
    question: str,
    hits: Sequence[Hit],
    confidence: float,
    threshold: float,
    limited: Restriction | None = None,
    read: int | None = None,
) -> str:
    """Say in plain words why a question is not answered, and what it was limited to.

    Args:
        question: as understood.
        hits: the passages that were found.
        confidence: the probability that the best sentence answers it.
        threshold: what would be needed.
        limited: what the question was limited to.
        read: how many of the passages were read; all of them if left out.
    """
    if not question:
        return "No question was asked."
    if not hits and limited:
        return nothing_there(limited)
    if not hits:
        return "The collection holds no passage that could be read for this question."
    reason = _doubt(question, hits, confidence, threshold)
    if read is not None and read < len(hits):
        reason += f" Of the {len(hits)} passages found, the {read} most promising were read."
    return f"{reason} {searched(limited)}" if limited else reason


def _doubt(question: str, hits: Sequence[Hit], confidence: float, threshold: float) -> str:
    """Say why what was found is not taken for an answer."""
    seen = set(
        terms(" ".join(f"{h.document.title} {h.passage.section} {h.passage.text}" for h in hits))
    )
    # A passage that only has the other form of an acronym does mention it.
    said = " ".join(e.asked for e in expanded(hits) if set(terms(e.meaning)) <= seen)
    seen |= set(terms(said)) | _ASKING
    missing = [w for w in rare_words(question) if not set(terms(w)) & seen]
    probability = percent(confidence)
    if missing:
        names = " or ".join(f"“{w}”" for w in _telling(missing))
        return (
            f"None of the {len(hits)} passages found mentions {names}; the probability that the "
            f"nearest sentence answers the question is {probability}."
        )
    if threshold > 1.0:
        return (
            "So small a share of wrong answers was never reached when the reader was calibrated, "
            f"so no answer is given; the nearest sentence's probability is {probability}."
        )
    return (
        f"The probability that the nearest sentence answers the question is {probability}; "
        f"{percent(threshold)} would be needed."
    )


def _telling(missing: Sequence[str]) -> list[str]:
    """Of the missing words, rarest first, the one or two that tell what is missing."""
    first, *others = missing
    return [first, *(w for w in others[:1] if zipf(w.lower()) <= TELLING or w[1:] != w[1:].lower())]


def _citation(
    document: Document, also: tuple[str, ...], hit: Hit, span: Span, number: int
) -> Citation:
    named = DocumentRef.model_validate(document.info, from_attributes=True)
    return Citation(
        n=number,
        document=named.model_copy(update={"also": also}),
        section=hit.passage.section,
        pages=tuple(document.pages(*span)),
        start=span.start,
        end=span.end,
        source_spans=_pairs(document, *span),
        boxes=tuple(PageBox(**box._asdict()) for box in document.boxes(*span)),
    )


def _exact(document: Document, span: Span, expected: str) -> str:
    text = document.text[span.start : span.end]
    if text != expected or not text:
        raise NotVerbatim(f"{document.info.source} [{span.start}:{span.end}] is not {expected!r}")
    return text


def _marked(document: Document, span: Span | None, expected: str | None = None) -> Marked | None:
    if span is None:
        return None
    text = document.text[span.start : span.end]
    return Marked(text=_exact(document, span, expected or text), start=span.start, end=span.end)


def _pairs(document: Document, start: int, end: int) -> tuple[tuple[int, int], ...]:
    return tuple((s.start, s.end) for s in document.source_spans(start, end))
