"""Acronyms that a text introduces: "overall survival (OS)", "OS (overall survival)".

The method is that of Schwartz and Hearst (2003), "A simple algorithm for identifying abbreviation
definitions in biomedical text", Pacific Symposium on Biocomputing: each letter of the short form is
sought from right to left in the words beside the parenthesis, the first at the beginning of a word.
Beyond it, words whose initials spell the short form are preferred, and a short form is one word
with a capital letter where plain words have none, so that a question's plain words are none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

VERSION = 1
"""Raised whenever other acronyms are found, so that stores made by other rules are brought up."""

LEAST, MOST = 2, 10
"""Characters of a short form."""

_PARENTHESIS = re.compile(r"\(([^()\n]{2,160})\)")
_SHORT = re.compile(r"[^\W_](?:[^\W_]|[-/.+&])*")
# Parts of a list, stages and phases, never names: "(i)", "stage (III)".
_ROMAN = re.compile(r"[IVX]+[ab]?", re.IGNORECASE)
# "(HCC; n = 12)", "(HCC, n = 12)"; not "(Carlsbad, CA)".
_MORE = re.compile(r"\s*(?:;|,(?=\s*[a-z\d]))")
# Words before this are of another clause, list item or sentence.
_BREAK = re.compile(r"[\n()\[\]{};:]|[.!?,](?=\s)")
_WORD = re.compile(r"\S+")
_HEAD = re.compile(r"(?<![^\W_])[^\W_]")
_QUOTES = " \"'“”‘’*_"
_NAMED = re.compile(r"et al\b|\d{4}")
_LINKS = frozenset(
    """a an the of and or to is are was were be been with by for that this these those as on at from
    it its their which who not no than into we our were has have had also then""".split()
)


class Acronym(NamedTuple):
    """A short form, in the singular, and what it stands for, both as the text spells them."""

    short: str
    long: str


def acronyms(text: str) -> tuple[Acronym, ...]:
    """Find the acronyms that a text introduces.

    Args:
        text: reading text, paragraphs on lines of their own.

    Returns:
        Each short form with each long form it is given, in the order of the text. Spellings that
        differ only in case count once, as first spelled.
    """
    found: dict[tuple[str, str], Acronym] = {}
    for acronym in _introduced(text):
        found.setdefault((acronym.short, acronym.long.casefold()), acronym)
    return tuple(found.values())


def is_short_form(word: str) -> bool:
    """Whether a word is spelled as an acronym: "HCC", "mRNA", "PD-L1"; not "Who", "aids", "III"."""
    if not LEAST <= len(word) <= MOST or not _SHORT.fullmatch(word) or _ROMAN.fullmatch(word):
        return False
    capitals = sum(c.isupper() for c in word)
    return capitals > 1 or (capitals == 1 and (not word[0].isupper() or _has_digit(word)))


def singular(short: str) -> str:
    """The short form without a plural s: "HCCs" is "HCC", "mAbs" is "mAb"."""
    stem = short[:-1]
    return stem if short.endswith("s") and len(stem) >= LEAST and is_short_form(stem) else short


def _introduced(text: str) -> Iterator[Acronym]:
    for match in _PARENTHESIS.finditer(text):
        inside = _MORE.split(match[1], maxsplit=1)[0].strip(_QUOTES)
        before = _clause(text, match.start())
        if is_short_form(inside):
            pair = _defined(inside, before, whole=False)
        elif " " in inside and before and not _NAMED.search(inside):
            last = before.split()[-1].strip(_QUOTES)
            pair = _defined(last, inside, whole=True) if is_short_form(last) else None
        else:
            pair = None
        if pair is not None:
            yield pair


def _clause(text: str, end: int) -> str:
    """What stands before ``end`` in its clause."""
    low = max(0, end - 200)
    window = text[low:end].rstrip()
    breaks = [match.end() for match in _BREAK.finditer(window)]
    return window[breaks[-1] :].strip() if breaks else window.strip()


def _defined(short: str, words: str, *, whole: bool) -> Acronym | None:
    """The acronym, if ``words`` end with (or, ``whole``, are) what the short form stands for."""
    bare = singular(short)
    if bare != short and words.rstrip(_QUOTES).endswith("s"):
        pair = _fitting(bare, words, whole=whole)
        if pair is not None:
            return pair
    return _fitting(short, words, whole=whole)


def _fitting(short: str, words: str, *, whole: bool) -> Acronym | None:
    most = min(len(short) + 5, 2 * len(short))
    spans = [match.span() for match in _WORD.finditer(words)]
    if not spans or (whole and len(spans) > most):
        return None
    near = words[spans[max(0, len(spans) - most)][0] :].rstrip(_QUOTES)
    start = _start(short, near)
    if start is None or (whole and start > 0):
        return None
    long = near[start:]
    return Acronym(short, long) if _tells(short, long) else None


def _start(short: str, long: str) -> int | None:
    """Where the long form begins: each letter of ``short``, from the last, further to the left.

    Words whose initials spell the short form come first: in "personal protective equipment (PPE)"
    the letters alone would be content with the last two.
    """
    heads = [m.start() for m in _HEAD.finditer(long)]
    letters = [c for c in short.casefold() if c.isalnum()]
    if [long[at].casefold() for at in heads[-len(letters) :]] == letters:
        return heads[-len(letters)]
    at = len(long)
    for i in range(len(short) - 1, -1, -1):
        letter = short[i].casefold()
        if not letter.isalnum():
            continue
        at -= 1
        while at >= 0 and (long[at].casefold() != letter or (i == 0 and _inside(long, at))):
            at -= 1
        if at < 0:
            return None
    return at


def _inside(text: str, at: int) -> bool:
    return at > 0 and text[at - 1].isalnum()


def _tells(short: str, long: str) -> bool:
    """Whether the long form says more than the short one, in words of its own."""
    words = long.casefold().split()
    if len(long) <= len(short) or short.casefold() in re.split(r"[\s-]", long.casefold()):
        return False
    if words[0] in _LINKS or all(word in _LINKS for word in words):
        return False
    return any(len(word) > 2 for word in words)


def _has_digit(word: str) -> bool:
    return any(c.isdigit() for c in word)
