"""The names of authors, as files write them: "Moss, Ada", "Ada van der Oak", "Oak B", a body."""

from __future__ import annotations

import re
from dataclasses import dataclass

_PARTICLES = frozenset(
    """'t af al am ap auf aus av bar ben bin da dal das de dei del della den der des di dos du e
    el ibn la las le los ten ter the til to ver vom von vor van y zu zum zur""".split()
)
_SUFFIXES = frozenset("jr jr. sr sr. ii iii iv".split())
_INITIALS = re.compile(r"(?:[^\W\d_]\.?[ -]?){1,3}")
_BODY = re.compile(
    r"\b(?:for|of|and|und|et|on|in|group|study|studies|trial|trials|team|network|consortium|"
    r"committee|commission|collaboration|collaborators?|collaborative|investigators?|society|"
    r"association|organi[sz]ation|university|institutes?|agency|department|ministry|initiative|"
    r"federation|foundation|college|academy|council|centers?|centres?|programme?|project|panel|"
    r"board|office|registry|inc|ltd|gmbh|llc|who|easl|aasld|esmo|asco|nice)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Name:
    """A person's name in its parts, or a body's name as ``literal``.

    ``family`` has its particle in front of it ("van der Oak").
    """

    family: str = ""
    given: str = ""
    suffix: str = ""
    literal: str = ""

    @property
    def particle(self) -> str:
        """What stands in lower case in front of the family's own name: "van der"."""
        words = self.family.split()
        count = 0
        while count < len(words) - 1 and words[count][0].islower():
            count += 1
        return " ".join(words[:count])

    @property
    def core(self) -> str:
        """The family's name without its particle."""
        return self.family[len(self.particle) :].strip()


def parse_name(name: str) -> Name:
    """Take an author's name apart.

    Args:
        name: as the file writes it: family first with a comma, given name first, or PubMed's short
            form, in which capitals at the end are initials.

    Returns:
        Its parts; ``literal`` where it names a body or cannot be taken apart.
    """
    name = " ".join(name.split())
    if _BODY.search(name):
        return Name(literal=name)
    if "," in name:
        return _family_first(name)
    words = name.split()
    suffix = words.pop() if len(words) > 2 and words[-1].lower() in _SUFFIXES else ""
    if len(words) < 2:
        return Name(literal=name)
    last = words[-1]
    if last.isupper() and _INITIALS.fullmatch(last) and "." not in last and "." not in words[0]:
        return Name(family=" ".join(words[:-1]), given=last, suffix=suffix)
    start = len(words) - 1
    while start > 1 and words[start - 1].lower() in _PARTICLES and words[start - 1][0].islower():
        start -= 1
    return Name(family=" ".join(words[start:]), given=" ".join(words[:start]), suffix=suffix)


def _family_first(name: str) -> Name:
    parts = [part.strip() for part in name.split(",")]
    if len(parts) == 3 and parts[1].lower() in _SUFFIXES:
        return Name(family=parts[0], given=parts[2], suffix=parts[1])
    if len(parts) == 3 and parts[2].lower() in _SUFFIXES:
        return Name(family=parts[0], given=parts[1], suffix=parts[2])
    if len(parts) == 2 and all(parts):
        return Name(family=parts[0], given=parts[1])
    return Name(literal=name)


def reading_order(name: str) -> str:
    """A name as it is said: "Moss, Ada" -> "Ada Moss"; all others as they stand."""
    if "," not in name:
        return name
    found = parse_name(name)
    if found.literal:
        return name
    return " ".join(part for part in (found.given, found.family, found.suffix) if part)
