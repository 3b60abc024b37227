"""How a difference looks on the page, in the terminal and in a report."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from qa import show, terminal
from qa.answer import Answer, Citation, Difference, DocumentRef, Quote
from qa.differ.say import line, study
from qa.web.look import STYLES
from tests.qa.htmltree import find, find_all, text, tree

TEXTS = ["Survival was 10.7 months.", "Survival was <b>6.5</b> months.", "Nobody was hurt."]


def citation(n: int, words: str) -> Citation:
    authors = ("Anna Weber", "Jo Lind") if n == 1 else ()
    document = DocumentRef(
        id=f"{n}" * 16, title=f"<i>Paper</i> {n}", source=f"{n}.md", authors=authors, year=2000 + n
    )
    return Citation(
        n=n, document=document, section=None, pages=(), start=0, end=len(words),
        source_spans=(), boxes=(),
    )  # fmt: skip


def answer(*differs: Difference) -> Answer:
    return Answer(
        question="How long?",
        understood_as="How long?",
        status="answered",
        confidence=0.8,
        quotes=tuple(Quote(text=t, citation=n, score=0.5) for n, t in enumerate(TEXTS, start=1)),
        citations=tuple(citation(n, t) for n, t in enumerate(TEXTS, start=1)),
        differs=differs,
        passages=(),
        reason=None,
        models={},
        index={},
    )


FIGURES = Difference(kind="figures", sides=(1, 2))


def test_quotes_that_differ_stand_side_by_side_under_their_studies() -> None:
    block = find(tree(show.turn(1, answer(FIGURES))), cls="pc-differ")
    sides = find_all(block, cls="pc-differ-side")
    assert "Sources differ" in text(block)
    assert [text(find(side, cls="pc-differ-study")) for side in sides] == [
        "Weber et al., 2001",
        "<i>Paper</i> 2, 2002",
    ]
    for side, words in zip(sides, TEXTS, strict=False):
        assert words in text(side)
        assert text(find(side, cls="pc-marker")) in ("1", "2")


def test_each_quote_stands_on_the_page_once() -> None:
    page = tree(show.turn(1, answer(FIGURES)))
    quotes = find_all(page, cls="pc-quote")
    assert [quote.get("id") for quote in quotes] == ["quote-1-1", "quote-1-2", "quote-1-3"]
    assert not find_all(find(page, cls="pc-differ"), ident="quote-1-3")


def test_a_quote_of_two_differences_is_named_the_second_time() -> None:
    both = answer(FIGURES, Difference(kind="direction", sides=(1, 3)))
    page = tree(show.turn(1, both))
    assert len(find_all(page, cls="pc-quote")) == 3
    assert "Quoted above as 1" in text(find_all(page, cls="pc-differ")[1])


def test_without_a_difference_nothing_is_said_of_one() -> None:
    assert "differ" not in show.turn(1, answer())


def test_the_words_say_which_quotes_differ_and_give_no_verdict() -> None:
    citations = {c.n: c for c in answer().citations}
    said = line(FIGURES, citations)
    assert said == (
        "Sources differ in their figures: [1] Weber et al., 2001; [2] <i>Paper</i> 2, 2002"
    )
    assert study(citations[3]) == "<i>Paper</i> 3, 2003"


def test_the_terminal_says_it_too(monkeypatch: pytest.MonkeyPatch) -> None:
    file = io.StringIO()
    monkeypatch.setattr(terminal, "stdout", lambda: Console(file=file, width=10_000, markup=False))
    terminal.show_answer(answer(FIGURES), lambda document: "")
    assert "Sources differ in their figures: [1] Weber et al., 2001; [2]" in file.getvalue()


def test_the_style_of_the_block_is_among_the_pages_styles() -> None:
    assert any(".pc-differ-sides" in path.read_text("utf-8") for path in STYLES)


def test_a_difference_needs_two_sides() -> None:
    with pytest.raises(ValueError, match="at least 2"):
        Difference(kind="figures", sides=(1,))
