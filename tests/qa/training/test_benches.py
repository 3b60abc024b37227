"""The benches: what they hide, remember, time, and how they count."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from corpus.document import Span
from corpus.load import load_bytes
from corpus.passages import PassageSize
from index.base import Hit
from index.embed import Embedder
from index.ingest import ingest
from qa.asking import texts_of
from qa.assistant import Assistant
from qa.gold import Gold
from qa.metrics import auroc
from qa.question_set import Evidence, Question
from qa.reader import Judgement, Reader, Reading, ScoredSentence
from qa.readers.overlap import OverlapReader
from qa.training.abstention import (
    ANSWERABLE,
    NEAR_MISS,
    REMOVED,
    Result,
    answered_at,
    ask_all,
    covid_askings,
    report,
    risk_at,
    separation,
)
from qa.training.bench_index import Bench, BenchIndex, TimedReader
from qa.training.bioasq_bench import (
    Ranked,
    average_precision,
    first_names,
    read_asked,
    run,
    sentences,
    to_markdown,
)
from qa.training.bootstrap import Weights, bootstrapped, median, shown
from qa.training.compare_readers import compare, difference
from qa.training.compare_readers import to_markdown as to_table
from qa.training.passage_sizes import BUDGET, CUTS, Fusion, cut_up, plain_text, table_rows
from qa.training.squad import Paper, PaperQuestion

PAPERS = {
    "mice.txt": "Mice given alphatine lived for 12 weeks. They ate oats. Oats were cheap.",
    "rats.txt": "Rats received 5 mg of betamycin twice daily. Their cages were blue and large.",
    "birds.txt": "Thrushes sing before dawn. A thrush that is kept in the dark sings all day.",
}
ASKED = {
    "How long did mice given alphatine live?": ("mice.txt", "12 weeks"),
    "How much betamycin did the rats receive?": ("rats.txt", "5 mg"),
    "When do thrushes sing?": ("birds.txt", "before dawn"),
}
QUESTIONS = [
    Question(
        id=f"q{number}",
        question=words,
        answers=(answer,),
        evidence=(
            Evidence(
                source=name,
                start=PAPERS[name].index(answer),
                end=PAPERS[name].index(answer) + len(answer),
            ),
        ),
    )
    for number, (words, (name, answer)) in enumerate(ASKED.items())
]


class LastWords(Reader):
    """Prefers the last sentence of the last hit and marks its first word; never sure, never not."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, tuple[Hit, ...]]] = []

    @property
    def name(self) -> str:
        return "last-words"

    @property
    def default_risk(self) -> float:
        return 0.5

    def read(self, question: str, hits: Sequence[Hit], least: float = 0.0) -> Judgement:
        self.seen.append((question, tuple(hits)))
        readings = [
            Reading(
                hit,
                float(rank),
                tuple(
                    ScoredSentence(s, (rank + n / 10) / 10, Span(s.start, s.start + 4))
                    for n, s in enumerate(hit.passage.sentences)
                ),
            )
            for rank, hit in enumerate(hits)
        ]
        return Judgement(tuple(readings[::-1]), 0.5)

    def threshold(self, risk: float) -> float:
        return 1.0 - risk


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Path:
    """An index of the papers."""
    root = tmp_path_factory.mktemp("benches")
    (root / "papers").mkdir()
    for name, text in PAPERS.items():
        (root / "papers" / name).write_bytes(text.encode())
    with BenchIndex(root / "index", embedder, Bench()) as index:
        ingest(index, embedder, [root / "papers"])
    return root / "index"


@pytest.fixture
def bench() -> Bench:
    """A bench that hides nothing and remembers nothing."""
    return Bench()


@pytest.fixture
def index(folder: Path, embedder: Embedder, bench: Bench) -> Iterator[BenchIndex]:
    """The papers, seen through the bench."""
    with BenchIndex(folder, embedder, bench) as opened:
        yield opened


@pytest.fixture
def gold(index: BenchIndex) -> Gold:
    """Finds evidence in the papers."""
    return Gold(index.sources(), texts_of(index))


def sources(hits: Sequence[Hit]) -> list[str]:
    return [Path(hit.document.source).name for hit in hits]


