"""Sentence boundaries in scientific prose, as spans that never lose or change a character.

One pass of rules over the stops (. ? ! … and their kin in other scripts), in the tradition of PySBD
(Sadvilkar and Neumann, 2020) and syntok: a stop ends a sentence unless what stands before it (an
abbreviation, an initial, a list number) or after it (a small letter, the number that "Fig." asks
for) says otherwise. What differs is the field: citation marks behind the stop, genus names, gene
names with a small first letter, statistics. ``docs/sentences.md`` holds the measurement against
both libraries. Every look at the context is bounded, so time is linear in the text.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from corpus.abbreviations import (
    BEFORE_NUMBER,
    DAYS,
    LETTERED,
    NEVER_LAST,
    NEVER_LAST_CASED,
    OPENERS,
    SELDOM_LAST,
    SELDOM_LAST_CASED,
    SURNAMES_TOO,
    UNITS,
)
from corpus.document import Span

LOOK = 60
"""How many code points before and behind a stop are looked at."""

MAX_BRACKET = 400
"""Brackets further apart than this are no pair: one of them has lost its partner."""

_SURE = "。！？｡．।॥"
"""Stops that end a sentence with no space behind them and mean nothing else."""

_STOP = re.compile(rf"[.?!…؟۔{_SURE}]+")
_SPACE = re.compile(r"\s*")

_PAIRS = dict(zip(")]}）］」』】〕", "([{（［「『【〔", strict=True))
_BRACKET = re.compile("[" + re.escape("".join(_PAIRS) + "".join(_PAIRS.values())) + "]")

_CLOSERS = re.compile(r"[\"'”’»)\]}）］」』】〕]*")
_NUMBERS = r"[1-9]\d{0,2}(?:\s?[,–-]\s?\d{1,3}){0,30}"
_MARK = re.compile(rf"\[{_NUMBERS}\]|\({_NUMBERS}\)|[⁰¹²³⁴-⁹][⁰¹²³⁴-⁹⁻,]{{0,29}}|[*†‡§¶]{{1,4}}")
_BARE_MARK = re.compile(rf"{_NUMBERS}(?=\s|$)")
_SPACED_MARK = re.compile(
    rf"\s{{1,2}}(?:\[{_NUMBERS}\](?:\s?\[{_NUMBERS}\]){{0,9}}|({_NUMBERS})\s(?=([A-Z][a-z]*)\b))"
)
"""Citation marks: closed up to the stop, bare superscript digits, or set off by a space."""

_NATIONS = ("an", "ch", "ese", "ish")

_LABEL = re.compile(
    r"[(\[]?(?:\d{1,3}(?:\.\d{1,2}){0,3}|[A-Za-z]|[ivxIVX]{1,4})"
    r"|(?:(?:Supplementary|Suppl\.|Extended Data) )?"
    r"(?:Fig(?:ure)?\.?|FIG\.|Table|Tab\.|Box|Scheme|Chart|Algorithm|Plate) [A-Z]?\d{1,3}[A-Za-z]?"
)
"""A list number or a caption's label: what a sentence may begin with, never all of it."""

_DOTTED = re.compile(r"[^\W\d_](?:\.-?[^\W\d_]){1,5}|[A-Z]-[A-Z]")
_GLUE = re.compile(r"[)\]][.,;:]|[—…]|(?<=[a-z]{3})\.(?=[A-Z])|(?<=\d)\.(?=[A-Z][a-z]{2})")
_NUMBER = re.compile(r"\d{1,9}")
_LABEL_AHEAD = re.compile(r"(?:[A-Z]\d*|[IVX]{1,4})\b")

