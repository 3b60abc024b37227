"""A small collection and somebody who answers from it, for the tests around the main path."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self, cast

from corpus.document import Block, BlockKind, Document
from index.base import IndexStats, PassageIndex, SourceRecord, Within
from qa.answer import Answer, Citation, DocumentRef, Marked, PageBox, PassageRef, Quote
from qa.within import restriction

PAPERS = {
    "bridge.md": """# The bridge at Lindau

## Building

The bridge at Lindau was opened in 1884 by the engineer Maria Keller. It carried 40 tonnes.

## Load

| Year | Load | Checked by |
|---|---|---|
| 1884 | 40 t | Keller |
| 1921 | 55 t | Brandt & Söhne |
""",
    "ferry.md": """# The ferry

The ferry crossed the lake in 35 minutes; its * boiler * burst on 3 May 1902 [4].

Nobody was hurt when the boiler of the ferry burst.
""",
}


class Shelf:
    """The part of an index that asking and showing sources need."""

    def __init__(self, documents: dict[str, Document]) -> None:
        self.documents = documents

    def view(self) -> Self:
        """Give itself: nothing changes here."""
        return self

    def document(self, document_id: str) -> Document:
        """Give a document, or raise KeyError."""
        return self.documents[document_id]

    def sources(self) -> list[SourceRecord]:
        """List the files, as they are now."""
        return [
            SourceRecord(str(Path(info.source).resolve()), info.source, "indexed", "", info)
            for info in (document.info for document in self.documents.values())
        ]

    def stats(self) -> IndexStats:
        """Count."""
        return IndexStats(len(self.documents), 7, 0, 1, "f", "none")

    def __enter__(self) -> Self:
        """Open nothing."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close nothing."""


class Librarian:
    """Answers with the blocks that share two words with the question: a stand-in, not a model."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self.documents = {document.id: document for document in documents}
        self.asked: list[str | None] = []
        self.on_ask: Callable[[str], None] = lambda question: None

    @property
    def index(self) -> PassageIndex:
        """The shelf, as far as it goes."""
        return cast(PassageIndex, Shelf(self.documents))

    def text_of(self, document_id: str) -> str:
        """The reading text of one of the documents."""
        return self.documents[document_id].text

    def ask(
        self,
        question: str,
        history: Sequence[str] = (),
        *,
        id: str | None = None,
        risk: float | None = None,
        within: Within | None = None,
        tell: Callable[[str], None] = lambda stage: None,
    ) -> Answer:
        """Real records with true offsets; the confidence is the share of the question's words."""
        tell("Reading 2 passages")
        self.on_ask(question)
        self.asked.append(id)
        understood = " ".join([*history, question])
        allowed = within.documents if within and within.documents is not None else self.documents
        found = sorted(
            (item for item in self._found(understood) if item[1].id in allowed),
            key=lambda item: -item[0],
        )
        confidence = found[0][0] if found else 0.0
        answered = bool(found) and (risk == 1 or confidence >= 0.5)
        quotes = found[:2] if answered else []
        return Answer(
            id=id,
            question=question,
            understood_as=understood,
            within=restriction(within),
            status="answered" if answered else "not_found",
            confidence=confidence,
            quotes=tuple(
                _quote(n, share, document, block)
                for n, (share, document, block) in enumerate(quotes, start=1)
            ),
            citations=tuple(
                _citation(n, document, block) for n, (_, document, block) in enumerate(quotes, 1)
            ),
            passages=tuple(
                PassageRef(
                    document=document.id,
                    source=document.info.source,
                    start=block.start,
                    end=block.end,
                    source_spans=tuple(document.source_spans(*block.span)),
                    score=share,
                )
                for share, document, block in found
            ),
            reason=None if answered else "No passage shares enough words with the question.",
            models={"reader": "librarian"},
            index={"fingerprint": "-".join(self.documents), "generation": 1},
        )

    def _found(self, question: str) -> list[tuple[float, Document, Block]]:
        words = {word for word in re.findall(r"\w+", question.casefold()) if len(word) > 3}
        out = []
        for document in self.documents.values():
            for block in document.blocks:
                if block.kind not in {BlockKind.PARAGRAPH, BlockKind.TABLE_ROW}:
                    continue
                text = document.text[block.start : block.end].casefold()
                if block.header:
                    text += document.text[slice(*block.header)].casefold()
                share = sum(word in text for word in words) / max(1, len(words))
                if share:
                    out.append((share, document, block))
        return out


def _marked(document: Document, start: int, end: int) -> Marked:
    return Marked(text=document.text[start:end], start=start, end=end)


def _quote(n: int, share: float, document: Document, block: Block) -> Quote:
    return Quote(
        text=document.text[block.start : block.end],
        citation=n,
        short_answer=_marked(document, block.start, block.start + 4),
        header=_marked(document, *block.header) if block.header else None,
        score=share,
    )


def _citation(n: int, document: Document, block: Block) -> Citation:
    info = document.info
    return Citation(
        n=n,
        document=DocumentRef(id=info.id, title=info.title, source=info.source, year=info.year),
        section=block.section,
        pages=tuple(document.pages(*block.span)),
        start=block.start,
        end=block.end,
        source_spans=tuple(document.source_spans(*block.span)),
        boxes=tuple(PageBox(**box._asdict()) for box in document.boxes(*block.span)),
    )
