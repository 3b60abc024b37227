"""Batches as pieces of the web page. Whatever comes from outside is escaped; see ``qa.show``."""

from __future__ import annotations

import secrets
from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime
from pathlib import PurePath

from markupsafe import Markup

from qa.answer import Answer
from qa.batch_results import Page, Which
from qa.batch_runs import Now
from qa.batches import LARGEST
from qa.citing import emphasis, percent, place, sureness
from qa.show import cells, emphasised, span_of

FORMATS = {
    ".docx": "Word",
    ".html": "Web page",
    ".md": "Markdown",
    ".csv": "CSV",
    ".jsonl": "JSONL",
}
"""What the answers can be taken away as, by the ending of the file."""

WHICH: dict[Which, str] = {"all": "All", "answered": "Answered", "not_found": "Not found"}

_STATES = {
    "running": "Running",
    "stopping": "Stopping after this question",
    "stopped": "Stopped",
    "interrupted": "Interrupted when the server ended",
    "done": "Done",
}
_BUTTON = Markup(
    '<button type="button" class="pc-batch-button{}" data-batch="{}" data-id="{}" '
    'data-value="{}"{}>{}</button>'
)


def intro() -> Markup:
    """Say what a question file is."""
    return Markup(
        '<div class="pc-batch-intro"><h2>Ask a whole list of questions</h2>'
        "<p>Bring a file and watch the answers come. A run goes on when you close this page; what "
        "was stopped goes on from where it was.</p>"
        "<p>A question a line (<b>.txt</b>, <b>.md</b>), or <b>.csv</b> or <b>.jsonl</b> with a "
        "field <code>question</code>; up to {:.0f} MB.</p></div>"
    ).format(LARGEST / 1e6)


def nothing() -> Markup:
    """Say that no run is open."""
    return Markup(
        '<p class="pc-batch-none">The run you open is shown here: how far it is, its answers, and '
        "the files to download.</p>"
    )


def runs(found: Sequence[Now], current: str | None) -> Markup:
    """List the runs.

    Args:
        found: the runs, newest first.
        current: the id of the one that is open.
    """
    if not found:
        return Markup("")
    items = Markup("").join(_item(now, now.run.id == current) for now in found)
    return Markup(
        '<section class="pc-batch-runs"><h3 id="pc-batch-runs">Your runs <span>{}</span></h3>'
        '<ul aria-labelledby="pc-batch-runs">{}</ul></section>'
    ).format(len(found), items)


def _item(now: Now, is_current: bool) -> Markup:
    return Markup(
        '<li{}><button type="button" data-batch="open" data-id="{}"><b>{}</b><span>{} of {} · {}'
        "</span>{}</button></li>"
    ).format(
        Markup(' aria-current="true"') if is_current else "",
        now.run.id,
        now.run.title,
        f"{now.done:,}",
        f"{now.run.questions:,}",
        _STATES[now.state].split(" when ")[0].split(" after ")[0].lower(),
        _bar(now, Markup(' aria-hidden="true"')),
    )


def _bar(now: Now, label: Markup) -> Markup:
    return Markup('<span class="pc-batch-bar pc-batch-{}" style="--p: {:.4f}"{}></span>').format(
        now.state, now.done / max(1, now.run.questions), label
    )


def progress(now: Now) -> Markup:
    """Show how far a run is, and what was wrong with its file."""
    run = now.run
    label = Markup(
        ' role="progressbar" aria-label="Questions done" aria-valuemin="0" aria-valuenow="{}" '
        'aria-valuemax="{}" aria-valuetext="{} of {}"'
    ).format(now.done, run.questions, now.done, run.questions)
    facts = [
        f"{now.answered:,} answered",
        f"{now.not_found:,} not found",
        f"{len(now.failed):,} failed" if now.failed else "",
        _left(now.left) if now.live and now.left is not None else "",
    ]
    return Markup(
        '<header class="pc-batch-head"><h2>{}</h2><p class="pc-batch-when">{}</p>{}'
        '<p class="pc-batch-far"><b>{} of {}</b><span>{}</span></p><p class="pc-batch-facts">{}</p>'
        "{}</header>"
    ).format(
        run.title,
        _begun(now),
        _bar(now, label),
        f"{now.done:,}",
        f"{run.questions:,}",
        _STATES[now.state],
        Markup("").join(Markup("<span>{}</span>").format(fact) for fact in facts if fact),
        _remarks(now),
    )


def _begun(now: Now) -> str:
    """When the run was brought, in the server's time, and its risk."""
    when = datetime.fromisoformat(now.run.begun).astimezone()
    said, risk = f"{when.day} {when:%B %Y, %H:%M}", now.run.risk
    if risk is None:
        return said
    return f"{said} · {'always answering' if risk == 1 else f'{percent(risk)} may be wrong'}"


def _left(seconds: float) -> str:
    """Say how long the rest will take, no more exactly than is known."""
    if seconds < 60:
        return "less than a minute left"
    minutes = round(seconds / 60)
    if minutes < 90:
        return f"about {minutes} minute{'' if minutes == 1 else 's'} left"
    return f"about {round(seconds / 3600)} hours left"


def _remarks(now: Now) -> Markup:
    run = now.run
    out = Markup("")
    for sentence in (run.problem, run.note):
        if sentence:
            out += Markup('<p class="pc-batch-note">{}</p>').format(sentence)
    lines = list(run.refused)
    if run.more_refused:
        lines.append(f"And {run.more_refused:,} more.")
    out += _folded("refused", "of the file refused", len(run.refused) + run.more_refused, lines)
    return out + _folded("failed", "that could not be answered", len(now.failed), now.failed)


