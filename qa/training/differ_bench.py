"""How often a shown difference is one: the hand-written pairs, and the data sets' parts set aside.

    python -m qa.training.differ_bench qa/questions/differ.jsonl [--pairs] [--scores OUT/FILE]

Each line of the file is a question with two sentences as they would be quoted, from two documents,
and whether they differ (``figures``, ``direction``) or not (null). Half of the lines, by a hash of
the id, were looked at while the rules were made ("tuning"); the other half was not ("report").

``--scores`` takes what ``train_differ`` wrote: the threshold is the least one from which precision
is 0.8 on the parts of NLI4CT's and SciFact's training data that were set aside for it.
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
from qa.training.differ_pairs import is_reported

PRECISION = 0.8
FEWEST = 5


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


def show_head(console: Console, path: Path) -> None:
    """Print how well the trained head tells contradictions, at a threshold from the held part."""
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    public = ("nli4ct", "scifact")
    held = [r for r in rows if r["part"] == "held" and r["origin"] in public]
    threshold = least_threshold([r["logit"] for r in held], [r["gold"] for r in held])
    console.print(f"head, threshold {threshold:.2f} (logit)")
    for origins in (("nli4ct",), ("scifact",), public, ("quotes",)):
        mine = [r for r in rows if r["part"] == "dev" and r["origin"] in origins]
        shown = [r["logit"] >= threshold for r in mine]
        name = " and ".join(origins)
        console.print(
            f"{name}, dev: {len(mine)} pairs: {described([r['gold'] for r in mine], shown)}"
        )


def least_threshold(logits: Sequence[float], gold: Sequence[bool]) -> float:
    """The least logit from which ``PRECISION`` is reached, and at every higher logit, too.

    Infinite where it is never reached. The highest ``FEWEST`` pairs are not looked at one by one.
    """
    ranked = sorted(zip(logits, gold, strict=True), reverse=True)
    least, right = float("inf"), 0
    for count, (logit, is_right) in enumerate(ranked, start=1):
        right += is_right
        if count < FEWEST:
            continue
        if right < PRECISION * count:
            break
        least = logit
    return least


def main(
    path: Annotated[Path, typer.Argument(help="The hand-written pairs.")],
    pairs: Annotated[bool, typer.Option(help="Also list what is missed or wrong.")] = False,
    scores: Annotated[Path | None, typer.Option(help="The trained head's, to show too.")] = None,
) -> None:
    """Print precision and recall on both halves of the pairs."""
    console = Console(highlight=False, markup=False, width=200)
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
    if scores is not None:
        show_head(console, scores)


if __name__ == "__main__":
    typer.run(main)
