"""A raised figure behind a digit stays a power, in every format of mark-up."""

from __future__ import annotations

import pytest

from corpus.load import load_bytes

PAGE = (
    "<html><body><h1>Doses</h1><p>They gave 3 × 10<sup>6</sup> units to patients of 5.4"
    "<sup>&minus;1</sup> and 70 kg/m<sup>2</sup>, that is 2<b>5<sup>3</sup></b>.</p></body></html>"
)
ARTICLE = (
    "<?xml version='1.0'?><article><front/><body><sec><title>Doses</title><p>They gave 3 × "
    "10<sup>6</sup> units to patients of 5.4<sup>−1</sup> and 70 kg/m<sup>2</sup>, that is "
    "2<bold>5<sup>3</sup></bold>.</p></sec></body></article>"
)


@pytest.mark.parametrize(("name", "source"), [("a.html", PAGE), ("a.nxml", ARTICLE)])
def test_a_raised_figure_behind_a_digit_is_a_power_and_elsewhere_stays_as_it_is(
    name: str, source: str
) -> None:
    document = load_bytes(source.encode(), name)
    assert (
        "They gave 3 × 10⁶ units to patients of 5.4⁻¹ and 70 kg/m2, that is 25³." in document.text
    )
    at = document.text.index("⁶")
    (span,) = document.source_spans(at, at + 1)
    assert source[span.start : span.end] == "6"
