"""What decides between sentences: the network's logits beside rank in retrieval and shared words.

A small encoder that has seen a few thousand questions misses things that counting words does not,
and the other way round; a linear combination of both ("stacking", Wolpert 1992) is better than
either.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from index.base import Hit
from qa.readers.network import PassageScores
from qa.readers.overlap_features import FEATURES as WORDS
from qa.readers.overlap_features import Features, Matrix, SentenceAt, overlap
from qa.readers.ranking import best_and_lead, passage_scores

# Those of the first reader but for the embeddings of sentences, which the network replaces.
_REPLACED = ("cosine of the sentence", "cosine relative to the best sentence")
_KEPT = [i for i, name in enumerate(WORDS) if name not in _REPLACED]
FEATURES = (
    "network: sentence",
    "network: passage",
    "network: short answer",
    *(WORDS[i] for i in _KEPT),
)
CONFIDENCE_FEATURES = (
    "best score",
    "lead over the second sentence",
    "network: best sentence",
    "network: odds of all sentences together",
    "network: best passage",
    "network: short answer of the best sentence",
    "question words in the best sentence",
    "question words in the best passage, title or section",
    "rarest question word in the best passage, title or section",
    "best cosine of a passage",
    "the kind of thing asked for is in the best sentence",
    "rarity of the rarest question word in no passage",
    "question words in some passage",
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """The sentences of a question's candidates and what speaks for each.

    Attributes:
        sentences: where they are.
        values: of shape (sentences, len(FEATURES)).
        fitting, absent, present: see ``qa.readers.overlap_features.Features``.
    """

    sentences: tuple[SentenceAt, ...]
    values: Matrix
    fitting: Matrix
    absent: float
    present: float


def gather(question: str, hits: Sequence[Hit], scores: Sequence[PassageScores]) -> Evidence:
    """Put the network's logits and the overlap of words side by side.

    Args:
        question: in full.
        hits: candidate passages, best first.
        scores: the network's, one for each hit.
    """
    return evidence_of(overlap(question, hits), dict(enumerate(scores)))


def evidence_of(words: Features, scores: Mapping[int, PassageScores]) -> Evidence:
    """The same for the sentences of those hits that the network has read.

    Args:
        words: the overlap of words, of all hits.
        scores: the network's, by the place of the hit among all.
    """
    words = words.take([n for n, at in enumerate(words.sentences) if at.hit in scores])
    if not words.sentences:
        empty = np.zeros((0, len(FEATURES)))
        return Evidence((), empty, words.fitting, words.absent, words.present)
    read = [scores[hit] for hit in dict.fromkeys(at.hit for at in words.sentences)]
    sentence = np.concatenate([s.sentences for s in read]).astype(np.float64)
    answer = np.concatenate([s.answers for s in read]).astype(np.float64)
    passage = np.array([scores[at.hit].passage for at in words.sentences])
    network = np.stack(
        [
            sentence,
            passage,
            np.maximum(answer, -15.0) / 5,
        ],
        axis=1,
    )
    values = np.concatenate([network, words.values[:, _KEPT]], axis=1)
    return Evidence(words.sentences, values, words.fitting, words.absent, words.present)


def promise(words: Features, weights: Sequence[float], passages: int) -> Matrix:
    """How promising each passage is before the network has read any, by the same weights.

    Args:
        words: the overlap of words.
        weights: of ``FEATURES``; those of the network's logits do not matter.
        passages: how many passages there are.

    Returns:
        The score of each passage's best sentence, of shape (passages,).
    """
    scores = words.values[:, _KEPT] @ np.array(weights[len(FEATURES) - len(_KEPT) :])
    return passage_scores(words.sentences, scores, passages, 0.0)


def confidence_features(found: Evidence, scores: Matrix) -> Matrix:
    """Describe how well the best sentence stands out; see ``CONFIDENCE_FEATURES``.

    Args:
        found: the evidence.
        scores: of shape (sentences,): the combined scores.

    Returns:
        Array of shape (len(CONFIDENCE_FEATURES),); zeros where there is no sentence.
    """
    if len(scores) == 0:
        return np.zeros(len(CONFIDENCE_FEATURES))
    top, lead = best_and_lead(scores)
    values = found.values

    def of(name: str) -> float:
        return float(values[top, FEATURES.index(name)])

    logits = values[:, 0]
    return np.array(
        [
            scores[top],
            lead,
            logits[top],
            np.logaddexp.reduce(logits),
            values[:, FEATURES.index("network: passage")].max(),
            of("network: short answer"),
            of("question words in the sentence"),
            of("question words in the passage, title or section"),
            of("rarest question word in the passage, title or section"),
            values[:, FEATURES.index("cosine of the passage")].max(),
            found.fitting[top],
            found.absent,
            found.present,
        ]
    )
