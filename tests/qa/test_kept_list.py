"""The list of kept conversations: what goes wrong is said, and no answer is lost to it."""

from __future__ import annotations

import gc
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import gradio as gr
import pytest

from corpus.load import load
from qa import chat
from qa.conversations import FILE
from qa.web.kept import KeptEvent, KeptList, Place
from qa.web.parts import Shared, html
from tests.qa.chatting import Desk
from tests.qa.librarian import PAPERS

# Gradio leaves event loops behind, and uses pandas in ways that pandas regrets.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::Warning:gradio")

ME = "a" * 32


@pytest.fixture(scope="module", autouse=True)
def swept() -> Iterator[None]:
    """Sweep up the event loops here, lest they be collected, and complained about, elsewhere."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@dataclass(frozen=True, slots=True)
class Laid:
    """A list laid out on a page, with where it shows conversations."""

    desk: Desk
    kept: KeptList
    place: Place

    def ask(self, question: str) -> chat.Turn:
        return list(chat.respond(self.desk, question, (), chat.How(1.0)))[-1][0]


@pytest.fixture
def laid(papers: Path) -> Iterator[Laid]:
    desk = Desk([load(Path(name)) for name in PAPERS])
    with gr.Blocks(analytics_enabled=False):
        owner = gr.BrowserState(None, storage_key="test", secret="test")
        with gr.Tabs() as tabs:
            pass
        shared = Shared(
            desk, papers / "index", owner, html(), gr.State(()), gr.State((None, None)), tabs
        )
        kept = KeptList(shared, "Welcome")
        kept.lay_out_notice()
        place = Place(html(), html(), gr.State(()))
        kept.belongs_to(place)
        yield Laid(desk, kept, place)


def test_what_was_answered_is_kept_and_opened_again(laid: Laid) -> None:
    turn = laid.ask("Who opened the bridge?")
    current = laid.kept.add(ME, None, turn)[laid.kept.current]
    changes = laid.kept.opened(ME, current)
    assert changes[laid.place.turns] == (turn,)
    assert changes[laid.kept.current] == current
    assert laid.kept.opened("b" * 32, current)[laid.place.conversation] == "Welcome"


def test_what_failed_is_not_kept(laid: Laid) -> None:
    failed = chat.Turn("Who?", laid.ask("Who?").shown, laid.ask("Who?").sources)
    assert laid.kept.add(ME, None, failed) == {}
    assert laid.kept.store.of(ME) == []


def test_a_store_that_cannot_be_used_is_said_and_the_answer_stays(laid: Laid) -> None:
    turn = laid.ask("Who opened the bridge?")
    folder = Path("index")
    folder.mkdir()
    (folder / FILE).write_bytes(b"no store" * 500)
    for changes in (laid.kept.add(ME, None, turn), laid.kept.opened(ME, "x")):
        assert "file is not a database" in changes[laid.kept.notice]
    assert laid.place.conversation not in laid.kept.add(ME, None, turn)


def test_the_same_file_twice_is_two_downloads(laid: Laid) -> None:
    current = laid.kept.add(ME, None, laid.ask("Who opened the bridge?"))[laid.kept.current]
    wanted = KeptEvent(action="markdown", id=current, title="Bridge")
    first, second = (laid.kept.file(ME, wanted) for _ in range(2))
    assert 'download="Bridge.md"' in first
    assert first != second


def test_a_document_that_has_left_is_said_before_anything_is_saved(laid: Laid) -> None:
    current = laid.kept.add(ME, None, laid.ask("Who opened the bridge?"))[laid.kept.current]
    laid.desk.shelf.documents = {}
    said = laid.kept.file(ME, KeptEvent(action="markdown", id=current, title="Bridge"))
    assert "has left the index" in said
    assert "download" not in said


def test_a_quote_that_its_document_no_longer_says_is_not_saved(laid: Laid) -> None:
    turn = laid.ask("Who opened the bridge?")
    assert turn.kept is not None
    quote = turn.kept.answer.quotes[0]
    forged = turn.kept.answer.model_copy(
        update={"quotes": (quote.model_copy(update={"text": quote.text.replace("1884", "1885")}),)}
    )
    current = laid.kept.store.add(ME, None, forged, 0.5)
    said = laid.kept.file(ME, KeptEvent(action="markdown", id=current, title="Bridge"))
    assert "nothing saved" in said
    assert "download" not in said
