"""Groups made from files in the shapes of the data sets (the files here are our own words)."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from corpus.load import load_bytes
from index.base import Hit
from index.embed import Embedder
from index.local import LocalIndex
from qa.training.bioasq import Abstract, question_set, read_pool
from qa.training.evidence_inference import question_set as evidence_questions
from qa.training.evidence_inference import write_articles
from qa.training.full_papers import bioasq_groups, covid_groups, covid_unanswerable, evidence_groups
from qa.training.overlap_examples import fill
from qa.training.short_texts import qamr_groups, scifact_groups, squad_groups
from qa.training.squad import Paper, PaperQuestion
from qa.training.table_groups import table_groups

PARAGRAPH = "The lamp was lit in May. It burned for nine days."
OTHER = "The ship left port in June. Nobody waved."


def squad_file(path: Path, questions: list[dict[str, Any]]) -> Path:
    june = {"text": "June", "answer_start": OTHER.index("June")}
    left = {"id": "b", "question": "When did the ship leave?", "answers": [june]}
    paragraphs = [{"context": PARAGRAPH, "qas": questions}, {"context": OTHER, "qas": [left]}]
    path.write_text(json.dumps({"data": [{"title": "Lamp_post", "paragraphs": paragraphs}]}))
    return path


def test_squad_gives_the_sentence_the_shortest_answer_and_a_hard_negative(tmp_path: Path) -> None:
    answers = [
        {"text": "nine days", "answer_start": PARAGRAPH.index("nine")},
        {"text": "for nine days", "answer_start": PARAGRAPH.index("for nine")},
    ]
    path = squad_file(
        tmp_path / "s.json", [{"id": "a", "question": "How long?", "answers": answers}]
    )
    first, *_ = squad_groups([path, path])
    own, negative = first.passages
    assert own.gold == (False, True)
    assert own.answer is not None
    assert PARAGRAPH[slice(*own.answer)] == "nine days"
    assert own.heading == "Lamp post"
    assert negative.text == OTHER
    assert not negative.relevant


def test_squad_takes_a_question_once_and_knows_the_unanswerable(tmp_path: Path) -> None:
    asked = {"id": "a", "question": "Why?", "answers": [], "is_impossible": True}
    path = squad_file(tmp_path / "s.json", [asked])
    groups = list(squad_groups([path, path]))
    assert [g.question for g in groups] == ["Why?", "When did the ship leave?"]
    assert not any(p.relevant for p in groups[0].passages)


def test_qamr_gives_a_sentence_and_another_one(tmp_path: Path) -> None:
    path = squad_file(tmp_path / "q.json", [])
    (group,) = qamr_groups([path])
    assert [p.relevant for p in group.passages] == [True, False]
    assert group.passages[0].sentences == ((0, len(OTHER)),)


def test_scifact_gives_the_deciding_sentences_of_an_abstract(tmp_path: Path) -> None:
    documents = [
        {"doc_id": 1, "title": "Lamps", "abstract": ["Lamps burn oil.", "They last nine days."]},
        {"doc_id": 2, "title": "Ships", "abstract": ["Ships burn oil too."]},
    ]
    claim = {
        "id": 7, "claim": "Lamps last for days.", "cited_doc_ids": [1],
        "evidence": [{"doc_id": 1, "label": "SUPPORT", "sentences": [1]}],
    }  # fmt: skip
    corpus, claims = tmp_path / "corpus.jsonl", tmp_path / "claims.jsonl"
    corpus.write_text("\n".join(map(json.dumps, documents)))
    claims.write_text(json.dumps(claim))
    (group,) = scifact_groups(claims, corpus)
    assert [p.gold for p in group.passages] == [(False, True), (False,)]


@pytest.fixture(scope="module")
def paper() -> Paper:
    text = f"Lamps and ships\n\n{PARAGRAPH} {OTHER}\n"
    start = text.index("nine days")
    question = PaperQuestion(
        "1", "How long did the lamp burn?", ("nine days",), ((start, start + 9),)
    )
    return Paper("lamp.txt", text, (question,))


def test_covidqa_gives_gold_of_the_own_paper_and_negatives_of_retrieval(
    tmp_path: Path, embedder: Embedder, paper: Paper
) -> None:
    other = Paper("other.md", "# Other lamps\n\nThis lamp never burned for long.\n", ())
    with LocalIndex(tmp_path, embedder) as index:
        documents = fill(index, [paper, other], embedder)
        with index.view() as view:
            (group,) = covid_groups(view, [paper, other], documents)
            without = list(covid_unanswerable(view, [paper], documents))
    gold = [p for p in group.passages if p.relevant]
    (passage,) = gold
    assert passage.answer is not None
    assert passage.text[slice(*passage.answer)] == "nine days"
    assert [p.text for p in group.passages if not p.relevant] == [
        "This lamp never burned for long."
    ]
    assert not any(p.relevant for g in without for p in g.passages)
    assert all("nine days" not in p.text for p in without[0].passages)


def test_evidence_inference_asks_a_trial_for_a_finding(tmp_path: Path) -> None:
    finding = "Burning time was longer with oil than with wax (9 against 4 days)."
    text = f"Lamps\n\nWe filled lamps.\n\n{finding}\n"
    archive = tmp_path / "t.tar.gz"
    with tarfile.open(archive, "w:gz") as files:
        member = tarfile.TarInfo("fulltext/PMC1.txt")
        member.size = len(text.encode())
        files.addfile(member, io.BytesIO(text.encode()))
    start = text.index(finding)
    prompt = {
        "prompt_id": "5", "pmcid": "1", "outcome": "Burning time", "intervention": "oil",
        "comparator": "wax", "start": start, "end": start + len(finding), "offset_ok": True,
    }  # fmt: skip
    elsewhere = {**prompt, "pmcid": "2", "prompt_id": "6"}
    groups = list(evidence_groups([prompt, elsewhere], archive))
    assert {g.key for g in groups} == {"evidence/1"}
    assert all("urning time" in g.question or "oil" in g.question for g in groups)
    (gold,) = [p for p in groups[0].passages if p.relevant]
    assert [gold.text[s:e] for (s, e), g in zip(gold.sentences, gold.gold, strict=True) if g] == [
        finding
    ]


def bioasq_pool(folder: Path) -> dict[str, Abstract]:
    entry = {"pmid": "9", "title": 'Lamp oil: a "study"', "text": PARAGRAPH}
    folder.mkdir(exist_ok=True)
    (folder / "abstracts.jsonl").write_text(json.dumps(entry) + "\n")
    return read_pool(folder)


QUESTION = {
    "id": "q", "type": "factoid", "question": "How  long did it burn?",
    "exact_answers": [["Nine days"]],
    "snippets": [
        {"pmid": "9", "text": " It burned for nine days."},
        {"pmid": "9", "text": "not in the pool"},
    ],
}  # fmt: skip


def test_a_bioasq_abstract_keeps_title_and_pmid_and_its_snippets_have_places(
    tmp_path: Path,
) -> None:
    abstract = bioasq_pool(tmp_path)["9"]
    document = load_bytes(abstract.text.encode(), abstract.source)
    assert (document.info.title, document.info.pmid) == ('Lamp oil: a "study"', "9")
    (question,) = question_set([QUESTION], {"9": abstract})
    evidence = question["evidence"]
    assert isinstance(evidence, list)
    assert [abstract.text[e["start"] : e["end"]] for e in evidence] == ["It burned for nine days."]
    assert question["question"] == "How long did it burn?"


def test_a_bioasq_title_is_found_where_it_can_be_quoted(tmp_path: Path) -> None:
    abstract = bioasq_pool(tmp_path)["9"]
    ((start, _),) = abstract.places('Lamp oil: a "study"')
    assert start > abstract.text.index("\n---\n")


def test_bioasq_marks_the_exact_answer_inside_its_snippet(tmp_path: Path) -> None:
    class NoView:
        def search(self, query: str, k: int) -> list[Hit]:
            return []

    (group,) = bioasq_groups(NoView(), [QUESTION], bioasq_pool(tmp_path))  # type: ignore[arg-type]
    (passage,) = [p for p in group.passages if p.answer]
    assert passage.answer is not None
    assert passage.text[slice(*passage.answer)] == "nine days"


def test_table_rows_are_asked_for_by_their_labels(tmp_path: Path) -> None:
    rows = "".join(
        f"<tr><td>Lamp {name}</td><td>{days}</td><td>{oil}</td></tr>"
        for name, days, oil in (("one", 9, 20), ("two", 4, 31), ("three", 6, 17))
    )
    source = (
        "<article><front><article-title>Lamps</article-title></front><body><table-wrap>"
        "<caption><p>Burning</p></caption><table><tr><th>Lamp</th><th>Days</th><th>Oil</th></tr>"
        f"{rows}</table></table-wrap></body></article>"
    ).encode()
    archive = tmp_path / "j.tar.gz"
    with tarfile.open(archive, "w:gz") as files:
        for name in ("PMC1.nxml", "PMC2.nxml"):
            member = tarfile.TarInfo(f"jats/{name}")
            member.size = len(source)
            files.addfile(member, io.BytesIO(source))
    groups = list(table_groups(archive, {"PMC2"}))
    assert {g.key for g in groups} == {"evidence/1"}
    assert len(groups) == 3
    for group in groups:
        gold, *others = group.passages
        assert gold.answer is not None
        label, *cells = gold.text.split(" | ")
        assert label in group.question
        assert gold.text[slice(*gold.answer)] in cells
        assert len(others) == 2


def test_evidence_inference_is_asked_by_template_with_sentences_and_rows_as_evidence() -> None:
    row = {
        "prompt_id": "7",
        "pmcid": "1",
        "intervention": "aspirin ",
        "comparator": "placebo",
        "outcome": "pain\nat rest",
        "label": "significantly decreased",
        "evidence": "Aspirin eased pain.",
    }
    table = row | {"prompt_id": "8", "evidence": "Pain\n3.1\n4.5\n0.02\n"}
    elsewhere = row | {"prompt_id": "9", "pmcid": "2"}
    rows = [row, row | {"evidence": "It did."}, table, elsewhere]
    sentence, cells = evidence_questions(rows, {"PMC1": "PMC1.nxml"})
    assert sentence["question"] == (
        "What was the effect of aspirin compared with placebo on pain at rest?"
    )
    assert sentence["evidence"] == [
        {"source": "PMC1.nxml", "quote": "Aspirin eased pain."},
        {"source": "PMC1.nxml", "quote": "It did."},
    ]
    assert sentence["tags"] == ["sentence", "significantly decreased"]
    assert cells["tags"] == ["table row", "significantly decreased"]


def archive(path: Path, files: dict[str, bytes]) -> None:
    with tarfile.open(path, "w:gz") as opened:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            opened.addfile(member, io.BytesIO(content))


def test_an_article_is_written_as_jats_or_else_as_text(tmp_path: Path) -> None:
    archive(tmp_path / "jats.tar.gz", {"jats/PMC1.nxml": b"<article/>", "jats/PMC9.nxml": b"<a/>"})
    archive(
        tmp_path / "fulltext.tar.gz", {"fulltext/PMC1.txt": b"One", "fulltext/PMC2.txt": b"Two"}
    )
    written = write_articles(tmp_path, ["PMC1", "PMC2", "PMC3"], tmp_path / "articles")
    assert written == {"PMC1": "PMC1.nxml", "PMC2": "PMC2.txt"}
    contents = {path.name: path.read_bytes() for path in (tmp_path / "articles").iterdir()}
    assert contents == {"PMC1.nxml": b"<article/>", "PMC2.txt": b"Two"}
