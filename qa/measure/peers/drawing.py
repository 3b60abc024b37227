"""The page's two pictures, as SVG files with a white ground, readable on any page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from qa.metrics import Measure

INK = "#1f5f99"
OTHERS = "#8a8a8a"
_STYLE: Any = {"svg.hashsalt": "pincite", "svg.fonttype": "none", "font.size": 9}


@dataclass(frozen=True, slots=True)
class Bar:
    """One system's figure; ``ours`` is drawn in the stronger ink."""

    title: str
    figure: Measure
    ours: bool


def bars(panels: Sequence[tuple[str, Sequence[Bar]]], path: Path, *, log: bool = False) -> None:
    """Draw panels side by side, a bar or dot a system in each, with the figure's interval.

    Args:
        panels: a heading each, and its bars from the top down.
        path: the SVG file; the same figures give the same bytes.
        log: dots on a logarithmic axis; else bars of shares from 0 to 1.
    """
    rows = max(len(bars_) for _, bars_ in panels)
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(3.2 * len(panels) + 1.6, 0.34 * rows + 1.0), layout="constrained")
        axes = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
        for axis, (heading, bars_) in zip(axes, panels, strict=True):
            shown = [bar for bar in bars_ if bar.figure.value is not None]
            values = [bar.figure.value or 0.0 for bar in shown]
            lows = [v - (b.figure.low or v) for v, b in zip(values, shown, strict=True)]
            highs = [(b.figure.high or v) - v for v, b in zip(values, shown, strict=True)]
            names = [bar.title for bar in shown]
            inks = [INK if bar.ours else OTHERS for bar in shown]
            spread = [[max(0.0, one) for one in side] for side in (lows, highs)]
            axis.errorbar(values, names, xerr=spread, fmt="none", elinewidth=1, ecolor="#222222")
            if log:  # a bar of a logarithmic axis begins nowhere
                axis.scatter(values, names, color=inks, s=42, zorder=3)
                axis.set_xscale("log")
                axis.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
            else:
                axis.barh(names, values, color=inks, height=0.62)
                axis.set_xlim(0, 1)
            axis.set_title(heading, loc="left", fontsize=9)
            axis.grid(axis="x", color="#dddddd", linewidth=0.6)
            axis.set_axisbelow(True)
            axis.spines[["top", "right"]].set_visible(False)
        axes[0].invert_yaxis()
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, format="svg", facecolor="white", metadata={"Date": None})
