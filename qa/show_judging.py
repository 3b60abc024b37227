"""Whether an answer is right, as asked and answered under it on the page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from corpus.document import Document, Span
from qa.answer import Answer, Citation
from qa.question_set import Question

_THUMB = Markup(
    '<button type="button" class="pc-thumb pc-thumb-{0}" data-judge="{0}" data-turn="{1}" '
    'aria-label="{2}" title="{2}"><span></span></button>'
)
_LINK = Markup('<button type="button" class="pc-link" data-judge="{}" data-turn="{}">{}</button>')


@dataclass(frozen=True, slots=True)
class Choice:
    """A document and those of its sentences that may be the right one."""

    document: Document
    spans: tuple[Span, ...]


def offer(number: int, answer: Answer) -> Markup:
    """Ask whether an answer is right.

    Args:
        number: the turn's number in its conversation, from 1.
        answer: the answer.
    """
    found = answer.status == "answered"
    right = "Right: the first quote answers it" if found else "Right: the collection lacks it"
    wrong = "Wrong: say what is right" if found else "Wrong: the collection does answer it"
    thumbs = _THUMB.format("right", number, right) + _THUMB.format("wrong", number, wrong)
    return _verdict(Markup("<p><span>Is this right?</span>{}</p>").format(thumbs))


def judged(number: int, question: Question) -> Markup:
    """Say what was taken down.

    Args:
        number: the turn's number.
        question: the row of the person's question set.
    """
    if question.answerable:
        said = Markup("").join(
            Markup("<q>{}</q> answers it").format(one.quote or one.source)
            for one in question.evidence[:1]
        )
    else:
        said = Markup("the collection does not hold it")
    return _verdict(
        Markup('<p class="pc-judged" role="status"><span>In your question set: {}.</span>{}</p>')
        .format(said, _LINK.format("undo", number, "Undo")),
    )  # fmt: skip


def choices(number: int, answer: Answer, found: Sequence[Choice]) -> Markup:
    """Ask what is right.

    Args:
        number: the turn's number.
        answer: the answer that is not right.
        found: sentences to choose from, the best passages first.
    """
    absent = _LINK.format("absent", number, "The collection does not hold it")
    listed = Markup("").join(line for choice in found for line in _sentences(number, choice))
    if listed:
        others = Markup(
            "<p>Or one of these sentences, from the passages that were found:</p><ul>{}</ul>"
        ).format(listed)
    else:
        others = Markup("<p>No sentence was found that could be it.</p>")
    return _verdict(
        Markup('<div class="pc-choices"><h3>What is right?</h3><p>{} {}</p>{}</div>').format(
            absent if answer.status == "answered" else "",
            _LINK.format("cancel", number, "Cancel"),
            others,
        )
    )


def quote_button(number: int, citation: Citation) -> Markup:
    """Let a person say of a quote that it is the one that answers."""
    return _sentence(
        number,
        citation.document.id,
        Span(citation.start, citation.end),
        "pc-link",
        Markup("This is the right sentence"),
    )


def _sentences(number: int, choice: Choice) -> Iterator[Markup]:
    text = choice.document.text
    yield Markup('<li class="pc-of">{}</li>').format(choice.document.info.title)
    for span in choice.spans:
        words = Markup.escape(text[slice(*span)])
        yield Markup("<li>{}</li>").format(
            _sentence(number, choice.document.id, span, "pc-sentence", words)
        )


def _sentence(number: int, document: str, span: Span, look: str, words: Markup) -> Markup:
    return Markup(
        '<button type="button" class="{}" data-judge="sentence" data-turn="{}" '
        'data-document="{}" data-start="{}" data-end="{}">{}</button>'
    ).format(look, number, document, span.start, span.end, words)


def _verdict(words: Markup) -> Markup:
    return Markup(
        '<div class="pc-verdict" role="group" aria-label="Your judgement" tabindex="-1">{}</div>'
    ).format(words)
