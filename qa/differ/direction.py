"""What a sentence says of an outcome: that it became better, or that it did not."""

from __future__ import annotations

import re
from typing import Literal

from qa.differ.words import outcomes

Direction = Literal["better", "not better"]

_GAIN = (
    r"improv\w*|prolong\w*|lengthen\w*|extend\w*|(?:live[ds]?|surviv\w+|was|were"
    r"|significantly) longer"
    r"|longer (?:overall |median )?(?:survival|life|progression)|benefit\w*|advantage\w*"
    r"|effective\w*"
    r"|efficac\w+|superior\w*|better|help(?:s|ed|ful)?|gain\w*|worked|works|success\w*|succeed\w*"
    r"|outliv\w+|protect\w*|activity|active"
    r"|(?:increase[ds]?|raise[ds]?|doubled?) (?:the |median |overall )*(?:survival|response)"
    r"|(?:reduc\w+|lower\w*|decreas\w+|cut|halved) (?:the |risk of |risk for |rate of |overall )*"
    r"(?:mortality|deaths?|dying|recurrences?|progression|bleeding|incidence)"
    r"|(?:mortality|deaths?|recurrences?|bleeding|incidence) (?:was|were) (?:significantly )?"
    r"(?:lower|reduced|less|rarer)|(?:well|better) tolerated|tolerable|tolera\w+ (?:\w+ )?well"
    r"|fewer (?:\w+ ){0,2}(?:deaths|recurrences|relapses)|delay\w*"
)
_LOSS = (
    r"ineffective\w*|inactive|inferior|worse\w*|disappoint\w*|fail(?:s|ed|ure)?|useless"
    r"|futile|harm\w*"
    r"|(?:live[ds]?|survival was) (?:significantly )?shorter|shorter (?:overall |median )?survival"
    r"|shorten\w*|unchanged|unaffected"
    r"|(?:poorly|badly) tolerated|intolerable|as (?:often|frequent\w*|common\w*|high|long|many)"
    r"|no longer than|similar|comparable|the same|equal\w*|identical|as long as"
    r"|(?:increas\w+|rais\w+) (?:the )?(?:risk of |rate of )?(?:mortality|deaths?|dying"
    r"|recurrences?|bleeding)"
    r"|more (?:deaths|recurrences|relapses)"
)
_DENIED = (
    r"no|not|n[o']t|never|none|neither|nor|without|lack(?:s|ed|ing)?|absence of|nothing"
    r"|hardly|little"
    r"|fail(?:s|ed)? to|unable to|cannot|didn['’]t|doesn['’]t|unlikely to"
)
_NO_DIFFERENCE = re.compile(
    r"\b(?:no|not|without|nor)\b[^.;]{0,30}\b(?:differ(?:ence|ences|ed|s|ent)?|change[ds]?"
    r"|affect(?:ed)?"
    r"|influence[ds]?|effect|impact)\b|\bdid not (?:differ|change|affect|influence)"
    r"|\bmade no difference",
    re.I,
)
# Aims, open questions and single patients are no findings; neither is what is only not inferior.
_NO_FINDING = re.compile(
    r"\b(?:may|might|could|would|should|whether|if|aim(?:s|ed|ing)?|hop(?:e|ed|es|ing)|expect\w*"
    r"|designed to|intended to|in order to|hypothes\w+|assum\w+|planned|plans|under way|ongoing"
    r"|has not been (?:tested|studied|examined)|not (?:yet )?(?:known|clear|established"
    r"|reported|stated)"
    r"|unclear|unknown|remains? open|not enough|does not (?:say|show|report|give|mention)"
    r"|says nothing"
    r"|non-?inferior\w*|not inferior|not worse|trend|tended|case report|needs? to be|was tested"
    r"|were tested|rationale|endpoint was|end ?point of|defined|reports? no|gives? no|not part of"
    r"|weak ground|thin)\b|\?",
    re.I,
)
_GAIN_RE = re.compile(rf"\b(?:{_GAIN})\b", re.I)
_LOSS_RE = re.compile(rf"\b(?:{_LOSS})\b", re.I)
_DENIED_RE = re.compile(rf"\b(?:{_DENIED})\b", re.I)
_TURN = re.compile(
    r"\b(?:but|although|though|while|whereas|however|despite|even though|yet|except)\b|;", re.I
)
# Neither denies a gain: "not only", "not just", and what was "not statistically significant" later.
_NOT_ONLY = re.compile(r"\bnot (?:only|just|merely)\b|\bno doubt\b", re.I)
_SURE = ("fail", "ineffective", "no longer", "poorly", "badly", "as ")
_YES = re.compile(r"^(?:yes|positive|longer|improved|better)\b", re.I)
_NO = re.compile(r"^(?:no|none|negative|not|no longer)\b", re.I)


def direction(text: str, outcome: str) -> Direction | None:
    """What a sentence says of an outcome; None where it says nothing, two things, or only hopes.

    Args:
        text: the sentence.
        outcome: a name as ``qa.differ.words.outcomes`` gives it.
    """
    if _NO_FINDING.search(text):
        return None
    found = {
        said
        for clause in _TURN.split(_NOT_ONLY.sub(" ", text))
        if outcome in {m.name for m in outcomes(clause)} and (said := _of_clause(clause))
    }
    return found.pop() if len(found) == 1 else None


def row_direction(cells: str, header: str, outcome: str) -> Direction | None:
    """What a table row says of an outcome, by "Yes", "No" or "None" under its column."""
    found: set[Direction] = set()
    for cell, column in zip(cells.split(" | "), header.split(" | "), strict=False):
        if outcome not in {m.name for m in outcomes(column)}:
            continue
        if _NO.match(cell.strip()):
            found.add("not better")
        elif _YES.match(cell.strip()) and _GAIN_RE.search(f"{column} longer survival"):
            found.add("better")
    return found.pop() if len(found) == 1 else None


def _of_clause(clause: str) -> Direction | None:
    if _NO_DIFFERENCE.search(clause):
        return "not better"
    gain, loss = _GAIN_RE.search(clause), _LOSS_RE.search(clause)
    denied = _DENIED_RE.search(clause)
    if gain and denied:
        # "No trial showed a benefit", "did not prolong": the denial stands before the gain. Behind
        # it ("improved survival, not quality of life") it may belong to something else.
        return "not better" if denied.start() < gain.start() else None
    if loss and denied and not loss.group().lower().startswith(_SURE):
        return None
    if loss:
        return "not better" if not gain or loss.group().lower().startswith(_SURE) else None
    return "better" if gain else None