def _folded(name: str, what: str, count: int, sentences: Sequence[str]) -> Markup:
    if not count:
        return Markup("")
    noun = "line" if name == "refused" else "question"
    return Markup(
        '<details class="pc-batch-{}"><summary>{} {}{} {}</summary><ul>{}</ul></details>'
    ).format(
        name,
        f"{count:,}",
        noun,
        "" if count == 1 else "s",
        what,
        Markup("").join(Markup("<li>{}</li>").format(said) for said in sentences),
    )


def tools(now: Now) -> Markup:
    """Offer what can be done with a run: stop or resume it, take its answers away, delete it."""
    run = now.run
    first = Markup("")
    if now.live:
        off = Markup(' aria-disabled="true"') if now.state == "stopping" else ""
        first = _BUTTON.format(" pc-batch-main", "stop", run.id, "", off, "Stop")
    elif now.state != "done":
        first = _BUTTON.format(" pc-batch-main", "resume", run.id, "", "", "Resume")
    delete = _BUTTON.format(" pc-batch-delete", "delete", run.id, run.title, "", "Delete")
    files = Markup("").join(
        _BUTTON.format("", "download", run.id, ending, "", label)
        for ending, label in FORMATS.items()
    )
    label = "Download"
    taken = Markup(
        '<div class="pc-batch-files" role="group" aria-label="{0}"><span>{0}</span>{1}</div>'
    )
    return Markup('<div class="pc-batch-tools">{}{}{}</div>').format(
        first, delete, taken.format(label, files) if now.answered + now.not_found else ""
    )


def answers(now: Now, which: Which, page: Page) -> Markup:
    """Show a page of a run's answers.

    Args:
        now: the run.
        which: which of its answers are shown.
        page: the page.
    """
    counts = {
        "all": now.answered + now.not_found,
        "answered": now.answered,
        "not_found": now.not_found,
    }
    if not counts["all"]:
        return Markup("")
    picks = Markup("").join(
        _BUTTON.format(
            "",
            "show",
            now.run.id,
            name,
            Markup(' aria-pressed="{}"').format("true" if name == which else "false"),
            f"{label} {counts[name]:,}",
        )
        for name, label in WHICH.items()
    )
    order = "The newest first" if now.live else "In the order of the questions"
    none = Markup('<p class="pc-batch-none">None so far.</p>')
    shown = Markup("").join(_answer(n, answer) for n, answer in page.answers)
    return Markup(
        '<section class="pc-batch-answers" aria-label="Answers"><div class="pc-batch-picks">{}'
        "<span>{}</span></div>{}{}</section>"
    ).format(picks, order, shown or none, _pages(now, page))


def _pages(now: Now, page: Page) -> Markup:
    if page.pages == 1:
        return Markup("")
    off = Markup(' aria-disabled="true"')
    back, on = page.number - 1, page.number + 1
    return Markup(
        '<nav class="pc-batch-pages" aria-label="Pages">{}<span>{}</span>{}</nav>'
    ).format(
        _BUTTON.format("", "page", now.run.id, back, off if back < 0 else "", "Back"),
        f"Page {page.number + 1} of {page.pages:,}",
        _BUTTON.format("", "page", now.run.id, on, off if on >= page.pages else "", "On"),
    )


def _answer(number: int, answer: Answer) -> Markup:
    head = Markup("<h3><span>{}</span>{}</h3>").format(number, answer.question)
    if answer.understood_as.strip() != answer.question.strip():
        head += Markup('<p class="pc-understood">Understood as: <q>{}</q></p>').format(
            answer.understood_as
        )
    if answer.status == "not_found":
        body = Markup('<p class="pc-batch-reason"><b>Not found.</b> {}</p>').format(
            answer.reason or ""
        )
    else:
        body = _quotes(answer)
    return Markup('<article class="pc-batch-answer">{}{}</article>').format(head, body)


def _quotes(answer: Answer) -> Markup:
    citations = {citation.n: citation for citation in answer.citations}
    out = Markup("")
    for quote in answer.quotes:
        citation = citations[quote.citation]
        strong = span_of(emphasis(quote))
        if quote.header is None:
            body = Markup("<p>{}</p>").format(emphasised(quote.text, citation.start, strong))
        else:
            body = Markup(
                '<div class="pc-scroll" tabindex="0" role="group" aria-label="Table">'
                "<table><thead><tr>{}</tr></thead><tbody><tr>{}</tr>"
                "</tbody></table></div>"
            ).format(
                cells(quote.header.text, quote.header.start, None, head=True),
                cells(quote.text, citation.start, strong),
            )
        out += Markup(
            '<figure class="pc-quote"><blockquote>{}</blockquote><figcaption><cite>{}</cite>'
            "<span>{}</span></figcaption></figure>"
        ).format(body, citation.document.title, place(citation))
    share = answer.confidence
    return out + Markup('<p class="pc-took">{} an answer · {}</p>').format(
        sureness(share), percent(share)
    )


def download(title: str, ending: str, content: bytes) -> Markup:
    """Make a link that holds a file; no two are alike, so that the page notices each.

    Args:
        title: the name of the question file; the answers are named after it.
        ending: the ending of the file.
        content: the file.
    """
    return Markup('<a download="{}-answers{}" data-once="{}" data-base64="{}"></a>').format(
        PurePath(title).stem or "questions",
        ending,
        secrets.token_hex(4),
        b64encode(content).decode(),
    )
