"""The same article in several files is found, and answered from once."""

from __future__ import annotations

import dataclasses
import itertools
import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from index import open_index
from index.base import PassageIndex
from index.local import LocalIndex
from index.milvus import MilvusIndex, MilvusView
from index.schema import STORE_NAME
from index.snapshot import Snapshot
from tests.index.papers import Paper, paper, store
from tests.index.word_vectors import WordVectors

WORDS = [a + b for a, b in itertools.product(("ba", "ke", "lo", "mi", "su", "ty"), repeat=2)]
EMBEDDER = WordVectors()


def prose(seed: int, sentences: int = 20) -> list[str]:
    """Sentences that nobody else says."""
    dice = random.Random(seed)
    return [
        " ".join(["In", *dice.choices(WORDS, k=12), str(dice.randint(10, 999)), "were seen."])
        for _ in range(sentences)
    ]


def article(
    name: str,
    sentences: list[str],
    kind: str = "text",
    doi: str | None = None,
    pmid: str | None = None,
) -> Paper:
    """An article in a file of that name; a last word of its own keeps its bytes apart."""
    one = paper(name, *sentences, f"Kept in {name}.", source=name, title="The article")
    named = dataclasses.replace(one.document.info, format=kind, doi=doi, pmid=pmid)
    return dataclasses.replace(one, document=dataclasses.replace(one.document, info=named))


