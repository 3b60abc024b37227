"""What only an index in Milvus must hold, beside the contract."""

from __future__ import annotations

import dataclasses
import random
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import corpus
from index import milvus, milvus_words, open_index
from index.base import IndexProblem, PassageIndex, record_path
from index.copying import copy
from index.embed import Embedder
from index.ingest import ingest
from index.milvus import MilvusIndex
from index.milvus_schema import TABLES
from index.milvus_state import Transaction
from index.milvus_tables import LIVE
from qa.question_set import read_questions
from tests.index.papers import PAPERS, answers, paper, store
from tests.index.word_vectors import WordVectors

pytest.importorskip("milvus_lite", reason="Milvus Lite is not installed")

EMBEDDER = WordVectors()
STARTER = Path(corpus.__file__).parent / "starter"
QUESTIONS = Path(corpus.__file__).parents[1] / "qa" / "questions" / "starter.jsonl"


@pytest.fixture
def index(tmp_path: Path) -> Iterator[MilvusIndex]:
    """An empty index in Milvus Lite."""
    with open_index(f"milvus:{tmp_path}/index.db", EMBEDDER) as made:
        assert isinstance(made, MilvusIndex)
        yield made


@pytest.fixture
def local(tmp_path: Path) -> Iterator[PassageIndex]:
    """An empty index in a folder."""
    with open_index(tmp_path / "local", EMBEDDER) as made:
        yield made


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_starter_corpus_is_answered_alike_there_and_back(
    tmp_path: Path, embedder: Embedder
) -> None:
    asked = [question.question for question in read_questions(QUESTIONS).questions][::4]
    with (
        open_index(tmp_path / "local", embedder) as local,
        open_index(f"milvus:{tmp_path}/there.db", embedder) as there,
        open_index(tmp_path / "back", embedder) as back,
    ):
        ingest(local, embedder, [STARTER])
        assert copy(local, there).same
        assert copy(there, back).same
        with local.view() as one, there.view() as other, back.view() as third:
            for question in asked:
                wanted = one.search(question, 20)
                assert other.search(question, 20) == wanted
                assert third.search(question, 20) == wanted


def lists(index: PassageIndex, queries: list[str]) -> list[object]:
    """The hits of some questions."""
    with index.view() as view:
        return [view.search(query, 5) for query in queries]


@pytest.mark.parametrize("places", [1, 7, 1 << 32])
@pytest.mark.parametrize("average", [2.0, 5000.0])
def test_candidates_are_enough_whatever_weights_were_stored(
    index: MilvusIndex,
    local: PassageIndex,
    monkeypatch: pytest.MonkeyPatch,
    average: float,
    places: int,
) -> None:
    monkeypatch.setattr(milvus_words, "_PLACES", places)
    monkeypatch.setattr(milvus, "AVERAGE", average)
    index.rebuild()
    dice = random.Random(7)
    names = "liver tumour dose trial survival children sorafenib cirrhosis weeks cohort".split()
    for n in range(6):
        sentences = [
            " ".join(dice.choices(names, weights=range(1, 11), k=dice.choice((2, 9, 60))))
            + f" {n}."
            for _ in range(30)
        ]
        one = paper(f"p{n}", *sentences)
        for each in (index, local):
            store(each, EMBEDDER, one)
    index.sync()
    queries = ["liver tumour", "survival of children with cirrhosis", "weeks 3", "cohort"]
    assert lists(index, queries) == lists(local, queries)


def test_a_passage_is_found_by_either_form_of_an_acronym_as_in_a_folder(
    index: MilvusIndex, local: PassageIndex
) -> None:
    papers = (
        paper("one", "Hepatocellular carcinoma (HCC) was seen.", "HCC grew in nine."),
        paper("two", "Hepatocellular carcinoma shrank.", "Nothing else was noted."),
        paper("three", "Hot coffee club (HCC) met.", "The HCC had ten members."),
    )
    for each in (index, local):
        store(each, EMBEDDER, *papers)
    queries = ["HCC", "hepatocellular carcinoma", "members of the HCC"]
    assert lists(index, queries) == lists(local, queries)


def test_a_copy_holds_all_that_an_index_knows(index: MilvusIndex, local: PassageIndex) -> None:
    file = "/papers/list.ris"
    record = dataclasses.replace(paper("asthma"), at=record_path(file, "1"))
    twin = paper("tamoxifen", PAPERS["tamoxifen"][0] + "..", source="b.txt")
    same = paper("interferon", source="same.txt", title="Another title")
    store(local, EMBEDDER, record, paper("tamoxifen"), twin, paper("interferon"), same)
    local.complete(path=file, source="list.ris", sha256="aa", records=[record.path])
    local.fail(path="/papers/x.pdf", source="x.pdf", sha256="", reason="is a scan", hint="Read it.")
    local.fail(path=twin.path, source="b.txt", sha256="ff", reason="is torn", hint=None)
    assert any(source.same_as for source in local.sources())
    report = copy(local, index)
    assert report.same
    assert index.sources() == local.sources()
    assert index.hashes() == local.hashes()
    assert answers(index) == answers(local)
    again = copy(local, index)
    assert again.known > 0
    assert index.sources() == local.sources()


