"""The two diagrams of an evaluation as SVG: no script, nothing loaded, readable in the dark."""

from __future__ import annotations

from collections.abc import Sequence

from qa.metrics import CurvePoint, ReliabilityBin

SIDE = 260
_LEFT, _TOP, _RIGHT, _BOTTOM = 52, 12, 12, 44
_TICKS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


def risk_coverage_svg(curve: Sequence[CurvePoint]) -> str:
    """Share of wrong answers (up) against the share of questions answered (right)."""
    line = " ".join(f"{_x(p.coverage)},{_y(p.risk)}" for p in curve)
    dots = "".join(
        f'<circle cx="{_x(p.coverage)}" cy="{_y(p.risk)}" r="3">'
        f"<title>confidence {p.threshold:.3f}: coverage {p.coverage:.3f}, "
        f"wrong {p.risk:.3f}</title></circle>"
        for p in curve
    )
    drawn = f'<polyline points="{line}" fill="none" stroke-width="2"/>{dots}'
    return _frame(
        "Wrong answers by coverage", "coverage", "wrong among the given", f"<g {_INK}>{drawn}</g>"
    )


def reliability_svg(bins: Sequence[ReliabilityBin]) -> str:
    """Share of right answers (up) in each bin of confidence (right); the diagonal is ideal.

    A disc's area is in proportion to the number of answers in its bin.
    """
    most = max((one.n for one in bins), default=1)
    discs = "".join(
        f'<circle cx="{_x(one.confidence)}" cy="{_y(one.right)}" '
        f'r="{3 + 9 * (one.n / most) ** 0.5:.1f}" fill-opacity=".6">'
        f"<title>confidence {one.confidence:.3f}, right {one.right:.3f}, {one.n} answers</title>"
        "</circle>"
        for one in bins
    )
    ideal = (
        f'<line x1="{_x(0)}" y1="{_y(0)}" x2="{_x(1)}" y2="{_y(1)}" '
        'stroke="currentColor" stroke-opacity=".5" stroke-dasharray="4 4"/>'
    )
    return _frame(
        "Right answers by confidence",
        "confidence",
        "right among the given",
        f"{ideal}<g {_INK}>{discs}</g>",
    )


# A blue that stands out on white and on black; all else takes the page's own colour.
_INK = 'stroke="#3d8bd4" fill="#3d8bd4"'


def _x(share: float) -> str:
    return f"{_LEFT + share * SIDE:.1f}"


def _y(share: float) -> str:
    return f"{_TOP + (1 - share) * SIDE:.1f}"


def _frame(name: str, across: str, up: str, drawn: str) -> str:
    """Axes from 0 to 1 with ticks and names, around what is drawn."""
    width, height = _LEFT + SIDE + _RIGHT, _TOP + SIDE + _BOTTOM
    ticks = "".join(
        f'<line x1="{_x(t)}" y1="{_y(0)}" x2="{_x(t)}" y2="{_y(1)}"/>'
        f'<line x1="{_x(0)}" y1="{_y(t)}" x2="{_x(1)}" y2="{_y(t)}"/>'
        for t in _TICKS
    )
    numbers = "".join(
        f'<text x="{_x(t)}" y="{_TOP + SIDE + 16}" text-anchor="middle">{t:g}</text>'
        f'<text x="{_LEFT - 6}" y="{_TOP + (1 - t) * SIDE + 4:.1f}" text-anchor="end">{t:g}</text>'
        for t in _TICKS
    )
    middle = _TOP + SIDE / 2
    names = (
        f'<text x="{_LEFT + SIDE / 2:g}" y="{height - 8}" text-anchor="middle">{across}</text>'
        f'<text x="14" y="{middle:g}" text-anchor="middle" '
        f'transform="rotate(-90 14 {middle:g})">{up}</text>'
    )
    return (
        f'<svg role="img" aria-label="{name}" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" font-size="12" font-family="system-ui,sans-serif">'
        f'<g stroke="currentColor" stroke-opacity=".2">{ticks}</g>'
        f'<g fill="currentColor">{numbers}{names}</g>{drawn}</svg>'
    )