def results(kind: str, *confident: tuple[float, bool]) -> list[Result]:
    return [Result(kind, f"q{n}", c, wrong) for n, (c, wrong) in enumerate(confident)]


def test_a_hidden_document_is_never_found_and_the_next_ones_take_its_place(
    index: BenchIndex, bench: Bench, gold: Gold
) -> None:
    with index.view() as view:
        assert sources(view.search("alphatine for mice", 2))[0] == "mice.txt"
        bench.hidden = gold.documents("mice.txt")
        found = view.search("alphatine for mice", 2)
    assert len(found) == 2
    assert "mice.txt" not in sources(found)


def test_a_remembered_search_costs_no_second_time(index: BenchIndex, bench: Bench) -> None:
    bench.remember = True
    with index.view() as view:
        once = view.search("betamycin", 3)
    spent = bench.retrieving
    with index.view() as view:
        assert view.search("betamycin", 3) == once
        assert bench.retrieving == spent > 0
        view.search("thrush", 3)
    assert bench.retrieving > spent


def test_a_timed_reader_judges_as_the_reader_itself_does(
    index: BenchIndex, bench: Bench, embedder: Embedder
) -> None:
    reader = OverlapReader(embedder)
    timed = TimedReader(reader, bench)
    with index.view() as view:
        hits = view.search(QUESTIONS[0].question, 3)
    assert timed.read(QUESTIONS[0].question, hits) == reader.read(QUESTIONS[0].question, hits)
    assert timed.threshold(0.3) == reader.threshold(0.3)
    assert (timed.name, timed.default_risk) == (reader.name, reader.default_risk)
    assert bench.reading > 0
    bench.reset()
    assert bench.reading == 0


def test_compared_readers_read_the_same_hits(folder: Path, embedder: Embedder) -> None:
    one, other = LastWords(), LastWords()
    compare(folder, embedder, [one, other], QUESTIONS)
    assert one.seen == other.seen
    assert [question for question, _ in one.seen[1:]] == [q.question for q in QUESTIONS]


def test_the_better_reader_has_the_better_figures_and_both_have_their_seconds(
    folder: Path, embedder: Embedder
) -> None:
    worse, better = compare(folder, embedder, [LastWords(), OverlapReader(embedder)], QUESTIONS)
    assert better.values("sentence_hit@1") == [1.0, 1.0, 1.0]
    assert sum(v or 0.0 for v in worse.values("recall@1")) < 3
    gain = difference(better.values("recall@1"), worse.values("recall@1"))
    assert gain.value is not None
    assert gain.value > 0
    for run_ in (worse, better):
        for retrieve, read, compose, whole in zip(*run_.seconds.values(), strict=True):
            assert min(retrieve, read, compose) > 0
            assert whole == pytest.approx(retrieve + read + compose)
    assert worse.seconds["retrieve"] == better.seconds["retrieve"]


def test_a_reader_does_not_differ_from_itself(folder: Path, embedder: Embedder) -> None:
    reader = OverlapReader(embedder)
    runs = compare(folder, embedder, [reader, reader], QUESTIONS)
    table = to_table(runs)
    (row,) = (line for line in table.splitlines() if "sentence hit@1" in line)
    assert row.split("|")[4].strip() == "0.000 (0.000–0.000)"
    assert "3 questions" in table


def test_a_difference_is_of_the_questions_that_both_have() -> None:
    found = difference([1.0, None, 0.5, 1.0], [0.0, 1.0, None, 0.5])
    assert (found.value, found.n) == (0.75, 2)


def test_an_interval_of_one_group_is_a_point_and_of_many_is_not() -> None:
    values = np.array([0.0, 1.0, 1.0, 1.0])

    def share(weights: Weights) -> float:
        return float(weights @ values / weights.sum())

    together = bootstrapped(share, ["q"] * 4)
    apart = bootstrapped(share, list("abcd"))
    assert (together.value, together.low, together.high) == (0.75, 0.75, 0.75)
    assert apart.low is not None
    assert apart.high is not None
    assert apart.low < 0.75 < apart.high


def test_a_figure_of_nothing_is_shown_as_a_dash() -> None:
    assert shown(bootstrapped(lambda weights: float("nan"), ["q"])) == "–"
    assert shown(median([])) == "–"
    assert shown(median([2.0, 2.0, 2.0]), digits=1) == "2.0 (2.0–2.0)"


