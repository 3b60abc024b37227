"""What the first reader looks at; tests/qa/readers/test_readers.py holds it to the contract."""

from __future__ import annotations

import pytest

from corpus.load import load_bytes
from corpus.passages import passages
from index.base import Hit
from qa.readers.overlap import CONFIDENCE_FEATURES, shipped_model
from qa.readers.overlap_features import FEATURES, KEPT, most_promising, overlap, rare_words
from qa.training.overlap_examples import near_miss

MICE = """# Mice

Mice given alphatine lived for 12 weeks. They ate well. The cages were blue, as paint was cheap.
"""


@pytest.fixture
def hits() -> list[Hit]:
    """The paper's passages, as retrieval might bring them."""
    document = load_bytes(MICE.encode(), "mice.md")
    return [
        Hit(p, document.info, score=0.1, cosine=0.5, bm25=1.0, dense_rank=i, lexical_rank=i)
        for i, p in enumerate(passages(document))
    ]


def test_the_shipped_model_fits_its_features() -> None:
    model = shipped_model()
    assert len(model.weights) == len(model.preselection) == len(FEATURES)
    assert len(model.confidence) == len(CONFIDENCE_FEATURES) + 1
    risks = [risk for _, risk in model.curve]
    assert risks == sorted(risks)


def test_only_the_most_promising_sentences_are_kept(hits: list[Hit]) -> None:
    found = overlap("How long did mice live on alphatine?", hits * (KEPT // 2))
    kept = most_promising(found, shipped_model().preselection)
    assert len(found.sentences) > KEPT == len(kept.sentences)
    assert kept.values[:, 2].max() == found.values[:, 2].max()


def test_rare_words_name_what_a_question_is_about_rarest_first() -> None:
    assert rare_words("What was the survival of patients on lenvatinib?")[0] == "lenvatinib"
    assert "was" not in rare_words("What was the survival?")


def test_a_near_miss_asks_the_same_of_something_else() -> None:
    missed = near_miss("How does sorafenib work?", "Who studied octreotide?")
    assert missed == "How does octreotide work?"
    assert near_miss("How does sorafenib work?", "When was sorafenib tested?") is None
