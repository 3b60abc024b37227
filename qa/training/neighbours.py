"""Whether the sentences around a passage help the reader: read with and without them, on COVID-QA.

    python -m qa.training.neighbours TRAIN.json

Questions of the papers that were set aside before training are asked of all papers. The network of
the reader scores the same candidates twice: as they are, and with the last sentence before and the
first one after each, which are read but not scored. What is printed is the network alone.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from corpus.document import BlockKind, Document, Passage
from corpus.passages import passages
from index.base import Hit
from index.embed import load_embedder
from index.local import LocalIndex
from qa.readers.network import Network
from qa.readers.trained import shipped_network
from qa.training.askings import CANDIDATES
from qa.training.groups import is_set_aside
from qa.training.overlap_examples import fill, passage_holds
from qa.training.squad import Paper, PaperQuestion, read_squad

CUTS = (1, 3)
Around = Mapping[tuple[str, int], tuple[Passage | None, Passage | None]]


def around_of(documents: Sequence[Document]) -> Around:
    """For each passage of running text, by document and start, the ones before and after it.

    None where that one is a table row, or stands in another section.
    """
    found: dict[tuple[str, int], tuple[Passage | None, Passage | None]] = {}
    for document in documents:
        cut = passages(document)
        for number, own in enumerate(cut):
            beside = [cut[at] if 0 <= at < len(cut) else None for at in (number - 1, number + 1)]
            before, after = (
                one
                if one is not None
                and one.kind == own.kind == BlockKind.PARAGRAPH
                and one.section == own.section
                else None
                for one in beside
            )
            found[document.id, own.start] = before, after
    return found


def widened(passage: Passage, around: Around, document: Document) -> Passage:
    """A passage with the last sentence before it and the first one after it, if any."""
    before, after = around.get((passage.document_id, passage.start), (None, None))
    first = before.sentences[-1:] if before else ()
    last = after.sentences[:1] if after else ()
    start = first[0].start if first else passage.start
    end = last[0].end if last else passage.end
    return replace(
        passage,
        start=start,
        end=end,
        text=document.text[start:end],
        sentences=(*first, *passage.sentences, *last),
    )


def found_within(
    network: Network, question: PaperQuestion, own: Document, hits: Sequence[Hit], read: list[Hit]
) -> list[bool]:
    """Whether a sentence that answers is among the first of each of ``CUTS``.

    Args:
        network: scores the sentences.
        question: the question.
        own: the document that answers it.
        hits: the candidates; only their own sentences count.
        read: the same candidates as they are read.
    """
    scored: list[tuple[float, bool]] = []
    for hit, wide, scores in zip(hits, read, network.score(question.question, read), strict=True):
        for span, score in zip(wide.passage.sentences, scores.sentences, strict=True):
            if span in hit.passage.sentences:
                single = replace(hit, passage=replace(hit.passage, start=span.start, end=span.end))
                scored.append((float(score), passage_holds(own, single, question)))
    ranked = [right for _, right in sorted(scored, key=lambda pair: -pair[0])]
    return [any(ranked[:n]) for n in CUTS]


def compared(papers: Sequence[Paper], network: Network) -> list[list[list[bool]]]:
    """For both ways of reading, and each question: found within each of ``CUTS``."""
    embedder = load_embedder()
    out: list[list[list[bool]]] = [[], []]
    with tempfile.TemporaryDirectory() as folder, LocalIndex(Path(folder), embedder) as index:
        documents = fill(index, papers, embedder)
        by_id = {document.id: document for document in documents.values()}
        around = around_of(list(documents.values()))
        with index.view() as view:
            for paper in papers:
                if not is_set_aside(f"covidqa/{paper.source}"):
                    continue
                own = documents[paper.source]
                for question in paper.questions:
                    hits = view.search(question.question, CANDIDATES)
                    wide = [
                        replace(h, passage=widened(h.passage, around, by_id[h.passage.document_id]))
                        for h in hits
                    ]
                    for way, read in enumerate((hits, wide)):
                        out[way].append(found_within(network, question, own, hits, read))
    return out


def main(train: Annotated[Path, typer.Argument(help="COVID-QA train (SQuAD format).")]) -> None:
    """Print hit@1 and hit@3 of both ways as a Markdown table."""
    logging.basicConfig(level=logging.WARNING)
    ways = compared(read_squad(train), shipped_network())
    typer.echo("| read | questions | hit@1 | hit@3 |\n|---|---|---|---|")
    for name, found in zip(("the passage", "with its neighbours"), ways, strict=True):
        cells = " | ".join(f"{share:.3f}" for share in np.mean(found, axis=0))
        typer.echo(f"| {name} | {len(found)} | {cells} |")


if __name__ == "__main__":
    typer.run(main)