def test_each_question_is_asked_with_its_paper_without_it_and_as_a_near_miss(gold: Gold) -> None:
    askings = list(covid_askings(QUESTIONS, gold))
    first = [asking for asking in askings if asking.group == "q0"]
    assert [asking.kind for asking in first] == [ANSWERABLE, REMOVED, NEAR_MISS]
    assert [asking.question.answerable for asking in first] == [True, False, False]
    assert first[1].hidden == gold.documents("mice.txt")
    assert not first[0].hidden | first[2].hidden
    assert first[2].question.question != first[0].question.question == first[1].question.question


def test_the_confidence_falls_where_the_answer_was_taken_away(
    index: BenchIndex, bench: Bench, gold: Gold, embedder: Embedder
) -> None:
    reader = OverlapReader(embedder)
    assistant = Assistant(index, embedder, reader, candidates=2)
    found = ask_all(assistant, list(covid_askings(QUESTIONS, gold)), gold, bench)
    assert [r.wrong for r in found if r.kind == ANSWERABLE] == [False] * 3
    assert all(r.wrong for r in found if r.kind != ANSWERABLE)
    assert separation(found, REMOVED).value == 1.0
    assert not bench.hidden
    text = report(found, reader, risks=(1.0,))
    assert "6 askings, answerable or with their own paper removed: AURC " in text
    assert "| own paper removed | 3 | 1.000 (1.000–1.000) |" in text
    # At a risk of 1 all six are answered, and the three without a paper are wrong.
    assert "| 1 | 0.000 | 0.500 (0.500–0.500) | 1.000 (1.000–1.000) |" in text


def test_the_separation_is_the_auroc() -> None:
    high, low = (0.9, 0.4, 0.6, 0.6), (0.5, 0.6, 0.1)
    found = [
        *results(ANSWERABLE, *((c, False) for c in high)),
        *results(REMOVED, *((c, True) for c in low)),
    ]
    measured = separation(found, REMOVED)
    assert measured.value == auroc(high, low)
    assert measured.low is not None
    assert measured.high is not None
    assert measured.low < measured.high


def test_the_risk_is_of_the_answers_given_and_the_coverage_of_all_askings() -> None:
    found = results(ANSWERABLE, (0.9, False), (0.8, True), (0.7, False), (0.1, True))
    assert risk_at(found, 0.75).value == 0.5
    assert answered_at(found, 0.75).value == 0.5
    assert risk_at(found, 0.95).value is None
    assert answered_at(found, 0.95).value == 0.0


def test_average_precision_is_divided_by_what_could_be_found_among_ten() -> None:
    assert average_precision([True, False, True], 2) == pytest.approx((1 + 2 / 3) / 2)
    assert average_precision([True] * 12, 40) == 1.0
    assert average_precision([False] * 10 + [True], 1) == 0.0


def test_the_first_five_distinct_marked_spans_count() -> None:
    text = "Abba abba Cara Dodo Etta Flip Gigi"
    starts = (0, 5, 10, 15, 20, 25, 30)
    spans = [Span(at, at + 4) for at in starts]
    marked = [ScoredSentence(Span(0, 34), 1.0 - at / 100, span) for at, span in enumerate(spans)]
    bare = ScoredSentence(Span(0, 34), 1.0)
    ranked = [Ranked("names", one) for one in (bare, *marked)]
    assert first_names(ranked, lambda _: text) == ["Abba", "Cara", "Dodo", "Etta", "Flip"]


