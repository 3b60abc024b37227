"""The two diagrams of an evaluation as SVG: no script, nothing loaded, readable in the dark."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from qa.metrics import CurvePoint, ReliabilityBin

SIDE = 260
SPOKEN = 6
"""Points of a curve that its text alternative tells of."""
_LEFT, _TOP, _RIGHT, _BOTTOM = 52, 16, 16, 44
_TICKS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


def risk_coverage_svg(curve: Sequence[CurvePoint]) -> Markup:
    """Share of wrong answers (up) against the share of questions answered (right)."""
    line = " ".join(f"{_x(p.coverage)},{_y(p.risk)}" for p in curve)
    dots = (
        Markup('<circle cx="{}" cy="{}" r="3"><title>{}</title></circle>').format(
            _x(p.coverage),
            _y(p.risk),
            f"confidence {p.threshold:.3f}: coverage {p.coverage:.3f}, wrong {p.risk:.3f}",
        )
        for p in curve
    )
    drawn = Markup('<polyline points="{}" fill="none" stroke-width="2"/>{}').format(
        line, Markup("").join(dots)
    )
    told = (
        f"{_percent(p.coverage)} answered, {_percent(p.risk)} of these wrong" for p in _some(curve)
    )
    return _frame(
        f"Wrong answers by coverage: {'; '.join(told)}.",
        "coverage",
        "wrong among the given",
        _INK.format(drawn),
    )


def reliability_svg(bins: Sequence[ReliabilityBin]) -> Markup:
    """Share of right answers (up) in each bin of confidence (right); the diagonal is ideal.

    A disc's area is in proportion to the number of answers in its bin.
    """
    most = max((one.n for one in bins), default=1)
    discs = (
        Markup(
            '<circle cx="{}" cy="{}" r="{}" fill-opacity=".6"><title>{}</title></circle>'
        ).format(
            _x(one.confidence),
            _y(one.right),
            f"{3 + 9 * (one.n / most) ** 0.5:.1f}",
            f"confidence {one.confidence:.3f}, right {one.right:.3f}, {one.n} answers",
        )
        for one in bins
    )
    ideal = Markup(
        '<line x1="{}" y1="{}" x2="{}" y2="{}" stroke="currentColor" stroke-opacity=".5" '
        'stroke-dasharray="4 4"/>'
    ).format(_x(0), _y(0), _x(1), _y(1))
    told = (
        f"at {_percent(one.confidence)} confidence {_percent(one.right)} right, of {one.n}"
        for one in bins
    )
    return _frame(
        f"Right answers by confidence: {'; '.join(told)}.",
        "confidence",
        "right among the given",
        ideal + _INK.format(Markup("").join(discs)),
    )


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _some(curve: Sequence[CurvePoint]) -> list[CurvePoint]:
    """A few points that tell the curve's course, its ends among them."""
    if len(curve) <= SPOKEN:
        return list(curve)
    steps = [round(i * (len(curve) - 1) / (SPOKEN - 1)) for i in range(SPOKEN)]
    return [curve[step] for step in steps]


# A blue that stands out on white and on black; all else takes the page's own colour.
_INK = Markup('<g stroke="#3d8bd4" fill="#3d8bd4">{}</g>')


def _x(share: float) -> str:
    return f"{_LEFT + share * SIDE:.1f}"


def _y(share: float) -> str:
    return f"{_TOP + (1 - share) * SIDE:.1f}"


def _frame(told: str, across: str, up: str, drawn: Markup) -> Markup:
    """Axes from 0 to 1 with ticks and names, around what is drawn.

    Args:
        told: what the diagram shows, for who cannot see it.
        across: name of the axis to the right.
        up: name of the upward axis.
        drawn: what is drawn.
    """
    width, height = _LEFT + SIDE + _RIGHT, _TOP + SIDE + _BOTTOM
    line = Markup('<line x1="{}" y1="{}" x2="{}" y2="{}"/>')
    ticks = (
        line.format(_x(t), _y(0), _x(t), _y(1)) + line.format(_x(0), _y(t), _x(1), _y(t))
        for t in _TICKS
    )
    number = Markup('<text x="{}" y="{}" text-anchor="{}">{}</text>')
    numbers = (
        number.format(_x(t), _TOP + SIDE + 16, "middle", f"{t:g}")
        + number.format(_LEFT - 6, f"{_TOP + (1 - t) * SIDE + 4:.1f}", "end", f"{t:g}")
        for t in _TICKS
    )
    middle = f"{_TOP + SIDE / 2:g}"
    upward = Markup(
        '<text x="14" y="{0}" text-anchor="middle" transform="rotate(-90 14 {0})">{1}</text>'
    ).format(middle, up)
    return Markup(
        '<svg role="img" aria-label="{}" viewBox="0 0 {w} {h}" width="{w}" height="{h}" '
        'font-size="12" font-family="system-ui,sans-serif">'
        '<g stroke="currentColor" stroke-opacity=".2">{}</g><g fill="currentColor">{}{}{}</g>'
        "{}</svg>"
    ).format(
        told,
        Markup("").join(ticks),
        Markup("").join(numbers),
        number.format(f"{_LEFT + SIDE / 2:g}", height - 8, "middle", across),
        upward,
        drawn,
        w=width,
        h=height,
    )
