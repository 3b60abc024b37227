"""Two evaluations side by side as a piece of the web page."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup

from qa.comparing import Comparison, Moved
from qa.evaluate import Evaluation
from qa.figures import IN_WORDS, NAMES, SHARES
from qa.outcome import Outcome
from qa.paired import CLEAR, Differing
from qa.report_comparison import chance, counts, signed
from qa.show_evaluation import shown
from qa.show_misses import Places, beside, expected, given, understood

_GRADES: Mapping[bool | None, tuple[str, str]] = {
    False: ("Worse", "worse"),
    True: ("Better", "better"),
    None: ("Otherwise", "other"),
}


def compared(
    comparison: Comparison, earlier: Evaluation, later: Evaluation, places: Places
) -> Markup:
    """Show what changed: the figures with their difference, and each question beside its gold.

    Args:
        comparison: what to show.
        earlier: the evaluation of then.
        later: that of now.
        places: where the evidence of the questions that changed stands.
    """
    remarks = Markup("").join(Markup("<p>{}</p>").format(r) for r in comparison.remarks)
    return Markup(
        '<section class="pc-eval-compared" aria-label="Comparison"><h3>Compared with {}</h3>'
        "<p>{}</p>{}{}{}</section>"
    ).format(
        comparison.earlier,
        counts(comparison),
        remarks,
        _moved(comparison, earlier, later, places),
        _figures(comparison),
    )


def _figures(comparison: Comparison) -> Markup:
    rows = Markup("").join(
        Markup(
            '<tr><th scope="row">{}<span>{}</span></th><td>{}</td><td>{}</td><td>{}<span>{}</span>'
            '</td><td class="pc-eval-{}">{}<span>{} ({})</span></td></tr>'
        ).format(
            IN_WORDS[one.name],
            NAMES[one.name],
            shown(one.name, one.earlier),
            shown(one.name, one.later),
            _points(one.name, one.difference),
            _between(one),
            _grade(one),
            verdict(one),
            f"p {'' if one.p < 0.001 else '= '}{chance(one.p)}",
            one.test,
        )
        for one in comparison.figures
    )
    return Markup(
        '<details open><summary><h4>Figures of both</h4></summary><div class="pc-scroll '
        'pc-eval-table" tabindex="0" role="group" aria-label="Table"><table><thead><tr>'
        '<th scope="col">What</th><th scope="col">Then</th>'
        '<th scope="col">Now</th><th scope="col">Difference, 95 % interval</th>'
        '<th scope="col">More than chance?</th></tr></thead><tbody>{}</tbody></table></div>'
        '<p class="pc-eval-note">Paired by question. A difference is clear where chance alone '
        "would make such a one in fewer than {:.0f} of 100 comparisons; with many figures, one may "
        "be clear by chance.</p></details>"
    ).format(rows, 100 * CLEAR)


def verdict(one: Differing) -> str:
    """Say whether a figure differs, and whether chance could have done it."""
    if not one.changed:
        return "no change"
    if one.better is None:
        return "the same in all"
    what = "better" if one.better else "worse"
    return f"clearly {what}" if one.clear else f"{what}, may be chance"


def _grade(one: Differing) -> str:
    if not one.clear or one.better is None:
        return "same"
    return "better" if one.better else "worse"


def _points(name: str, difference: float) -> str:
    if name not in SHARES:
        return signed(difference, 2)
    return f"{signed(100 * difference, 0)} points"


def _between(one: Differing) -> str:
    if one.low is None or one.high is None:
        return ""
    if one.name not in SHARES:
        return f"{signed(one.low, 2)} to {signed(one.high, 2)}"
    return f"{signed(100 * one.low, 0)} to {signed(100 * one.high, 0)}"


def _moved(
    comparison: Comparison, earlier: Evaluation, later: Evaluation, places: Places
) -> Markup:
    if not comparison.moved:
        return Markup("<p>Every question came out as before.</p>")
    then, now = ({o.question.id: o for o in e.outcomes} for e in (earlier, later))
    groups: list[Markup] = []
    for grade, (word, css) in _GRADES.items():
        cards = [
            _card(number, one, css, then[one.id], now[one.id], places)
            for number, one in enumerate(comparison.moved)
            if one.better is grade
        ]
        if cards:
            groups.append(
                Markup(
                    '<details class="pc-eval-kind"{}><summary>{} <span>{}</span></summary>{}'
                    "</details>"
                ).format(
                    Markup(" open") if not groups else "", word, len(cards), Markup("").join(cards)
                )
            )
    return Markup("").join(groups)


def _card(number: int, one: Moved, css: str, then: Outcome, now: Outcome, places: Places) -> Markup:
    return Markup(
        '<article class="pc-eval-miss" data-moved="{}"><h4>{}</h4><p class="pc-biblio">'
        '<span>{}</span><span class="pc-eval-{}">{} → {}</span></p>{}{}</article>'
    ).format(
        number,
        one.question,
        one.id,
        css,
        one.before,
        one.after,
        understood(now.answer),
        beside(
            ("Expected", expected(f"c{number}", now.question, places)),
            ("Then", given(then.answer)),
            ("Now", given(now.answer)),
        ),
    )
