"""A difference in words, without a verdict."""

from __future__ import annotations

from collections.abc import Mapping

from qa.answer import Citation, Difference
from qa.names import reading_order

HEADING = "Sources differ"
KINDS = {"figures": "in their figures", "direction": "in what they found"}
"""What follows the heading."""
TITLE = 70
"""Characters of a title that stand for a study without authors."""


def study(citation: Citation) -> str:
    """Name a study as one speaks of it: first author, or its title, and the year where known."""
    document = citation.document
    name = document.title if len(document.title) <= TITLE else f"{document.title[:TITLE].rstrip()}…"
    if document.authors:
        first = reading_order(document.authors[0]).split()[-1]
        name = first if len(document.authors) == 1 else f"{first} et al."
    return f"{name}, {document.year}" if document.year else name


def line(
    difference: Difference,
    citations: Mapping[int, Citation],
    numbers: Mapping[int, int] | None = None,
) -> str:
    """Say which quotes differ: "Sources differ in their figures: [1] A, 2008; [2] B et al., 2009".

    Args:
        difference: what differs.
        citations: the answer's, by number.
        numbers: what each citation is called here, where that is not its own number.
    """
    sides = "; ".join(
        f"[{(numbers or {}).get(n, n)}] {study(citations[n])}" for n in difference.sides
    )
    return f"{HEADING} {KINDS[difference.kind]}: {sides}"
