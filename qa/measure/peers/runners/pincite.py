"""Pincite by its own library, as ``pincite index`` and ``pincite ask --risk 1`` use it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from index import open_index
from index.embed import load_embedder
from index.ingest import ingest
from index.settings import Settings
from qa.assistant import Assistant
from qa.measure.peers.protocol import Found, Peer, Words, run


class Pincite(Peer):
    """Hybrid retrieval, the reader that comes with it, quotes; it always answers."""

    packages = ("faiss-cpu", "tantivy", "onnxruntime", "sentence-transformers", "torch")

    def prepare(self) -> None:
        """Load the embedder to ingest with; to ask, the assistant loads its models when asked."""
        self.embedder = load_embedder()
        if self.request.step == "ingest":
            self.embedder.embed_queries(["ready"])

    def ingest(self, papers: Sequence[Path]) -> int:
        """Index the folder that the papers lie in."""
        with open_index(self.store, self.embedder) as index:
            report = ingest(index, self.embedder, [Path(self.request.papers)])
            if report.failed:
                raise RuntimeError(f"{len(report.failed)} papers were refused")
            return index.stats().passages

    def open(self) -> None:
        """Open the index with the models of the default settings."""
        self.assistant = Assistant.open(self.store, Settings(risk=1.0))

    def ask(self, question: str) -> Found:
        """The passages as the reader ranks them, and the quotes: places in the files, all of it."""
        answer = self.assistant.ask(question)
        cited = {citation.n: citation for citation in answer.citations}
        return Found(
            [
                Words(Path(p.source).name, "", p.source_spans)
                for p in answer.passages[: self.request.depth]
            ],
            [
                Words(Path(c.document.source).name, quote.text, c.source_spans)
                for quote, c in ((quote, cited[quote.citation]) for quote in answer.quotes)
            ],
        )


if __name__ == "__main__":
    run(Pincite)
