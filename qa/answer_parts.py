"""Parts of the answer record that are asked for by themselves: passages, and documents."""

from __future__ import annotations

from pydantic import TypeAdapter

from index.base import PassageIndex, SourceRecord
from qa.answer import Answer, DocumentRef, PassageRef, Record

MOST = 1000
"""Documents that are listed at a time, at most."""


class FoundPassage(PassageRef):
    """A passage of an answer, with its words.

    Attributes:
        title: of its document.
        pages: that it stands on; empty where the file has none.
        text: the passage, letter for letter as the document's reading text has it.
    """

    title: str
    pages: tuple[int, ...]
    text: str


class Listing(Record):
    """Documents of a collection, by their source.

    Attributes:
        total: how many there are, also of those not listed here.
        documents: those that were asked for.
    """

    total: int
    documents: tuple[DocumentRef, ...]


PASSAGES = TypeAdapter(tuple[FoundPassage, ...])


def found_passages(index: PassageIndex, answer: Answer, limit: int) -> tuple[FoundPassage, ...]:
    """Give the passages that were found for an answer with their words.

    Args:
        index: the collection.
        answer: an answer just given.
        limit: how many, best first.

    Returns:
        The passages; those of a document that has left the collection meanwhile are missing.
    """
    out: list[FoundPassage] = []
    with index.view() as view:
        for passage in answer.passages[:limit]:
            try:
                document = view.document(passage.document)
            except KeyError:
                continue
            found = {
                **passage.model_dump(),
                "title": document.info.title,
                "pages": tuple(document.pages(passage.start, passage.end)),
                "text": document.text[passage.start : passage.end],
            }
            out.append(FoundPassage.model_validate(found))
    return tuple(out)


def listing(
    records: list[SourceRecord], words: str = "", limit: int = 100, offset: int = 0
) -> Listing:
    """List the documents that questions are answered from.

    Args:
        records: what the index knows of its sources.
        words: only documents each of these words stands in whose title, authors, journal, year or
            source; case is ignored; empty for all.
        limit: how many, at most :data:`MOST`.
        offset: how many to pass over.

    Returns:
        Each document once, by its source; copies of an article are named in ``also``.
    """
    also: dict[str, list[str]] = {}
    first: dict[str, SourceRecord] = {}
    for record in records:
        if record.document is None:
            continue
        if record.same_as is not None:
            also.setdefault(record.same_as, []).append(record.source)
        else:
            first[record.source] = record
    wanted = words.casefold().split()
    found = [
        _named(record, tuple(sorted(also.get(source, ()))))
        for source, record in sorted(first.items())
    ]
    found = [document for document in found if all(word in _said(document) for word in wanted)]
    count = max(0, min(limit, MOST))
    start = max(0, offset)
    return Listing(total=len(found), documents=tuple(found[start : start + count]))


def _named(record: SourceRecord, also: tuple[str, ...]) -> DocumentRef:
    named = DocumentRef.model_validate(record.document, from_attributes=True)
    return named.model_copy(update={"also": also})


def _said(document: DocumentRef) -> str:
    parts = (document.title, *document.authors, document.journal, document.year, document.source)
    return " ".join(str(part) for part in parts if part).casefold()
