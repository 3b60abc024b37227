"""Groups from the tables of trials: which row, and which cell, a question by its labels asks for.

No data set asks about rows of tables, and people do. The articles of Evidence Inference's training
part hold tables; from a row's label and a column's name a question is made by template, the row is
the evidence and the cell the short answer. The other rows, of this table and of others, are what to
choose it from. The questions repeat the labels, so they teach what a row is rather than how people
ask.
"""

from __future__ import annotations

import re
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from lxml import etree

from qa.training.groups import Group, Passage

TEMPLATES = (
    "What was the {c} of {r}?",
    "What was {c} for {r}?",
    "What {c} was reported for {r}?",
    "{r}: what was the {c}?",
    "How high was {c} in {r}?",
    "Which {c} did {r} have?",
    "What is the {c} with {r} in the {t} table?",
)
BETWEEN = " | "
ROWS_A_TABLE = 5
NEGATIVES = 8
_LONGEST = 90


@dataclass(frozen=True, slots=True)
class Table:
    """A simple table: one header row, every row of as many cells."""

    caption: str
    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def table_groups(archive: Path, kept_out: set[str]) -> Iterator[Group]:
    """Questions on the tables of JATS articles.

    Args:
        archive: a tar file of JATS articles, each named by its PMC id.
        kept_out: PMC ids that must not be trained on.
    """
    for pmcid, tables in _articles(archive, kept_out):
        draw = np.random.default_rng(list(pmcid.encode()))
        everything = [_passage(t, row, None) for t in tables for row in t.rows]
        for table in tables:
            for i in draw.permutation(len(table.rows))[:ROWS_A_TABLE]:
                yield from _asked(pmcid, table, table.rows[i], everything, draw)


def table_rows(archive: Path, kept_out: set[str]) -> Iterator[Passage]:
    """Every row of the same tables, answering nothing."""
    for _, tables in _articles(archive, kept_out):
        yield from (_passage(table, row, None) for table in tables for row in table.rows)


def _articles(archive: Path, kept_out: set[str]) -> Iterator[tuple[str, list[Table]]]:
    """PMC id and tables of each article, by id."""
    with tarfile.open(archive) as files:
        for member in sorted(files.getmembers(), key=lambda m: m.name):
            pmcid = Path(member.name).stem
            file = files.extractfile(member) if member.isfile() else None
            if file is not None and pmcid not in kept_out and member.name.endswith("xml"):
                yield pmcid, list(_tables(file.read()))


def _asked(
    pmcid: str,
    table: Table,
    row: tuple[str, ...],
    everything: list[Passage],
    draw: np.random.Generator,
) -> Iterator[Group]:
    columns = [
        i
        for i in range(1, len(row))
        if table.header[i] and row[i] and re.search(r"\w", row[i]) and row[i] != row[0]
    ]
    labels = [other[0] for other in table.rows]
    if not columns or labels.count(row[0]) > 1 or not re.search(r"[A-Za-z]{3}", row[0]):
        return
    column = columns[draw.integers(len(columns))]
    template = TEMPLATES[draw.integers(len(TEMPLATES))]
    question = template.format(c=table.header[column], r=row[0], t=table.caption[:40].strip(" .:"))
    start = sum(len(cell) + len(BETWEEN) for cell in row[:column])
    gold = _passage(table, row, (start, start + len(row[column])))
    others = [p for p in everything if p.text != gold.text]
    others = [others[i] for i in draw.permutation(len(others))]
    own = [p for p in others if p.heading == gold.heading]
    rest = [p for p in others if p.heading != gold.heading]
    yield Group(
        origin="tables",
        key=f"evidence/{pmcid.removeprefix('PMC')}",
        question=question[0].upper() + question[1:],
        passages=(gold, *(own[:5] + rest)[:NEGATIVES]),
    )


def _passage(table: Table, row: tuple[str, ...], answer: tuple[int, int] | None) -> Passage:
    text = BETWEEN.join(row)
    heading = BETWEEN.join(part for part in (*table.header, table.caption, table.title) if part)
    return Passage(
        heading=heading,
        text=text,
        sentences=((0, len(text)),),
        gold=(answer is not None,),
        answer=answer,
    )


def _tables(source: bytes) -> Iterator[Table]:
    root = etree.fromstring(source, etree.XMLParser(recover=True, resolve_entities=False))
    title = _text(root.find(".//article-title"))
    for wrap in root.iter("table-wrap"):
        rows = [[cell for cell in line if cell.tag in ("th", "td")] for line in wrap.iter("tr")]
        spans = any(
            cell.get("colspan", "1") != "1" or cell.get("rowspan", "1") != "1"
            for line in rows[:1]
            for cell in line
        )
        texts = [tuple(_text(cell) for cell in line) for line in rows]
        if spans or len(texts) < 3 or not 2 <= len(texts[0]) <= 8:
            continue
        header = texts[0]
        body = tuple(
            line
            for line in texts[1:]
            if len(line) == len(header) and line[0] and max(map(len, line)) <= _LONGEST
        )
        if len(body) >= 2 and sum(bool(cell) for cell in header) >= 2:
            yield Table(_text(wrap.find("caption"))[:160], title[:120], header, body)


def _text(element: etree._Element | None) -> str:
    if element is None:
        return ""
    return " ".join("".join(str(part) for part in element.itertext()).split())
