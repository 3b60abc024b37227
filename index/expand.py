"""A question is also searched by the other form of its acronyms, each document by its own meaning.

What "HCC" means is taken from the documents (:mod:`index.glossary`): a document that introduces it
is searched by what it says there; one that does not, by the meaning that nearly all others give it,
and by none where they disagree. A long form in the question brings its acronym in the same way.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, product
from typing import NamedTuple

from corpus.acronyms import is_short_form, singular
from corpus.word_frequency import zipf
from index.bm25 import Choice, Wording
from index.glossary import Glossary, Meaning, phrase_key
from index.terms import QUESTION_WORDS, asked, terms

CLEAR = 2 / 3
"""The share of the documents that introduce an acronym which makes its meaning that of the rest."""

WORDINGS = 4
"""How many ways of wording a question candidates are looked for by; all are scored by their own."""

COMMON = 4.75
"""Zipf frequency from which on an acronym is also a plain word, "who" or "cat", once in lower case:
passages are not searched by it."""

LONGEST = 15
"""Words of a long form: what ten characters may stand for (Schwartz and Hearst 2003)."""

_TOKEN = re.compile(r"[^\W_]+")
_CHUNK = re.compile(r"[^\W_]+(?:[-/.+&][^\W_]+)*")
_PARTED = re.compile(r"[()\[\]?!;:]")


class Mention(NamedTuple):
    """An acronym in a question, by its short form (``short``) or its long one (``key``)."""

    start: int
    end: int
    short: str | None
    key: str | None


@dataclass(frozen=True, slots=True)
class Understanding:
    """A question in the words of one document.

    Attributes:
        question: with the other forms added; empty where there are none.
        expansions: as asked, and what that means in the document.
        wording: what the document's passages are searched and scored by.
    """

    question: str
    expansions: tuple[tuple[str, str], ...]
    wording: Wording


class Expander:
    """What a question's acronyms mean, in the collection and in each document.

    Args:
        question: the question.
        glossary: the collection's acronyms.
    """

    def __init__(self, question: str, glossary: Glossary) -> None:
        self.question = question
        self._glossary = glossary
        candidates = [*_short_forms(question), *_phrases(question)]
        shorts_of = glossary.shorts({m.key for m in candidates if m.key})
        involved = {m.short for m in candidates if m.short}.union(*shorts_of.values())
        self._meanings = glossary.meanings(involved)
        known = [m for m in candidates if m.short in self._meanings or m.key in shorts_of]
        self._shorts_of = shorts_of
        self._mentions = self._unsettled(_apart(known))
        self._usual = [self._by_default(mention) for mention in self._mentions]

    def wordings(self) -> list[Wording]:
        """The ways of wording the question by which candidates are looked for, the usual first."""
        options = [
            list(dict.fromkeys([usual, *self._choices(mention)]))
            for mention, usual in zip(self._mentions, self._usual, strict=True)
        ]
        combined = islice(product(*options), WORDINGS)
        return list(dict.fromkeys(self._worded(others) for others in combined))

    def understandings(self, ids: Collection[str]) -> dict[str, Understanding]:
        """The question in the words of each of these documents."""
        own = self._glossary.own(ids, self._meanings) if self._mentions else {}
        made: dict[tuple[tuple[str, ...], ...], Understanding] = {}
        found: dict[str, Understanding] = {}
        for document_id in sorted(ids):
            others = self._others(own.get(document_id, ()))
            if others not in made:
                made[others] = self._understood(others)
            found[document_id] = made[others]
        return found

    def _unsettled(self, mentions: list[Mention]) -> list[Mention]:
        """First mentions, but for acronyms whose meaning the question itself gives."""
        keys = {m.key for m in mentions if m.key}
        settled = {
            (m.short, meaning.key)
            for m in mentions
            if m.short
            for meaning in self._meanings[m.short]
            if meaning.key in keys
        }
        done = {short for short, _ in settled} | {key for _, key in settled}
        first: dict[str | None, Mention] = {}
        for mention in mentions:
            name = mention.short or mention.key
            if name not in done:
                first.setdefault(name, mention)
        return list(first.values())

    def _choices(self, mention: Mention) -> Iterator[tuple[str, ...]]:
        """Every way in which a document of the collection may word a mention."""
        if mention.short is not None:
            yield from ((meaning.long,) for meaning in self._meanings[mention.short])
        else:
            yield from ((meaning.short,) for meaning in self._given(mention.key))

    def _given(self, key: str | None) -> list[Meaning]:
        """The short forms of a long one, that of most documents first."""
        found = [
            meaning
            for short in self._shorts_of[key or ""]
            for meaning in self._meanings[short]
            if meaning.key == key
        ]
        return sorted(found, key=lambda meaning: (-meaning.documents, meaning.short))

    def _by_default(self, mention: Mention) -> tuple[str, ...]:
        """The other form in a document that does not introduce the acronym."""
        short = mention.short or self._given(mention.key)[0].short
        meaning = self._meanings[short][0]
        clear = meaning.documents >= CLEAR * sum(m.documents for m in self._meanings[short])
        if not clear or (mention.key is not None and meaning.key != mention.key):
            return ()
        return (meaning.long,) if mention.short is not None else (short,)

    def _others(self, own: Sequence[Meaning]) -> tuple[tuple[str, ...], ...]:
        """For each mention the other forms in a document that introduces ``own``."""
        out: list[tuple[str, ...]] = []
        for mention, usual in zip(self._mentions, self._usual, strict=True):
            if mention.short is not None:
                told = tuple(self._spelled(m) for m in own if m.short == mention.short)
                out.append(told or usual)
            else:
                told = tuple(m.short for m in own if m.key == mention.key)
                elsewhere = any(m.short in usual for m in own)
                out.append(told or (() if elsewhere else usual))
        return tuple(out)

    def _spelled(self, own: Meaning) -> str:
        """A document's long form as most documents spell it, so that equal meanings are one."""
        same = (m.long for m in self._meanings[own.short] if m.key == own.key)
        return next(same, own.long)

    def _understood(self, others: tuple[tuple[str, ...], ...]) -> Understanding:
        written, last = "", 0
        expansions: list[tuple[str, str]] = []
        for mention, forms in zip(self._mentions, others, strict=True):
            if not forms:
                continue
            written += f"{self.question[last : mention.end]} ({'; '.join(forms)})"
            last = mention.end
            said = self.question[mention.start : mention.end]
            expansions += [(said, form) for form in forms]
        question = written + self.question[last:] if expansions else ""
        return Understanding(question, tuple(expansions), self._worded(others))

    def _worded(self, others: tuple[tuple[str, ...], ...]) -> Wording:
        """The terms to search by: those asked for, and ways of saying some of them otherwise."""
        base = asked(self.question)
        plain = dict.fromkeys(base)
        choices = []
        for mention, forms in zip(self._mentions, others, strict=True):
            ways = [_terms_of(form) - set(base) for form in forms if _telling(form)]
            if not any(ways):
                continue
            own = _terms_of(self.question[mention.start : mention.end]) & set(plain)
            for term in own:
                del plain[term]
            others = tuple(tuple(sorted(way)) for way in ways if way)
            choices.append(Choice(tuple(sorted(own)), others))
        return Wording(tuple(plain), tuple(choices))


