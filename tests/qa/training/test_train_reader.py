"""Training: what the loss asks for, and that an interruption costs nothing."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer

from index.embed import packaged_folder
from qa.readers.pieces import Batch, Pieces
from qa.training.examples import Lesson, Part
from qa.training.groups import Group, mark
from qa.training.network import ReaderNetwork, Scores
from qa.training.train_reader import Config, Stage, Trainer, loss_of

PART = Part("made", 3)
STAGE = Stage(name="made", rate=3e-4, parts=(PART,))
CONFIG = Config(
    seed=1, budget=300, warmup=0.1, head_rate=5.0, decay=0.9, measured=4, every=50, stages=(STAGE,)
)
FACTS = (
    ("Who ate the fish?", "The cat ate the fish.", "The dog slept.", "cat"),
    ("Where is the key?", "The key is in the drawer.", "The door is red.", "drawer"),
    ("When did it rain?", "It rained on Monday.", "It was cold in the hills.", "Monday"),
    ("What is the dose?", "The dose is 5 mg.", "The drug is new.", "5 mg"),
)


def groups() -> list[Group]:
    made = []
    for number, (question, gold, other, answer) in enumerate(FACTS):
        text = f"{other} {gold}"
        start = text.index(answer)
        spans = [(0, len(other)), (len(other) + 1, len(text))]
        place = (start, start + len(answer))
        passage = mark("", text, spans, [place], place)
        none = mark("", other, [(0, len(other))], [])
        made.append(
            Group(origin="made", key=str(number), question=question, passages=(passage, none))
        )
    return made


def trainer(out: Path, stage: Stage = STAGE) -> Trainer:
    torch.manual_seed(0)
    folder = packaged_folder()
    pieces = Pieces(Tokenizer.from_file(str(folder / "tokenizer.json")))
    held = {"made": (groups(), groups())}
    return Trainer(ReaderNetwork(folder), pieces, CONFIG, stage, held, out)


def one_lesson(gold: list[bool]) -> Lesson:
    """Two passages of two sentences each, of one question."""
    none = np.zeros((2, 3), dtype=np.int64)
    batch = Batch(none, none, none, none, none, np.array([0, 0, 1, 1]))
    return Lesson(batch, np.array([0, 0]), np.array(gold), (), 1)


def scores(sentences: list[float], passages: list[float]) -> Scores:
    empty = torch.zeros(2, 3)
    return Scores(torch.tensor(sentences), torch.tensor(passages), empty, empty)


def test_nothing_to_learn_where_the_gold_sentence_and_passage_win_clearly() -> None:
    found = scores([20.0, -20.0, -20.0, -20.0], [20.0, -20.0])
    assert float(loss_of(found, one_lesson([True, False, False, False]), STAGE)) < 1e-6


def test_an_unanswerable_question_asks_for_every_score_below_none() -> None:
    low = loss_of(scores([-20.0] * 4, [-20.0] * 2), one_lesson([False] * 4), STAGE)
    high = loss_of(scores([2.0] * 4, [2.0] * 2), one_lesson([False] * 4), STAGE)
    assert float(low) < 1e-6
    assert float(high) > 2.0


def test_any_of_several_gold_sentences_will_do() -> None:
    both = loss_of(scores([20.0, -20, -20, -20], [0.0, 0.0]), one_lesson([True] * 4), STAGE)
    assert math.isclose(float(both), 0.5 * math.log(3 / 2), abs_tol=1e-4)


@pytest.mark.slow
def test_training_learns_and_going_on_from_a_checkpoint_gives_the_same_weights(
    tmp_path: Path,
) -> None:
    (tmp_path / "whole").mkdir()
    whole = trainer(tmp_path / "whole")
    whole.run()
    weights = load_file(whole.weights)

    (tmp_path / "parts").mkdir()
    stopped = trainer(tmp_path / "parts")
    for _ in range(len(stopped.batches) // 2):
        stopped.learn_next()
    stopped.save()
    again = trainer(tmp_path / "parts")
    again.run()
    assert again.step == len(again.batches)
    for name, tensor in load_file(again.weights).items():
        assert torch.allclose(tensor, weights[name], atol=1e-5), name
    curve = (tmp_path / "whole" / "curve.csv").read_text().splitlines()
    assert len(curve) >= 2
    assert not again.checkpoint.exists()