def test_snippets_documents_and_factoids_are_judged_by_their_gold(
    tmp_path: Path, embedder: Embedder, bench: Bench
) -> None:
    abstracts = [
        {"pmid": "1", "title": "On mice", "text": PAPERS["mice.txt"]},
        {"pmid": "2", "title": "On rats", "text": PAPERS["rats.txt"]},
    ]
    question = {
        "id": "x",
        "type": "factoid",
        "question": "Which animals received betamycin twice daily?",
        "exact_answers": [["the rats", "Rattus"]],
        "gold_pmids": ["2", "999"],
        "snippets": [{"pmid": "2", "text": "Rats received 5 mg of betamycin twice daily."}],
    }
    for name, entries in (("abstracts.jsonl", abstracts), ("dev_11b.jsonl", [question])):
        (tmp_path / name).write_text("\n".join(map(json.dumps, entries)), "utf-8")
    (asked,) = read_asked(tmp_path)
    assert asked.documents == {"2.md"}
    (tmp_path / "pool").mkdir()
    for entry in abstracts:
        file = tmp_path / "pool" / f"{entry['pmid']}.md"
        head = json.dumps({"title": entry["title"], "pmid": entry["pmid"]}, indent=0)
        file.write_bytes(f"---\n{head}\n---\n\n{entry['title']}\n\n{entry['text']}\n".encode())
    with BenchIndex(tmp_path / "index", embedder, bench) as index:
        ingest(index, embedder, [tmp_path / "pool"])
        gold = Gold(index.sources(), texts_of(index))
        with index.view() as view:
            (good,) = run(view, OverlapReader(embedder), [asked], gold, 5)
            (bad,) = run(view, LastWords(), [asked], gold, 5)
            judgement = LastWords().read("", view.search("rats", 5))
    assert good["snippet hit@1"] == good["snippet hit@5"] == good["document MAP@10"] == 1.0
    assert good["factoid lenient accuracy"] == 0.0  # the first reader marks nothing
    assert bad["snippet hit@1"] == 0.0
    assert bad["factoid strict accuracy"] <= bad["factoid lenient accuracy"]
    assert bad["document MAP@10"] == 0.5
    scores = [one.sentence.score for one in sentences(judgement)]
    assert scores == sorted(scores, reverse=True)
    assert "| snippet hit@1 | 1.000 (1.000–1.000) | 1 |" in to_markdown("overlap", [good])


def test_a_list_with_no_weight_is_left_out_of_the_fusion(
    tmp_path: Path, embedder: Embedder
) -> None:
    documents = [load_bytes(text.encode(), name) for name, text in PAPERS.items()]
    cut = cut_up(documents, PassageSize(10, 40), plain_text, embedder, tmp_path / "words")
    dense = cut.dense_list(embedder.embed_queries(["thrushes at dawn"])[0])
    lexical = cut.lexical_list("oats cages")
    assert len(dense) == len(cut.passages) > len(documents)
    found = [cut.passages[row].text.lower() for row in lexical]
    assert found
    assert all("oats" in text or "cages" in text for text in found)
    assert cut.fused((dense, lexical), Fusion(1, 0, 10)) == dense
    assert cut.fused((dense, lexical), Fusion(0, 1, 60)) == lexical
    assert Fusion(0.5, 1, 10).name == "0.5 : 1, k = 10"


def test_recall_at_a_budget_counts_only_what_fits_into_it(
    tmp_path: Path, embedder: Embedder
) -> None:
    sentence = "This sentence about nothing is repeated until the passage is long. "
    long = load_bytes((sentence * 500).encode(), "long.txt")
    size = PassageSize(BUDGET // 4, BUDGET // 3)
    cut = cut_up([long], size, plain_text, embedder, tmp_path / "words")
    rows = range(len(cut.passages))
    fits = int((np.cumsum([len(p.text) for p in cut.passages]) <= BUDGET).sum())
    assert 1 < fits < len(rows)
    inside = cut.recalls(rows, [row == fits - 1 for row in rows])
    outside = cut.recalls(rows, [row == fits for row in rows])
    assert len(inside) == len(CUTS) + 1
    assert (inside[-1], outside[-1]) == (1.0, 0.0)
    assert inside[CUTS.index(5)] == outside[CUTS.index(10)] == 1.0


def test_every_size_text_and_fusion_has_its_row(embedder: Embedder) -> None:
    papers = [
        Paper(
            name,
            text,
            tuple(
                PaperQuestion(
                    "q", words, (answer,), ((text.index(answer), text.index(answer) + 4),)
                )
                for words, (source, answer) in ASKED.items()
                if source == name
            ),
        )
        for name, text in PAPERS.items()
    ]
    head, _, *rows = table_rows(papers, embedder, sizes=[PassageSize(600, 1000)])
    assert len(rows) == 2 * 8
    assert {row.count("|") for row in (head, *rows)} == {head.count("|")}
    assert rows[1].endswith("| BM25 alone | 3 | 1.000 | 1.000 | 1.000 | 1.000 | 1.000 |")
