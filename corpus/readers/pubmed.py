"""PubMed XML: records with their abstracts, as PubMed and its yearly files give them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from corpus.document import BlockKind
from corpus.metadata import doi_in
from corpus.readers.base import Metadata, Piece, RawBlock, RawDocument, Unreadable
from corpus.readers.jats_text import flatten, has_text, words
from corpus.readers.superscript import raise_powers
from corpus.readers.xml_tree import Element, Record, records

_RECORDS = frozenset({"PubmedArticle", "PubmedBookArticle", "MedlineCitation"})
_SKIPPED = frozenset(
    "MeshHeadingList ReferenceList ChemicalList KeywordList GrantList History DataBankList "
    "CommentsCorrectionsList SupplMeshList GeneSymbolList PersonalNameSubjectList AffiliationInfo "
    "InvestigatorList PublicationTypeList SpaceFlightMission CoiStatement".split()
)
"""Parts that hold no sentence of the authors' own; leaving them out makes reading quicker."""

_YEAR = re.compile(r"\b(?:1[5-9]|20)\d\d\b")
_OTHER_ABSTRACTS = {
    "plain-language-summary": "Plain language summary",
    "graphical-abstract": "Graphical abstract",
}


def read(data: bytes) -> Iterator[RawDocument | Unreadable]:
    """Read the records of a PubMed XML file, one at a time.

    Args:
        data: the file; a set of records or a single one.

    Yields:
        One document a record, with its PMID (else its number) as key; a record without an abstract
        comes as the reason.

    Raises:
        Unreadable: the XML is broken, made to do harm, or holds no record. It comes after the
            records in front of the place.
    """
    number = 0
    for record in records(data, _RECORDS, _SKIPPED):
        number += 1
        yield _document(record, number)
    if not number:
        raise Unreadable("is PubMed XML without a record in it", "Export it again from PubMed.")


def _document(record: Record, number: int) -> RawDocument | Unreadable:
    raw = record.raw
    raise_powers(record.root, raw)
    citation = record.root.find("MedlineCitation") or record.root.find("BookDocument")
    citation = citation or record.root
    article = citation.find("Article") or citation  # of a book the citation itself
    metadata = _metadata(record.root, citation, article, raw)
    key = metadata.pmid or str(number)
    blocks = _blocks(article, citation, raw)
    if all(block.kind in (BlockKind.TITLE, BlockKind.HEADING) for block in blocks):
        return Unreadable("has no abstract", key=key)
    return RawDocument(
        raw=raw,
        blocks=blocks,
        metadata=metadata,
        format="pubmed",
        key=key,
        first=record.first,
        record=record.data,
    )


def _blocks(article: Element, citation: Element, raw: str) -> list[RawBlock]:
    """Title, abstract and other abstracts."""
    blocks: list[RawBlock] = []
    title = _title(article)
    if title is not None and has_text(pieces := flatten(title, raw), raw):
        blocks.append(RawBlock(BlockKind.TITLE, (tuple(pieces),)))
    for abstract in (*article.all("Abstract"), *citation.all("OtherAbstract")):
        texts = _abstract(abstract, raw)
        if texts:
            blocks += [_stated(abstract, _name_of(abstract), 1), *texts]
    return blocks


def _title(article: Element) -> Element | None:
    """The title; of a book without one of its own, that of the book."""
    for path in (("ArticleTitle",), ("Book", "BookTitle"), ("VernacularTitle",)):
        node = article.find(*path)
        if node is not None and node.children:
            return node
    return None


def _abstract(abstract: Element, raw: str) -> list[RawBlock]:
    """The texts of an abstract under their labels; who holds the copyright is left out."""
    blocks: list[RawBlock] = []
    for node in abstract.all("AbstractText"):
        pieces = tuple(flatten(node, raw))
        if not has_text(pieces, raw):
            continue
        label = node.attributes.get("Label", "").strip()
        if label and label.upper() not in ("UNLABELLED", "UNLABELED", "UNASSIGNED"):
            blocks.append(_stated(node, label, 2))
        blocks.append(RawBlock(BlockKind.PARAGRAPH, (pieces,)))
    return blocks


