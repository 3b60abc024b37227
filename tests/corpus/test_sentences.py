"""Where sentences end, and where they only seem to."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from corpus.compare_sentences import (
    GoldProblem,
    Paragraph,
    Score,
    Splitter,
    app,
    read_gold,
    score,
    with_pincite,
    with_pysbd,
    with_syntok,
)
from corpus.document import Span
from corpus.sentences import sentence_spans

GOLD = Path(__file__).with_name("gold_sentences.txt")
SPLITS = ("dev", "held-out")


def sentences(text: str) -> list[str]:
    return [text[span.start : span.end] for span in sentence_spans(text)]


# -- against the gold ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def gold() -> dict[str, list[Paragraph]]:
    return read_gold(GOLD)


def test_the_gold_holds_many_boundaries_and_many_places_that_only_look_like_one(
    gold: dict[str, list[Paragraph]],
) -> None:
    assert set(gold) == set(SPLITS)
    for split in SPLITS:
        boundaries = sum(len(p.starts) for p in gold[split])
        stops = sum(len(re.findall(r"[.?!…]\S*\s", p.text)) for p in gold[split])
        assert boundaries >= 90
        assert stops - boundaries >= 60


@pytest.mark.parametrize("split", SPLITS)
def test_boundaries_reach_an_f1_of_097_on_the_gold(
    gold: dict[str, list[Paragraph]], split: str
) -> None:
    assert score(with_pincite, gold[split]).f1 >= 0.97


@pytest.mark.parametrize("library", [with_pysbd, with_syntok])
@pytest.mark.parametrize("split", SPLITS)
def test_no_library_is_better_on_the_gold(
    gold: dict[str, list[Paragraph]], split: str, library: Splitter
) -> None:
    ours, theirs = score(with_pincite, gold[split]), score(library, gold[split])
    assert theirs.right > 0
    assert ours.f1 >= theirs.f1
    assert ours.precision >= theirs.precision
    assert ours.recall >= theirs.recall


# -- single cases ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "Rates were given by Ito et al[28,29] and by Bose et al. (2003) for both arms.",
        "Between 2.5 × 107-5.0 × 108 IU/m2 were given, P = 0.00058, i.e. a gain.",
        "Two agents, e.g. 5-FU vs. Cisplatin, were compared (Figs. 2-3, Ref. 4).",
        "The No. of patients was approx. 40, cf. J. Hepatol. vol. 3, pp. 12-15.",
        "Cultures of S. aureus and E. coli were kept by R. S. Holm at St. Louis.",
        "The U.S. Food office and Nordo Inc. met at 9 a.m. on Monday.",
        "Aims were (1) to treat; (2) to watch. (n = 299)",
        "The slides are at https://a.example.org/x.Y?z=1. html and doi:10.1000/a.b.C too.",
        "See config.Default and stats.Model for the values.",
        "The dose fell (it was too high. All felt ill.) but only once.",
        "The drug cost 0. 05 per mg.",
        "Levels rose, e.g.\nin women, and fell, i.e.,\nin men.",
    ],
)
def test_a_stop_that_ends_nothing_does_not_cut(text: str) -> None:
    assert sentences(text) == [text]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("It failed.[12]", "The next trial did not."),
        ("It failed.12,13", "Then it was stopped."),
        ("It failed.(5)", "Others went on."),
        ("It failed. 7", "Consistent with this, few used it."),
        ("It failed[5].", "As a rule, it does."),
        ("It failed.", "p53 was lost."),
        ("It failed.", "mTOR was active."),
        ("It failed.", "12 patients died."),
        ("It failed.", "α-Fetoprotein rose."),
        ("It failed.", "(No one knew why.)"),
        ("It failed!", "Why?"),
        ("Most had hepatitis B.", "Cirrhosis was rare."),
        ("It was given by R. S. Holm et al.", "However, it failed."),
        ("The pH was 7.4.", "Salt was added."),
        ("One was stable, one had PD.", "Both went on."),
        ("Grade 3 events, infections, etc.", "Deaths were rare."),
        ("It lasted 24 h.", "Cells were then fixed."),
    ],
)
def test_a_stop_that_ends_a_sentence_cuts_behind_what_belongs_to_it(
    first: str, second: str
) -> None:
    assert sentences(f"{first} {second}") == [first, second]


def test_sentences_that_a_layout_ran_together_are_cut_where_that_is_certain() -> None:
    assert sentences("All had cirrhosis.The cause was viral.") == [
        "All had cirrhosis.",
        "The cause was viral.",
    ]
    assert sentences("Values rose (P < 0.05).Fig. 2 Values by arm.") == [
        "Values rose (P < 0.05).",
        "Fig. 2 Values by arm.",
    ]


def test_full_width_stops_cut_without_a_space() -> None:
    assert sentences("効果はない。副作用は多い！") == ["効果はない。", "副作用は多い！"]


def test_a_bracket_that_is_never_closed_hides_no_boundary() -> None:
    filler = "Doses were kept. " * 40
    assert len(sentences(f"The arm (of two was closed. {filler}")) == 41


# -- the promises about spans ----------------------------------------------------------------------

SCRAPS = st.sampled_from(
    [
        *(
            ". ",
            "? ",
            "! ",
            "… ",
            ".",
            "。",
            ".[12] ",
            ".12 ",
            ". 3 ",
            " ",
            "\n",
            "\u00a0",
            "\u2003",
        ),
        *("(", ")", "[", "]", "“", "”", '"', "'", "「", "」"),
        *("The", "We", "p53", "mTOR", "α-SMA", "12", "0", ".05", "et al", "Fig", "vs", "No", "U.S"),
        *("e.g", "A", "B", "hepatitis", "word", "Word", "1", "=", ",", "・", "𝒳", "é", "\u200b"),
    ]
)
TEXTS = st.one_of(st.text(max_size=200), st.lists(SCRAPS, max_size=80).map("".join))


@given(TEXTS)
@settings(deadline=None)
def test_spans_cover_every_character_that_is_not_white_space(text: str) -> None:
    covered = {i for span in sentence_spans(text) for i in range(span.start, span.end)}
    assert {i for i, c in enumerate(text) if not c.isspace()} <= covered


@given(TEXTS)
@settings(deadline=None)
def test_spans_are_in_order_apart_not_empty_and_trimmed(text: str) -> None:
    spans = sentence_spans(text)
    end = 0
    for span in spans:
        assert end <= span.start < span.end <= len(text)
        assert text[span.start : span.end] == text[span.start : span.end].strip()
        end = span.end


@given(TEXTS, TEXTS, TEXTS)
@settings(deadline=None)
def test_a_range_gives_the_spans_of_its_slice_moved_by_its_start(
    before: str, text: str, behind: str
) -> None:
    moved = [Span(a + len(before), b + len(before)) for a, b in sentence_spans(text)]
    whole = before + text + behind
    assert sentence_spans(whole, len(before), len(before) + len(text)) == moved


@given(TEXTS)
@settings(deadline=None)
def test_the_same_text_gives_the_same_spans(text: str) -> None:
    assert sentence_spans(text) == sentence_spans(text)


@given(TEXTS)
@settings(deadline=None)
def test_white_space_around_a_text_moves_its_spans_and_changes_nothing_else(text: str) -> None:
    moved = [Span(a + 2, b + 2) for a, b in sentence_spans(text)]
    assert sentence_spans(f"\n {text} ") == moved


@pytest.mark.parametrize(("start", "end"), [(-1, 2), (3, 2), (0, 99), (99, None)])
def test_a_range_outside_the_text_is_refused(start: int, end: int | None) -> None:
    with pytest.raises(ValueError, match="does not lie inside 5 characters"):
        sentence_spans("abcde", start, end)


# -- time ------------------------------------------------------------------------------------------

HOSTILE = (
    ". ",
    "A. ",
    "a.",
    "?",
    "? ",
    "([",
    "(. ",
    '."',
    ".1,1",
    ".  [1",
    "1. ",
    "e.g. ",
    "group A and B or ",
    "\n.\n",
)


@pytest.mark.parametrize("scrap", HOSTILE)
def test_hostile_text_is_read_in_linear_time(scrap: str) -> None:
    text = scrap * (100_000 // len(scrap))
    began = time.perf_counter()
    sentence_spans(text)
    assert time.perf_counter() - began < 3.0  # about 0.3 s; quadratic time would take minutes


@pytest.mark.slow
def test_ten_megabytes_on_one_line_are_cut_in_seconds() -> None:
    sentence = "Survival was 7.9 mo (P = 0.05), i.e. not long, in arm B.[12] "
    text = sentence * (10_000_000 // len(sentence))
    began = time.perf_counter()
    spans = sentence_spans(text)
    assert time.perf_counter() - began < 60.0
    assert len(spans) == 10_000_000 // len(sentence)


# -- the measurement itself ------------------------------------------------------------------------


def test_the_score_counts_right_wrong_and_missed_boundaries() -> None:
    paragraphs = [Paragraph("One. Two. Three vs. four.", (5, 10))]
    assert score(lambda text: [4, 19, len(text)], paragraphs) == Score(right=1, wrong=1, missed=1)
    assert score(lambda text: [5, 9, len(text)], paragraphs) == Score(right=2)
    assert Score(right=1, wrong=1, missed=1).f1 == pytest.approx(0.5)
    assert Score(right=3, wrong=1, missed=0).precision == pytest.approx(0.75)
    assert Score(right=3, wrong=0, missed=1).recall == pytest.approx(0.75)


def test_a_gold_file_is_read_by_split(tmp_path: Path) -> None:
    path = tmp_path / "gold.txt"
    path.write_text("# remark\n== dev\nOne. ‖Two.‖Three.\n\n== held-out\nFour.\n", encoding="utf-8")
    assert read_gold(path) == {
        "dev": [Paragraph("One. Two.Three.", (5, 9))],
        "held-out": [Paragraph("Four.", ())],
    }


def test_a_paragraph_outside_every_split_is_named_by_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "gold.txt"
    path.write_text("# remark\nLost.\n", encoding="utf-8")
    with pytest.raises(GoldProblem, match=r"gold\.txt, line 2"):
        read_gold(path)


def test_the_command_prints_a_row_for_each_system_and_split(tmp_path: Path) -> None:
    path = tmp_path / "gold.txt"
    path.write_text("== dev\nOne thing. ‖Two things.\n", encoding="utf-8")
    result = CliRunner().invoke(app, [str(path)], env={"COLUMNS": "120"})
    assert result.exit_code == 0
    rows = [line for line in result.stdout.splitlines() if " dev " in line]
    assert [row.split("│")[2].strip() for row in rows] == ["pincite", "pysbd", "syntok"]


def test_the_command_shows_what_was_cut_wrongly(tmp_path: Path) -> None:
    path = tmp_path / "gold.txt"
    path.write_text("== dev\nOne thing. ‖Two things.\nThree. Four.\n", encoding="utf-8")
    result = CliRunner().invoke(app, [str(path), "--errors", "dev"], env={"COLUMNS": "120"})
    assert "Three.‖Four." in result.stdout
    assert "One thing.‖Two things." not in result.stdout


def test_a_missing_gold_file_is_one_sentence_and_exit_code_2(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, [str(tmp_path / "none.txt")])
    assert result.exit_code == 2
    assert "none.txt cannot be read: No such file or directory." in result.output


def test_a_gold_file_that_is_no_utf_8_text_is_named(tmp_path: Path) -> None:
    path = tmp_path / "gold.txt"
    path.write_bytes(b"== dev\n\xff\n")
    with pytest.raises(GoldProblem, match=r"gold\.txt cannot be read: it is not UTF-8 text"):
        read_gold(path)
