"""The library as pieces of a web page. Whatever comes from outside is escaped."""

from __future__ import annotations

import json
from collections.abc import Sequence

from markupsafe import Markup
from pydantic import ValidationError

from index.base import IndexProblem, PassageIndex
from qa import show
from qa.answer import Restriction
from qa.bringing import Line, sentence
from qa.citing import authors
from qa.library import LONGEST, PAGE, Entry, Wanted, entries, found, kinds
from qa.within import phrase, years_phrase

HINT = Markup(
    '<p class="pc-hint">PDF, Word, saved web pages, JATS and PubMed XML, lists of abstracts (RIS, '
    "NBIB, BibTeX, CSV, Excel), Markdown and text; several at a time, up to 100 MB each.</p>"
)
"""What may be added, below the place to drop it."""

STATES = {"": "Any state", "ready": "Ready", "copy": "Same article", "failed": "Not read"}
_COLUMNS = (
    ("title", "Title"),
    ("year", "Year"),
    ("kind", "Type"),
    ("passages", "Passages"),
    ("state", "State"),
)
_OPTION = Markup('<option value="{}">{}</option>')


def tools() -> Markup:
    """What stands above the table: search, filters, and what can be done with what is chosen."""
    states = Markup("").join(_OPTION.format(value, name) for value, name in STATES.items())
    return Markup(
        '<div class="pc-library"><form class="pc-filters" role="search" aria-label="Documents">'
        '<label class="pc-find"><span>Search</span><input type="search" name="search" '
        'maxlength="{longest}" placeholder="Title, author, year, file …" autocomplete="off">'
        "</label>"
        '<label><span>Type</span><select name="kind"><option value="">Any type</option></select>'
        '</label><label><span>State</span><select name="state">{states}</select></label>'
        '<fieldset><legend>Years</legend><input type="number" name="first" aria-label="From year" '
        'placeholder="from" min="0" max="9999"><span aria-hidden="true">–</span>'
        '<input type="number" name="last" aria-label="To year" placeholder="to" min="0" '
        'max="9999"></fieldset></form>'
        '<div class="pc-chosen" role="group" aria-label="Chosen documents">'
        '<p role="status"></p>'
        '<button type="button" data-do="all"></button>'
        '<button type="button" data-do="none">Choose none</button>'
        '<button type="button" data-do="again">Try again</button>'
        '<button type="button" data-do="remove">Remove …</button>'
        '<button type="button" data-do="limit" class="pc-main"></button></div>'
        '<div class="pc-table" aria-busy="true"></div>'
        '<dialog class="pc-dialog" aria-labelledby="pc-remove-what"><h2 id="pc-remove-what"></h2>'
        "<p>What is removed is quoted no more. Your own files stay where they are; a copy that was "
        "added here in the browser is deleted.</p>"
        '<div><button type="button" data-do="keep">Keep</button>'
        '<button type="button" data-do="really" class="pc-danger">Remove</button></div></dialog>'
        "</div>"
    ).format(longest=LONGEST, states=states)


def page(index: PassageIndex, wanted: object) -> Markup:
    """Show a page of the documents that a person wants to see.

    Args:
        index: the collection.
        wanted: the fields of :class:`qa.library.Wanted`, as they came from the browser.

    Returns:
        The table, or a sentence that says why it cannot be shown.
    """
    try:
        asked = Wanted.model_validate(wanted)
        listed = entries(index.sources())
    except ValidationError:
        return show.sorry("These filters cannot be used; clear them and search again.")
    except IndexProblem as problem:
        return show.sorry(str(problem))
    return table(listed, found(listed, asked), asked)


