"""The programs that are measured, and how each is set up."""

from __future__ import annotations

import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from qa.readers.trained import USUAL

REQUIREMENTS = Path(__file__).parent / "requirements"
OWN = "pincite"
READ = f"{USUAL.leads[0][0]} to {USUAL.most}"
"""How many passages Pincite's reader reads for a question, in words."""

Sentences = Literal["own", "answer", "nearest"]
"""Where a program's best sentence comes from: itself; itself, as a span that stands for its
sentence; or the bench, which takes the sentence of its best passage nearest to the question."""


@dataclass(frozen=True, slots=True)
class System:
    """A program in one way of setting it up.

    Attributes:
        name: short name, unique.
        title: as the tables call it.
        runner: its module in ``qa.measure.peers.runners``.
        environment: its requirements file and virtual environment; empty for this one.
        variant: told to the runner.
        sentences: where its best sentence comes from.
        setup: how it is set up, in a few words.
        without: what of it could not be had here, and why; empty where nothing is missing.
    """

    name: str
    title: str
    runner: str
    environment: str
    variant: str = ""
    sentences: Sentences = "nearest"
    setup: str = ""
    without: str = ""


SYSTEMS: tuple[System, ...] = (
    System(
        OWN,
        "Pincite",
        "pincite",
        "",
        sentences="own",
        setup="the embedder in ONNX Runtime, in 8 bits where the processor has instructions for "
        f"them; BM25 and vectors fused, its own reader over {READ} passages, one to three quotes; "
        "risk 1, so that it always answers",
    ),
    System(
        "haystack-memory",
        "haystack-ai, in memory",
        "haystack",
        "haystack",
        "memory",
        setup="`DocumentSplitter` (200 words), `InMemoryDocumentStore` saved as JSON, "
        "`InMemoryEmbeddingRetriever`",
    ),
    System(
        "haystack-faiss",
        "haystack-ai, FAISS",
        "haystack",
        "haystack",
        "faiss",
        setup="the same with `FAISSDocumentStore` (flat)",
    ),
    System(
        "haystack-reader",
        "haystack-ai, FAISS and reader",
        "haystack",
        "haystack",
        "reader",
        sentences="answer",
        setup="the same with `TransformersExtractiveReader` over ten passages, given Pincite's own "
        "trained network (encoder and span head, fp32)",
        without="its default readers come from a model hub",
    ),
    System(
        "txtai",
        "txtai",
        "txtai",
        "txtai",
        setup="`Segmentation(paragraphs=True)`, `Embeddings(content=True)`",
        without="its pipelines that extract answers load models from a hub",
    ),
    System(
        "txtai-hybrid",
        "txtai, hybrid",
        "txtai",
        "txtai",
        "hybrid",
        setup="the same with `hybrid=True`: its BM25 and vectors, half each",
        without="as above",
    ),
    System(
        "llamaindex",
        "llama-index-core, FAISS",
        "llamaindex",
        "llamaindex",
        setup="`SentenceSplitter` (1,024 tokens, 200 shared), `FaissVectorStore` (`IndexFlatL2`), "
        "retrieval only",
        without="its answers are written by a language model behind an API",
    ),
    System(
        "cairn",
        "cairn-assistant",
        "cairn",
        "cairn",
        setup="paragraphs, lexical, the answer is the best paragraph; threshold as low as it goes, "
        "so that it always answers; no vectors",
    ),
    System(
        "verbatim",
        "verbatim-rag, dense",
        "verbatim",
        "verbatim",
        setup="`SimpleChunkerProvider` (512 characters, 50 shared), `LocalMilvusStore` with "
        "vectors, retrieval only",
        without="its span extractors (a ModernBERT, or a language model), its sparse model and the "
        "recipes of its recommended chunker come from a hub or an API; docling, which reads PDFs, "
        "is left out, as the texts are plain and it wants another torch; milvus-lite is 2.5.1, as "
        "3.x refuses its schema",
    ),
)


def chosen(names: list[str]) -> tuple[System, ...]:
    """The systems of these names, in the table's order; all of them where none is named.

    Raises:
        ValueError: there is no such system.
    """
    known = {system.name for system in SYSTEMS}
    if wrong := sorted(set(names) - known):
        raise ValueError(f"There is no system {wrong[0]}; there are {', '.join(sorted(known))}.")
    return tuple(s for s in SYSTEMS if not names or s.name in names)


def python_of(system: System, environments: Path) -> Path:
    """The Python that runs a system: this one for Pincite, else that of its environment."""
    if not system.environment:
        return Path(sys.executable)
    return environments / system.environment / "bin" / "python"


def install(system: System, environments: Path) -> None:
    """Make a system's environment where it is not there yet, at the pinned versions.

    Nothing but what the requirements file names is installed, so no GPU library comes along.

    Raises:
        RuntimeError: the packages cannot be installed, with pip's last line.
    """
    if not system.environment:
        return
    folder = environments / system.environment
    wanted = (REQUIREMENTS / f"{system.environment}.txt").read_text("utf-8")
    done = folder / "installed.txt"
    if done.is_file() and done.read_text("utf-8") == wanted:
        return
    venv.create(folder, clear=True, with_pip=True)
    named = str(REQUIREMENTS / f"{system.environment}.txt")
    command = [str(python_of(system, environments)), "-m", "pip", "install", "--quiet"]
    command += ["--disable-pip-version-check", "--no-deps", "-r", named]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode:
        last = (ran.stderr.strip().splitlines() or ["pip failed"])[-1]
        raise RuntimeError(f"{system.title} cannot be installed: {last}")
    done.write_text(wanted, "utf-8")
