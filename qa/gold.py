"""Gold evidence: which passages and quotes of an answer stand where the question set says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import PurePosixPath

from corpus.document import Span
from index.base import SourceRecord
from qa.answer import Answer
from qa.export import TextOf
from qa.question_set import Evidence

# People retype these when they write down a gold quote.
_TYPED = str.maketrans("‐‑‒–—−‘’“”", "------''\"\"")


class Gold:
    """Finds the places that the evidence of a question set names.

    Exact places (``start`` and ``end``) are compared with source spans. A quote without a place
    is looked up in the reading text, without regard to white space, borders of cells, dashes and
    quotation marks: the one search in Pincite, made to judge answers and never to give them.
    """

    def __init__(self, sources: Iterable[SourceRecord], text_of: TextOf) -> None:
        self._names: dict[str, str] = {}
        for record in sources:
            if record.document is not None:
                self._names[record.path] = self._names[record.source] = record.document.id
        self._ids = frozenset(self._names.values())
        self._text_of = text_of
        self._documents = lru_cache(maxsize=4096)(self._find_documents)
        self._places = lru_cache(maxsize=4096)(self._find_places)
        self._dense = lru_cache(maxsize=64)(self._without_spaces)

    def documents(self, source: str) -> frozenset[str]:
        """The ids of the documents that ``source`` names.

        By the same path; failing that, by the longest common end of the paths, down to the file
        name.
        """
        return self._documents(source)

    def _find_documents(self, source: str) -> frozenset[str]:
        wanted = _parts(source)
        best = 0
        ids: set[str] = set()
        for name, document_id in self._names.items():
            have = _parts(name)
            common = 0
            while common < min(len(wanted), len(have)) and wanted[-1 - common] == have[-1 - common]:
                common += 1
            if common == len(wanted) == len(have):
                common += 1
            if common > best:
                best, ids = common, set()
            if common and common == best:
                ids.add(document_id)
        return frozenset(ids)

    def missing(self, evidence: Evidence) -> str | None:
        """Why the evidence cannot be found, as a clause; None where it can."""
        ids = self.documents(evidence.source)
        if not ids:
            return f"{evidence.source} is not in the index"
        if not evidence.quote or evidence.start is not None:
            return None
        if not any(self._places(document_id, evidence.quote) for document_id in ids):
            return f"{evidence.source} does not contain its quote"
        return None

    def knows(self, answer: Answer) -> bool:
        """Whether every document that was read for an answer is in the collection, unchanged."""
        return {passage.document for passage in answer.passages} <= self._ids

    def place(self, evidence: Evidence) -> tuple[str, Span] | None:
        """Where the evidence's quote stands: a document's id, and the first place in its text.

        None where it is not there, or where the evidence names its place in the source alone.
        """
        for document_id in sorted(self.documents(evidence.source)):
            for span in self._places(document_id, evidence.quote):
                return document_id, span
        return None

    def overlaps(
        self,
        evidence: Evidence,
        document_id: str,
        span: Span,
        source_spans: Sequence[tuple[int, int]],
    ) -> bool:
        """Whether the words at ``span`` of a document share a character with the evidence."""
        if document_id not in self.documents(evidence.source):
            return False
        if evidence.start is not None and evidence.end is not None and source_spans:
            start, end = evidence.start, evidence.end
            return any(low < end and start < high for low, high in source_spans)
        if not evidence.quote:
            return False
        places = self._places(document_id, evidence.quote)
        return any(place.start < span.end and span.start < place.end for place in places)

    def _find_places(self, document_id: str, quote: str) -> tuple[Span, ...]:
        """Every occurrence of a quote in a document's reading text."""
        wanted = "".join(c for c in quote.translate(_TYPED) if not _passed_over(c))
        if not wanted:
            return ()
        text, offsets = self._dense(document_id)
        places = []
        at = text.find(wanted)
        while at >= 0:
            places.append(Span(offsets[at], offsets[at + len(wanted) - 1] + 1))
            at = text.find(wanted, at + 1)
        return tuple(places)

    def _without_spaces(self, document_id: str) -> tuple[str, list[int]]:
        """A document's text without what is passed over, and where each character stood."""
        text = self._text_of(document_id).translate(_TYPED)
        offsets = [at for at, character in enumerate(text) if not _passed_over(character)]
        return "".join(text[at] for at in offsets), offsets


def _passed_over(character: str) -> bool:
    """Whether a character makes no difference: white space, and the border between two cells."""
    return character == "|" or character.isspace()


@lru_cache(maxsize=65536)
def _parts(path: str) -> tuple[str, ...]:
    return PurePosixPath(path.replace("\\", "/")).parts