def test_what_a_killed_writer_left_is_never_seen_and_is_cleared_away(
    index: MilvusIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(index, EMBEDDER, *map(paper, PAPERS))
    wanted, size, sources = answers(index), index.stats(), index.sources()

    def killed(transaction: Transaction) -> None:
        for table in TABLES:
            transaction._write(table)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        # What is written stays, as after a kill: nobody clears up.
        patch.setattr(Transaction, "commit", killed)
        patch.setattr(milvus, "clear", lambda tables, head: None)
        with pytest.raises(KeyboardInterrupt):
            store(index, EMBEDDER, paper("asthma", "Another text.", source="asthma.txt"))
        with pytest.raises(KeyboardInterrupt):
            index.remove(paper("tamoxifen").path)
    assert (answers(index), index.stats(), index.sources()) == (wanted, size, sources)
    index.close()
    with open_index(f"milvus:{tmp_path}/index.db", EMBEDDER) as again:
        assert isinstance(again, MilvusIndex)
        assert (answers(again), again.stats(), again.sources()) == (wanted, size, sources)
        again.fail(path="/x", source="x", sha256="", reason="is a scan", hint=None)
        again.remove("/x")
        revision = again._newest().revision
        for table in TABLES:
            assert again._tables.count(table, f"since > {revision}") == 0
            assert not again._tables.rows(table, f"until > {revision} and until < {LIVE}", [])
        assert (answers(again), again.stats(), again.sources()) == (wanted, size, sources)


def test_what_was_removed_leaves_milvus_with_the_next_sync(index: MilvusIndex) -> None:
    store(index, EMBEDDER, *map(paper, PAPERS))
    with index.view() as held:
        index.remove(paper("asthma").path)
        index.sync()
        assert held.document(paper("asthma").document.id).text == paper("asthma").document.text
    index.sync()
    for table in TABLES:
        assert index._tables.count(table, f"until < {LIVE}") == 0


def test_many_changes_of_the_word_counts_are_written_as_one(
    index: MilvusIndex, local: PassageIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(milvus_words, "MERGED_FROM", 2)
    for name in PAPERS:
        for each in (index, local):
            store(each, EMBEDDER, paper(name))
            each.sync()
    for each in (index, local):
        each.remove(paper("asthma").path)
        each.sync()
    rows = index._tables.rows("records", f'kind == "words" and until == {LIVE}', [])
    assert len(rows) == 1
    assert answers(index) == answers(local)


def test_another_embedder_is_refused(index: MilvusIndex, tmp_path: Path) -> None:
    class Other(WordVectors):
        @property
        def name(self) -> str:
            return "other"

    with pytest.raises(IndexProblem, match="was made with the embedder words"):
        open_index(f"milvus:{tmp_path}/index.db", Other())
    assert index.stats().embedder == "words", "it can still be used"


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def test_a_server_that_does_not_answer_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.milvus_tables.CONNECT_SECONDS", 1.0)
    port = free_port()
    with pytest.raises(IndexProblem, match=f"no Milvus server answers at 127.0.0.1:{port}"):
        open_index(f"milvus://127.0.0.1:{port}/papers", EMBEDDER)


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """The address of a Milvus server of this machine, which is killed at the end."""
    port = free_port()
    command = [sys.executable, "-m", "milvus_lite", "server", "--data-dir", str(folder)]
    command += ["--host", "127.0.0.1", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        for _ in range(600):
            with socket.socket() as one:
                if one.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield f"milvus://127.0.0.1:{port}"
        process.kill()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """The address of a Milvus server of this machine."""
    with running(tmp_path / "data") as where:
        yield where


def test_a_server_is_written_and_read_by_several_and_holds_several_indexes(server: str) -> None:
    with (
        open_index(f"{server}/one", EMBEDDER) as writer,
        open_index(f"{server}/one", EMBEDDER) as reader,
        open_index(f"{server}/two", EMBEDDER) as other,
    ):
        with reader.view() as before:
            store(writer, EMBEDDER, *map(paper, PAPERS))
            assert before.stats().documents == 0
        assert answers(reader) == answers(writer)
        assert any(answers(reader))
        assert reader.stats() == writer.stats()
        assert other.stats().documents == 0
        assert reader.remove(paper("asthma").path)
        writer.sync()
        assert answers(reader) == answers(writer)


def test_two_processes_take_turns_in_writing_to_a_server(server: str) -> None:
    script = (
        "import sys\n"
        "from index import open_index\n"
        "from tests.index.papers import paper, store\n"
        "from tests.index.word_vectors import WordVectors\n"
        "with open_index(sys.argv[1], WordVectors()) as index:\n"
        "    for n in range(6):\n"
        "        name = f'{sys.argv[2]} {n}'\n"
        "        store(index, WordVectors(), paper(name, f'The trial {name} ended.'))\n"
    )
    where = f"{server}/shared"
    with open_index(where, EMBEDDER) as index:
        command = [sys.executable, "-c", script, where]
        with (
            subprocess.Popen([*command, "left"]) as left,
            subprocess.Popen([*command, "right"]) as right,
        ):
            assert (left.wait(), right.wait()) == (0, 0)
        assert index.stats().documents == 12
        assert index.stats().generation == 12
        with index.view() as view:
            assert len(view.search("trial", 50)) == 12


def test_a_writer_that_was_killed_does_not_lock_others_out(server: str) -> None:
    script = (
        "import os, signal, sys\n"
        "from index import milvus, open_index\n"
        "from tests.index.papers import paper, store\n"
        "from tests.index.word_vectors import WordVectors\n"
        "milvus.Transaction.commit = lambda self: os.kill(os.getpid(), signal.SIGKILL)\n"
        "index = open_index(sys.argv[1], WordVectors())\n"
        "store(index, WordVectors(), paper('asthma'))\n"
    )
    where = f"{server}/shared"
    with open_index(where, EMBEDDER) as index:
        ran = subprocess.run([sys.executable, "-c", script, where], check=False)
        assert ran.returncode < 0
        store(index, EMBEDDER, paper("tamoxifen"))
        assert index.stats().documents == 1
        assert answers(index)[4][0].document.title == "About tamoxifen"


def test_a_view_that_outlived_what_it_reads_says_so(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(milvus, "KEEP_SECONDS", -1.0)
    where = f"{server}/shared"
    with open_index(where, EMBEDDER) as writer, open_index(where, EMBEDDER) as reader:
        store(writer, EMBEDDER, *map(paper, PAPERS))
        with reader.view() as view:
            writer.remove(paper("asthma").path)
            writer.sync()
            with pytest.raises(IndexProblem, match="has changed since this was begun"):
                view.search("children", 3)


def test_a_server_that_goes_away_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("tables", "turn"):
        monkeypatch.setattr(f"index.milvus_{module}.CALL_SECONDS", 2.0)
    with running(tmp_path / "data") as where:
        index = open_index(f"{where}/one", EMBEDDER)
        store(index, EMBEDDER, paper("asthma"))
        view = index.view()
    for act in (lambda: view.search("children", 3), index.view, index.sources):
        with pytest.raises(
            IndexProblem, match=r"^The index milvus://.*/one does not answer: .*\.$"
        ):
            act()
    view.close()
    index.close()


def test_more_rows_than_milvus_gives_at_once_are_read_all(
    index: MilvusIndex, local: PassageIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    for each in (index, local):
        store(each, EMBEDDER, *map(paper, PAPERS))
    monkeypatch.setattr("index.milvus_tables.MOST", 3)
    assert index.sources() == local.sources()
    assert index.hashes() == local.hashes()
    assert index.stats().fingerprint == local.stats().fingerprint


def test_a_passage_too_long_for_a_row_comes_back_whole(
    index: MilvusIndex, local: PassageIndex
) -> None:
    dice = random.Random(3)
    row = " | ".join(f"{dice.random():.17f}" for _ in range(9000))
    for each in (index, local):
        store(each, EMBEDDER, paper("long", row, "And a short one."))
    assert lists(index, ["short one", row[:40]]) == lists(local, ["short one", row[:40]])


@pytest.mark.parametrize("left", [0, 100, 1000], ids=["nothing", "a little", "much"])
@pytest.mark.parametrize("of", ["*.sidx", "*.idx"], ids=["words", "vectors"])
def test_an_index_over_a_field_that_a_kill_cut_off_is_made_anew(
    tmp_path: Path, of: str, left: int
) -> None:
    address = f"milvus:{tmp_path}/index.db"
    with open_index(address, EMBEDDER) as made:
        store(made, EMBEDDER, *map(paper, PAPERS))
        made.rebuild()
        wanted = answers(made)
    cut = sorted((tmp_path / "index.db").rglob(of))
    assert cut
    for file in cut:
        file.write_bytes(file.read_bytes()[:left])
    with open_index(address, EMBEDDER) as mended:
        assert answers(mended) == wanted
