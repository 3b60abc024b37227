"""A few papers kept as a million would be."""

from __future__ import annotations

import pytest

from index import dense, derived, sizes


def keep_as_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep vectors with eight bits in many segments, and what was removed where it lies."""
    monkeypatch.setattr(sizes, "EXACT_MOST", 0)
    monkeypatch.setattr(dense, "SEGMENT_ROWS", 4)
    monkeypatch.setattr(dense, "SMALL", 0)
    monkeypatch.setattr(dense, "DEAD_SHARE", 0.7)
    monkeypatch.setattr(derived, "ANEW", 0)
    monkeypatch.setattr(derived, "GONE_SHARE", 10.0)
