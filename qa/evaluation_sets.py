"""The question sets that the page offers: the starter's, a person's own, a file they bring."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import corpus
import qa
from index.base import SourceRecord
from qa.own_questions import path_of
from qa.question_set import QuestionFileProblem, QuestionSet, read_questions

STARTER = Path(qa.__file__).parent / "questions" / "starter.jsonl"
STARTER_NAME = "The starter questions"
OWN_NAME = "Your own questions"
_DIGESTS = Path(corpus.__file__).parent / "starter"


@dataclass(frozen=True, slots=True)
class Offered:
    """A question set that can be run: its name for people, its file, and what the file holds."""

    name: str
    path: Path
    found: QuestionSet

    @property
    def label(self) -> str:
        """The name with the number of questions: "Your own questions (12)"."""
        return f"{self.name} ({len(self.found.questions)})"


def offered(folder: Path, owner: str, sources: Iterable[SourceRecord]) -> list[Offered]:
    """List the sets that are there without bringing a file.

    Args:
        folder: the index's folder.
        owner: whose own set.
        sources: what is indexed: the starter questions are only of use on the starter documents.
    """
    out = []
    if _starter_indexed(sources):
        out.append(Offered(STARTER_NAME, STARTER, read_questions(STARTER)))
    own = _read(path_of(folder, owner))
    if own and own.questions:
        out.append(Offered(OWN_NAME, path_of(folder, owner), own))
    return out


def brought(path: Path) -> Offered:
    """Read a question file that a person brought.

    Raises:
        QuestionFileProblem: it cannot be read, or holds no question; the message names it by its
            file name alone.
    """
    try:
        found = read_questions(path)
    except QuestionFileProblem as problem:
        raise QuestionFileProblem(str(problem).replace(str(path), path.name)) from None
    refused = tuple(sentence.replace(str(path), path.name) for sentence in found.refused)
    if not found.questions:
        raise QuestionFileProblem(f"{path.name} holds no question that can be read. {refused[0]}")
    return Offered(path.name, path, QuestionSet(found.questions, refused))


def _read(path: Path) -> QuestionSet | None:
    try:
        return read_questions(path)
    except QuestionFileProblem:
        return None


def _starter_indexed(sources: Iterable[SourceRecord]) -> bool:
    indexed = {record.document.id for record in sources if record.document}
    digests = sorted(_DIGESTS.glob("*.md"))
    # A document's id is made of its bytes: others of the same name are not taken for these.
    ids = (sha256(path.read_bytes()).hexdigest()[:16] for path in digests)
    return bool(digests) and all(id in indexed for id in ids)
