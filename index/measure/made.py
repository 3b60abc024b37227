"""Large collections for measurement, made from real passages and their vectors.

Embedding a million passages takes hours. So a smaller number of real passages is embedded, and more
are made of them, each in the likeness of one:

- its words: as many sentences as the real passage has, each its own (two in five, and where the
  passage would become longer than the real one) or one of its eight nearest neighbours' from other
  articles. So words occur about as often, and together, as in papers.
- its vector: the mean of the vectors that the sentences come from, plus a sum of sixteen real
  vectors taken by chance with signs by chance, times one number for all. That number is set so that
  the median cosine of a made passage with its nearest real one is the median of real passages with
  the nearest one of another article.

What is made has an article's shape (title, sections, passages in order) and goes through the store
as any article does. The same sample and seed give the same collection.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from corpus.document import Block, BlockKind, Document, DocumentInfo, Passage, SourceMap, Span
from index.base import Vectors
from index.schema import STORE_NAME
from index.snapshot import Snapshot, StoredPassage

NEIGHBOURS = 8
OWN_SHARE = 0.4
TERMS = 16
LONGER = 100
"""Characters by which a made passage may be longer than the real one."""
PROBE = 400
"""Made passages by which the spread is set."""


class Made(NamedTuple):
    """A made article with its passages and their vectors."""

    document: Document
    passages: list[Passage]
    vectors: Vectors


class Sample:
    """Real passages of an index, with their vectors.

    Args:
        folder: an index that holds real articles.
        most: how many passages to take at most.
    """

    def __init__(self, folder: Path, most: int = 1_000_000) -> None:
        with Snapshot(folder / STORE_NAME) as snapshot:
            rows = np.concatenate([r for r, _ in snapshot.vectors(0, snapshot.generation)])[:most]
            self.passages: list[StoredPassage] = []
            for start in range(0, len(rows), 4096):
                self.passages += snapshot.passages(rows[start : start + 4096].tolist())
        vectors = np.stack([one.vector for one in self.passages]).astype(np.float32)
        self.vectors: Vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        names = [one.document.id for one in self.passages]
        _, self.articles = np.unique(names, return_inverse=True)
        self.neighbours, self.nearest = self._neighbours()
        self.sentences = [_sentences(one) for one in self.passages]

    def __len__(self) -> int:
        """How many passages there are."""
        return len(self.passages)

    def _neighbours(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
        """Each passage's nearest ones of other articles, and the cosine of the first."""
        found, nearest = [], []
        for start in range(0, len(self), 1024):
            block = slice(start, start + 1024)
            scores = self.vectors[block] @ self.vectors.T
            scores[self.articles[block, None] == self.articles[None, :]] = -2.0
            best = np.argsort(-scores, axis=1, kind="stable")[:, :NEIGHBOURS]
            found.append(best)
            nearest.append(np.take_along_axis(scores, best[:, :1], axis=1)[:, 0])
        return np.concatenate(found), np.concatenate(nearest)


