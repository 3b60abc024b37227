"""When two quotes that answer one question differ, by rule."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from index.terms import terms
from qa.differ.direction import Direction, direction, row_direction
from qa.differ.figures import UNCLEAR, Figure, figures, row_figures
from qa.differ.words import (
    CONTROLS,
    compared_with,
    fits_setting,
    outcome_names,
    outcomes,
    same_setting,
    tested,
    treatments,
    without_studies,
)
from qa.readers.overlap_features import rare_words

Kind = Literal["figures", "direction"]
MOST_FIGURES = 2
"""Figures of one outcome and unit in a quote beyond which it is not told which one is meant."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A quote with the words around it that say what it is about.

    Attributes:
        text: the sentence or table row.
        heading: title and section.
        header: of a table row, the names of its columns.
    """

    text: str
    heading: str = ""
    header: str | None = None

    @property
    def said(self) -> str:
        """The words of sentence, row and header."""
        return f"{self.header}: {self.text}" if self.header else self.text


def same_subject(question: str, one: Statement, other: Statement) -> bool:
    """Whether two quotes speak of the same treatment in the same setting, as far as words tell."""
    asked = set(tested(question)) - CONTROLS
    first, second = _treatments(one, asked), _treatments(other, asked)
    if first != second or (asked and not asked <= first):
        return False
    controls = compared_with(one.text), compared_with(other.text)
    if all(controls) and not controls[0] & controls[1]:
        return False
    if not _same_names(question, one, other) or not (first or _names(question)):
        return False
    if not all(fits_setting(question, f"{s.heading} {s.said}") for s in (one, other)):
        return False
    return same_setting(one.said, other.said, one.heading, other.heading)


def by_rule(question: str, one: Statement, other: Statement) -> Kind | None:
    """How two quotes differ in what they say to a question; None where no rule tells.

    Args:
        question: in full.
        one: a quote.
        other: a quote from another document.
    """
    if not same_subject(question, one, other):
        return None
    if _other_figures(question, one, other):
        return "figures"
    for outcome in sorted(_asked_outcomes(question, one, other)):
        said = {_direction(one, outcome), _direction(other, outcome)}
        if said == {"better", "not better"}:
            return "direction"
    return None


def _asked_outcomes(question: str, one: Statement, other: Statement) -> frozenset[str]:
    """The outcomes that both quotes name and the question asks for, or all: "does it help?"."""
    both = outcome_names(one.said) & outcome_names(other.said)
    asked = outcome_names(question)
    if not asked and not _EFFECT.search(question):
        return frozenset()
    if "mortality" in asked and not both & asked:
        asked |= {"survival"}
    return both & asked if asked else both


def _other_figures(question: str, one: Statement, other: Statement) -> bool:
    first, second = _figures(one), _figures(other)
    for outcome in _asked_outcomes(question, one, other):
        units = {f.unit for f in first if f.outcome == outcome}
        for unit in sorted(units & {f.unit for f in second if f.outcome == outcome}):
            sides = [f for f in first if f.unit == unit], [f for f in second if f.unit == unit]
            if _all_apart(*sides, outcome):
                return True
    return False


def _all_apart(one: Sequence[Figure], other: Sequence[Figure], outcome: str) -> bool:
    """Whether no figure for an outcome is among the other side's, and it is clear which are meant.

    One of two figures is often the control's: that none fits any is the careful reading.
    """
    first, second = ([f for f in side if f.outcome == outcome] for side in (one, other))
    if max(len(first), len(second)) > MOST_FIGURES:
        return False
    if any(figure.outcome == UNCLEAR for figure in (*one, *other)):
        return False
    return all(a.differs(b) for a in first for b in other) and all(
        a.differs(b) for a in one for b in second
    )


def _figures(one: Statement) -> list[Figure]:
    return row_figures(one.text, one.header) if one.header else figures(one.text)


def _direction(one: Statement, outcome: str) -> Direction | None:
    if one.header:
        return row_direction(one.text, one.header, outcome)
    return direction(one.text, outcome)


def _treatments(one: Statement, asked: set[str]) -> frozenset[str]:
    """What a quote is about: what it names itself, else of its heading what is asked for."""
    own = tested(one.text if asked else without_studies(one.text))
    if own:
        return own
    return frozenset(m.name for m in treatments(one.heading)) & (asked or {"", *_all(one)})


def _all(one: Statement) -> set[str]:
    named = {m.name for m in treatments(one.heading)}
    return named if len(named) == 1 else set()


def _same_names(question: str, one: Statement, other: Statement) -> bool:
    """Whether each telling name of the question that one quote has stands by the other, too."""
    names = _names(question)
    first, second = (names & _terms(f"{s.heading} {s.said}") for s in (one, other))
    if first != second:
        return False
    # A name written in capitals (a trial, a gene) is what the question is about: both need it.
    return _capitals(question) <= first


@lru_cache(maxsize=1024)
def _names(question: str) -> frozenset[str]:
    known = [*outcomes(question), *treatments(question)]
    rest = question
    for mention in sorted(known, key=lambda m: -m.start):
        rest = f"{rest[: mention.start]} {rest[mention.end :]}"
    return _terms(" ".join(rare_words(rest))) - _GENERAL


@lru_cache(maxsize=1024)
def _capitals(question: str) -> frozenset[str]:
    words = [w.strip("?.,;:()\"'") for w in question.split()]
    known = {m.name.lower() for m in treatments(question)}
    names = " ".join(w for w in words if len(w) > 2 and w.isupper() and w.lower() not in known)
    return _terms(names) & _names(question)


@lru_cache(maxsize=1024)
def _terms(text: str) -> frozenset[str]:
    return frozenset(terms(text))


_EFFECT = re.compile(
    r"\b(?:effect\w*|efficac\w+|help\w*|work(?:s|ed)?|benefit\w*|useful|any use|active"
    r"|activity|do any"
    r"|improv\w+|worth\w*|good|superior|better)\b",
    re.I,
)
_GENERAL = _terms(
    "hepatocellular carcinoma HCC hepatoma tumour tumor cancer liver patients advanced median mean "
    "rate months benefit improve prolong lengthen extend effective efficacy significant treatment "
    "therapy drug trial study studies randomised randomized proportion percentage percent achieve "
    "prevent delay reach compared occur seen receive give "
    "monotherapy alone single agent outcome analogue monthly weekly toxicity adverse frequent"
)