_OPENING = re.compile(
    r"[\u200b-\u200f\u2060\ufeff]{0,4}(?:[•▪●–—]\s{1,2}|©\s?)?[\"'“‘«(\[{（「『¿¡*]{0,4}"
)
_ITEM = re.compile(r"\((?:[a-z]|[ivx]{1,4})\)\s+(?=[^\W\d_])")
_FIGURE = re.compile(r"(?!0\d)[~≈∼≥≤<>−–-]?\s?[$€£]?\d")
_GENE = re.compile(
    r"(?!(?:m|cm|mm|kg|g|mg|ml|l|h|min|s|d)-?[1-4]\b)(?!\w{1,6}\s?[=<>≤≥≈])"
    r"(?:[a-z]{1,4}-?[A-Z]|[a-z]{1,6}-?\d|[cv]-[a-z]{3}\b|[α-λν-ω]{1,3}[-\w\s])"
)
"""A small letter that may begin a sentence: p53, mTOR, miR-21, c-myc, β-catenin; not kg-1, not
η2 = .05."""

_JOIN_LEFT = re.compile(r"(?:[a-zα-ω]{3}|[A-Z]{2}|[\])%\"”]|\d\s?[a-z]{0,3})$")
_JOIN_RIGHT = re.compile(r"[^\W\d_]+[\s,]")
_CAPTION = re.compile(r"(?:Fig\.|Figure|Table)\s\d")
_PARTICLES = frozenset("とってなのはがをにもでへや、，,")


class _Kind(Enum):
    """What stands behind a stop, as the beginning of a sentence."""

    NOTHING = auto()  # no sentence begins so
    FIGURE = auto()
    GENE = auto()
    CAPITAL = auto()  # a capital, or a letter of a script without capitals
    OPENER = auto()  # a word that with its capital all but proves a beginning


@dataclass(frozen=True, slots=True)
class _Stop:
    """A run of stops with its surroundings.

    ``begin`` is where the sentence so far began; ``tail`` the end of what belongs to the stop
    (closing brackets, citation marks); ``ahead`` the next character that is not white space.
    """

    text: str
    begin: int
    start: int
    end: int
    tail: int
    ahead: int

    @property
    def mark(self) -> str:
        """The stops themselves."""
        return self.text[self.start : self.end]

    @property
    def before(self) -> str:
        """The text before the stop, as far as it is looked at."""
        return self.text[max(self.begin, self.start - LOOK) : self.start]

    @property
    def word(self) -> str:
        """The word that touches the stop, without opening brackets and quotation marks."""
        before = self.before
        if not before or before[-1].isspace():
            return ""
        return _GLUE.split(before.split()[-1])[-1].lstrip("([{（\"'“‘«<~≈*_–—-/")


def sentence_spans(text: str, start: int = 0, end: int | None = None) -> list[Span]:
    """Cut ``text[start:end]`` into sentences.

    The spans are trimmed of white space, in order, never empty, do not overlap, and cover every
    character that is not white space. A citation mark behind a stop ("end.[3]") belongs to the
    sentence it follows; a pair of brackets is never cut. The result depends on the slice alone.

    Args:
        text: running text, such as one paragraph. Line breaks count as spaces.
        start: first code point to look at.
        end: end of the range; None for the end of the text.

    Returns:
        Spans in code points of ``text``; empty where the range holds only white space.

    Raises:
        ValueError: the range does not lie inside the text.
    """
    stop = len(text) if end is None else end
    if not 0 <= start <= stop <= len(text):
        raise ValueError(f"The range {start}:{stop} does not lie inside {len(text)} characters.")
    piece = text[start:stop]
    last = len(piece.rstrip())
    begin = len(piece) - len(piece.lstrip())
    spans: list[Span] = []
    for cut, following in _cuts(piece[:last], begin):
        spans.append(Span(start + begin, start + cut))
        begin = following
    if begin < last:
        spans.append(Span(start + begin, start + last))
    return spans


def _cuts(text: str, begin: int) -> Iterator[tuple[int, int]]:
    """Where sentences end inside ``text`` (trimmed), each with the start of the next one."""
    enclosed = _enclosures(text)
    opens = [span.start for span in enclosed]
    for found in _STOP.finditer(text):
        if found.start() < begin:
            continue
        tail = _tail(text, found.start(), found.end())
        outer = bisect_left(opens, tail) - 1
        if outer >= 0 and tail < enclosed[outer].end:
            continue
        space = _SPACE.match(text, tail)
        ahead = space.end() if space else tail
        if ahead >= len(text):
            return
        if _ends(_Stop(text, begin, found.start(), found.end(), tail, ahead)):
            yield tail, ahead
            begin = ahead


