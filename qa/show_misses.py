"""Questions that went wrong, each beside its gold, as pieces of the web page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from corpus.document import Document, Span
from qa import show_original
from qa.answer import Answer
from qa.citing import percent
from qa.outcome import Outcome
from qa.question_set import Evidence, Question
from qa.report import miss

Places = Mapping[Evidence, tuple[Document, Span]]
"""Where evidence stands, for what can be shown in its source."""


def misses(outcomes: Sequence[Outcome], places: Places) -> Markup:
    """Show every question that went wrong, by what went wrong, beside its gold."""
    kinds: dict[str, list[Markup]] = {}
    count = 0
    for number, outcome in enumerate(outcomes):
        if kind := miss(outcome):
            kinds.setdefault(kind, []).append(_miss(number, outcome, places))
            count += 1
    groups = [
        Markup(
            '<details class="pc-eval-kind"{}><summary>{} <span>{}</span></summary>{}</details>'
        ).format(
            Markup(" open") if i == 0 else "",
            f"{kind[0].upper()}{kind[1:]}",
            len(cards),
            Markup("").join(cards),
        )
        for i, (kind, cards) in enumerate(sorted(kinds.items()))
    ]
    none = Markup(
        "<p>None: every question that can be judged was answered rightly or rightly declined.</p>"
    )
    return Markup(
        '<section class="pc-eval-misses"><h3 tabindex="-1">Misses <span>{} of {}</span></h3>{}'
        "</section>"
    ).format(count, len(outcomes), Markup("").join(groups) if groups else none)


def _miss(number: int, outcome: Outcome, places: Places) -> Markup:
    return Markup(
        '<article class="pc-eval-miss"><h4>{}</h4><p class="pc-biblio"><span>{}</span>'
        "<span>{} sure</span></p>{}{}</article>"
    ).format(
        outcome.question.question,
        outcome.question.id,
        percent(outcome.answer.confidence),
        understood(outcome.answer),
        beside(
            ("Expected", expected(f"m{number}", outcome.question, places)),
            ("Given", given(outcome.answer)),
        ),
    )


def understood(answer: Answer) -> Markup:
    """Say how a question was understood, where that is not how it was asked."""
    if answer.understood_as.split() == answer.question.split():
        return Markup("")
    return Markup('<p class="pc-understood">Understood as: <q>{}</q></p>').format(
        answer.understood_as
    )


def beside(*columns: tuple[str, Markup]) -> Markup:
    """Set pieces beside one another, each under its heading."""
    return Markup('<div class="pc-eval-beside">{}</div>').format(
        Markup("").join(
            Markup("<div><h5>{}</h5>{}</div>").format(name, piece) for name, piece in columns
        )
    )


def expected(ident: str, question: Question, places: Places) -> Markup:
    """Show what counts as right, with each piece of evidence to be opened in its source.

    Args:
        ident: names the question, once on the page.
        question: the question with its gold.
        places: where evidence stands.
    """
    if not question.answerable:
        return Markup("<p>That nothing is found: the collection holds no answer.</p>")
    parts = []
    if question.answers:
        parts.append(Markup("<p>In short: <b>{}</b></p>").format(", or ".join(question.answers)))
    for i, evidence in enumerate(question.evidence):
        offer = Markup("")
        if found := places.get(evidence):
            document, span = found
            offer = show_original.button(f"{ident}-{i}", document, *span) + show_original.place(
                f"{ident}-{i}"
            )
        parts.append(_quoted(evidence.quote or _place(evidence), evidence.source, offer))
    return Markup("").join(parts) or Markup("<p>Any answer: the set does not say which.</p>")


def _place(evidence: Evidence) -> str:
    return f"Characters {evidence.start}–{evidence.end} of the file"


def given(answer: Answer) -> Markup:
    """Show what was quoted, or why nothing was."""
    if answer.status == "not_found":
        return Markup("<p>Declined. {}</p>").format(answer.reason or "")
    sources = {citation.n: citation.document.source for citation in answer.citations}
    return Markup("").join(_quoted(q.text, sources[q.citation]) for q in answer.quotes)


def _quoted(words: str, source: str, offer: Markup | str = "") -> Markup:
    return Markup(
        '<figure class="pc-eval-quote"><blockquote>{}</blockquote><figcaption><cite>{}</cite> {}'
        "</figcaption></figure>"
    ).format(words, source.rpartition("/")[2], offer)
