"""How fast passages are embedded, how near that is to what the machine can do, and what it costs.

    python -m index.measure.embedding PAPERS [--questions train.json] [-o OUT.md]

Ways of embedding are timed on the same passages, in turns, each beside the matrix products that it
needs and nothing else (:mod:`index.measure.products`). With ``--questions``, a SQuAD-format file of
whole papers, the loss in retrieval is measured too.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated, NamedTuple

import numpy as np
import torch
import typer
from sentence_transformers import SentenceTransformer

from corpus.load import load
from corpus.passages import passages
from index.embed import PACKAGED, WEIGHTS, SentenceTransformerEmbedder, packaged_folder
from index.encoder import Encoder
from index.kinds import KINDS, packaged_kind
from index.measure.products import Kind, operations, products
from index.measure.recall import CUTS, Mixed, read_papers, recall
from index.packaged import PackagedEmbedder
from index.weights import cores
from index.words import search_text

log = logging.getLogger(__name__)
Way = Callable[[Sequence[str]], object]
SEED = 7


class Timed(NamedTuple):
    """Seconds that a way took for all passages, and its matrix products alone, in each round."""

    whole: list[float]
    products: list[float]


def sample(papers: Path, count: int) -> list[str]:
    """Passages of the papers in a folder, as they are embedded, drawn at random."""
    texts = []
    for path in sorted(papers.iterdir()):
        document = load(path)
        texts += [search_text(document.info, passage) for passage in passages(document)]
    order = np.random.default_rng(SEED).permutation(len(texts))
    return [texts[place] for place in order[:count]]


def ways() -> dict[str, tuple[Way, Kind]]:
    """The ways of embedding, by name, and in what kind of products each of them lies."""
    exact = SentenceTransformerEmbedder()
    exact.embed_queries(["Loaded before it is timed."])
    model = SentenceTransformer(str(packaged_folder()), device="cpu", local_files_only=True)

    def as_before(texts: Sequence[str]) -> None:
        for start in range(0, len(texts), 32):
            model.encode(list(texts[start : start + 32]), batch_size=32, show_progress_bar=False)

    def in_bf16(texts: Sequence[str]) -> None:
        with torch.autocast("cpu", torch.bfloat16):
            exact.embed_passages(texts)

    found: dict[str, tuple[Way, Kind]] = {
        "torch fp32, 32 texts a batch": (as_before, "torch fp32"),
        "torch fp32, like lengths together": (exact.embed_passages, "torch fp32"),
        "torch bf16, like lengths together": (in_bf16, "torch bf16"),
    }
    for kind, precision in KINDS.items():
        embedder = PackagedEmbedder(kind)
        embedder.embed_passages(["Loaded before it is timed."] * cores())
        name = f"ONNX Runtime {precision}, one text a thread"
        found[name] = embedder.embed_passages, "ONNX int8" if precision == "int8" else "ONNX fp32"
    return found


def timed(texts: Sequence[str], lengths: Sequence[int], rounds: int) -> dict[str, Timed]:
    """Time every way, in turns."""
    found = ways()
    measured = {name: Timed([], []) for name in found}
    limits = {kind: products(kind) for _, kind in found.values()}
    for number in range(rounds):
        for name, (way, kind) in found.items():
            began = time.perf_counter()
            way(texts)
            measured[name].whole.append(time.perf_counter() - began)
            measured[name].products.append(_spent(limits[kind], lengths, kind))
            log.info("round %d, %s: %.1f s", number + 1, name, measured[name].whole[-1])
    return measured


def _spent(run: Callable[[int], None], lengths: Sequence[int], kind: Kind) -> float:
    """Seconds for the products of passages of these lengths: in ONNX one passage a thread."""
    run(lengths[0])
    began = time.perf_counter()
    if kind.startswith("torch"):  # it spreads one product over the cores by itself
        for pieces in lengths:
            run(pieces)
    else:
        with ThreadPoolExecutor(cores()) as pool:
            list(pool.map(run, lengths))
    return time.perf_counter() - began


def speed_table(lengths: Sequence[int], measured: dict[str, Timed]) -> list[str]:
    """Medians over the rounds; shares and ratios are taken within a round."""
    before = next(iter(measured.values())).whole
    work = sum(operations(pieces) for pieces in lengths) / 1e9
    lines = [
        "| way | passages a second | of the limit | limit, GOP/s | times the first |",
        "|---|---:|---:|---:|---:|",
    ]
    for name, (whole, alone) in measured.items():
        speed = len(lengths) / float(np.median(whole))
        share = float(np.median(np.divide(alone, whole)))
        limit = work / float(np.median(alone))
        times = float(np.median(np.divide(before, whole)))
        lines.append(f"| {name} | {speed:.1f} | {share:.2f} | {limit:.0f} | {times:.1f} |")
    return lines


def recall_table(questions: Path) -> list[str]:
    """recall@n with passages of each kind."""
    papers = list(read_papers(questions))
    kinds = {kind: PackagedEmbedder(kind) for kind in KINDS}
    exact, *others = kinds.values()
    lines = [
        f"| passages, questions | list | {' | '.join(f'recall@{n}' for n in CUTS)} |",
        f"|---|---|{'---:|' * len(CUTS)}",
    ]
    pairs = [(exact, exact), *((other, exact) for other in others), *((o, o) for o in others)]
    for passages_by, questions_by in pairs:
        name = f"{KINDS[passages_by.name]}, {KINDS[questions_by.name]}"
        for which, shares in recall(papers, Mixed(passages_by, questions_by)).items():
            lines.append(f"| {name} | {which} | {' | '.join(f'{s:.4f}' for s in shares)} |")
            log.info("%s", lines[-1])
    return lines


def main(
    papers: Annotated[Path, typer.Argument(help="Folder of papers to take passages from.")],
    questions: Annotated[
        Path | None, typer.Option(help="SQuAD-format file to measure retrieval on.")
    ] = None,
    count: Annotated[int, typer.Option(help="Passages that are timed.")] = 200,
    rounds: Annotated[int, typer.Option(help="How often each way is timed.")] = 3,
    out: Annotated[Path | None, typer.Option("-o", help="Markdown file for the tables.")] = None,
) -> None:
    """Print the tables."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s")
    log.setLevel(logging.INFO)
    texts = sample(papers, count)
    folder = packaged_folder()
    encoder = Encoder(folder / WEIGHTS, folder / "tokenizer.json", KINDS[PACKAGED])
    lengths = [len(encoder.pieces(text)) for text in texts]
    lines = [
        f"{len(texts)} passages of {np.mean(lengths):.0f} word pieces, {cores()} cores; "
        f"a new index is made with {packaged_kind()}.",
        "",
        *speed_table(lengths, timed(texts, lengths, rounds)),
    ]
    if questions is not None:
        lines += ["", *recall_table(questions)]
    typer.echo("\n".join(lines))
    if out is not None:
        out.write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    typer.run(main)
