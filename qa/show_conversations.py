"""The kept conversations as a list on the page, and as files to take away."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Sequence

from markupsafe import Markup

from qa.answer import DocumentRef
from qa.bibliography import WRITERS
from qa.conversations import Conversation, Kept
from qa.export import TextOf, to_markdown

FORMATS = {"markdown": ".md", "bibtex": ".bib", "ris": ".ris"}
"""What a conversation can be taken away as, with the ending of the file."""

_OFFERS = {
    "rename": "Rename",
    "markdown": "Markdown",
    "bibtex": "BibTeX",
    "ris": "RIS",
    "delete": "Delete",
}
_BUTTON = Markup(
    '<button type="button" class="pc-link" data-kept="{}" data-id="{}" data-title="{}" '
    'aria-label="{}: {}">{}</button>'
)


def conversations(kept: Sequence[Conversation], current: str | None) -> Markup:
    """List the conversations, each with what can be done with it.

    Args:
        kept: the conversations, newest first.
        current: the id of the one on the page, if it is kept.
    """
    if not kept:
        return Markup("")
    return Markup(
        '<details class="pc-kept"><summary>Conversations <span>{}</span></summary>'
        '<ul aria-label="Conversations">{}</ul></details>'
    ).format(len(kept), Markup("").join(_item(one, one.id == current) for one in kept))


def _item(one: Conversation, is_current: bool) -> Markup:
    buttons = Markup(" ").join(
        _BUTTON.format(action, one.id, one.title, label, one.title, label)
        for action, label in _OFFERS.items()
    )
    return Markup(
        '<li{}><button type="button" class="pc-open" data-kept="open" data-id="{}">{}'
        "<span>{} question{}</span></button><div>{}</div></li>"
    ).format(
        Markup(' aria-current="true"') if is_current else "",
        one.id,
        one.title,
        one.turns,
        "" if one.turns == 1 else "s",
        buttons,
    )


def download(title: str, turns: Sequence[Kept], form: str, text_of: TextOf) -> Markup:
    """Make a link that holds a conversation as a file.

    Args:
        title: the conversation's; the file is named after it.
        turns: its turns.
        form: a key of ``FORMATS``.
        text_of: the texts that every quote is held against.

    Raises:
        KeyError: no such format, or a document has left the index.
        NotVerbatim: a quote differs from its document.
    """
    ending = FORMATS[form]
    answers = [turn.answer for turn in turns]
    if form == "markdown":
        words = to_markdown(answers, text_of)
    else:
        cited: dict[str, DocumentRef] = {}
        for answer in answers:
            cited |= {one.document.id: one.document for one in answer.citations}
        words = WRITERS[form](list(cited.values()))
    name = re.sub(r"[^\w-]+", "-", title).strip("-") or "conversation"
    return Markup('<a download="{}{}" href="data:text/plain;base64,{}"></a>').format(
        name, ending, b64encode(words.encode()).decode()
    )
