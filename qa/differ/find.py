"""The pairs of an answer that differ, and the one quote more that a difference may bring."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from qa.answer import Difference
from qa.compose import Candidate, ranked
from qa.differ.rules import Kind, Statement, by_rule
from qa.reader import Reading

LEAST = 0.03
"""Probability that a sentence answers the question, below which it is not quoted for differing. An
answer's own quotes begin there, too: what is so unlikely to answer says nothing against another."""
LEAST_SHARE = 0.1
"""And the share of the best quote's probability: half of what a further quote needs that agrees."""
CONSIDERED = 40
"""Sentences, the best ones, that are held against the quotes."""


class Pair(NamedTuple):
    """Two places in the list of chosen candidates, and how they differ."""

    kind: Kind
    one: int
    other: int


def with_differences(
    question: str, chosen: Sequence[Candidate], readings: Sequence[Reading]
) -> tuple[list[Candidate], tuple[Difference, ...]]:
    """Find what differs among the chosen sentences; where nothing does, look for one that would.

    The chosen ones keep their order. At most one more is put behind them: the best sentence of
    another document that differs from one of them and is likely enough to answer.

    Args:
        question: as understood.
        chosen: what ``compose.choose`` gave; empty where the question is not answered.
        readings: all that was read.

    Returns:
        The candidates to quote, and the differences, by the numbers that their citations will have.
    """
    quoted = list(chosen)
    found = list(_pairs(question, quoted))
    if quoted and not found:
        further = next(_further(question, quoted, readings), None)
        if further is not None:
            quoted.append(further)
            found = list(_pairs(question, quoted))
    return quoted, _merged(found)


def kind_of(question: str, one: Statement, other: Statement) -> Kind | None:
    """How two quotes differ in what they say to a question; None where nothing tells."""
    return by_rule(question, one, other)


def statement(candidate: Candidate) -> Statement:
    """A candidate as the rules see it."""
    passage, info = candidate.hit.passage, candidate.hit.document
    return Statement(
        text=passage.sentence_text(candidate.sentence.span),
        heading=" | ".join(part for part in (info.title, passage.section or "") if part),
        header=passage.header_text,
    )


def _pairs(question: str, quoted: Sequence[Candidate]) -> Iterator[Pair]:
    for one in range(len(quoted)):
        for other in range(one + 1, len(quoted)):
            kind = _pairs_with(question, quoted[one], quoted[other])
            if kind is not None:
                yield Pair(kind, one, other)


def _further(
    question: str, quoted: Sequence[Candidate], readings: Sequence[Reading]
) -> Iterator[Candidate]:
    """Sentences likely enough to answer that differ from another document's quote, best first."""
    least = max(LEAST, LEAST_SHARE * quoted[0].sentence.score)
    for further in ranked(readings)[:CONSIDERED]:
        if further.sentence.score < least:
            return
        if further not in quoted and any(_pairs_with(question, one, further) for one in quoted):
            yield further


def _pairs_with(question: str, one: Candidate, other: Candidate) -> Kind | None:
    """How two candidates of different documents differ."""
    if _document(one) == _document(other):
        return None
    return kind_of(question, statement(one), statement(other))


def _document(candidate: Candidate) -> str:
    return candidate.hit.passage.document_id


def _merged(pairs: Sequence[Pair]) -> tuple[Difference, ...]:
    """Pairs as differences; three quotes of which each differs from each are one of three sides."""
    apart = {frozenset((p.one, p.other)): p.kind for p in pairs}
    sides: list[tuple[Kind, list[int]]] = []
    for pair in pairs:
        home = next(
            (
                found
                for kind, found in sides
                if kind == pair.kind
                and all(
                    n in found or all(apart.get(frozenset((n, m))) == kind for m in found)
                    for n in (pair.one, pair.other)
                )
            ),
            None,
        )
        if home is None:
            sides.append((pair.kind, [pair.one, pair.other]))
        else:
            home += [n for n in (pair.one, pair.other) if n not in home]
    return tuple(
        Difference(kind=kind, sides=tuple(n + 1 for n in sorted(found))) for kind, found in sides
    )
