"""haystack-ai: split by words, embed, retrieve from memory or FAISS; its reader, where given.

Variants: ``memory``, ``faiss``, ``reader`` (FAISS and the extractive reader behind it).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from qa.measure.peers.protocol import Found, Peer, Words, read_paper, run

SIZE = 384
"""Length of a vector of all-MiniLM-L6-v2."""


class Piece(Protocol):
    """What Haystack calls a document: here one of the splitter's pieces."""

    content: str
    meta: dict[str, Any]


class Haystack(Peer):
    """An indexing pipeline and a query pipeline as in Haystack's tutorials, defaults throughout."""

    packages = (
        *("haystack-ai", "faiss-haystack", "sentence-transformers-haystack"),
        *("transformers-haystack", "sentence-transformers", "torch"),
    )

    def prepare(self) -> None:
        """Load the embedders of documents and of questions."""
        from haystack_integrations.components.embedders.sentence_transformers import (
            SentenceTransformersDocumentEmbedder,
            SentenceTransformersTextEmbedder,
        )

        kind = SentenceTransformersTextEmbedder
        if self.request.step == "ingest":
            kind = SentenceTransformersDocumentEmbedder
        self.embedder = kind(model=self.request.model, progress_bar=False)
        self.embedder.warm_up()

    def ingest(self, papers: Sequence[Path]) -> int:
        """Split into 200 words, embed, write, save."""
        from haystack import Document
        from haystack.components.preprocessors import DocumentSplitter

        texts = [Document(content=read_paper(path), meta={"name": path.name}) for path in papers]
        pieces = DocumentSplitter().run(documents=texts)["documents"]
        embedded = self.embedder.run(documents=pieces)["documents"]
        if self._in_memory:
            from haystack.document_stores.in_memory import InMemoryDocumentStore

            memory = InMemoryDocumentStore()
            memory.write_documents(embedded)
            memory.save_to_disk(str(self._file))
        else:
            from haystack_integrations.document_stores.faiss import FAISSDocumentStore

            store = FAISSDocumentStore(embedding_dim=SIZE)
            store.write_documents(embedded)
            store.save(self._file)
        return len(embedded)

    def open(self) -> None:
        """Load the saved store; the reader's model comes with the first question that needs it."""
        if self._in_memory:
            from haystack.components.retrievers.in_memory import InMemoryEmbeddingRetriever
            from haystack.document_stores.in_memory import InMemoryDocumentStore

            memory = InMemoryDocumentStore.load_from_disk(str(self._file))
            self.retriever: Any = InMemoryEmbeddingRetriever(memory, top_k=self.request.depth)
        else:
            from haystack_integrations.components.retrievers.faiss import FAISSEmbeddingRetriever
            from haystack_integrations.document_stores.faiss import FAISSDocumentStore

            store = FAISSDocumentStore(str(self._file), embedding_dim=SIZE)
            self.retriever = FAISSEmbeddingRetriever(document_store=store, top_k=self.request.depth)
        self.reader: Any = None
        if self.request.variant == "reader":
            from haystack_integrations.components.readers.transformers import (
                TransformersExtractiveReader,
            )

            self.reader = TransformersExtractiveReader(self.request.reader, no_answer=False)
            self.reader.warm_up()

    def ask(self, question: str) -> Found:
        """Embed the question, retrieve, and let the reader look at what was retrieved."""
        vector = self.embedder.run(text=question)["embedding"]
        documents = self.retriever.run(query_embedding=vector)["documents"]
        answers: list[Any] = []
        if self.reader is not None:
            answers = self.reader.run(query=question, documents=documents)["answers"]
        passages = [_words(d, 0, len(d.content)) for d in documents]
        sentences = [
            _words(a.document, a.document_offset.start, a.document_offset.end)
            for a in answers
            if a.document is not None and a.document_offset is not None
        ]
        return Found(passages, sentences)

    @property
    def _in_memory(self) -> bool:
        return self.request.variant == "memory"

    @property
    def _file(self) -> Path:
        return self.store / ("store.json" if self._in_memory else "store")


def _words(piece: Piece, start: int, end: int) -> Words:
    """Characters ``[start, end)`` of a piece, with their place in the file."""
    at = int(piece.meta["split_idx_start"])
    return Words(str(piece.meta["name"]), piece.content[start:end], ((at + start, at + end),))


if __name__ == "__main__":
    run(Haystack)
