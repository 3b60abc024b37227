"""Fit the first reader on COVID-QA's training papers.

    python -m qa.training.fit_overlap ../shared/bench/covidqa/train.json

Every question is asked three times of the pool of training papers: as it is; with its own paper
taken out; and as a near miss, its rarest word exchanged for a foreign one. The last two are to be
declined, and weigh as much together as the first. Scores that are calibrated on come from
cross-validation over papers, so that no paper calibrates the weights that were fitted on it.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from index.embed import Embedder, load_embedder
from index.local import LocalIndex
from qa.readers.overlap import OverlapModel, confidence_features
from qa.readers.overlap_features import FEATURES, KEPT, Matrix
from qa.training.fitting import (
    Choice,
    Ranked,
    answered_right,
    best_rank_weight,
    conditional_logit,
    cross_validated_confidence,
    cross_validated_scores,
    recall,
    sentence_line,
)
from qa.training.overlap_examples import (
    CachedEmbedder,
    Example,
    Flags,
    examples_of,
    fill,
    narrowed,
)
from qa.training.squad import read_squad

log = logging.getLogger(__name__)
CANDIDATES = 20
RIDGE = 1.0
PRIOR = {"question's numbers in the sentence": 1.5}
"""Weights that the ridge pulls to, where not 0. Hardly a question of COVID-QA names a figure, so
what one is worth cannot be learned there; that "the 18% response rate" has an 18 in it is known."""
LEAST_ANSWERED = 30
NAME = "overlap-1"


def main(
    train: Annotated[Path, typer.Argument(help="COVID-QA train.json (SQuAD format).")],
    out: Annotated[Path, typer.Option("-o", help="Where the model goes.")] = Path(
        f"qa/models/{NAME}.json"
    ),
) -> None:
    """Fit and write the model."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    log.setLevel(logging.INFO)
    papers = read_squad(train)
    embedder = CachedEmbedder(load_embedder())
    with tempfile.TemporaryDirectory() as folder, LocalIndex(Path(folder), embedder) as index:
        documents = fill(index, papers, embedder)
        log.info("indexed %d papers", len(documents))
        with index.view() as view:
            examples = list(examples_of(view, papers, documents, CANDIDATES))
    model = fit(examples, embedder, fitted_on=f"COVID-QA train ({len(papers)} papers)")
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(model.model_dump_json(indent=1) + "\n", "utf-8")
    log.info("written: %s", out)


def fit(wide: Sequence[Example], embedder: Embedder, fitted_on: str) -> OverlapModel:
    """Fit ranking weights, calibration and the risk curve.

    Args:
        wide: answerable and unanswerable askings with the overlap of all their sentences.
        embedder: makes the cosines of the sentences that are kept.
        fitted_on: what the examples are, for the record.
    """
    prior = np.array([PRIOR.get(name, 0.0) for name in FEATURES])
    preselection = conditional_logit(_choices(e for e in wide if _usable(e)), prior, RIDGE)
    examples = narrowed(wide, preselection.tolist(), embedder)
    log.info(
        "answers among the %d sentences kept: %d of %d",
        KEPT,
        sum(e.gold.any() for e in examples),
        sum(e.gold.any() for e in wide),
    )
    choices, usable = _choices(examples), [_usable(e) for e in examples]
    groups = [e.group for e in examples]
    held_out = cross_validated_scores(choices, usable, groups, prior, RIDGE)
    weights = conditional_logit(_choices(e for e in examples if _usable(e)), prior, RIDGE)
    slope, intercept = sentence_line(choices, held_out)
    evidence = np.stack(
        [confidence_features(e.found, s) for e, s in zip(examples, held_out, strict=True)]
    )
    right = np.array([answered_right(e.gold, s) for e, s in zip(examples, held_out, strict=True)])
    weight = np.array([e.weight for e in examples])
    confidence = cross_validated_confidence(evidence, right, groups, weight)
    final = LogisticRegression(C=1.0, max_iter=1000).fit(evidence, right, weight)
    rank_weight = best_rank_weight(_ranked(examples, held_out))
    _report(examples, held_out, confidence, right, rank_weight)
    return OverlapModel(
        name=NAME,
        fitted_on=fitted_on,
        preselection=tuple(round(float(w), 5) for w in preselection),
        weights=tuple(round(float(w), 5) for w in weights),
        relevance_rank_weight=rank_weight,
        sentence=(round(slope, 5), round(intercept, 5)),
        confidence=tuple(round(float(w), 5) for w in [*final.coef_[0], final.intercept_[0]]),
        curve=_risk_curve(confidence, right, weight),
        default_risk=0.5,
    )


