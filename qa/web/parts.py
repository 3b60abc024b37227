"""What the tabs of the page share."""

from __future__ import annotations

import re
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import gradio as gr
from gradio.events import Dependency

from qa.chat import Chats
from qa.courtesy import Line

AT_ONCE = 4
"""Questions answered at the same time; the others wait in the queue."""

FREE: dict[str, Any] = {"show_progress": "hidden", "queue": False, "api_visibility": "private"}
"""How an event is sent that waits for no other, shows no progress and is the page's alone."""

_TOKEN = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Shared:
    """What every tab may use.

    Attributes:
        assistant: answers the questions; holds the index.
        folder: the index's folder; what a tab keeps, it keeps in a folder of its own below it.
        owner: the browser's own secret token; read it with :func:`owner_of`.
        status: the line in the page's head that says what is indexed.
        chosen: ids of the documents that questions are limited to, a tuple; empty for all.
        years: the first and the last year that questions are limited to; None for an open end.
        tabs: the tab bar, to go to a tab by its id: its title in lower case.
        line: where work that can wait stands in line behind the questions of the chat.
        closing: what is to be done when the server ends.
    """

    assistant: Chats
    folder: Path
    owner: gr.BrowserState
    status: gr.HTML
    chosen: gr.State
    years: gr.State
    tabs: gr.Tabs
    line: Line = field(default_factory=Line)
    closing: ExitStack = field(default_factory=ExitStack)


class Tab(Protocol):
    """A tab: laid out when made, inside its ``gr.Tab``; then its events are connected."""

    title: str
    """What the tab bar calls it."""

    def __init__(self, shared: Shared) -> None:
        """Lay it out."""

    def wire(self) -> None:
        """Connect the events."""

    def load(self, ready: Dependency) -> None:
        """Say what to show when a page was opened and its owner is known: ``ready.then(...)``."""


class _Newcomers:
    """The tokens of open pages whose browsers brought none.

    A question that is asked at once is sent without the token, as that is still on its way; and a
    browser that keeps nothing never brings it.
    """

    MOST = 10_000

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tokens: OrderedDict[str, str] = OrderedDict()

    def token(self, page: str) -> str:
        """The token of an open page, by what Gradio calls its session."""
        with self._lock:
            self._tokens.setdefault(page, secrets.token_hex(16))
            self._tokens.move_to_end(page)
            if len(self._tokens) > self.MOST:
                self._tokens.popitem(last=False)
            return self._tokens[page]


_newcomers = _Newcomers()


def new_owner(token: object, request: gr.Request) -> str:
    """Keep a browser's token, or make one where it has none."""
    if isinstance(token, str) and _TOKEN.fullmatch(token):
        return token
    return _newcomers.token(request.session_hash or secrets.token_hex(16))


def owner_of(token: object, request: gr.Request) -> str:
    """Name whose conversations, batches and so on a browser may see.

    Args:
        token: what the browser keeps, see ``Shared.owner``; None on a page just opened, and where
            the browser keeps nothing.
        request: the request, with the name of who logged in where a password is required.

    Returns:
        A name for a folder or a key: ``user-`` and the hex of the account's name, or the token.

    Raises:
        gr.Error: the token is none of ours, and the page did not come from a browser.
    """
    if request.username:
        return f"user-{request.username.encode().hex()}"
    if isinstance(token, str) and _TOKEN.fullmatch(token):
        return token
    if token is None and request.session_hash:
        return _newcomers.token(request.session_hash)
    raise gr.Error("This browser keeps no storage for the page; reload it.", print_exception=False)


def html(
    value: str = "",
    *,
    elem_id: str | None = None,
    script: str | None = None,
    server: list[Callable[..., Any]] | None = None,
) -> gr.HTML:
    """Make a piece of page of our own mark-up.

    Args:
        value: the mark-up; whatever came from outside was escaped in it.
        elem_id: its id on the page.
        script: what runs once when it is on the page (``js_on_load`` of ``gr.HTML``).
        server: functions that the script can call.
    """
    return gr.HTML(
        value,
        elem_id=elem_id,
        js_on_load=script,
        server_functions=server,
        apply_default_css=False,
    )
