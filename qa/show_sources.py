"""The sources beside an answer: a card for each citation, with the quote marked in its place."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup

from corpus.document import BlockKind, Document, Span
from qa import show_original
from qa.answer import Answer, Citation, DocumentRef, PassageRef, Quote
from qa.citing import authors, doi_link, emphasis, pages, quote_with_reference, span
from qa.excerpt import Excerpt, Line, excerpt, section_at
from qa.show import NEAREST, cells, emphasised, letter, span_of

GONE = Markup('<p class="pc-gone">This document has left the index since the answer was given.</p>')

KEYS = Markup(
    '<p class="pc-keys"><kbd>n</kbd> next and <kbd>p</kbd> previous citation, <kbd>/</kbd> to the '
    "question, <kbd>Esc</kbd> out of it</p>"
)


def needed(answer: Answer) -> list[str]:
    """List the ids of the documents whose text :func:`sources` shows, each once."""
    if answer.status == "answered":
        ids = [citation.document.id for citation in answer.citations]
    else:
        ids = [passage.document for passage in answer.passages[:NEAREST]]
    return list(dict.fromkeys(ids))


def sources(number: int, answer: Answer, documents: Mapping[str, Document]) -> Markup:
    """Show the sources of one turn.

    Args:
        number: the turn's number, as given to :func:`qa.show.turn`.
        answer: the answer.
        documents: by id, the documents that :func:`needed` lists; one that is missing is said to
            have left the index.
    """
    if answer.status == "answered":
        quotes = {quote.citation: quote for quote in answer.quotes}
        cards = [
            _card(number, citation, quotes[citation.n], documents.get(citation.document.id))
            for citation in answer.citations
        ]
        title = Markup("Sources")
    else:
        nearest = enumerate(answer.passages[:NEAREST], start=1)
        cards = [_near(number, i, p, documents.get(p.document)) for i, p in nearest]
        title = Markup("Nearest passages <em>not an answer</em>")
    return Markup(
        '<section class="pc-sources" data-turn="{}"><h2>{}</h2>{}<p class="pc-for">{}</p>{}'
        "</section>"
    ).format(
        number,
        title,
        KEYS if cards else "",
        answer.understood_as,
        Markup("").join(cards),
    )


def no_sources() -> Markup:
    """Say what will stand here."""
    return Markup(
        '<section class="pc-sources pc-empty"><h2>Sources</h2><p>The passages behind an answer '
        "appear here, with the quoted words marked. Choose a citation number in an answer to go to "
        "its passage.</p></section>"
    )


def _card(number: int, citation: Citation, quote: Quote, document: Document | None) -> Markup:
    around, offer, original, ident = GONE, Markup(""), Markup(""), f"{number}-{citation.n}"
    if document:
        quoted = Span(citation.start, citation.end)
        around = _excerpt(document, quoted, span_of(emphasis(quote)))
        offer = show_original.button(ident, document, *quoted)
        original = show_original.place(ident)
    return Markup(
        '<article class="pc-card" id="cite-{number}-{n}" tabindex="-1" aria-label="Citation {n}">'
        '<header><span class="pc-number">{n}</span><div>{head}</div></header>'
        "{place}{around}"
        '<footer>{offer}<button type="button" data-copy="{copy}">Copy quote with reference</button>'
        '<a href="#quote-{number}-{n}" data-back="quote-{number}-{n}">Back to the answer</a>'
        "</footer>{original}</article>"
    ).format(
        number=number,
        n=citation.n,
        head=_head(citation.document),
        place=_place(citation),
        around=around,
        offer=offer,
        original=original,
        copy=quote_with_reference(quote, citation),
    )


def _head(document: DocumentRef) -> Markup:
    facts = [authors(document.authors), document.journal or "", str(document.year or "")]
    shown = [Markup.escape(fact) for fact in facts if fact]
    link = doi_link(document.doi)
    if link:
        shown.append(
            Markup('<a href="{}" target="_blank" rel="noopener noreferrer">doi:{}</a>').format(
                link, document.doi
            )
        )
    elif document.doi:
        shown.append(Markup.escape(f"doi:{document.doi}"))
    if document.pmid:
        shown.append(Markup.escape(f"PMID {document.pmid}"))
    digest = Markup('<p class="pc-digest"><b>A digest of</b> {}</p>')
    return Markup('<h3>{}</h3><p class="pc-biblio">{}</p>{}').format(
        document.title,
        Markup("").join(Markup("<span>{}</span>").format(fact) for fact in shown),
        digest.format(document.digest_of) if document.digest_of else "",
    )


def _place(citation: Citation) -> Markup:
    facts = [
        ("Section", citation.section or ""),
        ("Page", pages(citation.pages).removeprefix("p. ").removeprefix("pp. ")),
        ("Characters", span(citation.start, citation.end)),
        ("File", citation.document.source),
        ("Also in", ", ".join(citation.document.also)),
    ]
    return _facts(facts)


def _facts(facts: list[tuple[str, str]]) -> Markup:
    rows = (
        Markup("<div><dt>{}</dt><dd>{}</dd></div>").format(name, value)
        for name, value in facts
        if value
    )
    return Markup('<dl class="pc-place">{}</dl>').format(Markup("").join(rows))


def _excerpt(document: Document, quote: Span, strong: Span | None) -> Markup:
    around = excerpt(document, quote.start, quote.end)
    if around.lines[0].kind is BlockKind.TABLE_ROW:
        return _table(document, around, quote, strong)
    parts = []
    for i, line in enumerate(around.lines):
        before = "… " if around.cut_before and i == 0 else ""
        after = " …" if around.cut_after and i == len(around.lines) - 1 else ""
        words = _marked(document.text, line, quote, strong)
        parts.append(Markup("<p>{}{}{}</p>").format(before, words, after))
    return Markup('<div class="pc-excerpt">{}</div>').format(Markup("").join(parts))


def _passage(document: Document, passage: PassageRef) -> Markup:
    """A passage without any mark; a table row under its header."""
    words = document.text[passage.start : passage.end]
    row = next((b for b in document.blocks if b.start == passage.start), None)
    if row is None or row.kind is not BlockKind.TABLE_ROW:
        return Markup('<div class="pc-excerpt"><p>{}</p></div>').format(words)
    head = document.text[slice(*row.header)] if row.header else ""
    return Markup(
        '<div class="pc-excerpt pc-scroll" tabindex="0" role="group" aria-label="Table">'
        "<table><thead><tr>{}</tr></thead><tbody><tr>{}</tr>"
        "</tbody></table></div>"
    ).format(cells(head, 0, None, head=True) if head else "", cells(words, passage.start, None))


def _marked(text: str, line: Line, quote: Span, strong: Span | None) -> Markup:
    low, high = max(line.start, quote.start), min(line.end, quote.end)
    if low >= high:
        return Markup.escape(text[line.start : line.end])
    return Markup("{}<mark>{}</mark>{}").format(
        text[line.start : low], emphasised(text[low:high], low, strong), text[high : line.end]
    )


def _table(document: Document, around: Excerpt, quote: Span, strong: Span | None) -> Markup:
    text, head = document.text, around.header
    rows = []
    for line in around.lines:
        words = text[line.start : line.end]
        if line.start <= quote.start < line.end:
            marked = cells(words, line.start, strong)
            rows.append(Markup('<tr class="pc-hit" aria-current="true">{}</tr>').format(marked))
        else:
            rows.append(Markup("<tr>{}</tr>").format(cells(words, line.start, None)))
    header = cells(text[head.start : head.end], head.start, None, head=True) if head else Markup("")
    more = Markup('<p class="pc-more">{}</p>').format("The table goes on.")
    return Markup(
        '<div class="pc-excerpt pc-scroll" tabindex="0" role="group" aria-label="Table">'
        "<table><thead><tr>{}</tr></thead><tbody>{}</tbody>"
        "</table></div>{}"
    ).format(
        header,
        Markup("").join(rows),
        more if around.cut_before or around.cut_after else "",
    )


def _near(number: int, i: int, passage: PassageRef, document: Document | None) -> Markup:
    more = Markup("")
    if document is None:
        head, words, facts = Markup("<h3>{}</h3>").format(passage.source), GONE, Markup("")
    else:
        head = Markup('<h3>{}</h3><p class="pc-biblio">{}</p>').format(
            document.info.title,
            Markup("").join(
                Markup("<span>{}</span>").format(fact)
                for fact in (document.info.journal, document.info.year)
                if fact
            ),
        )
        words = _passage(document, passage)
        facts = _facts(
            [
                ("Section", section_at(document, passage.start) or ""),
                ("Page", ", ".join(map(str, document.pages(passage.start, passage.end)))),
                ("Characters", span(passage.start, passage.end)),
                ("File", passage.source),
            ]
        )
        ident = f"{number}-{letter(i)}"
        more = Markup("<footer>{}</footer>{}").format(
            show_original.button(ident, document, passage.start, passage.end),
            show_original.place(ident),
        )
    return Markup(
        '<article class="pc-card pc-card-near" id="near-{}-{}" tabindex="-1">'
        '<header><span class="pc-number">{}</span><div>{}</div></header>{}{}{}</article>'
    ).format(number, i, letter(i), head, facts, words, more)
