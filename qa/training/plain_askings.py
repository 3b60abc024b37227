"""Short plain documents and tables in one collection: what trials and papers do not calibrate.

Abstracts that define, spell out and count, and the tables of trials, each a document of its own;
half of the questions are answered by a sentence, half by a row. So the weight of a row against a
sentence is fitted where both are to be had.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from qa.training.groups import Group, Passage, is_set_aside, read_groups
from qa.training.squad import Paper, PaperQuestion

ABSTRACTS = 1500
"""Abstracts in the collection, those that are asked about among them."""


def plain_papers(groups: Path, texts: Mapping[str, tuple[str, str]]) -> Iterator[Paper]:
    """The documents, with the questions of the set-aside part.

    Args:
        groups: folder of the groups.
        texts: title and text of each abstract that may be used, by its key.
    """
    asked: dict[str, list[Group]] = {}
    for group in read_groups(groups / "plain.jsonl"):
        if group.set_aside:
            asked.setdefault(group.key.removeprefix("plain/"), []).append(group)
    others = [key for key in sorted(texts) if key not in asked]
    order = np.random.default_rng(0).permutation(len(others))[: ABSTRACTS - len(asked)]
    for key in sorted([*asked, *(others[i] for i in order)]):
        title, body = texts[key]
        # What a "#" or a "|" at a line's start would be read as is no matter of the abstract.
        text = f"# {title}\n\n{' '.join(body.split())}\n"
        questions = [_question(key, i, g, text) for i, g in enumerate(asked.get(key, []))]
        yield Paper(f"{key}.md", text, tuple(q for q in questions if q is not None))
    yield from _tables(read_groups(groups / "tables.jsonl"))


def _question(key: str, number: int, group: Group, text: str) -> PaperQuestion | None:
    sentence = next(s for p in group.passages for s in _gold(p))
    start = text.find(" ".join(sentence.split()))
    if start < 0:
        return None
    span = (start, start + len(" ".join(sentence.split())))
    return PaperQuestion(f"plain-{key}-{number}", group.question, (), (span,))


def _gold(passage: Passage) -> list[str]:
    return [
        passage.text[start:end]
        for (start, end), gold in zip(passage.sentences, passage.gold, strict=True)
        if gold
    ]


def _tables(groups: Iterable[Group]) -> Iterator[Paper]:
    """Each trial's tables as a document, as far as rows of them were mined."""
    by_trial: dict[str, list[Group]] = {}
    for group in groups:
        by_trial.setdefault(group.key, []).append(group)
    for key, own in sorted(by_trial.items()):
        rows = {(p.heading, p.text) for group in own for p in group.passages}
        tables: dict[str, list[str]] = {}
        for heading, row in sorted(rows):
            tables.setdefault(heading, []).append(row)
        text = f"# Tables of {key}\n\n"
        places: dict[tuple[str, str], tuple[int, int]] = {}
        for heading, lines in tables.items():
            columns = len(lines[0].split(" | "))
            names = heading.split(" | ")
            text += " ".join(names[columns:] or names)[:200] + "\n\n"
            text += _line((names + [""] * columns)[:columns])
            text += _line(["---"] * columns)
            for row in lines:
                line = _line(row.split(" | "))
                places[heading, row] = (len(text), len(text) + len(line) - 1)
                text += line
            text += "\n"
        questions = tuple(
            PaperQuestion(f"{key}-{i}", group.question, (), (places[g.heading, g.text],))
            for i, group in enumerate(own)
            for g in [group.passages[0]]
            if is_set_aside(key)
        )
        yield Paper(f"{key.replace('/', '-')}.md", text, questions)


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |\n"
