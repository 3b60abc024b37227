"""The usual names of a paper's sections, in one table for all readers."""

from __future__ import annotations

import re

REFERENCE_NAMES = frozenset(
    {
        *("references", "reference", "reference list", "list of references", "references list"),
        *("references and notes", "references and further reading", "references cited"),
        *("references and recommended reading", "references and footnotes"),
        *("notes and references", "footnotes and references", "endnotes and references"),
        *("bibliography", "bibliographic references", "bibliographical references"),
        *("select bibliography", "selected bibliography", "references and bibliography"),
        *("literature", "literature cited", "literature references", "cited literature"),
        *("works cited", "works consulted", "cited works", "cited references"),
        *("selected references", "suggested reading", "suggested readings", "further reading"),
        *("recommended reading", "sources cited", "reference citations"),
        *("additional references", "supplementary references", "supplemental references"),
        *("online references", "key references", "references for supplementary material"),
        *("references to studies included in this review", "references to studies"),
        *("references to studies excluded from this review", "references to ongoing studies"),
        *("references to other published versions of this review",),
        # The same in the languages that papers about patients are often written in.
        *("literatur", "literaturverzeichnis", "quellen", "quellenverzeichnis"),
        *("références", "références bibliographiques", "bibliographie"),
        *("referencias", "referencias bibliográficas", "bibliografía"),
        *("referências", "referências bibliográficas", "bibliografia", "riferimenti bibliografici"),
        *("referenser", "referanser", "referencer", "litteratur", "literatuur", "piśmiennictwo"),
        *("kaynaklar", "kaynakça", "список литературы", "литература", "βιβλιογραφία", "המקורות"),
        *("المراجع", "المصادر", "منابع", "참고문헌", "文献", "引用文献", "参考文献", "參考文獻"),
    }
)
"""Names of a list of references, in lower case."""

WEB_REFERENCE_NAMES = frozenset({"citation", "citations", "sources", "external links", "footnotes"})
"""Names that mean such a list on a web page; in a paper they may head a section of text."""

ABOUT_NAMES = frozenset(
    {
        *("authors", "author", "author information", "authors and affiliations", "affiliation"),
        *("affiliations", "author affiliations", "authors information", "corresponding author"),
        *("contributors", "article information", "article details", "article notes"),
        *("about this article", "cite this article", "how to cite", "cite as", "cite this page"),
        *("share this article", "share", "export citation", "download citation"),
        *("rights and permissions", "copyright", "copyright and license information", "licence"),
        *("license", "permissions", "publisher's note", "publication history", "publication types"),
        *("mesh terms", "keywords", "identifiers"),
        *("doi", "uri", "date", "publisher", "collections", "metadata", "series/report no."),
        *("similar articles", "related articles", "cited by", "cited by other articles"),
        *("articles citing this article", "recommended articles", "comment in"),
        *("linkout - more resources", "linkout", "full text links"),
        *("you might also like", "people also read", "most read", "most cited", "article metrics"),
    }
)
"""Names of parts of a web page that are about the article and no part of its text, lower case."""

SECTION_NAMES = (
    frozenset(
        """abstract summary introduction background methods method materials results result
        discussion conclusion conclusions acknowledgements acknowledgments acknowledgement funding
        abbreviations keywords figures tables appendix objective objectives aims findings
        interpretation limitations""".split()
    )
    | {
        "materials and methods",
        "methods and materials",
        "patients and methods",
        "mesh terms",
        "publication types",
        "substances",
        "results and discussion",
        "conflict of interest",
        "conflicts of interest",
        "competing interests",
    }
    | REFERENCE_NAMES
)
"""Names that head a section wherever they stand alone on a line, in lower case."""

_NUMBER = re.compile(r"(?:(?:\d{1,2}(?:\.\d{1,2}){0,3}|[IVX]{1,5})[.)]?|[A-Z][.)]|§)\s+")
_COUNT = re.compile(r"\s*[(\[]\s*\d{1,4}\s*[)\]]$")
_LONGEST = 120
_AROUND = " \t\r\n.:*_#–—-|\u00a0\u3000："


def section_name(heading: str) -> str:
    """A heading as the tables name it: lower case, without number, count and punctuation."""
    name = " ".join(heading.split())
    if len(name) <= _LONGEST:
        name = _NUMBER.sub("", name.strip(_AROUND), count=1)
        name = _COUNT.sub("", name).strip(_AROUND).replace(" & ", " and ")
    return name.lower()


def is_section_name(heading: str) -> bool:
    """Whether a line is the usual name of a section, numbered or not."""
    return section_name(heading) in SECTION_NAMES


def is_reference_section(heading: str, *, web: bool = False) -> bool:
    """Whether a heading opens a list of references.

    Args:
        heading: the heading's text.
        web: whether it heads a part of a web page, where more names mean such a list.
    """
    name = section_name(heading)
    return name in REFERENCE_NAMES or (web and name in WEB_REFERENCE_NAMES)


def is_about_section(heading: str) -> bool:
    """Whether a heading of a web page stands over what is about the article: who, where, how."""
    return section_name(heading) in ABOUT_NAMES
