"""What an index of many millions of passages takes: memory, shards, time of a question, embedding.

``python -m index.measure.sizing measure PAPERS OUT.json`` measures the constants of this machine on
a folder of papers; ``python -m index.measure.sizing page OUT.json PAGE.md`` computes the page from
them. ``docs/sizing.md`` is that page for ``index/measure/sizing.json``. Any constant can be given
as an option of ``page`` instead.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Annotated

import typer

from index.measure.constants import GIB, MILLION, Constants, measured

WORD = 100.0
"""Bytes that a term and its count take in memory, about."""

_app = typer.Typer(add_completion=False)


@dataclass(frozen=True, slots=True)
class Size:
    """What an index of so many passages takes.

    Attributes:
        passages, documents: how many.
        vectors: memory of the vectors, searched exactly.
        graph: memory of vectors and links, searched by HNSW.
        sparse: memory of the sparse vectors.
        scalars: memory of the numbers that each row has.
        records: memory of the records.
        disk: what may be read from disk: passages' words, whole documents.
        words: memory of the counts of terms in each process that asks.
        postings: entries of posting lists that a question touches.
        shards: shards.
        nodes, graph_nodes: query nodes for exact search and for HNSW.
        dense, graph_time, lexical: time of a question on those nodes.
        cpu_hours, gpu_hours: to embed all passages, on one core, on one GPU.
    """

    passages: int
    documents: float
    vectors: float
    graph: float
    sparse: float
    scalars: float
    records: float
    disk: float
    words: float
    postings: float
    shards: int
    nodes: int
    graph_nodes: int
    dense: float
    graph_time: float
    lexical: float
    cpu_hours: float
    gpu_hours: float


def size(constants: Constants, count: int) -> Size:
    """What an index of ``count`` passages takes."""
    c = constants
    documents = count * c.documents / c.passages
    vectors = 4.0 * c.dimensions * count
    # Of 32 links a node most have 64 at the lowest level, of four bytes each.
    graph = vectors + 4.0 * 64 * count
    # A term's number and its weight; Milvus keeps posting lists, which hold as much.
    sparse = 8.0 * c.terms * count
    # row, since, until, owner, start, end.
    scalars = 6 * 8.0 * count
    records = c.records * c.row * documents
    # Heaps' law with the usual exponent of a half, from what was measured.
    words = WORD * c.words * math.sqrt(count / c.passages)
    beside = sparse + scalars + records
    room = c.memory * c.used
    nodes = math.ceil((vectors + beside) / room)
    graph_nodes = math.ceil((graph + beside) / room)
    scale = count / MILLION
    segments = math.ceil(count / c.segment)
    steps = math.log(min(count, c.segment)) / math.log(c.graph_of)
    return Size(
        passages=count,
        documents=documents,
        vectors=vectors,
        graph=graph,
        sparse=sparse,
        scalars=scalars,
        records=records,
        disk=(c.body + c.kept) * count,
        words=words,
        postings=c.asked * count,
        shards=max(1, math.ceil(count / c.shard)),
        nodes=nodes,
        graph_nodes=graph_nodes,
        dense=c.dense * scale / (nodes * c.cores),
        graph_time=c.graph * steps * segments / min(segments, graph_nodes * c.cores),
        lexical=c.lexical * scale / (nodes * c.cores),
        cpu_hours=count / c.embed / 3600,
        gpu_hours=count / c.rate / 3600,
    )


def page(constants: Constants, counts: tuple[int, ...] = (10 * MILLION, 100 * MILLION)) -> str:
    """The page on sizes, as Markdown."""
    c = constants
    sizes = [size(c, count) for count in counts]
    heads = [f"{count // MILLION} million" for count in counts]
    rows: list[tuple[str, Callable[[Size], str]]] = [
        ("documents", lambda s: _round(s.documents)),
        ("vectors, searched exactly (FLAT)", lambda s: _gib(s.vectors)),
        ("vectors with links (HNSW)", lambda s: _gib(s.graph)),
        ("sparse vectors", lambda s: _gib(s.sparse)),
        ("numbers of each passage", lambda s: _gib(s.scalars)),
        ("records: documents, acronyms, copies, files", lambda s: _gib(s.records)),
        ("**memory of all query nodes, FLAT**", lambda s: _gib(_memory(s, s.vectors))),
        ("**memory of all query nodes, HNSW**", lambda s: _gib(_memory(s, s.graph))),
        ("query nodes, FLAT / HNSW", lambda s: f"{s.nodes} / {s.graph_nodes}"),
        ("shards", lambda s: str(s.shards)),
        ("disk for words and whole documents", lambda s: _gib(s.disk)),
        ("word counts, in each process that asks", lambda s: _gib(s.words)),
        ("a question: vectors, FLAT", lambda s: _time(s.dense)),
        ("a question: vectors, HNSW", lambda s: _time(s.graph_time)),
        ("a question: words", lambda s: _time(s.lexical)),
        ("entries of posting lists a question touches", lambda s: _round(s.postings)),
        ("embedding, hours of one CPU core", lambda s: _round(s.cpu_hours)),
        ("embedding, hours of one GPU", lambda s: _round(s.gpu_hours)),
    ]
    table = [f"| | {' | '.join(heads)} |", f"|---|{'---|' * len(heads)}"]
    table += [f"| {name} | {' | '.join(show(s) for s in sizes)} |" for name, show in rows]
    return _TEXT.format(table="\n".join(table), constants=_listed(c), **asdict(c))


def _memory(one: Size, vectors: float) -> float:
    return vectors + one.sparse + one.scalars + one.records


def _listed(c: Constants) -> str:
    rows = [
        ("documents and passages measured", f"{c.documents:,}, {c.passages:,}"),
        ("length of a vector", str(c.dimensions)),
        ("distinct terms of a passage", f"{c.terms:.0f}"),
        ("a passage's words, stored", f"{c.body:,.0f} bytes"),
        ("its share of whole documents and their vectors", f"{c.kept:,.0f} bytes"),
        ("records of a document", f"{c.records:.1f} of {c.row:,.0f} bytes"),
        ("distinct terms in all", f"{c.words:,}"),
        ("posting entries of a question for each passage", f"{c.asked:.3f}"),
        ("embedding, one core", f"{c.embed:.1f} passages a second"),
        ("a question against a million vectors, exactly, one core", _time(c.dense)),
        (f"the same by HNSW among {c.graph_of:,}", _time(c.graph)),
        ("candidates for BM25 among a million passages, one core", _time(c.lexical)),
        ("*assumed:* memory of a query node, share for data", f"{_gib(c.memory)}, {c.used:.0%}"),
        ("*assumed:* cores of a query node", str(c.cores)),
        ("*assumed:* vectors a segment", f"{c.segment:,}"),
        ("*assumed:* passages a shard", f"{c.shard:,}"),
        ("*assumed:* embedding, one GPU", f"{c.rate:,.0f} passages a second"),
    ]
    return "\n".join(["| constant | |", "|---|---|", *(f"| {a} | {b} |" for a, b in rows)])


def _gib(amount: float) -> str:
    value = amount / GIB
    return f"{value:,.0f} GiB" if value >= 10 else f"{value:.1f} GiB"


def _time(seconds: float) -> str:
    return f"{seconds * 1000:.3g} ms" if seconds < 1 else f"{seconds:.3g} s"


def _round(number: float) -> str:
    """Three digits that count."""
    if number < 100:
        return f"{number:.3g}"
    steps = 10 ** (int(math.log10(number)) - 2)
    return f"{round(number / steps) * steps:,.0f}"


_TEXT = """\
# How large, how fast

