"""Plain questions are made from sentences that define, spell out and name otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest
from tokenizers import Tokenizer

from corpus.load import load_bytes
from index.embed import packaged_folder
from qa.readers.pieces import Pieces
from qa.training.groups import Group, Passage, is_set_aside, mark, write_groups
from qa.training.mine import mined
from qa.training.network import ReaderNetwork
from qa.training.plain_askings import plain_papers
from qa.training.plain_questions import find, plain_groups

ROW = mark("Drug | Dose | Table 1", "Doxorubicin | 60 mg", [(0, 19)], [])
TEXTS = {
    "1": (
        "On kinases",
        "Kinases matter. A protein kinase is an enzyme that attaches a phosphate group to a "
        "protein. It is a large family.",
    ),
    "2": (
        "On a trial",
        "In this trial 602 patients with liver cancer were randomised to one of two arms. "
        "Overall survival (OS) was the endpoint of the trial.",
    ),
    "3": (
        "On names",
        "Sirolimus, also known as rapamycin, is given by mouth to patients. "
        "A protein kinase was found in every one of the samples taken.",
    ),
}


@pytest.mark.parametrize(
    ("key", "kind", "name", "answer"),
    [
        (
            "1",
            "defined",
            "protein kinase",
            "an enzyme that attaches a phosphate group to a protein",
        ),
        ("2", "long", "OS", "Overall survival"),
        ("3", "alias", "Sirolimus", "rapamycin"),
    ],
)
def test_a_pattern_gives_the_thing_its_sentence_and_the_short_answer(
    key: str, kind: str, name: str, answer: str
) -> None:
    text = TEXTS[key][1]
    (found,) = [one for one in find(key, text) if one.kind == kind]
    assert found.name == name
    assert text[slice(*found.answer)] == answer
    assert found.sentence[0] <= found.answer[0] < found.answer[1] <= found.sentence[1]


def test_a_sentence_about_something_pointed_at_defines_nothing() -> None:
    text = "It is a large family of enzymes. This is the first study of its kind in the world."
    assert not list(find("1", text))


def test_the_defining_sentence_is_gold_and_passages_that_only_mention_the_thing_are_not() -> None:
    made = {g.key: g for g in plain_groups(TEXTS, [ROW]) if "protein kinase" in g.question}
    group = made["plain/1"]
    gold, *others = group.passages
    (at,) = [i for i, flag in enumerate(gold.gold) if flag]
    assert gold.text[slice(*gold.sentences[at])].startswith("A protein kinase is an enzyme")
    assert gold.answer is not None
    assert gold.text[slice(*gold.answer)].startswith("an enzyme")
    assert not any(p.relevant for p in others)
    assert any("found in every one" in p.text for p in others)
    assert ROW in others


def test_questions_are_the_same_every_time() -> None:
    assert list(plain_groups(TEXTS, [ROW])) == list(plain_groups(TEXTS, [ROW]))


def test_documents_to_calibrate_on_hold_their_gold_where_the_question_says(tmp_path: Path) -> None:
    held = next(f"trial/{i}" for i in range(99) if is_set_aside(f"trial/{i}"))
    key = next(str(i) for i in range(99) if is_set_aside(f"plain/{i}"))
    abstract = Group(
        origin="plain",
        key=f"plain/{key}",
        question="What is a cat?",
        passages=(mark("Cats", "A cat is a pet.", [(0, 15)], [(9, 14)], (9, 14)),),
    )
    row = mark("Drug | Dose | Doses", "Aspirin | 5 mg", [(0, 14)], [(10, 14)], (10, 14))
    other = mark("Drug | Dose | Doses", "Codeine | 9 mg", [(0, 14)], [])
    table = Group(origin="tables", key=held, question="Aspirin: dose?", passages=(row, other))
    write_groups(tmp_path / "plain.jsonl", [abstract])
    write_groups(tmp_path / "tables.jsonl", [table])
    texts = {key: ("Cats", "Cats are many.\nA cat is a pet."), "z": ("Dogs", "A dog barks.")}
    papers = {p.source: p for p in plain_papers(tmp_path, texts)}
    (asked,) = papers[f"{key}.md"].questions
    assert papers[f"{key}.md"].text[slice(*asked.spans[0])] == "A cat is a pet."
    tables = papers[f"{held.replace('/', '-')}.md"]
    (asked,) = tables.questions
    assert tables.text[slice(*asked.spans[0])] == "| Aspirin | 5 mg |"
    document = load_bytes(tables.text.encode(), tables.source)
    assert "Aspirin | 5 mg" in document.text
    assert not papers["z.md"].questions


def test_mined_groups_keep_their_passages_and_order_the_wrong_ones_by_the_network() -> None:
    folder = packaged_folder()
    pieces = Pieces(Tokenizer.from_file(str(folder / "tokenizer.json")))
    key = next(str(i) for i in range(99) if not is_set_aside(str(i)))
    wrong: list[Passage] = [mark("", f"Word {i} of many.", [(0, 15)], []) for i in range(3)]
    right = mark("", "The cat ate it.", [(0, 15)], [(4, 7)], (4, 7))
    group = Group(origin="made", key=key, question="Who ate?", passages=(wrong[0], right, *wrong))
    network = ReaderNetwork(folder).eval()
    (found,) = mined(network, pieces, [group])
    assert found.passages[0] == right
    assert sorted(p.text for p in found.passages) == sorted(p.text for p in group.passages)
    aside = group.model_copy(
        update={"key": next(str(i) for i in range(99) if is_set_aside(str(i)))}
    )
    (same,) = mined(network, pieces, [aside])
    assert [p.text for p in same.passages[1:]] == [p.text for p in wrong[:1] + wrong]
