"""What the first reader looks at: how a sentence, and what surrounds it, matches a question.

Each sentence of each candidate passage gets one row of features, all of the order of 1. Words are
compared as stems and weigh by their rarity in general English, so that "sorafenib" counts and
"patients" hardly does. Overlap is cheap and comes first; only the sentences with the most of it
are embedded.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from corpus.document import BlockKind, Passage, Span
from corpus.word_frequency import zipf
from index.base import Hit
from index.embed import Embedder
from index.terms import terms
from index.words import words

Matrix = npt.NDArray[np.float64]

FEATURES = (
    "cosine of the sentence",
    "cosine of the passage",
    "question words in the sentence",
    "question words in the sentence or beside it",
    "question words in the passage, title or section",
    "pairs of question words in the sentence",
    "rarest question word in the sentence",
    "rarest question word in the passage, title or section",
    "question's numbers in the sentence",
    "reciprocal rank of the passage",
    "BM25 relative to the best passage",
    "cosine relative to the best sentence",
    "a number where one is asked for",
    "a name where one is asked for",
    "a reason where one is asked for",
    "a year or date where one is asked for",
    "a dose where one is asked for",
    "a share where one is asked for",
    "table row",
    "table row where a number is asked for",
    "log of the sentence's length",
    "very short",
    "is itself a question",
    "refers to a figure, table or paper",
)

_COSINE = FEATURES.index("cosine of the sentence")
_LEAD = FEATURES.index("cosine relative to the best sentence")

KEPT = 24
"""Sentences of a question that are embedded. Among the 105 that 20 passages of COVID-QA's training
papers hold on average, embedding these finds the gold as often as embedding all."""

_STOP = frozenset(
    """a an the of in on at to for from by with as and or but not no is are was were be been being
    do does did has have had can could may might will would should shall must there this that these
    those it its they their them he she his her we our you your i me my what which who whom whose
    when where why how than then also about into any some""".split()
)
_CITATION = re.compile(r"\[[\d,;\s–-]+\]|\([\w\s.&]+,? \d{4}[a-z]?\)|\bet al\.?,? \d{4}")
_NUMBER = re.compile(r"\d")
_NAME = re.compile(r"\bet al\b|\b[A-Z][a-z]+ (?:and|&) [A-Z][a-z]+\b|(?<=[\w,;] )[A-Z][a-z]{2,}")
_REASON = re.compile(
    r"\b(?:because|due to|owing to|since|as a result|therefore|thus|caused? by|attribut\w+|"
    r"explain\w*|"
    r"leads? to|led to|in order to|so that|reason|result(?:s|ed|ing) (?:in|from))\b",
    re.IGNORECASE,
)
_ASKS_NUMBER = re.compile(
    r"\bhow (?:many|much|long|often|large|high|big|old|common|far)\b|"
    r"\b(?:percent\w*|rates?|dos(?:e|es|age)|"
    r"median|mean|average|duration|ratio|p[ -]value|proportion|incidence|prevalence|number of|"
    r"survival|when|what year|date|age|size|score|cost|frequency|share|fraction|days?|weeks?|"
    r"months?|years?|hours?)\b",
    re.IGNORECASE,
)
_ASKS_NAME = re.compile(
    r"\b(?:who|whom|whose|which (?:group|author|researcher|investigator)s?)\b", re.I
)
_ASKS_REASON = re.compile(
    r"\b(?:why|reasons?|causes?|explains?|how come|what makes)\b", re.IGNORECASE
)
_ASKS_TIME = re.compile(r"\b(?:when|(?:what|which) (?:year|date|month|decade)|how recent)\b", re.I)
_TIME = re.compile(r"\b(?:1[89]|20)\d\ds?\b")
_ASKS_DOSE = re.compile(
    r"\b(?:dos(?:e|es|age)|how much (?:of the )?(?:drug|medicine))\b", re.IGNORECASE
)
_DOSE = re.compile(r"\d\s?(?:m?g|µg|mcg|m?IU|units?|m[lL]|Gy|mmol|mol)\b|\b(?:twice|once|daily)\b")
_ASKS_SHARE = re.compile(
    r"\b(?:percent\w*|proportion|share|fraction|\w+ rates?|how common)\b", re.I
)
_SHARE = re.compile(r"\d\s?%|\bper ?cent\b|\b(?:half|third|quarter|majority)\b|\|", re.IGNORECASE)
_KINDS = (
    (_ASKS_NUMBER, _NUMBER),
    (_ASKS_NAME, _NAME),
    (_ASKS_REASON, _REASON),
    (_ASKS_TIME, _TIME),
    (_ASKS_DOSE, _DOSE),
    (_ASKS_SHARE, _SHARE),
)
"""What a question can ask for, and how a sentence that holds such a thing looks."""
# A figure by itself: not the 19 of "COVID-19", nor the 5 of "5-FU".
_FIGURE = re.compile(r"(?<![\w.-])\d+(?:[.,]\d+)*(?![\w-]|[.,]\d)")
_POINTER = re.compile(r"\b(?:Fig(?:ure|s)?\.?|Tables?|see|reviewed in|data not shown|S\d+)\b")
_SHORTEST = 25


class SentenceAt(NamedTuple):
    """A sentence of a hit: ``hit`` is the hit's place in the list, ``span`` in the document."""

    hit: int
    span: Span


