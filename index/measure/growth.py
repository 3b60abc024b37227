"""The figures of growth as tables and a diagram, put into a page of the documentation.

    python -m index.measure.growth OUT docs/scale.md

OUT holds ``kinds.jsonl``, ``scale.jsonl``, ``grown.jsonl`` and the tables of
:mod:`qa.measure.questions`, what was measured. In the page
what stands between ``<!-- figures: NAME -->`` and ``<!-- end -->`` is replaced; the diagram goes
beside it. An exponent is the slope of a straight line through the logarithms, by least squares: a
cost that grows with size to the power of 1 doubles when the collection does.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

Record = dict[str, Any]

FITTED_FROM = 10_000
"""Passages from which on exponents are fitted: below, fixed costs hide what grows."""

_WIDTH, _HEIGHT, _LEFT, _TOP, _GAP = 330, 220, 62, 34, 40


class Series(NamedTuple):
    """One cost: its name, its unit, and its value from a record (None where not measured)."""

    name: str
    unit: str
    of: Callable[[Record], float | None]


def _ratio(key: str, by: float) -> Callable[[Record], float | None]:
    return lambda record: record[key] / by if key in record else None


def _disk(record: Record) -> float:
    return sum(float(record[f"disk_{part}"]) for part in ("store", "dense", "lexical")) / 1e6


SERIES = (
    Series("Storing, not reading or embedding", "s", _ratio("store_processor", 1.0)),
    Series("Making the search indexes", "s", _ratio("build_processor", 1.0)),
    Series("Retrieval, p95", "ms", _ratio("p95", 1e-3)),
    Series("Memory of the process", "MB", _ratio("resident", 1e6)),
    Series("Disk", "MB", _disk),
    Series("Adding a paper, median", "ms", _ratio("add_p50", 1e-3)),
    Series("Opening", "ms", _ratio("opening", 1e-3)),
)


def exponent(sizes: Sequence[float], costs: Sequence[float]) -> float | None:
    """The power of size with which a cost grows; None with fewer than three sizes."""
    points = [(n, c) for n, c in zip(sizes, costs, strict=True) if n >= FITTED_FROM and c > 0]
    if len(points) < 3:
        return None
    logs = np.log(np.array(points))
    return float(np.polyfit(logs[:, 0], logs[:, 1], 1)[0])


def points(series: Series, records: Sequence[Record]) -> list[tuple[float, float]]:
    """Size and cost of each record that has both."""
    found = ((record, series.of(record)) for record in records)
    return [(record["passages"], value) for record, value in found if value is not None]


def sizes_table(records: Sequence[Record]) -> str:
    """A row for each size."""
    lines = [
        "| passages | vectors | opening | retrieval p50 | p95 | memory | adding a paper, median | "
        "longest of ten | removing one | disk |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for one in records:
        cells = [
            f"{one['passages']:,}",
            str(one["search"]).replace(", mapped from the disk", ""),
            f"{one['opening']:.2f} s",
            f"{one['p50'] * 1e3:.0f} ms",
            f"{one['p95'] * 1e3:.0f} ms",
            f"{one['resident'] / 1e6:,.0f} MB",
            f"{one['add_p50']:.2f} s",
            f"{one['add_max']:.2f} s",
            f"{one['remove']:.2f} s",
            f"{_disk(one):,.0f} MB",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def exponents_table(records: Sequence[Record]) -> str:
    """A row for each cost that was measured at three sizes."""
    lines = [
        "![How costs grow with the number of passages](scale.svg)",
        "",
        "| cost | exponent | at the largest size |",
        "|---|---|---|",
    ]
    for series in SERIES:
        there = points(series, records)
        fitted = exponent([n for n, _ in there], [c for _, c in there])
        if fitted is not None:
            size, cost = there[-1]
            at = f"{cost:,.0f} {series.unit} at {size:,}"
            lines.append(f"| {series.name} | {fitted:.2f} | {at} |")
    return "\n".join(lines)


def kinds_table(records: Sequence[Record]) -> str:
    """A row for each kind of index at each size."""
    lines = [
        "| passages | kind | recall@10 | p50 | p95 | size | made in | a paper added in |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for one in sorted(records, key=lambda record: record["passages"]):
        kind = one["kind"].replace("pincite", "**eight bits, compared exactly**")
        cells = [
            f"{one['passages']:,}",
            kind,
            f"{one['recall']:.3f}",
            f"{one['p50'] * 1e3:.1f} ms",
            f"{one['p95'] * 1e3:.1f} ms",
            f"{one['size'] / 1e6:,.0f} MB",
            f"{one['build']:.1f} s",
            f"{one['add'] * 1e3:.0f} ms",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def diagram(records: Sequence[Record]) -> str:
    """Every cost against size, both logarithmic, as SVG; colours suit light and dark pages."""
    shown = [(one, points(one, records)) for one in SERIES]
    shown = [(one, there) for one, there in shown if len(there) > 1]
    rows = -(-len(shown) // 2)
    size = 2 * (_WIDTH + _LEFT), rows * (_HEIGHT + _TOP + _GAP)
    panels = []
    for number, (series, there) in enumerate(shown):
        at = (number % 2) * (_WIDTH + _LEFT), (number // 2) * (_HEIGHT + _TOP + _GAP)
        panels.append(
            f'<g transform="translate({at[0] + _LEFT},{at[1] + _TOP})">{_panel(series, there)}</g>'
        )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size[0]} {size[1]}" '
        f'font-family="sans-serif" font-size="12" fill="#777" role="img">'
        f"<title>How costs grow with the number of passages</title>{''.join(panels)}</svg>\n"
    )


def _panel(series: Series, there: Sequence[tuple[float, float]]) -> str:
    fitted = exponent([n for n, _ in there], [c for _, c in there])
    said = f"{series.name} ({series.unit})" + (f": exponent {fitted:.2f}" if fitted else "")
    logs = np.log10(np.array(there))
    low = np.floor(logs.min(axis=0))
    high = np.maximum(np.ceil(logs.max(axis=0)), low + 1)
    scaled = (logs - low) / (high - low) * [_WIDTH - 30, -_HEIGHT] + [0, _HEIGHT]
    parts = [f'<text y="-12" font-weight="bold">{said}</text>']
    for power in range(int(low[0]), int(high[0]) + 1):
        x = (power - low[0]) / (high[0] - low[0]) * (_WIDTH - 30)
        parts.append(_line(x, 0, x, _HEIGHT))
        parts.append(
            f'<text x="{x:.0f}" y="{_HEIGHT + 16}" text-anchor="middle">{_short(power)}</text>'
        )
    for power in range(int(low[1]), int(high[1]) + 1):
        y = _HEIGHT - (power - low[1]) / (high[1] - low[1]) * _HEIGHT
        parts.append(_line(0, y, _WIDTH - 30, y))
        parts.append(f'<text x="-6" y="{y + 4:.0f}" text-anchor="end">{_round(power)}</text>')
    dots = " ".join(f"{x:.1f},{y:.1f}" for x, y in scaled)
    parts.append(f'<polyline points="{dots}" fill="none" stroke="#2b7bba" stroke-width="2"/>')
    parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="#2b7bba"/>' for x, y in scaled]
    return "".join(parts)


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" stroke="#999" stroke-opacity=".3"/>'


def _round(power: int) -> str:
    return f"{10.0**power:,.0f}" if power >= 0 else f"{10.0**power:g}"


def _short(power: int) -> str:
    """A number of passages in as few letters as it takes: 1k, 10M."""
    for least, letter in ((6, "M"), (3, "k")):
        if power >= least:
            return f"{10 ** (power - least)}{letter}"
    return _round(power)


def filled(page: str, figures: dict[str, str]) -> str:
    """The page with new figures between their marks; those that are not given stay."""

    def new(found: re.Match[str]) -> str:
        name = found.group(1)
        if name not in figures:
            return found.group()
        return f"<!-- figures: {name} -->\n{figures[name]}\n<!-- end -->"

    return re.sub(r"<!-- figures: (\w+) -->.*?<!-- end -->", new, page, flags=re.DOTALL)


def _size(name: str) -> int:
    """The number of passages in the name of a table."""
    return int(name.rpartition("-")[2])


def read(file: Path, *key: str) -> list[Record]:
    """The records of a file, of those with the same key the last; none where there is no file."""
    if not file.exists():
        return []
    lines = (json.loads(line) for line in file.read_text("utf-8").splitlines())
    return list({tuple(one[part] for part in key): one for one in lines}.values())


def main(words: Sequence[str] | None = None) -> None:
    """Fill the page; ``words`` are those of the command line where none are given."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path, help="where the figures are")
    parser.add_argument("page", type=Path, help="the page that shows them")
    parser.add_argument("--prefix", default="", help="of their names in the page; no diagram then")
    arguments = parser.parse_args(words)
    grown = {one["size"]: one for one in read(arguments.out / "grown.jsonl", "size")}
    records = sorted(read(arguments.out / "scale.jsonl", "size"), key=lambda one: one["size"])
    for one in records:
        if one["size"] in grown:
            one["store_processor"] = grown[one["size"]]["processor"]
    figures: dict[str, str] = {}
    if kinds := read(arguments.out / "kinds.jsonl", "passages", "kind"):
        figures["kinds"] = kinds_table(kinds)
    if records:
        figures |= {"sizes": sizes_table(records), "exponents": exponents_table(records)}
    asked = {table.stem: table.read_text("utf-8") for table in arguments.out.glob("questions-*.md")}
    if asked:
        figures["questions"] = "\n".join(asked[name] for name in sorted(asked, key=_size)).strip()
    page, prefix = arguments.page, arguments.prefix
    named = {prefix + name: table for name, table in figures.items()}
    page.write_text(filled(page.read_text("utf-8"), named), "utf-8")
    if records and not prefix:
        page.with_suffix(".svg").write_text(diagram(records), "utf-8")


if __name__ == "__main__":
    main()
