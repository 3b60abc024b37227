"""What was tried for retrieval and reading: a matrix for questions, sentences around a passage."""

from __future__ import annotations

import numpy as np
import pytest

from corpus.document import Document
from corpus.load import load_bytes
from corpus.passages import passages
from qa.training.dense_adapter import Lesson, learn, moved
from qa.training.neighbours import around_of, widened

PARAGRAPH = " ".join(f"Sentence number {n} of the paper says a little more." for n in range(40))


@pytest.fixture
def paper() -> Document:
    text = (
        f"# A paper\n\n## First\n\n{PARAGRAPH}\n\n## Second\n\nAnother section ends it all here.\n"
    )
    return load_bytes(text.encode(), "paper.md")


def test_a_matrix_learns_to_bring_questions_to_their_passages() -> None:
    rng = np.random.default_rng(0)
    passages_ = rng.standard_normal((300, 8)).astype(np.float32)
    passages_ /= np.linalg.norm(passages_, axis=1, keepdims=True)
    turned = np.roll(passages_, 1, axis=1)
    lesson = Lesson(turned[:250], passages_, np.eye(250, 300, dtype=bool))
    held = turned[250:]

    def found(questions: np.ndarray) -> float:
        return float(np.mean((questions @ passages_.T).argmax(axis=1) == np.arange(250, 300)))

    assert found(moved(held, learn([lesson], 0.0, steps=400))) > found(held) + 0.5


def test_a_strong_pull_leaves_questions_as_they_are() -> None:
    rng = np.random.default_rng(0)
    vectors = rng.standard_normal((8, 4)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    lesson = Lesson(vectors, vectors[::-1].copy(), np.eye(8, dtype=bool))
    matrix = learn([lesson], 1e6)
    np.testing.assert_allclose(moved(vectors, matrix), vectors, atol=0.02)


def test_a_passage_is_widened_by_one_sentence_on_either_side(paper: Document) -> None:
    first, second, third, *_ = passages(paper)
    wide = widened(second, around_of([paper]), paper)
    assert wide.sentences == (first.sentences[-1], *second.sentences, third.sentences[0])
    assert wide.text == paper.text[wide.start : wide.end]


def test_a_passage_is_not_widened_into_another_section(paper: Document) -> None:
    last = passages(paper)[-1]
    assert last.section == "Second"
    assert widened(last, around_of([paper]), paper) == last
