"""An answer as pieces of a web page. Whatever comes from outside is escaped.

Every piece is built with ``Markup.format``, which escapes its arguments: a document that contains
mark-up shows as the characters it is made of. No piece goes through a Markdown renderer, which
would change the quoted words.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from markupsafe import Markup

from corpus.document import Span
from index.base import IndexStats
from qa import show_differ, show_judging
from qa.answer import Answer, Citation, Marked, Quote
from qa.citing import authors, emphasis, pages, percent, quote_with_reference, sureness
from qa.within import phrase

NEAREST = 3
"""Nearest passages shown where nothing was found."""

LONGEST = 1000
"""Characters of a question."""

CELL = " | "
"""What joins the cells of a table row in the reading text."""


def emphasised(text: str, offset: int, strong: Span | None) -> Markup:
    """Escape ``text``, which begins at ``offset``, with the part inside ``strong`` made strong."""
    low, high = (strong.start - offset, strong.end - offset) if strong else (0, 0)
    low, high = max(0, min(low, len(text))), max(0, min(high, len(text)))
    if low >= high:
        return Markup.escape(text)
    return Markup("{}<strong>{}</strong>{}").format(text[:low], text[low:high], text[high:])


def cells(text: str, offset: int, strong: Span | None, *, head: bool = False) -> Markup:
    """Write a table row's cells, as a header's where ``head``."""
    element = Markup('<th scope="col">{}</th>') if head else Markup("<td>{}</td>")
    out = []
    for cell in text.split(CELL):
        out.append(element.format(emphasised(cell, offset, strong)))
        offset += len(cell) + len(CELL)
    return Markup("").join(out)


def span_of(marked: Marked | None) -> Span | None:
    """Take the range out of a marked stretch of text."""
    return Span(marked.start, marked.end) if marked else None


def short_title(citation: Citation) -> str:
    """Name a citation's document in a line: title, first author, journal and year."""
    document = citation.document
    published = " ".join(str(part) for part in (document.journal, document.year) if part)
    return " · ".join(part for part in (authors(document.authors), published) if part)


def asked(question: str) -> Markup:
    """Show the person's question."""
    return Markup('<div class="pc-question"><p>{}</p></div>').format(question)


def pending(number: int, question: str, stage: str = "Searching the collection") -> Markup:
    """Show a question that is being answered, and what is being done for it."""
    return _turn(
        number,
        asked(question),
        Markup('<p class="pc-pending" role="status"><span></span>{}…</p>').format(stage),
    )


def problem(number: int, question: str, message: str) -> Markup:
    """Show a question that could not be dealt with, and why in a sentence."""
    return _turn(number, asked(question), sorry(message))


def sorry(message: str) -> Markup:
    """Say in a sentence what went wrong."""
    return Markup('<div class="pc-problem" role="alert"><p>{}</p></div>').format(message)


def turn(
    number: int, answer: Answer, seconds: float | None = None, verdict: Markup | None = None
) -> Markup:
    """Show a question and its answer: quotes with citation markers, or that nothing was found.

    Args:
        number: the turn's number in its conversation; with a citation's ``n`` it makes the ids
            ``quote-NUMBER-N`` here and ``cite-NUMBER-N`` among the sources.
        answer: the answer.
        seconds: how long it took, where that is to be shown.
        verdict: what the person said of it, or is asked; left out, whether it is right.
    """
    found = answer.status == "answered"
    took = f"{_count(answer.passages_read, 'passage')} read"
    if seconds is not None:
        took += f" in {seconds:.1f} s"
    foot = Markup('<footer class="pc-foot">{}{}{}</footer>').format(
        _sureness(answer, took) if found else Markup("<p>{}</p>").format(took),
        _understood(number, answer),
        show_judging.offer(number, answer) if verdict is None else verdict,
    )
    body = _found(number, answer) if found else _not_found(number, answer)
    return _turn(number, asked(answer.question), body, foot)


def _turn(number: int, *parts: Markup) -> Markup:
    return Markup('<article class="pc-turn" id="turn-{0}" data-turn="{0}">{1}</article>').format(
        number, Markup("").join(parts)
    )


def _understood(number: int, answer: Answer) -> Markup:
    out = Markup("")
    if answer.understood_as.strip() != answer.question.strip():
        out += Markup(
            '<div class="pc-understood"><p>Understood as: <q>{0}</q> <button type="button" '
            'class="pc-link" data-change="change-{1}" aria-expanded="false" '
            'aria-controls="change-{1}">Change</button></p>'
            '<form class="pc-change" id="change-{1}" hidden><textarea rows="2" maxlength="{2}" '
            'aria-label="What is really asked">{0}</textarea><button>Ask this</button></form></div>'
        ).format(answer.understood_as, number, LONGEST)
    if answer.meanings:
        out += Markup('<p class="pc-meanings">Also searched: {}</p>').format(answer.meanings)
    if answer.within:
        out += Markup('<p class="pc-limit">Limited to: {}</p>').format(phrase(answer.within))
    return out


def _found(number: int, answer: Answer) -> Markup:
    quotes = show_differ.quotes(answer, partial(_quote, number))
    return Markup('<div class="pc-answer">{}</div>').format(quotes)


def _sureness(answer: Answer, took: str) -> Markup:
    citations = {citation.n: citation for citation in answer.citations}
    documents = len({citations[quote.citation].document.id for quote in answer.quotes})
    return Markup(
        '<p class="pc-sureness" title="Calibrated probability that these quotes answer the '
        'question"><span class="pc-meter" style="--p: {p:.2f}"></span><b>{word}</b> an answer · '
        "{percent}<span>{quotes} from {documents} · {took}</span></p>"
    ).format(
        p=answer.confidence,
        word=sureness(answer.confidence),
        percent=percent(answer.confidence),
        quotes=_count(len(answer.quotes), "quote"),
        documents=_count(documents, "document"),
        took=took,
    )


