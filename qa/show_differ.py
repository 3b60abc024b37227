"""Where sources differ, on a web page: quotes side by side, each under its study, no verdict."""

from __future__ import annotations

from collections.abc import Callable

from markupsafe import Markup

from qa.answer import Answer, Citation, Difference, Quote
from qa.differ.say import HEADING, KINDS, study

Figure = Callable[[Quote, Citation], Markup]
"""Makes the figure of a quote, whose id may stand on a page only once."""


def quotes(answer: Answer, figure: Figure) -> Markup:
    """Lay out an answer's quotes: in their order, those that differ side by side.

    A block stands where its best quote would stand. A quote that is a side of two differences is
    shown in the first; the second only names its study and number.

    Args:
        answer: an answer with quotes.
        figure: makes a quote's figure, marker and caption included.
    """
    citations = {citation.n: citation for citation in answer.citations}
    quoted = {quote.citation: quote for quote in answer.quotes}
    shown: set[int] = set()
    out = Markup("")
    for number in quoted:
        for difference in answer.differs:
            if min(difference.sides) == number:
                out += _block(difference, citations, quoted, shown, figure)
                shown.update(difference.sides)
        if not any(number in difference.sides for difference in answer.differs):
            out += figure(quoted[number], citations[number])
    return out


def _block(
    difference: Difference,
    citations: dict[int, Citation],
    quoted: dict[int, Quote],
    shown: set[int],
    figure: Figure,
) -> Markup:
    sides = Markup("")
    for n in difference.sides:
        again = Markup('<p class="pc-differ-again">Quoted above as {}</p>').format(n)
        sides += Markup(
            '<div class="pc-differ-side" role="listitem"><p class="pc-differ-study">{}</p>{}</div>'
        ).format(study(citations[n]), again if n in shown else figure(quoted[n], citations[n]))
    return Markup(
        '<section class="pc-differ" data-kind="{}"><h3>{} <span>{}</span></h3>'
        '<div class="pc-differ-sides" role="list">{}</div></section>'
    ).format(difference.kind, HEADING, KINDS[difference.kind], sides)
