"""Groups to the flow of a document: title, headings, references, and text that turns the page."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Sequence
from dataclasses import dataclass

from corpus.document import BlockKind
from corpus.readers.pdf_groups import Group, ends_sentence
from corpus.readers.pdf_lines import Line
from corpus.readers.pdf_words import CAPTION, LIST_MARK, is_known_heading
from corpus.readers.section_names import is_reference_section

_NUMBERED = re.compile(r"(\d{1,2}(?:\.\d{1,2})*)\.?\s+\S")
_FRONT_ENDS = re.compile(
    r"(?:\d\.?\s+)?(?:abstract|summary|introduction|background|objectives?|purpose|aims?)"
    r"(?:\s*$|\s*[:.\u2013\u2014-]|\s+(?-i:[A-Z]))",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]{3,}|[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]{2,}")
_LONGEST_HEADING = 150
_LONGEST_LABEL = 25
_JUNK_TITLE = re.compile(
    r"microsoft|untitled|\.(?:docx?|pdf|indd|tex|dvi|qxd|p65|rtf)\b|^(?:doi|pii|slide|layout)\b|^[\W\d_]*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Style:
    """The type of the running text."""

    size: float
    font: str


def body_style(lines: Sequence[Line]) -> Style:
    """The size and font that most letters of the document are set in."""
    letters: Counter[tuple[float, str]] = Counter()
    for line in [line for line in lines if line.table is None] or lines:
        letters[line.size, line.font] += len(line.text)
    (size, font), _ = letters.most_common(1)[0]
    return Style(size, font)


def arrange(
    groups: list[Group], body: Style, stated_title: str, parted: Container[int] = ()
) -> list[Group]:
    """Say what each group is, put parted paragraphs together and leave out stray labels.

    Args:
        groups: in reading order, changed in place.
        body: the type of the running text.
        stated_title: the title in the document information, which may be junk or empty.
        parted: pages behind which others are missing, so that no paragraph goes on there.
    """
    groups = [g for g in groups if g.grid or _WORD.search(g.text) or len(g.text) > _LONGEST_LABEL]
    title = find_title(groups, body, stated_title)
    if title is not None:
        title.kind = BlockKind.TITLE
    _mark(groups, body)
    groups = _join(groups, parted)
    _set_levels([g for g in groups if g.kind is BlockKind.HEADING])
    return groups


def find_title(groups: Sequence[Group], body: Style, stated: str) -> Group | None:
    """The group on the first page that is the title: as stated, else the largest type on top."""
    first = [g for g in groups if g.first.page == groups[0].first.page and g.grid is None]
    wanted = _key(stated) if is_plausible_title(stated) else ""
    for group in first:
        own = _key(group.text)
        if wanted and len(own) >= 0.6 * len(wanted) and (own in wanted or wanted in own):
            return group
    large = [
        g
        for g in first
        if g.size >= 1.15 * body.size and len(_WORD.findall(g.text)) >= 2 and len(g.text) < 400
    ]
    if large:
        biggest = max(g.size for g in large)
        # A line such as "Research Article" may be as large as the title; the title is longer.
        return max((g for g in large if g.size >= 0.9 * biggest), key=lambda g: len(g.text))
    top = first[0] if first else None
    if top is not None and is_known_heading(top.text):
        return None
    if top is not None and len(top.lines) <= 3 and not ends_sentence(top.text) and top.bold:
        return top
    return None


def is_plausible_title(text: str) -> bool:
    """Whether a title from the document information can be one: words, no file name."""
    return len(_WORD.findall(text)) >= 2 and not _JUNK_TITLE.search(text)


def _key(text: str) -> str:
    return re.sub(r"\W+", "", text).lower()


def _mark(groups: Sequence[Group], body: Style) -> None:
    front = _front_matter(groups)
    in_references = False
    for number, group in enumerate(groups):
        if group.kind is BlockKind.TITLE or group.grid is not None:
            continue
        text = group.text.strip()
        known = is_known_heading(text)
        if known or (number >= front and not in_references and _looks_like_heading(group, body)):
            group.kind = BlockKind.HEADING
            in_references = is_reference_section(text)
        elif CAPTION.match(text):
            group.kind = BlockKind.CAPTION
        elif in_references:
            group.kind = BlockKind.REFERENCE
        elif LIST_MARK.match(text):
            group.kind = BlockKind.LIST_ITEM


def _front_matter(groups: Sequence[Group]) -> int:
    """The number of groups before the abstract or first section: names and addresses."""
    for number, group in enumerate(groups):
        if group.first.page > groups[0].first.page + 1:
            break
        if group.kind is not BlockKind.TITLE and _FRONT_ENDS.match(group.text):
            return number
    return 0


def _looks_like_heading(group: Group, body: Style) -> bool:
    text = group.text.strip()
    if len(group.lines) > 3 or len(text) > _LONGEST_HEADING or text[-1] in ".,;:":
        return False
    if not (text[0].isupper() or text[0].isdigit()) or CAPTION.match(text):
        return False
    size = group.size
    letters = [c for c in text if c.isalpha()]
    capitals = len(letters) >= 4 and all(c.isupper() for c in letters)
    numbered = _NUMBERED.match(text) is not None and len(group.lines) == 1
    other_font = group.first.font != body.font
    return (
        size >= 1.12 * body.size
        or (size >= 0.95 * body.size and (group.bold or capitals))
        or (numbered and other_font and size >= 0.95 * body.size)
    )


def _join(groups: list[Group], parted: Container[int]) -> list[Group]:
    """Put paragraphs together that a column's or page's end has parted."""
    out: list[Group] = []
    for group in groups:
        earlier = _open_before(out, group)
        if earlier is None or any(p in parted for p in range(earlier.last.page, group.first.page)):
            out.append(group)
        else:
            joined = Group([*earlier.lines, *group.lines], earlier.kind)
            out[next(i for i, g in enumerate(out) if g is earlier)] = joined
    return out


def _open_before(groups: Sequence[Group], group: Group) -> Group | None:
    """The group that ``group`` goes on, if any: the last text of the column before.

    Captions, tables and notes in other type may stand between the two parts, on either side of
    the break, or be the break.
    """
    if group.kind not in (BlockKind.PARAGRAPH, BlockKind.REFERENCE):
        return None
    for number, earlier in enumerate(reversed(groups)):
        if earlier.grid or earlier.kind is BlockKind.CAPTION or _other_type(earlier, group):
            if group.first.region - earlier.last.region > 3:
                return None
            continue
        beside = number == 0 and earlier.last.region == group.first.region
        if beside or earlier.kind in (BlockKind.HEADING, BlockKind.TITLE):
            return None
        return earlier if _goes_on(earlier, group) else None
    return None


def _other_type(a: Group, b: Group) -> bool:
    return abs(a.last.size - b.first.size) > 0.06 * b.first.size


def _goes_on(earlier: Group, group: Group) -> bool:
    tail, head = earlier.text.rstrip(), group.text.lstrip()
    if earlier.kind is BlockKind.REFERENCE and group.kind is BlockKind.REFERENCE:
        marked = LIST_MARK.match(head) or re.match(r"\[?\d", head)
        open_ended = tail[-1] in ":;" and head[0].islower()
        return not marked and (open_ended or not ends_sentence(tail))
    if tail.endswith("-") and head[0].islower():
        return True
    if ends_sentence(tail) or LIST_MARK.match(head):
        return False
    if head[0].islower():
        return True
    # "… treated with / HCC patients": a full line without an end, a first line without an indent.
    full = earlier.last.x1 > earlier.last.right - 1.5 * earlier.last.size
    return full and group.first.x0 - group.first.left < 0.5 * group.first.size


def _set_levels(headings: Sequence[Group]) -> None:
    """Levels from the numbering where there is one, else by the rank of the type."""
    styles: dict[tuple[float, bool, bool], int] = {}
    for heading in headings:
        match = _NUMBERED.match(heading.text)
        if match:
            heading.level = min(match.group(1).count(".") + 1, 6)
            style = _style(heading)
            styles[style] = min(styles.get(style, 6), heading.level)
        elif is_reference_section(heading.text):
            heading.level = 1
    ranked = sorted({_style(h) for h in headings}, reverse=True)
    for heading in headings:
        if not heading.level:
            style = _style(heading)
            heading.level = styles.get(style, min(ranked.index(style) + 1, 6))


def _style(heading: Group) -> tuple[float, bool, bool]:
    return round(heading.size), heading.text.isupper(), heading.bold
