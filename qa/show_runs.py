"""Evaluations as a list, under way and as files to take away: pieces of the web page."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Sequence
from itertools import count

from markupsafe import Markup

from qa.evaluation_runs import Running
from qa.evaluations import Kept

FILES = {"html": "Report (HTML)", "md": "Report (Markdown)", "json": "Figures (JSON)"}
"""What an evaluation can be taken away as, with the word on the button."""

_BUTTON = Markup(
    '<button type="button" class="pc-link" data-run="{}" data-id="{}" data-against="{}" '
    'data-title="{}"{}>{}</button>'
)


def about(kept: Kept) -> list[str]:
    """Say when an evaluation was made, over how many questions, at which risk."""
    questions = f"{kept.questions} question{'' if kept.questions == 1 else 's'}"
    risk = "usual risk" if kept.risk is None else f"risk {kept.risk:g}"
    return [kept.made, questions, "always answering" if kept.risk == 1 else risk]


def runs(kept: Sequence[Kept], current: str | None) -> Markup:
    """List the kept evaluations, each with what can be done with it.

    Args:
        kept: the evaluations, newest first.
        current: the id of the one that is shown.
    """
    if not kept:
        return Markup('<p class="pc-eval-note">Evaluations that you run are kept here.</p>')
    return Markup(
        '<h3 id="pc-eval-kept">Your evaluations</h3>'
        '<ul class="pc-eval-list" aria-labelledby="pc-eval-kept">{}</ul>'
    ).format(Markup("").join(_item(one, one.id == current) for one in kept))


def _item(one: Kept, is_current: bool) -> Markup:
    title = f"{one.name}, {one.made}"
    buttons = Markup(" ").join(
        _BUTTON.format(
            action, one.id, "", title, Markup(' aria-label="{}: {}"').format(label, title), label
        )
        for action, label in (("again", "Run again"), ("delete", "Delete"))
    )
    return Markup(
        '<li{}><button type="button" class="pc-open" data-run="open" data-id="{}">{}'
        '<span>{}</span></button><p class="pc-biblio">{}</p><div>{}</div></li>'
    ).format(
        Markup(' aria-current="true"') if is_current else "",
        one.id,
        one.name,
        f"{one.good} of {one.questions} right",
        Markup("").join(Markup("<span>{}</span>").format(fact) for fact in about(one)),
        buttons,
    )


def takeaways(kept: Kept, against: str) -> Markup:
    """Offer an evaluation as files, with its comparison where there is one."""
    return Markup('<div class="pc-eval-files" role="group" aria-label="Download">{}</div>').format(
        Markup(" ").join(
            _BUTTON.format(form, kept.id, against, kept.name, "", label)
            for form, label in FILES.items()
        )
    )


def choose(kept: Kept, others: Sequence[Kept], against: str) -> Markup:
    """Offer the evaluations that one can be compared with, those of the same set first."""
    if not others:
        return Markup("")
    ranked = sorted(others, key=lambda one: one.name != kept.name)
    options = Markup("").join(
        Markup('<option value="{}"{}>{}</option>').format(
            one.id,
            Markup(" selected") if one.id == against else "",
            " · ".join([one.name, *about(one)]),
        )
        for one in ranked
    )
    return Markup(
        '<p class="pc-eval-choose"><label for="pc-eval-against">Compare with</label> '
        '<select id="pc-eval-against" data-compare="{}"><option value="">nothing</option>{}'
        "</select></p>"
    ).format(kept.id, options)


def underway(running: Running | None) -> Markup:
    """Show how far an evaluation is; nothing where there is none."""
    if running is None:
        return Markup("")
    if running.problem:
        return Markup('<div class="pc-problem" role="alert"><p>{}</p></div>').format(
            running.problem
        )
    if running.over:
        return Markup("")
    if running.stopping.is_set():
        words = "Stops after this question"
    else:
        words = f"{running.done} of {running.total} questions{_left(running.left())}"
    return Markup(
        '<div class="pc-eval-under" role="status"><p>{}</p><progress max="{}" value="{}" '
        'aria-label="Questions asked"></progress></div>'
    ).format(words, max(1, running.total), running.done)


def _left(seconds: float | None) -> str:
    if seconds is None:
        return ""
    if seconds < 90:
        return f", about {max(1, round(seconds))} s left"
    return f", about {round(seconds / 60)} min left"


_numbers = count()


def file(name: str, ending: str, content: str) -> Markup:
    """Make a link that holds a file; the page follows it at once.

    Args:
        name: what the file is called after.
        ending: of its name, with the dot.
        content: what stands in it.
    """
    # The number tells the page that this is another file, even if it is the same again.
    plain = re.sub(r"[^\w-]+", "-", name).strip("-")
    return Markup('<a download="{}{}" data-number="{}" data-base64="{}"></a>').format(
        plain or "evaluation", ending, next(_numbers), b64encode(content.encode()).decode()
    )
