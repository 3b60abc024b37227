"""A person's own question set, which grows as they judge answers.

One JSONL file an owner, in the question-set format, so that it is read and measured like any
other. It is replaced as a whole at every judgement: a kill leaves the file as it was before or as
it is after.
"""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from filelock import FileLock

from corpus.document import Document
from qa.answer import Answer, Restriction
from qa.jsonl import parse, read_lines
from qa.question_set import Evidence, Question

log = logging.getLogger(__name__)

FOLDER = "own-questions"
"""Where the files are, inside the index's folder."""

AGREED = "agreed"
"""Tag of a question whose answer, or whose "not found", the person found right."""
CORRECTED = "corrected"
"""Tag of a question whose answer the person put right. Figures are given for each tag apart, as a
set of what was found right already flatters whoever is measured on it."""

_PLAIN = re.compile(r"[a-z0-9-]{1,120}")
_LOCK_SECONDS = 30.0


def path_of(folder: Path, owner: str) -> Path:
    """Name the file of an owner's question set; it is there once something was judged.

    Args:
        folder: the index's folder.
        owner: whose it is: any characters, none of them can lead out of the folder.
    """
    plain = _PLAIN.fullmatch(owner)
    name = owner if plain else sha256(owner.encode("utf-8", "surrogatepass")).hexdigest()
    return folder / FOLDER / f"{name}.jsonl"


def id_of(question: str) -> str:
    """Name a question in its set: the same words, without regard to case, have the same id."""
    words = " ".join(question.casefold().split())
    return f"own-{sha256(words.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}"


def answered_at(document: Document, start: int, end: int) -> Evidence:
    """Give a stretch of a document as evidence, with its place in the source where that is known.

    Args:
        document: the document.
        start: where the words begin in the reading text.
        end: where they end.

    Raises:
        ValueError: there are no such words.
    """
    if not 0 <= start < end <= len(document.text):
        raise ValueError(f"{document.info.source} has no characters {start} to {end}")
    return _evidence(
        document.info.source, document.text[start:end], document.source_spans(start, end)
    )


def agreed(answer: Answer) -> Question:
    """Write down that an answer is right: its first quote answers; or that there is none.

    The question is written as it was understood, so that it stands for itself.
    """
    if answer.status == "not_found":
        return _question(answer, (), AGREED)
    first = answer.quotes[0]
    cited = next(one for one in answer.citations if one.n == first.citation)
    return _question(
        answer, (_evidence(cited.document.source, first.text, cited.source_spans),), AGREED
    )


def corrected(answer: Answer, evidence: Evidence | None) -> Question:
    """Write down what an answer should have been.

    Args:
        answer: the answer that was judged.
        evidence: the words that answer; None where the collection holds no answer.
    """
    return _question(answer, (evidence,) if evidence else (), CORRECTED)


def add(folder: Path, owner: str, question: Question) -> None:
    """Put a question into an owner's set, in the place of an earlier one with its id.

    Lines that cannot be read stay as they are. Safe to use from several threads and processes.

    Args:
        folder: the index's folder.
        owner: whose set.
        question: the question, with an id.

    Raises:
        OSError: the file cannot be written.
    """
    # Whether it can be answered is said although it is the default: it was judged.
    record = question.model_dump(exclude_defaults=True) | {"answerable": question.answerable}
    row = json.dumps(record, ensure_ascii=False)
    with _rows(folder, owner) as rows:
        places = [at for at, line in enumerate(rows) if _id(line) == question.id]
        if places:
            rows[places[0]] = row
        else:
            rows.append(row)


def remove(folder: Path, owner: str, id: str) -> None:
    """Take a question out of an owner's set; nothing happens where it is not in it.

    Raises:
        OSError: the file cannot be written.
    """
    if path_of(folder, owner).exists():
        with _rows(folder, owner) as rows:
            rows[:] = [line for line in rows if _id(line) != id]


def judged(folder: Path, owner: str) -> dict[str, Question]:
    """Give an owner's questions by id; what cannot be read is left out."""
    out = {}
    try:
        lines = _read(path_of(folder, owner))
    except OSError:
        log.exception("A question set cannot be read.")
        lines = []
    for line in lines:
        try:
            question = parse(Question, line)
        except ValueError:
            continue
        out[question.id] = question
    return out


def _question(answer: Answer, evidence: tuple[Evidence, ...], tag: str) -> Question:
    within = answer.within or Restriction()
    return Question(
        id=id_of(answer.understood_as),
        question=answer.understood_as,
        answerable=bool(evidence),
        evidence=evidence,
        tags=(tag,),
        documents=within.documents or (),
        years=(within.from_year, within.to_year),
    )


def _evidence(source: str, quote: str, spans: Sequence[tuple[int, int]]) -> Evidence:
    if not spans:
        return Evidence(source=source, quote=quote)
    return Evidence(
        source=source,
        quote=quote,
        start=min(start for start, _ in spans),
        end=max(end for _, end in spans),
    )


def _id(line: str) -> str | None:
    try:
        return parse(Question, line).id
    except ValueError:
        return None


def _read(path: Path) -> list[str]:
    try:
        return [line.text for line in read_lines(path) if line.text.strip()]
    except FileNotFoundError:
        return []


@contextmanager
def _rows(folder: Path, owner: str) -> Iterator[list[str]]:
    """The lines of a set, to be changed; written back in one step at the end."""
    path = path_of(folder, owner)
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path.with_suffix(".lock"), timeout=_LOCK_SECONDS):
        rows = _read(path)
        yield rows
        half = path.with_suffix(".half")
        with half.open("wb") as file:
            file.writelines(f"{row}\n".encode("utf-8", "surrogateescape") for row in rows)
            file.flush()
            os.fsync(file.fileno())
        half.replace(path)
