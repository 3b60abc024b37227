"""Train the reader.

    python -m qa.training.train_reader CONFIG.toml GROUPS OUT [--stage NAME] [--from WEIGHTS]

CONFIG.toml names the stages, GROUPS is the folder that ``qa.training.build_groups`` wrote, OUT gets
checkpoints, the weights of each stage and ``curve.csv``. Started again after an interruption, it
goes on from the last checkpoint: the batches of a stage follow from its seed alone.

One loss throughout: among all sentences of all passages of a question, and "none of them", those
that answer must win (a softmax over the candidates of a question, Cao et al. 2007, with the
marginal over several right ones); beside it the same over passages, and start and end of the short
answer (Devlin et al. 2019). Weights that are kept are a running mean (Polyak and Juditsky 1992).
"""

from __future__ import annotations

import csv
import ctypes
import logging
import os
import time
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer
from pydantic import BaseModel, ConfigDict
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from torch import Tensor

from index.embed import packaged_folder
from qa.readers.pieces import Pieces
from qa.training.examples import Lesson, Part, draw, in_order, lesson, schedule
from qa.training.groups import Group, read_groups
from qa.training.network import ReaderNetwork, Scores

log = logging.getLogger(__name__)


class Stage(BaseModel):
    """One stage of training: its parts, and the peak of the learning rate.

    ``most`` ends it after so many batches; what the parts' epochs say is then not reached.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    rate: float
    parts: tuple[Part, ...]
    span_weight: float = 0.5
    passage_weight: float = 0.5
    most: int | None = None


class Config(BaseModel):
    """What a training run is made of.

    Attributes:
        seed: decides everything that is drawn.
        budget: word pieces in a batch, padding counted.
        warmup: share of a stage's steps in which the learning rate rises.
        head_rate: the heads learn at this many times the encoder's rate.
        decay: of the running mean of the weights, a step.
        measured: groups of each set-aside part that the curve is measured on.
        every: steps between two points of the curve.
        stages: one after the other.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    seed: int
    budget: int
    warmup: float
    head_rate: float
    decay: float
    measured: int
    every: int
    stages: tuple[Stage, ...]


