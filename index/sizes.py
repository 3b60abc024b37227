"""Which kind of dense index serves a collection of a given size, and why."""

from __future__ import annotations

from typing import NamedTuple

from index.segment import Kind

EXACT_MOST = 50_000
"""Passages up to which vectors are kept as they are; measured, see docs/scale.md."""


class Choice(NamedTuple):
    """How vectors are kept, and why in a sentence for the person."""

    kind: Kind
    reason: str


def choice(passages: int) -> Choice:
    """The kind of index for so many passages.

    Both kinds give the same answers: eight bits only choose candidates, with proof that the
    nearest are among them, and the exact vectors rank those.
    """
    if passages <= EXACT_MOST:
        return Choice(
            Kind.EXACT,
            f"flat, 32-bit: up to {EXACT_MOST:,} passages every vector is compared exactly.",
        )
    return Choice(
        Kind.EIGHT_BITS,
        f"flat, 8-bit, mapped from the disk: with more than {EXACT_MOST:,} passages it takes a "
        "quarter of the memory and of the time; the candidates are compared exactly, so answers "
        "are the same.",
    )
