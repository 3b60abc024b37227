"""Citations in words."""

from __future__ import annotations

import pytest

from qa.answer import Citation, DocumentRef, Marked, Quote
from qa.citing import (
    doi_link,
    emphasis,
    entry,
    pages,
    percent,
    place,
    quote_with_reference,
    reference,
    sureness,
)

TRIAL = DocumentRef(
    id="0" * 16,
    title="A trial of tea.",
    source="tea.pdf",
    authors=("Ada Moss", "Ben Oak", "Cy Elm", "Di Fir"),
    year=1999,
    journal="Journal of Kettles",
    doi="10.1000/tea.1",
)


def cited(document: DocumentRef, **more: object) -> Citation:
    fields = {"n": 1, "section": None, "pages": (), "start": 1204, "end": 1377}
    spans: dict[str, object] = {"source_spans": (), "boxes": ()}
    return Citation.model_validate({"document": document, **fields, **spans, **more})


def test_a_reference_names_authors_title_journal_year_and_doi() -> None:
    assert reference(TRIAL) == (
        "Ada Moss et al. A trial of tea. Journal of Kettles 1999. doi:10.1000/tea.1."
    )


def test_a_reference_leaves_out_what_is_not_known() -> None:
    bare = DocumentRef(id="0" * 16, title="Notes", source="notes.txt")
    assert reference(bare) == "Notes."


def test_a_reference_says_where_in_the_journal_it_stands() -> None:
    placed = TRIAL.model_copy(
        update={"volume": "12", "issue": "3", "page_range": "233-41", "pmid": "123"}
    )
    assert "Journal of Kettles 1999;12(3):233-41. doi:10.1000/tea.1. PMID 123." in reference(placed)
    assert "Kettles 1999:7." in reference(TRIAL.model_copy(update={"page_range": "7"}))


def test_names_are_written_given_name_first() -> None:
    names = TRIAL.model_copy(update={"authors": ("Moss, Ada", "van der Oak, Ben")})
    assert reference(names).startswith("Ada Moss, Ben van der Oak.")


def test_three_authors_are_all_named() -> None:
    three = TRIAL.model_copy(update={"authors": TRIAL.authors[:3]})
    assert reference(three).startswith("Ada Moss, Ben Oak, Cy Elm.")


def test_a_place_names_section_pages_and_character_range() -> None:
    citation = cited(TRIAL, section="Results", pages=(4, 5))
    assert place(citation) == "“Results”, pp. 4–5, characters 1,204–1,377"
    assert place(cited(TRIAL)) == "characters 1,204–1,377"


@pytest.mark.parametrize(
    ("numbers", "words"), [((), ""), ((7,), "p. 7"), ((7, 8, 9, 11), "pp. 7–9, 11")]
)
def test_pages_are_written_as_the_field_writes_them(numbers: tuple[int, ...], words: str) -> None:
    assert pages(numbers) == words


def test_an_entry_names_the_work_the_file_and_the_place() -> None:
    assert entry(cited(TRIAL, section="Results", pages=(4,))) == (
        "Ada Moss et al. A trial of tea. Journal of Kettles 1999. doi:10.1000/tea.1. "
        f"In tea.pdf ({TRIAL.id}): “Results”, p. 4, characters 1,204–1,377."
    )


def test_a_copied_quote_keeps_its_words_and_says_that_a_digest_is_one() -> None:
    digest = TRIAL.model_copy(update={"digest_of": "Moss A. Tea. 1999."})
    quote = Quote(text="Tea  calms (P = 0.05).", citation=1, score=0.9)
    words = quote_with_reference(quote, cited(digest))
    assert words.startswith("“Tea  calms (P = 0.05).” Ada Moss et al.")
    assert "Digest of: Moss A. Tea. 1999." in words
    assert words.endswith("characters 1,204–1,377.")


@pytest.mark.parametrize(
    ("probability", "words"),
    [(0.999, "over 99 %"), (0.87, "87 %"), (0.004, "under 1 %"), (0.0, "under 1 %")],
)
def test_no_probability_is_shown_as_certainty(probability: float, words: str) -> None:
    assert percent(probability) == words


def test_words_of_sureness_rise_with_the_probability() -> None:
    words = [sureness(p) for p in (0.0, 0.25, 0.5, 0.7, 0.9, 1.0)]
    assert words[-1] == words[-2] == "Very likely"
    assert words[0] == "Very doubtful"
    assert len(set(words)) == 5


@pytest.mark.parametrize(
    "doi", [None, "", "javascript:alert(1)", "10.1/x", '10.1000/a"b', "10.1000/a b"]
)
def test_only_what_looks_like_a_doi_becomes_a_link(doi: str | None) -> None:
    assert doi_link(doi) is None


def test_a_doi_leads_to_its_resolver() -> None:
    assert doi_link("10.1000/tea.1") == "https://doi.org/10.1000/tea.1"


@pytest.mark.parametrize(("length", "shown"), [(1, True), (79, True), (80, False), (100, False)])
def test_a_short_answer_that_is_nearly_the_whole_quote_is_not_emphasised(
    length: int, shown: bool
) -> None:
    short = Marked(text="a" * length, start=1204, end=1204 + length)
    quote = Quote(text="a" * 100, citation=1, short_answer=short, score=0.9)
    assert emphasis(quote) == (short if shown else None)
    assert emphasis(Quote(text="a", citation=1, score=0.9)) is None
