"""The measurement of embedding measures what it says."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

import pytest

from index.base import Vectors
from index.measure import embedding
from index.measure.embedding import Timed, sample, speed_table
from index.measure.products import Kind, operations, products
from index.measure.recall import CUTS, Mixed, read_papers, recall
from tests.index.papers import write_papers
from tests.index.word_vectors import WordVectors

TEXTS = (
    "Mice were kept in cages. " * 40 + "\n\nThey lived for twelve weeks.",
    "Rats were kept in boxes. " * 40 + "\n\nThe rats ate yeast.",
)


class Blind(WordVectors):
    """Sees the same in every passage."""

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        return super().embed_passages(["nothing"] * len(texts))


@pytest.fixture
def asked(tmp_path: Path) -> Path:
    """Two papers with a question each, in SQuAD's format."""
    paragraphs = [
        {
            "document_id": number,
            "context": text,
            "qas": [
                {
                    "question": question,
                    "answers": [{"text": answer, "answer_start": text.index(answer)}],
                }
            ],
        }
        for number, (text, question, answer) in enumerate(
            zip(TEXTS, ("How long lived they?", "What ate rats?"), ("twelve", "yeast"), strict=True)
        )
    ]
    path = tmp_path / "asked.json"
    path.write_text(json.dumps({"data": [{"paragraphs": paragraphs}]}), "utf-8")
    return path


def test_recall_counts_the_passages_that_hold_the_answer(asked: Path) -> None:
    papers = list(read_papers(asked))
    seeing, blind = (recall(papers, Mixed(one, WordVectors())) for one in (WordVectors(), Blind()))
    assert seeing == {"dense": [1.0] * len(CUTS), "fused": [1.0] * len(CUTS)}
    assert blind["dense"][0] < 1
    assert blind["dense"][-1] == 1, "there are fewer passages than the last cut"


@pytest.mark.parametrize("kind", get_args(Kind))
def test_the_products_of_every_kind_can_be_done_for_any_length(kind: Kind) -> None:
    run = products(kind)
    for pieces in (1, 7, 256):
        run(pieces)


def test_a_passage_costs_two_operations_a_weight_and_piece_and_its_attention() -> None:
    # Of all-MiniLM-L6-v2: 10,616,832 weights in the matrices of its six layers.
    assert operations(1) == 2 * 10_616_832 + 2 * 6 * 2 * 384
    assert operations(200) - 200 * 2 * 10_616_832 == 2 * 6 * 2 * 200 * 200 * 384


def test_the_table_takes_shares_within_a_round() -> None:
    lines = speed_table(
        [100, 100], {"before": Timed([4, 8], [2, 4]), "after": Timed([1, 2], [0.8, 1.6])}
    )
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]
    assert [row[:3] + row[4:] for row in cells] == [
        ["before", "0.3", "0.50", "1.0"],
        ["after", "1.3", "0.80", "4.0"],
    ]


def test_the_sample_is_the_same_every_time(tmp_path: Path) -> None:
    write_papers(tmp_path)
    assert sample(tmp_path, 5) == sample(tmp_path, 5)
    assert len(sample(tmp_path, 5)) == 5


@pytest.mark.slow
def test_every_way_is_timed_on_every_round(tmp_path: Path) -> None:
    write_papers(tmp_path)
    measured = embedding.timed(sample(tmp_path, 4), [20, 20, 20, 20], rounds=2)
    assert len(measured) == 5
    assert all(len(one.whole) == len(one.products) == 2 for one in measured.values())
