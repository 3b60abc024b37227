"""The page's short reading: in which figures Pincite is not first, by how much, and why."""

from __future__ import annotations

from collections.abc import Sequence

from qa.measure.peers import columns
from qa.measure.peers.columns import Column, middle
from qa.measure.peers.results import Result, Run
from qa.measure.peers.systems import OWN, SYSTEMS

_TITLES = {system.name: system.title for system in SYSTEMS}
_LONGER = (
    "The longer a passage, the more easily it holds the gold: those before it give longer ones. "
    "At equal length read, see the next column."
)
_SHORTER = "Pincite's ranking is its reader's, which is trained to find the answering sentence."
_SENTENCE = "Both choose by a reader; the other's looks at other passages."


def reading(result: Result) -> str:
    """A paragraph a figure in which another system is before Pincite, worst first named.

    Figures of time are the medians of the paired rounds, where there are any; all others are of
    the run over all papers.
    """
    points = [*_found(result), *_measured(result)]
    if not points:
        return "Pincite is first in every column."
    return "\n".join(f"- {point}" for point in points)


def at_scale(result: Result) -> str:
    """A sentence or two on the full texts: where Pincite is not first there, and where it is.

    The reasons are those of the small runs, so they are not said again. Empty where Pincite or all
    others were not put to the full texts.
    """
    runs = _grouped(result.of("scale"))
    if OWN not in runs or len(runs) == 1:
        return ""
    behind, first = [], []
    for column in (columns.DOCUMENTS, columns.FIRST, columns.MEDIAN, *columns.COST):
        if told := _behind(column, runs):
            behind.append(f"{column.name} ({told})")
        else:
            first.append(column.name)
    said = []
    if behind:
        said.append(f"On the {result.sizes.scale_texts:,} full texts: {'; '.join(behind)}.")
    if first:
        said.append(f"There Pincite is first in {'; '.join(first)}.")
    return " ".join(said)


def _found(result: Result) -> list[str]:
    runs = {run.system: run for run in result.of("quality")}
    if OWN not in runs:
        return []
    points = []
    kinds = (
        ("recall@5", columns.recall, _LONGER),
        ("recall at equal length", columns.within, _SHORTER),
        ("evidence sentence hit@1", columns.hit, _SENTENCE),
    )
    for name, figure, why in kinds:
        values = {system: figure(run).value or 0.0 for system, run in runs.items()}
        if told := _standing(values, digits=3, more=True):
            points.append(f"**{name}**: {told}. {why}")
    return points


def _measured(result: Result) -> list[str]:
    points = []
    whole = _grouped(result.of("quality"))
    paired = _grouped(result.of("paired")) or whole
    kinds = [(c, paired) for c in (columns.DOCUMENTS, columns.FIRST, columns.MEDIAN)]
    kinds += [(c, whole) for c in (columns.MEMORY_INGEST, columns.MEMORY_ASK, columns.DISK)]
    for column, runs in kinds:
        if point := _point(column, runs):
            points.append(point)
    return points


def _point(column: Column, runs: dict[str, list[Run]]) -> str | None:
    if OWN not in runs:
        return None
    told = _behind(column, runs)
    return told and f"**{column.name}**: {told}. {column.why}"


def _behind(column: Column, runs: dict[str, list[Run]]) -> str | None:
    """See ``_standing``; of the medians over each system's runs."""
    values = {system: middle(own, column) or 0.0 for system, own in runs.items()}
    return _standing(values, digits=column.digits, more=column.more)


def _standing(values: dict[str, float], *, digits: int, more: bool) -> str | None:
    """Pincite's figure and those before it, best first; None where it is first itself."""
    before = _before(values, more=more)
    told = (f"{_TITLES[s]} {values[s]:,.{digits}f}" for s in (OWN, *before))
    return ", ".join(told) if before else None


def _before(values: dict[str, float], *, more: bool) -> list[str]:
    """The systems that are before Pincite, the best first."""
    sign = -1.0 if more else 1.0
    better = [s for s, value in values.items() if sign * value < sign * values[OWN]]
    return sorted(better, key=lambda system: (sign * values[system], system))


def _grouped(runs: Sequence[Run]) -> dict[str, list[Run]]:
    grouped: dict[str, list[Run]] = {}
    for run in runs:
        grouped.setdefault(run.system, []).append(run)
    return grouped
