"""How the start of the web chat is measured."""

from __future__ import annotations

from qa.measure.start import Start, table


def test_the_table_has_the_median_the_least_and_the_most() -> None:
    starts = [Start(1, 2, 3, 4, 1), Start(2, 3, 4, 9, 1), Start(3, 4, 5, 5, 1)]
    written = table(starts)
    assert "| the port is open | 2.0 s | 1.0 s | 3.0 s |" in written
    assert "| the first answer | 5.0 s | 4.0 s | 9.0 s |" in written
