"""A dense retriever fine-tuned at the question's side, against the plain one, on COVID-QA.

    python -m qa.training.dense_adapter TRAIN.json GROUPS [--dev DEV.json]

The vectors of passages stay as they are, so nothing needs to be embedded anew and an index serves
both; the vector of a question goes through a square matrix that begins as the identity. It is
learned by telling each question's passage from all others of its collection (InfoNCE, van den Oord
et al. 2018), from questions of COVID-QA and, in one of the rows, BioASQ. What is printed for the
training papers comes from five folds by paper; dev is asked once, by a matrix learned from all of
train.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer

from corpus.load import load_bytes
from corpus.passages import PassageSize
from index.base import Vectors
from index.embed import Embedder, load_embedder
from index.words import search_text
from qa.training.groups import read_groups
from qa.training.passage_sizes import Cut, Fusion, cut_up
from qa.training.squad import Paper, PaperQuestion, read_squad

log = logging.getLogger(__name__)
CUTS = (1, 5, 10, 20)
FOLDS = 5
STEPS = 100
TEMPERATURE = 0.05
PULLS = (0.003, 0.03, 0.3)
FUSIONS = (Fusion(1, 0, 10), Fusion(0, 1, 10), Fusion(0.5, 1, 10), Fusion(1, 1, 10))


@dataclass(frozen=True, slots=True)
class Lesson:
    """Questions with the passages that answer them.

    Attributes:
        questions: float32 of shape (questions, dimensions).
        passages: float32 of shape (passages, dimensions).
        gold: bool of shape (questions, passages); at least one in each row.
    """

    questions: Vectors
    passages: Vectors
    gold: np.ndarray[tuple[int, int], np.dtype[np.bool_]]


def learn(lessons: Sequence[Lesson], pull: float, steps: int = STEPS) -> Vectors:
    """Learn the matrix that a question's vector is multiplied by.

    Args:
        lessons: collections, each question being told from all passages of its own only.
        pull: weight of the squared distance from the identity.
        steps: of Adam, over all questions at once.

    Returns:
        float32 of shape (dimensions, dimensions).
    """
    size = lessons[0].questions.shape[1]
    change = torch.zeros(size, size, requires_grad=True)
    optimizer = torch.optim.Adam([change], lr=2e-3)
    tensors = [
        (
            torch.from_numpy(one.questions),
            torch.from_numpy(one.passages),
            torch.from_numpy(one.gold),
        )
        for one in lessons
    ]
    for _ in range(steps):
        loss = pull * change.square().sum()
        for questions, passages, gold in tensors:
            moved = torch.nn.functional.normalize(questions + questions @ change, dim=1)
            scores = moved @ passages.T / TEMPERATURE
            right = torch.logsumexp(scores.masked_fill(~gold, float("-inf")), dim=1)
            loss = loss + (torch.logsumexp(scores, dim=1) - right).mean() / len(tensors)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    learned: Vectors = torch.eye(size).add(change.detach()).numpy()
    return learned


def moved(questions: Vectors, matrix: Vectors) -> Vectors:
    """Question vectors through the matrix, of unit length again; shapes as they come."""
    out = questions @ matrix
    unit: Vectors = (out / np.linalg.norm(out, axis=1, keepdims=True)).astype(np.float32)
    return unit


@dataclass(frozen=True, slots=True)
class Asked:
    """Questions on papers, and the collection that they are asked of.

    Attributes:
        cut: the passages.
        questions: of each, the id of its document and the question.
        vectors: float32 of shape (questions, dimensions).
        gold: bool of shape (questions, passages).
        lexical: of each, the rows with the highest BM25.
        fold: int64 of shape (questions,), the same for all questions of a paper.
    """

    cut: Cut
    questions: tuple[tuple[str, PaperQuestion], ...]
    vectors: Vectors
    gold: np.ndarray[tuple[int, int], np.dtype[np.bool_]]
    lexical: tuple[tuple[int, ...], ...]
    fold: np.ndarray[tuple[int], np.dtype[np.int64]]


def asked_of(
    papers: Sequence[Paper], beside: Sequence[Paper], embedder: Embedder, folder: Path
) -> Asked:
    """Cut and embed papers, and their questions.

    Args:
        papers: those whose questions are asked.
        beside: papers that are searched too.
        embedder: makes the vectors.
        folder: where the lexical index goes; must not exist.
    """
    documents = [load_bytes(p.text.encode(), p.source) for p in (*papers, *beside)]
    cut = cut_up(documents, PassageSize(), search_text, embedder, folder)
    asked = [
        (document.id, question, number)
        for number, (paper, document) in enumerate(zip(papers, documents, strict=False))
        for question in paper.questions
    ]
    own: dict[str, list[int]] = {}
    for row, passage in enumerate(cut.passages):
        own.setdefault(passage.document_id, []).append(row)
    gold = np.zeros((len(asked), len(cut.passages)), dtype=bool)
    for number, (i, q, _) in enumerate(asked):
        gold[number, [row for row in own.get(i, ()) if cut.holds(row, i, q)]] = True
    return Asked(
        cut,
        tuple((i, q) for i, q, _ in asked),
        embedder.embed_queries([q.question for _, q, _ in asked]),
        gold,
        tuple(tuple(cut.lexical_list(q.question)) for _, q, _ in asked),
        np.array([number % FOLDS for *_, number in asked], dtype=np.int64),
    )


def lesson_of(asked: Asked, chosen: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Lesson:
    """The chosen questions, those whose passage is there, as a lesson."""
    usable = chosen & asked.gold.any(axis=1)
    return Lesson(asked.vectors[usable], asked.cut.vectors, asked.gold[usable])


def group_lesson(path: Path, embedder: Embedder) -> Lesson:
    """The training groups of a file as a lesson: each question among all relevant passages."""
    questions: list[str] = []
    texts: list[str] = []
    owner: list[int] = []
    for group in read_groups(path):
        relevant = [p for p in group.passages if p.relevant]
        if group.set_aside or not relevant:
            continue
        texts += [f"{p.heading}\n{p.text}" for p in relevant[:2]]
        owner += [len(questions)] * len(relevant[:2])
        questions.append(group.question)
    gold = np.arange(len(questions))[:, None] == np.array(owner)[None, :]
    return Lesson(embedder.embed_queries(questions), embedder.embed_passages(texts), gold)


def rows(name: str, asked: Asked, vectors: Vectors) -> Iterator[str]:
    """Recall of every fusion with these question vectors, as lines of a Markdown table."""
    found: dict[Fusion, list[list[bool]]] = {fusion: [] for fusion in FUSIONS}
    for words, vector, gold in zip(asked.lexical, vectors, asked.gold, strict=True):
        lists = asked.cut.dense_list(vector), words
        for fusion, measured in found.items():
            right = [bool(gold[row]) for row in asked.cut.fused(lists, fusion)]
            measured.append([any(right[:n]) for n in CUTS])
    for fusion, measured in found.items():
        cells = " | ".join(f"{share:.3f}" for share in np.mean(measured, axis=0))
        yield f"| {name} | {fusion.name} | {len(measured)} | {cells} |"


def cross_validated(asked: Asked, others: Sequence[Lesson], pull: float) -> Vectors:
    """Each question's vector through a matrix that was learned without its paper."""
    out = asked.vectors.copy()
    for fold in range(FOLDS):
        held = asked.fold == fold
        out[held] = moved(asked.vectors[held], learn([lesson_of(asked, ~held), *others], pull))
    return out


