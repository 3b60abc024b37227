"""Figures of growth: the exponent is that of the cost, and a page takes new figures."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from index.measure.growth import diagram, exponent, filled, main, sizes_table

RECORDS = [
    {
        "passages": size,
        "search": "flat, 8-bit, mapped from the disk",
        "opening": 0.1,
        "p50": size / 1e7,
        "p95": size / 5e6,
        "resident": 5e8,
        "add_p50": 0.2,
        "add_max": 0.4,
        "remove": 0.1,
        "disk_store": size * 3e3,
        "disk_dense": size * 4e2,
        "disk_lexical": size * 1e2,
    }
    for size in (1000, 10_000, 100_000, 1_000_000)
]


@pytest.mark.parametrize("power", [0.5, 1.0, 2.0])
def test_the_exponent_is_that_of_the_cost(power: float) -> None:
    sizes = [1000, 10_000, 100_000, 1_000_000]
    # The smallest size, with its fixed cost, is left out.
    costs = [99.0, *(3 * size**power for size in sizes[1:])]
    assert exponent(sizes, costs) == pytest.approx(power)
    assert exponent(sizes[:3], costs[:3]) is None


def test_new_figures_replace_the_old_ones_and_nothing_else() -> None:
    page = "Before\n<!-- figures: sizes -->\nold\n<!-- end -->\nAfter\n"
    new = filled(page, {"sizes": sizes_table(RECORDS)})
    assert new.startswith("Before\n<!-- figures: sizes -->\n| passages")
    assert new.endswith("| 4,000 MB |\n<!-- end -->\nAfter\n".replace("4,000", "3,500"))
    assert "old" not in new
    assert filled(new, {"sizes": "again"}) == filled(page, {"sizes": "again"})
    assert filled(page, {"kinds": "of others"}) == page


def test_figures_of_another_collection_have_names_of_their_own(tmp_path: Path) -> None:
    lines = "".join(json.dumps(one | {"size": one["passages"]}) + "\n" for one in RECORDS)
    (tmp_path / "scale.jsonl").write_text(lines, "utf-8")
    page = tmp_path / "page.md"
    marks = "<!-- figures: {} -->\nold\n<!-- end -->\n"
    page.write_text(marks.format("sizes") + marks.format("real_sizes"), "utf-8")
    main([str(tmp_path), str(page), "--prefix", "real_"])
    assert page.read_text("utf-8").startswith(marks.format("sizes"))
    assert "| 1,000 | flat, 8-bit |" in page.read_text("utf-8")
    assert not page.with_suffix(".svg").exists()


def test_the_diagram_shows_every_cost_that_was_measured_twice() -> None:
    drawn = diagram(RECORDS)
    for name in ("Retrieval, p95", "Memory of the process", "Disk", "Opening"):
        assert name in drawn
    assert "Storing" not in drawn
    assert "Retrieval, p95 (ms): exponent 1.00" in drawn
