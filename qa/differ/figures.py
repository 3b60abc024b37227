"""Figures in a sentence: value, unit, the outcome they belong to, and when two of them differ."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qa.differ.words import Mention, outcomes

_NUMBER = r"\d+(?:,\d{3})*(?:[.·]\d+)?"
_UNIT = r"%|per ?cent\b|months?\b|mo\b|weeks?\b|years?\b|yrs?\b|days?\b"
_WRITTEN = re.compile(
    rf"(?P<about>\b(?:about|around|roughly|approximately|nearly|almost|some|ca\.?)\s+|~\s?)?"
    rf"(?P<bound>\b(?:more than|over|at least|less than|under|below|at most|up to"
    rf"|no more than)\s+|[<>≤≥]\s?)?"
    rf"(?<![\w.,/-])(?P<low>{_NUMBER})(?:\s?(?:%|per cent)?\s?(?:-|–|to)\s?(?P<high>{_NUMBER}))?"
    rf"(?:\s?(?:and|or|versus|vs\.?|against|compared with|compared to)\s(?P<second>{_NUMBER}))?"
    rf"\s?(?P<unit>{_UNIT})",
    re.I,
)
_RATIO = re.compile(
    rf"\b(?P<name>hazard ratio|HR|odds ratio|OR|relative risk|risk ratio|RR)\b"
    rf"(?:\s*(?:\([^()\d]*\)|for [a-z -]{{3,40}}))?[\s:=,]*(?:was|of|is|at)?\s*(?P<low>{_NUMBER})",
)
_RATIOS = {
    "hazard ratio": "HR", "HR": "HR", "odds ratio": "OR", "OR": "OR",
    "relative risk": "RR", "risk ratio": "RR", "RR": "RR",
}  # fmt: skip
_INTERVAL = re.compile(
    rf"[\(\[,;]?\s*95\s?%\s?(?:CI"
    rf"|confidence interval)s?[\s:,=of]*(?:from )?(?P<low>{_NUMBER})\s?%?\s?"
    rf"(?:-|–|to|,)\s?(?P<high>{_NUMBER})\s?%?",
    re.I,
)
_RANK = re.compile(
    r"(?P<verb>\b(?:rank|stand|come)\w* |\bstood |\bcame )?\b(?P<nth>first|second|third"
    r"|fourth|fifth"
    r"|sixth|seventh|eighth|ninth|tenth)\b"
    r"(?P<most>[- ](?:largest|highest|leading|commonest|most (?:common|frequent))\b)?",
    re.I,
)
_NTH = "first second third fourth fifth sixth seventh eighth ninth tenth".split()
# What looks like a figure and is none: places in time, chances, counts, sizes of samples.
_NO_FIGURE = re.compile(
    rf"\b[pP]\s?[=<>≤≥]\s?{_NUMBER}|\b[nN]\s?=\s?{_NUMBER}"
    rf"|\b(?:at|after|within|by|every|over|first|for the)\s(?:the (?:first"
    rf"|last)\s)?{_NUMBER}\s(?:{_UNIT})"
    rf"|{_NUMBER}[- ](?:year|month|week|day)\b(?!s)|\b(?:19|20)\d\d\b"
)
_CHANGE_BEFORE = re.compile(
    r"(?:\bby|difference of|gain of|increase of|reduction of|improvement of|prolongation of"
    r"|benefit of|advantage of|difference was|gain was)\s+(?:about |some |roughly |only |just )?$",
    re.I,
)
_GAINED = re.compile(
    r"\b(?:gain(?:s|ed)?|differences?|differed|benefit|added|adds|advantage)\b", re.I
)
_CHANGE_AFTER = re.compile(
    r"^\s*(?:longer|shorter|more|less|higher|lower|fewer|increase|reduction|relative|gain"
    r"|difference)",
    re.I,
)
_MONTHS = {
    "day": 12 / 365.25,
    "week": 84 / 365.25,
    "month": 1.0,
    "mo": 1.0,
    "year": 12.0,
    "yr": 12.0,
}
ABOUT = 0.1
"""Share by which a figure with "about" may be off."""
FAR_FROM_OUTCOME = 90
"""Characters between a figure and the outcome's name beyond which they do not belong together."""
UNCLEAR = "?"
"""The outcome of a figure that stands far from all of them."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure.

    Attributes:
        outcome: what was measured, or ``UNCLEAR``.
        unit: ``months``, ``%``, ``rank`` or the name of a ratio; after ``change in``,
            of a difference.
        low, high: ends of a range; equal for a single value. Months for all times.
        slack: half a unit of its last digit, or more where it is said to be about right.
        interval: its confidence interval, if stated.
    """

    outcome: str
    unit: str
    low: float
    high: float
    slack: float
    interval: tuple[float, float] | None = None

    def differs(self, other: Figure) -> bool:
        """Whether both cannot be the same figure, rounding and confidence intervals considered."""
        slack = max(self.slack, other.slack) + 1e-9
        if self.low - slack <= other.high and other.low - slack <= self.high:
            return False
        return not (_inside(self, other.interval) or _inside(other, self.interval))