def _usable(example: Example) -> bool:
    return example.answerable and bool(example.gold.any())


def _choices(examples: Iterable[Example]) -> list[Choice]:
    return [(e.found.values, e.gold) for e in examples]


def _ranked(examples: Sequence[Example], scores: Sequence[Matrix]) -> list[Ranked]:
    """What passages are ranked by, of the askings that have an answer."""
    return [
        (e.found.sentences, s, e.gold_passages)
        for e, s in zip(examples, scores, strict=True)
        if e.answerable
    ]


def _risk_curve(
    confidence: Matrix, right: Flags, weight: Matrix
) -> tuple[tuple[float, float], ...]:
    """(confidence, share of wrong answers at or above it), never falling as confidence falls."""
    curve: list[tuple[float, float]] = []
    for threshold in np.arange(0.99, -0.001, -0.01):
        answered = confidence >= threshold
        if answered.sum() < LEAST_ANSWERED:
            continue
        risk = float(1 - np.average(right[answered], weights=weight[answered]))
        highest = max(risk, curve[-1][1] if curve else 0.0)
        curve.append((round(float(threshold), 2), round(highest, 4)))
    return tuple(curve)


def _report(
    examples: Sequence[Example],
    scores: Sequence[Matrix],
    confidence: Matrix,
    right: Flags,
    rank_weight: float,
) -> None:
    answerable = np.array([e.answerable for e in examples])
    weight = np.array([e.weight for e in examples])
    pairs = [(e, s) for e, s in zip(examples, scores, strict=True) if e.answerable]
    hits = {
        k: np.mean([e.gold[np.argsort(-s, kind="stable")[:k]].any() for e, s in pairs])
        for k in (1, 3)
    }
    by_cosine = {
        k: np.mean([e.gold[np.argsort(-e.found.values[:, 0])[:k]].any() for e, _ in pairs])
        for k in (1, 3)
    }
    before = np.mean([e.gold_passages[:5].any() for e, _ in pairs])
    log.info("held-out papers, %d questions, %d candidates", len(pairs), CANDIDATES)
    log.info("sentence hit@1 %.3f hit@3 %.3f", hits[1], hits[3])
    log.info("by the sentence's cosine alone: hit@1 %.3f hit@3 %.3f", by_cosine[1], by_cosine[3])
    log.info(
        "recall@5 %.3f as retrieved, %.3f reranked (rank weight %s)",
        before,
        recall(_ranked(examples, scores), rank_weight, 5),
        rank_weight,
    )
    log.info("AUROC of confidence, right against wrong: %.3f", roc_auc_score(right, confidence))
    log.info(
        "AUROC of confidence, answerable against not: %.3f", roc_auc_score(answerable, confidence)
    )
    curve = _risk_curve(confidence, right, weight)
    for risk in (0.5, 0.4, 0.3, 0.2, 0.1):
        reached = [c for c, r in curve if r <= risk]
        least = min(reached, default=1.01)
        log.info(
            "risk %.1f: answer from confidence %.2f, %.1f %% of answerable answered",
            risk,
            least,
            100 * (confidence >= least)[answerable].mean(),
        )


if __name__ == "__main__":
    typer.run(main)