def main(
    train: Annotated[Path, typer.Argument(help="COVID-QA train (SQuAD format).")],
    groups: Annotated[Path, typer.Argument(help="Folder that build_groups wrote.")],
    dev: Annotated[Path | None, typer.Option(help="COVID-QA dev, asked once.")] = None,
) -> None:
    """Print recall with and without the matrix as a Markdown table."""
    logging.basicConfig(level=logging.WARNING)
    torch.manual_seed(0)
    embedder = load_embedder()
    bioasq = group_lesson(groups / "bioasq.jsonl", embedder)
    papers = read_squad(train)
    typer.echo("| question vectors | fusion | questions | @" + " | @".join(map(str, CUTS)) + " |")
    typer.echo("|---|---|---|" + "---|" * len(CUTS))
    with tempfile.TemporaryDirectory() as folder:
        asked = asked_of(papers, (), embedder, Path(folder) / "train")
        everything = np.ones(len(asked.questions), dtype=bool)
        for line in rows("train: plain", asked, asked.vectors):
            typer.echo(line)
        for name, others, pull in (
            *(("COVID-QA", (), pull) for pull in PULLS),
            ("and BioASQ", (bioasq,), PULLS[-1]),
        ):
            vectors = cross_validated(asked, others, pull)
            for line in rows(f"train: {name}, pull {pull:g}", asked, vectors):
                typer.echo(line)
        if dev is None:
            return
        matrix = learn([lesson_of(asked, everything), bioasq], PULLS[-1])
        last = asked_of(read_squad(dev), papers, embedder, Path(folder) / "dev")
        for name, vectors in (
            ("dev: plain", last.vectors),
            (f"dev: and BioASQ, pull {PULLS[-1]:g}", moved(last.vectors, matrix)),
        ):
            for line in rows(name, last, vectors):
                typer.echo(line)


if __name__ == "__main__":
    typer.run(main)
