"""Documents made by hand, for the tests of the index."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from corpus.document import Block, BlockKind, Document, DocumentInfo, Passage, SourceMap, Span
from index.base import Hit, IndexView, PassageIndex
from index.embed import Embedder
from index.words import search_text

QUESTIONS = (
    "Did sorafenib prolong survival?",
    "What dose of 5FU was given?",
    "response to interferon alpha",
    "Which trial enrolled children with asthma?",
    "cirrhosis",
)

PAPERS = {
    "sorafenib": (
        "Sorafenib prolonged survival by three months in this invented trial.",
        "Diarrhoea was the most frequent side effect of sorafenib.",
    ),
    "fluorouracil": (
        "A bolus of 5-FU at 400 mg was given on day one.",
        "Patients with cirrhosis received half of that dose.",
    ),
    "interferon": ("Interferon-α shrank the tumour in 4 of 30 patients.",),
    "asthma": (
        "The trial enrolled 212 children with asthma.",
        "Budesonide was inhaled twice a day.",
        "No child died.",
    ),
    "tamoxifen": ("Tamoxifen brought no longer survival in patients with cirrhosis.",),
}


@dataclass(frozen=True)
class Paper:
    """A document with its passages, one for each sentence."""

    document: Document
    passages: list[Passage]
    sha256: str
    at: str = ""

    @property
    def path(self) -> str:
        """An absolute path for it."""
        return self.at or f"/papers/{self.document.info.source}"


def paper(
    name: str,
    *sentences: str,
    source: str | None = None,
    title: str | None = None,
    year: int | None = None,
) -> Paper:
    """A paper of these sentences; with none, the one of that name in ``PAPERS``."""
    sentences = sentences or PAPERS[name]
    text = "\n\n".join(sentences)
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    title = title or f"About {name}"
    info = DocumentInfo(id=sha256[:16], source=source or f"{name}.txt", title=title, year=year)
    blocks, passages, start = [], [], 0
    for sentence in sentences:
        end = start + len(sentence)
        blocks.append(Block(start, end, BlockKind.PARAGRAPH, section="Results"))
        spans = (Span(start, end),)
        passages.append(Passage(info.id, start, end, sentence, section="Results", sentences=spans))
        start = end + 2
    whole = np.array([0], dtype=np.int32), np.array([len(text)], dtype=np.int32)
    return Paper(Document(info, text, tuple(blocks), SourceMap(*whole, *whole)), passages, sha256)


def store(index: PassageIndex, embedder: Embedder, *papers: Paper) -> None:
    """Add papers to an index, in this order."""
    for one in papers:
        texts = [search_text(one.document.info, passage) for passage in one.passages]
        index.add(
            one.document,
            one.passages,
            embedder.embed_passages(texts),
            path=one.path,
            sha256=one.sha256,
        )


def ask(view: IndexView, k: int = 10) -> list[list[Hit]]:
    """The hits of all ``QUESTIONS``."""
    return [view.search(question, k) for question in QUESTIONS]


def answers(index: PassageIndex, k: int = 10) -> list[list[Hit]]:
    """The hits of all ``QUESTIONS`` in the newest generation."""
    with index.view() as view:
        return ask(view, k)


def write_papers(folder: Path, names: tuple[str, ...] = tuple(PAPERS)) -> None:
    """Write papers as Markdown files."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        text = f"# About {name}\n\n" + "\n\n".join(PAPERS[name]) + "\n"
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
