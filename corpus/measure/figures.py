"""What a measurement gives: figures for a table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a measurement.

    Attributes:
        what: what was measured.
        value: the figure, as it is shown.
        of: over what it was measured.
    """

    what: str
    value: str
    of: str = ""
