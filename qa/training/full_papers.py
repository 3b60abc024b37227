"""Groups from collections: COVID-QA and BioASQ through the index, Evidence Inference by article.

Negatives are what the project's own retrieval brings for the question and is not marked as its
answer. Some of it will answer all the same; the sets mark one place only.
"""

from __future__ import annotations

import hashlib
import json
import re
import tarfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from corpus.document import Document
from corpus.document import Passage as Cut
from corpus.load import load_bytes
from corpus.passages import passages
from index.base import Hit, IndexView
from qa.readers.pieces import heading_of
from qa.training.bioasq import Abstract
from qa.training.groups import Group, Offsets, Passage, mark
from qa.training.overlap_examples import near_miss
from qa.training.short_texts import hardest
from qa.training.squad import Paper, PaperQuestion

DEPTH = 60
NEGATIVES = 12
TEMPLATES = (
    "What was the effect of {i} compared with {c} on {o}?",
    "How did {i} compare with {c} for {o}?",
    "Did {i} change {o} compared with {c}?",
    "Was there a difference in {o} between {i} and {c}?",
    "What happened to {o} with {i} versus {c}?",
    "Is {o} higher or lower with {i} than with {c}?",
    "What did the trial find for {o}?",
    "Does {i} have an effect on {o}?",
)
"""Questions made from Evidence Inference's prompts: intervention, comparator, outcome."""


def covid_groups(
    view: IndexView, papers: Sequence[Paper], documents: Mapping[str, Document]
) -> Iterator[Group]:
    """COVID-QA (Möller et al. 2020): questions on full papers, asked of all the papers."""
    for paper in papers:
        own = documents[paper.source]
        for question in paper.questions:
            hits = view.search(question.question, DEPTH)
            gold = [p for p in passages(own) if _evidence(own, p, question.spans)]
            yield _group(
                "covidqa",
                paper.source,
                question.question,
                [_paper_passage(own, p, question) for p in gold],
                [h for h in hits if h.passage.document_id != own.id or _same(h, gold) is None],
            )


def covid_unanswerable(
    view: IndexView, papers: Sequence[Paper], documents: Mapping[str, Document]
) -> Iterator[Group]:
    """The same questions without their paper, and near misses, a word exchanged for another's."""
    asked = [(paper, q) for paper in papers for q in paper.questions]
    for number, (paper, question) in enumerate(asked):
        own = documents[paper.source].id
        hits = [h for h in view.search(question.question, DEPTH) if h.passage.document_id != own]
        yield _group("covidqa-none", paper.source, question.question, [], hits)
        others = (q for p, q in asked[number:] + asked[:number] if p is not paper)
        foreign = next(others, question)
        missed = near_miss(question.question, foreign.question)
        if missed is not None:
            yield _group("covidqa-none", paper.source, missed, [], view.search(missed, DEPTH))


def bioasq_groups(
    view: IndexView, questions: Sequence[dict[str, Any]], pool: Mapping[str, Abstract]
) -> Iterator[Group]:
    """BioASQ 7b-10b (Tsatsaronis et al. 2015): experts' questions on abstracts."""
    documents: dict[str, Document] = {}
    for question in questions:
        words = " ".join(question["question"].split())
        relevant: list[Passage] = []
        own: set[str] = set()
        for pmid in dict.fromkeys(s["pmid"] for s in question["snippets"]):
            abstract = pool.get(pmid)
            if abstract is None:
                continue
            if pmid not in documents:
                documents[pmid] = load_bytes(abstract.text.encode(), abstract.source)
            document = documents[pmid]
            own.add(document.id)
            places = [
                place
                for snippet in question["snippets"]
                if snippet["pmid"] == pmid
                for place in abstract.places(snippet["text"])
            ]
            for cut in passages(document):
                evidence = _evidence(document, cut, places)
                if evidence:
                    relevant.append(_snippet_passage(document, cut, evidence, question))
        hits = [h for h in view.search(words, DEPTH) if h.passage.document_id not in own]
        if relevant:
            yield _group("bioasq", question["id"], words, relevant[:6], hits)


