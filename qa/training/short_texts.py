"""Groups from data sets of single paragraphs: SQuAD, QAMR and SciFact."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from corpus.sentences import sentence_spans
from qa.training.groups import Group, Offsets, Passage, mark

HARDEST = 2
"""Paragraphs of the same article that a question is given beside its own."""


def squad_groups(files: Sequence[Path]) -> Iterator[Group]:
    """SQuAD 1.1 and 2.0 (Rajpurkar et al. 2016, 2018): paragraphs of encyclopedia articles.

    A question without an answer has only its own paragraph: it was written to look answerable.
    Questions that stand in several files are taken once.
    """
    seen: set[str] = set()
    articles = [a for path in files for a in json.loads(path.read_text("utf-8"))["data"]]
    articles.sort(key=lambda a: a["title"])
    for title, parts in groupby(articles, key=lambda a: str(a["title"])):
        asked = [
            (paragraph["context"], question)
            for part in parts
            for paragraph in part["paragraphs"]
            for question in paragraph["qas"]
        ]
        contexts = list(dict.fromkeys(context for context, _ in asked))
        others = hardest([q["question"] for _, q in asked], contexts)
        for (context, question), ranked in zip(asked, others, strict=True):
            if question["id"] in seen:
                continue
            seen.add(question["id"])
            own = _paragraph(title.replace("_", " "), context, question)
            beside = [contexts[i] for i in ranked if contexts[i] != context][:HARDEST]
            passages = [own]
            if own.relevant:
                passages += [_paragraph(title.replace("_", " "), text, None) for text in beside]
            yield Group(
                origin="squad",
                key=f"squad/{title}",
                question=question["question"].strip(),
                passages=tuple(passages),
            )


def qamr_groups(files: Sequence[Path]) -> Iterator[Group]:
    """QAMR (Michael et al. 2018): many questions on single sentences of Wikipedia and news.

    Beside its own sentence a question is given another one, so that it must choose.
    """
    entries = [
        (article["title"], paragraph["context"], question)
        for path in files
        for article in json.loads(path.read_text("utf-8"))["data"]
        for paragraph in article["paragraphs"]
        for question in paragraph["qas"]
    ]
    contexts = list(dict.fromkeys(context for _, context, _ in entries))
    place = {context: i for i, context in enumerate(contexts)}
    for title, context, question in entries:
        neighbour = contexts[(place[context] + 1) % len(contexts)]
        yield Group(
            origin="qamr",
            key=f"qamr/{title}",
            question=question["question"].strip(),
            passages=(
                _paragraph("", context, question, whole=True),
                _paragraph("", neighbour, None, whole=True),
            ),
        )


def scifact_groups(claims: Path, corpus: Path) -> Iterator[Group]:
    """SciFact (Wadden et al. 2020): claims, with the sentences of abstracts that decide them."""
    documents = {
        int(entry["doc_id"]): entry
        for entry in map(json.loads, corpus.read_text("utf-8").strip().split("\n"))
    }
    entries = [json.loads(line) for line in claims.read_text("utf-8").strip().split("\n")]
    numbers = list(documents)
    texts = [" ".join([documents[n]["title"], *documents[n]["abstract"]]) for n in numbers]
    ranked = hardest([entry["claim"] for entry in entries], texts, depth=12)
    for entry, nearest in zip(entries, ranked, strict=True):
        gold: dict[int, set[int]] = {}
        for evidence in entry["evidence"]:
            gold.setdefault(int(evidence["doc_id"]), set()).update(evidence["sentences"])
        cited = set(map(int, entry["cited_doc_ids"]))
        others = [numbers[i] for i in nearest if numbers[i] not in cited | set(gold)]
        passages = [_abstract(documents[n], gold.get(n, set())) for n in [*gold, *others[:5]]]
        yield Group(
            origin="scifact",
            key=f"scifact/{min(cited, default=entry['id'])}",
            question=entry["claim"],
            passages=tuple(passages),
        )


def _abstract(document: dict[str, Any], gold: set[int]) -> Passage:
    """An abstract by its own sentences, cut after about 1,200 characters beyond the evidence."""
    text = ""
    spans: list[Offsets] = []
    for sentence in document["abstract"]:
        words = " ".join(sentence.split())
        if len(text) > 1200 and len(spans) > max(gold, default=0):
            break
        text += " " if text else ""
        spans.append((len(text), len(text) + len(words)))
        text += words
    flags = tuple(i in gold for i in range(len(spans)))
    return Passage(heading=document["title"], text=text, sentences=tuple(spans), gold=flags)


def _paragraph(
    heading: str, text: str, question: dict[str, Any] | None, *, whole: bool = False
) -> Passage:
    answer: Offsets | None = None
    if question and question["answers"] and not question.get("is_impossible"):
        # The shortest of the annotators' answers is the most to the point.
        shortest = min(question["answers"], key=lambda a: (len(a["text"]), a["answer_start"]))
        answer = (shortest["answer_start"], shortest["answer_start"] + len(shortest["text"]))
    spans: list[Offsets] = (
        [(0, len(text))]
        if whole
        else [(s.start, s.end) for s in sentence_spans(text, 0, len(text))]
    )
    return mark(heading, text, spans, [answer] if answer else [], answer)


def hardest(questions: Sequence[str], texts: Sequence[str], depth: int = 4) -> list[list[int]]:
    """For each question, the texts most alike by tf-idf, the likeliest first."""
    vectorizer = TfidfVectorizer(sublinear_tf=True, stop_words="english", ngram_range=(1, 2))
    columns = vectorizer.fit_transform(texts).T.tocsr()
    ranked: list[list[int]] = []
    for start in range(0, len(questions), 512):
        scores = (vectorizer.transform(questions[start : start + 512]) @ columns).toarray()
        ranked += np.argsort(-scores, axis=1, kind="stable")[:, :depth].tolist()
    return ranked
