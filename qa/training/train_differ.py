"""Train the head that tells whether two quotes contradict each other.

    python -m qa.training.restore_reader qa/models/reader-1.onnx OUT/reader.safetensors
    python -m qa.training.train_differ BENCH OUT/reader.safetensors qa/questions/differ.jsonl OUT
    python -m qa.training.differ_bench qa/questions/differ.jsonl --scores OUT/differ.scores.jsonl

It is not shipped: on quotes its precision is too low (docs/answers.md has the figures). NLI4CT is
read for measuring alone, as nothing was learned from it.

It begins from the reader's network and keeps its shape: one text stands where the question stood,
the other where the passage stood, and the logit of the passage's only "sentence", which is the
whole text, becomes that of contradiction. Each pair is read in one order, drawn once an epoch. OUT
gets ``differ.safetensors`` and ``differ.scores.jsonl``, the logits of what was not trained on.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer

from index.embed import packaged_folder
from qa.readers.pieces import Encoded, Pieces, collate
from qa.training.differ_pairs import Pair, quotes, read_pairs
from qa.training.network import ReaderNetwork
from qa.training.train_reader import keep_memory

log = logging.getLogger(__name__)
SEED = 1
EPOCHS = {"scifact": 7, "evidence": 3}
RATE, HEAD_RATE, WARMUP, DECAY = 6e-5, 4.0, 0.1, 0.99
PAIR_PIECES = 180
"""Word pieces of the first of two texts, at most."""
BUDGET = 4096
"""Word pieces in a batch, padding counted."""
Rng = np.random.Generator


def encoded(pieces: Pieces, one: str, other: str) -> Encoded:
    """Two texts as the head reads them."""
    return pieces.encode(one, "", other, [(0, len(other))], most=PAIR_PIECES)


def batches(pairs: Sequence[Encoded], order: Sequence[int], budget: int) -> Iterator[list[int]]:
    """Put texts of like length together, in the order in which their longest comes."""
    pool = 400
    for start in range(0, len(order), pool):
        near = sorted(order[start : start + pool], key=lambda i: len(pairs[i]))
        batch: list[int] = []
        for i in near:
            if batch and len(pairs[i]) * (len(batch) + 1) > budget:
                yield batch
                batch = []
            batch.append(i)
        if batch:
            yield batch


def schedule(
    pairs: Sequence[Pair], pieces: Pieces, rng: Rng
) -> list[tuple[list[Encoded], list[bool]]]:
    """All batches of the training, in the order in which they are learned."""
    shown: list[Pair] = []
    for round_ in range(max(EPOCHS.values())):
        epoch = [p for p in pairs if round_ < EPOCHS.get(p.origin, 0)]
        shown += [epoch[i] for i in rng.permutation(len(epoch))]
    turned = rng.random(len(shown)) < 0.5
    cut = [
        encoded(pieces, p.other, p.one) if turn else encoded(pieces, p.one, p.other)
        for p, turn in zip(shown, turned, strict=True)
    ]
    found = list(batches(cut, range(len(cut)), BUDGET))
    # Within a pool batches come by length; that must not be the order they are learned in.
    mixed = [
        found[i]
        for start in range(0, len(found), 60)
        for i in start + rng.permutation(len(found[start : start + 60]))
    ]
    return [([cut[i] for i in batch], [shown[i].contradicts for i in batch]) for batch in mixed]


def train(network: ReaderNetwork, steps: list[tuple[list[Encoded], list[bool]]]) -> None:
    """Fit the network; what is kept is a running mean of its weights."""
    learned = [(n, p) for n, p in network.named_parameters() if p.requires_grad]
    heads = [p for n, p in learned if not n.startswith("encoder")]
    rest = [p for n, p in learned if n.startswith("encoder")]
    optimizer = torch.optim.AdamW(
        [{"params": rest, "lr": RATE}, {"params": heads, "lr": RATE * HEAD_RATE}],
        weight_decay=0.01,
        fused=True,
    )
    rising = max(1, round(WARMUP * len(steps)))
    rates = torch.optim.lr_scheduler.LambdaLR(
        optimizer,
        lambda s: min((s + 1) / rising, (len(steps) - s) / max(1, len(steps) - rising)),
    )
    mean = [p.detach().clone() for _, p in learned]
    began, losses = time.monotonic(), []
    for step, (batch, gold) in enumerate(steps):
        with torch.autocast("cpu", torch.bfloat16):
            scores = network(collate(batch, [1] * len(batch))).sentence
        loss = torch.nn.functional.binary_cross_entropy_with_logits(
            scores, torch.tensor(gold).float()
        )
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        rates.step()
        optimizer.zero_grad()
        with torch.no_grad():
            keep = min(DECAY, (1 + step) / (10 + step))
            torch._foreach_lerp_(mean, [p.detach() for _, p in learned], 1 - keep)
        losses.append(float(loss.detach()))
        if step % 50 == 49:
            seconds = time.monotonic() - began
            log.info(
                "%d/%d loss %.3f, %.0f s", step + 1, len(steps), np.mean(losses[-50:]), seconds
            )
    with torch.no_grad():
        for (_, parameter), kept in zip(learned, mean, strict=True):
            parameter.copy_(kept)


@torch.no_grad()
def logits(network: ReaderNetwork, pieces: Pieces, pairs: Sequence[Pair]) -> list[float]:
    """The logit of contradiction of each pair, the mean of both orders."""
    out = np.zeros(len(pairs))
    for turn in (False, True):
        cut = [
            encoded(pieces, p.other, p.one) if turn else encoded(pieces, p.one, p.other)
            for p in pairs
        ]
        for batch in batches(cut, range(len(cut)), BUDGET):
            with torch.autocast("cpu", torch.bfloat16):
                scores = network(collate([cut[i] for i in batch], [1] * len(batch))).sentence
            out[batch] += scores.numpy() / 2
    return [float(v) for v in out]


def main(
    bench: Annotated[Path, typer.Argument(help="Folder of the data sets.")],
    start: Annotated[Path, typer.Argument(help="The reader's weights, from restore_reader.")],
    hand: Annotated[Path, typer.Argument(help="The hand-written pairs, to score.")],
    out: Annotated[Path, typer.Argument(help="Folder for weights and scores.")],
    threads: Annotated[int, typer.Option(help="Processor threads.")] = 2,
) -> None:
    """Train, if that was not done yet, and score what was not trained on."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s")
    log.setLevel(logging.INFO)
    keep_memory()
    torch.set_num_threads(threads)
    torch.manual_seed(SEED)
    out.mkdir(parents=True, exist_ok=True)
    folder = packaged_folder()
    network = ReaderNetwork(folder)
    weights = out / "differ.safetensors"
    trained = weights.exists()
    network.load_state_dict(load_file(weights if trained else start), strict=False)
    pieces = Pieces(Tokenizer.from_file(str(folder / "tokenizer.json")))
    pairs = read_pairs(bench)
    if not trained:
        own = [p for p in pairs if p.part == "train"]
        train(network, schedule(own, pieces, np.random.default_rng(SEED)))
        learned = ((n, p) for n, p in network.named_parameters() if p.requires_grad)
        save_file({n: p.detach().contiguous() for n, p in learned}, weights)
    others = [p for p in (*pairs, *quotes(hand)) if p.part != "train"]
    with (out / "differ.scores.jsonl").open("w", encoding="utf-8") as file:
        for pair, value in zip(others, logits(network, pieces, others), strict=True):
            row = {"origin": pair.origin, "part": pair.part, "gold": pair.contradicts}
            file.write(json.dumps({**row, "logit": round(value, 4)}) + "\n")


if __name__ == "__main__":
    typer.run(main)
