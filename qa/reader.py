"""The reader's contract: a question and its candidate passages in, judged sentences out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from corpus.document import Span
from index.base import Hit


@dataclass(frozen=True, slots=True)
class ScoredSentence:
    """A sentence (or table row) of a passage.

    ``span`` is in document offsets; ``score`` is the probability, in [0, 1], that quoting this
    sentence answers the question; ``short_answer`` the words inside it that answer, if marked.
    """

    span: Span
    score: float
    short_answer: Span | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """One candidate passage as judged for a question.

    ``relevance`` is comparable across the passages of one question, higher is better;
    ``sentences`` are in document order. ``read`` is False where the passage was left unread, as the
    answer was decided without it; it has no sentences then.
    """

    hit: Hit
    relevance: float
    sentences: tuple[ScoredSentence, ...]
    read: bool = True


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a reader says of a question's candidates.

    ``readings`` has one entry for each hit, most relevant first; ``confidence`` is the calibrated
    probability, in [0, 1], that the best sentences answer the question.
    """

    readings: tuple[Reading, ...]
    confidence: float

    @property
    def read(self) -> int:
        """How many of the passages were read."""
        return sum(reading.read for reading in self.readings)


class Reader(ABC):
    """Judges candidate passages. Readers are pure: equal input gives equal output."""

    @property
    @abstractmethod
    def name(self) -> str:
        """Name and version, as it stands in ``Answer.models``."""

    @property
    @abstractmethod
    def default_risk(self) -> float:
        """The accepted share of wrong answers, in (0, 1], where the person names none."""

    @abstractmethod
    def read(self, question: str, hits: Sequence[Hit], least: float = 0.0) -> Judgement:
        """Judge every sentence of every hit.

        Args:
            question: the question as understood, in full.
            hits: candidate passages, best first.
            least: the confidence below which there will be no answer. Passages may be left unread
                where those read leave no hope of it.

        Returns:
            The judgement; passages that were left unread come last, in their order among the hits.
        """

    @abstractmethod
    def threshold(self, risk: float) -> float:
        """The least confidence to answer at, so that at most ``risk`` of the answers are wrong.

        Args:
            risk: accepted share of wrong answers among the given ones, in (0, 1]; 1 answers always.

        Returns:
            A confidence; above 1 where the risk cannot be kept by declining.
        """
