"""Write the groups that the reader is trained on.

    python -m qa.training.build_groups ../shared/bench OUT --bioasq-index DIR

DIR is an index of BioASQ's abstracts, see ``qa.training.bioasq``. Dev files are not touched.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from index.embed import load_embedder
from index.local import LocalIndex
from qa.training.bioasq import POOL, read_pool, read_questions
from qa.training.full_papers import (
    bioasq_groups,
    covid_groups,
    covid_unanswerable,
    evidence_groups,
    read_lines,
)
from qa.training.groups import Group, write_groups
from qa.training.overlap_examples import fill
from qa.training.plain_questions import plain_groups
from qa.training.short_texts import qamr_groups, scifact_groups, squad_groups
from qa.training.squad import read_squad
from qa.training.table_groups import table_groups, table_rows

log = logging.getLogger(__name__)
SQUAD = ("dev-v1.1.json", "dev-v2.0.json", "train-v2.0-slice.json")
PARTS = ("squad", "qamr", "scifact", "evidence", "tables", "plain")
FROM_INDEX = ("covidqa", "covidqa-none", "bioasq")


def main(
    bench: Annotated[Path, typer.Argument(help="Folder of the data sets.")],
    out: Annotated[Path, typer.Argument(help="Folder for the groups.")],
    bioasq_index: Annotated[Path, typer.Option(help="Index of BioASQ's abstracts.")],
    part: Annotated[list[str] | None, typer.Option(help="Only these parts.")] = None,
) -> None:
    """Write one file a part."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s")
    log.setLevel(logging.INFO)
    for name in part or (*PARTS, *FROM_INDEX):
        count = write_groups(out / f"{name}.jsonl", _groups(name, bench, bioasq_index))
        log.info("%s: %d groups", name, count)


def _groups(name: str, bench: Path, bioasq_index: Path) -> Iterator[Group]:
    if name == "squad":
        return squad_groups([bench / "squad" / file for file in SQUAD])
    if name == "qamr":
        return qamr_groups([bench / "qamr" / file for file in ("dev.json", "test.json")])
    if name == "scifact":
        folder = bench / "scifact"
        return scifact_groups(folder / "claims_train.jsonl", folder / "corpus.jsonl")
    if name == "evidence":
        folder = bench / "evidence_inference"
        return evidence_groups(read_lines(folder / "train.jsonl"), folder / "fulltext.tar.gz")
    if name == "tables":
        return table_groups(*_trials(bench))
    if name == "plain":
        return plain_groups(plain_texts(bench / "bioasq"), table_rows(*_trials(bench)))
    if name == "bioasq":
        return _bioasq(bench / "bioasq", bioasq_index)
    return _covid(bench / "covidqa" / "train.json", answerable=name == "covidqa")


def _trials(bench: Path) -> tuple[Path, set[str]]:
    """The archive of trials, and the PMC ids in it that are measured on."""
    folder = bench / "evidence_inference"
    kept_out = {f"PMC{row['pmcid']}" for row in read_lines(folder / "validation.jsonl")}
    return folder / "jats.tar.gz", kept_out


def plain_texts(folder: Path) -> dict[str, tuple[str, str]]:
    """Title and text of BioASQ's abstracts, but for those that a dev question is answered from."""
    measured = {
        snippet["pmid"]
        for question in read_questions(folder / "dev_11b.jsonl")
        for snippet in question["snippets"]
    }
    return {
        entry["pmid"]: (" ".join(entry["title"].split()), entry["text"].strip())
        for entry in read_lines(folder / POOL)
        if entry["pmid"] not in measured and entry["text"].strip()
    }


def _covid(path: Path, *, answerable: bool) -> Iterator[Group]:
    papers, embedder = read_squad(path), load_embedder()
    with tempfile.TemporaryDirectory() as folder, LocalIndex(Path(folder), embedder) as index:
        documents = fill(index, papers, embedder)
        with index.view() as view:
            make = covid_groups if answerable else covid_unanswerable
            yield from make(view, papers, documents)


def _bioasq(folder: Path, where: Path) -> Iterator[Group]:
    questions = read_lines(folder / "train_7b-10b.jsonl")
    with LocalIndex(where, load_embedder(index=where)) as index, index.view() as view:
        yield from bioasq_groups(view, questions, read_pool(folder))


if __name__ == "__main__":
    typer.run(main)
