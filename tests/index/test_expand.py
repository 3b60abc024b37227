"""Tests of questions that are also searched by the other form of their acronyms."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

import pytest

from index.base import Hit, IndexProblem, PassageIndex
from index.embed import Embedder
from index.expand import Expander
from index.glossary import StoredGlossary, phrase_key
from index.lexical import LexicalIndex
from index.local import LocalIndex
from index.worded import covering
from tests.index.papers import Paper, paper, store

LIVER = paper(
    "liver",
    "We treated patients with hepatocellular carcinoma (HCC).",
    "The dose in HCC was 400 mg.",
    "Response was seen in two thirds.",
)
ACID = paper(
    "acid",
    "We extracted hydroxycinnamic compounds (HCC) from coffee.",
    "The dose of HCC was one cup.",
)
OTHER = paper("other", "A cohort of hepatocellular carcinoma was followed at home.")
SILENT = paper("silent", "In HCC the dose was not reported.")


def opened(folder: Path, embedder: Embedder, *papers: Paper) -> LocalIndex:
    index = LocalIndex(folder, embedder)
    store(index, embedder, *papers)
    return index


def search(index: PassageIndex, question: str) -> list[Hit]:
    with index.view() as view:
        return view.search(question, 20)


def by_paper(hits: Sequence[Hit]) -> dict[str, Hit]:
    return {hit.document.title.removeprefix("About "): hit for hit in hits}


@pytest.fixture
def liver(tmp_path: Path, embedder: Embedder) -> LocalIndex:
    """Everybody means the carcinoma."""
    return opened(tmp_path / "liver", embedder, LIVER, OTHER, SILENT)


@pytest.fixture
def both(tmp_path: Path, embedder: Embedder) -> LocalIndex:
    """Two meanings of one acronym, and papers that give none."""
    return opened(tmp_path / "both", embedder, LIVER, ACID, OTHER, SILENT)


def test_a_short_form_finds_passages_that_have_only_the_long_one(liver: LocalIndex) -> None:
    found = by_paper(search(liver, "cohort at home with HCC"))["other"]
    plain = by_paper(search(liver, "cohort at home with hcc"))["other"]
    assert found.bm25 > plain.bm25


def test_a_long_form_finds_passages_that_have_only_the_short_one(liver: LocalIndex) -> None:
    hit = by_paper(search(liver, "hepatocellular carcinoma"))["silent"]
    assert hit.bm25 > 0.0
    assert hit.expansions == (("hepatocellular carcinoma", "HCC"),)


def test_a_hit_has_the_question_in_its_documents_words(both: LocalIndex) -> None:
    found = by_paper(search(both, "What is the dose in HCC? HCC!"))
    liver, acid, silent = (found[name].question for name in ("liver", "acid", "silent"))
    assert liver == "What is the dose in HCC (hepatocellular carcinoma)? HCC!"
    assert acid == "What is the dose in HCC (hydroxycinnamic compounds)? HCC!"
    assert silent == "", "where meanings differ, a paper that gives none is not guessed at"


def test_each_document_is_scored_by_its_own_meaning_only(both: LocalIndex) -> None:
    hits = search(both, "HCC")
    scores = {hit.passage.text: hit.bm25 for hit in hits}
    assert scores["A cohort of hepatocellular carcinoma was followed at home."] == 0.0
    hits = search(both, "hepatocellular carcinoma")
    scores = {hit.passage.text: hit.bm25 for hit in hits}
    assert scores["The dose in HCC was 400 mg."] > 0.0
    assert scores["The dose of HCC was one cup."] == 0.0


@pytest.mark.parametrize(
    "question",
    [
        "What is the dose in hcc?",
        "What is the dose?",
        "What is the dose in hepatocellular carcinoma (HCC)?",
    ],
)
def test_nothing_is_added_where_nothing_is_to_be_said(both: LocalIndex, question: str) -> None:
    assert {(hit.question, hit.expansions) for hit in search(both, question)} == {("", ())}


def test_only_capitals_make_who_an_organisation(tmp_path: Path, embedder: Embedder) -> None:
    health = paper(
        "water",
        "The World Health Organization (WHO) set a limit.",
        "World Health Organization staff came.",
        "Nobody knows who set it.",
    )
    index = opened(tmp_path / "health", embedder, health)
    assert search(index, "Who set the limit?")[0].question == ""
    hits = search(index, "Which staff of WHO came?")
    assert hits[0].question == "Which staff of WHO (World Health Organization) came?"
    back = {hit.passage.text: hit.bm25 for hit in search(index, "World Health Organization")}
    assert back["Nobody knows who set it."] == 0.0, "passages are not searched by the word who"


def test_plurals_and_hyphened_parts_count(liver: LocalIndex) -> None:
    for question, said in (("dose in HCCs", "HCCs"), ("HCC-related dose", "HCC")):
        assert search(liver, question)[0].expansions == ((said, "hepatocellular carcinoma"),)


def test_meanings_come_and_go_with_their_documents(both: LocalIndex) -> None:
    both.remove(ACID.path)
    found = by_paper(search(both, "What is the dose in HCC?"))
    assert found["silent"].question == "What is the dose in HCC (hepatocellular carcinoma)?"
    both.remove(LIVER.path)
    assert {hit.question for hit in search(both, "What is the dose in HCC?")} == {""}


def test_a_view_keeps_the_meanings_of_its_generation(both: LocalIndex) -> None:
    with both.view() as view:
        before = view.search("dose in HCC", 20)
        both.remove(ACID.path)
        both.sync()
        assert view.search("dose in HCC", 20) == before


def test_equal_collections_expand_equally_in_any_order(tmp_path: Path, embedder: Embedder) -> None:
    lists = []
    for name, papers in (("there", (LIVER, ACID, OTHER, SILENT)), ("back", (SILENT, OTHER, ACID))):
        index = opened(tmp_path / name, embedder, *papers)
        if name == "back":
            index.sync()
            store(index, embedder, LIVER)
        lists.append(search(index, "dose in HCC and hepatocellular carcinoma of the liver"))
        lists.append(search(index, "dose in HCC"))
    assert lists[:2] == lists[2:]
    assert any(hit.question for hit in lists[1])


def make_old(folder: Path) -> None:
    """Make an index what it was before there were acronyms."""
    with sqlite3.connect(folder / "pincite.sqlite") as old:
        old.execute("DROP TABLE acronyms")
        old.execute("DELETE FROM meta WHERE key = 'acronyms'")
        old.execute("UPDATE meta SET value = '1' WHERE key = 'format'")
    old.close()


def test_an_old_index_that_is_damaged_is_refused_in_a_sentence(
    tmp_path: Path, embedder: Embedder
) -> None:
    folder = tmp_path / "old"
    opened(folder, embedder, LIVER).close()
    make_old(folder)
    with sqlite3.connect(folder / "pincite.sqlite") as damaged:
        damaged.execute("UPDATE documents SET packed = x'00'")
    damaged.close()
    with pytest.raises(IndexProblem, match="cannot be brought up to this version: a stored docu"):
        LocalIndex(folder, embedder)


def test_an_index_made_before_acronyms_is_brought_up(tmp_path: Path, embedder: Embedder) -> None:
    folder = tmp_path / "old"
    index = opened(folder, embedder, LIVER, OTHER)
    wanted = search(index, "dose in HCC")
    index.close()
    make_old(folder)
    with LocalIndex(folder, embedder) as again:
        assert search(again, "dose in HCC") == wanted


def test_an_index_of_a_later_format_is_refused_in_a_sentence(
    tmp_path: Path, embedder: Embedder
) -> None:
    opened(tmp_path / "new", embedder).close()
    with sqlite3.connect(tmp_path / "new" / "pincite.sqlite") as new:
        new.execute("UPDATE meta SET value = '9' WHERE key = 'format'")
    new.close()
    with pytest.raises(IndexProblem, match="has format 9"):
        LocalIndex(tmp_path / "new", embedder)


def test_wordings_agree_with_tantivy_on_who_is_best(tmp_path: Path) -> None:
    long = "tumour necrosis factor"

    def read(sql: str, _: object) -> list[tuple[object, ...]]:
        return [("TNF", phrase_key(long), long, 3)] if "count(*)" in sql else []

    wording = Expander("level of TNF", StoredGlossary(read, 1)).wordings()[0]
    counts = ((n, n % 3, n % 4, n % 5) for n in range(120))
    texts = [
        (n, "TNF " * short + f"{long} " * spelled + "level " * plain + "x " * n)
        for n, short, spelled, plain in counts
    ]
    index = LexicalIndex.write(tmp_path / "0", texts)
    scorer = index.scorer(wording)
    scores = {n: scorer.score(text) for n, text in texts}
    best = sorted(scores, key=lambda n: (-scores[n], n))[:10]
    (found,) = covering(
        lambda limit: index.promising([scorer], limit),
        lambda rows: [{row: scores[row] for row in rows}],
        10,
    )
    assert set(best) <= set(found)
    assert scorer.score("TNF level") > scorer.score("tumour necrosis factor level") > 0.0
