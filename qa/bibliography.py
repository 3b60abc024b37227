"""The cited sources as a bibliography: BibTeX, RIS and CSL-JSON, for any reference manager."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING

from qa.answer import Answer, DocumentRef
from qa.names import Name, parse_name

if TYPE_CHECKING:
    from pylatexenc.latexencode import UnicodeToLatexEncoder

_PLAIN_LETTERS = str.maketrans(
    {"ß": "ss", "ø": "o", "ł": "l", "æ": "ae", "œ": "oe", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
)
_SMALL_WORDS = frozenset(
    """the and with from for that this into over under after before between among versus against
    about does what when which your their its are was were has have how why can""".split()
)
_LATEX = {
    # BibTeX counts an escaped brace, so braces go by name.
    **{
        "\\": r"{\textbackslash}",
        "{": r"{\ensuremath{\lbrace}}",
        "}": r"{\ensuremath{\rbrace}}",
        "$": r"\$",
        "&": r"\&",
        "%": r"\%",
    },
    **{"#": r"\#", "_": r"\_", "~": r"{\textasciitilde}", "^": r"{\textasciicircum}"},
    **{"<": r"{\ensuremath{<}}", ">": r"{\ensuremath{>}}"},
}
# Neighbours that LaTeX would read as one sign.
_LIGATURES = re.compile(r"(?<=-)(?=-)|(?<=')(?=')|(?<=`)(?=`)")
_PAGES = re.compile(r"([A-Za-z]*)(\d+)\s*[-–]\s*([A-Za-z]*)(\d+)")


class Sources:
    """The sources that are cited, each numbered from 1 in the order of its first citation.

    Two files with the same DOI, or without one the same PMID, are one source.
    """

    def __init__(self) -> None:
        self.documents: list[DocumentRef] = []
        self._numbers: dict[str, int] = {}

    def number(self, document: DocumentRef) -> int:
        """Give a document's number; the next one where its source is not among them yet."""
        names = [f"id {document.id}"]
        if document.doi:
            names.append(f"doi {document.doi.lower()}")
        elif document.pmid:
            names.append(f"pmid {document.pmid}")
        known = next((self._numbers[name] for name in names if name in self._numbers), None)
        if known is None:
            self.documents.append(document)
            known = len(self.documents)
        for name in names:
            self._numbers.setdefault(name, known)
        return known


def cited_documents(answers: Iterable[Answer]) -> list[DocumentRef]:
    """The sources that the answers cite, each once, in the order of their first citation."""
    sources = Sources()
    for answer in answers:
        for citation in answer.citations:
            sources.number(citation.document)
    return sources.documents


def citation_keys(documents: Sequence[DocumentRef]) -> list[str]:
    """A key for each document: first author, year, first word of the title ("moss2020tea").

    Letters and digits of ASCII only. A key that is taken gets "-2", "-3" … behind it.
    """
    keys: list[str] = []
    for document in documents:
        author = _folded(_first_author(document)) or "anon"
        words = (_folded(word) for word in re.split(r"[\W_]+", document.title))
        title = next((w for w in words if len(w) > 2 and w not in _SMALL_WORDS), "")
        key = base = f"{author}{document.year or ''}{title}"
        number = 1
        while key in keys:
            number += 1
            key = f"{base}-{number}"
        keys.append(key)
    return keys


def _first_author(document: DocumentRef) -> str:
    if not document.authors:
        return ""
    name = parse_name(document.authors[0])
    return name.core or name.literal.split()[0]


def _folded(words: str) -> str:
    """The letters and digits without their marks, in lower case."""
    plain = unicodedata.normalize("NFKD", words.lower().translate(_PLAIN_LETTERS))
    return "".join(c for c in plain if c.isascii() and c.isalnum())


def to_bibtex(documents: Sequence[DocumentRef]) -> str:
    """The documents as BibTeX, UTF-8.

    A letter is written as a LaTeX command where that is read back as the same letter, else as it
    is. Words of a title with capitals are in braces, so that no style writes them small.
    """
    from bibtexparser.entrypoint import write_string
    from bibtexparser.library import Library
    from bibtexparser.model import Block, Entry, Field

    entries: list[Block] = []
    for key, document in zip(citation_keys(documents), documents, strict=True):
        kind = "article" if document.journal else "misc"
        fields = _bibtex_fields(document)
        entries.append(Entry(kind, key, [Field(name, words) for name, words in fields.items()]))
    return write_string(Library(entries)) if entries else ""


def _bibtex_fields(document: DocumentRef) -> dict[str, str]:
    pages = _line(document.page_range or "")
    match = _PAGES.fullmatch(pages)
    fields = {
        "author": " and ".join(_bibtex_name(parse_name(name)) for name in document.authors),
        "title": " ".join(map(_protected, _title(document).split())),
        "journal": latex(document.journal or ""),
        "year": str(document.year or ""),
        "volume": latex(document.volume or ""),
        "number": latex(document.issue or ""),
        "pages": re.sub(r"\s*[-–]\s*", "--", pages) if match else latex(pages),
        # Programs take identifiers as they are; only a brace would break the file.
        "doi": _line(document.doi or "").replace("{", "%7B").replace("}", "%7D"),
        "pmid": _line(document.pmid or ""),
        "pmcid": _line(document.pmcid or ""),
        "note": latex(f"Digest of: {document.digest_of}") if document.digest_of else "",
    }
    return {name: words for name, words in fields.items() if words}


def _bibtex_name(name: Name) -> str:
    if name.literal:
        return f"{{{latex(name.literal)}}}"
    parts = [_unsplit(part) for part in (name.family, name.suffix, name.given) if part]
    return ", ".join(parts)


