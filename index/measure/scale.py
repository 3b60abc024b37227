"""A whole index at growing size: opening, questions, memory, adding and removing a paper, disk.

    python -m index.measure.scale GROWN SAMPLE QUESTIONS -o OUT [--size 1000 …]

GROWN is what :mod:`index.measure.grown` made of SAMPLE; QUESTIONS what :mod:`index.measure.kinds`
takes. The search indexes are made first, where they are not there; then each size is measured in a
process of its own. OUT/scale.jsonl gets one line a size. Ten articles are added to each store.
"""

from __future__ import annotations

import argparse
import json
import logging
import multiprocessing
import statistics
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

from index.embed import load_embedder
from index.local import LocalIndex
from index.measure.grown import put
from index.measure.kinds import questions
from index.measure.made import Maker, Sample

log = logging.getLogger(__name__)

PAPERS = 10
"""Articles that are added one by one."""

FOUND = 20
"""Passages that a question asks for, as the assistant does."""

FIRST_NEW = 10_000_000
"""Number of the first article that is added: none of the store's."""

Line = dict[str, float | str]


def build(folder: Path) -> Line:
    """Make the search indexes of a store, where they are not there."""
    fresh = not (folder / "derived").exists()
    began, processor = time.perf_counter(), time.process_time()
    with LocalIndex(folder, load_embedder()) as index:
        index.sync()
    took: Line = {
        "build": time.perf_counter() - began,
        "build_processor": time.process_time() - processor,
    }
    return took if fresh else {}


def ask(folder: Path, asked: list[str]) -> Line:
    """Open an index in a new process, ask it, and see what memory it holds.

    Opening is until the first question can be asked, without loading the model. A question's time
    is that of retrieval: embedding it, both searches, exact scores, fusion.
    """
    embedder = load_embedder()
    embedder.embed_queries(["The model is loaded before the clock starts."])
    before = _resident()
    began = time.perf_counter()
    index = LocalIndex(folder, embedder)
    with index.view() as view:
        opening = time.perf_counter() - began
        times = []
        for question in asked:
            began = time.perf_counter()
            view.search(question, FOUND)
            times.append(time.perf_counter() - began)
        stats = view.stats()
    resident = _resident()
    index.close()
    return {
        "passages": stats.passages,
        "documents": stats.documents,
        "search": stats.search.split(":")[0],
        "opening": opening,
        "p50": float(np.percentile(times, 50)),
        "p95": float(np.percentile(times, 95)),
        "resident": resident,
        "resident_before": before,
    }


def change(folder: Path, sample: Path) -> Line:
    """Add papers one by one, each until it can be found, then remove them; with vectors at hand."""
    maker = Maker(Sample(sample))
    times, paths = [], []
    with LocalIndex(folder, load_embedder()) as index:
        index.sync()
        for number in range(FIRST_NEW, FIRST_NEW + PAPERS):
            made = maker.article(number)
            began = time.perf_counter()
            put(index, made)
            index.sync()
            times.append(time.perf_counter() - began)
            paths.append(f"/{made.document.info.source}")
        # All of them, so that the index can be measured again; one of them alone is timed.
        for path in paths[:-1]:
            index.remove(path)
        index.sync()
        began = time.perf_counter()
        index.remove(paths[-1])
        index.sync()
        removing = time.perf_counter() - began
    return {"add_p50": statistics.median(times), "add_max": max(times), "remove": removing}


def disk(folder: Path) -> Line:
    """Bytes on the disk: the store and both search indexes."""
    derived = [file for file in (folder / "derived").rglob("*") if file.is_file()]
    # The last publications share files.
    seen = {file.stat().st_ino: file for file in derived}
    dense = sum(f.stat().st_size for f in seen.values() if f.parent.name == "dense")
    whole = sum(f.stat().st_size for f in seen.values())
    store = sum(file.stat().st_size for file in folder.iterdir() if file.is_file())
    return {"disk_store": store, "disk_dense": dense, "disk_lexical": whole - dense}


def measure(folder: Path, sample: Path, asked: list[str]) -> Line:
    """All figures of one size, each part in a process of its own."""
    context = multiprocessing.get_context("spawn")
    line: Line = {"size": int(folder.name)}
    parts = ((build, (folder,)), (ask, (folder, asked)), (change, (folder, sample)))
    for part, arguments in parts:
        with ProcessPoolExecutor(1, mp_context=context) as pool:
            line |= pool.submit(part, *arguments).result()
    return line | disk(folder)


def _resident() -> int:
    """Bytes of memory that this process holds, mapped files among them."""
    for line in Path("/proc/self/status").read_text("ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return 0


def main() -> None:
    """Measure each size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("grown", type=Path, help="the stores")
    parser.add_argument("sample", type=Path, help="the index of real articles they were made of")
    parser.add_argument("questions", type=Path, help="questions, one a line")
    parser.add_argument("-o", "--out", type=Path, required=True)
    parser.add_argument("--size", type=int, action="append", help="only this one")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    arguments.out.mkdir(parents=True, exist_ok=True)
    asked = questions(arguments.questions)
    there = [int(folder.name) for folder in arguments.grown.iterdir() if folder.name.isdigit()]
    for size in sorted(arguments.size or there):
        line = measure(arguments.grown / str(size), arguments.sample, asked)
        log.info("%s", line)
        with (arguments.out / "scale.jsonl").open("a") as file:
            file.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
