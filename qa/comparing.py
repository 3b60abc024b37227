"""A run beside an earlier one: the questions both share, which of them changed, and the figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from qa.cases import MERIT, Case, Verdict
from qa.paired import Differing, differences


class NothingShared(Exception):
    """Two runs that share no question with the same gold; the message is for the person."""


@dataclass(frozen=True, slots=True)
class Run:
    """A run, as far as it is compared.

    Attributes:
        name: for the person.
        cases: what came of each question.
        risk: the accepted share of wrong answers; None for the default, or where it is not known.
        models, index: as the answers say.
        remarks: what to know of it before anything is compared, a sentence each.
    """

    name: str
    cases: tuple[Case, ...]
    risk: float | None = None
    models: Mapping[str, str] | None = None
    index: Mapping[str, str | int] | None = None
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Moved:
    """A question of which something else came than before; ``better`` is None where unknown."""

    id: str
    question: str
    before: Verdict
    after: Verdict
    better: bool | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """A run beside an earlier one.

    Attributes:
        earlier, later: the runs' names.
        shared: how many questions are compared.
        figures: each that both runs have.
        moved: the questions of which something else came, those that got worse first.
        remarks: what is not the same about the two runs, a sentence each.
    """

    earlier: str
    later: str
    shared: int
    figures: tuple[Differing, ...]
    moved: tuple[Moved, ...]
    remarks: tuple[str, ...]


def compare(earlier: Run, later: Run) -> Comparison:
    """Set a run beside an earlier one, on the questions that both share.

    Questions are the same where id, words, earlier questions and gold are.

    Raises:
        NothingShared: there is no such question.
    """
    before = {case.id: case for case in earlier.cases}
    pairs = [(before[c.id], c) for c in later.cases if c.id in before and _same(before[c.id], c)]
    remarks = [*earlier.remarks, *_set_differs(earlier, later, len(pairs)), *_made(earlier, later)]
    if not pairs:
        raise NothingShared(f"There is nothing to compare. {' '.join(remarks)}")
    moved = [found for pair in pairs if (found := _moved(*pair))]
    moved.sort(key=lambda one: (one.better is None, one.better or False))
    return Comparison(
        earlier.name, later.name, len(pairs), differences(pairs), tuple(moved), tuple(remarks)
    )


def _same(a: Case, b: Case) -> bool:
    return _asked(a) == _asked(b) and a.gold == b.gold


def _asked(case: Case) -> tuple[str, tuple[str, ...]]:
    return case.question, case.history


def _moved(before: Case, after: Case) -> Moved | None:
    if before.verdict == after.verdict:
        return None
    a, b = MERIT.get(before.verdict), MERIT.get(after.verdict)
    better = None if a is None or b is None else b > a
    return Moved(after.id, after.question, before.verdict, after.verdict, better)


def _set_differs(earlier: Run, later: Run, shared: int) -> list[str]:
    """Say of each question that is not compared why it is not."""
    before = {case.id: case for case in earlier.cases}
    after = {case.id: case for case in later.cases}
    both = [(before[id], after[id]) for id in after if id in before]
    reworded = sum(_asked(a) != _asked(b) for a, b in both)
    regolded = sum(_asked(a) == _asked(b) and a.gold != b.gold for a, b in both)
    reasons = (
        (len(before) - len(both), "only the earlier run asked"),
        (len(after) - len(both), "only this run asked"),
        (reworded, "worded differently then"),
        (regolded, "with another gold then"),
    )
    said = [f"{number} {reason}" for number, reason in reasons if number]
    if not said:
        return []
    compared = "1 question is" if shared == 1 else f"{shared} questions are"
    return [f"The question sets differ: {compared} compared; {', '.join(said)}."]


def _made(earlier: Run, later: Run) -> list[str]:
    """Say what else than the questions is not the same."""
    out = []
    for what, a, b in (
        ("Other models", earlier.models, later.models),
        ("Another collection", earlier.index, later.index),
    ):
        if a and b and a != b:
            out.append(f"{what} than then: {_listed(a, b)}.")
    if earlier.risk != later.risk:
        risks = ("the default" if r is None else f"{r:g}" for r in (earlier.risk, later.risk))
        out.append(f"Another accepted risk: {' then, '.join(risks)} now.")
    return out


def _listed(a: Mapping[str, str | int], b: Mapping[str, str | int]) -> str:
    names = [name for name in dict.fromkeys([*a, *b]) if a.get(name) != b.get(name)]
    return ", ".join(f"{n} {a.get(n, 'none')} then, {b.get(n, 'none')} now" for n in names)
