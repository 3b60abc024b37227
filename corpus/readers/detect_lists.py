"""Lists of records told apart by their content: RIS, NBIB, BibTeX, EndNote, Web of Science."""

from __future__ import annotations

import codecs
import re
from pathlib import PurePath

from corpus.readers.columns import column_fields, is_list_header

_HEAD = 16_384
_WIDE = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NBIB = re.compile(r"\s*(?:PMID- ?\d|(?:PMC |UI  |OWN )- ?\w+[ \t]*\r?\n[A-Z]{2,4} {0,2}- )")
_RIS = re.compile(r"\s*(?:\d+\.\s+)?TY {1,2}- ?[A-Z]")
# Behind what a provider writes in front of the first record.
_RIS_LATER = re.compile(r"^TY {1,2}- ?[A-Z]{3,8}[ \t]*\r?\n[A-Z][A-Z0-9] {1,2}-", re.MULTILINE)
_RIS_END = re.compile(rb"^ER\0? \0?", re.MULTILINE)
_ENW = re.compile(r"\s*%0 [A-Z][A-Za-z ]{2,40}[ \t]*\r?\n%[A-Z0-9@] ")
_ISI = re.compile(r"\s*(?:FN [^\r\n]{3,80}\r?\nVR 1\.0\r?\n)?PT [A-Z]\r?\n(?:[A-Z][A-Z0-9] |   )")
_COMMENTS = r"\s*(?:%[^\r\n]*[\r\n]+\s*)*"
_FIRST_FIELD = r"[A-Za-z]+\s*[{(]\s*[^\s,={}()\"]*\s*,\s*[A-Za-z][\w-]*\s*="
_BIBTEX = re.compile(rf"{_COMMENTS}@(?:{_FIRST_FIELD}|(?i:comment|preamble|string)\s*[{{(])")
_BIBTEX_LATER = re.compile(rf"^[ \t]*@{_FIRST_FIELD}", re.MULTILINE)
_MARKED_UP = frozenset({".md", ".markdown", ".html", ".htm", ".xhtml"})
_MAX_PREAMBLE_LINE = 200


def list_of_records(data: bytes, name: str) -> str | None:
    """The reader of a list of records in tagged lines or in BibTeX; None for everything else.

    Args:
        data: the file's bytes.
        name: its name; in a page about such lists an example is no list.
    """
    head = text_head(data)
    starts = (_NBIB, "nbib"), (_RIS, "ris"), (_BIBTEX, "bibtex"), (_ENW, "enw"), (_ISI, "isi")
    for pattern, found in starts:
        if pattern.match(head):
            return found
    ending = PurePath(name).suffix.lower()
    if ending in _MARKED_UP:
        return None
    later = _RIS_LATER.search(head)
    if later and _is_preamble(head[: later.start()]) and _RIS_END.search(data):
        return "ris"
    if ending in {".bib", ".bibtex"} and _BIBTEX_LATER.search(head):
        return "bibtex"
    return None


def is_separated(data: bytes, name: str) -> bool:
    """Whether a file holds separated values: by its ending, else by the header of a list.

    Args:
        data: the file's bytes.
        name: its name.
    """
    head = text_head(data).lstrip()
    if PurePath(name).suffix.lower() in {".csv", ".tsv"}:
        return not head.startswith("<")
    line = re.match(r"[^\r\n]*", head)
    header = line.group() if line else ""
    for delimiter in "\t,;":
        names = [cell.strip('" ') for cell in header.split(delimiter)]
        if len(names) >= 4 and "abstract" in column_fields(names) and is_list_header(names):
            return True
    return False


def text_head(data: bytes) -> str:
    """The first characters of a file, wide encodings read by their mark, all others byte by byte.

    Enough to see words in ASCII; line ends are as they are.
    """
    for mark, encoding in _WIDE:
        if data.startswith(mark):
            return data[:_HEAD].decode(encoding, "replace")
    return data.removeprefix(codecs.BOM_UTF8)[:_HEAD].decode("latin-1")


def _is_preamble(text: str) -> bool:
    """Whether lines in front of a list are a provider's note, not a text that shows an example."""
    lines = [line for line in text.splitlines() if line.strip()]
    return len(lines) <= 20 and all(len(line) <= _MAX_PREAMBLE_LINE for line in lines)