What an index of 10 and of 100 million passages takes in Milvus. This page is computed
(`python -m index.measure.sizing page index/measure/sizing.json docs/sizing.md`) from constants that
were measured on {documents:,} papers; measure your own, on your papers and your machine, with
`python -m index.measure.sizing measure PAPERS OUT.json`, or give single ones as options
(`--rate 5000`). Nothing of this size was built: it is arithmetic, and says where to look first.

{table}

{constants}

Measured on {machine}. Times are medians; where other work ran on it, a quiet machine is faster.

- Memory is what must be at hand for a question. FLAT compares with every vector and gives FAISS
  flat's answers. HNSW looks at few of them and may miss a candidate; the cosine of those it finds
  is computed from the stored vectors either way.
- The time of a question is that of the search inside the query nodes, spread evenly over their
  cores; the way there and back, and reading the candidates' words, come on top. The vectors' time
  is FAISS's, the words' time Tantivy's, on one core of the machine that was measured: a Milvus
  server was not there to be measured.
- HNSW is searched in every segment, in each in a time that grows with the logarithm of its size.
- The number of distinct terms grows with the square root of the passages (Heaps' law), and each
  takes a process that asks about 100 bytes.
- A GPU was not there to be measured. What one embeds in a second is an assumption: measure it with
  the model you choose, and give it as `--rate`.
- A limit by year or document reads a few numbers of every document before each search, and the
  fingerprint of the collection reads two, once a generation. Both grow with the documents and are
  not in the table.
"""


@_app.command("page")
def write_page(
    constants: Annotated[Path, typer.Argument(help="JSON of constants.")],
    out: Annotated[Path, typer.Argument(help="Markdown file to write.")],
    memory: Annotated[float | None, typer.Option(help="GiB of a query node.")] = None,
    cores: Annotated[int | None, typer.Option(help="Cores of a query node.")] = None,
    shard: Annotated[int | None, typer.Option(help="Passages of a shard.")] = None,
    rate: Annotated[float | None, typer.Option(help="Passages a second of a GPU.")] = None,
    embed: Annotated[float | None, typer.Option(help="Passages a second of a core.")] = None,
    dimensions: Annotated[int | None, typer.Option(help="Length of a vector.")] = None,
    given: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="Any other constant.")
    ] = None,
) -> None:
    """Compute the page from constants."""
    known = read(constants)
    chosen: dict[str, float | None] = {
        "memory": None if memory is None else memory * GIB,
        "cores": cores,
        "shard": shard,
        "rate": rate,
        "embed": embed,
        "dimensions": dimensions,
    }
    changes = {name: value for name, value in chosen.items() if value is not None}
    for one in given or ():
        name, _, value = one.partition("=")
        if name not in {field.name for field in fields(Constants)} - {"machine"}:
            raise typer.BadParameter(f"{name} is no constant.")
        changes[name] = float(value) if "." in value else int(value)
    out.write_text(page(_changed(known, changes)), "utf-8")


@_app.command("measure")
def write_constants(
    papers: Annotated[Path, typer.Argument(help="Folder of papers.")],
    out: Annotated[Path, typer.Argument(help="JSON file to write.")],
    vectors: Annotated[int, typer.Option(help="How many vectors are searched.")] = 200_000,
) -> None:
    """Measure the constants of this machine."""
    found = measured(papers, vectors)
    out.write_text(json.dumps(asdict(found), indent=1) + "\n", "utf-8")


def read(path: Path) -> Constants:
    """Constants as :func:`write_constants` wrote them."""
    return Constants(**json.loads(path.read_text("utf-8")))


def _changed(constants: Constants, changes: dict[str, float]) -> Constants:
    return Constants(**{**asdict(constants), **changes})


if __name__ == "__main__":
    _app()