def _inside(figure: Figure, interval: tuple[float, float] | None) -> bool:
    return interval is not None and figure.high >= interval[0] and figure.low <= interval[1]


def figures(text: str) -> list[Figure]:
    """The figures of a sentence, each with its outcome; ``UNCLEAR`` where none stands near.

    Without any outcome in the sentence there are none.
    """
    named = outcomes(text)
    text, intervals = _without_intervals(text)
    text = _NO_FIGURE.sub(lambda m: " " * len(m.group()), text)
    found: list[Figure] = []
    for match in _RATIO.finditer(text):
        outcome = _outcome_of(named, match.start(), match.end())
        if outcome:
            value, slack = _value(match["low"])
            kind = _RATIOS.get(match["name"], _RATIOS.get(match["name"].lower(), "HR"))
            found.append(Figure(outcome, kind, value, value, slack, _near(intervals, match.end())))
    for match in _RANK.finditer(text):
        outcome = _outcome_of(named, match.start(), match.end())
        if outcome and (match["verb"] or match["most"]):
            rank = _NTH.index(match["nth"].lower()) + 1.0
            found.append(Figure(outcome, "rank", rank, rank, 0.0))
    for match in _WRITTEN.finditer(text):
        outcome = _outcome_of(named, match.start(), match.end())
        if outcome:
            found += _written(match, text, outcome, _near(intervals, match.end()))
    return found


def row_figures(cells: str, header: str) -> list[Figure]:
    """The figures of a table row; outcome and unit stand in the header, or in the first cell."""
    found: list[Figure] = []
    row, columns = cells.split(" | "), header.split(" | ")
    for cell, column in zip(row[1:], columns[1:], strict=False):
        about = f"{column} {row[0]}" if not outcomes(column) else column
        unit = re.search(_UNIT, f"{column} {cell}", re.I)
        if unit and re.fullmatch(rf"[\s\d.,·–%-]+(?:to [\d.,]+)?(?:{_UNIT})?", cell, re.I):
            words = cell if re.search(_UNIT, cell, re.I) else f"{cell.strip()} {unit.group()}"
            found += figures(f"{re.sub(r'[()%]', ' ', about)}: {words}")
    return found


def _without_intervals(text: str) -> tuple[str, list[tuple[int, tuple[float, float]]]]:
    intervals: list[tuple[int, tuple[float, float]]] = []

    def taken(match: re.Match[str]) -> str:
        ends = _value(match["low"])[0], _value(match["high"])[0]
        intervals.append((match.start(), ends))
        return " " * len(match.group())

    return _INTERVAL.sub(taken, text), intervals


def _near(intervals: list[tuple[int, tuple[float, float]]], end: int) -> tuple[float, float] | None:
    return next((ends for start, ends in intervals if 0 <= start - end <= 12), None)


def _written(
    match: re.Match[str], text: str, outcome: str, interval: tuple[float, float] | None
) -> Iterator[Figure]:
    said = match["unit"].lower().rstrip("s").rstrip(".")
    scale = _MONTHS.get(said, 1.0)
    unit = "months" if said in _MONTHS else "%"
    before, behind = text[: match.start()][-60:], text[match.end() :][:16]
    change = _CHANGE_BEFORE.search(before) or _GAINED.search(before) or _CHANGE_AFTER.match(behind)
    unit = f"change in {unit}" if change else unit
    low, slack = _value(match["low"])
    high, _ = _value(match["high"]) if match["high"] else (low, slack)
    if match["about"]:
        slack = max(slack, ABOUT * high)
    bound = (match["bound"] or "").strip().lower()
    if bound in ("more than", "over", "at least", ">", "≥"):
        high = float("inf")
    elif bound:
        low = float("-inf")
    ends = (interval[0] * scale, interval[1] * scale) if interval else None
    yield Figure(outcome, unit, low * scale, high * scale, slack * scale, ends)
    if match["second"]:
        value, slack = _value(match["second"])
        yield Figure(outcome, unit, value * scale, value * scale, slack * scale)


def _value(written: str) -> tuple[float, float]:
    """A number and half a unit of its last digit."""
    plain = written.replace(",", "").replace("·", ".")
    return float(plain), 0.5 * 10.0 ** -len(plain.partition(".")[2])


def _outcome_of(named: Sequence[Mention], start: int, end: int) -> str | None:
    """The outcome that stands nearest; one before a figure is a little nearer than one behind."""

    def gap(mention: Mention) -> float:
        return 1.3 * (mention.start - end) if mention.start >= end else start - mention.end

    if not named:
        return None
    nearest = min(named, key=gap)
    return nearest.name if gap(nearest) <= FAR_FROM_OUTCOME else UNCLEAR
