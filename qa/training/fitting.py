"""What both readers' numbers are fitted with: a conditional logit, and Platt's line."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from qa.compose import MOST_QUOTES
from qa.readers.overlap_features import Matrix, SentenceAt
from qa.readers.ranking import passage_scores
from qa.training.overlap_examples import Flags

FOLDS = 5

Choice = tuple[Matrix, Flags]
"""A question's sentences: features of shape (sentences, features), and which are gold."""


Ranked = tuple[Sequence[SentenceAt], Matrix, Flags]
"""A question's sentences, their scores, and which of its passages are gold."""


def conditional_logit(choices: Sequence[Choice], prior: Matrix, ridge: float = 1.0) -> Matrix:
    """Weights by which the gold sentences of each question win over all its others.

    McFadden (1974), with the marginal over several gold sentences, and a ridge towards ``prior``.

    Args:
        choices: questions with at least one gold sentence.
        prior: of shape (features,).
        ridge: strength of the pull.

    Returns:
        Weights of shape (features,).
    """

    def loss(weights: Matrix) -> tuple[float, Matrix]:
        pulled = weights - prior
        total, gradient = ridge * float(pulled @ pulled), 2 * ridge * pulled
        for values, gold in choices:
            scores = values @ weights
            scores -= scores.max()
            all_odds = np.exp(scores)
            gold_odds = all_odds * gold
            total -= float(np.log(gold_odds.sum()) - np.log(all_odds.sum()))
            pull = all_odds / all_odds.sum() - gold_odds / gold_odds.sum()
            gradient = gradient + values.T @ pull
        return total, gradient

    return np.asarray(minimize(loss, prior, jac=True, method="L-BFGS-B").x)


def cross_validated_scores(
    choices: Sequence[Choice],
    usable: Sequence[bool],
    groups: Sequence[int],
    prior: Matrix,
    ridge: float = 1.0,
) -> list[Matrix]:
    """Scores of every question's sentences by weights that were fitted on other groups.

    Args:
        choices: all questions.
        usable: of each, whether it may be fitted on (answerable, with a gold sentence).
        groups: of each, its paper or article; none straddles a fold.
        prior: see ``conditional_logit``.
        ridge: see there too.
    """
    scores: list[Matrix] = [np.zeros(0)] * len(choices)
    places = np.arange(len(choices))
    for fitted, tested in GroupKFold(FOLDS).split(places, places, groups):
        kept = [choices[i] for i in fitted if usable[i]]
        weights = conditional_logit(kept, prior, ridge)
        for i in tested:
            scores[i] = choices[i][0] @ weights
    return scores


def cross_validated_confidence(
    features: Matrix, right: Flags, groups: Sequence[int], weight: Matrix | None = None
) -> Matrix:
    """Confidence of each question by a logistic regression that was fitted on other groups."""
    confidence = np.zeros(len(features))
    for fitted, tested in GroupKFold(FOLDS).split(features, right, groups):
        model = LogisticRegression(C=1.0, max_iter=2000)
        model.fit(features[fitted], right[fitted], None if weight is None else weight[fitted])
        confidence[tested] = model.predict_proba(features[tested])[:, 1]
    return confidence


def sentence_line(choices: Sequence[Choice], scores: Sequence[Matrix]) -> tuple[float, float]:
    """Slope and intercept from a top sentence's score to the probability that it is gold."""
    tops = [np.argsort(-s, kind="stable")[:MOST_QUOTES] for s in scores]
    values = np.concatenate([s[t] for s, t in zip(scores, tops, strict=True)])
    gold = np.concatenate([g[t] for (_, g), t in zip(choices, tops, strict=True)])
    fitted = LogisticRegression(C=1e6).fit(values[:, None], gold)
    return float(fitted.coef_[0, 0]), float(fitted.intercept_[0])


def best_rank_weight(ranked: Sequence[Ranked]) -> float:
    """Weight of retrieval's rank in the order of passages, by recall@5 on held-out papers."""
    grid = [0.0, 0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 5.0]
    return max(grid, key=lambda weight: recall(ranked, weight, 5))


def recall(ranked: Sequence[Ranked], rank_weight: float, k: int) -> float:
    """Share of the questions with a gold passage among the first ``k``."""
    found = [
        gold[np.argsort(-passage_scores(sentences, scores, len(gold), rank_weight))][:k].any()
        for sentences, scores, gold in ranked
    ]
    return float(np.mean(found))


def answered_right(gold: Flags, scores: Matrix) -> bool:
    """Whether one of the best sentences, as many as are quoted, is gold."""
    return bool(gold[np.argsort(-scores, kind="stable")[:MOST_QUOTES]].any())