def table(listed: Sequence[Entry], found: Sequence[Entry], wanted: Wanted) -> Markup:
    """Show a page of the documents found.

    Args:
        listed: all documents.
        found: those that are wanted, in order.
        wanted: how they were looked for; a page beyond the last gives the last.
    """
    pages = max(1, -(-len(found) // PAGE))
    page = min(wanted.page, pages)
    low = (page - 1) * PAGE
    rows = Markup("").join(_row(one) for one in found[low : low + PAGE])
    facts = Markup('data-found="{}" data-all="{}" data-kinds="{}"').format(
        len(found), len(listed), json.dumps(kinds(listed))
    )
    if not found:
        words = "The collection is empty. Add documents above." if not listed else _NONE
        return Markup('<div class="pc-rows" {}><p class="pc-nothing">{}</p></div>').format(
            facts, words
        )
    return Markup(
        '<div class="pc-rows" {}><table><thead><tr><td></td>{}</tr></thead><tbody>{}</tbody>'
        "</table>{}</div>"
    ).format(facts, _head(wanted), rows, _pages(page, pages, low, len(found)))


_NONE = "No document fits. Search for fewer words, or clear the filters."


def _head(wanted: Wanted) -> Markup:
    cells = []
    for key, name in _COLUMNS:
        mine = key == wanted.sort
        order = ("descending" if wanted.down else "ascending") if mine else "none"
        cells.append(
            Markup(
                '<th scope="col" aria-sort="{}"><button type="button" data-sort="{}">{}'
                '<span aria-hidden="true">{}</span></button></th>'
            ).format(order, key, name, ("↓" if wanted.down else "↑") if mine else "")
        )
    return Markup("").join(cells)


def _row(one: Entry) -> Markup:
    record = one.record
    return Markup(
        '<tr class="pc-is-{state}"><td><input type="checkbox" data-path="{path}" '
        'data-state="{state}" aria-label="Choose {title}"></td>'
        '<th scope="row">{title}{about}<span class="pc-file">{source}</span></th>'
        '<td data-name="Year">{year}</td><td data-name="Type">{kind}</td>'
        '<td data-name="Passages">{passages}</td><td data-name="State">{words}</td></tr>'
    ).format(
        state=one.state,
        path=record.path,
        title=one.title,
        about=_about(one),
        source=record.source,
        year=one.year or "",
        kind=one.kind,
        passages=f"{record.passages:,}" if record.document else "",
        words=_state(one),
    )


def _about(one: Entry) -> Markup:
    info = one.record.document
    facts = [authors(info.authors), info.journal or ""] if info else []
    words = " · ".join(fact for fact in facts if fact)
    return Markup("<span>{}</span>").format(words) if words else Markup("")


def _state(one: Entry) -> Markup:
    record = one.record
    if one.state == "copy":
        return Markup("Same article as {}").format(record.same_as)
    if one.state == "ready":
        return Markup("Ready")
    held = " What it held before still answers." if record.document else ""
    return Markup(
        "<strong>Not read.</strong> It {}{} "
        '<button type="button" class="pc-link" data-again="{}" aria-label="Try {} again">Try again'
        "</button>"
    ).format(sentence(record), held, record.path, one.title)


def _pages(page: int, pages: int, low: int, count: int) -> Markup:
    shown = f"{low + 1:,}–{min(low + PAGE, count):,} of {count:,}"
    if pages == 1:
        return Markup('<nav class="pc-pages"><span>{}</span></nav>').format(
            f"{count:,} document{'' if count == 1 else 's'}"
        )
    button = Markup('<button type="button" data-page="{}"{}>{}</button>')
    off = Markup(" disabled")
    return Markup('<nav class="pc-pages" aria-label="Pages">{}<span>{}</span>{}</nav>').format(
        button.format(page - 1, off if page == 1 else "", "Previous"),
        shown,
        button.format(page + 1, off if page == pages else "", "Next"),
    )


def lines(shown: Sequence[Line]) -> Markup:
    """Show files on their way in, each with a bar and what became of it."""
    if not shown:
        return Markup("")
    items = Markup("").join(_line(line) for line in shown)
    return Markup('<ul class="pc-bringing" role="status">{}</ul>').format(items)


_SAID = {
    "waiting": "waits",
    "reading": "is being read …",
    "read": "is read and can be asked about.",
    "known": "was here already.",
}


def _line(line: Line) -> Markup:
    said = _SAID.get(line.state, line.note or "could not be read.")
    note = f" {line.note}" if line.note and line.state != "failed" else ""
    value = {"waiting": Markup(' value="0"'), "reading": Markup("")}
    return Markup(
        '<li class="pc-is-{}"><b>{}</b> <span>{}{}</span>'
        '<progress max="1"{} aria-label="{}"></progress></li>'
    ).format(
        line.state, line.name, said, note, value.get(line.state, Markup(' value="1"')), line.name
    )


def removed(sources: Sequence[str]) -> Markup:
    """Say what was removed."""
    if len(sources) == 1:
        return Markup('<p class="pc-told" role="status">Removed: {}</p>').format(sources[0])
    return Markup('<p class="pc-told" role="status">{:,} documents removed.</p>').format(
        len(sources)
    )


def limit(limited: Restriction | None, there: int, count: int, *, change: bool = True) -> Markup:
    """Say that questions are limited, with a way out; nothing where they are not.

    Args:
        limited: to what.
        there: how many of the chosen documents the collection still holds.
        count: how many documents it holds.
        change: whether to offer to change it.
    """
    if limited is None:
        return Markup("")
    if limited.documents is None:
        words = f"Only {phrase(limited)}"
    elif not there:
        words = "None of the chosen documents is in the collection any more"
    else:
        years = years_phrase(limited.from_year, limited.to_year)
        words = f"Only {there:,} of {count:,} documents{f' {years}' if years else ''}"
    button = Markup('<button type="button" class="pc-link" data-limit="{}">{}</button>')
    other = Markup("{} · ").format(button.format("change", "change")) if change else Markup("")
    return Markup(
        '<p class="pc-limited" role="status"><strong>{}</strong> <span>{}{}</span></p>'
    ).format(words, other, button.format("all", "ask all"))
