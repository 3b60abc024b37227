"""What the encoder may run on: seconds a question and quality, on the whole path.

    python -m qa.training.compare_runtimes WEIGHTS NETWORK INDEX QUESTIONS

WEIGHTS is what ``train_reader`` wrote, NETWORK the folder of the exported files and their numbers.
Every question is searched once; then each runtime reads the same candidates, in turns, so that all
meet the same noise.
"""

from __future__ import annotations

import logging
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer
from onnxruntime import RunOptions
from rich.console import Console
from rich.table import Table

from corpus.document import Span
from index import open_index
from index.embed import load_embedder
from index.weights import sha256_of
from qa.compose import choose
from qa.gold import Gold
from qa.question_set import read_questions
from qa.readers.network import Encoder, Floats, Network
from qa.readers.trained import ReaderModel, TrainedReader, network_files
from qa.training.export_reader import PlainEncoder, load_network, to_onnx
from qa.training.network import ReaderNetwork

CANDIDATES = 20


def torch_encoder(network: ReaderNetwork, kind: torch.dtype) -> Callable[[Path], Encoder]:
    """The encoder in torch, in a precision."""
    plain = PlainEncoder(network).eval()

    def encode(summed: Floats, run: RunOptions) -> Floats:
        with torch.inference_mode(), torch.autocast("cpu", kind, kind != torch.float32):
            hidden = plain(torch.from_numpy(summed))
        return np.asarray(hidden.float().numpy())

    return lambda _: encode


def main(
    weights: Annotated[Path, typer.Argument(help="Trained weights.")],
    network: Annotated[Path, typer.Argument(help="Folder of the exported network.")],
    index: Annotated[Path, typer.Argument(help="Index to ask.")],
    questions: Annotated[Path, typer.Argument(help="Questions with exact evidence.")],
    name: Annotated[str, typer.Option(help="Name of the exported files.")] = "reader-1",
    rounds: Annotated[int, typer.Option(help="Questions to time each runtime on.")] = 200,
) -> None:
    """Print the table."""
    logging.basicConfig(level=logging.WARNING)
    model = ReaderModel.model_validate_json((network / f"{name}.json").read_text("utf-8"))
    files = network_files(model, network)
    trained = load_network(weights)
    with tempfile.TemporaryDirectory() as folder:
        exact = Path(folder) / "exact.onnx"
        to_onnx(trained, exact)
        exact_network = Network(files._replace(encoder=exact, encoder_sha256=sha256_of(exact)))
        readers = {
            "torch, fp32": Network(files, torch_encoder(trained, torch.float32)),
            "torch, bf16": Network(files, torch_encoder(trained, torch.bfloat16)),
            "ONNX Runtime, fp32": exact_network,
            "ONNX Runtime, int8": Network(files),
        }
        rows = _measure(
            {k: TrainedReader(model, v) for k, v in readers.items()}, index, questions, rounds
        )
    table = Table("runtime", "seconds to read (median)", "p95", "hit@1", "hit@3", "like fp32 in")
    for kind, row in rows.items():
        table.add_row(kind, *row)
    Console().print(table)


def _measure(
    readers: dict[str, TrainedReader], index: Path, path: Path, rounds: int
) -> dict[str, tuple[str, ...]]:
    asked = read_questions(path).questions[:rounds]
    seconds: dict[str, list[float]] = {kind: [] for kind in readers}
    ranks: dict[str, list[list[bool]]] = {kind: [] for kind in readers}
    tops: dict[str, list[tuple[str, Span]]] = {kind: [] for kind in readers}
    with open_index(index, load_embedder(index=index)) as opened, opened.view() as view:
        gold = Gold(opened.sources(), lambda id: view.document(id).text)
        for number, question in enumerate(asked):
            hits = view.search(question.question, CANDIDATES)
            for kind, reader in readers.items():
                began = time.perf_counter()
                judgement = reader.read(question.question, hits)
                if number:
                    seconds[kind].append(time.perf_counter() - began)
                found = [
                    (c.hit.passage.document_id, c.sentence.span) for c in choose(judgement.readings)
                ]
                tops[kind].append(found[0])
                ranks[kind].append(
                    [
                        any(
                            gold.overlaps(e, id, span, view.document(id).source_spans(*span))
                            for e in question.evidence
                        )
                        for id, span in found
                    ]
                )
    first = next(iter(readers))
    return {
        kind: (
            f"{np.median(seconds[kind]):.3f}",
            f"{np.quantile(seconds[kind], 0.95):.3f}",
            f"{np.mean([any(r[:1]) for r in ranks[kind]]):.3f}",
            f"{np.mean([any(r[:3]) for r in ranks[kind]]):.3f}",
            f"{np.mean([a == b for a, b in zip(tops[kind], tops[first], strict=True)]):.3f}",
        )
        for kind in readers
    }


if __name__ == "__main__":
    typer.run(main)
