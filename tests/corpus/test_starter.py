"""The starter corpus and its question sets: true to their originals, and in our own words."""

from __future__ import annotations

import json
import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
STARTER = ROOT / "corpus" / "starter"
QUESTIONS = ROOT / "qa" / "questions"
SEEDS = ROOT.parent / "shared" / "seeds"

REVIEW, MTOR, CERITINIB, HACE = (
    "000_98ebf1434331c372.txt",
    "001_ea99bb8ca041e126.txt",
    "002_852c80d5f217f38d.txt",
    "003_41fba070bb5a3ede.txt",
)
NAMED_AS = {
    REVIEW: "a review of the systemic therapy of advanced hepatocellular carcinoma",
    MTOR: "Liver Cancer 2012;1(3-4):247-56",
    CERITINIB: "Hepatology Communications 2018",
    HACE: "Digestion 2000;62 Suppl 1:79-83",
}
"""How the ``digest of`` line names each original."""

STATED = {
    REVIEW: {},  # the file states neither title, authors, journal, year nor DOI
    MTOR: {
        "authors": ["Richard S Finn"],
        "journal": "Liver Cancer",
        "year": 2012,
        "doi": "10.1159/000343839",
    },
    CERITINIB: {"journal": "Hepatology Communications", "year": 2018},
    HACE: {"journal": "Digestion", "year": 2000, "doi": "10.1159/000051860"},
}
"""What each original states of itself: what a digest of it alone must say, with no guess added."""

COMPUTED = {
    "hcc-chemotherapy.md": {"23": "the rows of the table of trials, counted"},
}
"""Numbers that stand in no original, with the reason why they are right."""

DOCUMENTS = sorted(STARTER.glob("*.md"))
needs_seeds = pytest.mark.skipif(
    not SEEDS.is_dir(), reason="the original documents (../shared/seeds) are not on this machine"
)
each_document = pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: p.stem)


@cache
def split(path: Path) -> tuple[dict[str, Any], str]:
    """Front matter and body of a starter document."""
    _, front, body = path.read_text(encoding="utf-8").split("---\n", 2)
    return yaml.safe_load(front), body


@cache
def seed(name: str) -> str:
    return (SEEDS / name).read_text(encoding="utf-8")


def normal(text: str) -> str:
    """Compatibility form (10⁷ reads 107), one kind of dash, primes and white space."""
    text = unicodedata.normalize("NFKC", text)
    text = re.sub(r"[\u2010-\u2015\u2212]", "-", text).replace("’", "'")
    return re.sub(r"\s+", " ", text)


def words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", normal(text).lower())


def runs(text: str, length: int) -> set[tuple[str, ...]]:
    tokens = words(text)
    return {tuple(tokens[i : i + length]) for i in range(len(tokens) - length + 1)}


def cells(line: str) -> str:
    return " | ".join(cell.strip() for cell in line.strip().strip("|").split("|"))


@cache
def quotable(path: Path) -> tuple[list[str], set[str]]:
    """The paragraphs of a document, white space collapsed, and its table rows."""
    _, body = split(path)
    rows = {cells(line) for line in body.splitlines() if line.startswith("|")}
    blocks = [b for b in body.split("\n\n") if not b.lstrip().startswith(("#", "|"))]
    return [" ".join(b.split()) for b in blocks], rows


def prose(path: Path) -> str:
    return "\n".join(quotable(path)[0])


def originals(path: Path) -> list[str]:
    line = split(path)[0]["digest of"]
    return [name for name, words_used in NAMED_AS.items() if words_used in line]


def numbers(text: str) -> set[str]:
    return set(re.findall(r"\d+(?:[.,]\d+)*", normal(text)))


def quantities(text: str) -> set[tuple[str, str]]:
    """Percentages and months, each end of a range by itself: ``33-80%`` gives 33 % and 80 %."""
    found = re.findall(
        r"(?:(\d+(?:\.\d+)?) ?%? ?(?:-|to|and) ?)?(\d+(?:\.\d+)?) ?(%|mo(?:nths)?\b)", normal(text)
    )
    return {(value, unit[0]) for low, high, unit in found for value in (low, high) if value}


def rows_of_review_table() -> set[str]:
    """The figures in the last column of the review's table, response rates in per cent."""
    return set(re.findall(r" (?:\d+) +(\d+(?:\.\d+)?)\s*$", seed(REVIEW), flags=re.MULTILINE))