def evidence_groups(prompts: Sequence[dict[str, Any]], articles: Path) -> Iterator[Group]:
    """Evidence Inference (Lehman et al. 2019, DeYoung et al. 2020): findings of trials.

    Candidates are the passages of the prompt's own article; a prompt's template is drawn by its
    number, and every third prompt is asked by two.
    """
    by_article: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for prompt in prompts:
        by_article.setdefault(prompt["pmcid"], {}).setdefault(prompt["prompt_id"], []).append(
            prompt
        )
    for pmcid, text in trial_texts(articles, by_article):
        asked = by_article[pmcid]
        document = load_bytes(text, f"PMC{pmcid}.txt")
        cuts = passages(document)
        texts = [f"{heading_of(document.info, p)} {p.text}" for p in cuts]
        pairs = [(q, rows) for rows in asked.values() for q in templated(rows[0])]
        ranked = hardest([q for q, _ in pairs], texts, NEGATIVES + 8)
        for (words, rows), order in zip(pairs, ranked, strict=True):
            places = [(r["start"], r["end"]) for r in rows if r["offset_ok"]]
            marked = [_marked(document, p, _evidence(document, p, places)) for p in cuts]
            relevant = [m for m in marked if m.relevant]
            others = [marked[i] for i in order if not marked[i].relevant][:NEGATIVES]
            if relevant:
                yield Group(
                    origin="evidence",
                    key=f"evidence/{pmcid}",
                    question=words,
                    passages=(*relevant[:4], *others),
                )


def trial_texts(articles: Path, pmcids: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """The texts of those trials that Evidence Inference's archive holds, with their PMC ids."""
    with tarfile.open(articles) as archive:
        names = set(archive.getnames())
        for pmcid in pmcids:
            name = f"fulltext/PMC{pmcid}.txt"
            file = archive.extractfile(name) if name in names else None
            if file is not None:
                yield pmcid, file.read()


def templated(prompt: dict[str, Any]) -> list[str]:
    """One or two questions made from a prompt; which, follows from its number alone."""
    number = int(hashlib.sha256(prompt["prompt_id"].encode()).hexdigest()[:8], 16)
    parts = {
        key: re.sub(r"\s+", " ", prompt[name]).strip(" .,;")
        for key, name in (("i", "intervention"), ("c", "comparator"), ("o", "outcome"))
    }
    chosen = [number % len(TEMPLATES)]
    if number % 3 == 0:
        chosen.append((number // 8) % len(TEMPLATES))
    return [TEMPLATES[n].format(**parts) for n in dict.fromkeys(chosen)]


def _group(
    origin: str, key: str, question: str, relevant: Sequence[Passage], hits: Sequence[Hit]
) -> Group:
    others = [
        mark(heading_of(h.document, h.passage), h.passage.text, _sentences(h.passage), [])
        for h in hits[:NEGATIVES]
    ]
    return Group(
        origin=origin,
        key=f"{origin.partition('-')[0]}/{key}",
        question=question,
        passages=(*relevant, *others),
    )


def _paper_passage(document: Document, cut: Cut, question: PaperQuestion) -> Passage:
    evidence = _evidence(document, cut, question.spans)
    answer = min(evidence, key=lambda e: e[1] - e[0])
    return _marked(document, cut, evidence, answer)


def _snippet_passage(
    document: Document, cut: Cut, evidence: Sequence[Offsets], question: dict[str, Any]
) -> Passage:
    answer = None
    if question["type"] == "factoid":
        names = [n for names in question["exact_answers"] or [] for n in names]
        for name in sorted(names, key=len, reverse=True):
            for start, end in evidence:
                pattern = rf"(?<!\w){re.escape(name.strip())}(?!\w)"
                found = re.search(pattern, cut.text[start:end], re.IGNORECASE)
                if found and answer is None:
                    answer = (start + found.start(), start + found.end())
    return _marked(document, cut, evidence, answer)


def _marked(
    document: Document, cut: Cut, evidence: Sequence[Offsets], answer: Offsets | None = None
) -> Passage:
    return mark(heading_of(document.info, cut), cut.text, _sentences(cut), evidence, answer)


def _sentences(cut: Cut) -> list[Offsets]:
    return [(s.start - cut.start, s.end - cut.start) for s in cut.sentences]


def _evidence(document: Document, cut: Cut, places: Sequence[Offsets]) -> list[Offsets]:
    """The parts of a passage, in its own offsets, whose source lies within ``places``."""
    found: list[Offsets] = []
    sources = document.source_spans(cut.start, cut.end)
    if not sources:
        return found
    low, high = min(s.start for s in sources), max(s.end for s in sources)
    for start, end in places:
        if end <= low or high <= start:
            continue
        inside = [
            at
            for at in range(cut.start, cut.end)
            if any(s.start < end and start < s.end for s in document.source_spans(at, at + 1))
        ]
        if inside:
            found.append((inside[0] - cut.start, inside[-1] + 1 - cut.start))
    return found


def _same(hit: Hit, gold: Sequence[Cut]) -> Cut | None:
    return next((p for p in gold if p.start == hit.passage.start), None)


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The objects of a file, one a line."""
    return [json.loads(line) for line in path.read_text("utf-8").split("\n") if line]
