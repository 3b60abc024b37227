"""Stores of growing size, made through the store as articles are: one folder for each size.

    python -m index.measure.grown SAMPLE OUT --size 1000 --size 10000

SAMPLE is an index of real articles; what is made of it says :mod:`index.measure.made`. OUT gets a
folder for each size, named by it, with the store alone: its search indexes are made when it is
first opened. ``OUT/grown.jsonl`` says how long storing took up to each.
"""

from __future__ import annotations

import argparse
import json
import logging
import shutil
import time
from collections.abc import Sequence
from pathlib import Path

from index.embed import load_embedder
from index.local import LocalIndex
from index.measure.made import Made, Maker, Sample
from index.schema import STORE_NAME

log = logging.getLogger(__name__)


def put(index: LocalIndex, made: Made) -> None:
    """Store a made article."""
    document = made.document
    path = f"/{document.info.source}"
    index.add(document, made.passages, made.vectors, path=path, sha256=document.id * 4)


def grow(sample: Path, out: Path, sizes: Sequence[int], work: Path, seed: int = 1) -> None:
    """Make a store grow through these sizes, and keep a copy of it at each.

    Args:
        sample: an index of real articles.
        out: where the copies go.
        sizes: numbers of passages.
        work: where the store grows; in memory it need not wait for the disk at each article.
        seed: equal seeds give equal stores.
    """
    maker = Maker(Sample(sample), seed)
    out.mkdir(parents=True, exist_ok=True)
    began, number, passages = time.monotonic(), 0, 0
    processor = time.process_time()
    for size in sorted(sizes):
        with LocalIndex(work, load_embedder()) as index:
            while passages < size:
                made = maker.article(number)
                put(index, made)
                number, passages = number + 1, passages + len(made.passages)
        line = {
            "size": size,
            "documents": number,
            "passages": passages,
            "seconds": time.monotonic() - began,
            "processor": time.process_time() - processor,
            "sample": len(maker.sample),
            "spread": maker.spread,
        }
        (out / str(size)).mkdir(exist_ok=True)
        shutil.copyfile(work / STORE_NAME, out / str(size) / STORE_NAME)
        with (out / "grown.jsonl").open("a") as file:
            file.write(json.dumps(line) + "\n")
        log.info("%s", line)


def main() -> None:
    """Make the stores."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sample", type=Path, help="an index of real articles")
    parser.add_argument("out", type=Path, help="where the stores go")
    parser.add_argument("--size", type=int, action="append", required=True)
    parser.add_argument("--work", type=Path, help="where the store grows; else OUT/work")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    work = arguments.work or arguments.out / "work"
    shutil.rmtree(work, ignore_errors=True)
    grow(arguments.sample, arguments.out, arguments.size, work)
    shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
