"""A run beside an earlier one, in words: for the terminal, and as a section of the report."""

from __future__ import annotations

from collections.abc import Iterator

from rich.table import Table

from qa.comparing import Comparison, Moved
from qa.export import escape
from qa.figures import NAMES
from qa.paired import CLEAR, Differing

_COLUMNS = ("Then", "Now", "Difference", "95 % interval", "p", "Questions changed")
NOTE = (
    f"A p-value below {CLEAR:g} has a star: chance alone seldom makes such a difference. "
    "Where many figures are looked at, one in twenty is starred by chance."
)


def signed(number: float, digits: int = 3) -> str:
    """Write a difference with its sign: "+0.065", "−0.010", "0.000"."""
    rounded = round(number, digits)
    if not rounded:
        return f"{0:.{digits}f}"
    return f"{'+' if rounded > 0 else '−'}{abs(rounded):.{digits}f}"


def chance(p: float) -> str:
    """Write a p-value: "0.030", "under 0.001"."""
    return "under 0.001" if p < 0.001 else f"{p:.3f}"


def counts(comparison: Comparison) -> str:
    """Say in a sentence how many questions changed, and how."""
    better = sum(one.better is True for one in comparison.moved)
    worse = sum(one.better is False for one in comparison.moved)
    other = len(comparison.moved) - better - worse
    same = comparison.shared - len(comparison.moved)
    asked = "1 question is" if comparison.shared == 1 else f"{comparison.shared} questions are"
    parts = [f"{better} better", f"{worse} worse", f"{same} as before"]
    if other:
        parts.insert(2, f"{other} otherwise")
    return f"{asked} compared: {', '.join(parts)}."


def table(comparison: Comparison) -> Table:
    """The figures of both runs as a table for the terminal."""
    out = Table("Measure", title=None)
    for column in _COLUMNS:
        out.add_column(column, justify="right")
    for one in comparison.figures:
        out.add_row(NAMES[one.name], *_cells(one))
    return out


def lines(comparison: Comparison) -> list[str]:
    """What else the terminal shows: the remarks, and a line for each question that changed."""
    moved = (
        f"{_grade(one)}: {one.id}: {one.before}, now {one.after}: {one.question}"
        for one in comparison.moved
    )
    return [*comparison.remarks, counts(comparison), *moved]


def section(comparison: Comparison) -> list[str]:
    """The comparison as lines of Markdown."""
    out = [f"## Compared with {escape(comparison.earlier)}", "", counts(comparison), ""]
    for sentence in comparison.remarks:
        out += [escape(sentence), ""]
    out += [f"| Measure | {' | '.join(_COLUMNS)} |", f"|---|{'---:|' * len(_COLUMNS)}"]
    out += (f"| {NAMES[one.name]} | {' | '.join(_cells(one))} |" for one in comparison.figures)
    return [*out, "", NOTE.replace("*", "\\*"), "", *_moved(comparison)]


def _moved(comparison: Comparison) -> Iterator[str]:
    yield f"### Questions that changed ({len(comparison.moved)})"
    yield ""
    for one in comparison.moved:
        yield (
            f"- {_grade(one)}: {escape(one.id)}: {one.before}, now {one.after}: "
            f"{escape(one.question)}"
        )
    if comparison.moved:
        yield ""


def _grade(moved: Moved) -> str:
    return {True: "better", False: "worse", None: "otherwise"}[moved.better]


def _cells(one: Differing) -> tuple[str, ...]:
    interval = ""
    if one.low is not None and one.high is not None:
        interval = f"{signed(one.low)} to {signed(one.high)}"
    star = " *" if one.clear else ""
    return (
        f"{one.earlier:.3f}",
        f"{one.later:.3f}",
        signed(one.difference),
        interval,
        chance(one.p) + star,
        f"{one.changed} of {one.n}",
    )
