"""Questions of the set-aside papers, asked of real indexes: what the reader is calibrated on.

Five collections, so that no field's habits decide alone: COVID-QA's training papers, BioASQ's
abstracts, trials of Evidence Inference, articles of SQuAD, and short plain texts with tables. For
each question that can be answered there is one that cannot: its own document taken out, or a near
miss (SQuAD 2.0 has its own, written by people).
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from corpus.document import Document, Span
from index.base import Hit, IndexView
from index.embed import Embedder
from index.local import LocalIndex
from qa.training.bioasq import read_pool
from qa.training.full_papers import read_lines, templated, trial_texts
from qa.training.groups import is_set_aside
from qa.training.overlap_examples import fill, near_miss
from qa.training.plain_askings import plain_papers
from qa.training.squad import Paper, PaperQuestion, read_squad

CANDIDATES = 20
MOST = 150
"""Answerable questions of each collection, at most."""

Places = dict[str, list[tuple[int, int]]]
"""Gold places, as source characters, by document id."""


@dataclass(frozen=True, slots=True)
class Asking:
    """A question with its candidates.

    Attributes:
        origin: the data set.
        group: paper, article or question that never straddles a fold.
        question: what is asked.
        hits: the candidates, best first.
        gold: where the answer stands; empty where there is none.
        documents: the documents that hold gold places, for their source spans.
    """

    origin: str
    group: str
    question: str
    hits: tuple[Hit, ...]
    gold: Places
    documents: dict[str, Document]

    @property
    def answerable(self) -> bool:
        """Whether the collection holds the answer."""
        return bool(self.gold)

    def holds(self, document_id: str, span: Span) -> bool:
        """Whether the words at ``span`` share a character with a gold place."""
        if document_id not in self.gold:
            return False
        spans = self.documents[document_id].source_spans(*span)
        return any(
            low < end and start < high
            for low, high in spans
            for start, end in self.gold[document_id]
        )


def covid_askings(path: Path, embedder: Embedder) -> Iterator[Asking]:
    """COVID-QA: questions on set-aside papers, asked of all training papers."""
    yield from _paper_askings("covidqa", read_squad(path), embedder, swaps=True)


def squad_askings(files: Sequence[Path], embedder: Embedder) -> Iterator[Asking]:
    """SQuAD: questions on set-aside articles, each a document of all its paragraphs."""
    papers: list[Paper] = []
    unanswerable: dict[str, list[str]] = {}
    seen: set[str] = set()
    articles: dict[str, dict[str, list[dict[str, object]]]] = {}
    for path in files:
        for article in json.loads(path.read_text("utf-8"))["data"]:
            if is_set_aside(f"squad/{article['title']}"):
                held = articles.setdefault(article["title"], {})
                for paragraph in article["paragraphs"]:
                    held.setdefault(paragraph["context"], []).extend(paragraph["qas"])
    for title, paragraphs in articles.items():
        text = f"# {title.replace('_', ' ')}\n\n"
        questions: list[PaperQuestion] = []
        for context, asked in paragraphs.items():
            for question in asked:
                if str(question["id"]) in seen:
                    continue
                seen.add(str(question["id"]))
                words = str(question["question"]).strip()
                answers = question.get("answers")
                if question.get("is_impossible") or not isinstance(answers, list) or not answers:
                    unanswerable.setdefault(title, []).append(words)
                    continue
                spans = tuple(
                    (
                        len(text) + int(a["answer_start"]),
                        len(text) + int(a["answer_start"]) + len(a["text"]),
                    )
                    for a in answers
                )
                names = tuple(str(a["text"]) for a in answers)
                questions.append(PaperQuestion(str(question["id"]), words, names, spans))
            text += context + "\n\n"
        papers.append(Paper(f"{title}.md", text, tuple(questions)))
    yield from _paper_askings("squad", papers, embedder, swaps=False, missing=unanswerable)


def evidence_askings(folder: Path, embedder: Embedder) -> Iterator[Asking]:
    """Evidence Inference: questions from the prompts of set-aside trials, asked of those trials."""
    prompts: dict[str, dict[str, list[dict[str, object]]]] = {}
    for row in read_lines(folder / "train.jsonl"):
        if row["offset_ok"] and is_set_aside(f"evidence/{row['pmcid']}"):
            prompts.setdefault(row["pmcid"], {}).setdefault(row["prompt_id"], []).append(row)
    papers: list[Paper] = []
    for pmcid, text in trial_texts(folder / "fulltext.tar.gz", prompts):
        questions = tuple(
            PaperQuestion(
                f"{number}",
                templated(rows[0])[0],
                (),
                tuple((int(str(r["start"])), int(str(r["end"]))) for r in rows),
            )
            for number, rows in prompts[pmcid].items()
        )
        papers.append(Paper(f"PMC{pmcid}.txt", text.decode(), questions))
    yield from _paper_askings("evidence", papers, embedder, swaps=True)


def bioasq_askings(folder: Path, where: Path, embedder: Embedder) -> Iterator[Asking]:
    """BioASQ: set-aside questions of 7b-10b, asked of the abstracts of all years."""
    from corpus.load import load_bytes

    pool = read_pool(folder)
    questions = [
        q for q in read_lines(folder / "train_7b-10b.jsonl") if is_set_aside(f"bioasq/{q['id']}")
    ]
    with LocalIndex(where, embedder) as index, index.view() as view:
        for number, question in enumerate(questions[:MOST]):
            words = " ".join(question["question"].split())
            gold: Places = {}
            documents: dict[str, Document] = {}
            for snippet in question["snippets"]:
                abstract = pool.get(snippet["pmid"])
                places = abstract.places(snippet["text"]) if abstract else []
                if abstract and places:
                    document = load_bytes(abstract.text.encode(), abstract.source)
                    documents[document.id] = document
                    gold.setdefault(document.id, []).extend(places)
            if not gold:
                continue
            group = f"bioasq/{question['id']}"
            hits = tuple(view.search(words, CANDIDATES))
            yield Asking("bioasq", group, words, hits, gold, documents)
            foreign = questions[(number + 1) % len(questions)]["question"]
            missed = near_miss(words, " ".join(foreign.split()))
            if missed is not None:
                near = tuple(view.search(missed, CANDIDATES))
                yield Asking("bioasq", group, missed, near, {}, {})


def plain_askings(
    groups: Path, texts: Mapping[str, tuple[str, str]], embedder: Embedder
) -> Iterator[Asking]:
    """Plain questions on set-aside abstracts and tables, asked of both in one collection."""
    papers = list(plain_papers(groups, texts))
    yield from _paper_askings("plain", papers, embedder, swaps=True)


def _paper_askings(
    origin: str,
    papers: Sequence[Paper],
    embedder: Embedder,
    *,
    swaps: bool,
    missing: dict[str, list[str]] | None = None,
) -> Iterator[Asking]:
    """Each chosen question, and beside it one without an answer."""
    with tempfile.TemporaryDirectory() as folder, LocalIndex(Path(folder), embedder) as index:
        documents = fill(index, papers, embedder)
        with index.view() as view:
            asked = [
                (paper, question)
                for paper in papers
                if is_set_aside(f"{origin}/{paper.source.removesuffix('.md')}")
                or origin in ("evidence", "plain")  # theirs are chosen already
                for question in paper.questions
            ]
            order = np.random.default_rng(0).permutation(len(asked))[:MOST]
            for number, i in enumerate(order):
                paper, question = asked[i]
                own = documents[paper.source]
                group = f"{origin}/{paper.source}"
                hits = view.search(question.question, 3 * CANDIDATES)
                gold = {own.id: list(question.spans)}
                first = tuple(hits[:CANDIDATES])
                yield Asking(origin, group, question.question, first, gold, {own.id: own})
                foreign = asked[order[(number + 1) % len(order)]][1].question
                other = near_miss(question.question, foreign) if swaps and number % 2 else None
                written = (missing or {}).get(paper.source.removesuffix(".md"))
                if written and number % 2:
                    other = written[number % len(written)]
                yield _unanswerable(view, origin, group, question.question, other, own.id)


def _unanswerable(
    view: IndexView, origin: str, group: str, question: str, other: str | None, own: str
) -> Asking:
    """Another question that has no answer; without one, the same question without its document."""
    if other is not None:
        return Asking(origin, group, other, tuple(view.search(other, CANDIDATES)), {}, {})
    hits = [h for h in view.search(question, 3 * CANDIDATES) if h.passage.document_id != own]
    return Asking(origin, group, question, tuple(hits[:CANDIDATES]), {}, {})