# The documents


def test_there_are_enough_documents_and_enough_of_them_have_tables() -> None:
    assert len(DOCUMENTS) >= 16
    assert sum(bool(quotable(path)[1]) for path in DOCUMENTS) >= 4


@each_document
def test_front_matter_says_what_the_original_states_and_nothing_more(path: Path) -> None:
    front, body = split(path)
    assert front["title"]
    assert body.lstrip().splitlines()[0] == f"# {front['title']}"
    sources = originals(path)
    assert sources, "the digest names no known original"
    stated = STATED[sources[0]] if len(sources) == 1 else {}
    assert {k: v for k, v in front.items() if k not in {"title", "digest of"}} == stated


@each_document
def test_a_document_says_to_its_reader_that_it_is_a_digest_and_of_what(path: Path) -> None:
    assert "This page is a digest, in our own words, of" in prose(path)
    for name in originals(path):
        located = STATED[name].get("doi", name)
        assert str(located) in prose(path)


@each_document
def test_a_document_is_neither_a_stub_nor_a_book(path: Path) -> None:
    assert 350 <= len(split(path)[1].split()) <= 900
    assert split(path)[1].count("\n## ") >= 3


@needs_seeds
@each_document
def test_no_sentence_is_copied(path: Path) -> None:
    copied = runs(prose(path), 8) & set().union(*(runs(seed(name), 8) for name in NAMED_AS))
    assert not copied


@needs_seeds
@each_document
def test_every_number_stands_in_the_original_it_is_digested_from(path: Path) -> None:
    body = split(path)[1]
    for name in NAMED_AS:
        body = body.replace(name, "")
    known = set().union(*(numbers(seed(name)) for name in originals(path)))
    assert numbers(body) - known == set(COMPUTED.get(path.name, {}))


@needs_seeds
@each_document
def test_every_percentage_and_survival_time_is_one_of_the_original(path: Path) -> None:
    known = set().union(*(quantities(seed(name)) for name in originals(path)))
    if REVIEW in originals(path):
        known |= {(rate, "%") for rate in rows_of_review_table()}
    assert quantities(split(path)[1]) <= known


@needs_seeds
def test_the_table_of_trials_has_every_row_of_the_review() -> None:
    text = normal(seed(REVIEW)).replace("Falcon- Lizaraso", "Falcon-Lizaraso")
    text = text.replace("Bobbio- Pallavicini", "Bobbio-Pallavicini")
    table = re.search(r"Response rate Doxorubicin (.*) Table 1", text)
    assert table
    rows = [r.split(" | ") for r in quotable(STARTER / "hcc-chemotherapy.md")[1]]
    figures = [r for r in rows if r[-1][0].isdigit()]
    assert len(figures) == len(re.findall(r"(?<=[a-z]) \d+ \d+(?:\.\d+)?(?= |$)", table[1])) == 23
    for chemotherapy, study, patients, rate in figures:
        assert f"{chemotherapy} {study} {patients} {rate}" in table[1]


KEY_FIGURES = [
    ("sharp-trial.md", "10.7 months with sorafenib and 7.9 months with placebo"),
    (
        "sharp-trial.md",
        "hazard ratio for death in SHARP was 0.69 in favour of sorafenib (P = 0.00058)",
    ),
    ("sharp-trial.md", "5.5 months with sorafenib, against 2.8 months with placebo"),
    ("sharp-trial.md", "hazard ratio for progression in SHARP was 0.58 (P = 0.000007)"),
    ("sharp-trial.md", "Serious adverse events affected just 13% of patients"),
    ("asia-pacific-trial.md", "6.2 months on sorafenib"),
    (
        "asia-pacific-trial.md",
        "most common toxicity of sorafenib in the Asia-Pacific trial, at 10.1%",
    ),
    ("toxicity-comparison.md", "Diarrhoea was recorded in 39% in the SHARP trial"),
    ("doxorubicin-hcc.md", "shrinks the tumour in roughly 10–15% of patients"),
    ("combination-chemotherapy-piaf.md", "26% of patients in Leung's study had a partial response"),
    ("oxaliplatin-combinations.md", "response rate of capecitabine plus oxaliplatin was 6%"),
    ("interferon-hcc.md", "between 2.5 × 10⁷ and 5.0 × 10⁸ IU/m², three times a week"),
    ("thalidomide-hcc.md", "between 2.7 and 6.8 months"),
    ("hace-results.md", "fell by more than 50% in 57–91% of patients"),
    ("hace-results.md", "ranged from 33% to 80%"),
    ("hcc-overview.md", "Only about 20% of patients with HCC stand to gain from surgery"),
]
"""Read off the originals by hand: a right figure may still stand with the wrong arm."""


