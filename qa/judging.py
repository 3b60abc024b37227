"""What a person makes of an answer: right, wrong, or rather another sentence.

Every judgement is a row of their own question set, see :mod:`qa.own_questions`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from markupsafe import Markup
from pydantic import BaseModel, ConfigDict, ValidationError

from corpus.document import QUOTABLE, BlockKind, Document, Span
from corpus.sentences import sentence_spans
from index.base import IndexProblem, PassageIndex
from qa import own_questions, show_judging
from qa.answer import Answer, PassageRef
from qa.question_set import Question
from qa.show_judging import Choice

CHOICES = 5
"""Passages, the best first, whose sentences are offered as the right one."""

Judged = Mapping[str, Question]
"""A person's question set by id."""

NOTHING: Judged = MappingProxyType({})


class NotJudged(Exception):
    """A judgement that could not be taken down; the message is for the person."""


class Judgement(BaseModel):
    """What the page sends: which turn, what of it, and for a sentence its place in a document.

    ``right`` and ``wrong`` are of the answer; ``wrong`` asks back what is right, to which
    ``sentence``, ``absent`` (the collection does not hold it) and ``cancel`` reply; ``undo`` takes
    back what was said of this question before.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    action: Literal["right", "wrong", "sentence", "absent", "cancel", "undo"]
    turn: int
    document: str = ""
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Judge:
    """Takes a person's judgements down.

    Attributes:
        index: the collection.
        folder: the index's folder.
        owner: whose question set it is.
    """

    index: PassageIndex
    folder: Path
    owner: str

    def hear(self, answer: Answer, said: Judgement) -> Markup:
        """Take a judgement down.

        Returns:
            What stands under the answer now.

        Raises:
            NotJudged: it could not be taken down.
        """
        try:
            if said.action == "wrong":
                return show_judging.choices(said.turn, answer, self._choices(answer))
            if said.action == "undo":
                id = own_questions.id_of(answer.understood_as)
                own_questions.remove(self.folder, self.owner, id)
            elif said.action != "cancel":
                question = self._question(answer, said)
                own_questions.add(self.folder, self.owner, question)
                return show_judging.judged(said.turn, question)
            return verdict(said.turn, answer, own_questions.judged(self.folder, self.owner))
        except KeyError:
            raise NotJudged("This document has left the index since; nothing was kept.") from None
        except (IndexProblem, ValueError) as problem:
            raise NotJudged(f"{problem}; nothing was kept.") from problem
        except OSError as error:
            path = own_questions.path_of(self.folder, self.owner)
            raise NotJudged(f"{path} cannot be written: {error.strerror or error}.") from error

    def _question(self, answer: Answer, said: Judgement) -> Question:
        if said.action == "right":
            return own_questions.agreed(answer)
        if said.action == "absent":
            return own_questions.corrected(answer, None)
        place = (said.document, said.start, said.end)
        if answer.quotes:
            first = next(one for one in answer.citations if one.n == answer.quotes[0].citation)
            if place == (first.document.id, first.start, first.end):
                return own_questions.agreed(answer)
        with self.index.view() as view:
            evidence = own_questions.answered_at(view.document(said.document), *place[1:])
        return own_questions.corrected(answer, evidence)

    def _choices(self, answer: Answer) -> list[Choice]:
        """The sentences of the best passages, but for those that the answer quotes."""
        quoted = {(one.document.id, one.start, one.end) for one in answer.citations}
        found: dict[str, tuple[Document, list[Span]]] = {}
        with self.index.view() as view:
            for passage in answer.passages[:CHOICES]:
                try:
                    document = view.document(passage.document)
                except KeyError:
                    continue
                _, spans = found.setdefault(document.id, (document, []))
                spans += [
                    span
                    for span in sentences(document, passage)
                    if (document.id, *span) not in quoted
                ]
        return [Choice(document, tuple(spans)) for document, spans in found.values() if spans]


def sentences(document: Document, passage: PassageRef) -> list[Span]:
    """Cut a passage into what can be quoted of it: sentences and table rows, in order."""
    out: list[Span] = []
    for block in document.blocks:
        start, end = max(block.start, passage.start), min(block.end, passage.end)
        if start >= end or block.kind not in QUOTABLE:
            continue
        if block.kind is BlockKind.TABLE_ROW:
            out.append(block.span)
        else:
            out.extend(sentence_spans(document.text, start, end))
    return out


def verdict(number: int, answer: Answer, judged: Judged) -> Markup:
    """Show what was said of an answer's question before, or ask whether it is right.

    Args:
        number: the turn's number in its conversation, from 1.
        answer: the answer.
        judged: the person's question set.
    """
    known = judged.get(own_questions.id_of(answer.understood_as))
    if known is None:
        return show_judging.offer(number, answer)
    return show_judging.judged(number, known)


def read(said: object) -> Judgement:
    """Read what the page sent.

    Raises:
        NotJudged: it is no judgement.
    """
    try:
        return Judgement.model_validate(said)
    except ValidationError:
        raise NotJudged("This is no judgement of an answer.") from None
