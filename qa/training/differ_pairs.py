"""Pairs of texts of which it is known whether one contradicts the other, from public data sets.

NLI4CT (Jullien et al. 2023): a statement and lines of trial records. SciFact (Wadden et al. 2020):
a claim and sentences of an abstract. Evidence Inference 2.0 (DeYoung et al. 2020): its prompts, put
into a sentence with the right or a wrong direction, and the evidence. The words stay outside the
repository.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from qa.training.groups import is_set_aside

Part = Literal["train", "held", "dev"]
HELD = 0.15
"""Share of trials, abstracts and articles of the training parts that the threshold is chosen on."""

_SAID = {
    "significantly increased": (
        "{i} significantly increased {o} compared with {c}.",
        "{o} was significantly higher with {i} than with {c}.",
        "With {i}, {o} rose more than with {c}.",
    ),
    "significantly decreased": (
        "{i} significantly reduced {o} compared with {c}.",
        "{o} was significantly lower with {i} than with {c}.",
        "With {i} there was less {o} than with {c}.",
    ),
    "no significant difference": (
        "{i} and {c} did not differ significantly in {o}.",
        "{i} had no effect on {o} compared with {c}.",
        "There was no significant difference in {o} between {i} and {c}.",
    ),
}
_DIRECTIONS = tuple(_SAID)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts.

    Attributes:
        origin: the data set.
        part: ``train``; ``held``, for the threshold; ``dev``, for measuring alone.
        one, other: the texts.
        contradicts: whether one denies what the other says.
    """

    origin: str
    part: Part
    one: str
    other: str
    contradicts: bool


def draw(key: str, below: int) -> int:
    """A number in [0, ``below``) that follows from ``key`` alone."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:6], "big") % below


def read_pairs(bench: Path) -> list[Pair]:
    """All pairs of the three sets, in the order of their files.

    Args:
        bench: folder of the data sets.
    """
    return [*nli4ct(bench / "nli4ct"), *scifact(bench / "scifact"), *evidence(bench)]


def nli4ct(folder: Path) -> Iterator[Pair]:
    """Statements on trial records; its own dev file is ``dev``."""
    for file in ("train", "dev"):
        for row in _lines(folder / f"{file}.jsonl"):
            part: Part = "dev" if file == "dev" else _part(f"nli4ct/{row['primary']}")
            lines = " ".join(line["text"].strip() for line in row["evidence"])
            yield Pair("nli4ct", part, row["statement"], lines, row["label"] == "Contradiction")


def scifact(folder: Path) -> Iterator[Pair]:
    """Claims with evidence sentences, and with another sentence of the same abstract.

    Its own dev claims are not at hand: ``dev`` are the claims that the reader was not trained on.
    """
    corpus = {row["doc_id"]: row["abstract"] for row in _lines(folder / "corpus.jsonl")}
    for row in _lines(folder / "claims_train.jsonl"):
        key = f"scifact/{min(row['cited_doc_ids'], default=row['id'])}"
        part: Part = "dev" if is_set_aside(key) else _part(key)
        for found in row["evidence"]:
            abstract = corpus[found["doc_id"]]
            said = " ".join(abstract[i] for i in found["sentences"])
            yield Pair("scifact", part, row["claim"], said, found["label"] == "CONTRADICT")
        shown = {i for found in row["evidence"] for i in found["sentences"]}
        abstract = corpus[row["cited_doc_ids"][0]]
        silent = [s for i, s in enumerate(abstract) if i not in shown]
        if silent:
            yield Pair("scifact", part, row["claim"], silent[draw(key, len(silent))], False)


def evidence(bench: Path) -> Iterator[Pair]:
    """Each prompt of the training part once with its direction and once with another one.

    And once another outcome of the same article with another direction: no contradiction.
    """
    seen: set[tuple[str, str]] = set()
    before: dict[str, dict[str, Any]] = {}
    for row in _lines(bench / "evidence_inference" / "train.jsonl"):
        key = f"evidence/{row['pmcid']}"
        said = " ".join(str(row["evidence"]).split())
        name = (row["prompt_id"], said)
        if row["label"] not in _SAID or not row["valid"] or name in seen or len(said) < 40:
            continue
        seen.add(name)
        part: Part = "held" if is_set_aside(key) else "train"
        wrong = [d for d in _DIRECTIONS if d != row["label"]]
        # A rise beside a fall is easier than either beside "no difference": the latter is drawn
        # wherever it is wrong, but for a third.
        other = wrong[-1] if draw(f"{name}other", 3) else wrong[0]
        for direction in (row["label"], other):
            template = _SAID[direction][draw(f"{name}{direction}", 3)]
            yield Pair("evidence", part, _filled(template, row), said, direction != row["label"])
        earlier = before.get(row["pmcid"])
        if earlier is not None and earlier["outcome"].lower() != row["outcome"].lower():
            template = _SAID[other][draw(f"{name}earlier", 3)]
            yield Pair("evidence", part, _filled(template, earlier), said, False)
        before[row["pmcid"]] = row


def is_reported(name: str) -> bool:
    """Whether a hand-written pair is kept for the report: decided by a hash of its id alone."""
    return draw(f"differ/{name}", 2) == 1


def quotes(path: Path) -> Iterator[Pair]:
    """The hand-written pairs: those the rules were made on are ``held``, the others ``dev``."""
    for row in _lines(path):
        part: Part = "dev" if is_reported(row["id"]) else "held"
        one, other = row["one"]["text"], row["other"]["text"]
        yield Pair("quotes", part, one, other, row["differ"] is not None)


def _filled(template: str, row: dict[str, Any]) -> str:
    return template.format(i=row["intervention"], c=row["comparator"], o=row["outcome"])


def _part(key: str) -> Part:
    return "held" if draw(f"held/{key}", 1000) < HELD * 1000 else "train"


def _lines(path: Path) -> Iterable[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)