@pytest.fixture(params=["local", "milvus"])
def index(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[PassageIndex]:
    """An empty index."""
    if request.param == "milvus":
        pytest.importorskip("milvus_lite", reason="Milvus Lite is not installed")
    place = f"milvus:{tmp_path}/index.db" if request.param == "milvus" else tmp_path / "index"
    with open_index(place, EMBEDDER) as made:
        yield made


def searched(index: PassageIndex) -> set[str]:
    """The sources of the documents that can be found."""
    with index.view() as view:
        return {hit.document.source for hit in view.search("seen", 1000)}


def also(index: PassageIndex, source: str) -> tuple[str, ...]:
    """The other sources that are named where this one is cited."""
    with index.view() as view:
        (id,) = {h.document.id for h in view.search("seen", 1000) if h.document.source == source}
        return view.also(id)


def same(index: PassageIndex) -> dict[str, str]:
    """Sources that another one answers for."""
    return {record.source: record.same_as for record in index.sources() if record.same_as}


TEXT = prose(1)
COPIES = (
    article("z.xml", TEXT[:19], "jats"),
    article("a.html", TEXT, "html"),
    article("b.pdf", TEXT[1:], "pdf"),
    article("other.txt", prose(2)),
)


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_the_best_copy_answers_whatever_came_first(
    index: PassageIndex, order: tuple[int, ...]
) -> None:
    for n in order:
        store(index, EMBEDDER, COPIES[n])
        index.sync()
    assert searched(index) == {"z.xml", "other.txt"}
    assert also(index, "z.xml") == ("a.html", "b.pdf")
    assert also(index, "other.txt") == ()
    assert same(index) == {"a.html": "z.xml", "b.pdf": "z.xml"}
    stats = index.stats()
    assert (stats.documents, stats.duplicates) == (4, 2)
    assert stats.passages == len(COPIES[0].passages) + len(COPIES[3].passages)


def test_equal_collections_answer_equally_whatever_their_past(
    index: PassageIndex, tmp_path: Path
) -> None:
    extra = article("0.xml", TEXT[:18], "jats")
    for copy in (COPIES[2], extra, COPIES[1]):
        store(index, EMBEDDER, copy)
        index.sync()
    index.remove(extra.path)
    index.sync()
    store(index, EMBEDDER, COPIES[3], COPIES[0])
    with open_index(tmp_path / "straight", EMBEDDER) as straight:
        store(straight, EMBEDDER, *COPIES)
        with index.view() as one, straight.view() as other:
            assert one.search(TEXT[3], 99) == other.search(TEXT[3], 99)
            mine, wanted = (
                dataclasses.replace(view.stats(), generation=0, search="") for view in (one, other)
            )
            assert mine == wanted
        index.rebuild()
        with index.view() as one, straight.view() as other:
            assert one.search(TEXT[3], 99) == other.search(TEXT[3], 99)


def test_removing_the_one_that_answers_brings_back_the_next(index: PassageIndex) -> None:
    store(index, EMBEDDER, *COPIES)
    index.sync()
    assert index.remove(COPIES[0].path)
    assert searched(index) == {"a.html", "other.txt"}
    assert also(index, "a.html") == ("b.pdf",)
    assert index.remove(COPIES[1].path)
    assert searched(index) == {"b.pdf", "other.txt"}
    assert same(index) == {}
    store(index, EMBEDDER, COPIES[0])
    assert searched(index) == {"z.xml", "other.txt"}
    assert index.remove(COPIES[2].path)
    assert also(index, "z.xml") == ()


def test_a_view_stays_as_it_was_while_copies_come_and_go(index: PassageIndex) -> None:
    store(index, EMBEDDER, COPIES[1])
    with index.view() as old:
        before = old.search("seen", 99)
        store(index, EMBEDDER, COPIES[0])
        assert searched(index) == {"z.xml"}
        index.remove(COPIES[0].path)
        assert searched(index) == {"a.html"}
        assert old.search("seen", 99) == before
        assert old.stats().duplicates == 0


def test_a_document_that_is_not_searched_can_still_be_opened(index: PassageIndex) -> None:
    store(index, EMBEDDER, *COPIES)
    with index.view() as view:
        assert view.document(COPIES[1].document.id).text == COPIES[1].document.text


def test_of_two_that_are_structured_alike_the_longer_answers_then_the_first_by_path(
    index: PassageIndex,
) -> None:
    store(index, EMBEDDER, article("a.pdf", TEXT[:19], "pdf"), article("b.pdf", TEXT, "pdf"))
    assert searched(index) == {"b.pdf"}
    store(index, EMBEDDER, article("c.pdf", [TEXT[0], *TEXT[:0:-1]], "pdf"))
    equal = [article(name, TEXT, "pdf") for name in ("y.pdf", "x.pdf")]
    store(index, EMBEDDER, *equal)
    assert searched(index) == {"b.pdf"}
    moved = dataclasses.replace(equal[1], at="/archive/x.pdf")
    store(index, EMBEDDER, moved)
    assert searched(index) == {"x.pdf"}
    index.remove(moved.path)
    assert searched(index) == {"b.pdf"}


def test_an_abstract_is_a_duplicate_only_if_the_full_text_holds_it(index: PassageIndex) -> None:
    full = article("full.txt", TEXT, doi="10.1/ABC")
    abstract = article("abstract.html", TEXT[2:6], "html", doi="10.1/abc")
    digest = article("digest.md", prose(3, 5), "markdown", doi="10.1/abc")
    stranger = article("stranger.html", TEXT[2:6], "html")
    store(index, EMBEDDER, abstract, digest)
    assert searched(index) == {"abstract.html", "digest.md"}
    store(index, EMBEDDER, full, stranger)
    assert searched(index) == {"full.txt", "digest.md", "stranger.html"}
    assert same(index) == {"abstract.html": "full.txt"}


def test_a_pmid_tells_copies_as_a_doi_does(index: PassageIndex) -> None:
    full = article("full.pdf", TEXT, "pdf", pmid="123", doi="10.1/x")
    abstract = article("list.nbib#123", TEXT[2:6], "nbib", pmid="123")
    store(index, EMBEDDER, abstract, full)
    assert same(index) == {"list.nbib#123": "full.pdf"}


def test_articles_with_other_identifiers_are_not_copies(index: PassageIndex) -> None:
    store(index, EMBEDDER, article("1.html", TEXT, doi="10.1/1"))
    store(index, EMBEDDER, article("2.html", TEXT, doi="10.1/2", pmid="2"))
    store(index, EMBEDDER, article("3.html", TEXT, doi="10.1/3", pmid="3"))
    assert searched(index) == {"1.html", "2.html", "3.html"}


def test_a_report_that_differs_in_its_numbers_only_is_another_one(index: PassageIndex) -> None:
    later = [
        " ".join(str(int(word) + 1) if word.isdigit() else word for word in sentence.split())
        for sentence in TEXT
    ]
    store(index, EMBEDDER, article("interim.html", TEXT), article("final.html", later))
    assert searched(index) == {"interim.html", "final.html"}


def test_short_texts_are_copies_only_if_all_their_words_are_equal(index: PassageIndex) -> None:
    short = ["No adverse event was seen in the 12 patients of this arm."]
    one = paper("1", *short, source="1.txt", title="T")
    again = paper("2", short[0].upper(), source="2.txt", title="T")
    near = paper("3", *short, "None.", source="3.txt", title="T")
    store(index, EMBEDDER, one, again, near)
    assert searched(index) == {"1.txt", "3.txt"}
    assert same(index) == {"2.txt": "1.txt"}


def test_a_copy_of_a_copy_that_is_not_one_itself_answers_too(index: PassageIndex) -> None:
    """Each differs little from the next; the first and the last have too little in common."""
    chain = [article(f"{n}.txt", TEXT[3 * n :] + prose(9)[: 3 * n]) for n in range(3)]
    for order in itertools.permutations(chain):
        for one in order:
            store(index, EMBEDDER, one)
        assert searched(index) == {"0.txt", "2.txt"}
        for one in order:
            index.remove(one.path)


def test_the_same_bytes_twice_are_named_too(index: PassageIndex) -> None:
    one = COPIES[0]
    again = dataclasses.replace(
        one,
        document=dataclasses.replace(
            one.document, info=dataclasses.replace(one.document.info, source="zz.xml")
        ),
    )
    store(index, EMBEDDER, one, again, COPIES[1])
    assert also(index, "z.xml") == ("a.html", "zz.xml")
    assert same(index) == {"a.html": "z.xml", "zz.xml": "z.xml"}


def test_acronyms_of_a_duplicate_count_once(index: PassageIndex) -> None:
    def meanings() -> list[int]:
        if isinstance(index, LocalIndex):
            with Snapshot(index.directory / STORE_NAME) as snapshot:
                found = snapshot.glossary(snapshot.generation).meanings({"HCC"})
        else:
            assert isinstance(index, MilvusIndex)
            with index.view() as view:
                assert isinstance(view, MilvusView)
                found = view.snapshot.glossary().meanings({"HCC"})
        return [meaning.documents for meaning in found.get("HCC", ())]

    text = ["They had hepatocellular carcinoma (HCC).", *TEXT]
    store(index, EMBEDDER, article("a.html", text, "html"), article("b.xml", text, "jats"))
    assert meanings() == [1]
    index.remove("/papers/b.xml")
    assert meanings() == [1]
    index.remove("/papers/a.html")
    assert meanings() == []


def test_a_store_that_knew_of_no_copies_is_brought_up(tmp_path: Path) -> None:
    index = open_index(tmp_path / "index", EMBEDDER)
    store(index, EMBEDDER, *COPIES)
    wanted = index.stats()
    index.close()
    with closing(sqlite3.connect(tmp_path / "index" / STORE_NAME)) as connection, connection:
        for table in ("sketches", "bands", "copies", "duplicates"):
            connection.execute(f"DROP TABLE {table}")
        connection.execute("DELETE FROM meta WHERE key = 'copies'")
        connection.execute("UPDATE meta SET value = '2' WHERE key = 'format'")
    with open_index(tmp_path / "index", EMBEDDER) as again:
        assert searched(again) == {"z.xml", "other.txt"}
        assert dataclasses.replace(again.stats(), generation=0) == dataclasses.replace(
            wanted, generation=0
        )
    with closing(sqlite3.connect(tmp_path / "index" / STORE_NAME)) as connection, connection:
        connection.execute("UPDATE meta SET value = 'older rules' WHERE key = 'copies'")
    with open_index(tmp_path / "index", EMBEDDER) as again:
        assert searched(again) == {"z.xml", "other.txt"}
        assert again.stats().duplicates == 2


def test_a_changed_file_is_compared_anew(index: PassageIndex) -> None:
    store(index, EMBEDDER, *COPIES)
    store(index, EMBEDDER, article("z.xml", prose(5), "jats"))
    assert searched(index) == {"z.xml", "a.html", "other.txt"}
    assert same(index) == {"b.pdf": "a.html"}