def _stated(node: Element, name: str, level: int) -> RawBlock:
    """A heading that stands in an element's tag."""
    return RawBlock(BlockKind.HEADING, ((Piece(node.start, node.end, name),),), level=level)


def _name_of(abstract: Element) -> str:
    kind = abstract.attributes.get("Type", "").lower()
    name = _OTHER_ABSTRACTS.get(kind, "Abstract")
    language = abstract.attributes.get("Language", "")
    return f"{name} ({language})" if language not in ("", "eng") else name


def _metadata(record: Element, citation: Element, article: Element, raw: str) -> Metadata:
    issue = article.find("Journal", "JournalIssue") or Element("JournalIssue")
    book = article.find("Book") or Element("Book")
    ids = _identifiers(record, citation, article, raw)
    title = words(_title(article), raw)
    journal = words(article.find("Journal", "Title"), raw)
    return Metadata(
        title=title.removesuffix(".") if title else None,
        authors=tuple(_authors(article, book, raw)),
        year=_year(article, issue, book, raw),
        journal=journal
        or words(article.find("Journal", "ISOAbbreviation"), raw)
        or words(citation.find("MedlineJournalInfo", "MedlineTA"), raw)
        or words(book.find("BookTitle"), raw),
        doi=doi_in(ids.get("doi", "")),
        pmid=words(citation.find("PMID"), raw),
        pmcid=ids.get("pmc", ids.get("pmcid", "")).upper() or None,
        volume=words(issue.find("Volume"), raw) or words(book.find("Volume"), raw),
        issue=words(issue.find("Issue"), raw),
        page_range=_page_range(article, raw),
    )


def _identifiers(record: Element, citation: Element, article: Element, raw: str) -> dict[str, str]:
    """Identifiers by kind: those of the list, then those in the article."""
    ids: dict[str, str] = {}
    lists = [record.find(part, "ArticleIdList") for part in ("PubmedData", "PubmedBookData")]
    for group in (*lists, citation.find("ArticleIdList")):
        for node in group.all("ArticleId") if group else ():
            ids.setdefault(node.attributes.get("IdType", "").lower(), node.text(raw))
    for node in article.all("ELocationID"):
        if node.attributes.get("ValidYN", "Y") == "Y":
            ids.setdefault(node.attributes.get("EIdType", "").lower(), node.text(raw))
    for node in citation.all("OtherID"):
        text = node.text(raw)
        if node.attributes.get("Source") == "NLM" and text.startswith("PMC"):
            ids.setdefault("pmc", text.split()[0])
    return ids


def _authors(article: Element, book: Element, raw: str) -> Iterator[str]:
    lists = [n for n in article.all("AuthorList") if n.attributes.get("Type") != "editors"]
    for author in (lists or list(book.all("AuthorList")))[:1]:
        for node in author.all("Author"):
            if node.attributes.get("ValidYN", "Y") != "Y":
                continue
            parts = [words(node.find(tag), raw) for tag in ("ForeName", "LastName", "Suffix")]
            parts[0] = parts[0] or words(node.find("Initials"), raw)
            name = " ".join(p for p in parts if p) or words(node.find("CollectiveName"), raw)
            if name:
                yield name


def _year(article: Element, issue: Element, book: Element, raw: str) -> int | None:
    """The year of the issue; else that of the electronic article or of the book."""
    dates = (
        issue.find("PubDate"),
        article.find("ArticleDate"),
        article.find("ContributionDate"),
        book.find("PubDate"),
    )
    for date in dates:
        for part in date.all("Year", "MedlineDate") if date is not None else ():
            if match := _YEAR.search(part.text(raw)):
                return int(match.group())
    return None


def _page_range(article: Element, raw: str) -> str | None:
    pages = article.find("Pagination") or Element("Pagination")
    stated = words(pages.find("MedlinePgn"), raw)
    if stated is None:
        ends = [words(pages.find(tag), raw) for tag in ("StartPage", "EndPage")]
        stated = "-".join(end for end in ends if end) or None
    return stated
