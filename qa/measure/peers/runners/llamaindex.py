"""llama-index-core: its default splitter, and a flat FAISS index as its FAISS page sets it up."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from qa.measure.peers.protocol import Found, Peer, Words, read_paper, run


class LlamaIndex(Peer):
    """``VectorStoreIndex`` over ``FaissVectorStore``, kept by ``persist``; retrieval alone."""

    packages = (
        *("llama-index-core", "llama-index-vector-stores-faiss"),
        *("llama-index-embeddings-huggingface", "faiss-cpu", "sentence-transformers", "torch"),
    )

    def prepare(self) -> None:
        """Load the embedder."""
        from llama_index.core import Settings
        from llama_index.embeddings.huggingface import HuggingFaceEmbedding

        self.model = HuggingFaceEmbedding(model_name=self.request.model, device="cpu")
        Settings.embed_model = self.model
        self.model.get_query_embedding("ready")

    def ingest(self, papers: Sequence[Path]) -> int:
        """Split into 1,024 tokens with 200 shared, embed, store, persist."""
        import faiss
        from llama_index.core import Document, StorageContext, VectorStoreIndex
        from llama_index.vector_stores.faiss import FaissVectorStore

        store = FaissVectorStore(faiss_index=faiss.IndexFlatL2(384))
        documents = [Document(text=read_paper(p), metadata={"file_name": p.name}) for p in papers]
        index = VectorStoreIndex.from_documents(
            documents, storage_context=StorageContext.from_defaults(vector_store=store)
        )
        index.storage_context.persist(persist_dir=str(self.store))
        return len(index.docstore.docs)

    def open(self) -> None:
        """Load what was persisted."""
        from llama_index.core import StorageContext, load_index_from_storage
        from llama_index.vector_stores.faiss import FaissVectorStore

        store = FaissVectorStore.from_persist_dir(str(self.store))
        context = StorageContext.from_defaults(vector_store=store, persist_dir=str(self.store))
        index = load_index_from_storage(context)
        self.retriever = index.as_retriever(similarity_top_k=self.request.depth)

    def ask(self, question: str) -> Found:
        """Retrieve."""
        return Found(
            [
                Words(
                    str(node.metadata["file_name"]),
                    node.node.text,
                    ((node.node.start_char_idx, node.node.end_char_idx),)
                    if node.node.start_char_idx is not None
                    else (),
                )
                for node in self.retriever.retrieve(question)
            ]
        )


if __name__ == "__main__":
    run(LlamaIndex)
