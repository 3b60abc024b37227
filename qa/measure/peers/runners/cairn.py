"""cairn-assistant: lexical retrieval over paragraphs, the answer is the best paragraph.

It reads Markdown with a head of its own, so the head is put before each paper's words; its
threshold is set as low as it goes, so that it always answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from qa.measure.peers.protocol import Found, Peer, Words, read_paper, run

LOWEST = 1e-9
"""Of the threshold, which must be above 0."""


class Cairn(Peer):
    """``cairn index`` and ``cairn ask`` by their own functions; it uses no vectors."""

    packages = ("cairn-assistant",)

    def prepare(self) -> None:
        """Nothing to load: it is the standard library alone."""
        from cairn.config import Config

        self.config = Config(
            corpus_path=str(self.store / "corpus"),
            index_path=str(self.store / "index.json"),
            threshold=LOWEST,
            candidates=self.request.depth,
        )

    def ingest(self, papers: Sequence[Path]) -> int:
        """Write the papers with their heads, index them."""
        from cairn.index import build_and_write

        corpus = Path(self.config.corpus_path)
        corpus.mkdir(parents=True, exist_ok=True)
        for path in papers:
            text = read_paper(path)
            title = next((line.strip() for line in text.splitlines() if line.strip()), path.stem)
            head = f"---\nid: p-{path.stem}\ntitle: {title}\nlang: en\n---\n"
            (corpus / f"{path.stem}.md").write_bytes((head + text).encode("utf-8"))
        return int(build_and_write(corpus, self.config.index_path).passage_count)

    def open(self) -> None:
        """Load the index; it checks that the corpus is as it was."""
        from cairn.index import read_index

        self.index = read_index(self.config.index_path, self.config.corpus_path)

    def ask(self, question: str) -> Found:
        """Ask; the candidates are its ranking, the answer is the first of them."""
        from cairn.engine import ask

        result = ask(question, self.index, self.config, lang="en")
        return Found(
            [
                Words(f"{c.passage.doc_id.removeprefix('p-')}.txt", c.passage.text)
                for c in result.answer.trace.candidates
            ]
        )


if __name__ == "__main__":
    run(Cairn)
