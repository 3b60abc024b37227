"""What every back end promises; each is asked the same."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from index import open_index
from index.base import Hit, PassageIndex, Within, record_path
from index.embed import Embedder
from index.fuse import best, reciprocal_rank_fusion
from index.searching import DENSE_WEIGHT, LEXICAL_WEIGHT, RANK_CONSTANT
from index.words import search_text
from tests.index.large import keep_as_large
from tests.index.papers import PAPERS, QUESTIONS, Paper, answers, ask, paper, store

Opener = Callable[[str], PassageIndex]


@pytest.fixture(params=["local", "local, kept as a large one", "milvus"])
def opener(
    tmp_path: Path,
    embedder: Embedder,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Opener]:
    """Opens the index of a name; made if new. Closed at the end."""
    if "large" in request.param:
        keep_as_large(monkeypatch)
    opened: list[PassageIndex] = []
    if request.param == "milvus":
        pytest.importorskip("milvus_lite", reason="Milvus Lite is not installed")

    def opens(name: str) -> PassageIndex:
        place = f"milvus:{tmp_path / name}.db" if request.param == "milvus" else tmp_path / name
        opened.append(open_index(place, embedder))
        return opened[-1]

    yield opens
    for index in opened:
        index.close()


@pytest.fixture
def index(opener: Opener) -> PassageIndex:
    """An empty index."""
    return opener("index")


@pytest.fixture
def full(index: PassageIndex, embedder: Embedder) -> PassageIndex:
    """An index of all papers."""
    store(index, embedder, *map(paper, PAPERS))
    return index


def test_an_empty_index_finds_nothing(index: PassageIndex) -> None:
    with index.view() as view:
        assert view.search("anything", 5) == []
        assert view.stats().passages == 0
    assert index.sources() == []


def test_a_stored_document_comes_back_whole(full: PassageIndex) -> None:
    one = paper("asthma")
    with full.view() as view:
        found = view.document(one.document.id)
    assert (found.info, found.text, found.blocks) == (
        one.document.info,
        one.document.text,
        one.document.blocks,
    )
    assert found.source_spans(0, 9) == [(0, 9)]


def test_an_unknown_document_is_a_key_error(full: PassageIndex) -> None:
    with full.view() as view, pytest.raises(KeyError):
        view.document("0" * 16)


def test_a_question_finds_its_passage_first(full: PassageIndex) -> None:
    first = [hits[0].passage.text for hits in answers(full)]
    assert first[:4] == [
        PAPERS["sorafenib"][0],
        PAPERS["fluorouracil"][0],
        PAPERS["interferon"][0],
        PAPERS["asthma"][0],
    ]


def test_hits_say_why_they_were_found(full: PassageIndex) -> None:
    with full.view() as view:
        hits = view.search("budesonide", 10)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    best, rest = hits[0], hits[1:]
    assert best.passage.text == "Budesonide was inhaled twice a day."
    assert (best.dense_rank, best.lexical_rank) == (0, 0)
    assert best.bm25 > 0.0
    assert 0.3 < best.cosine <= 1.0
    assert all(hit.bm25 == 0.0 and hit.lexical_rank is None for hit in rest)
    assert {hit.dense_rank for hit in rest} == set(range(1, len(hits)))


def test_hits_carry_the_passage_as_it_was_stored(index: PassageIndex, embedder: Embedder) -> None:
    one = paper("row", "Doxorubicin | 32 | 44")
    row = dataclasses.replace(
        one.passages[0], header_text="Drug | Patients | Response", context="Table 1. Single drugs"
    )
    store(index, embedder, dataclasses.replace(one, passages=[row]))
    with index.view() as view:
        (hit,) = view.search("response to single drugs", 3)
    assert hit.passage == row
    assert hit.document == one.document.info
    assert hit.bm25 > 0.0, "header and caption are searched with the row"


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("5FU", "fluorouracil"),
        ("5-fu bolus", "fluorouracil"),
        ("IFN or interferon α", "interferon"),
        ("INTERFERON ALPHA", "interferon"),
        ("tumours shrinking", "interferon"),
        ('AND OR NOT "budesonide', "asthma"),
        ("title:budesonide^5 (~ [* TO", "asthma"),
    ],
)
def test_words_are_found_however_they_are_written(
    full: PassageIndex, question: str, name: str
) -> None:
    with full.view() as view:
        hits = view.search(question, 10)
    best = max(hits, key=lambda hit: hit.bm25)
    assert best.document.title == f"About {name}"
    assert best.bm25 > 0.0


@pytest.mark.parametrize("question", ["", "   ", "?!", "\0", "a" * 20_000])
def test_no_question_is_too_odd_to_search_for(full: PassageIndex, question: str) -> None:
    with full.view() as view:
        assert len(view.search(question, 3)) == 3


@pytest.mark.parametrize("k", [0, 1, 4, 1000])
def test_never_more_hits_than_wanted_or_there(full: PassageIndex, k: int) -> None:
    there = sum(len(sentences) for sentences in PAPERS.values())
    with full.view() as view:
        assert len(view.search("survival", k)) == min(k, there)


def test_equal_collections_answer_equally_whatever_their_past(
    opener: Opener, embedder: Embedder
) -> None:
    straight = opener("straight")
    store(straight, embedder, *map(paper, PAPERS))
    wanted, size = answers(straight), straight.stats()

    backwards = opener("backwards")
    for name in reversed(PAPERS):
        store(backwards, embedder, paper(name))
        backwards.sync()

    winding = opener("winding")
    extras = [paper(f"extra {n}", f"Survival with sorafenib in cohort {n}.") for n in range(30)]
    for name, extra in zip(itertools.cycle(PAPERS), extras, strict=False):
        store(winding, embedder, extra, paper(name))
        if extra.document.text.endswith("5."):
            winding.sync()
    store(winding, embedder, paper("asthma", "An earlier version.", source="asthma.txt"))
    winding.sync()
    store(winding, embedder, paper("asthma"))
    for extra in extras:
        assert winding.remove(extra.path)

    for index in (backwards, winding):
        assert answers(index) == wanted
        assert index.stats().fingerprint == size.fingerprint
        assert index.stats().passages == size.passages


def test_ties_are_broken_by_document_and_place(opener: Opener, embedder: Embedder) -> None:
    sentences = ["The response rate was 12%."] * 3
    twins = [
        paper("twin", *sentences, f"It was cohort {n}.", source=f"{n}.txt", title="Cohorts")
        for n in range(24)
    ]
    lists = []
    for name, order in (("there", twins), ("back", twins[::-1])):
        index = opener(name)
        for low in range(0, 24, 8):
            store(index, embedder, *order[low : low + 8])
            index.sync()
        with index.view() as view:
            lists.append(view.search("response rate", 20))
    assert lists[0] == lists[1]
    places = [(hit.document.id, hit.passage.start) for hit in lists[0]]
    assert places == sorted(places)
    assert len(set(places)) == 20


def test_a_view_stays_as_it_was_while_documents_come_and_go(
    full: PassageIndex, embedder: Embedder
) -> None:
    old = full.view()
    before, size = ask(old), old.stats()
    full.remove(paper("asthma").path)
    store(full, embedder, paper("late", "Sorafenib for children with asthma and cirrhosis."))
    full.sync()
    full.rebuild()
    assert ask(old) == before
    assert old.stats() == size
    assert old.document(paper("asthma").document.id).text == paper("asthma").document.text
    with full.view() as new:
        assert ask(new) != before
        assert new.stats().generation > size.generation
        with pytest.raises(KeyError):
            new.document(paper("asthma").document.id)
    old.close()


def test_a_view_shows_what_was_added_without_asking_for_a_sync(
    full: PassageIndex, embedder: Embedder
) -> None:
    with full.view() as view:
        assert view.search("quokka", 1)[0].bm25 == 0.0
    store(full, embedder, paper("quokka", "The quokka is a small wallaby."))
    with full.view() as view:
        assert view.search("quokka", 1)[0].document.title == "About quokka"


def test_views_serve_many_threads_at_once(full: PassageIndex) -> None:
    wanted = answers(full)
    with full.view() as shared, ThreadPoolExecutor(8) as pool:
        own = [pool.submit(answers, full) for _ in range(8)]
        same = [pool.submit(ask, shared) for _ in range(8)]
        assert all(job.result() == wanted for job in own + same)


def test_what_a_path_held_before_is_replaced(full: PassageIndex, embedder: Embedder) -> None:
    new = paper("asthma", "The trial was withdrawn.")
    store(full, embedder, new)
    stats = full.stats()
    assert stats.documents == len(PAPERS)
    with full.view() as view:
        found = {hit.passage.text for hit in view.search("children with asthma", 100)}
    assert "The trial was withdrawn." in found
    assert found.isdisjoint(PAPERS["asthma"])


def test_the_same_document_again_changes_nothing(full: PassageIndex, embedder: Embedder) -> None:
    before = full.stats()
    store(full, embedder, paper("asthma"))
    assert full.stats() == before


@pytest.mark.parametrize("order", [("a", "b", "c"), ("c", "b", "a"), ("b", "c", "a")])
def test_paths_with_the_same_bytes_share_the_document_of_the_first_by_name(
    index: PassageIndex, embedder: Embedder, order: tuple[str, ...]
) -> None:
    sentences = PAPERS["asthma"]
    copies = {n: paper(n, *sentences, source=f"{n}.txt", title=f"Copy {n}") for n in order}
    store(index, embedder, *copies.values())
    assert index.stats().documents == 1
    with index.view() as view:
        (hit,) = view.search("How many children?", 1)
    assert (hit.document.source, hit.document.title) == ("a.txt", "Copy a")
    assert [record.source for record in index.sources()] == ["a.txt", "b.txt", "c.txt"]


def test_a_shared_document_leaves_with_its_last_path(
    index: PassageIndex, embedder: Embedder
) -> None:
    copies = [paper(n, *PAPERS["asthma"], source=f"{n}.txt", title="T") for n in ("a", "b")]
    store(index, embedder, *copies)
    assert index.remove("/papers/a.txt")
    (record,) = index.sources()
    assert record.document is not None
    assert record.document.source == "b.txt"
    assert record.sha256 == "", "it is read again at the next run, as it now names the document"
    with index.view() as view:
        assert view.search("children", 1)[0].document.source == "b.txt"
    assert index.remove("/papers/b.txt")
    assert index.stats().documents == 0
    assert answers(index) == [[] for _ in QUESTIONS]


def test_removing_an_unknown_path_says_so(full: PassageIndex) -> None:
    before = full.stats()
    assert not full.remove("/papers/nothing.txt")
    assert full.stats() == before


def test_a_failed_file_is_noted_and_what_it_held_stays(
    full: PassageIndex, embedder: Embedder
) -> None:
    before = answers(full)
    one = paper("asthma")
    full.fail(path=one.path, source="asthma.txt", sha256="ff", reason="is torn", hint="Mend it.")
    (record,) = [record for record in full.sources() if record.state == "failed"]
    assert (record.path, record.reason, record.hint) == (one.path, "is torn", "Mend it.")
    assert record.document is not None
    assert full.stats().failed == 1
    assert answers(full) == before
    store(full, embedder, one)
    assert full.stats().failed == 0


def test_a_file_that_never_could_be_read_is_listed_and_can_be_forgotten(
    index: PassageIndex,
) -> None:
    index.fail(path="/papers/x.pdf", source="x.pdf", sha256="", reason="is a scan", hint=None)
    (record,) = index.sources()
    assert (record.state, record.document, record.passages) == ("failed", None, 0)
    assert index.stats().documents == 0
    assert index.remove("/papers/x.pdf")
    assert index.sources() == []


def test_a_file_of_records_is_known_by_each_of_them(
    index: PassageIndex, embedder: Embedder
) -> None:
    file = "/papers/list.ris"
    names = ("asthma", "sorafenib", "tamoxifen")
    paths = [record_path(file, f"key/{name}") for name in names]
    records = [
        dataclasses.replace(paper(name, source=f"list.ris#key/{name}"), at=path)
        for name, path in zip(names, paths, strict=True)
    ]
    other = paper("other", "Another one.", source="list.ris2.txt")
    store(index, embedder, *records, other)
    index.complete(path=file, source="list.ris", sha256="aa", records=paths)
    listed = {record.path: record for record in index.sources()}
    assert set(listed) == {file, *paths, other.path}
    assert (listed[file].state, listed[file].document, listed[file].sha256) == (
        "indexed",
        None,
        "aa",
    )
    assert index.stats().documents == 4
    index.complete(path=file, source="list.ris", sha256="bb", records=paths[1:])
    assert [record.path for record in index.sources()] == sorted([file, *paths[1:], other.path])
    assert index.hashes()[file] == "bb"
    assert index.remove(paths[1])
    assert index.hashes()[file] == "", "the file is read again at the next run"
    assert index.remove(file)
    assert [record.path for record in index.sources()] == [other.path]


def test_a_file_that_turns_into_records_leaves_none_of_its_own_text(
    index: PassageIndex, embedder: Embedder
) -> None:
    whole = paper("asthma", source="list.ris")
    store(index, embedder, whole)
    record = dataclasses.replace(paper("sorafenib"), at=record_path(whole.path, "1"))
    index.fail(path=whole.path, source="list.ris", sha256="", reason="is not done", hint=None)
    store(index, embedder, record)
    assert index.stats().documents == 2, "what it held answers until all records are in"
    index.complete(path=whole.path, source="list.ris", sha256="aa", records=[record.path])
    assert index.stats().documents == 1
    store(index, embedder, whole)
    assert [source.path for source in index.sources()] == [whole.path]


def test_hashes_tell_what_has_to_be_read_again(full: PassageIndex) -> None:
    wanted = {paper(name).path: paper(name).sha256 for name in PAPERS}
    assert full.hashes() == wanted
    full.fail(path="/papers/x.pdf", source="x.pdf", sha256="ff", reason="is a scan", hint=None)
    assert full.hashes() == wanted | {"/papers/x.pdf": ""}


def test_vectors_come_back_for_the_same_words_only(full: PassageIndex, embedder: Embedder) -> None:
    one = paper("asthma")
    made = embedder.embed_passages([search_text(one.document.info, p) for p in one.passages])
    held = full.vectors(one.document, one.passages)
    assert held is not None
    assert np.array_equal(held.astype(np.float16), made.astype(np.float16))
    assert full.vectors(one.document, one.passages[1:]) is None
    renamed = dataclasses.replace(
        one.document, info=dataclasses.replace(one.document.info, title="Another title")
    )
    assert full.vectors(renamed, one.passages) is None
    unknown = paper("unknown", "Nobody knows.")
    assert full.vectors(unknown.document, unknown.passages) is None


def test_the_path_of_a_record_is_nobody_elses() -> None:
    keys = ["a", "A", "a/b", "a%2Fb", ".", "..", "é", "a b", "a?2", "?2", "\n", "😀", "a" * 300]
    paths = {record_path("/f.ris", key, copy) for key in keys for copy in (1, 2)}
    assert len(paths) == 2 * len(keys)
    assert all(path.rpartition("/")[0] == "/f.ris" and path.isascii() for path in paths)


def test_sources_are_listed_by_path_with_their_size(full: PassageIndex) -> None:
    records = full.sources()
    assert [record.path for record in records] == sorted(paper(name).path for name in PAPERS)
    asthma = next(record for record in records if "asthma" in record.path)
    assert asthma.passages == len(PAPERS["asthma"])
    assert asthma.sha256 == paper("asthma").sha256
    assert asthma.document == paper("asthma").document.info


def test_an_index_is_the_same_after_it_was_closed(
    opener: Opener, full: PassageIndex, embedder: Embedder
) -> None:
    wanted, size = answers(full), full.stats()
    full.close()
    again = opener("index")
    assert answers(again) == wanted
    assert again.stats() == size


def test_rebuilding_changes_no_answer(full: PassageIndex) -> None:
    wanted = answers(full)
    full.remove(paper("tamoxifen").path)
    store_again = answers(full)
    full.rebuild()
    assert answers(full) == store_again != wanted


def test_the_fingerprint_tells_how_documents_were_cut(opener: Opener, embedder: Embedder) -> None:
    one = paper("asthma")
    joined = dataclasses.replace(one.passages[0], end=one.passages[-1].end, text=one.document.text)
    whole, cut = opener("whole"), opener("cut")
    store(cut, embedder, one)
    store(whole, embedder, dataclasses.replace(one, passages=[joined]))
    assert whole.stats().fingerprint != cut.stats().fingerprint


@pytest.mark.parametrize(
    "vectors",
    [
        np.ones((2, 384), dtype=np.float32) / np.float32(np.sqrt(384)),
        np.ones((3, 384), dtype=np.float32),
        np.full((3, 384), np.nan, dtype=np.float32),
        np.ones(384, dtype=np.float32),
    ],
    ids=["too few", "not of unit length", "not a number", "flat"],
)
def test_vectors_that_cannot_be_right_are_refused(
    full: PassageIndex, vectors: np.ndarray[tuple[int, ...], np.dtype[np.float32]]
) -> None:
    before = full.stats()
    one = paper("new", "One.", "Two.", "Three.")
    with pytest.raises(ValueError, match=r"vectors|shape"):
        full.add(one.document, one.passages, vectors, path=one.path, sha256=one.sha256)
    assert full.stats() == before
    assert all(record.path != one.path for record in full.sources())


YEARS = {"sorafenib": 2008, "fluorouracil": 1999, "asthma": 2008, "tamoxifen": 1998}


def dated(name: str) -> Paper:
    """A paper with its year, where it has one."""
    return paper(name, year=YEARS.get(name))


def only(*names: str) -> Within:
    """These papers and no others."""
    return Within(documents=frozenset(paper(name).document.id for name in names))


def titles(index: PassageIndex, within: Within | None, question: str = "cirrhosis") -> set[str]:
    """Which papers a question finds, by their names."""
    with index.view() as view:
        hits = view.search(question, 100, within)
    return {hit.document.title.removeprefix("About ") for hit in hits}


def limited_by_hand(everything: list[Hit], within: Within, k: int) -> list[tuple[object, ...]]:
    """What a limited search has to give, worked out from all hits of one without a limit."""
    allowed = {
        n: hit
        for n, hit in enumerate(everything)
        if within.documents is None or hit.document.id in within.documents
    }
    tie = {n: (hit.document.id, hit.passage.start, hit.passage.end) for n, hit in allowed.items()}
    dense = best({n: hit.cosine for n, hit in allowed.items()}, tie, len(allowed))
    worded = {n: hit.bm25 for n, hit in allowed.items() if hit.bm25 > 0.0}
    lexical = best(worded, tie, len(allowed))
    weights = [DENSE_WEIGHT, LEXICAL_WEIGHT]
    fused = reciprocal_rank_fusion([dense, lexical], weights, RANK_CONSTANT)
    return [
        (allowed[n].passage, allowed[n].cosine, allowed[n].bm25, fused[n])
        for n in best(fused, tie, k)
    ]


@pytest.mark.parametrize("k", [1, 3, 10])
@pytest.mark.parametrize("names", [("asthma",), ("sorafenib", "tamoxifen"), tuple(PAPERS)])
def test_a_limited_search_gives_the_best_of_what_may_be_found(
    full: PassageIndex, names: tuple[str, ...], k: int
) -> None:
    for question in QUESTIONS:
        with full.view() as view:
            hits = view.search(question, k, only(*names))
            wanted = limited_by_hand(view.search(question, 1000), only(*names), k)
        assert [(hit.passage, hit.cosine, hit.bm25, hit.score) for hit in hits] == wanted


def test_a_limit_that_leaves_nothing_out_changes_nothing(full: PassageIndex) -> None:
    wanted = answers(full)
    for within in (None, Within(), only(*PAPERS)):
        with full.view() as view:
            assert [view.search(question, 10, within) for question in QUESTIONS] == wanted


def test_a_passage_far_down_is_found_when_only_its_document_is_chosen(
    index: PassageIndex, embedder: Embedder
) -> None:
    crowd = [paper(f"crowd {n}", f"Tamoxifen and survival in cohort {n}.") for n in range(150)]
    store(index, embedder, *crowd, paper("asthma"))
    with index.view() as view:
        assert all(hit.document.title != "About asthma" for hit in view.search("tamoxifen", 20))
        hits = view.search("tamoxifen and no child", 20, only("asthma"))
    assert len(hits) == len(PAPERS["asthma"])
    assert hits[0].passage.text == "No child died."
    assert hits[0].lexical_rank == 0


def test_equal_collections_answer_a_limited_question_equally_whatever_their_past(
    opener: Opener, embedder: Embedder
) -> None:
    within = dataclasses.replace(only("sorafenib", "asthma", "tamoxifen"), years=(1998, 2008))
    lists = []
    for name, order in (("there", list(PAPERS)), ("back", list(PAPERS)[::-1])):
        index = opener(name)
        gone = paper("gone", "Sorafenib and cirrhosis, once.", year=2001)
        store(index, embedder, gone)
        for one in order:
            store(index, embedder, dated(one))
            index.sync()
        index.remove(gone.path)
        with index.view() as view:
            lists.append([view.search(question, 10, within) for question in QUESTIONS])
    assert lists[0] == lists[1]
    assert any(lists[0])


@pytest.mark.parametrize(
    ("years", "found"),
    [
        ((1998, 1999), {"fluorouracil", "tamoxifen"}),
        ((2000, None), {"sorafenib", "asthma"}),
        ((None, 1998), {"tamoxifen"}),
        ((2009, None), set()),
        ((2008, 1998), set()),
    ],
)
def test_years_include_both_ends_and_leave_out_what_has_no_year(
    index: PassageIndex,
    embedder: Embedder,
    years: tuple[int | None, int | None],
    found: set[str],
) -> None:
    store(index, embedder, *map(dated, PAPERS))
    assert titles(index, Within(years=years)) == found
    chosen = dataclasses.replace(only("tamoxifen", "asthma", "interferon"), years=years)
    assert titles(index, chosen) == found & {"tamoxifen", "asthma"}


def test_unknown_and_no_documents_find_nothing(full: PassageIndex) -> None:
    assert titles(full, Within(documents=frozenset())) == set()
    assert titles(full, Within(documents=frozenset({"0" * 16}))) == set()


def test_a_copy_that_is_chosen_stands_for_the_one_that_answers(
    index: PassageIndex, embedder: Embedder
) -> None:
    one = paper("tamoxifen", source="a.txt")
    other = paper("tamoxifen", PAPERS["tamoxifen"][0] + "..", source="b.txt", year=1998)
    assert one.document.id != other.document.id
    store(index, embedder, one, other, paper("asthma"))
    for chosen in (one, other):
        within = Within(documents=frozenset({chosen.document.id}))
        with index.view() as view:
            (hit,) = view.search("survival", 10, within)
        assert hit.document.id == one.document.id
    assert titles(index, Within(years=(1998, 1998))) == {"tamoxifen"}, "the copy knows the year"
    index.remove(one.path)
    with index.view() as view:
        (hit,) = view.search("survival", 10, Within(documents=frozenset({other.document.id})))
    assert hit.document.id == other.document.id


def test_a_limited_view_stays_as_it_was(full: PassageIndex) -> None:
    old = full.view()
    before = old.search("children", 10, only("asthma"))
    full.remove(paper("asthma").path)
    full.sync()
    assert old.search("children", 10, only("asthma")) == before != []
    assert titles(full, only("asthma")) == set()
    old.close()


def test_while_documents_are_gathered_views_show_whole_generations_and_all_once_synced(
    index: PassageIndex, embedder: Embedder
) -> None:
    one, other = paper("asthma"), paper("tamoxifen")
    store(index, embedder, one)
    index.sync()
    with index.gathering():
        store(index, embedder, other)
        with index.view() as view:
            assert view.document(one.document.id) == one.document
            assert view.stats().documents in (1, 2)
            hits = view.search("Which trial enrolled children with asthma?", 1)
            assert hits[0].document.id == one.document.id
        index.sync()
        with index.view() as view:
            assert view.document(other.document.id) == other.document
        store(index, embedder, paper("interferon"))
    with index.view() as view:
        assert view.stats().documents == 3
