"""Writes the page of a bench, with its pictures, from the figures that were kept.

    python -m qa.measure.peers.page OUT/result.json docs [--texts TEXTS/result.json]

The full texts may come from a run of their own, or from several that are given one after the other:
all of them take hours.
No text of any paper or question is in the figures, so nothing of them gets onto the page.
"""

from __future__ import annotations

import shutil
import statistics
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qa.measure.peers import columns
from qa.measure.peers.columns import COMPARED, COST, SCALE, SPEED, Column, middle
from qa.measure.peers.judging import BUDGET
from qa.measure.peers.pairing import ratio, ratios
from qa.measure.peers.reading import at_scale, reading
from qa.measure.peers.results import Machine, Part, Result, Run, joined, read, write
from qa.measure.peers.systems import OWN, SYSTEMS, System
from qa.metrics import Measure
from qa.training.bootstrap import shown

if TYPE_CHECKING:
    from qa.measure.peers.drawing import Bar

PAGE, FIGURES, RESULT, TEXTS = "bench.md", "bench", "bench.json", "bench_texts.json"
EVERY = 2528
"""Full texts of Evidence Inference that there are."""
_CHOSEN_BY = {"own": "itself", "answer": "itself", "nearest": "nearest vector"}


def page(result: Result, texts: Result | None = None) -> str:
    """The whole page as Markdown; ``texts`` is the run that put the systems to the full texts."""
    parts = (
        _head(result),
        _quality(result),
        _paired(result),
        _cost(result),
        _scale(texts or result, result.machine),
        "## Where Pincite is not first, and why\n\n" + reading(result),
        at_scale(texts or result),
        _setup(result),
        _again(result, texts),
    )
    return "\n\n".join(part.strip() for part in parts if part) + "\n"


def _head(result: Result) -> str:
    machine = result.machine
    return f"""# Pincite beside its peers

`make bench` measures Pincite and its peers in one run, on the same files and with the same embedder
(all-MiniLM-L6-v2), and writes this page. Measured on {machine.date}: {_machine(machine)}.
{_noise(result)}

Each system runs in its own process and its own environment at pinned versions
(`qa/measure/peers/requirements/`), set up as its own documentation recommends
([how](#how-each-is-set-up)). One judge judges them all: a passage or sentence is right where it
shares a character with the gold place in the right paper. Where a system does not say at which
characters its words stand, they are looked up in the paper, and every place counts."""


def _machine(machine: Machine) -> str:
    return (
        f"{machine.processor}, {_cores(machine)}, {machine.memory_gb:.0f} GB, {machine.system}, "
        f"Python {machine.python}, no GPU"
    )


def _cores(machine: Machine) -> str:
    return _counted(machine.cores, "core")


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


def _noise(result: Result) -> str:
    """What to know of the machine's other work before the seconds are believed."""
    loads = [run.load for run in result.runs if not run.failed]
    usual = statistics.median(loads) if loads else 0.0
    if usual <= result.machine.cores + 0.5:
        return "The machine had nothing else to do."
    return (
        f"**The machine had other work**: the median load before a run was {usual:.1f} on "
        f"{_cores(result.machine)}. Seconds are too long for all; ratios of paired runs hold "
        "better, and not well."
    )


def _quality(result: Result) -> str:
    runs = _by_system(result, "quality")
    if not runs:
        return ""
    sizes = result.sizes
    rows = [
        (
            system.title,
            str(run.passages),
            f"{columns.length(run):.0f}",
            shown(columns.recall(run)),
            shown(columns.within(run)),
            shown(columns.hit(run)),
            _CHOSEN_BY[system.sentences],
        )
        for system, run in runs
    ]
    lost = [(s.title, columns.unplaced(run)) for s, run in runs if columns.unplaced(run)]
    heads = (
        *("", "passages", "characters a passage", "recall@5"),
        *(f"recall in {BUDGET:,} characters", "evidence sentence hit@1", "sentence chosen by"),
    )
    note = (
        f"COVID-QA dev, {sizes.quality_questions} questions asked of {sizes.quality_papers} "
        "papers, once; with 95 % bootstrap intervals over questions. Five long passages hold the "
        "gold more easily than five short ones, so recall is also given among the first "
        f"{BUDGET:,} characters of each ranking. Characters are the median of the passages found. "
        "Where a system chooses no sentence, it is given the sentence of its best passage whose "
        "vector is nearest to the question's (same embedder, not timed); an extracted answer "
        "stands for its sentence. Pincite's reader, whose network haystack-ai's is given too, "
        "learned from COVID-QA's training papers, never from dev; the embedder did not."
    )
    if lost:
        told = ", ".join(f"{title} {count}" for title, count in lost)
        note += f" Passages whose words are not found in their paper, which are wrong: {told}."
    return (
        f"## What each finds\n\n{_table(heads, rows)}\n\n{note}\n\n"
        f"![Recall and sentence hits of each system]({FIGURES}/quality.svg)"
    )