def _enclosures(text: str) -> list[Span]:
    """The outermost pairs of brackets, in order."""
    waiting: dict[str, list[int]] = {opening: [] for opening in _PAIRS.values()}
    pairs: list[Span] = []
    for found in _BRACKET.finditer(text):
        bracket = found.group()
        if bracket in waiting:
            waiting[bracket].append(found.start())
        elif waiting[_PAIRS[bracket]]:
            opened = waiting[_PAIRS[bracket]].pop()
            if found.end() - opened <= MAX_BRACKET:
                pairs.append(Span(opened, found.end()))
    outermost: list[Span] = []
    for pair in sorted(pairs):
        if not outermost or pair.start >= outermost[-1].end:
            outermost.append(pair)
        elif pair.end > outermost[-1].end:  # crossing pairs, as in "([)]"
            outermost[-1] = Span(outermost[-1].start, pair.end)
    return outermost


def _tail(text: str, start: int, end: int) -> int:
    """The end of what belongs to a stop: closing brackets and quotes, citation marks."""
    tail = _closed(text, end)
    mark = _MARK.match(text, tail) or _bare_mark(text, start, tail)
    if mark:
        tail = _closed(text, mark.end())
    spaced = _SPACED_MARK.match(text, tail)
    if spaced and (spaced[2] is None or _after_mark(spaced[2])):
        tail = spaced.end(1) if spaced[2] else spaced.end()
    return tail


def _after_mark(word: str) -> bool:
    """Whether a number before ``word`` is a citation ("15 The"), no count ("15 German sites")."""
    return word in OPENERS or (len(word) > 3 and not word.endswith(_NATIONS))


def _closed(text: str, at: int) -> int:
    closers = _CLOSERS.match(text, at)
    return closers.end() if closers else at


def _bare_mark(text: str, start: int, tail: int) -> re.Match[str] | None:
    """Superscript digits that lost their height: "end.12,13", but not "0.12" or "v.12"."""
    words = text[max(0, start - LOOK) : start].split()
    if not words or text[start - 1].isspace():
        return None
    word = words[-1]
    mark = _BARE_MARK.match(text, tail)
    if mark and word[-1].isdigit():  # "a P of 0.05.12 The", not "version 2.5.12 (Roche)"
        behind = text[mark.end() + 1 : mark.end() + 2]
        return mark if "." in word and behind.isupper() else None
    if word[-1] in ')]%"”' or word[-2:].isupper() or word[-3:].isalpha():
        return mark
    return None


def _ends(stop: _Stop) -> bool:
    """Whether the stop ends its sentence."""
    mark = stop.mark
    if mark[-1] in _SURE:
        ahead = stop.text[stop.ahead]
        if mark[-1] == "．" and ahead.isdigit():
            return False
        return stop.tail == stop.end or ahead not in _PARTICLES
    kind, following = _following(stop.text, stop.ahead)
    if kind is _Kind.NOTHING:
        return False
    if stop.ahead == stop.tail:
        return _joined(stop, kind)
    if any(c in "?!؟۔" for c in mark):
        return True
    if len(mark) > 1 or mark == "…":
        listed = stop.before.rstrip().endswith(",")
        return kind in (_Kind.CAPITAL, _Kind.OPENER) and not listed
    return _full_stop(stop, kind, following)


def _following(text: str, at: int) -> tuple[_Kind, str]:
    """What stands at ``at``, and its first word."""
    item = _ITEM.match(text, at)
    opening = _OPENING.match(text, at)
    at = item.end() if item else opening.end() if opening else at
    ahead = text[at : at + LOOK]
    if _FIGURE.match(ahead):
        return _Kind.FIGURE, ""
    if not ahead[:1].isalpha():
        return _Kind.NOTHING, ""
    if ahead[0].islower():
        return (_Kind.GENE if _GENE.match(ahead) else _Kind.NOTHING), ""
    letters = re.match(r"[^\W\d_]+", ahead)
    word = letters.group() if letters else ""
    # "A phase II trial", but not "App. A and B", "A. baumannii", "A-type"
    if word == "A" and not re.match(r"A (?!and |or |to |is |was )[a-z]", ahead):
        return _Kind.CAPITAL, word
    return (_Kind.OPENER if word in OPENERS else _Kind.CAPITAL), word


