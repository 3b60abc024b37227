"""verbatim-rag with a dense provider: its index alone, as far as it goes without a model hub.

What picks the spans is a language model behind an API or a ModernBERT from a hub, so it picks none
here.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from qa.measure.peers.protocol import Found, Peer, Words, read_paper, run


class Verbatim(Peer):
    """``VerbatimIndex`` on ``LocalMilvusStore`` with vectors and the chunker for plain text."""

    packages = ("verbatim-rag", "milvus-lite", "pymilvus", "sentence-transformers", "torch")

    def prepare(self) -> None:
        """Load the embedder."""
        from verbatim_rag.embedding_providers import SentenceTransformersProvider

        self.dense = SentenceTransformersProvider(self.request.model, device="cpu")
        self.dense.embed_text("ready")

    def ingest(self, papers: Sequence[Path]) -> int:
        """Cut, embed, store, in bulk."""
        from verbatim_rag.schema import DocumentSchema

        self.open()
        self.index.add_documents_bulk(
            DocumentSchema(content=read_paper(path), title=path.name, source=path.name)
            for path in self.one_by_one(papers)
        )
        client = self.index.vector_store.client
        name = self.index.vector_store.collection_name
        counted = client.query(name, filter="", output_fields=["count(*)"])
        client.close()
        return int(counted[0]["count(*)"])

    def open(self) -> None:
        """Open the store."""
        from verbatim_rag.chunker_providers import SimpleChunkerProvider
        from verbatim_rag.index import VerbatimIndex
        from verbatim_rag.vector_stores import LocalMilvusStore

        store = LocalMilvusStore(
            db_path=str(self.store / "index.db"), enable_dense=True, enable_sparse=False
        )
        self.index = VerbatimIndex(
            vector_store=store, dense_provider=self.dense, chunker_provider=SimpleChunkerProvider()
        )

    def ask(self, question: str) -> Found:
        """Retrieve."""
        results = self.index.query(question, k=self.request.depth)
        return Found([Words(str(r.metadata["source"]), r.text) for r in results])


if __name__ == "__main__":
    run(Verbatim)
