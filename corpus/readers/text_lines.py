"""Lines of a plain-text file, and what kind of line each is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

# Lines that saved web pages bring along: they belong to the page, not to the document.
_FURNITURE = re.compile(
    r"""^(?:
      skip\ to\ (?:main|page|content|navigation|search).*
    | (?:u\.?s\.?|uk|eu)\ flag
    | an\ official\ website\ of\ .*
    | official\ websites\ use\ .*
    | dot\ gov | https | lock
    | the\ \.gov\ means\ it.s\ official\.? | the\ site\ is\ secure\.?
    | federal\ government\ websites\ often\ end\ in\ .*
    | a\ \.gov\ website\ belongs\ to\ .*
    | secure\ \.gov\ websites\ use\ https.*
    | share\ sensitive\ information\ only\ on\ .*
    | the\ https://\ ensures\ that\ you\ are\ connecting\ .*
    | here.s\ how\ you\ know
    | access\ keys\ .*
    | (?:ncbi\ homepage|myncbi\ homepage|main\ content|main\ navigation)
    | pubmed\ disclaimer | disclaimer | permalink | full\ text\ links | linkout.* | format
    | affiliations? | expand | collapse | show\ (?:more|less) | see\ all.*
    | all\ rights\ reserved\.?
    | (?:sign|log)\ in | my\ account | home | about | faq | contact | search | menu | share | print
    | (?:send\ to|save|email|cite|favorites|clipboard|download(?:\ pdf)?|display\ options)
    | accept\ (?:all\ )?cookies | cookie\ (?:settings|policy)
    | (?:figures?|tables?|supplementary\ (?:info|material))
    | (?:review|comparative\ study|case\ reports?|clinical\ trial|meta-analysis|editorial)
    | (?:fig(?:ure)?\.?|table)\ ?\d{1,3}[a-z]?\.?
    | \W*
    )$""",
    re.IGNORECASE | re.VERBOSE,
)
_TERMINAL = re.compile(r"[.!?:;][\"'”’)\]]*(?:\[[\d,\s–-]+\])?$")
_BULLET = re.compile(r"^(?:[•▪◦‣·*]|[-–](?=\s))\s*")
_ENTRY = re.compile(r"^(?:\[?\d{1,3}[\].)]?|[•*-])\s+\S")
_NUMBERED = re.compile(r"^(?:\[\d{1,3}\]|\d{1,3}[.)])\s+")


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its source range without surrounding white space, its text and its indent."""

    start: int
    end: int
    text: str
    indent: int

    @property
    def blank(self) -> bool:
        """Whether nothing stands on it."""
        return not self.text


def split_lines(raw: str) -> list[Line]:
    """The lines of ``raw`` (broken at LF, CRLF, CR or a form feed) with their source offsets."""
    lines: list[Line] = []
    offset = 0
    for whole in re.split(r"(?<=\n)|(?<=\r)(?!\n)|(?<=\f)", raw):
        text = whole.strip()
        lead = len(whole) - len(whole.lstrip())
        lines.append(Line(offset + lead, offset + lead + len(text), text, lead))
        offset += len(whole)
    return lines


def is_furniture(text: str) -> bool:
    """Whether a line is page furniture: navigation, banners, figure links, lone punctuation."""
    return len(text) < 400 and _FURNITURE.match(text) is not None


def is_capitals(text: str) -> bool:
    """Whether a short line is set in capitals, as headings are."""
    letters = [c for c in text if c.isalpha()]
    return (
        len(letters) >= 4
        and len(text) <= 90
        and not any(c.islower() for c in letters)
        and not _TERMINAL.search(text)
        and (" " in text or len(letters) >= 6)
    )


def ends_sentence(text: str) -> bool:
    """Whether a line ends where a sentence may end."""
    return _TERMINAL.search(text) is not None


def list_marker(text: str) -> int:
    """Length of a bullet or number at the line's start; 0 where there is none."""
    match = _BULLET.match(text) or _NUMBERED.match(text)
    return match.end() if match and match.end() < len(text) else 0


def starts_reference(text: str) -> bool:
    """Whether a line of a reference list begins a new entry: "12 Roe J", "[12] Roe J"."""
    return _ENTRY.match(text) is not None


def wrapped_width(lines: list[Line]) -> int:
    """The usual width of full lines where the file breaks its lines inside sentences; else 0.

    A file counts as wrapped where at least a quarter of the neighbouring pairs of lines go on in
    lower case: in a file with a paragraph a line hardly any do.
    """
    pairs = [(a, b) for a, b in pairwise(lines) if not a.blank and not b.blank]
    running = [a for a, b in pairs if b.text[0].islower() and not ends_sentence(a.text)]
    if len(running) < 2 or len(running) * 4 < len(pairs):
        return 0
    return int(median(len(line.text) for line in running))
