"""What the terminal shows of an answer."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from qa import terminal
from qa.answer import Marked
from tests.qa.librarian import Librarian

BOLD = "\x1b[1m"


def test_a_short_answer_is_bold_unless_it_is_nearly_the_whole_quote(
    librarian: Librarian, monkeypatch: pytest.MonkeyPatch
) -> None:
    def shown(words: int) -> str:
        answer = librarian.ask("Which engineer opened the bridge Lindau?", risk=1)
        quote, cited = answer.quotes[0], answer.citations[0]
        short = Marked(
            text=quote.text[:words], start=cited.start, end=cited.start + len(quote.text[:words])
        )
        file = io.StringIO()
        console = Console(file=file, force_terminal=True, width=10_000, color_system="standard")
        monkeypatch.setattr(terminal, "stdout", lambda: console)
        quotes = (quote.model_copy(update={"short_answer": short}),)
        only = {"quotes": quotes, "citations": answer.citations[:1]}
        terminal.show_answer(answer.model_copy(update=only), librarian.text_of)
        return file.getvalue()

    assert f"{BOLD}The bridge" in shown(len("The bridge"))
    assert BOLD not in shown(10_000)
