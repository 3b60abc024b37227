"""In which order the systems go, and how their runs are set beside each other."""

from __future__ import annotations

from qa.measure.peers.pairing import order, ratio, ratios
from qa.measure.peers.results import Run


def run(system: str, round_: int, first: float) -> Run:
    return Run(part="paired", round=round_, system=system, first=first)


def first(one: Run) -> float:
    return one.first


def test_every_other_round_goes_backwards() -> None:
    systems = ["a", "b", "c"]
    assert [order(systems, n) for n in range(3)] == [
        ["a", "b", "c"],
        ["c", "b", "a"],
        ["a", "b", "c"],
    ]


def test_a_ratio_is_of_the_same_round() -> None:
    # The machine is ten times slower in the second round: the ratio does not notice.
    runs = [run("a", 0, 2), run("b", 0, 1), run("b", 1, 10), run("a", 1, 20)]
    assert ratios(runs, "a", "b", first) == [2.0, 2.0]
    found = ratio(runs, "a", "b", first)
    assert (found.value, found.low, found.high, found.n) == (2.0, 2.0, 2.0, 2)


def test_a_round_that_one_of_them_lacks_does_not_count() -> None:
    runs = [run("a", 0, 2), run("b", 0, 1), run("a", 1, 7)]
    assert ratios(runs, "a", "b", first) == [2.0]
    assert ratio([run("a", 0, 2)], "a", "b", first).value is None


def test_the_spread_is_the_rounds_own() -> None:
    runs = [run("b", n, 1) for n in range(5)] + [run("a", n, n + 1) for n in range(5)]
    found = ratio(runs, "a", "b", first)
    assert found.value == 3.0
    assert found.low is not None
    assert found.high is not None
    assert 1.0 <= found.low < 3.0 < found.high <= 5.0