def _paired(result: Result) -> str:
    runs = result.of("paired")
    if not runs:
        return ""
    sizes = result.sizes
    systems = [s for s in SYSTEMS if result.of("paired", s.name)]
    rows = [
        (s.title, *(_number(middle(result.of("paired", s.name), c), c) for c in SPEED))
        for s in systems
    ]
    compared = [
        (s.title, *(_ratio(ratio(runs, s.name, OWN, c.of)) for c in COMPARED))
        for s in systems
        if s.name != OWN
    ]
    rounds = max((len(ratios(runs, s.name, OWN, columns.FIRST.of)) for s in systems), default=0)
    heads = ("", *(c.name for c in COMPARED))
    return f"""## How fast

{_table(("", *(c.name for c in SPEED)), rows)}

Median of {_counted(sizes.rounds, "round")}, each {sizes.paired_papers} papers and
{sizes.paired_questions} questions, the systems forwards and backwards in turn. Ingest counts from
the first file read to the last byte stored, with libraries and model loaded before. The first
answer counts from the start of a process that opens what was stored (files in the system's cache);
p50 and p95 are of the questions after it.

The same by Pincite's figure in the same round (median of {_counted(rounds, "paired ratio")}, 95 %
bootstrap interval over rounds; below 1 is less than Pincite's, which is better for seconds, memory
and bytes, and worse for documents a second):

{_table(heads, compared)}

![Ingest, first answer and question of each system]({FIGURES}/speed.svg)"""


def _cost(result: Result) -> str:
    runs = _by_system(result, "quality")
    rows = [(s.title, *(_number(c.of(run), c) for c in COST)) for s, run in runs]
    if not rows:
        return ""
    return f"""## What it takes: {result.sizes.quality_papers} papers

{_table(("", *(c.name for c in COST)), rows)}

One run, in which seconds are not compared: that is done in the rounds above.
Memory is the resident size of the process and its children, the most of ten looks a second; it
holds libraries and model too. On disk is what the system keeps for these papers, without its
libraries."""


def _scale(result: Result, machine: Machine) -> str:
    """The full texts.

    Args:
        result: the run that has them.
        machine: that of the tables before; another one is told.
    """
    runs = [(s, run) for s in SYSTEMS for run in result.of("scale", s.name)]
    if not runs:
        return ""
    count = result.sizes.scale_texts
    rows = [
        (
            s.title if run == result.of("scale", s.name)[0] else f"{s.title}, again",
            f"{run.passages:,}",
            *(_number(c.of(run), c) for c in SCALE),
        )
        for s, run in runs
    ]
    heads = ("", "passages", *(c.name for c in SCALE))
    which = f"the first {count} of {EVERY:,} by name,"
    if count == EVERY:
        which = "all but three that hold no more than a title,"
    asked = f"{result.sizes.scale_questions} questions are COVID-QA's and only timed"
    note = f"Evidence Inference, {which} once; the {asked}."
    if result.machine != machine:
        note += (
            f" A run of its own, on {result.machine.date}: {_machine(result.machine)}. "
            f"{_noise(result)}"
        )
    sittings = len({run.round for _, run in runs})
    if sittings > 1:
        note += f" In {sittings} sittings, on machines of this kind. The date is the first one's."
    left = [s for s in SYSTEMS if not result.of("scale", s.name)]
    if left and count == EVERY:
        note += f" {_left_out(result, left)}"
    if count < EVERY:
        hours = sum(run.ingest for _, run in runs) / count * EVERY / 3600
        note += f" At this pace all {EVERY:,} take these systems {hours:.0f} hours together."
    return f"## At scale: {count:,} full texts\n\n{_table(heads, rows)}\n\n{note}"


def _left_out(result: Result, systems: Sequence[System]) -> str:
    """Which systems came to nothing, and which were not put to it."""
    reasons = {run.system: run.failed for run in result.failures() if run.part == "scale"}
    failed = [f"{s.title}: {reasons[s.name]}." for s in systems if s.name in reasons]
    others = [s.title for s in systems if s.name not in reasons]
    return " ".join([*failed, *([f"Not run: {'; '.join(others)}."] if others else [])])


