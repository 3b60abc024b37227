"""Follow-up questions: "And in women?" becomes what is really asked, by rule, and is shown.

Three ways a question can lean on the one before it:

- it goes on ("And with placebo?", "What about lanreotide?"): a part of the earlier question is
  exchanged for the new one;
- it points back ("What were its side effects?"): the pointing word is exchanged for the topic of
  the earlier question;
- it asks about the whole ("Who reported it?", "Why?"): the earlier question is named with it.

A question that stands by itself is never changed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from corpus.word_frequency import zipf

_WORD = re.compile(r"[^\W_]+(?:[-'’/.][^\W_]+)*")
_OPENING = re.compile(
    r"^(?:and|but|or|so|also|ok|okay)\b[\s,]*(?:(?:what|how)\s+about\b[\s,]*)?"
    r"|^(?:what|how)\s+about\b[\s,]*",
    re.IGNORECASE,
)
_PREPOSITIONS = (
    "among|in|with|without|for|on|at|under|after|before|during|by|from|of|against|versus|vs|"
    "compared with|compared to"
)
_FRAGMENT = re.compile(rf"^(?P<preposition>{_PREPOSITIONS})\s+(?P<object>.+)$", re.IGNORECASE)
_GENERIC = (
    "drug|agent|treatment|therapy|medicine|regimen|combination|trial|study|paper|group|method|"
    "approach|technique|procedure|test|model|disease|tumou?r|cancer|pathway|gene|protein|receptor|"
    "mutation|virus|vaccine|finding|result|effect|dose|toxicity|criteria|endpoint"
)
_POINTING = re.compile(
    rf"\b(?:(?P<possessive>its|their)|(?P<noun>(?:this|that|these|those|the same|the)\s+"
    rf"(?:{_GENERIC})s?)(?=\W*$|\s+(?:{_PREPOSITIONS}|is|are|was|were|have|has|had|do|does|did|work|"
    rf"improve|cause|show|act)\b)|(?P<pronoun>it|they|them|this|that|these|those))\b",
    re.IGNORECASE,
)
_BARE = frozenset("why how when where who whom which whose what really".split())
_FRAME = frozenset(
    """what which who whom whose when where why how is are was were be been being do does did has
    have had can could may might will would should shall must there that this these those it its
    they their them he she his her him the a an and or but not no of in on at to for from by with as
    than then also too about into over under between among many much long often far old well so any
    some all both each other another same such more most less least only""".split()
)
# "Is it known whether …", "How long does it take …": a pronoun that points at nothing.
_EXPLETIVE = re.compile(
    r"\b(?:is|was|would|will|can|does|did|has)\s+it\s+(?:\w+ly\s+)?(?:\w+\s+)?(?:that|whether|if|to|take|"
    r"possible|necessary|true|known|safe|useful)\b|\bit\s+(?:is|was|takes?|took)\s+(?:\w+\s+)?"
    r"(?:that|whether|to|known|possible|likely|necessary|true)\b",
    re.IGNORECASE,
)
_CONJUNCTION = re.compile(
    r"\bthat\b(?=\s+(?:\w+\s+){0,3}(?:is|are|was|were|can|could|may|has|have)\b)", re.I
)
_RELATIONAL = frozenset(
    """response rate rates survival overall median progression-free dose dosage side effect effects
    adverse event events toxicity toxicities result results outcome outcomes conclusion conclusions
    endpoint endpoints primary secondary sample size number patient patients mechanism common
    commonest most frequent included enrolled treated randomized randomised treatment regimen
    hazard ratio p-value value p benefit risk main reason cause""".split()
)
_PLURAL = frozenset("they them their these those".split())
_PLURAL_ASKED = re.compile(
    r"^(?:in\s+|for\s+|to\s+)?(?:which|what|whose)\s+(?:\w+\s+)?\w+s\b", re.I
)
_BARE_PHRASE = re.compile(
    rf"^(?:{_PREPOSITIONS}|to)\s+(?:what|which|whom|how)\b(?!.*\b(?:is|are|was|were|do|does|did|"
    r"has|have|had|can|could|will|would|should|may|might)\b)",
    re.IGNORECASE,
)
_WH_PHRASE = re.compile(
    r"^(?:\w+\s+)?(?:which|what|whose|how\s+\w+)\s+(?:[\w-]+\s+){0,3}?"
    r"(?=(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would)\b)",
    re.IGNORECASE,
)
_ASKED = re.compile(
    r"^(?:what|which|how\s+(?:long|high|large))\s+(?:is|was|are|were)\s+(?:the\s+)?"
    rf"(?P<what>.+?)(?=\s+(?:{_PREPOSITIONS})\b)"
    r"|^(?:what|which)\s+(?P<noun>[\w-]+(?:\s+[\w-]+)?)(?=\s+(?:did|does|do)\s)",
    re.IGNORECASE,
)
_PEOPLE = re.compile(
    r"^(?!.*\b(?:number|share|age) of\b).*\b(?:groups?|arms?|patients|women|men|children|"
    r"adults|people|individuals|elderly|animals|mice)$",
    re.IGNORECASE,
)
_AUXILIARY = re.compile(r"\b(?:is|are|was|were|do|does|did|has|have|had|can|could)\s+$", re.I)
_ARTICLE = re.compile(r"\s+(?:a|an|the|any|some|no|all|most|many)\b", re.IGNORECASE)
_VERBS = frozenset(
    """prolong prolongs improve improves extend extends reduce reduces increase increases cause
    causes work works help helps prevent prevents produce produces delay delays control controls
    inhibit inhibits block blocks affect affects shrink shrinks slow slows kill kills
    approved tested given used chosen compared proven confirmed stated named recommended""".split()
)
_REPORTING = frozenset(
    """reported report reports showed show shows shown found find conducted conduct performed
    published demonstrated described observed measured recommended proposed concluded
    studied""".split()
)
_MANNER = frozenset("it that this them they these those".split())


def resolve(question: str, history: Sequence[str]) -> str:
    """Say in full what a question asks, given the questions before it.

    Args:
        question: as asked.
        history: the earlier questions of the conversation, oldest first, as asked.

    Returns:
        The question itself where it stands alone or nothing came before; else one that names
        what it leans on.
    """
    understood = ""
    for earlier in history:
        understood = _resolve(earlier, understood)
    return _resolve(question, understood)


def leans(question: str) -> bool:
    """Whether a question cannot be understood without the one before it."""
    text = question.strip()
    content = [w.lower() for w in _content(text)]
    if _OPENING.match(text):
        rest = _OPENING.sub("", text, count=1)
        # "And what was the response rate of cisplatin?" only sounds like a continuation.
        named = [w for w in _content(rest) if w.lower() not in _RELATIONAL]
        whole = len(_WORD.findall(rest)) >= 5 and _asks(rest) and not _points_back(rest)
        return not (whole and (_specific(rest) or len(named) >= 2))
    if _points_back(text) or not content:
        return True
    if _BARE_PHRASE.match(text):
        # "At what dose?", "Compared with what?": a question word behind a preposition, no verb.
        return not any(_rarity(w) >= 4.6 for w in content)
    if all(w in _RELATIONAL for w in content) or (len(content) == 1 and content[0] in _REPORTING):
        # "What was the response rate?", "Who found this?": of what is left open.
        return not _FRAGMENT.search(text)
    return bool(_FRAGMENT.match(text)) and len(_WORD.findall(text)) <= 7 and not _asks_inside(text)


def _resolve(question: str, before: str) -> str:
    question = question.strip()
    if not before or not leans(question):
        return question
    rest = _OPENING.sub("", question, count=1).strip()
    core = rest.rstrip(" ?.!")
    if not core:
        return before
    if _points_back(rest):
        return _pointed(rest, before)
    if not _asks(rest) and _content(rest):
        return _exchanged(core, before)
    return _about(rest, before)


def _pointed(question: str, before: str) -> str:
    """Put the topic of the earlier question in the place of the pointing word."""
    match = _pointing_match(question)
    topic = _topic(before)
    if match is None or not topic:
        return _about(question, before)
    word = match.group().lower()
    reporting = _REPORTING & {w.lower() for w in _WORD.findall(question)}
    event = word in {"this", "that"}
    if (
        event
        or (word in _MANNER and reporting)
        or (word in _PLURAL and _PLURAL_ASKED.match(before))
    ):
        return _about(question, before)
    new = f"{topic}'s" if match["possessive"] else topic
    return question[: match.start()] + new + question[match.end() :]


def _exchanged(fragment: str, before: str) -> str:
    """Exchange the part of the earlier question that the fragment stands for."""
    stem = before.rstrip(" ?.!")
    if not _FRAGMENT.match(fragment) and _PEOPLE.search(fragment):
        fragment = f"in {fragment}"
    match = _FRAGMENT.match(fragment)
    if match is not None:
        return _exchanged_phrase(fragment[:1].lower() + fragment[1:], match["preposition"], stem)
    new = re.sub(r"^(?:the|a|an)\s+", "", fragment, flags=re.IGNORECASE)
    asked = _ASKED.match(stem)
    if asked and not any(_rarity(w) >= 4.6 for w in _content(new)):
        # "And the time to progression?": another quantity of the same thing.
        group = "what" if asked["what"] else "noun"
        return f"{stem[: asked.start(group)]}{new}{stem[asked.end(group) :]}?"
    return _exchanged_topic(new, stem)


def _exchanged_topic(new: str, stem: str) -> str:
    topic = _topic(stem)
    at = stem.lower().find(topic.lower()) if topic else -1
    if at < 0:
        return _about(new, stem)
    return f"{stem[:at]}{new}{stem[at + len(topic) :]}?"


def _exchanged_phrase(fragment: str, preposition: str, stem: str) -> str:
    """Exchange the last phrase that begins with the same preposition, or add the fragment."""
    phrase = rf"\b{re.escape(preposition)}\s+(?:(?!\b(?:{_PREPOSITIONS})\b).)+"
    parts = list(re.finditer(phrase, stem, re.IGNORECASE))
    if not parts:
        new = fragment[len(preposition) :].strip()
        if preposition.lower() in {"for", "with", "of", "on"} and _specific(new):
            return _exchanged_topic(new, stem)
        return f"{stem} {fragment}?"
    last = parts[-1]
    tail = stem[last.end() :].lstrip()
    return f"{stem[: last.start()]}{fragment}{' ' if tail else ''}{tail}?"


def _about(question: str, before: str) -> str:
    """Name the earlier question beside one that asks about the whole of it."""
    core = question.strip().rstrip(" ?.!")
    return f"{core[:1].upper()}{core[1:]}? (about: {before.rstrip(' ?.!')})"


def _points_back(text: str) -> bool:
    match = _pointing_match(text)
    if match is None:
        return False
    # A name before the pointing word is what it points to: the question stands alone. What is
    # itself asked for ("Which pathway does it inhibit?") is no such name.
    asked = _WH_PHRASE.match(text)
    return not _specific(text[asked.end() if asked else 0 : match.start()])


def _pointing_match(text: str) -> re.Match[str] | None:
    return next((m for m in _POINTING.finditer(text) if _really_points(text, m)), None)


def _really_points(text: str, match: re.Match[str]) -> bool:
    if any(m.start() <= match.start() < m.end() for m in _EXPLETIVE.finditer(text)):
        return False
    if match["noun"] and re.match(r"the\s+(?!same)", match["noun"], re.IGNORECASE):
        others = text[: match.start()] + text[match.end() :]
        return not any(_rarity(w) >= 4.6 for w in _content(others))
    if match["pronoun"] and match["pronoun"].lower() in {"this", "that", "these", "those"}:
        if _CONJUNCTION.match(text, match.start()) and match.start() > 0:
            return False
        if _ARTICLE.match(text, match.end()):
            return False
        following = _WORD.match(text[match.end() :].lstrip())
        determiner = following is not None and following.group().lower() not in _FRAME
        return not determiner or bool(_AUXILIARY.search(text[: match.start()]))
    return True


def _asks(text: str) -> bool:
    """Whether a clause has a question word or begins with an auxiliary verb."""
    first = _WORD.search(text)
    return first is not None and first.group().lower() in _BARE | {
        "is", "are", "was", "were", "do", "does", "did", "has", "have", "had", "can", "could",
        "may", "might", "will", "would", "should",
    }  # fmt: skip


def _asks_inside(text: str) -> bool:
    return any(w.lower() in _BARE for w in _WORD.findall(text))


def _content(text: str) -> list[str]:
    return [w for w in _WORD.findall(text) if w.lower() not in _FRAME]


def _specific(text: str) -> list[str]:
    """The words that name something in particular: rare words, acronyms, words with digits."""
    return [w for w in _content(text) if _rarity(w) >= 3.7]


def _topic(question: str) -> str:
    """The name that a question is about: its most particular run of words."""
    best, best_rarity = "", 0.0
    for run in _runs(question):
        rarity = max(_rarity(m.group()) for m in run)
        if rarity > best_rarity:
            best, best_rarity = question[run[0].start() : run[-1].end()], rarity
    return re.sub(r"['’]s?$", "", best)


def _runs(question: str) -> list[list[re.Match[str]]]:
    """Runs of naming words; "plus" and "and" between two of them join ("cisplatin plus 5-FU")."""
    runs: list[list[re.Match[str]]] = []
    for match in _WORD.finditer(question):
        if not _naming(match.group()):
            continue
        last = runs[-1][-1] if runs else None
        between = question[last.end() : match.start()] if last else ""
        possessive = last is not None and re.search(r"['’]s?$", last.group())
        if last and not possessive and re.fullmatch(r" |\s+(?:plus|and|with)\s+|/", between):
            runs[-1].append(match)
        else:
            runs.append([match])
    return runs


def _naming(word: str) -> bool:
    return word.lower() not in _FRAME | _VERBS and _rarity(word) >= 3.65


def _rarity(word: str) -> float:
    """How particular a word is: 8 less its Zipf frequency; names in capitals more so."""
    rarity = 8.0 - zipf(word.lower())
    if any(c.isdigit() for c in word) or (word.isupper() and len(word) > 1):
        rarity = max(rarity, 5.5)
    return rarity
