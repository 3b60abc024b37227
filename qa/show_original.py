"""A quote's original as a piece of a web page: the page's picture, the paragraph, the file's lines.

As everywhere, what comes from documents is escaped by ``Markup.format``.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator

from markupsafe import Markup

from corpus.document import BlockKind, Document, Span
from qa.original import Original, PageView, SourceLines
from qa.show import cells

REACH = 2_000
"""Characters of the paragraph shown before and after the quote."""

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_SHARE = 0.55  # CSS pixels to a pixel of a close-up: its print is a little larger than a PDF's


def button(ident: str, document: Document, start: int, end: int) -> Markup:
    """Offer the original of a quote, with the place where it will appear.

    The button carries the document's id and the offsets, never a path.

    Args:
        ident: names the place, once on the page.
        document: the document quoted.
        start: where the quote begins in its reading text.
        end: where it ends.
    """
    what = "page" if document.places is not None else "paragraph"
    return Markup(
        '<button type="button" data-original="original-{ident}" data-document="{document}" '
        'data-start="{start}" data-end="{end}" data-open="Show the {what}" '
        'data-close="Hide the {what}" aria-expanded="false" aria-controls="original-{ident}">'
        "Show the {what}</button>"
    ).format(ident=ident, document=document.id, start=start, end=end, what=what)


def place(ident: str) -> Markup:
    """Make the place, empty and hidden, for the original that :func:`button` asks for."""
    return Markup(
        '<div class="pc-original" id="original-{}" aria-live="polite" hidden></div>'
    ).format(ident)


def fragment(found: Original) -> Markup:
    """Show a quote in its original: the pages of a PDF, else the paragraph and the file's lines."""
    parts = []
    if found.problem:
        parts.append(Markup('<p class="pc-gone">{}</p>').format(found.problem))
    if found.pages:
        parts += [_page(found, page) for page in found.pages]
    else:
        parts.append(_paragraph(found))
        if found.lines:
            parts.append(_lines(found, found.lines))
    return Markup("").join(parts)


def _page(found: Original, page: PageView) -> Markup:
    name = f"Page {page.number} of {found.info.title}, with the words marked"
    caption = Markup("Page {} of {}").format(page.number, found.info.source)
    whole = Markup('<img class="pc-whole" src="{}" alt="{}">').format(_data(page.whole), name)
    near, other = Markup(""), Markup("")
    if page.near and page.near != page.whole:
        width = round(int.from_bytes(page.near[16:20]) * _SHARE)  # as the PNG's header says
        near = Markup('<img class="pc-near-by" src="{}" alt="{}" style="min-width: {}px">').format(
            _data(page.near), f"Part of {name[0].lower()}{name[1:]}", width
        )
        other = Markup(
            '<button type="button" data-closer><span class="pc-to-near">Closer</span>'
            '<span class="pc-to-whole">Whole page</span></button>'
        )
    return Markup(
        '<figure class="pc-page{}"><figcaption>{}{}</figcaption>'
        '<div class="pc-sheet" tabindex="0" role="group" aria-label="{}">{}{}</div></figure>'
    ).format(" pc-both" if near else "", caption, other, caption.striptags(), whole, near)


def _data(png: bytes) -> str:
    return "data:image/png;base64," + b64encode(png).decode("ascii")


def _paragraph(found: Original) -> Markup:
    section = Markup('<p class="pc-path">{}</p>').format(found.section or found.info.title)
    if found.kind is BlockKind.TABLE_ROW:
        head = cells(found.header, 0, None, head=True) if found.header else Markup("")
        words = Markup(
            '<div class="pc-scroll" tabindex="0" role="group" aria-label="Table">'
            "<table><thead><tr>{}</tr></thead><tbody>"
            '<tr class="pc-hit">{}</tr></tbody></table></div>'
        ).format(head, cells(found.paragraph, 0, None))
        return Markup('<div class="pc-excerpt">{}{}</div>').format(section, words)
    low, high = max(0, found.start - REACH), min(len(found.paragraph), found.end + REACH)
    words = _marked(found.paragraph[low:high], [Span(found.start - low, found.end - low)])
    before, after = "… " if low else "", " …" if high < len(found.paragraph) else ""
    return Markup('<div class="pc-excerpt">{}<p>{}{}{}</p></div>').format(
        section, before, words, after
    )


def _lines(found: Original, lines: SourceLines) -> Markup:
    where = f"{lines_of(lines)} of {found.info.source}"
    items = Markup("").join(
        Markup("<li><code>{}</code></li>").format(words) for words in _numbered(lines)
    )
    return Markup(
        '<figure class="pc-lines"><figcaption>{}</figcaption><ol start="{}">{}</ol></figure>'
    ).format(where, lines.shown_from, items)


def lines_of(lines: SourceLines) -> str:
    """Say which lines of its file a quote stands on: "Line 7", "Lines 7–8"."""
    if lines.first == lines.last:
        return f"Line {lines.first}"
    return f"Lines {lines.first}–{lines.last}"


def _numbered(lines: SourceLines) -> Iterator[Markup]:
    """Each line that is shown, with its part of the quote marked."""
    shown = [match for match in _LINE.finditer(lines.text) if match.group()]
    for i, match in enumerate(shown):
        words = match.group().rstrip("\r\n")
        low, high = match.start(), match.start() + len(words)
        own = [Span(max(m.start, low) - low, min(m.end, high) - low) for m in lines.marks]
        before = "… " if lines.cut_before and i == 0 else ""
        after = " …" if lines.cut_after and i == len(shown) - 1 else ""
        yield Markup("{}{}{}").format(before, _marked(words, own), after)


def _marked(words: str, marks: list[Span]) -> Markup:
    """The words with ranges of them marked; ranges are sorted, empty ones are passed over."""
    out, done = Markup(""), 0
    for mark in marks:
        if mark.start < mark.end:
            out += Markup("{}<mark>{}</mark>").format(
                words[done : mark.start], words[mark.start : mark.end]
            )
            done = mark.end
    return out + words[done:]
