"""Cascades compared on what was read once: they decide as if it were read anew."""

from __future__ import annotations

import pytest

from corpus.load import load_bytes
from index.base import Hit
from index.embed import load_embedder
from index.local import LocalIndex
from qa.readers.trained import READ_ALL, Cascade, TrainedReader, shipped_network
from qa.training.askings import Asking
from qa.training.cascades import table
from qa.training.choose_cascade import HEAD, Remembered, figures, judged
from qa.training.overlap_examples import fill
from qa.training.squad import Paper

SURVIVAL = "Median survival was 10.7 months with the drug."
QUESTION = "What was median survival with the drug?"
PAPERS = {
    "trial.md": f"# A trial\n\n## Results\n\n{SURVIVAL} Nobody left early.\n",
    **{
        f"cages-{n}.md": f"# Cages {n}\n\nThe cages of row {n} were blue. They were clean.\n"
        for n in range(5)
    },
}


@pytest.fixture(scope="module")
def hits(tmp_path_factory: pytest.TempPathFactory) -> tuple[Hit, ...]:
    embedder = load_embedder()
    with LocalIndex(tmp_path_factory.mktemp("index"), embedder) as index:
        fill(index, [Paper(source, text, ()) for source, text in PAPERS.items()], embedder)
        with index.view() as view:
            return tuple(view.search(QUESTION, 20))


@pytest.fixture
def asking(hits: tuple[Hit, ...]) -> Asking:
    document = load_bytes(PAPERS["trial.md"].encode(), "trial.md")
    start = PAPERS["trial.md"].index(SURVIVAL)
    gold = {document.id: [(start, start + len(SURVIVAL))]}
    return Asking("test", "trial", QUESTION, hits, gold, {document.id: document})


def test_an_answer_is_held_against_its_gold(asking: Asking) -> None:
    outcome = judged(asking, TrainedReader(), risk=1.0)
    assert outcome.answerable
    assert outcome.read == len(asking.hits)
    assert (outcome.found, outcome.first, outcome.third) == (True, True, True)


def test_what_was_read_once_decides_as_if_it_were_read_anew(asking: Asking) -> None:
    remembered = Remembered(shipped_network())
    for cascade in (READ_ALL, Cascade(((2, 0.0),)), Cascade(most=3)):
        ours = TrainedReader(network=remembered, cascade=cascade)
        anew = TrainedReader(cascade=cascade)
        assert ours.read(QUESTION, asking.hits) == anew.read(QUESTION, asking.hits)


def test_the_table_has_a_row_for_each_set_and_cascade(
    asking: Asking, hits: tuple[Hit, ...]
) -> None:
    without = Asking("test", "none", "Who painted the ship in May?", hits, {}, {})
    cascades = [READ_ALL, Cascade(most=2)]
    made = table(HEAD, figures({"Both": [asking, without]}, shipped_network(), cascades, risk=1.0))
    _, _, all_read, two_read = (
        [cell.strip() for cell in line.strip("|").split("|")] for line in made.splitlines()
    )
    assert all_read[:5] == ["Both", "all read", "–", str(len(hits)), f"{len(hits):.1f}"]
    assert two_read[3:7] == ["2", "2.0", "2", "2.0"]
    assert all_read[-1] == "1.000"