@dataclass(frozen=True, slots=True)
class Features:
    """The sentences of a question's candidates and their features.

    Attributes:
        sentences: where they are.
        values: of shape (sentences, len(FEATURES)).
        fitting: of shape (sentences,): whether a sentence holds the kind of thing that is asked for
            (a number, a year, a dose, a share, a name), as far as the question tells.
        absent: rarity of the rarest question word that stands in no candidate at all, in [0, 1].
        present: weighted share, in [0, 1], of the question's words that stand in some candidate.
    """

    sentences: tuple[SentenceAt, ...]
    values: Matrix
    fitting: Matrix
    absent: float
    present: float

    def take(self, rows: Sequence[int]) -> Features:
        """Keep only some of the sentences, in the order given."""
        return replace(
            self,
            sentences=tuple(self.sentences[i] for i in rows),
            values=self.values[rows],
            fitting=self.fitting[rows],
        )


@dataclass(frozen=True, slots=True)
class _Question:
    """A question's words as needed for matching."""

    weights: dict[str, float]
    rarest: str | None
    pairs: frozenset[tuple[str, str]]
    numbers: frozenset[str]
    asks: tuple[bool, ...]


def overlap(question: str, hits: Sequence[Hit]) -> Features:
    """Describe every sentence of every hit, but for the cosines of sentences, which are left 0.

    Args:
        question: in full.
        hits: candidate passages, best first.
    """
    asked = _question(question)
    sentences = [SentenceAt(i, s) for i, hit in enumerate(hits) for s in hit.passage.sentences]
    texts = [read_as(hits[at.hit].passage, at.span) for at in sentences]
    stems = [terms(text) for text in texts]
    around = [_surroundings(hit) for hit in hits]
    best_bm25 = max((hit.bm25 for hit in hits), default=0.0) or 1.0
    rows: list[list[float]] = []
    fitting: list[float] = []
    for n, at in enumerate(sentences):
        hit, own = hits[at.hit], set(stems[n])
        neighbours = [
            m for m in (n - 1, n + 1) if 0 <= m < len(stems) and sentences[m].hit == at.hit
        ]
        beside = own.union(*(stems[m] for m in neighbours))
        cues = _cues(asked, hit, texts[n])
        fitting.append(float(cues[: len(_KINDS)] == [float(a) for a in asked.asks]))
        rows.append(
            [
                0.0,
                hit.cosine,
                _share(asked, own),
                _share(asked, beside),
                _share(asked, around[at.hit] | own),
                _pair_share(asked, stems[n]),
                float(asked.rarest in own) if asked.rarest else 0.0,
                float(asked.rarest in around[at.hit] | own) if asked.rarest else 0.0,
                len(asked.numbers & own) / len(asked.numbers) if asked.numbers else 0.0,
                1.0 / (1 + at.hit),
                hit.bm25 / best_bm25,
                0.0,
                *cues,
            ]
        )
    anywhere = set().union(*around) if around else set()
    missing = [weight for stem, weight in asked.weights.items() if stem not in anywhere]
    return Features(
        sentences=tuple(sentences),
        values=np.array(rows, dtype=np.float64).reshape(len(rows), len(FEATURES)),
        fitting=np.array(fitting, dtype=np.float64),
        absent=max(missing, default=0.0) / 8,
        present=_share(asked, anywhere),
    )


