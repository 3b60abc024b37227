"""How section names, list marks and captions are written."""

from __future__ import annotations

import re

from corpus.readers.section_names import is_reference_section

_KNOWN_HEADING = re.compile(
    r"(?:(?:\d{1,2}|[IVX]{1,4})(?:\.\d{1,2})*\.?\s+)?(?:abstract|summary|introduction|background|"
    r"objectives?|aims?|(?:patients|subjects|materials?|participants) and methods?|methods?|"
    r"methodology|materials?(?: & methods)?|experimental(?: section| procedures?)?|"
    r"statistical analys[ie]s|results?|results? and discussions?|discussions?|limitations|"
    r"conclusions?|concluding remarks|acknowledge?ments?|funding|conflicts? of interests?|"
    r"competing interests|declarations?|abbreviations|appendix(?: [A-Z\d])?|"
    r"supplementary (?:materials?|information|data)|supporting information|"
    r"authors?['’]? (?:contributions?|details|information)|data availability|ethics statement|"
    r"key ?words)\s*:?",
    re.IGNORECASE,
)
LIST_MARK = re.compile(r"(?:[•●▪■◦‣∙·]|\(?(?:[ivx]{1,4}|[a-h]|\d{1,2})\)|\d{1,2}\.|[-–—])\s+\S")
CAPTION = re.compile(
    r"(?:(?:supplementary|supplemental|extended data)\s+)?(?:fig(?:ure|\.)?|table|tab\.|scheme|box|"
    r"chart|plate)\s*(?:S?\d+|[IVX]+)[A-Za-z]?\s*(?:[.:|)–—-]|\s(?-i:[A-Z(]))",
    re.IGNORECASE,
)


def is_known_heading(text: str) -> bool:
    """Whether a line or group is the usual name of a section by itself."""
    return _KNOWN_HEADING.fullmatch(text.strip()) is not None or is_reference_section(text)
