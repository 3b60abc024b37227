"""Choosing quotes: best first, nothing twice, sources that differ side by side, always verbatim."""

from __future__ import annotations

from dataclasses import replace

import pytest

from corpus.document import Document, DocumentInfo, Passage
from corpus.load import load_bytes
from corpus.passages import passages
from index.base import Hit, IndexStats, IndexView, Within
from qa.answer import NotVerbatim
from qa.compose import choose, cite, refer, why_not
from qa.reader import Reading, ScoredSentence


class Shelf(IndexView):
    """A view of a few documents, as an index would give it."""

    def __init__(self, *documents: Document) -> None:
        self._documents = {d.id: d for d in documents}

    def search(self, query: str, k: int, within: Within | None = None) -> list[Hit]:
        return []

    def document(self, document_id: str) -> Document:
        return self._documents[document_id]

    def stats(self) -> IndexStats:
        return IndexStats(len(self._documents), 0, 0, 0, "", "")

    def close(self) -> None: ...


def document(text: str, name: str = "a.md") -> Document:
    return load_bytes(text.encode(), name)


def hit(passage: Passage, info: DocumentInfo) -> Hit:
    return Hit(passage, info, 1.0, 0.5, 1.0, 0, 0)


def readings(*scored: tuple[Document, list[float]]) -> list[Reading]:
    out = []
    for doc, scores in scored:
        left = list(scores)
        for passage in passages(doc):
            judged = tuple(ScoredSentence(s, left.pop(0)) for s in passage.sentences)
            out.append(Reading(hit(passage, doc.info), max(s.score for s in judged), judged))
    return out


def words_of(read: list[Reading]) -> list[str]:
    return [c.hit.passage.sentence_text(c.sentence.span) for c in choose(read)]


ONE = document("Mice lived 12 weeks. They ate well. Rats were not studied. Nothing else is known.")
TWO = document("Other mice lived 9 weeks. It rained.", "b.md")


def test_the_best_sentence_comes_first_and_at_most_three_are_quoted() -> None:
    chosen = words_of(readings((ONE, [0.9, 0.8, 0.7, 0.6])))
    assert chosen == ["Mice lived 12 weeks.", "They ate well.", "Rats were not studied."]


def test_sentences_far_less_probable_than_the_best_are_not_quoted() -> None:
    assert words_of(readings((ONE, [0.9, 0.1, 0.1, 0.0]))) == ["Mice lived 12 weeks."]


def test_a_nearly_as_good_sentence_of_another_document_is_preferred() -> None:
    chosen = words_of(readings((ONE, [0.9, 0.8, 0.1, 0.1]), (TWO, [0.7, 0.0])))
    assert chosen[:2] == ["Mice lived 12 weeks.", "Other mice lived 9 weeks."]


def test_near_duplicates_are_merged() -> None:
    copy = document("All mice lived 12 weeks.", "copy.md")
    assert words_of(readings((copy, [0.9]), (ONE, [0.8, 0.0, 0.0, 0.0]))) == [
        "All mice lived 12 weeks."
    ]


def test_sentences_that_differ_in_a_figure_stand_side_by_side() -> None:
    other = document("Mice lived 13 weeks.", "other.md")
    chosen = words_of(readings((ONE, [0.9, 0.0, 0.0, 0.0]), (other, [0.8])))
    assert chosen == ["Mice lived 12 weeks.", "Mice lived 13 weeks."]


def test_equal_scores_are_ordered_by_document_and_place() -> None:
    read = readings((ONE, [0.5] * 4), (TWO, [0.5] * 2))
    assert words_of(read) == words_of(list(reversed(read)))


def test_every_quote_is_the_text_at_its_citations_address() -> None:
    quotes, citations = cite(Shelf(ONE), choose(readings((ONE, [0.9, 0.8, 0.1, 0.1]))))
    for quote, citation in zip(quotes, citations, strict=True):
        assert quote.citation == citation.n
        assert ONE.text[citation.start : citation.end] == quote.text
        assert citation.source_spans == tuple(ONE.source_spans(citation.start, citation.end))


def test_a_table_row_is_quoted_with_its_header() -> None:
    table = document("| Mouse | Weight |\n|-|-|\n| A | 20 |\n")
    quotes, _ = cite(Shelf(table), choose(readings((table, [0.9]))))
    assert quotes[0].text == "A | 20"
    assert quotes[0].header is not None
    assert quotes[0].header.text == "Mouse | Weight"
    assert table.text[quotes[0].header.start : quotes[0].header.end] == "Mouse | Weight"


def test_a_quote_that_is_not_verbatim_is_never_made() -> None:
    (read,) = readings((TWO, [0.9, 0.0]))
    passage = replace(read.hit.passage, text="Other mice lived 8 weeks. It rained.")
    forged = Reading(hit(passage, TWO.info), read.relevance, read.sentences)
    with pytest.raises(NotVerbatim):
        cite(Shelf(TWO), choose([forged]))


def test_all_passages_that_were_read_are_named() -> None:
    read = readings((ONE, [0.1] * 4), (TWO, [0.1] * 2))
    refs = refer(Shelf(ONE, TWO), read)
    assert [r.source for r in refs] == ["a.md", "b.md"]
    assert ONE.text[refs[0].start : refs[0].end].startswith("Mice lived")


def test_a_word_that_nothing_mentions_is_named_as_the_reason() -> None:
    hits = [r.hit for r in readings((ONE, [0.1] * 4))]
    assert "“lenvatinib”" in why_not("How does lenvatinib work in mice?", hits, 0.1, 0.5)


def test_another_form_of_a_word_is_no_missing_word_and_neither_is_one_that_asks() -> None:
    hits = [r.hit for r in readings((ONE, [0.1] * 4))]
    for question in ("Which weekly rat studies?", "Compare rat with mice studies!"):
        assert "mentions" not in why_not(question, hits, 0.1, 0.5)
    reason = why_not("Compare sorafenib and lenvatinib!", hits, 0.1, 0.5)
    assert "mentions “lenvatinib” or “sorafenib”;" in reason


@pytest.mark.parametrize(
    ("question", "named"),
    [
        ("What is the recommended starting dose of regorafenib?", "“regorafenib”;"),
        ("Which gene predicts a response to nivolumab?", "“nivolumab”;"),
        ("What did STORM find about adjuvant treatment?", "“adjuvant” or “STORM”;"),
        ("Is lenvatinib better than aspirin?", "“lenvatinib” or “aspirin”;"),
        ("Was a biopsy of the kidney taken?", "“biopsy”;"),
    ],
)
def test_an_ordinary_word_is_not_named_beside_a_telling_one(question: str, named: str) -> None:
    reason = why_not(question, [r.hit for r in readings((ONE, [0.1] * 4))], 0.1, 0.5)
    assert f"mentions {named}" in reason


def test_otherwise_the_reason_gives_both_probabilities() -> None:
    hits = [r.hit for r in readings((ONE, [0.1] * 4))]
    reason = why_not("How long do mice live?", hits, 0.12, 0.5)
    assert "12 %" in reason
    assert "50 %" in reason


def test_an_empty_collection_is_given_as_the_reason() -> None:
    assert "no passage" in why_not("How long do mice live?", [], 0.0, 0.5)
