"""The terms that passages and questions meet by: their words, stemmed."""

from __future__ import annotations

from functools import lru_cache

import tantivy

from index.words import words

QUESTION_WORDS = frozenset(
    "what which who whom whose when where why how did do does is are was were".split()
)
ANALYZER = (
    tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace())
    .filter(tantivy.Filter.stemmer("english"))
    .build()
)
"""Stems words that are apart by spaces."""


def terms(text: str) -> list[str]:
    """The stemmed terms of a text, in the order of its words."""
    return list(map(_stem, words(text)))


def asked(question: str) -> list[str]:
    """The distinct terms that a question is searched by, sorted.

    "What", "which" and "how" are rare in papers, so BM25 would take them for telling words; they
    are left out unless the question holds nothing else.
    """
    found = set(words(question))
    telling = found - QUESTION_WORDS
    return sorted({_stem(word) for word in telling or found})


@lru_cache(maxsize=100_000)
def _stem(word: str) -> str:
    return ANALYZER.analyze(word)[0]
