"""What came of an evaluation as a piece of the web page. Whatever comes from outside is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from markupsafe import Markup

from qa.evaluate import Evaluation
from qa.evaluations import Kept
from qa.figures import IN_WORDS, NAMES, SHARES
from qa.metrics import Measure
from qa.plots import reliability_svg, risk_coverage_svg
from qa.show_misses import Places, misses
from qa.show_runs import about, choose, takeaways

FIRST = ("sentence_hit@1", "false_refusals", "false_answers", "wrong_answers")
"""The figures that stand above the others, large."""

FEW = 30
"""Questions below which it is said that they are few."""

EMPTY = Markup(
    '<div class="pc-eval-empty"><h2>How good are the answers?</h2>'
    "<p>Choose a set of questions whose answers are known, and run it. Pincite asks them one after "
    "the other and shows how often it was right, what it declined, and every miss beside what was "
    "expected. Asked again after a change, a set tells whether the change did good.</p>"
    "<p>Your own set grows by itself: say under an answer whether it is right, or which sentence "
    "is.</p></div>"
)

_CONTENTS = Markup(
    '<nav class="pc-eval-contents" aria-label="On this page">'
    '<button type="button" class="pc-link" data-goto=".pc-eval-misses">Misses</button> '
    '<button type="button" class="pc-link" data-goto=".pc-eval-figures">All figures</button></nav>'
)

FORMAT = Markup(
    '<details class="pc-eval-format"><summary>What the file looks like</summary><p>A CSV table '
    "with the columns <code>question</code>, <code>answers</code> (the right ones, with | between "
    "them) and <code>answerable</code> (false where the collection holds no answer). Or a line of "
    "JSON for each question, which can also name the sentence that answers:</p><pre>{}</pre>"
    "</details>"
).format(
    '{"question": "How many took part?", "answers": ["602"], "evidence": [{"source": "trial.pdf", '
    '"quote": "The trial randomised 602 patients."}]}'
)


def result(
    kept: Kept,
    evaluation: Evaluation,
    places: Places,
    others: Sequence[Kept] = (),
    *,
    against: str = "",
    comparison: Markup | None = None,
) -> Markup:
    """Show an evaluation: figures, plots, and every miss beside its gold.

    Args:
        kept: its name and when it was made.
        evaluation: what came of it.
        places: where evidence stands in the index now.
        others: evaluations that it can be compared with.
        against: the id of the one it is compared with.
        comparison: what came of that.
    """
    parts = [
        _head(kept, evaluation),
        takeaways(kept, against),
        choose(kept, others, against),
        _remarks(evaluation),
        _first(evaluation),
        comparison or Markup(""),
        _CONTENTS,
        _plots(evaluation),
        _figures(evaluation),
        _tags(evaluation),
        misses(evaluation.outcomes, places),
    ]
    return Markup(
        '<article class="pc-eval-result" aria-label="Evaluation: {}">{}</article>'
    ).format(kept.name, Markup("").join(parts))


def _head(kept: Kept, evaluation: Evaluation) -> Markup:
    facts = about(kept)
    if evaluation.outcomes:
        answer = evaluation.outcomes[0].answer
        facts.append(f"{answer.index.get('documents', '?')} documents")
        facts.append(str(answer.models.get("reader", "")))
    shown = Markup("").join(Markup("<span>{}</span>").format(fact) for fact in facts if fact)
    return Markup('<header><h2 tabindex="-1">{}</h2><p class="pc-biblio">{}</p></header>').format(
        kept.name, shown
    )


def _remarks(evaluation: Evaluation) -> Markup:
    out = [Markup('<div class="pc-none"><p>{}</p></div>').format(w) for w in evaluation.warnings]
    for what, sentences in (
        ("could not be asked", evaluation.refused),
        ("have evidence that is not in the collection", evaluation.unfounded),
    ):
        if sentences:
            out.append(
                Markup(
                    '<details class="pc-none"><summary>{} of the set {}</summary><ul>{}</ul>'
                    "</details>"
                ).format(len(sentences), what, _items(sentences))
            )
    return Markup("").join(out)


def _items(sentences: Iterable[str]) -> Markup:
    return Markup("").join(Markup("<li>{}</li>").format(sentence) for sentence in sentences)


def _first(evaluation: Evaluation) -> Markup:
    measures = evaluation.measures()
    cards = [_card(name, measures[name]) for name in FIRST if measures[name].n]
    asked = len(evaluation.outcomes)
    few = Markup("")
    if 0 < asked < FEW:
        few = Markup(
            '<p class="pc-eval-note">These are few questions: another few of the same kind might '
            "come out anywhere within the intervals.</p>"
        )
    return Markup('<section class="pc-eval-first" aria-label="Main figures">{}</section>{}').format(
        Markup("").join(cards), few
    )


def _card(name: str, found: Measure) -> Markup:
    count = round((found.value or 0.0) * found.n)
    return Markup(
        '<div class="pc-eval-card"><p class="pc-eval-big">{}</p><p>{}: <b>{} of {}</b></p>'
        '<p class="pc-eval-exact">{}; 95 % interval {}</p></div>'
    ).format(
        shown(name, found.value), IN_WORDS[name], count, found.n, NAMES[name], between(name, found)
    )


def shown(name: str, value: float | None) -> str:
    """Write a figure's value: shares in percent, words a quote with one decimal."""
    if value is None:
        return "–"
    if name in SHARES:
        return f"{100 * value:.0f} %"
    return f"{value:.1f}" if name == "quote_words" else f"{value:.2f}"


