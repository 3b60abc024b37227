"""From groups to batches: which passages an epoch shows, in which order, and what is right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from qa.readers.pieces import Batch, Encoded, Pieces, collate
from qa.training.groups import Group, Passage

Rng = np.random.Generator


@dataclass(frozen=True, slots=True)
class Part:
    """How a stage uses one set of groups.

    Attributes:
        file: name of the file, without its ending.
        epochs: how often each group is shown; a fraction shows a part of them.
        negatives: most passages without the answer beside the relevant ones.
        relevant: most passages with the answer.
    """

    file: str
    epochs: float
    negatives: int = 5
    relevant: int = 2


@dataclass(frozen=True, slots=True)
class Shown:
    """A group as an epoch shows it."""

    question: str
    passages: tuple[Passage, ...]


def draw(groups: Sequence[Group], part: Part, rng: Rng) -> list[Shown]:
    """Choose the groups and passages of one stage.

    Half of the negatives are the hardest ones, the others any of those that were mined: so every
    epoch is a little different.
    """
    whole, rest = divmod(part.epochs, 1.0)
    rounds = [rng.permutation(len(groups)) for _ in range(int(whole))]
    rounds.append(rng.permutation(len(groups))[: round(rest * len(groups))])
    shown: list[Shown] = []
    for number in np.concatenate(rounds).astype(int):
        group = groups[number]
        relevant = [p for p in group.passages if p.relevant]
        others = [p for p in group.passages if not p.relevant]
        if len(relevant) > part.relevant:
            kept = rng.choice(len(relevant), part.relevant, replace=False)
            relevant = [relevant[i] for i in kept]
        hardest = others[: (part.negatives + 1) // 2]
        further = others[len(hardest) :]
        room = min(part.negatives - len(hardest), len(further))
        hardest += [further[i] for i in rng.choice(len(further), room, replace=False)]
        shown.append(Shown(group.question, (*relevant, *hardest)))
    return shown


@dataclass(frozen=True, slots=True)
class Lesson:
    """A batch with what is right.

    Attributes:
        batch: the passages of several groups.
        group_of: int64 of shape (passages,): the group a passage belongs to.
        gold: bool of shape (sentences,).
        answers: (passage, first piece, last piece) of the short answers.
        groups: how many groups there are.
    """

    batch: Batch
    group_of: np.ndarray[tuple[int], np.dtype[np.int64]]
    gold: np.ndarray[tuple[int], np.dtype[np.bool_]]
    answers: tuple[tuple[int, int, int], ...]
    groups: int


def schedule(shown: Sequence[Shown], budget: int, rng: Rng) -> list[list[Shown]]:
    """Batches of groups of like length, each of at most ``budget`` word pieces with padding.

    Lengths are estimated from characters, so nothing needs to be encoded beforehand.
    """
    lengths = [_longest(s) for s in shown]
    # Sorted within large shuffled blocks: like lengths together, yet no epoch in the same order.
    order = rng.permutation(len(shown))
    batches: list[list[Shown]] = []
    for start in range(0, len(order), 4096):
        block = sorted(order[start : start + 4096], key=lambda i: lengths[i])
        batch: list[Shown] = []
        rows = 0
        for i in block:
            more = rows + len(shown[i].passages)
            if batch and more * lengths[i] > budget:
                batches.append(batch)
                batch, more = [], len(shown[i].passages)
            batch.append(shown[i])
            rows = more
        batches.append(batch)
    return [batches[i] for i in rng.permutation(len(batches))]


def _longest(shown: Shown) -> int:
    longest = max((len(p.heading[:120]) + len(p.text[:1300]) for p in shown.passages), default=0)
    return 8 + (len(shown.question) + longest) // 4


def lesson(shown: Sequence[Shown], pieces: Pieces) -> Lesson:
    """Encode a batch of groups."""
    encoded: list[Encoded] = []
    counts: list[int] = []
    group_of: list[int] = []
    gold: list[bool] = []
    answers: list[tuple[int, int, int]] = []
    for number, one in enumerate(shown):
        for passage in one.passages:
            row = pieces.encode(one.question, passage.heading, passage.text, passage.sentences)
            if passage.answer and (place := _pieces_of(row, *passage.answer)):
                answers.append((len(encoded), *place))
            encoded.append(row)
            counts.append(len(passage.sentences))
            group_of.append(number)
            gold += passage.gold
    return Lesson(
        # Few different shapes: a kernel is prepared for each.
        batch=collate(encoded, counts, multiple=16),
        group_of=np.array(group_of, dtype=np.int64),
        gold=np.array(gold, dtype=bool),
        answers=tuple(answers),
        groups=len(shown),
    )


def _pieces_of(row: Encoded, start: int, end: int) -> tuple[int, int] | None:
    inside = (row.sentence >= 0) & (row.offsets[:, 0] < end) & (row.offsets[:, 1] > start)
    places = np.flatnonzero(inside)
    return (int(places[0]), int(places[-1])) if len(places) else None


def in_order(groups: Sequence[Group], budget: int) -> Iterator[list[Shown]]:
    """All passages of all groups, a few groups at a time, as they come: to measure on."""
    batch: list[Shown] = []
    for group in groups:
        batch.append(Shown(group.question, group.passages))
        if sum(len(s.passages) for s in batch) * max(map(_longest, batch)) > budget:
            yield batch
            batch = []
    if batch:
        yield batch