def _terms_of(form: str) -> set[str]:
    return set(terms(form)) - QUESTION_WORDS


def _telling(form: str) -> bool:
    return not is_short_form(form) or zipf(form.casefold()) < COMMON


def _short_forms(question: str) -> Iterator[Mention]:
    """Words, and parts of hyphened ones, that are spelled as acronyms."""
    shouted = question.isupper() and len(question.split()) > 2
    for chunk in _CHUNK.finditer(question):
        parts = [match.span() for match in _TOKEN.finditer(question, *chunk.span())]
        for i, (start, _) in enumerate(parts):
            for _, end in parts[i:]:
                short = singular(question[start:end])
                # In a question all in capitals a plain word is spelled like an acronym.
                if is_short_form(short) and not (shouted and _plain(short)):
                    yield Mention(start, end, short, None)


def _plain(word: str) -> bool:
    return word.isalpha() and zipf(word.casefold()) >= COMMON


def _phrases(question: str) -> Iterator[Mention]:
    """Every run of words inside a clause, with its key."""
    spans = [match.span() for match in _TOKEN.finditer(question)]
    keys = [phrase_key(question[start:end]) for start, end in spans]
    for i, (start, _) in enumerate(spans):
        for j in range(i, min(i + LONGEST, len(spans))):
            end = spans[j][1]
            if j > i and _PARTED.search(question, spans[j - 1][1], spans[j][0]):
                break
            yield Mention(start, end, None, " ".join(keys[i : j + 1]))


def _apart(mentions: Sequence[Mention]) -> list[Mention]:
    """Mentions that do not overlap: the leftmost, of those the longest."""
    out: list[Mention] = []
    for mention in sorted(mentions, key=lambda m: (m.start, -m.end, m.short is None)):
        if not out or mention.start >= out[-1].end:
            out.append(mention)
    return out
