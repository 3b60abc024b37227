"""Answers as a report: every question with its quotes, and one numbered list of their sources.

What a report says is decided here; ``qa.report_html`` and ``qa.report_docx`` write it down.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from qa.answer import Answer, Citation, DocumentRef, Quote
from qa.bibliography import Sources
from qa.citing import percent, place, sureness
from qa.differ.say import line, study
from qa.export import TextOf, check

NEAREST = 3
"""Nearest passages named where nothing was found."""


PROMISE = (
    "Every quote stands letter for letter in its source and was compared with it when this report "
    "was written."
)


@dataclass(frozen=True, slots=True)
class Quoted:
    """A quote with its place: the number of its source in the list, and where it stands there."""

    quote: Quote
    citation: Citation
    number: int
    where: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A question and what was found for it.

    Attributes:
        number: the question's, from 1.
        answer: the answer, whose quotes were held against their documents.
        quotes: its quotes, best first; none where nothing was found.
        differs: a sentence for each difference between quotes.
    """

    number: int
    answer: Answer
    quotes: tuple[Quoted, ...]
    differs: tuple[str, ...]

    @property
    def notes(self) -> list[str]:
        """What the question was taken to mean, where that is not as it was asked."""
        answer = self.answer
        out = []
        if answer.understood_as.strip() != answer.question.strip():
            out.append(f"Understood as: {answer.understood_as}")
        if answer.meanings:
            out.append(f"Also searched: {answer.meanings}")
        return out

    @property
    def sure(self) -> str:
        """How sure the answer is, in words and in percent."""
        share = self.answer.confidence
        return f"{sureness(share)} an answer ({percent(share)})"

    @property
    def nearest(self) -> str:
        """Where the nearest passages are; empty where there are none."""
        found = [
            f"{passage.source}, characters {passage.start:,}–{passage.end:,}"
            for passage in self.answer.passages[:NEAREST]
        ]
        return f"Nearest passages, which are no answer: {'; '.join(found)}." if found else ""


@dataclass(frozen=True, slots=True)
class Report:
    """A report on a file of questions.

    Attributes:
        entries: the questions in their order.
        sources: the list of references, numbered from 1; each source stands there once.
        unanswered: a sentence for each question that could not be dealt with.
    """

    entries: tuple[Entry, ...]
    sources: tuple[DocumentRef, ...]
    unanswered: tuple[str, ...]

    @property
    def summary(self) -> str:
        """How many questions there are and how many were answered."""
        answered = sum(bool(entry.quotes) for entry in self.entries)
        total = len(self.entries)
        parts = [
            f"{total} question{'' if total == 1 else 's'}",
            f"{answered} answered",
            f"{total - answered} not found",
            f"{len(self.unanswered)} refused" if self.unanswered else "",
        ]
        return ", ".join(filter(None, parts)) + "."

    @property
    def origin(self) -> str:
        """What gave the answers: the collection and the models; empty without answers."""
        if not self.entries:
            return ""
        answer = self.entries[0].answer
        told = [f"{name} {value}" for name, value in {**answer.index, **answer.models}.items()]
        return f"Answered by Pincite from this collection and with these models: {', '.join(told)}."


def report_of(answers: Sequence[Answer], text_of: TextOf, unanswered: Sequence[str] = ()) -> Report:
    """Make a report of answers, every quote held against its document first.

    Args:
        answers: the answers in the order of the questions.
        text_of: the texts that every quote is held against.
        unanswered: a sentence for each question that could not be dealt with.

    Raises:
        NotVerbatim: a quote differs from its document.
        KeyError: ``text_of`` does not know a cited document.
    """
    sources = Sources()
    entries = []
    for number, answer in enumerate(answers, start=1):
        check(answer, text_of)
        entries.append(_entry(number, answer, sources))
    return Report(tuple(entries), tuple(sources.documents), tuple(unanswered))


def _entry(number: int, answer: Answer, sources: Sources) -> Entry:
    citations = {citation.n: citation for citation in answer.citations}
    quotes = []
    for quote in answer.quotes:
        citation = citations[quote.citation]
        n = sources.number(citation.document)
        quotes.append(Quoted(quote, citation, n, _where(citation, sources.documents[n - 1])))
    numbers = {one.citation.n: one.number for one in quotes}
    differs = tuple(f"{line(one, citations, numbers)}." for one in answer.differs)
    return Entry(number, answer, tuple(quotes), differs)


def _where(citation: Citation, listed: DocumentRef) -> str:
    """Say where a quote stands; with its file where the list names another one of its source."""
    document = citation.document
    file = "" if document.id == listed.id else f" in {document.source}"
    return f"{study(citation)}{file}: {place(citation)}"