def _joined(stop: _Stop, kind: _Kind) -> bool:
    """Whether a stop with no space behind it ends a sentence: only where that is certain."""
    right = kind is _Kind.OPENER and _JOIN_RIGHT.match(stop.text, stop.ahead, stop.ahead + LOOK)
    if not right and not _CAPTION.match(stop.text, stop.ahead):
        return False
    token = (stop.before.split() or [""])[-1]
    if "://" in token or "@" in token or token.startswith(("www.", "doi:")):
        return False
    return bool(_JOIN_LEFT.search(stop.before[-8:])) and _full_stop(stop, _Kind.OPENER, "")


def _full_stop(stop: _Stop, kind: _Kind, following: str) -> bool:
    """Whether a single full stop ends its sentence, given what follows."""
    if stop.start - stop.begin <= LOOK and _LABEL.fullmatch(stop.text[stop.begin : stop.start]):
        return False
    word = stop.word
    rest = stop.before[: len(stop.before) - len(word)].rstrip()
    if not word:
        return kind in (_Kind.CAPITAL, _Kind.OPENER)
    if _NUMBER.fullmatch(word):
        return not _list_number(word, rest) and not _torn_decimal(word, rest, kind)
    if len(word) == 1 and word.isupper():
        return _lettered(rest) or (kind is _Kind.OPENER and following not in SURNAMES_TOO)
    if word.lower() in UNITS and rest[-1:].isdigit():
        return True
    return _after_word(word, kind, following)


def _lettered(before: str) -> bool:
    """Whether a capital after ``before`` is the name of a thing: "hepatitis B", "arms A and B"."""
    for token in reversed(before.split()):
        bare = token.strip("([{,;\"'“‘")
        if (len(bare) == 1 and bare.isupper()) or bare in ("and", "or", "to", "–", "vs."):
            continue
        noun = bare.lower().rpartition("-")[2]
        return bool({noun, noun.removesuffix("s"), noun.removesuffix("es")} & LETTERED)
    return False


def _list_number(word: str, rest: str) -> bool:
    """Whether the number opens an item of a run-in list ("reasons were: 1. Refusal, 2. Death")."""
    if len(word) > 2 or not rest:
        return False
    return rest[-1] in ":;" or (rest[-1] == "," and rest[-2:-1].isalpha())


def _torn_decimal(word: str, rest: str, kind: _Kind) -> bool:
    """Whether a layout has put a space into a decimal number ("P = 0. 05")."""
    return kind is _Kind.FIGURE and (word == "0" or rest[-1:] in ("=", "<", ">", "≤", "≥"))


def _after_word(word: str, kind: _Kind, following: str) -> bool:
    """Whether a stop that touches ``word`` ends its sentence."""
    lower = word.lower()
    # CO, NO and AL in full capitals are no abbreviations
    shouted = word.isupper() and len(word) > 1 and "." not in word
    if (lower in NEVER_LAST and not shouted) or word in NEVER_LAST_CASED:
        return False
    if (lower in SELDOM_LAST and not shouted) or word in SELDOM_LAST_CASED:
        return kind is _Kind.OPENER
    if lower in BEFORE_NUMBER and not shouted:
        label = kind is _Kind.CAPITAL and _LABEL_AHEAD.fullmatch(following) is not None
        return kind in (_Kind.CAPITAL, _Kind.OPENER) and not label
    if _DOTTED.fullmatch(word):
        if word.islower():
            return kind in (_Kind.CAPITAL, _Kind.OPENER) and following not in DAYS
        return kind is _Kind.OPENER and following not in SURNAMES_TOO
    # a lone small letter asks for its number ("p. 12"); else the word is plain
    return kind is not _Kind.FIGURE or len(word) > 1 or not word.isascii()