def _unsplit(part: str) -> str:
    """A part of a name, in braces where BibTeX would take it for two."""
    words = latex(part)
    return f"{{{words}}}" if "," in part or re.search(r"\band\b", part, re.IGNORECASE) else words


def _protected(word: str) -> str:
    return f"{{{latex(word)}}}" if any(c.isupper() for c in word) else latex(word)


def latex(words: str) -> str:
    """Words as LaTeX that shows exactly these words, on one line."""
    return "".join(map(_latex_of, _LIGATURES.sub("\0", _line(words))))


@cache
def _latex_of(character: str) -> str:
    """A character as LaTeX; as it is where no command is read back as exactly this character."""
    if character == "\0":
        return "{}"
    if character.isascii():
        return _LATEX.get(character, character)
    from pylatexenc.latex2text import LatexNodes2Text

    written = str(_encoder().unicode_to_latex(character))
    read = LatexNodes2Text().latex_to_text(written)
    if read != character or unicodedata.normalize("NFC", read) != character:
        return character
    return written


@cache
def _encoder() -> UnicodeToLatexEncoder:
    from pylatexenc.latexencode import UnicodeToLatexEncoder

    return UnicodeToLatexEncoder(
        replacement_latex_protection="braces-all",
        unknown_char_policy="keep",
        unknown_char_warning=False,
    )


def to_ris(documents: Sequence[DocumentRef]) -> str:
    """The documents as RIS, UTF-8, with EndNote's places for PMID (AN) and PMCID (C2)."""
    import rispy

    class Writer(rispy.RisWriter):  # type: ignore[misc]
        def set_header(self, count: int) -> str:
            return ""  # no number in front of a record: not every program reads past it

    keys = citation_keys(documents)
    entries = [_ris_entry(*pair) for pair in zip(keys, documents, strict=True)]
    return str(rispy.dumps(entries, implementation=Writer)) if entries else ""


def _ris_entry(key: str, document: DocumentRef) -> dict[str, str | list[str]]:
    first, last = _page_ends(_line(document.page_range or ""))
    journal = _line(document.journal or "")
    fields: dict[str, str | list[str]] = {
        "type_of_reference": "JOUR" if journal else "GEN",
        "id": key,
        "authors": [_ris_name(parse_name(name)) for name in document.authors],
        "title": _title(document),
        "secondary_title": journal,
        "journal_name": journal,
        "year": str(document.year or ""),
        "volume": _line(document.volume or ""),
        "number": _line(document.issue or ""),
        "start_page": first,
        "end_page": last,
        "doi": _line(document.doi or ""),
        "accession_number": _line(document.pmid or ""),
        "name_of_database": "PubMed" if document.pmid else "",
        "custom2": _line(document.pmcid or ""),
        "notes": [f"Digest of: {_line(document.digest_of)}"] if document.digest_of else [],
    }
    return {name: words for name, words in fields.items() if words}


def _ris_name(name: Name) -> str:
    if name.literal:
        return name.literal
    return ", ".join(part for part in (name.family, name.given, name.suffix) if part)


def _page_ends(pages: str) -> tuple[str, str]:
    """First and last page, the last one whole: "233-41" -> "233", "241"."""
    match = _PAGES.fullmatch(pages)
    if match is None:
        return pages, ""
    first, last = match[2], match[4]
    missing = len(first) - len(last)
    whole = first[:missing] + last if missing > 0 and not match[3] else last
    return match[1] + first, (match[3] or match[1]) + whole


def to_csl_json(documents: Sequence[DocumentRef]) -> str:
    """The documents as CSL-JSON (Citation Style Language 1.0.2), as Zotero and Pandoc read it."""
    keys = citation_keys(documents)
    items = [_csl_item(*pair) for pair in zip(keys, documents, strict=True)]
    return json.dumps(items, ensure_ascii=False, indent=2) + "\n"


def _csl_item(key: str, document: DocumentRef) -> Mapping[str, object]:
    item: dict[str, object] = {
        "id": key,
        "type": "article-journal" if document.journal else "document",
        "title": _title(document),
        "author": [_csl_name(parse_name(name)) for name in document.authors],
        "container-title": _line(document.journal or ""),
        "issued": {"date-parts": [[document.year]]} if document.year else None,
        "volume": _line(document.volume or ""),
        "issue": _line(document.issue or ""),
        "page": _line(document.page_range or ""),
        "DOI": _line(document.doi or ""),
        "PMID": _line(document.pmid or ""),
        "PMCID": _line(document.pmcid or ""),
        "note": f"Digest of: {_line(document.digest_of)}" if document.digest_of else "",
    }
    return {name: value for name, value in item.items() if value}


def _csl_name(name: Name) -> dict[str, str]:
    if name.literal:
        return {"literal": name.literal}
    parts = {
        "family": name.core,
        "given": name.given,
        "non-dropping-particle": name.particle,
        "suffix": name.suffix,
    }
    return {part: words for part, words in parts.items() if words}


def _title(document: DocumentRef) -> str:
    """The title without the full stop that some files put behind it."""
    title = _line(document.title)
    return title[:-1] if title.endswith(".") and not title.endswith("..") else title


def _line(words: str) -> str:
    return " ".join(words.split())


WRITERS: Mapping[str, Callable[[Sequence[DocumentRef]], str]] = {
    "bibtex": to_bibtex,
    "ris": to_ris,
    "csl-json": to_csl_json,
}
"""Writer of each format, by its name."""
