"""The mean of two sets of weights of the reader's network, and how well several sets choose.

    python -m qa.training.average_weights GROUPS A.safetensors B.safetensors --share 0.5 -o OUT

Weights on the way between a network before and after further training often serve both what it
knew and what it learned better than either end (Wortsman et al. 2022, "Robust fine-tuning of
zero-shot models"). Printed is, for both ends and the mean, how well each chooses on the set-aside
groups of every part; nothing that it was trained on is measured.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from torch import Tensor

from index.embed import packaged_folder
from qa.readers.pieces import Pieces
from qa.training.export_reader import load_network
from qa.training.groups import Group, read_groups
from qa.training.train_reader import keep_memory, measure

PARTS = ("covidqa", "bioasq", "evidence", "tables", "plain", "squad")


def averaged(a: Mapping[str, Tensor], b: Mapping[str, Tensor], share: float) -> dict[str, Tensor]:
    """Mix two sets of weights.

    Args:
        a: weights by name.
        b: others; what only one of the two holds is taken from it.
        share: of ``b``, in [0, 1].

    Raises:
        ValueError: a weight has another shape in the other set.
    """
    for name in a.keys() & b.keys():
        if a[name].shape != b[name].shape:
            raise ValueError(f"{name} has two shapes; these are weights of different networks")
    mixed = {n: a[n].lerp(b[n], share).contiguous() for n in a.keys() & b.keys()}
    return {**a, **b, **mixed}


def set_aside(path: Path, most: int) -> list[Group]:
    """Some of the groups of a file that are never trained on, the same each time."""
    held = [group for group in read_groups(path) if group.set_aside]
    return [held[i] for i in np.random.default_rng(0).permutation(len(held))[:most]]


def lines(files: Sequence[Path], groups: Path, most: int) -> list[str]:
    """Measure each set of weights on each part; the rows of a Markdown table."""
    pieces = Pieces(Tokenizer.from_file(str(packaged_folder() / "tokenizer.json")))
    held = {part: set_aside(groups / f"{part}.jsonl", most) for part in PARTS}
    rows = ["| weights | part | groups | first | decided | span |", "|---|---|---|---|---|---|"]
    for file in files:
        network = load_network(file)
        for part, chosen in held.items():
            first, decided, span = measure(network, pieces, chosen)
            found = f"{first:.3f} | {decided:.3f} | {span:.3f}"
            rows.append(f"| {file.stem} | {part} | {len(chosen)} | {found} |")
    return rows


def main(
    groups: Annotated[Path, typer.Argument(help="Folder that build_groups wrote.")],
    a: Annotated[Path, typer.Argument(help="Weights.")],
    b: Annotated[Path, typer.Argument(help="Other weights of the same network.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="Where the mean goes.")],
    share: Annotated[float, typer.Option(min=0, max=1, help="Share of the second.")] = 0.5,
    most: Annotated[int, typer.Option(help="Groups of each part to measure on.")] = 150,
) -> None:
    """Write the mean and measure all three."""
    logging.basicConfig(level=logging.WARNING)
    keep_memory()
    save_file(averaged(load_file(a), load_file(b), share), out)
    for line in lines((a, b, out), groups, most):
        typer.echo(line)


if __name__ == "__main__":
    typer.run(main)
