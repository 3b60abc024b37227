"""Order each question's wrong passages by what the trained network itself takes them for.

    python -m qa.training.mine WEIGHTS GROUPS OUT [--part NAME ...]

Retrieval's best wrong passages teach a network that knows nothing; once it is trained, its own most
convincing mistakes teach more (Xiong et al. 2021, ANCE). Groups that are set aside are copied as
they are.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer
from tokenizers import Tokenizer

from index.embed import packaged_folder
from qa.readers.pieces import Pieces
from qa.training.examples import Shown, lesson, schedule
from qa.training.export_reader import load_network
from qa.training.groups import Group, read_groups, write_groups
from qa.training.network import ReaderNetwork
from qa.training.train_reader import keep_memory

log = logging.getLogger(__name__)
PARTS = ("covidqa", "bioasq")
BUDGET = 8192


def mined(network: ReaderNetwork, pieces: Pieces, groups: Sequence[Group]) -> Iterator[Group]:
    """The groups, wrong passages ordered by the score of their best sentence, highest first."""
    singles = [
        (number, place, Shown(group.question, (passage,)))
        for number, group in enumerate(groups)
        if not group.set_aside
        for place, passage in enumerate(group.passages)
        if not passage.relevant
    ]
    scores = {
        (number, place): score
        for (number, place, _), score in zip(
            singles, _best(network, pieces, [shown for _, _, shown in singles]), strict=True
        )
    }
    for number, group in enumerate(groups):
        order = sorted(
            range(len(group.passages)),
            key=lambda place: (
                not group.passages[place].relevant,
                -scores.get((number, place), 0.0),
                place,
            ),
        )
        passages = tuple(group.passages[place] for place in order)
        yield group.model_copy(update={"passages": passages})


@torch.no_grad()
def _best(network: ReaderNetwork, pieces: Pieces, shown: Sequence[Shown]) -> list[float]:
    """The logit of the best sentence of each single passage."""
    place = {id(one): i for i, one in enumerate(shown)}
    scores = [0.0] * len(shown)
    for batch in schedule(shown, BUDGET, np.random.default_rng(0)):
        one = lesson(batch, pieces)
        with torch.autocast("cpu", torch.bfloat16):
            sentence = network(one.batch).sentence.numpy()
        best = np.full(len(batch), -np.inf)
        np.maximum.at(best, one.batch.passage_of, sentence)
        for single, score in zip(batch, best.tolist(), strict=True):
            scores[place[id(single)]] = score
    return scores


def main(
    weights: Annotated[Path, typer.Argument(help="Trained weights.")],
    groups: Annotated[Path, typer.Argument(help="Folder of the groups.")],
    out: Annotated[Path, typer.Argument(help="Folder for the mined groups.")],
    part: Annotated[list[str] | None, typer.Option(help="Only these parts.")] = None,
) -> None:
    """Write one file a part, NAME-mined.jsonl."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s")
    log.setLevel(logging.INFO)
    keep_memory()
    network = load_network(weights)
    pieces = Pieces(Tokenizer.from_file(str(packaged_folder() / "tokenizer.json")))
    for name in part or PARTS:
        found = list(read_groups(groups / f"{name}.jsonl"))
        count = write_groups(out / f"{name}-mined.jsonl", mined(network, pieces, found))
        log.info("%s: %d groups", name, count)


if __name__ == "__main__":
    typer.run(main)
