"""The reader that comes with Pincite: a small cross-encoder, weighed together with shared words.

Every sentence of every candidate gets a score, a linear combination of the network's logits, the
passage's place in retrieval and the words it shares with the question; a logistic regression
(Platt 1999) turns the best scores into a confidence. ``qa/models/reader-1.json`` names the
network's files and holds the fitted numbers; ``qa/training`` says how all of it was made.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import NamedTuple

import numpy as np
from pydantic import BaseModel, ConfigDict

from corpus.document import BlockKind, Span
from index.base import Hit
from qa.reader import Judgement, Reader, Reading, ScoredSentence
from qa.readers.evidence import (
    CONFIDENCE_FEATURES,
    FEATURES,
    Evidence,
    confidence_features,
    evidence_of,
    promise,
)
from qa.readers.network import Files, Network, PassageScores
from qa.readers.overlap_features import Features, Matrix, overlap
from qa.readers.ranking import DIGITS, logistic, passage_scores, readings
from qa.risk.conformal import threshold_at

NUMBERS = "reader-1.json"
"""The file of the fitted numbers, beside those of the network."""

MARKED = 12
"""Sentences, the best ones, in which the short answer is marked; more are never quoted."""

_NOT_FIRST = " ,;:.)]}%"
_NOT_LAST = " ,;:.([{"
"""What a short answer does not begin or end with."""


class Cascade(NamedTuple):
    """When to stop reading.

    Attributes:
        leads: after how many passages reading may end, ascending, and by how much the best
            sentence's score must then exceed the most that an unread passage promises.
        hopeless: the confidence up to which the others are left unread, too, where it is too little
            for an answer.
        most: how many passages are read at most.
    """

    leads: tuple[tuple[int, float], ...] = ()
    hopeless: float = -math.inf
    most: int = sys.maxsize


READ_ALL = Cascade()

USUAL = Cascade(
    leads=tuple((4 + more, 8.0 - more / 2) for more in range(10)), hopeless=0.07, most=14
)
"""Spares half of the reading; what it costs says ``qa.training.cascades``. The lead falls, as those
read late promise less and exceed it more rarely."""

RANK_WEIGHT = 2.0
"""Of a passage's reciprocal rank in retrieval beside the words that its best sentence shares with
the question, in deciding which passages are read first."""


AT_ONCE = 2
"""Passages, those that retrieval puts first, that are read while the others' words are compared."""


AHEAD = 4
"""Passages that are begun before it is known whether they are wanted, so that no core waits."""


class ReaderModel(BaseModel):
    """The fitted numbers of the reader, and the files of its network.

    Attributes:
        name: name and version.
        fitted_on: what the numbers below were fitted on, for the record.
        files: name and sha256 of encoder and heads.
        weights: of ``qa.readers.evidence.FEATURES``.
        relevance_rank_weight: of a passage's reciprocal rank beside its best sentence's score.
        sentence: slope and intercept from a sentence's score to the probability that it answers.
        confidence: weights of ``CONFIDENCE_FEATURES``, the last one the intercept.
        thresholds: (risk, least confidence), as ``qa.risk.conformal.thresholds`` makes them.
        default_risk: where the person names none.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    fitted_on: str
    files: tuple[tuple[str, str], tuple[str, str]]
    weights: tuple[float, ...]
    relevance_rank_weight: float
    sentence: tuple[float, float]
    confidence: tuple[float, ...]
    thresholds: tuple[tuple[float, float], ...]
    default_risk: float


@lru_cache(maxsize=1)
def shipped_model() -> ReaderModel:
    """Load the numbers that come with Pincite."""
    text = files("qa").joinpath("models", NUMBERS).read_text("utf-8")
    return ReaderModel.model_validate_json(text)


@lru_cache(maxsize=1)
def shipped_network() -> Network:
    """The network that comes with Pincite, its weights not yet loaded."""
    with as_file(files("qa").joinpath("models")) as folder:
        return Network(network_files(shipped_model(), folder))


def trained_reader(folder: Path) -> TrainedReader:
    """The reader of a folder that ``qa.training.calibrate_reader`` wrote.

    Its name ends in the start of its encoder's sha256.

    Raises:
        ValueError: its numbers are not those of a reader of this version.
    """
    model = ReaderModel.model_validate_json((folder / NUMBERS).read_text("utf-8"))
    model = model.model_copy(update={"name": f"{model.name}@{model.files[0][1][:12]}"})
    return TrainedReader(model, Network(network_files(model, folder)), USUAL)


def network_files(model: ReaderModel, folder: Path) -> Files:
    """Where the files of a model's network are, in a folder."""
    (encoder, encoder_sha256), (heads, heads_sha256) = model.files
    return Files(folder / encoder, encoder_sha256, folder / heads, heads_sha256)


class _Scored(NamedTuple):
    """The evidence of the passages read so far, its score by sentence, and the confidence in it."""

    found: Evidence
    combined: Matrix
    confidence: float


