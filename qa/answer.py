"""The one answer record: what web chat, command line, batch, evaluation and API all return."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class NotVerbatim(ValueError):
    """A quote that is not, letter for letter, what its document says at its address."""


class Record(BaseModel):
    """Base of every part of an answer: immutable, and no field but the named ones."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class DocumentRef(Record):
    """The document that a citation points into.

    ``also`` are other files that hold the same article, sorted; it is answered from once.
    """

    id: str
    title: str
    source: str
    authors: tuple[str, ...] = ()
    year: int | None = None
    journal: str | None = None
    doi: str | None = None
    pmid: str | None = None
    digest_of: str | None = None
    pmcid: str | None = None
    licence: str | None = None
    volume: str | None = None
    issue: str | None = None
    page_range: str | None = None
    also: tuple[str, ...] = ()


class PageBox(Record):
    """A rectangle on a page, in points, origin top left; pages count from 1."""

    page: int
    x0: float
    y0: float
    x1: float
    y1: float


class Marked(Record):
    """Words of a document with their offsets into its reading text."""

    text: str
    start: int
    end: int


class Citation(Record):
    """A pinpoint: document, section, pages, character range.

    ``start`` and ``end`` are code points of the document's reading text; ``source_spans`` are the
    same words as characters of the decoded source file (text formats), ``boxes`` their place on
    the page (PDF).
    """

    n: int
    document: DocumentRef
    section: str | None
    pages: tuple[int, ...]
    start: int
    end: int
    source_spans: tuple[tuple[int, int], ...]
    boxes: tuple[PageBox, ...]


class Quote(Record):
    """A sentence or table row, letter for letter as in its source.

    ``citation`` is the ``n`` of its citation; ``score`` is the reader's probability that the quote
    answers the question, in [0, 1].
    """

    text: str
    citation: int
    short_answer: Marked | None = None
    header: Marked | None = None
    score: float


class PassageRef(Record):
    """A passage that was found for the question, whether or not it is quoted.

    ``read`` says whether the reader read it. Once the answer is decided the others are left unread;
    some of them come last, in the order of retrieval.
    """

    document: str
    source: str
    start: int
    end: int
    source_spans: tuple[tuple[int, int], ...]
    score: float
    read: bool = True


class Expansion(Record):
    """An acronym of the question, or its long form, and the other form it was also searched by.

    ``documents`` are the ids, sorted, of those among the passages found in which that holds.
    """

    asked: str
    meaning: str
    documents: tuple[str, ...]


class Restriction(Record):
    """What a question was limited to: years, both included, and documents.

    ``documents`` are the ids as they were chosen, sorted; null where all were. Of one that is a
    copy of another the other is searched, and cited.
    """

    documents: tuple[str, ...] | None = None
    from_year: int | None = None
    to_year: int | None = None


class Difference(Record):
    """Quotes of different documents that differ: other figures, or the opposite finding.

    ``sides`` are the numbers of their citations, ascending; no verdict is given. Each side is an
    ordinary quote of the answer.
    """

    kind: Literal["figures", "direction"]
    sides: tuple[int, ...] = Field(min_length=2)


class Answer(Record):
    """One question's answer.

    ``expansions`` are the acronyms that were also searched by their other form. ``within`` is what
    the question was limited to; where it was not, there is no such field in the JSON, as in answers
    of earlier versions. ``confidence`` is
    the calibrated probability that the quotes answer the question. ``differs``
    are the quotes among them that differ from each other. ``reason`` says in plain words why there
    is no answer (``not_found``), else null.
    """

    id: str | None = None
    question: str
    understood_as: str
    expansions: tuple[Expansion, ...] = ()
    within: Restriction | None = Field(default=None, exclude_if=lambda limited: limited is None)
    status: Literal["answered", "not_found"]
    confidence: float = Field(ge=0.0, le=1.0)
    quotes: tuple[Quote, ...]
    citations: tuple[Citation, ...]
    differs: tuple[Difference, ...] = ()
    passages: tuple[PassageRef, ...]
    reason: str | None
    models: dict[str, str]
    index: dict[str, str | int]

    @property
    def passages_read(self) -> int:
        """How many of the passages were read."""
        return sum(passage.read for passage in self.passages)

    @property
    def meanings(self) -> str:
        """The expansions in a line, "HCC = hepatocellular carcinoma"; empty without any."""
        return "; ".join(f"{one.asked} = {one.meaning}" for one in self.expansions)
