"""What two quotes must share before they can differ: outcome, treatment, patients, moment, measure.

Lists of words, made for trials of cancer of the liver, with endings that tell most other drugs.
Where a list knows nothing, nothing is compared: a difference that is not shown is a smaller harm
than a difference that is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple


class Mention(NamedTuple):
    """A name of something, and where it stands in a text."""

    name: str
    start: int
    end: int


def _compiled(patterns: Mapping[str, str]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((n, re.compile(rf"(?<!\w)(?:{p})(?!\w)", re.I)) for n, p in patterns.items())


# The first that matches a stretch of text takes it, so what is narrower stands first.
_OUTCOMES = _compiled(
    {
        "progression-free survival": r"progression[- ]free(?: survival)?|PFS",
        "recurrence-free survival": r"(?:recurrence|relapse|disease"
        r"|event)[- ]free(?: survival)?|[RDE]FS",
        "time to progression": r"(?:time )?to (?:tumou?r |radiologic(?:al)? )?progression|TTP"
        r"|delay\w* (?:of )?(?:tumou?r )?progression|without progression",
        "quality of life": r"quality of life|QoL",
        "disease control": r"disease[- ]control(?: rate)?|DCR",
        "complete response": r"complete(?:ly)? (?:respon\w+|remission\w*)",
        "partial response": r"partial(?:ly)? (?:respon\w+|remission\w*)",
        "duration of response": r"(?:duration of|lasting) responses?|responses? lasted",
        "response": r"(?:objective |overall |tumou?r )?respon(?:se|ses|ded|ders|d"
        r"|ding)(?: rates?)?|ORR"
        r"|shr[aiu]nk\w*|tumou?r regression",
        "serious adverse events": r"serious (?:adverse|side|drug)[- ](?:events?|effects?"
        r"|reactions?)|SAEs?",
        "discontinuation": r"discontinu\w+|stopped (?:treatment|taking)|withdr[ae]w\w*",
        "hand-foot skin reaction": r"hand[- ]foot(?: skin)?(?: reactions?| syndrome)?|HFSR",
        "diarrhoea": r"diarrho?ea",
        "fatigue": r"fatigue|tiredness|asthenia",
        "neutropenia": r"neutropa?enia",
        "thrombocytopenia": r"thrombocytopa?enia",
        "hypertension": r"hypertension|high blood pressure",
        "bleeding": r"bleed(?:ing|s)?|ha?emorrhages?",
        "ascites": r"ascites",
        "tolerability": r"tolera(?:ted|te|bility|ble|nce)",
        "liver failure": r"liver failure|hepatic failure|decompensation",
        "postembolisation syndrome": r"post-?emboli[sz]ation syndrome",
        "recurrence": r"recur(?:red|rences?|s)?|relaps\w+",
        "resection": r"(?:converted to|went on to|proceeded to) (?:resection|surgery)"
        r"|resectab(?:le|ility)",
        "mortality": r"mortality|deaths?|died|case fatality",
        "incidence": r"incidence|prevalence|by frequency|(?:most )?(?:frequent"
        r"|common) (?:primary )?cancers?",
        "residence": r"(?:live|living|lived) in (?!the (?:placebo|control))",
        "follow-up": r"follow(?:ed)?[- ]?up|followed",
        "age": r"aged?|years old",
        "dose": r"doses?|dosage|dosed",
        "treatment time": r"(?:duration|length|time) (?:of|on) (?:treatment|therapy)|cycles?"
        r"|treated for",
        "survival": r"overall survival|survival(?: time| rate)?|OS|lived?|lives|surviv(?:ed?"
        r"|ors?|ing)"
        r"|prolong\w* life|extend\w* life|longer life|outliv\w+",
    }
)
_DECOYS = frozenset({"residence", "follow-up", "age", "dose", "treatment time"})
"""What is named beside an outcome without being one; its figures are not compared."""

_SUFFIXES = (
    r"[a-z]{2,}(?:nib|zumab|tinib|rafenib|lumab|limab|mab|platin|rubicin|citabine|reotide"
    r"|feron|limus"
    r"|taxel|mustine|mycin|parib|ciclib|statin|oxifen|lidomide|trexed|fulven|tecan|poside|trexate"
    r"|xantrone|calcitol|gestrol|formin|sartan|prazole|azole|vir)s?"
)
_TREATMENTS = _compiled(
    {
        "placebo": r"placebo|dummy (?:drug|tablets?|pills?)|sham",
        "no treatment": r"(?:best )?supportive care|BSC|no treatment|untreated|observation alone"
        r"|control (?:group|arm|patients)|controls",
        "infusion": r"HAIC|HAI|hepatic arter\w+ infusion(?: chemotherapy)?",
        "chemoembolisation": r"c?TACE|DEB[- ]?TACE|HACE|(?:transarterial "
        r"|hepatic arterial )?chemo-?emboli[sz]ation",
        "radioembolisation": r"TARE|SIRT|radio-?emboli[sz]ation|yttrium\S*|Y-?90",
        "embolisation": r"TAE|(?:bland )?emboli[sz]ation",
        "stereotactic": r"SBRT|stereotactic\w*(?: body)?(?: radio\w+)?",
        "radiotherapy": r"radiotherapy|radiation(?: therapy)?|irradiat\w+",
        "radiofrequency": r"RFA|radio-?frequency(?: ablation)?",
        "microwave": r"MWA|microwave(?: ablation)?",
        "ethanol": r"PEI|ethanol injections?",
        "resection": r"resection|hepatectomy",
        "transplantation": r"(?:liver )?transplant\w*",
        "PIAF": r"PIAF",
        "FOLFOX": r"m?FOLFOX\d?",
        "GEMOX": r"GEMOX",
        "fluorouracil": r"5-?FU|(?:5-?)?fluorouracil",
        "interferon": r"(?:peg)?interferons?(?:[- ]alpha(?:-2[ab])?)?|IFN\S*",
        "doxorubicin": r"doxorubicin|adriamycin",
        "vitamin": r"vitamin [A-Z]\d*",
        "aspirin": r"aspirin|acetylsalicylic acid",
        "chemotherapy": r"chemotherap(?:y|ies)|cytotoxic (?:drugs?|treatment)",
        "immunotherapy": r"immunotherapy",
        "hormones": r"hormonal (?:therapy|treatment|drugs)",
        "somatostatin analogues": r"somatostatin analog(?:ue)?s?",
        "steroids": r"steroids?|dexamethasone|predniso(?:lo)?ne",
        "": _SUFFIXES,
    }
)
NOT_DRUGS = frozenset({"statin", "inhibitor", "trial"})
CONTROLS = frozenset({"placebo", "no treatment"})

# Both quotes must say the same, or neither anything.
_STRICT = _compiled(
    {
        "liver function": r"child[- ]pugh(?: (?:class|score))? [A-C]\d?|cirrhotic|cirrhosis"
        r"|decompensated",
        "virus": r"HBV|HCV|hepatitis [BC]|viral hepatitis|non-?viral",
        "age": r"elderly|older(?: than)?|young(?:er)?|children|adolescents|aged \d+",
        "sex": r"women|men|females?|males?",
        "grade": r"grades? \d(?:\s?(?:-|–|/|or|and|to)\s?\d)?|any[- ]grade|all[- ]grade|severe",
        "dose": r"(?:high|low|full|half|reduced|smaller|larger|higher|lower)[- ]doses?"
        r"|\d+(?:\.\d+)? mg\S*",
        "moment": r"(?:one|two|three|four|five|six|ten|\d+)[- ](?:year|month|week|day)"
        r"|(?:at|after|within|by) (?:one|two|three|four|five|six|ten|twelve|\d+) (?:year"
        r"|month|week|day)s?",
        "thrombus": r"PVTT?|portal[- ]vein(?: tumou?r)?(?: thromb\w+| invasion)?|vascular invasion",
        "spread": r"extrahepatic(?: spread| metastas[ei]s)?|(?:lung|bone) metastas[ei]s",
        "line": r"(?:first|second|third)[- ]line|previously treated|pretreated|refractory",
        "setting": r"(?:neo)?adjuvant|pre-?operative|post-?operative|after (?:resection|surgery)"
        r"|waiting list|maintenance",
        "form": r"pegylated|liposom\w*|long[- ]acting|oral|intravenous\w*|beads?",
        "criteria": r"m?RECIST|WHO criteria|EASL",
        "part": r"subgroup|subset|stratum|per[- ]protocol|responders|non-?responders|biomarker\w*",
        "people": r"Asian (?:patients|people)|Western (?:patients|people)|Japanese|Chinese|Korean"
        r"|European|African|American",
        "with": r"alone|monotherapy|single[- ]agent|combin\w+|plus|together with|added to|adding",
    }
)
_OF_FINDING = frozenset({"with", "form", "line"})
"""A question has these words for other reasons, too: "does it work alone?"."""
# Only what both say must be the same.
_LOOSE = _compiled(
    {
        "average": r"median|mean|average",
        "stage": r"advanced|early|intermediate|unresectable|resectable|metastatic",
        "tumour": r"HCC|hepatocellular|endocrine|carcinoid|colorectal|breast|biliary|cholangio\w+"
        r"|pancrea\w+|lung cancer|melanoma|renal|gastric",
    }
)
_ALIKE = {
    "hepatocellular": "hcc",
    "monotherapy": "alone",
    "single-agent": "alone",
    "single agent": "alone",
    "unresectable": "advanced",
    "hepatitis b": "hbv",
    "hepatitis c": "hcv",
    "average": "mean",
    "carcinoid": "endocrine",
    "plus": "combined",
    "together with": "combined",
    "added to": "combined",
    "adding": "combined",
}
_THAN = re.compile(
    r"\b(?:versus|vs\.?|compared (?:with|to)|in comparison (?:with|to)|than|over|against"
    r"|rather than"
    r"|relative to)(?=\W)",
    re.I,
)
_NUMBERS = dict(
    zip("one two three four five six ten twelve".split(), "1 2 3 4 5 6 10 12".split(), strict=True)
)


@lru_cache(maxsize=1024)
def outcomes(text: str) -> tuple[Mention, ...]:
    """The outcomes that a text names, in order; none inside another."""
    return tuple(_found(_OUTCOMES, text))


def outcome_names(text: str) -> frozenset[str]:
    """The names of the outcomes in a text, without what only stands beside one."""
    return frozenset(m.name for m in outcomes(text)) - _DECOYS


@lru_cache(maxsize=1024)
def treatments(text: str) -> tuple[Mention, ...]:
    """The treatments that a text names, placebo and no treatment among them, in order."""
    return tuple(m for m in _found(_TREATMENTS, text) if m.name not in NOT_DRUGS)


@lru_cache(maxsize=1024)
def tested(text: str) -> frozenset[str]:
    """The treatments that a text says something of: those behind "than" or "versus" left out."""
    text = _turned(text)
    than = _THAN.search(text)
    end = than.start() if than else len(text)
    named = treatments(text)
    before = {m.name for m in named if m.start < end}
    every = {m.name for m in named}
    real = before - CONTROLS
    return frozenset(real or before or every)


def without_studies(text: str) -> str:
    """Leave out what only names a study by its drug: "the ceritinib study"."""
    return re.sub(r"\b[\w-]+(?= (?:study|trial|review)\b)", "", text)


@lru_cache(maxsize=1024)
def compared_with(text: str) -> frozenset[str]:
    """The treatments that stand behind "than" or "versus"; empty where nothing is said."""
    text = _turned(text)
    than = _THAN.search(text)
    return frozenset(m.name for m in treatments(text) if than and m.start >= than.end())


def _turned(text: str) -> str:
    """Put an opening "Compared with X," behind the rest of its sentence."""
    opening = re.match(r"((?:compared|in comparison) (?:with|to) [^,]+),\s*(.+?)\.?$", text, re.I)
    return f"{opening[2]} {opening[1]}" if opening else text


def fits_setting(question: str, text: str) -> bool:
    """Whether a quote, with its heading, has each group, moment or dose that a question names."""
    return all(
        _values(pattern, question) <= _values(pattern, text)
        for name, pattern in _STRICT
        if name not in _OF_FINDING
    )


def same_setting(one: str, other: str, heading: str = "", other_heading: str = "") -> bool:
    """Whether patients, moment, measure and the like are the same as far as they are said.

    Args:
        one: a sentence.
        other: another one.
        heading: title and section of the one, for the kind of tumour.
        other_heading: title and section of the other.
    """
    for _, pattern in _STRICT:
        if _values(pattern, one) != _values(pattern, other):
            return False
    for name, pattern in _LOOSE:
        beside = name == "tumour"
        a = _values(pattern, one) or (_values(pattern, heading) if beside else frozenset())
        b = _values(pattern, other) or (_values(pattern, other_heading) if beside else frozenset())
        if a and b and not a & b:
            return False
    return True


@lru_cache(maxsize=8192)
def _values(pattern: re.Pattern[str], text: str) -> frozenset[str]:
    return frozenset(_plain(m.group()) for m in pattern.finditer(text))


def _plain(said: str) -> str:
    said = re.sub(r"[-–\s]+", " ", said.lower())
    said = re.sub(r"^(?:at|after|within|by) (?=.*(?:year|month|week|day))", "", said)
    said = re.sub(r"(year|month|week|day)s$", r"\1", said)
    said = " ".join(_NUMBERS.get(w, w) for w in said.split())
    said = re.sub(r"^combin\w+$", "combined", said)
    return _ALIKE.get(said, said)


def _found(patterns: Iterable[tuple[str, re.Pattern[str]]], text: str) -> list[Mention]:
    found: list[Mention] = []
    for name, pattern in patterns:
        for match in pattern.finditer(text):
            start, end = match.span()
            if all(end <= m.start or m.end <= start for m in found):
                found.append(Mention(name or match.group().lower().removesuffix("s"), start, end))
    return sorted(found, key=lambda m: m.start)
