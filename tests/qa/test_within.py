"""What a question may be limited to, and how that is said."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from corpus.document import DocumentInfo
from index.base import SourceRecord, Within
from qa import show
from qa.answer import Answer, Restriction
from qa.batch import run_batch
from qa.evaluate import evaluate
from qa.export import to_csv, to_json_line, to_markdown
from qa.gold import Gold
from qa.question_set import Question
from qa.within import limit, nothing_there, phrase, restriction, searched
from tests.qa.htmltree import find_all, text, tree
from tests.qa.librarian import Librarian

BOILER = "When did the boiler of the ferry burst?"
ANY = (None, None)


def record(path: str, id: str | None = None) -> SourceRecord:
    info = DocumentInfo(id=id, source=path.rpartition("/")[2], title="T") if id else None
    return SourceRecord(path, path.rpartition("/")[2], "indexed", document=info)


SOURCES = [
    record("/papers/a/tea.md", "aaaaaaaaaaaaaaaa"),
    record("/papers/b/tea.md", "bbbbbbbbbbbbbbbb"),
    record("/papers/list.ris"),
    record("/papers/list.ris/1", "cccccccccccccccc"),
    record("/papers/list.ris/2", "dddddddddddddddd"),
    SourceRecord("/papers/torn.pdf", "torn.pdf", "failed", reason="is torn"),
]


def ids(*names: str) -> set[str]:
    found = limit(names, ANY, SOURCES)
    assert found is not None
    assert found.documents is not None
    return {id[0] for id in found.documents}


def test_documents_are_named_by_path_end_of_path_file_name_or_id() -> None:
    assert ids("/papers/a/tea.md") == {"a"}
    assert ids("b/tea.md") == {"b"}
    assert ids("aaaaaaaaaaaaaaaa", "bbbbbb") == {"a", "b"}


def test_a_file_of_many_records_stands_for_all_of_them() -> None:
    assert ids("list.ris") == {"c", "d"}


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("coffee.md", "coffee.md is not in the index."),
        ("tea.md", "tea.md may mean any of these"),
        ("torn.pdf", "torn.pdf could not be read, so no question can be limited to it."),
        ("", " is not in the index."),
    ],
)
def test_a_name_that_names_no_document_is_refused_in_a_sentence(name: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        limit([name], ANY, SOURCES)


def test_years_in_the_wrong_order_are_refused() -> None:
    with pytest.raises(ValueError, match=r"The first year, 2004, comes after the last, 1998\."):
        limit((), (2004, 1998), SOURCES)


def test_nothing_named_is_no_limit() -> None:
    assert limit((), ANY, SOURCES) is None
    assert restriction(None) is None
    assert restriction(Within()) is None


@pytest.mark.parametrize(
    ("limited", "words"),
    [
        (Restriction(documents=("a",)), "1 document"),
        (Restriction(documents=("a", "b"), from_year=1998), "2 documents from 1998 on"),
        (Restriction(to_year=2004), "documents up to 2004"),
        (Restriction(from_year=1998, to_year=2004), "documents from 1998 to 2004"),
        (Restriction(from_year=1998, to_year=1998), "documents of 1998"),
    ],
)
def test_a_limit_is_said_in_plain_words(limited: Restriction, words: str) -> None:
    assert phrase(limited) == words
    assert words in searched(limited)
    assert words in nothing_there(limited)


def named(librarian: Librarian, name: str) -> Within:
    (id,) = (d.id for d in librarian.documents.values() if d.info.source == name)
    return Within(frozenset({id}))


def test_an_answer_says_what_it_was_limited_to_and_only_then(librarian: Librarian) -> None:
    plain = to_json_line(librarian.ask(BOILER), librarian.text_of)
    assert "within" not in json.loads(plain)
    assert Answer.model_validate_json(plain).model_dump_json() == plain
    within = Within(named(librarian, "ferry.md").documents, (1900, None))
    line = to_json_line(librarian.ask(BOILER, within=within), librarian.text_of)
    assert json.loads(line)["within"] == {
        "documents": sorted(within.documents or ()),
        "from_year": 1900,
        "to_year": None,
    }
    assert Answer.model_validate_json(line).model_dump_json() == line


def test_page_and_report_and_table_say_what_was_searched(librarian: Librarian) -> None:
    within = named(librarian, "ferry.md")
    limited, free = librarian.ask(BOILER, within=within), librarian.ask(BOILER)
    (line,) = find_all(tree(show.turn(1, limited)), cls="pc-limit")
    assert text(line) == "Limited to: 1 document"
    assert not find_all(tree(show.turn(1, free)), cls="pc-limit")
    assert "Limited to: 1 document\n" in to_markdown([limited], librarian.text_of)
    assert "Limited" not in to_markdown([free], librarian.text_of)
    rows = list(csv.DictReader(io.StringIO(to_csv([free, limited], librarian.text_of))))
    assert [row["only_documents"] for row in rows] == ["", *sorted(within.documents or ())]
    assert "only_documents" not in to_csv([free], librarian.text_of)


def questions(document: str) -> list[Question]:
    return [
        Question(id="limited", question=BOILER, documents=(document,)),
        Question(id="free", question=BOILER),
    ]


def records(out: Path) -> dict[str, dict[str, object]]:
    lines = map(json.loads, out.read_text("utf-8").splitlines())
    return {line["id"]: line for line in lines}


def test_a_batch_asks_each_question_within_its_own_limits(librarian: Librarian) -> None:
    out = Path("out.jsonl")
    run_batch(librarian, questions("bridge.md"), out, librarian.text_of)
    found = records(out)
    assert found["limited"]["status"] == "not_found"
    assert found["free"]["status"] == "answered"


def test_a_batch_asks_again_where_the_limits_have_changed(librarian: Librarian) -> None:
    out = Path("out.jsonl")
    run_batch(librarian, questions("bridge.md"), out, librarian.text_of)
    report = run_batch(librarian, questions("ferry.md"), out, librarian.text_of)
    assert (report.asked, report.kept) == (1, 1)
    assert records(out)["limited"]["status"] == "answered"
    report = run_batch(librarian, questions("ferry.md"), out, librarian.text_of)
    assert (report.asked, report.kept) == (0, 2)


def test_an_unknown_document_is_refused_with_its_question_and_the_rest_goes_on(
    librarian: Librarian,
) -> None:
    out = Path("out.jsonl")
    report = run_batch(librarian, questions("coffee.md"), out, librarian.text_of)
    assert report.refused == ["limited: coffee.md is not in the index."]
    assert list(records(out)) == ["free"]
    evaluation = evaluate(librarian, questions("coffee.md"), Gold([], librarian.text_of))
    assert evaluation.refused == ("limited: coffee.md is not in the index.",)
    assert [outcome.question.id for outcome in evaluation.outcomes] == ["free"]


def test_an_evaluation_asks_within_the_limits(librarian: Librarian) -> None:
    evaluation = evaluate(librarian, questions("bridge.md"), Gold([], librarian.text_of))
    assert [outcome.answered for outcome in evaluation.outcomes] == [False, True]
