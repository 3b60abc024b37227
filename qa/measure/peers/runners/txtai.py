"""txtai: paragraphs by its segmentation pipeline, in an embeddings database with content."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from qa.measure.peers.protocol import Found, Peer, Words, read_paper, run


class Txtai(Peer):
    """``Embeddings`` with content stored, as in its introduction; paragraphs as in its examples.

    Variant ``hybrid`` also keeps its BM25 index and mixes both, which is one word of its settings.
    """

    packages = ("txtai", "faiss-cpu", "transformers", "torch")

    def prepare(self) -> None:
        """Load the embedder to ingest with; a saved database loads its own."""
        from txtai import Embeddings

        if self.request.step == "ask":
            self.embeddings = Embeddings()
            return
        self.embeddings = Embeddings(
            path=self.request.model,
            method="sentence-transformers",
            content=True,
            hybrid=self.request.variant == "hybrid",
        )

    def ingest(self, papers: Sequence[Path]) -> int:
        """Cut at blank lines, embed, store, save."""
        from txtai.pipeline import Segmentation

        cut = Segmentation(paragraphs=True)

        def rows() -> Iterator[tuple[str, dict[str, str], None]]:
            for path in papers:
                for number, text in enumerate(cut(read_paper(path))):
                    yield f"{path.name}#{number}", {"text": text, "name": path.name}, None

        self.embeddings.index(rows())
        self.embeddings.save(str(self.store / "index"))
        return int(self.embeddings.count())

    def open(self) -> None:
        """Load the database; it knows its model's folder."""
        self.embeddings.load(str(self.store / "index"))

    def ask(self, question: str) -> Found:
        """Search."""
        rows = self.embeddings.search(question, self.request.depth)
        return Found([Words(row["id"].rpartition("#")[0], row["text"]) for row in rows])


if __name__ == "__main__":
    run(Txtai)