class Trainer:
    """Trains one stage.

    Args:
        network: is changed in place.
        pieces: cuts the texts.
        config, stage: what to do.
        groups: of each part, those that may be trained on and those that are measured on.
        out: folder for checkpoints and the curve.
    """

    def __init__(
        self,
        network: ReaderNetwork,
        pieces: Pieces,
        config: Config,
        stage: Stage,
        groups: dict[str, tuple[list[Group], list[Group]]],
        out: Path,
    ) -> None:
        self.network, self.pieces, self.config, self.stage = network, pieces, config, stage
        self.groups, self.out = groups, out
        name = f"{stage.name}-{config.seed}"
        self.checkpoint = out / f"{name}.checkpoint"
        self.weights = out / f"{name}.safetensors"
        rng = np.random.default_rng([config.seed, len(stage.name), *stage.name.encode()])
        shown = [s for part in stage.parts for s in draw(groups[part.file][0], part, rng)]
        self.batches = schedule(shown, config.budget, rng)[: stage.most]
        heads = [p for n, p in network.named_parameters() if not n.startswith("encoder")]
        own = {id(p) for p in heads}
        rest = [p for p in network.parameters() if p.requires_grad and id(p) not in own]
        heads = [p for p in heads if p.requires_grad]
        self.optimizer = torch.optim.AdamW(
            [
                {"params": rest, "lr": stage.rate},
                {"params": heads, "lr": stage.rate * config.head_rate},
            ],
            weight_decay=0.01,
            fused=True,
        )
        self.rates = torch.optim.lr_scheduler.LambdaLR(self.optimizer, self._rate)
        self.mean = {n: p.detach().clone() for n, p in self._learned()}
        self.step = 0
        log.info("%s: %d groups in %d batches", name, len(shown), len(self.batches))

    def run(self) -> None:
        """Train to the stage's end; go on from a checkpoint where there is one."""
        if self.weights.exists():
            log.info("%s is there already", self.weights)
            self.network.load_state_dict(load_file(self.weights), strict=False)
            return
        self._resume()
        saved = began = time.monotonic()
        first, losses = self.step, []
        while self.step < len(self.batches):
            losses.append(self.learn_next())
            if self.step % self.config.every == 0 or self.step == len(self.batches):
                rate = (self.step - first) / (time.monotonic() - began)
                self._note(float(np.mean(losses)), rate)
                losses = []
            if time.monotonic() - saved > 120:
                self.save()
                saved = time.monotonic()
        self._take_mean()
        save_file({n: p.detach().contiguous() for n, p in self._learned()}, self.weights)
        self.checkpoint.unlink(missing_ok=True)

    def learn_next(self) -> float:
        """Take one step; give the loss before it."""
        one = lesson(self.batches[self.step], self.pieces)
        with torch.autocast("cpu", torch.bfloat16):
            scores = self.network(one.batch)
        loss = loss_of(scores, one, self.stage)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimizer.step()
        self.rates.step()
        self.optimizer.zero_grad()
        with torch.no_grad():
            # A short memory at first, or the beginning would weigh for long.
            keep = min(self.config.decay, (1 + self.step) / (10 + self.step))
            names, parameters = zip(*self._learned(), strict=True)
            means = [self.mean[n] for n in names]
            torch._foreach_lerp_(means, [p.detach() for p in parameters], 1 - keep)
        self.step += 1
        return float(loss.detach())

    def _rate(self, step: int) -> float:
        total = len(self.batches)
        rising = max(1, round(self.config.warmup * total))
        return min((step + 1) / rising, max(0.0, (total - step) / max(1, total - rising)))

    def _learned(self) -> list[tuple[str, torch.nn.Parameter]]:
        return [(n, p) for n, p in self.network.named_parameters() if p.requires_grad]

    def _take_mean(self) -> None:
        with torch.no_grad():
            for n, p in self._learned():
                p.copy_(self.mean[n])

    def _note(self, loss: float, rate: float) -> None:
        """Measure the running mean's weights on the set-aside part and add a line to the curve."""
        kept = {n: p.detach().clone() for n, p in self._learned()}
        self._take_mean()
        path = self.out / "curve.csv"
        new = not path.exists()
        with path.open("a", newline="") as file:
            writer = csv.writer(file)
            if new:
                writer.writerow("stage seed step steps loss part groups first found span".split())
            for part in self.stage.parts:
                held = self.groups[part.file][1][: self.config.measured]
                if held:
                    found = measure(self.network, self.pieces, held)
                    row = [self.stage.name, self.config.seed, self.step, len(self.batches)]
                    writer.writerow([*row, f"{loss:.4f}", part.file, len(held), *found])
                    log.info("%d/%d loss %.3f %s %s", *row[2:], loss, part.file, found)
        log.info("%.2f steps a second", rate)
        with torch.no_grad():
            for n, p in self._learned():
                p.copy_(kept[n])

    def save(self) -> None:
        """Write a checkpoint to go on from."""
        parts = {
            "network": {n: p.detach() for n, p in self._learned()},
            "optimizer": self.optimizer.state_dict(),
            "rates": self.rates.state_dict(),
            "mean": self.mean,
            "step": self.step,
        }
        new = self.checkpoint.with_suffix(".new")
        torch.save(parts, new)
        new.replace(self.checkpoint)

    def _resume(self) -> None:
        if not self.checkpoint.exists():
            return
        parts = torch.load(self.checkpoint, weights_only=True)
        self.network.load_state_dict(parts["network"], strict=False)
        self.optimizer.load_state_dict(parts["optimizer"])
        self.rates.load_state_dict(parts["rates"])
        self.mean, self.step = parts["mean"], parts["step"]
        log.info("going on at step %d", self.step)


def loss_of(scores: Scores, one: Lesson, stage: Stage) -> Tensor:
    """The loss of a batch, a mean over its groups; see the module."""
    group_of = torch.from_numpy(one.group_of)
    sentence_group = group_of[torch.from_numpy(one.batch.passage_of)]
    gold = torch.from_numpy(one.gold)
    relevant = torch.zeros(len(group_of), dtype=torch.bool)
    relevant[torch.from_numpy(one.batch.passage_of)[gold]] = True
    loss = _choice(scores.sentence, gold, sentence_group, one.groups).mean()
    passage = _choice(scores.passage, relevant, group_of, one.groups).mean()
    loss = loss + stage.passage_weight * passage
    if one.answers and stage.span_weight:
        rows, first, last = torch.tensor(one.answers).T
        places = torch.arange(len(rows))
        start = torch.log_softmax(scores.start[rows], dim=-1)[places, first]
        end = torch.log_softmax(scores.end[rows], dim=-1)[places, last]
        loss = loss - stage.span_weight * (start + end).mean() / 2
    return loss