def _quote(number: int, quote: Quote, citation: Citation) -> Markup:
    strong, marker = span_of(emphasis(quote)), _marker(number, citation)
    facts = [short_title(citation), citation.section or "", pages(citation.pages)]
    caption = Markup("<cite>{}</cite>{}").format(
        citation.document.title,
        Markup("").join(Markup("<span>{}</span>").format(fact) for fact in facts if fact),
    )
    if quote.header is not None:
        caption = marker + caption
        body = Markup(
            '<div class="pc-scroll" tabindex="0" role="group" aria-label="Table">'
            "<table><thead><tr>{}</tr></thead><tbody><tr>{}</tr></tbody>"
            "</table></div>"
        ).format(
            cells(quote.header.text, quote.header.start, None, head=True),
            cells(quote.text, citation.start, strong),
        )
    else:
        body = Markup("<p>{}<sup>{}</sup></p>").format(
            emphasised(quote.text, citation.start, strong), marker
        )
    tools = Markup(
        '<div class="pc-quote-tools"><button type="button" class="pc-link" data-copy="{}" '
        'aria-label="Copy quote {} with its reference">Copy</button>{}</div>'
    ).format(
        quote_with_reference(quote, citation),
        citation.n,
        show_judging.quote_button(number, citation),
    )
    return Markup(
        '<figure class="pc-quote" id="quote-{}-{}" tabindex="-1"><blockquote>{}</blockquote>'
        "<figcaption><div>{}</div>{}</figcaption></figure>"
    ).format(number, citation.n, body, caption, tools)


def _marker(number: int, citation: Citation) -> Markup:
    return Markup(
        '<a class="pc-marker" href="#cite-{0}-{1}" data-show="cite-{0}-{1}" '
        'aria-label="Citation {1}: show it in {2}">{1}</a>'
    ).format(number, citation.n, citation.document.title)


def _not_found(number: int, answer: Answer) -> Markup:
    nearest = answer.passages[:NEAREST]
    letters = Markup(" ").join(
        Markup(
            '<a class="pc-marker pc-near" href="#near-{0}-{1}" data-show="near-{0}-{1}" '
            'aria-label="Show nearest passage {2}">{2}</a>'
        ).format(number, i, letter(i))
        for i in range(1, len(nearest) + 1)
    )
    where = Markup("<p>Nearest passages, for you to judge. They are not an answer: {}</p>")
    return Markup(
        '<div class="pc-none" tabindex="-1"><h3>Not found in the collection</h3><p>{}</p>{}'
        '<p>What may help: <button type="button" class="pc-link" data-type="{}">ask in other '
        'words</button>, or <button type="button" class="pc-link" data-add>add documents</button> '
        "that say it.</p></div>"
    ).format(answer.reason or "", where.format(letters) if nearest else "", answer.understood_as)


def letter(i: int) -> str:
    """Letter the nearest passages A, B, C, so that none looks like a citation's number."""
    return chr(ord("A") + i - 1)


def welcome(examples: Iterable[str], beyond: Iterable[str]) -> Markup:
    """Greet with what to expect and questions to try.

    Args:
        examples: questions that the starter documents answer.
        beyond: questions that they do not, to show what silence looks like.
    """
    button = Markup('<button type="button" class="pc-example" data-ask="{0}">{0}</button>')
    known = Markup("").join(button.format(question) for question in examples)
    unknown = Markup("").join(button.format(question) for question in beyond)
    return Markup(
        '<section class="pc-welcome"><h2>Ask your papers</h2>'
        "<p>Every answer is made of sentences and table rows that stand letter for letter in your "
        "documents, each with its place. Where they hold no answer, Pincite says so.</p>"
        '<h3>Questions to try</h3><div class="pc-examples">{}</div>'
        "<h3>And one that the starter documents cannot answer</h3>"
        '<div class="pc-examples">{}</div></section>'
    ).format(known, unknown)


def masthead() -> Markup:
    """Show the name and what it stands for."""
    return Markup(
        '<header class="pc-masthead"><h1>Pincite</h1><p>Answers in your papers’ own words, each '
        "with its place</p></header>"
    )


def live() -> Markup:
    """Make the place whose words a screen reader speaks as they change; nobody sees it."""
    return Markup('<p role="status" aria-live="polite" aria-atomic="true"></p>')


def status(stats: IndexStats, stage: str | None = None, problem: str | None = None) -> Markup:
    """Say in a line what is indexed, and whether questions can be answered.

    Args:
        stats: what is indexed.
        stage: what is still being done before questions are answered; None where they are.
        problem: why they never will be, in a sentence.
    """
    failed = Markup("<span>{:,} could not be read</span>").format(stats.failed)
    if problem is not None:
        state = Markup('<span class="pc-state pc-bad" role="alert">{}</span>').format(problem)
    elif stage is not None:
        state = Markup('<span class="pc-state pc-busy" role="status">{}…</span>').format(stage)
    else:
        state = Markup('<span class="pc-state" role="status">ready</span>')
    return Markup(
        '<p class="pc-status"><span>{}</span><span>{}</span>{}<span>all on this machine</span>{}'
        "</p>"
    ).format(
        _count(stats.documents, "document"),
        _count(stats.passages, "passage"),
        failed if stats.failed else "",
        state,
    )


def _count(n: int, noun: str) -> str:
    return f"{n:,} {noun}{'' if n == 1 else 's'}"
