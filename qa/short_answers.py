"""Short answers set against gold ones, as in SQuAD (Rajpurkar et al., 2016)."""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Sequence

_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_WITHOUT_MARKS = str.maketrans("", "", string.punctuation)


def exact_match(marked: str, answers: Sequence[str]) -> bool:
    """Whether the marked words are one of the answers, both normalised; never without words."""
    words = normalised(marked)
    return bool(words) and any(words == normalised(answer) for answer in answers)


def token_f1(marked: str, answers: Sequence[str]) -> float:
    """The best F1, in [0, 1], of the marked words' tokens against an answer's.

    Args:
        marked: the words that are marked in a quote; "" where none are.
        answers: gold answers, any of which is right.
    """
    return max((_f1(normalised(marked), normalised(answer)) for answer in answers), default=0.0)


def normalised(words: str) -> list[str]:
    """The tokens that are compared: lower case, no ASCII punctuation, no articles."""
    return _ARTICLES.sub(" ", words.lower().translate(_WITHOUT_MARKS)).split()


def _f1(marked: list[str], answer: list[str]) -> float:
    common = sum((Counter(marked) & Counter(answer)).values())
    return 2 * common / (len(marked) + len(answer)) if common else 0.0
