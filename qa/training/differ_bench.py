"""How often a shown difference is one: the hand-written pairs, and the data sets' parts set aside.

    python -m qa.training.differ_bench qa/questions/differ.jsonl [--pairs]

Each line of the file is a question with two sentences as they would be quoted, from two documents,
and whether they differ (``figures``, ``direction``) or not (null). Half of the lines, by a hash of
the id, were looked at while the rules were made ("tuning"); the other half was not ("report").
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from scipy.stats import beta

from qa.differ.find import kind_of
from qa.differ.rules import Statement
from qa.training.differ_pairs import draw


def is_reported(name: str) -> bool:
    """Whether a pair is kept for the report: decided by a hash of its id alone."""
    return draw(f"differ/{name}", 2) == 1


def statement(side: dict[str, str]) -> Statement:
    """A side of a line as the rules see it."""
    return Statement(side["text"], side.get("title", ""), side.get("header"))


def interval(right: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share (Clopper and Pearson 1934)."""
    low = float(beta.ppf(0.025, right, of - right + 1)) if right else 0.0
    high = float(beta.ppf(0.975, right + 1, of - right)) if right < of else 1.0
    return low, high


def described(gold: Sequence[bool], shown: Sequence[bool]) -> str:
    """Precision and recall in words, with intervals."""
    right = sum(g and s for g, s in zip(gold, shown, strict=True))
    parts = []
    for name, of in (("precision", sum(shown)), ("recall", sum(gold))):
        low, high = interval(right, of) if of else (0.0, 1.0)
        share = f"{right / of:.2f}" if of else "–"
        parts.append(f"{name} {share} ({right} of {of}; {low:.2f}–{high:.2f})")
    return ", ".join(parts)


def main(
    path: Annotated[Path, typer.Argument(help="The hand-written pairs.")],
    pairs: Annotated[bool, typer.Option(help="Also list what is missed or wrong.")] = False,
) -> None:
    """Print precision and recall on both halves of the pairs."""
    console = Console(highlight=False, markup=False)
    rows: list[dict[str, Any]] = [
        json.loads(line) for line in path.read_text("utf-8").splitlines() if line
    ]
    said = [kind_of(r["question"], statement(r["one"]), statement(r["other"])) for r in rows]
    for name, kept in (("tuning", False), ("report", True)):
        mine = [i for i, r in enumerate(rows) if is_reported(r["id"]) == kept]
        gold = [rows[i]["differ"] is not None for i in mine]
        shown = [said[i] is not None for i in mine]
        console.print(f"{name}: {len(mine)} pairs: {described(gold, shown)}")
        for i in mine if pairs and not kept else ():
            if (said[i] is None) != (rows[i]["differ"] is None):
                console.print(f"  {rows[i]['id']}: {rows[i]['differ']}, said {said[i]}")


if __name__ == "__main__":
    typer.run(main)
