"""Tests of the lexical index against Tantivy's own scores and of its folders."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
import tantivy

from index.bm25 import Choice, Wording, rounded_length
from index.lexical import LexicalIndex, Rows
from index.terms import asked, terms
from index.worded import covering


def passages(count: int, seed: int = 0) -> list[tuple[int, str]]:
    """Rows and texts of made-up words, short and long, common and rare."""
    dice = random.Random(seed)
    vocabulary = [f"word{n}x" for n in range(200)]
    return [
        (row, " ".join(dice.choices(vocabulary[: dice.randint(5, 200)], k=dice.randint(1, 400))))
        for row in range(count)
    ]


QUERY = "word1x word7x WORD150x and nothing else"


def candidates(
    index: LexicalIndex, texts: dict[int, str], count: int, rows: Rows | None = None
) -> set[int]:
    """Rows among which the best surely are."""
    scorer = index.scorer(QUERY)
    (scores,) = covering(
        lambda limit: index.promising([scorer], limit, rows),
        lambda found: [{row: scorer.score(texts[row]) for row in found}],
        count,
    )
    return set(scores)


def reference(index: LexicalIndex, query: str) -> dict[int, float]:
    """Rows and scores as Tantivy alone gives them."""
    folder = tantivy.Index.open(str(index.folder))
    clauses = [
        (tantivy.Occur.Should, tantivy.Query.term_query(folder.schema, "words", term, "freq"))
        for term in set(terms(query))
    ]
    searcher = folder.searcher()
    hits = searcher.search(tantivy.Query.boolean_query(clauses), 10_000).hits
    rows = searcher.fast_field_values("passage", [address for _, address in hits])
    return {int(row): score for row, (score, _) in zip(rows, hits, strict=True) if row is not None}


def test_scores_agree_with_tantivy(tmp_path: Path) -> None:
    texts = passages(500)
    index = LexicalIndex.write(tmp_path / "0", texts)
    scorer = index.scorer(QUERY)
    wanted = reference(index, QUERY)
    assert len(wanted) > 300
    for row, text in texts:
        assert scorer.score(text) == pytest.approx(wanted.get(row, 0.0), rel=1e-5)


def test_an_index_made_in_steps_scores_as_one_made_at_once(tmp_path: Path) -> None:
    texts = passages(500)
    once = LexicalIndex.write(tmp_path / "once", texts)
    steps = LexicalIndex.write(tmp_path / "0", texts[:100])
    for n in range(1, 21):
        steps = steps.extend(tmp_path / str(n), texts[80 + 20 * n : 100 + 20 * n])
    assert (len(steps), steps.length) == (len(once), once.length)
    assert [steps.scorer(QUERY).score(t) for _, t in texts] == [
        once.scorer(QUERY).score(t) for _, t in texts
    ]


def test_extending_leaves_the_old_folder_as_it_was(tmp_path: Path) -> None:
    texts = passages(60)
    old = LexicalIndex.write(tmp_path / "old", texts[:50])
    before = {file.name: file.read_bytes() for file in old.folder.iterdir()}
    old.extend(tmp_path / "new", texts[50:])
    assert {file.name: file.read_bytes() for file in old.folder.iterdir()} == before
    assert len(LexicalIndex(tmp_path / "new", (0, 0))) == 60


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_removed_passages_count_for_nothing(tmp_path: Path, seed: int) -> None:
    texts = dict(passages(400, seed))
    dice = random.Random(seed)
    index = LexicalIndex.write(tmp_path / "0", list(texts.items())[:200])
    there = set(range(200))
    for step in range(1, 9):
        # Some that were removed come again, and some go a second time.
        came = sorted(dice.sample(sorted(set(texts) - there), 20))
        went = sorted(dice.sample(sorted(there), 15 if step < 8 else 0))
        index = index.extend(
            tmp_path / str(step), [(r, texts[r]) for r in came], [(r, texts[r]) for r in went]
        )
        there = (there | set(came)) - set(went)
    again = LexicalIndex(tmp_path / "8", index.lengths)
    once = LexicalIndex.write(tmp_path / "once", [(row, texts[row]) for row in sorted(there)])
    for one in (index, again):
        assert (len(one), one.length) == (len(once), once.length)
        scorer = one.scorer(QUERY)
        assert [scorer.score(t) for t in texts.values()] == [
            once.scorer(QUERY).score(t) for t in texts.values()
        ]
        for count in (1, 10, 50, 1000):
            best = sorted(there, key=lambda row: (-scorer.score(texts[row]), row))[:count]
            found = candidates(one, texts, count)
            assert {row for row in best if scorer.score(texts[row]) > 0} <= found <= there
            given = one.promising([scorer], count).rows
            assert len(given) == len(set(given))


@pytest.mark.parametrize("count", [1, 10, 50, 1000])
def test_the_best_passages_are_among_the_candidates(tmp_path: Path, count: int) -> None:
    texts = dict(passages(300))
    index = LexicalIndex.write(tmp_path / "0", list(texts.items()))
    scorer = index.scorer(QUERY)
    best = sorted(texts, key=lambda row: (-scorer.score(texts[row]), row))[:count]
    assert {row for row in best if scorer.score(texts[row]) > 0} <= candidates(index, texts, count)


@pytest.mark.parametrize("count", [1, 10, 50])
def test_nothing_scores_more_than_is_said_by_any_wording(tmp_path: Path, count: int) -> None:
    texts = passages(300)
    index = LexicalIndex.write(tmp_path / "0", texts[:280])
    index = index.extend(tmp_path / "1", texts[280:], texts[:40])
    whole = Choice(("word1x",), (("word9x", "word80x"), ("word150x",)))
    wordings = [
        Wording(("word7x",), (whole,)),
        Wording(("word7x", "word9x"), (Choice((), (("word1x", "word80x"),)),)),
    ]
    scorers = [index.scorer(wording) for wording in wordings]
    rows, most, others = index.promising(scorers, count)
    assert len(rows) >= count
    assert most == sorted(most, reverse=True)
    scores = {row: max(scorer.score(text) for scorer in scorers) for row, text in texts[40:]}
    assert all(scores[row] <= bound for row, bound in zip(rows, most, strict=True))
    assert 0.0 < max(scores[row] for row in scores.keys() - set(rows)) <= others


@pytest.mark.parametrize("among", [5, 30, 41, 150, 299])
def test_the_best_of_those_that_may_be_given_are_among_the_candidates(
    tmp_path: Path, among: int
) -> None:
    texts = dict(passages(300))
    index = LexicalIndex.write(tmp_path / "0", list(texts.items()))
    scorer = index.scorer(QUERY)
    rows = np.array(sorted(random.Random(among).sample(sorted(texts), among)), dtype=np.int64)
    best = sorted(rows.tolist(), key=lambda row: (-scorer.score(texts[row]), row))[:10]
    wanted = {row for row in best if scorer.score(texts[row]) > 0}
    assert wanted <= candidates(index, texts, 10, rows) <= set(rows.tolist())


def test_all_passages_that_tie_for_the_last_place_are_candidates(tmp_path: Path) -> None:
    same = dict.fromkeys(range(400), "word1x word2x")
    index = LexicalIndex.write(tmp_path / "0", list(same.items()))
    assert candidates(index, same, 3) == set(range(400))


def test_words_that_only_ask_are_not_searched_for() -> None:
    assert asked("What was the dose, and how did the tumour respond?") == sorted(
        terms("the dose and tumour respond")
    )
    assert asked("Who is who?") == ["is", "who"]


def test_common_inflections_meet() -> None:
    assert terms("responding responses") == terms("respond response")


def test_lengths_are_rounded_as_lucene_rounds_them() -> None:
    assert [rounded_length(n) for n in (0, 1, 24, 40, 41, 42, 55, 57, 100, 160, 1000)] == [
        *(0, 1, 24, 40, 40, 42, 54, 56, 96, 152, 984)
    ]