class Maker:
    """Makes articles in the likeness of a sample's.

    Args:
        sample: real passages.
        seed: equal seeds give equal articles.
    """

    def __init__(self, sample: Sample, seed: int = 1) -> None:
        self.sample = sample
        self._seed = seed
        self._of_article = [
            np.flatnonzero(sample.articles == n) for n in range(int(sample.articles.max()) + 1)
        ]
        self.spread = self._calibrated()

    def article(self, number: int) -> Made:
        """The article of this number, in the likeness of one of the sample's, by turns."""
        dice = np.random.default_rng([self._seed, number])
        like = self._of_article[number % len(self._of_article)]
        texts, vectors = self._likenesses(like, self.spread, dice)
        real = [self.sample.passages[int(one)] for one in like]
        document, passages = _article(number, real, texts, 1990 + int(dice.integers(0, 34)))
        return Made(document, passages, vectors)

    def articles(self, first: int = 0) -> Iterator[Made]:
        """Articles without end, from this number on."""
        while True:
            yield self.article(first)
            first += 1

    def nearest_cosine(self, spread: float) -> float:
        """Median cosine of made passages with the nearest of the sample."""
        dice = np.random.default_rng([self._seed, 0x5EED])
        chosen = dice.integers(0, len(self.sample), PROBE)
        _, made = self._likenesses(chosen, spread, dice)
        return float(np.median((made @ self.sample.vectors.T).max(axis=1)))

    def _calibrated(self) -> float:
        """The spread at which made passages lie as near to real ones as these to each other."""
        wanted = float(np.median(self.sample.nearest))
        low, high = 0.0, 4.0
        for _ in range(12):
            middle = (low + high) / 2
            if self.nearest_cosine(middle) > wanted:
                low = middle
            else:
                high = middle
        return (low + high) / 2

    def _likenesses(
        self, like: npt.NDArray[np.int64], spread: float, dice: np.random.Generator
    ) -> tuple[list[list[str]], Vectors]:
        """The sentences and vectors of passages, each made in the likeness of one."""
        texts, means = [], []
        for one in like.tolist():
            sentences, parents = self._mixed(one, dice)
            texts.append(sentences)
            means.append(self.sample.vectors[parents].mean(axis=0))
        vectors = _unit(np.stack(means))
        chosen = dice.integers(0, len(self.sample), (len(like), TERMS))
        signs = dice.choice(np.array([-1.0, 1.0], dtype=np.float32), (len(like), TERMS, 1))
        noise = (self.sample.vectors[chosen] * signs).sum(axis=1) / np.float32(np.sqrt(TERMS))
        return texts, _unit(vectors + np.float32(spread) * noise)

    def _mixed(self, like: int, dice: np.random.Generator) -> tuple[list[str], list[int]]:
        """Sentences in the place of a passage's, and the passages that they are from."""
        sample = self.sample
        own = sample.sentences[like]
        draws = dice.random((len(own), 3))
        sentences, parents = [], []
        left = LONGER
        for mine, (stays, which, where) in zip(own, draws.tolist(), strict=True):
            parent, sentence = like, mine
            if stays >= OWN_SHARE:
                other = int(sample.neighbours[like, int(which * NEIGHBOURS)])
                given = sample.sentences[other]
                theirs = given[int(where * len(given))]
                if len(theirs) <= len(mine) + left:
                    parent, sentence = other, theirs
            left += len(mine) - len(sentence)
            sentences.append(sentence)
            parents.append(parent)
        return sentences, parents


def _unit(vectors: Vectors) -> Vectors:
    unit: Vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit.astype(np.float32)


def _sentences(stored: StoredPassage) -> list[str]:
    passage = stored.passage
    spans = passage.sentences or (Span(passage.start, passage.end),)
    return [passage.text[s.start - passage.start : s.end - passage.start] for s in spans]


def _article(
    number: int, real: list[StoredPassage], texts: list[list[str]], year: int
) -> tuple[Document, list[Passage]]:
    """A document of these sentences, with the real ones' title and sections, and its passages."""
    whole = "\n\n".join(" ".join(sentences) for sentences in texts)
    digest = hashlib.sha256(f"{number}\n{whole}".encode()).hexdigest()[:16]
    info = DocumentInfo(
        id=digest, source=f"made/{number:07d}.txt", title=real[0].document.title, year=year
    )
    blocks, passages, start = [], [], 0
    for like, sentences in zip(real, texts, strict=True):
        spans, at = [], start
        for sentence in sentences:
            spans.append(Span(at, at + len(sentence)))
            at += len(sentence) + 1
        end = spans[-1].end
        section = like.passage.section
        blocks.append(Block(start, end, BlockKind.PARAGRAPH, section=section))
        text = " ".join(sentences)
        passages.append(Passage(info.id, start, end, text, section=section, sentences=tuple(spans)))
        start = end + 2
    run = np.array([0], dtype=np.int32), np.array([len(whole)], dtype=np.int32)
    return Document(info, whole, tuple(blocks), SourceMap(*run, *run)), passages
