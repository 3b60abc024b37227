"""The names of a list of references are one table, and every reader knows all of them."""

from __future__ import annotations

import pytest

from corpus.document import BlockKind, Document
from corpus.load import load_bytes
from corpus.readers.section_names import is_reference_section, is_section_name

ENTRY = "Roe J, Doe M. Of mice in wards. Journal of Examples 2011;4:1-9."
PROSE = "Mice were weighed twice a day for twelve weeks, and none of them was found to lose weight."


@pytest.mark.parametrize(
    "heading",
    [
        "References",
        "REFERENCES:",
        "References (43)",
        "5. References",
        "5.1 References",
        "VII. References",
        "Works cited",
        "Literature cited",
        "References and notes",
        "References & Notes",
        "Reference list",
        "Bibliography",
        "Cited references",
        "Literaturverzeichnis",
        "Références",
        "参考文献",
    ],
)
def test_a_list_of_references_is_known_by_its_name(heading: str) -> None:
    assert is_reference_section(heading)
    assert is_section_name(heading)


@pytest.mark.parametrize(
    "heading",
    [
        "Reference values",
        "Reference standard and index test",
        "Literature search",
        "Sources",
        "Sources of funding",
        "Citations",
        "IV fluids",
        "",
        "...",
        "A. B.",
    ],
)
def test_other_headings_are_not_taken_for_one(heading: str) -> None:
    assert not is_reference_section(heading)


def test_a_web_page_knows_more_names() -> None:
    for name in ("Sources", "Citations", "External links", "Footnotes"):
        assert is_reference_section(name, web=True)


def kind_of_entry(document: Document) -> BlockKind:
    (block,) = [b for b in document.blocks if "Roe J" in document.text[b.start : b.end]]
    return block.kind


@pytest.mark.parametrize(
    "heading", ["Works cited", "Literature cited", "References and notes", "Cited literature"]
)
@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("a.txt", "A trial in mice\n\n{prose}\n\n{heading}\n\n{entry}\n"),
        ("a.md", "# A trial in mice\n\n{prose}\n\n## {heading}\n\n1. {entry}\n"),
        ("a.html", "<h1>A trial</h1><p>{prose}</p><h2>{heading}</h2><ol><li>{entry}</li></ol>"),
    ],
    ids=["text", "markdown", "html"],
)
def test_every_reader_tells_the_entries_from_the_text(name: str, form: str, heading: str) -> None:
    document = load_bytes(form.format(prose=PROSE, heading=heading, entry=ENTRY).encode(), name)
    assert PROSE in document.text
    assert kind_of_entry(document) is BlockKind.REFERENCE
