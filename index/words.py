"""The words a passage is found by: what is searched, and how it is cut into terms.

Papers write one thing in many ways: "5-FU" and "5FU", "IFN-α" and "interferon-alpha", "10,000" and
"10000". Both sides, passages and questions, go through here, so that they meet.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from corpus.document import DocumentInfo, Passage

VERSION = 1
"""Raised whenever terms change, so that lexical indexes made by other rules are made anew."""

_GREEK = re.compile("[α-ωϐϑϕϖϰϱϵ]")
_HYPHENS = str.maketrans(dict.fromkeys("‐‑‒–—−­", "-"))
_FOREIGN = re.compile(r"[^\x00-\x7f]+")
# The comma first: so the search leaps from comma to comma.
_THOUSANDS = re.compile(r",(?<=\d,)(?=\d{3}(?!\d))")
_DIGIT = re.compile(r"\d")
# A number with its decimals is one word; a run of letters and digits is one word.
_WORD = re.compile(r"\d+(?:\.\d+)+|[^\W_]+")
# The same words of a text in ASCII, in two thirds of the time: most begin with a letter.
_ASCII_WORD = re.compile(r"[a-z][a-z\d]*|\d+(?:\.\d+)+|[a-z\d]+", re.ASCII)
# "5-fu", "covid-19", "pd-l1": short names with a digit, also searched as one word.
_CODE = re.compile(r"(?<![\w.-])(?=[a-z-]*\d)[a-z\d]{1,6}(?:-[a-z\d]{1,4}){1,2}(?![\w-])")
_LONGEST = 64


def search_text(info: DocumentInfo, passage: Passage) -> str:
    """The text that stands for a passage in both indexes, with title, section and table words."""
    parts = (info.title, passage.section, passage.context, passage.header_text, passage.text)
    return "\n".join(part for part in parts if part)


def words(text: str) -> list[str]:
    """The words of a text in order: lower case, no accents, Greek letters by name, not stemmed.

    A short name with a hyphen and a digit ("5-FU") gives its parts and, last, the joined form
    ("5fu"); decimals stay whole ("0.016"); thousands lose their commas.
    """
    plain = _THOUSANDS.sub("", _folded(text))
    found = (_ASCII_WORD if plain.isascii() else _WORD).findall(plain)
    if max(map(len, found), default=0) > _LONGEST:
        found = [word[:_LONGEST] for word in found]
    hyphened = (chunk for chunk in plain.split() if "-" in chunk and _DIGIT.search(chunk))
    codes = (match.group() for chunk in hyphened for match in _CODE.finditer(chunk))
    joined = [code.replace("-", "") for code in codes if not code.replace("-", "").isdigit()]
    return found + joined


def _folded(text: str) -> str:
    """NFKC, lower case, without accents; Greek letters spelled out as words of their own."""
    if not text.isascii():
        text = _FOREIGN.sub(_unmarked, text)
    text = text.casefold()
    return text if text.isascii() else _GREEK.sub(_named, text)


def _unmarked(found: re.Match[str]) -> str:
    return _plain(found.group())


# Character by character the text of a collection would take minutes; runs are few, and recur.
@lru_cache(maxsize=10_000)
def _plain(run: str) -> str:
    """A run of characters beyond ASCII, decomposed and without its marks.

    Decomposing is done character by character, so a run may be taken out of its text; the marks,
    whose order may depend on more, are dropped.
    """
    decomposed = unicodedata.normalize("NFKD", run.translate(_HYPHENS))
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def _named(letter: re.Match[str]) -> str:
    name = unicodedata.name(letter.group(), "")
    return f" {name.split()[-2 if name.endswith('SYMBOL') else -1].lower()} "