@pytest.mark.parametrize(("name", "phrase"), KEY_FIGURES)
def test_the_figures_that_matter_most_stand_with_what_they_measure(name: str, phrase: str) -> None:
    assert phrase in prose(STARTER / name)


# The question sets


def load(name: str) -> list[dict[str, Any]]:
    lines = (QUESTIONS / name).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def tagged(questions: list[dict[str, Any]], tag: str) -> list[dict[str, Any]]:
    return [q for q in questions if tag in q["tags"]]


def test_the_starter_questions_are_many_and_of_every_kind() -> None:
    questions = load("starter.jsonl")
    unanswerable = [q for q in questions if not q["answerable"]]
    assert len(questions) >= 125
    assert len(unanswerable) >= 32
    for kind in ("near-miss", "other-medicine", "everyday"):
        assert len(tagged(unanswerable, kind)) >= 10, kind
    assert len([q for q in questions if q.get("history")]) >= 12
    assert len(tagged(questions, "table")) >= 14
    for tag in ("number", "reason", "mechanism", "definition", "list", "yes-no", "comparison"):
        assert len(tagged(questions, tag)) >= 4, tag


@pytest.mark.parametrize("name", ["starter.jsonl", "seeds.jsonl"])
def test_questions_keep_the_file_format(name: str) -> None:
    questions = load(name)
    assert len({q["id"] for q in questions}) == len(questions)
    assert len({(q["question"], str(q.get("history"))) for q in questions}) == len(questions)
    for q in questions:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", q["id"])
        assert bool(q.get("answers")) == bool(q.get("evidence")) == q["answerable"], q["id"]
        assert all(turn["question"] for turn in q.get("history", []))


def test_every_piece_of_evidence_stands_in_its_document_and_holds_an_answer() -> None:
    for q in load("starter.jsonl"):
        for piece in q.get("evidence", []):
            paragraphs, rows = quotable(STARTER / piece["source"])
            quote = piece["quote"]
            assert quote in rows or any(quote in p for p in paragraphs), (q["id"], quote)
            assert ("table" not in q["tags"]) or quote in rows or " | " not in quote
            assert any(a.lower() in quote.lower() for a in q["answers"]), (q["id"], quote)


def test_the_evidence_is_whole_sentences() -> None:
    for q in load("starter.jsonl"):
        for piece in q.get("evidence", []):
            paragraphs, rows = quotable(STARTER / piece["source"])
            quote = re.escape(piece["quote"])
            whole = any(re.search(rf"(^|[.:] ){quote}($| [A-Z0-9])", p) for p in paragraphs)
            assert piece["quote"] in rows or (whole and quote.endswith(r"\.")), q["id"]


def test_table_questions_ask_for_table_rows() -> None:
    for q in tagged(load("starter.jsonl"), "table"):
        if q["answerable"]:
            assert any(" | " in piece["quote"] for piece in q["evidence"]), q["id"]


def test_no_question_repeats_the_words_of_its_evidence() -> None:
    for q in load("starter.jsonl"):
        for piece in q.get("evidence", []):
            assert not runs(q["question"], 7) & runs(piece["quote"], 7), q["id"]


def test_the_questions_on_the_original_documents_carry_figures_and_names_but_no_quotes() -> None:
    questions = load("seeds.jsonl")
    assert len(questions) == 36
    assert len([q for q in questions if not q["answerable"]]) == 6
    for q in questions:
        assert all(set(piece) == {"source"} for piece in q.get("evidence", []))
        assert all(len(words(answer)) <= 7 for answer in q.get("answers", [])), q["id"]


@needs_seeds
def test_the_answers_on_the_original_documents_stand_in_them() -> None:
    for q in load("seeds.jsonl"):
        for piece in q.get("evidence", []):
            text = normal(seed(piece["source"])).lower()
            assert any(normal(a).lower() in text for a in q["answers"]), q["id"]