def most_promising(found: Features, weights: Sequence[float]) -> Features:
    """Keep the ``KEPT`` sentences with the most overlap: only these are embedded.

    Args:
        found: from ``overlap``.
        weights: of shape (len(FEATURES),); those of cosines of sentences do not matter.

    Returns:
        The kept sentences in their old order.
    """
    scores = found.values @ np.array(weights)
    return found.take(sorted(np.argsort(-scores, kind="stable")[:KEPT].tolist()))


def with_cosines(
    found: Features, question: str, hits: Sequence[Hit], embedder: Embedder
) -> Features:
    """Fill in the cosines of the sentences with the question."""
    texts = [read_as(hits[at.hit].passage, at.span) for at in found.sentences]
    if not texts:
        return found
    cosines = embedder.embed_passages(texts) @ embedder.embed_queries([question])[0]
    values = found.values.copy()
    values[:, _COSINE] = cosines
    values[:, _LEAD] = cosines - cosines.max()
    return replace(found, values=values)


def read_as(passage: Passage, sentence: Span) -> str:
    """The words a sentence is judged by: a table row is read together with caption and header."""
    text = passage.sentence_text(sentence)
    if passage.kind is not BlockKind.TABLE_ROW:
        return text
    parts = (passage.context, passage.header_text, text)
    return " ".join(part for part in parts if part)


def rare_words(question: str) -> list[str]:
    """The words of a question that name something, rarest first: what a missing one is told by."""
    found = [w for w in dict.fromkeys(_plain(question)) if w.lower() not in _STOP]
    ranked = sorted(found, key=lambda w: -_weight(w.lower()))
    return [w for w in ranked if _weight(w.lower()) >= 2.9]


def _plain(text: str) -> list[str]:
    return re.findall(r"[^\W_]+(?:[-'’][^\W_]+)*", text)


def _question(question: str) -> _Question:
    plain = words(question)
    stems = terms(question)
    weights: dict[str, float] = {}
    kept: list[str] = []
    for word, stem in zip(plain, stems, strict=True):
        if word in _STOP:
            continue
        weights[stem] = max(weights.get(stem, 0.0), _weight(word))
        kept.append(stem)
    rarest = max(sorted(weights), key=lambda s: weights[s]) if weights else None
    return _Question(
        weights=weights,
        rarest=rarest,
        pairs=frozenset(pairwise(kept)),
        numbers=frozenset(n for n in terms(" ".join(_FIGURE.findall(question))) if n in weights),
        asks=tuple(bool(asks.search(question)) for asks, _ in _KINDS),
    )


def _weight(word: str) -> float:
    """Rarity of a word: 8 less its Zipf frequency in general English."""
    if any(c.isdigit() for c in word):
        return 5.0
    return max(0.5, 8.0 - zipf(word))


def _surroundings(hit: Hit) -> set[str]:
    parts = (hit.document.title, hit.passage.section, hit.passage.context, hit.passage.text)
    return set(terms(" ".join(part for part in parts if part)))


def _share(asked: _Question, found: set[str]) -> float:
    total = sum(asked.weights.values())
    return sum(w for s, w in asked.weights.items() if s in found) / total if total else 0.0


def _pair_share(asked: _Question, stems: Sequence[str]) -> float:
    if not asked.pairs:
        return 0.0
    kept = [s for s in stems if s not in _STOP]
    return len(asked.pairs & set(pairwise(kept))) / len(asked.pairs)


def _cues(asked: _Question, hit: Hit, text: str) -> list[float]:
    bare = _CITATION.sub(" ", text)
    row = hit.passage.kind is BlockKind.TABLE_ROW
    return [
        *(
            float(wanted and bool(holds.search(bare)))
            for wanted, (_, holds) in zip(asked.asks, _KINDS, strict=True)
        ),
        float(row),
        float(row and asked.asks[0]),
        float(np.log1p(len(text)) / 5),
        float(len(text) < _SHORTEST),
        float(text.rstrip().endswith("?")),
        float(bool(_POINTER.search(text))),
    ]