def _setup(result: Result) -> str:
    rows = []
    for system in SYSTEMS:
        runs = [run for run in result.runs if run.system == system.name]
        if not runs:
            rows.append((system.title, system.setup, "was not run this time", ""))
            continue
        versions = next((run.versions for run in runs if run.versions), {})
        failed = sorted({run.failed for run in runs if run.failed})
        missing = "; ".join(filter(None, (system.without, *(f"failed: {f}" for f in failed))))
        told = ", ".join(f"{name} {number}" for name, number in versions.items())
        rows.append((system.title, system.setup, missing or "nothing", told))
    return "## How each is set up\n\n" + _table(
        ("", "set up", "what could not be had here", "versions"), rows
    )


def _again(result: Result, texts: Result | None) -> str:
    sizes = result.sizes
    options = (
        f"--rounds {sizes.rounds} --papers {sizes.paired_papers} "
        f"--questions {sizes.paired_questions} --evidence {sizes.scale_texts} \\\n        "
        f"--quality-papers {sizes.quality_papers} --quality-questions {sizes.quality_questions} "
        f"--cores {result.machine.cores}"
    )
    own = "" if texts is None else f", docs/{TEXTS}"
    return f"""## Measuring again

    make bench                      # environments, all parts, this page
    make bench-texts                # all full texts, hours; `SYSTEMS="pincite txtai"` for some,
                                    # `AFTER=docs/{TEXTS}` to add to those that are there
    make bench-page                 # this page and its pictures anew from docs/{RESULT}{own}
    .venv/bin/python -m qa.measure.peers.bench ../shared/bench out/peers \\
        {options}

The last command has the sizes of this page. The environments take about eight gigabytes under
`out/peers`. `docs/{RESULT}` holds every figure of this page, run by run."""


def _by_system(result: Result, part: Part) -> list[tuple[System, Run]]:
    return [(s, run) for s in SYSTEMS for run in result.of(part, s.name)[:1]]


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(heads)} |", "|" + "---|" * len(heads)]
    lines += [f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in rows]
    return "\n".join(lines)


def _number(value: float | None, column: Column) -> str:
    return "–" if value is None else f"{value:,.{column.digits}f}"


def _ratio(found: Measure) -> str:
    if found.value is None or found.low is None or found.high is None:
        return "–"
    return f"{found.value:.2f} ({found.low:.2f}–{found.high:.2f})"


def pictures(result: Result, folder: Path) -> None:
    """Draw what the page shows; a part that was not run has no picture."""
    from qa.measure.peers.drawing import Bar, bars

    quality = _by_system(result, "quality")
    if quality:
        kinds = (("recall@5", columns.recall), ("evidence sentence hit@1", columns.hit))
        bars(
            [
                (name, [Bar(s.title, of(r), s.name == OWN) for s, r in quality])
                for name, of in kinds
            ],
            folder / "quality.svg",
        )
    systems = [s for s in SYSTEMS if result.of("paired", s.name)]
    if systems:
        bars(
            [
                (c.name, [_bar(result, s, c) for s in systems])
                for c in (columns.DOCUMENTS, columns.FIRST, columns.MEDIAN)
            ],
            folder / "speed.svg",
            log=True,
        )


def _bar(result: Result, system: System, column: Column) -> Bar:
    from qa.measure.peers.drawing import Bar

    values = [column.of(run) for run in result.of("paired", system.name)]
    figure = Measure(statistics.median(values), len(values), min(values), max(values))
    return Bar(system.title, figure, system.name == OWN)


def main(
    result: Annotated[Path, typer.Argument(help="What the bench kept.")],
    docs: Annotated[Path, typer.Argument(help="Folder that takes the page.")],
    texts: Annotated[
        list[Path] | None,
        typer.Option(
            help="What a run over the full texts alone kept; repeatable, for several sittings."
        ),
    ] = None,
) -> None:
    """Write the page, its pictures, and the figures beside them.

    Figures of a run over the full texts that are beside the page already are used where no others
    are given.
    """
    kept = docs / TEXTS
    found = read(result)
    sittings = [read(one) for one in texts or ([kept] if kept.is_file() else [])]
    try:
        whole = joined(sittings) if sittings else None
    except ValueError as reason:
        raise typer.BadParameter(f"These cannot be one table: {reason}.") from reason
    (docs / PAGE).write_text(page(found, whole), "utf-8")
    pictures(found, docs / FIGURES)
    if result.resolve() != (docs / RESULT).resolve():
        shutil.copyfile(result, docs / RESULT)
    if whole is not None:
        write(whole, kept)
    typer.echo(f"{docs / PAGE}")


if __name__ == "__main__":
    typer.run(main)
