"""What the page shows of a kept evaluation, and what can be taken away of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from markupsafe import Markup

from corpus.document import Document, Span
from index.base import IndexProblem, PassageIndex
from qa import show
from qa.asking import texts_of
from qa.comparing import Comparison, NothingShared, compare
from qa.evaluate import Evaluation
from qa.evaluating import run_of
from qa.evaluations import Evaluations, Kept
from qa.gold import Gold
from qa.question_set import Evidence, Question
from qa.report import diagrams, miss, to_html, to_json, to_markdown
from qa.show_comparison import compared
from qa.show_evaluation import EMPTY, result
from qa.show_runs import file

Form = Literal["html", "md", "json"]


class EvaluationPages:
    """Shows an owner's evaluations.

    Args:
        index: the collection, to open evidence in.
        keeps: the kept evaluations.
    """

    def __init__(self, index: PassageIndex, keeps: Evaluations) -> None:
        self._index = index
        self._keeps = keeps

    def page(self, owner: str, id: str | None, against: str = "") -> Markup:
        """Show an evaluation, compared with another where one is named.

        Args:
            owner: whose it is.
            id: the evaluation's; None, or one that is not there, shows how to begin.
            against: the id of another evaluation of theirs; "" for none.
        """
        found = self._keeps.get(owner, id) if id else None
        if found is None:
            return EMPTY
        kept, evaluation = found
        others = [one for one in self._keeps.of(owner) if one.id != kept.id]
        shown = [o.question for o in evaluation.outcomes if miss(o)]
        other, told = self._compared(owner, found, against)
        if isinstance(told, Comparison):
            moved = {one.id for one in told.moved}
            shown += [o.question for o in evaluation.outcomes if o.question.id in moved]
        places = self._places(shown)
        said = told if isinstance(told, Markup) else None
        if other and isinstance(told, Comparison):
            said = compared(told, other, evaluation, places)
        return result(kept, evaluation, places, others, against=against, comparison=said)

    def file(self, owner: str, id: str, form: Form, against: str = "") -> Markup:
        """Make a link that holds an evaluation as a file; see :func:`qa.show_runs.file`."""
        found = self._keeps.get(owner, id)
        if found is None:
            return show.sorry("This evaluation is no longer there.")
        kept, evaluation = found
        _, told = self._compared(owner, found, against)
        comparison = told if isinstance(told, Comparison) else None
        title = f"Evaluation on {kept.name}, {kept.made}"
        if form == "json":
            content = to_json(evaluation, comparison)
        else:
            content = to_markdown(evaluation, title, comparison)
            if form == "html":
                content = to_html(content, title, diagrams(evaluation))
        name = kept.name.removesuffix(".jsonl").removesuffix(".csv")
        return file(f"evaluation-{name}-{kept.made}", f".{form}", content)

    def _compared(
        self, owner: str, later: tuple[Kept, Evaluation], against: str
    ) -> tuple[Evaluation | None, Comparison | Markup | None]:
        """Compare with another evaluation; in its place a sentence where that cannot be done."""
        if not against:
            return None, None
        earlier = self._keeps.get(owner, against)
        if earlier is None:
            return None, show.sorry("The evaluation to compare with is no longer there.")
        try:
            runs = [run_of(one, f"{kept.name}, {kept.made}") for kept, one in (earlier, later)]
            return earlier[1], compare(*runs)
        except NothingShared as problem:
            return None, show.sorry(str(problem))

    def _places(self, questions: Iterable[Question]) -> dict[Evidence, tuple[Document, Span]]:
        """Find where the evidence of questions stands now; what is not found is left out."""
        out: dict[Evidence, tuple[Document, Span]] = {}
        try:
            gold = Gold(self._index.sources(), texts_of(self._index))
            with self._index.view() as view:
                for question in questions:
                    for evidence in question.evidence:
                        if found := gold.place(evidence):
                            out[evidence] = view.document(found[0]), found[1]
        except (IndexProblem, KeyError):
            return out  # a document has left meanwhile: the words are shown all the same
        return out