def between(name: str, found: Measure) -> str:
    """Write a figure's interval; empty where it has none."""
    if found.low is None or found.high is None:
        return ""
    if name in SHARES:
        return f"{100 * found.low:.0f}–{100 * found.high:.0f} %"
    return f"{found.low:.2f}–{found.high:.2f}"


def _figures(evaluation: Evaluation) -> Markup:
    rows = [
        Markup(
            '<tr><th scope="row">{}<span>{}</span></th><td>{}</td><td>{}</td><td>{}</td>'
            "<td>{}</td></tr>"
        ).format(
            IN_WORDS[name],
            NAMES[name],
            shown(name, found.value),
            between(name, found),
            _bar(name, found),
            found.n,
        )
        for name, found in evaluation.measures().items()
        if found.n
    ]
    return Markup(
        '<section class="pc-eval-figures"><h3 tabindex="-1">All figures</h3>'
        '<div class="pc-scroll pc-eval-table" tabindex="0" role="group" aria-label="Table">'
        "<table><thead><tr>"
        '<th scope="col">What</th><th scope="col">Value</th><th scope="col">95 % interval</th>'
        '<th scope="col" aria-hidden="true"></th><th scope="col">Of</th></tr></thead>'
        '<tbody>{}</tbody></table></div><p class="pc-eval-note">An interval says where a figure '
        "would mostly lie if other questions of the same kind were asked (percentile bootstrap; "
        "exact where all came out alike).</p></section>"
    ).format(Markup("").join(rows))


def _bar(name: str, found: Measure) -> Markup:
    """Draw a figure and its interval on a line from 0 to 1; the numbers stand beside it."""
    if found.low is None or found.high is None or found.value is None or name == "quote_words":
        return Markup("")
    x = [f"{4 + 92 * number:.1f}" for number in (found.low, found.high, found.value)]
    return Markup(
        '<svg class="pc-eval-bar" aria-hidden="true" viewBox="0 0 100 12" width="100" height="12">'
        '<line x1="4" x2="96" y1="6" y2="6"/><line class="pc-eval-span" x1="{}" x2="{}" y1="6" '
        'y2="6"/><circle cx="{}" cy="6" r="3.5"/></svg>'
    ).format(*x)


def _plots(evaluation: Evaluation) -> Markup:
    curve, bins = evaluation.curve(), evaluation.reliability()
    if not curve:
        return Markup("")
    withheld = any(outcome.withheld for outcome in evaluation.outcomes)
    ends = " Questions were declined, so the line ends before the right edge." if withheld else ""
    steps = [(f"{p.threshold:.2f}", _share(p.coverage), _share(p.risk)) for p in curve]
    groups = [
        (f"{b.low:g}–{b.high:g}", str(b.n), _share(b.confidence), _share(b.right)) for b in bins
    ]
    return Markup(
        '<section><h3>Can its sureness be trusted?</h3><div class="pc-eval-plots">{}{}'
        "</div></section>"
    ).format(
        _plot(
            risk_coverage_svg(curve),
            "Risk and coverage",
            "From left to right more questions are answered, the surest first; up are more wrong "
            f"ones among them. A line that stays low is good.{ends}",
            ("Sureness from", "Answered", "Wrong of these"),
            steps,
        ),
        _plot(
            reliability_svg(bins),
            "Reliability",
            "Each disc is a group of answers: to the right the surer ones, up the more often right "
            "ones, large where there are many. Discs on the dashed line are as often right as they "
            "are sure; above it, more often.",
            ("Sureness", "Answers", "Mean", "Right"),
            groups,
        ),
    )


def _share(value: float) -> str:
    return f"{100 * value:.0f} %"


def _plot(
    svg: Markup, name: str, says: str, columns: Sequence[str], rows: Sequence[Sequence[str]]
) -> Markup:
    head = Markup("").join(Markup('<th scope="col">{}</th>').format(c) for c in columns)
    body = Markup("").join(
        Markup("<tr>{}</tr>").format(Markup("").join(Markup("<td>{}</td>").format(c) for c in row))
        for row in rows
    )
    return Markup(
        '<figure class="pc-eval-plot">{}<figcaption><b>{}.</b> {}</figcaption><details><summary>'
        'The numbers</summary><div class="pc-scroll" '
        'tabindex="0" role="group" aria-label="Table">'
        "<table><thead><tr>{}</tr></thead><tbody>{}"
        "</tbody></table></div></details></figure>"
    ).format(svg, name, says, head, body)


def _tags(evaluation: Evaluation) -> Markup:
    tags = evaluation.tags()
    if not tags:
        return Markup("")
    names = ("sentence_hit@1", "sentence_hit@3", "false_refusals", "false_answers")
    head = Markup("").join(Markup('<th scope="col">{}</th>').format(NAMES[n]) for n in names)
    rows = []
    for tag in tags:
        found = evaluation.measures(tag)
        count = sum(tag in outcome.question.tags for outcome in evaluation.outcomes)
        cells = Markup("").join(
            Markup("<td>{}</td>").format(shown(name, found[name].value)) for name in names
        )
        rows.append(
            Markup('<tr><th scope="row">{}</th><td>{}</td>{}</tr>').format(tag, count, cells)
        )
    return Markup(
        '<section><details><summary><h3>By tag</h3></summary><div class="pc-scroll pc-eval-table" '
        'tabindex="0" role="group" aria-label="Table">'
        '<table><thead><tr><th scope="col">Tag</th><th scope="col">Questions</th>{}</tr></thead>'
        "<tbody>{}</tbody></table></div></details></section>"
    ).format(head, Markup("").join(rows))
