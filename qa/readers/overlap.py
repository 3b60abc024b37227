"""The first reader: sentences ranked by embedding and lexical overlap, then calibrated.

A conditional logit (McFadden 1974) over all candidate sentences of a question ranks them; its
weights, and a logistic regression (Platt 1999) that turns the best scores into a probability, are
fitted on the training papers of COVID-QA by ``python -m qa.training.fit_overlap`` and stand in
``qa/models/overlap-1.json``.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files

import numpy as np
from pydantic import BaseModel, ConfigDict

from index.base import Hit
from index.embed import Embedder
from qa.reader import Judgement, Reader, Reading, ScoredSentence
from qa.readers.overlap_features import (
    FEATURES,
    Features,
    Matrix,
    most_promising,
    overlap,
    with_cosines,
)
from qa.readers.ranking import DIGITS, best_and_lead, logistic, passage_scores, readings

CONFIDENCE_FEATURES = (
    "best score",
    "lead over the second sentence",
    "question words in the best sentence",
    "question words in the best passage, title or section",
    "rarest question word in the best passage, title or section",
    "best cosine of a sentence",
    "best cosine of a passage",
    "the kind of thing asked for is in the best sentence",
    "rarity of the rarest question word in no passage",
    "question words in some passage",
)


class OverlapModel(BaseModel):
    """The fitted numbers of the first reader.

    ``preselection`` and ``weights`` are of ``qa.readers.overlap_features.FEATURES``: the
    first choose the sentences that are embedded, the second rank those. ``sentence`` is (slope,
    intercept) from a sentence's score to the probability that it holds the answer;
    ``confidence`` are weights of ``CONFIDENCE_FEATURES``, the last one the intercept. ``curve`` is
    (confidence, risk): among the calibration questions answered at that confidence or above, the
    share that was wrong.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    fitted_on: str
    preselection: tuple[float, ...]
    weights: tuple[float, ...]
    relevance_rank_weight: float
    sentence: tuple[float, float]
    confidence: tuple[float, ...]
    curve: tuple[tuple[float, float], ...]
    default_risk: float


@lru_cache(maxsize=1)
def shipped_model() -> OverlapModel:
    """Load the numbers that come with Pincite."""
    text = files("qa").joinpath("models", "overlap-1.json").read_text("utf-8")
    return OverlapModel.model_validate_json(text)


class OverlapReader(Reader):
    """Judges sentences by overlap with the question.

    Args:
        embedder: makes the vectors.
        model: fitted numbers; the shipped ones if left out.
    """

    def __init__(self, embedder: Embedder, model: OverlapModel | None = None) -> None:
        self._embedder = embedder
        self._model = model or shipped_model()
        if len(self._model.weights) != len(FEATURES):
            raise ValueError(f"{self._model.name} was fitted for other features")

    @property
    def name(self) -> str:
        """Name and version of the fitted model."""
        return self._model.name

    @property
    def default_risk(self) -> float:
        """The share of wrong answers that is accepted where the person names none."""
        return self._model.default_risk

    def read(self, question: str, hits: Sequence[Hit], least: float = 0.0) -> Judgement:
        """Judge every sentence of every hit; see ``Reader.read``."""
        found = most_promising(overlap(question, hits), self._model.preselection)
        found = with_cosines(found, question, hits, self._embedder)
        scores = found.values @ np.array(self._model.weights)
        evidence = confidence_features(found, scores)
        *weights, intercept = self._model.confidence
        confidence = logistic(float(evidence @ np.array(weights)) + intercept) if hits else 0.0
        return Judgement(self._readings(hits, found, scores), round(confidence, DIGITS))

    def _readings(
        self, hits: Sequence[Hit], found: Features, scores: Matrix
    ) -> tuple[Reading, ...]:
        slope, intercept = self._model.sentence
        judged: list[list[ScoredSentence]] = [[] for _ in hits]
        for at, score in zip(found.sentences, scores, strict=True):
            probability = round(logistic(slope * float(score) + intercept), DIGITS)
            judged[at.hit].append(ScoredSentence(at.span, probability))
        relevance = passage_scores(
            found.sentences, scores, len(hits), self._model.relevance_rank_weight
        )
        return readings(hits, judged, relevance)

    def threshold(self, risk: float) -> float:
        """See ``Reader.threshold``; above every confidence where the risk was never reached."""
        if risk >= 1.0:
            return 0.0
        reached = [confidence for confidence, wrong in self._model.curve if wrong <= risk]
        return min(reached, default=1.01)


def confidence_features(found: Features, scores: Matrix) -> Matrix:
    """Describe how well the best sentence stands out; see ``CONFIDENCE_FEATURES``.

    Returns:
        Array of shape (len(CONFIDENCE_FEATURES),); zeros where there is no sentence.
    """
    if len(scores) == 0:
        return np.zeros(len(CONFIDENCE_FEATURES))
    top, lead = best_and_lead(scores)
    order = np.argsort(-scores, kind="stable")
    values = found.values
    return np.array(
        [
            scores[top],
            lead,
            values[top, FEATURES.index("question words in the sentence")],
            values[top, FEATURES.index("question words in the passage, title or section")],
            values[top, FEATURES.index("rarest question word in the passage, title or section")],
            values[order[:5], FEATURES.index("cosine of the sentence")].max(),
            values[:, FEATURES.index("cosine of the passage")].max(),
            found.fitting[top],
            found.absent,
            found.present,
        ]
    )
