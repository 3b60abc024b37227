"""An abstract's own structure: the sections it names, its paragraphs, the line of its copyright."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from corpus.document import BlockKind

_BREAK = r"(?>\r\n?|\n)"
# Words that begin a sentence and end at a colon, or stand on a line of their own.
_CANDIDATE = re.compile(
    rf"(?:\A\s*+|(?<=[.!?)\]%”\"’'])\s++|{_BREAK}[ \t]*+)"
    r"(?P<label>[A-Z][A-Za-z /&,()'’-]{2,70}?)[ \t]*"
    rf"(?::(?=\s|[A-Z])|(?<!:)(?={_BREAK}))"
)
_PARTS = re.compile(r"\s*(?:/|&|,|\band\b|\bor\b)\s*")
_LABELS = frozenset(
    """abstract aim aims approach assessment background case cases comparison conclusion
    conclusions context contribution control controls data design diagnosis discussion
    evaluation evidence experimental exposure exposures finding findings follow-up framework
    funding generalisability goal goals hypothesis impact implications importance indication
    innovation interpretation intervention interventions introduction keywords limitation
    limitations location material materials measure measurement measurements measures mechanism
    method methodology methods novelty objective objectives observation observational
    observations outcome outcomes overview participant participants patient patients perspective
    perspectives population procedure procedures prognosis purpose purposes question questions
    rationale recommendations registration relevance result results sample setting settings
    significance statement strengths subjects summary synthesis treatment treatments
    unlabelled""".split()
)
_PHRASES = frozenset(
    " ".join(words.split())
    for words in """aim of study; aim of the study; aims of the study; authors' conclusions;
    authors’ conclusions; background and aim; case description; case presentation; case report;
    case summary; clinical question; clinical relevance; clinical trial registration;
    clinical trials registration; conclusions and relevance; core tip; data analysis;
    data collection; data extraction; data source; data sources; data synthesis;
    eligibility criteria; exclusion criteria; experimental design; expert opinion;
    future directions; graphical abstract; impact and implications; inclusion criteria;
    information sources; key findings; key messages; key points; key results; lay summary;
    level of evidence; main findings; main measures; main outcome; main outcome measure;
    main outcome measures; main outcomes; main outcomes and measures; main results;
    measurements and main results; patient summary; plain language summary; primary outcome;
    primary outcomes; principal findings; research design; research question;
    review registration; risk of bias; search methods; search strategy; secondary outcomes;
    selection criteria; statistical analysis; study design; study population; study selection;
    systematic review registration; take home message; trial design; trial number;
    trial registration; trial registration number; what is known; what is new""".split(";")
)
_LINE_ENDS = re.compile(rf"(?<![ \t])[ \t]*+(?:{_BREAK}[ \t]*)+")
_BLANK_LINE = re.compile(rf"[ \t]*(?:{_BREAK}[ \t]*){{2,}}")
_COPYRIGHT = re.compile(
    r"(?<=[.!?)\]])\s+(?P<line>(?:Copyright\b|©|\([cC]\)\s*(?:Copyright\s*)?(?:19|20)\d\d)"
    r"[^\r\n]{4,300})\Z"
)


class Part(NamedTuple):
    """The words ``[start, end)`` of an abstract are one thing: a heading, a paragraph."""

    start: int
    end: int
    kind: BlockKind


def parts_of(text: str, *, lines: bool = False) -> Iterator[Part]:
    """Cut an abstract into the sections that it names and their paragraphs.

    Args:
        text: the abstract.
        lines: whether a line break behind a sentence's end begins a paragraph; else only a blank
            line does, as lines may have been broken by the program that wrote the file.

    Yields:
        Headings ("BACKGROUND", without its colon), paragraphs, and as a reference the line that
        says whose copyright it is. An abstract that names one section or none is paragraphs only.
    """
    end = len(text)
    copyright_line = _COPYRIGHT.search(text, max(0, end - 400))
    if copyright_line:
        end = copyright_line.start()
    found = [match for match in _CANDIDATE.finditer(text, 0, end) if _is_label(match)]
    if len(found) < 2:
        found = []
    start = 0
    for match in found:
        yield from _paragraphs(text, start, match.start("label"), lines)
        yield Part(match.start("label"), match.end("label"), BlockKind.HEADING)
        start = match.end()
    yield from _paragraphs(text, start, end, lines)
    if copyright_line:
        yield Part(copyright_line.start("line"), len(text), BlockKind.REFERENCE)


def _is_label(match: re.Match[str]) -> bool:
    """Whether a candidate names a section: "Background & Aims:", or "Methods" alone on its line."""
    before = match.string[match.start() : match.start("label")]
    own_line = match.start() == 0 or "\n" in before or "\r" in before
    if match.string[match.end() - 1] != ":" and not own_line:
        return False  # "…. Patients" at the end of a line that a program broke
    words = match["label"]
    label = " ".join(words.lower().split())
    if label in _PHRASES or all(part in _LABELS for part in _PARTS.split(label)):
        return True
    known = any(word in _LABELS for word in re.split(r"[^\w-]+", label))
    return words.isupper() and known and len(words.split()) >= 2


def _paragraphs(text: str, start: int, end: int, lines: bool) -> Iterator[Part]:
    for gap in [*_gaps(text, start, end, lines), (end, end)]:
        if text[start : gap[0]].strip():
            yield Part(start, gap[0], BlockKind.PARAGRAPH)
        start = gap[1]


def _gaps(text: str, start: int, end: int, lines: bool) -> Iterator[tuple[int, int]]:
    for match in _LINE_ENDS.finditer(text, start, end):
        ended = text[max(start, match.start() - 3) : match.start()].rstrip()[-1:] in {*".!?:"}
        if (lines and ended) or _BLANK_LINE.fullmatch(match.group()):
            yield match.start(), match.end()
