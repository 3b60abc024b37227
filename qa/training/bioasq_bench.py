"""BioASQ 11b by its own measures: snippets, documents, factoids.

    python -m qa.training.bioasq_bench ../shared/bench/bioasq OUT/bioasq/index [--reader overlap]

The index is made as ``qa.training.bioasq`` says. Snippets: whether one of the first n sentences of
the judgement overlaps a gold snippet. Documents: MAP@10, ranked by their best passage; average
precision is divided by min(10, gold documents), as BioASQ does since its eighth year (2020,
equation 2.8 of its evaluation measures). Factoids: strict accuracy (the first marked span is a
gold name) and lenient accuracy (one of the first five is), Tsatsaronis et al. 2015. The collection
is the pool of abstracts, not all of PubMed, so the figures are not those of the challenge's tables.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer

from corpus.document import Document, Span
from index import open_index
from index.base import IndexProblem, IndexView
from index.embed import load_embedder
from index.settings import Settings
from qa.asking import texts_of
from qa.gold import Gold
from qa.metrics import mean
from qa.question_set import Evidence, Question
from qa.reader import Judgement, Reader, ScoredSentence
from qa.readers.load import load_reader
from qa.short_answers import exact_match, normalised
from qa.training.bioasq import question_set, read_pool, read_questions
from qa.training.bootstrap import shown

MOST_DOCUMENTS = 10
MOST_NAMES = 5


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with its gold.

    Attributes:
        question: with the places of its snippets as evidence.
        documents: sources of the gold documents that are in the pool.
        names: of a factoid, every gold name; else empty.
    """

    question: Question
    documents: frozenset[str]
    names: tuple[str, ...]


class Ranked(NamedTuple):
    """A sentence of a judgement and the document it stands in."""

    document_id: str
    sentence: ScoredSentence


def read_asked(folder: Path) -> list[Asked]:
    """The dev questions (11b) whose snippets stand in the pool."""
    pool = read_pool(folder)
    entries = read_questions(folder / "dev_11b.jsonl")
    by_id = {f"bioasq-{entry['id']}": entry for entry in entries}
    asked = []
    for record in question_set(entries, pool):
        question = Question.model_validate(record)
        asked.append(Asked(question, _gold_documents(by_id[question.id], pool), question.answers))
    return asked


def _gold_documents(entry: dict[str, Any], pool: dict[str, Any]) -> frozenset[str]:
    return frozenset(pool[pmid].source for pmid in entry["gold_pmids"] if pmid in pool)


def sentences(judgement: Judgement) -> list[Ranked]:
    """All sentences, most probable first."""
    found = [
        Ranked(reading.hit.passage.document_id, sentence)
        for reading in judgement.readings
        for sentence in reading.sentences
    ]
    return sorted(found, key=lambda r: (-r.sentence.score, r.document_id, r.sentence.span.start))


def average_precision(ranked: Sequence[bool], relevant: int) -> float:
    """Average precision at ten, divided by min(10, relevant documents).

    Args:
        ranked: of each document, best first, whether it is relevant.
        relevant: how many relevant documents there are, at least 1.
    """
    found = 0
    total = 0.0
    for rank, right in enumerate(ranked[:MOST_DOCUMENTS], start=1):
        if right:
            found += 1
            total += found / rank
    return total / min(MOST_DOCUMENTS, relevant)


def first_names(ranked: Sequence[Ranked], text_of: Callable[[str], str]) -> list[str]:
    """The first marked spans that differ in more than case, punctuation and articles; five at most.

    Args:
        ranked: sentences, most probable first.
        text_of: gives a document's reading text by id.
    """
    names: dict[tuple[str, ...], str] = {}
    for document_id, sentence in ranked:
        if sentence.short_answer is not None:
            words = text_of(document_id)[slice(*sentence.short_answer)]
            names.setdefault(tuple(normalised(words)), words)
    return list(names.values())[:MOST_NAMES]


def judge(
    asked: Asked, judgement: Judgement, document: Callable[[str], Document], gold: Gold
) -> dict[str, float]:
    """The figures of one question.

    Args:
        asked: the question and its gold.
        judgement: what the reader says of its candidates.
        document: gives the documents of the candidates by id.
        gold: decides whether words overlap a snippet.
    """
    ranked = sentences(judgement)
    hits = (_on_gold(asked.question.evidence, r, document, gold) for r in ranked[:5])
    right = list(hits)
    figures = {"snippet hit@1": float(any(right[:1])), "snippet hit@5": float(any(right))}
    if asked.documents:
        ids = frozenset().union(*(gold.documents(source) for source in asked.documents))
        order = dict.fromkeys(r.hit.passage.document_id for r in judgement.readings)
        precision = average_precision([one in ids for one in order], len(asked.documents))
        figures["document MAP@10"] = precision
    if asked.names:
        found = [
            float(exact_match(words, asked.names))
            for words in first_names(ranked, lambda id: document(id).text)
        ]
        figures["factoid strict accuracy"] = max(found[:1], default=0.0)
        figures["factoid lenient accuracy"] = max(found, default=0.0)
    return figures


def _on_gold(
    snippets: Sequence[Evidence],
    ranked: Ranked,
    document: Callable[[str], Document],
    gold: Gold,
) -> bool:
    span: Span = ranked.sentence.span
    places = [(s.start, s.end) for s in document(ranked.document_id).source_spans(*span)]
    return any(gold.overlaps(snippet, ranked.document_id, span, places) for snippet in snippets)


def run(
    view: IndexView, reader: Reader, asked: Sequence[Asked], gold: Gold, candidates: int
) -> Iterator[dict[str, float]]:
    """Search, read and judge each question; give its figures."""
    for one in asked:
        hits = view.search(one.question.question, candidates)
        yield judge(one, reader.read(one.question.question, hits), view.document, gold)


def to_markdown(reader: str, figures: Sequence[dict[str, float]]) -> str:
    """The means with intervals as a Markdown table."""
    lines = [f"| BioASQ 11b | {reader} | questions |", "|---|---|---:|"]
    for name in dict.fromkeys(name for one in figures for name in one):
        found = mean([one[name] for one in figures if name in one])
        lines.append(f"| {name} | {shown(found)} | {found.n} |")
    return "\n".join(lines)


def main(
    folder: Annotated[Path, typer.Argument(help="Folder with abstracts.jsonl and dev_11b.jsonl.")],
    index: Annotated[Path, typer.Argument(help="Index of the abstracts.")],
    reader: Annotated[str, typer.Option(help="Name or path; empty for the default.")] = "",
    out: Annotated[Path | None, typer.Option("-o", help="Markdown file for the table.")] = None,
) -> None:
    """Print the figures of BioASQ's dev questions."""
    logging.basicConfig(level=logging.WARNING)
    settings = Settings()
    embedder = load_embedder(settings.embedder, index)
    try:
        judged_by = load_reader(reader, embedder)
        with open_index(index, embedder) as opened, opened.view() as view:
            gold = Gold(opened.sources(), texts_of(opened))
            asked = read_asked(folder)
            figures = list(run(view, judged_by, asked, gold, settings.candidates))
    except IndexProblem as problem:
        typer.echo(str(problem), err=True)
        raise typer.Exit(2) from None
    text = to_markdown(judged_by.name, figures)
    typer.echo(text)
    if out is not None:
        out.write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    typer.run(main)
