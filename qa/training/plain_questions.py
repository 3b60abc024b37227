"""Groups from plain patterns: what people ask first, and what no data set asks often.

"What is a kinase?", "What does VEGFR stand for?", "What is another name for sirolimus?": abstracts
answer such questions in a few ways of writing. The sentence that is written so is the evidence;
passages that only mention the thing, and rows of tables that name it, are what to choose it from.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from corpus.acronyms import acronyms
from corpus.sentences import sentence_spans
from qa.training.groups import Group, Offsets, Passage, mark
from qa.training.short_texts import hardest

_NAME = r"(?:[\w-]+ ){0,4}?[\w-]+"
_DEFINED = re.compile(
    rf"^(?:The |An? )?(?P<name>{_NAME})(?: \([^()]{{1,30}}\))? (?:is|are) "
    r"(?P<answer>(?:an?|the|defined as)\b[^.;]{12,})"
)
_ALIAS = re.compile(
    rf"\b(?P<name>{_NAME}),? \(?(?:also|otherwise) (?:known as|called|termed|named|referred to as) "
    r"(?P<answer>[\w-]+(?: [\w-]+){0,4}?)(?=[,.;)]| is | are | was | were )"
)
_POINTING = re.compile(
    r"^(?:it|this|these|that|those|there|here|we|our|they|he|she|which|what|one|both|each|another|"
    r"such|most|many|some|all|as|in|of|for|to|with|by|on|at|our|its|their|aim|objective|purpose|"
    r"conclusion|result|results|background|methods?|study|patients|finding|findings|evidence|"
    r"first|second|main|present|current)\b",
    re.IGNORECASE,
)
_ASK = {
    "defined": (
        "What is {a}{n}?",
        "What is {a}{n}",
        "What is meant by {n}?",
        "Define {n}.",
        "What does the term {n} mean?",
        "Can you explain what {a}{n} is?",
    ),
    "long": (
        "What does {n} stand for?",
        "What is {n} short for?",
        "What does {n} mean?",
        "{n} stands for what?",
        "What is the full name of {n}?",
    ),
    "alias": (
        "What is another name for {n}?",
        "What else is {n} called?",
        "By which other name is {n} known?",
        "What is {n} also known as?",
    ),
}
MOST = {"defined": 1400, "long": 600, "alias": 400}
NEGATIVES = 6
WINDOW = 900


@dataclass(frozen=True, slots=True)
class Found:
    """A sentence that answers a plain question: offsets into the abstract's text."""

    kind: str
    key: str
    name: str
    sentence: Offsets
    answer: Offsets


def plain_groups(
    texts: Mapping[str, tuple[str, str]], rows: Iterable[Passage], seed: int = 0
) -> Iterator[Group]:
    """Questions by template on abstracts.

    Args:
        texts: title and text of each abstract, by its key.
        rows: rows of tables, to choose the sentence from.
        seed: decides which sentences are asked about, and in which words.
    """
    rng = np.random.default_rng(seed)
    found = [one for key in sorted(texts) for one in find(key, texts[key][1])]
    chosen = [one for kind in MOST for one in _some(kind, found, rng)]
    pool = [(key, _window(*texts[key], None)) for key in sorted(texts)]
    pool += [("", row) for row in rows]
    asked = [_question(one, rng) for one in chosen]
    ranked = hardest(asked, [f"{p.heading} {p.text}" for _, p in pool], depth=24)
    for one, question, nearest in zip(chosen, asked, ranked, strict=True):
        others = [p for key, p in (pool[i] for i in nearest) if key != one.key]
        passages = [p for p in others if _other(one, p.text)][:NEGATIVES]
        passages.insert(0, _window(*texts[one.key], one))
        yield Group(
            origin="plain", key=f"plain/{one.key}", question=question, passages=tuple(passages)
        )


def _some(kind: str, found: list[Found], rng: np.random.Generator) -> list[Found]:
    """Some of a kind, each name once."""
    names: dict[str, Found] = {}
    for one in found:
        if one.kind == kind:
            names.setdefault(one.name.lower(), one)
    of_kind = list(names.values())
    return [of_kind[i] for i in rng.permutation(len(of_kind))[: MOST[kind]]]


def find(key: str, text: str) -> Iterator[Found]:
    """What an abstract defines, spells out and names otherwise."""
    for start, end in sentence_spans(text, 0, len(text)):
        sentence = text[start:end]
        if not 30 <= len(sentence) <= 400:
            continue
        for kind, pattern in (("defined", _DEFINED), ("alias", _ALIAS)):
            match = pattern.search(sentence)
            if match is None or _POINTING.match(match["name"]) or len(match["name"]) < 3:
                continue
            low, high = match.span("answer")
            yield Found(kind, key, match["name"], (start, end), (start + low, start + high))
        for pair in acronyms(sentence):
            at = sentence.find(pair.long)
            if at >= 0:
                place = (start + at, start + at + len(pair.long))
                yield Found("long", key, pair.short, (start, end), place)


def _question(one: Found, rng: np.random.Generator) -> str:
    templates = _ASK[one.kind]
    article = "an " if one.name[:1].lower() in "aeiou" else "a "
    single = one.name.islower() and not one.name.endswith("s") and rng.random() < 0.6
    question = templates[rng.integers(len(templates))].format(
        n=one.name, a=article if single else ""
    )
    return question[0].upper() + question[1:]


def _other(one: Found, text: str) -> bool:
    """Whether a passage does not answer too: it says nowhere what the thing is."""
    name = re.escape(one.name)
    if one.kind == "long":
        return not re.search(rf"\({name}s?[),;]|\b{name} \(", text)
    return not re.search(
        rf"\b{name}\b[^.]{{0,30}} (?:is|are|was) (?:an?|the|defined)|\b{name}\b.{{0,4}}"
        r"(?:also|otherwise) ",
        text,
        re.IGNORECASE,
    )


def _window(title: str, text: str, one: Found | None) -> Passage:
    """Whole sentences of an abstract, around the one that answers; the first ones without any."""
    spans = [(s.start, s.end) for s in sentence_spans(text, 0, len(text))]
    first = next((i for i, s in enumerate(spans) if one and s == one.sentence), 0)
    low = high = first
    while spans and spans[high][1] - spans[low][0] < WINDOW:
        if high + 1 < len(spans):
            high += 1
        elif low > 0:
            low -= 1
        else:
            break
    if not spans:
        return Passage(heading=title, text="", sentences=(), gold=())
    begin, end = spans[low][0], spans[high][1]
    inside = [(s - begin, e - begin) for s, e in spans[low : high + 1]]
    if one is None:
        return mark(title, text[begin:end], inside, [])
    answer = (one.answer[0] - begin, one.answer[1] - begin)
    return mark(title, text[begin:end], inside, [answer], answer)
