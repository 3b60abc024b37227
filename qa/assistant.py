"""The main path: a question becomes an answer made of quotes, or an honest "not found"."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self

from index import open_index
from index.base import Closing, Hit, IndexView, PassageIndex, Within
from index.embed import Embedder, load_embedder
from index.location import beside
from index.settings import Settings
from qa import followup
from qa.answer import Answer, Restriction
from qa.compose import choose, cite, expanded, refer, why_not
from qa.differ.find import with_differences
from qa.reader import Judgement, Reader
from qa.readers.load import load_reader
from qa.risk import calibration
from qa.risk.calibration import calibrated
from qa.within import restriction


class Assistant(Closing):
    """Answers questions from one index.

    Args:
        index: where the passages are.
        embedder: what the index was embedded with.
        reader: judges the candidates.
        candidates: how many passages the reader is given.
        risk: accepted share of wrong answers among the given ones, in (0, 1]; the reader's
            default if left out.
    """

    def __init__(
        self,
        index: PassageIndex,
        embedder: Embedder,
        reader: Reader,
        *,
        candidates: int = 20,
        risk: float | None = None,
    ) -> None:
        self.index = index
        self.embedder = embedder
        self.reader = reader
        self.candidates = candidates
        self.risk = reader.default_risk if risk is None else risk

    @classmethod
    def open(cls, index: Path | str | None = None, settings: Settings | None = None) -> Self:
        """Open an index with the models that the settings name.

        Args:
            index: the index's folder or address; the settings' if left out.
            settings: the environment's if left out.

        Raises:
            IndexProblem: the index cannot be opened as asked, or there is no such reader.
        """
        settings = settings or Settings()
        folder = Path(index or settings.index)
        embedder = load_embedder(settings.embedder, folder, settings.device)
        # First: where there is no such reader, no index is made, and none left open.
        reader = load_reader(settings.reader, embedder)
        reader = calibrated(reader, calibration.load(beside(folder)))
        return cls(
            open_index(folder, embedder),
            embedder,
            reader,
            candidates=settings.candidates,
            risk=settings.risk,
        )

    def ask(
        self,
        question: str,
        history: Sequence[str] = (),
        *,
        id: str | None = None,
        risk: float | None = None,
        within: Within | None = None,
        tell: Callable[[str], None] = lambda stage: None,
    ) -> Answer:
        """Answer one question.

        Args:
            question: as asked.
            history: the earlier questions of the conversation, oldest first.
            id: kept in the answer.
            risk: accepted share of wrong answers for this question; the assistant's if left out.
            within: what may be found and read; None for everything.
            tell: called with what is being done now, in words for the person.

        Returns:
            The answer. Every quote was compared, character for character, with its document.
        """
        question = " ".join(question.split())
        understood = followup.resolve(question, history)
        with self.index.view() as view:
            tell("Searching the collection")
            hits = view.search(understood, self.candidates, within) if understood else []
            tell(f"Reading {len(hits)} passage{'' if len(hits) == 1 else 's'}")
            threshold = self.reader.threshold(self.risk if risk is None else risk)
            judgement = self.reader.read(understood, hits, threshold)
            tell("Checking the quotes")
            limited = restriction(within)
            return self._compose(
                view, question, understood, id, limited, hits, judgement, threshold
            )

    def _compose(
        self,
        view: IndexView,
        question: str,
        understood: str,
        question_id: str | None,
        limited: Restriction | None,
        hits: Sequence[Hit],
        judgement: Judgement,
        threshold: float,
    ) -> Answer:
        chosen = choose(judgement.readings) if judgement.confidence >= threshold else []
        chosen, differs = with_differences(understood, chosen, judgement.readings)
        quotes, citations = cite(view, chosen)
        stats = view.stats()
        return Answer(
            id=question_id,
            question=question,
            understood_as=understood,
            expansions=expanded(hits),
            within=limited,
            status="answered" if quotes else "not_found",
            confidence=judgement.confidence,
            quotes=quotes,
            citations=citations,
            differs=differs,
            passages=refer(view, judgement.readings),
            reason=None
            if quotes
            else why_not(
                understood,
                hits,
                judgement.confidence,
                threshold,
                limited,
                judgement.read,
            ),
            models={"embedder": self.embedder.name, "reader": self.reader.name},
            index={
                "documents": stats.documents,
                "passages": stats.passages,
                "fingerprint": stats.fingerprint,
            },
        )

    def close(self) -> None:
        """Release the index."""
        self.index.close()