class TrainedReader(Reader):
    """Judges sentences by the trained network and by the words they share with the question.

    Args:
        model: fitted numbers; the shipped ones if left out.
        network: scores passages; the shipped one if left out.
        cascade: when to stop reading.
    """

    def __init__(
        self,
        model: ReaderModel | None = None,
        network: Network | None = None,
        cascade: Cascade = READ_ALL,
    ) -> None:
        self._model = model or shipped_model()
        self._cascade = cascade
        self._network = network or shipped_network()
        if (len(self._model.weights), len(self._model.confidence)) != (
            len(FEATURES),
            len(CONFIDENCE_FEATURES) + 1,
        ):
            raise ValueError(f"{self._model.name} was fitted for other features")

    @property
    def name(self) -> str:
        """Name and version of the model."""
        return self._model.name

    @property
    def default_risk(self) -> float:
        """The share of wrong answers that is accepted where the person names none."""
        return self._model.default_risk

    def read(self, question: str, hits: Sequence[Hit], least: float = 0.0) -> Judgement:
        """Judge every sentence of every hit; see ``Reader.read``."""
        if not hits:
            return Judgement((), 0.0)
        scores: dict[int, PassageScores] = {}
        leads = dict(self._cascade.leads)
        first = list(range(min(AT_ONCE, len(hits))))
        with self._network.reading(question) as read:
            begun = {place: read(hits[place]) for place in first}
            words = overlap(question, hits)
            promised = promise(words, self._model.weights, len(hits))
            best = promised + RANK_WEIGHT / (1 + np.arange(len(hits)))
            then = [place for place in np.argsort(-best, kind="stable") if place not in begun]
            order = [*first, *then][: self._cascade.most]
            for done, place in enumerate(order, start=1):
                coming = order[done - 1 : done + AHEAD]
                begun |= {one: read(hits[one]) for one in coming if one not in begun}
                scores[place] = begun.pop(place).result()
                last = done == len(order)
                if last or done in leads:
                    scored = self._score(words, scores)
                    if last:
                        break
                    unread = float(promised[order[done:]].max())
                    if self._decided(scored, unread + leads[done], least):
                        break
        return Judgement(self._readings(hits, scored, scores), scored.confidence)

    def _decided(self, scored: _Scored, enough: float, least: float) -> bool:
        """Whether the others may stay unread: where the best sentence scores more than enough."""
        if scored.confidence <= self._cascade.hopeless < least:
            return True
        return float(scored.combined.max(initial=-math.inf)) > enough

    def _score(self, words: Features, scores: Mapping[int, PassageScores]) -> _Scored:
        found = evidence_of(words, scores)
        combined = found.values @ np.array(self._model.weights)
        *weights, intercept = self._model.confidence
        certain = float(confidence_features(found, combined) @ np.array(weights)) + intercept
        return _Scored(found, combined, round(logistic(certain), DIGITS))

    def threshold(self, risk: float) -> float:
        """See ``Reader.threshold``; above every confidence where the risk cannot be kept."""
        if risk >= 1.0:
            return 0.0
        found = threshold_at(self._model.thresholds, risk)
        return 1.01 if found is None else found

    def _readings(
        self, hits: Sequence[Hit], scored: _Scored, scores: Mapping[int, PassageScores]
    ) -> tuple[Reading, ...]:
        found, combined, _ = scored
        slope, intercept = self._model.sentence
        best = set(np.argsort(-combined, kind="stable")[:MARKED].tolist())
        judged: dict[int, list[ScoredSentence]] = {hit: [] for hit in sorted(scores)}
        for number, (at, score) in enumerate(zip(found.sentences, combined, strict=True)):
            probability = round(logistic(slope * float(score) + intercept), DIGITS)
            place = len(judged[at.hit])
            marked = _marked(hits[at.hit], scores[at.hit], place) if number in best else None
            judged[at.hit].append(ScoredSentence(at.span, probability, marked))
        relevance = passage_scores(
            found.sentences, combined, len(hits), self._model.relevance_rank_weight
        )
        read = readings([hits[i] for i in judged], list(judged.values()), relevance[list(judged)])
        others = (hit for place, hit in enumerate(hits) if place not in scores)
        least = read[-1].relevance
        unread = (
            Reading(hit, round(least - place, DIGITS), (), read=False)
            for place, hit in enumerate(others, start=1)
        )
        return (*read, *unread)


def _marked(hit: Hit, scores: PassageScores, sentence: int) -> Span | None:
    """The short answer in a sentence, in document offsets, without loose punctuation.

    In a table row nothing is marked: which column is meant is not told reliably enough.
    """
    if hit.passage.kind is BlockKind.TABLE_ROW:
        return None
    start, end = (int(at) for at in scores.places[sentence])
    text = hit.passage.text
    while start < end and text[start] in _NOT_FIRST:
        start += 1
    while start < end and text[end - 1] in _NOT_LAST:
        end -= 1
    if start >= end:
        return None
    if end < len(text) and text[end] == ")" and "(" in text[start:end]:
        end += 1
    return Span(hit.passage.start + start, hit.passage.start + end)