def _choice(scores: Tensor, gold: Tensor, group_of: Tensor, groups: int) -> Tensor:
    """-log of the probability of the gold candidates of each group, "none" having the score 0."""
    # Scores are bounded, so that no maximum needs to be taken out of the sums.
    odds = torch.exp(scores.clamp(-30, 30))
    every = scores.new_ones(groups).index_add(0, group_of, odds)
    right = scores.new_zeros(groups).index_add(0, group_of, odds * gold)
    none = torch.ones(groups, dtype=torch.bool)
    none[group_of[gold]] = False
    return torch.log(every) - torch.log(torch.where(none, torch.ones_like(right), right))


@torch.no_grad()
def measure(
    network: ReaderNetwork, pieces: Pieces, groups: Sequence[Group]
) -> tuple[float, float, float]:
    """How well a network chooses among the mined passages of each group.

    Returns:
        Share of answerable groups whose best sentence is gold, share of all groups where "none" is
        preferred exactly if right, and share of short answers whose both ends are found.
    """
    first: list[bool] = []
    decided: list[bool] = []
    spans: list[bool] = []
    for shown in in_order(groups, 8192):
        one = lesson(shown, pieces)
        with torch.autocast("cpu", torch.bfloat16):
            scores = network(one.batch)
        group = one.group_of[one.batch.passage_of]
        values = scores.sentence.numpy()
        for i in range(one.groups):
            mine = np.flatnonzero(group == i)
            best = mine[np.argmax(values[mine])]
            answerable = bool(one.gold[mine].any())
            decided.append((values[best] > 0) == answerable)
            if answerable:
                first.append(bool(one.gold[best]))
        for row, start, end in one.answers:
            spans.append(
                bool(scores.start[row].argmax() == start and scores.end[row].argmax() == end)
            )
    return _mean(first), _mean(decided), _mean(spans)


def _mean(flags: Sequence[bool]) -> float:
    return round(float(np.mean(flags)), 4) if flags else float("nan")


def read_parts(
    folder: Path, stage: Stage, measured: int
) -> dict[str, tuple[list[Group], list[Group]]]:
    """The groups of a stage's files: those to train on, and some of those that are set aside."""
    out: dict[str, tuple[list[Group], list[Group]]] = {}
    for part in stage.parts:
        train: list[Group] = []
        held: list[Group] = []
        for group in read_groups(folder / f"{part.file}.jsonl"):
            (held if group.set_aside else train).append(group)
        chosen = np.random.default_rng(0).permutation(len(held))[:measured]
        out[part.file] = (train, [held[i] for i in chosen])
    return out


def keep_memory() -> None:
    """Have the C library keep freed memory: taking it anew costs a tenth of a step on Linux."""
    if os.name == "posix" and hasattr(ctypes.CDLL(None), "mallopt"):
        trim, mmap = -1, -3
        ctypes.CDLL(None).mallopt(mmap, 1 << 26)
        ctypes.CDLL(None).mallopt(trim, 1 << 28)


def main(
    config: Annotated[Path, typer.Argument(help="What to train, a TOML file.")],
    groups: Annotated[Path, typer.Argument(help="Folder of the groups.")],
    out: Annotated[Path, typer.Argument(help="Folder for weights, checkpoints and the curve.")],
    stage: Annotated[str | None, typer.Option(help="Only this stage.")] = None,
    start: Annotated[Path | None, typer.Option("--from", help="Weights to begin with.")] = None,
    seed: Annotated[int | None, typer.Option(help="Instead of the config's.")] = None,
    threads: Annotated[int | None, typer.Option(help="Processor threads.")] = None,
) -> None:
    """Train the stages of a config, one after the other."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s")
    log.setLevel(logging.INFO)
    keep_memory()
    if threads:
        torch.set_num_threads(threads)
    settings = Config.model_validate(tomllib.loads(config.read_text("utf-8")))
    if seed is not None:
        settings = settings.model_copy(update={"seed": seed})
    torch.manual_seed(settings.seed)
    out.mkdir(parents=True, exist_ok=True)
    folder = packaged_folder()
    network = ReaderNetwork(folder)
    pieces = Pieces(Tokenizer.from_file(str(folder / "tokenizer.json")))
    if start is not None:
        network.load_state_dict(load_file(start), strict=False)
    for one in settings.stages:
        if stage is None or one.name == stage:
            parts = read_parts(groups, one, settings.measured)
            Trainer(network, pieces, settings, one, parts, out).run()


if __name__ == "__main__":
    typer.run(main)
