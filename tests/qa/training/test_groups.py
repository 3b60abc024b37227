"""Training examples: what is gold, what is kept from training, what an epoch shows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer

from index.embed import packaged_folder
from qa.readers.pieces import Pieces
from qa.training.examples import Part, Shown, draw, lesson, schedule
from qa.training.groups import Group, Passage, is_set_aside, mark, read_groups, write_groups

TEXT = "Mice lived. Rats died. Cats ate."
SENTENCES = [(0, 11), (12, 22), (23, 32)]


def group(number: int, negatives: int = 4) -> Group:
    gold = mark("Pets", TEXT, SENTENCES, [(12, 16)], (12, 16))
    others = [mark("", f"Nothing {i}.", [(0, 10)], []) for i in range(negatives)]
    return Group(
        origin="made", key=f"made/{number}", question="Who died?", passages=(gold, *others)
    )


@pytest.fixture(scope="module")
def pieces() -> Pieces:
    return Pieces(Tokenizer.from_file(str(packaged_folder() / "tokenizer.json")))


def test_a_sentence_is_gold_where_it_shares_a_character_with_the_evidence() -> None:
    assert mark("", TEXT, SENTENCES, [(10, 13)]).gold == (True, True, False)
    assert mark("", TEXT, SENTENCES, [(11, 12)]).gold == (False, False, False)


def test_about_fifteen_percent_of_keys_are_set_aside_always_the_same() -> None:
    chosen = [is_set_aside(f"paper-{i}") for i in range(2000)]
    assert 0.12 < np.mean(chosen) < 0.18
    assert chosen == [is_set_aside(f"paper-{i}") for i in range(2000)]


def test_groups_come_back_from_their_file_as_they_went(tmp_path: Path) -> None:
    groups = [group(i) for i in range(3)]
    assert write_groups(tmp_path / "a" / "g.jsonl", groups) == 3
    assert list(read_groups(tmp_path / "a" / "g.jsonl")) == groups


def test_an_epoch_shows_every_group_with_so_many_negatives() -> None:
    shown = draw(
        [group(i) for i in range(10)], Part("made", 2.5, negatives=3), np.random.default_rng(0)
    )
    assert len(shown) == 25
    assert all(sum(p.relevant for p in s.passages) == 1 for s in shown)
    assert all(len(s.passages) == 4 for s in shown)


def test_the_hardest_negative_is_always_shown_and_others_take_turns() -> None:
    shown = draw([group(0, negatives=8)], Part("made", 20, negatives=2), np.random.default_rng(0))
    second = {s.passages[1].text for s in shown}
    third = {s.passages[2].text for s in shown}
    assert second == {"Nothing 0."}
    assert len(third) > 3


def test_batches_keep_to_the_budget_and_lose_nothing() -> None:
    shown = draw([group(i) for i in range(50)], Part("made", 1), np.random.default_rng(0))
    batches = schedule(shown, 400, np.random.default_rng(0))
    assert sum(map(len, batches)) == 50
    assert max(len(s.passages) for b in batches for s in b) <= 5
    assert 1 < max(map(len, batches)) < 10


def test_a_lesson_knows_the_gold_sentence_and_the_pieces_of_the_answer(pieces: Pieces) -> None:
    one = lesson([Shown("Who died?", group(0).passages), Shown("Who ate?", ())], pieces)
    assert one.gold.tolist() == [False, True, False, False, False, False, False]
    ((row, first, last),) = one.answers
    assert (row, one.batch.sentence[row, first], first) == (0, 1, last)
    assert one.groups == 2


def test_an_answer_beyond_what_is_read_is_left_out(pieces: Pieces) -> None:
    text = "word " * 600
    far = Passage(heading="", text=text, sentences=((0, 3000),), gold=(True,), answer=(2990, 2995))
    assert lesson([Shown("Why?", (far,))], pieces).answers == ()
