"""How common a word is in general English: it tells a word from a fragment, a name from a verb."""

from __future__ import annotations

from functools import lru_cache


@lru_cache(maxsize=100_000)
def zipf(word: str) -> float:
    """Zipf frequency of a lower-case word (Speer 2022, wordfreq): 0.0 if unknown, 7.7 for "the".

    It is the base-10 logarithm of how often the word comes in a billion words (van Heuven et al.
    2014).
    """
    # Imported here: the list takes a moment to load, and not every command needs it.
    import wordfreq

    return float(wordfreq.zipf_frequency(word, "en"))
