"""One judge for every system: where its words stand in the paper, and whether that is the gold.

The judging is :class:`qa.gold.Gold`'s, the one that ``pincite eval`` uses. Where a system says at
which characters of the file its passage stands, these count. Where it does not, its words are
looked up in the paper it names, without regard to white space, dashes and quotation marks, and
every place where they stand counts, which favours such a system.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from corpus.document import DocumentInfo, Span
from corpus.sentences import sentence_spans
from index.base import SourceRecord
from qa.gold import Gold
from qa.measure.peers.protocol import Found, Words
from qa.measure.peers.results import Judged
from qa.measure.peers.systems import Sentences
from qa.question_set import Evidence, Question

BUDGET = 4500
"""Characters from the top of a ranking that a person reads: five passages of Pincite's longest.
Long passages hold the gold more easily, so they are also set beside each other at equal length."""

_BLANK = re.compile(r"\n\s*\n")

Nearest = Callable[[str, Sequence[str]], int]
"""Which of the sentences is nearest to a question."""


class Judge:
    """Judges what systems find in a set of papers.

    Args:
        papers: the text of each paper by its file's name.
        nearest: chooses a sentence for systems that choose none.
    """

    def __init__(self, papers: Mapping[str, str], nearest: Nearest) -> None:
        self._papers = papers
        self._nearest = nearest
        records = [
            SourceRecord(name, name, "indexed", document=DocumentInfo(name, name, name))
            for name in papers
        ]
        self._gold = Gold(records, papers.__getitem__)

    def judge(self, question: Question, found: Found, sentences: Sentences) -> Judged:
        """Set what a system found beside the gold of its question.

        Args:
            question: with exact places of its evidence.
            found: best first.
            sentences: where the system's best sentence comes from.
        """
        best = self._best_sentence(question, found, sentences)
        return Judged(
            gains=tuple(self._right(question, words) for words in found.passages),
            within=self._within(question, found.passages),
            hit=best is not None and self._right(question, best),
            characters=tuple(self._length(words) for words in found.passages),
            unplaced=sum(not self._placed(words) for words in found.passages),
        )

    def _right(self, question: Question, words: Words) -> bool:
        """Whether the words share a character with any piece of the gold."""
        for gold in question.evidence:
            if gold.start is None or gold.end is None:
                raise ValueError(f"{question.id} does not say where its evidence stands.")
            place = Span(gold.start, gold.end)
            if any(
                self._gold.overlaps(
                    own, gold.source, place, (place,) if own.start is not None else ()
                )
                for own in _as_evidence(words)
            ):
                return True
        return False

    def _within(self, question: Question, passages: Sequence[Words]) -> bool:
        left = BUDGET
        for words in passages:
            if left <= 0:
                return False
            if self._right(question, self._cut(words, left)):
                return True
            left -= self._length(words)
        return False

    def _cut(self, words: Words, most: int) -> Words:
        """The first characters of a passage."""
        spans = []
        left = most
        for start, end in words.spans:
            if left > 0:
                spans.append((start, min(end, start + left)))
            left -= end - start
        return Words(words.document, words.text[:most], tuple(spans))

    def _length(self, words: Words) -> int:
        return sum(end - start for start, end in words.spans) or len(words.text)

    def _placed(self, words: Words) -> bool:
        if words.spans:
            return words.document in self._papers
        if not words.text.strip():
            return False
        return self._gold.place(Evidence(source=words.document, quote=words.text)) is not None

    def _best_sentence(
        self, question: Question, found: Found, sentences: Sentences
    ) -> Words | None:
        if sentences != "nearest":
            if not found.sentences:
                return None
            best = found.sentences[0]
            return self._whole(best) if sentences == "answer" else best
        if not found.passages:
            return None
        passage = found.passages[0]
        pieces = self._pieces(passage)
        return (
            pieces[self._nearest(question.question, [p.text for p in pieces])] if pieces else None
        )

    def _whole(self, words: Words) -> Words:
        """The sentence that a span stands in."""
        text = self._papers[words.document]
        start, end = words.spans[0]
        # A window of a few thousand characters is enough for a sentence, and fast.
        low, high = max(0, start - 3000), min(len(text), end + 3000)
        kept = [s for s in _sentences(text, low, high) if s.start < end and start < s.end]
        spans = tuple((s.start, s.end) for s in kept) or words.spans
        return Words(words.document, "", spans)

    def _pieces(self, passage: Words) -> list[Words]:
        """A passage's sentences, with their places where the passage has one."""
        text = passage.text
        if len(passage.spans) == 1:
            at, end = passage.spans[0]
            source = self._papers[passage.document]
            return [
                Words(passage.document, source[s.start : s.end], ((s.start, s.end),))
                for s in _sentences(source, at, end)
            ]
        return [
            Words(passage.document, text[s.start : s.end]) for s in _sentences(text, 0, len(text))
        ]


def _sentences(text: str, start: int, end: int) -> Iterator[Span]:
    """The sentences of a range; none goes over a blank line."""
    at = start
    for blank in [*_BLANK.finditer(text, start, end), None]:
        until = end if blank is None else blank.start()
        yield from sentence_spans(text, at, until)
        at = end if blank is None else blank.end()


def _as_evidence(words: Words) -> list[Evidence]:
    """A system's words in the judge's shape: an exact place each, or a quote to be looked up."""
    if words.spans:
        return [
            Evidence(source=words.document, start=start, end=end)
            for start, end in words.spans
            if start < end
        ]
    if not words.text.strip():
        return []
    return [Evidence(source=words.document, quote=words.text)]
