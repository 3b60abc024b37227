"""The endpoints of the HTTP API, which are also the tools of the MCP server."""

# No postponed annotations here: Gradio reads those of the endpoints to describe them.

from collections.abc import Awaitable, Callable
from functools import wraps
from inspect import signature
from typing import TypeVar

import anyio
import gradio as gr
from anyio.to_thread import run_sync
from gradio.events import api
from pydantic import ValidationError, validate_call

from index.base import IndexProblem
from qa import chat
from qa.answer_parts import PASSAGES, found_passages, listing
from qa.asking import texts_of
from qa.export import to_json_line
from qa.web.parts import AT_ONCE
from qa.within import limit

LONGEST_LINE = 100
"""Calls that may wait for their turn."""

MOST_PASSAGES = 20
"""Passages that are read for a question."""

Made = TypeVar("Made")


class Line:
    """Lets a few calls through at a time; the others wait, up to a number, without a thread.

    Args:
        at_once: calls that are worked on at the same time.
        longest: calls that may wait.
    """

    def __init__(self, at_once: int = AT_ONCE, longest: int = LONGEST_LINE) -> None:
        self._at_once = at_once
        self._longest = longest
        self._limiter: anyio.CapacityLimiter | None = None

    async def work(self, make: Callable[[], Made]) -> Made:
        """Run ``make`` on a thread when it is its turn.

        Raises:
            gr.Error: too many are waiting, or the index cannot be used, in a sentence.
        """
        if self._limiter is None:
            self._limiter = anyio.CapacityLimiter(self._at_once)
        if self._limiter.statistics().tasks_waiting >= self._longest:
            raise _refused("Too many questions are waiting; ask again in a moment.")
        try:
            return await run_sync(make, limiter=self._limiter)
        except IndexProblem as problem:
            raise _refused(str(problem)) from problem


class Endpoints:
    """What can be asked of the server by programs. A refusal is a sentence.

    Args:
        assistant: answers the questions.
    """

    def __init__(self, assistant: chat.Chats) -> None:
        self._assistant = assistant
        self._line = Line()

    async def ask(
        self,
        question: str,
        history: list[str] | None = None,
        risk: float | None = None,
        documents: list[str] | None = None,
        from_year: int | None = None,
        to_year: int | None = None,
    ) -> str:
        """Answer a question from the indexed documents, in verbatim quotes with pinpoint citations.

        Args:
            question: The question, in full sentences or in key words.
            history: The earlier questions of the conversation, oldest first, for a follow-up.
            risk: Share of the given answers that may be wrong, above 0, at most 1 (always answer).
            documents: Paths, file names or ids of the documents that alone may answer.
            from_year: Only documents of this year or later may answer.
            to_year: Only documents of this year or earlier may answer.

        Returns:
            One Answer record as a line of JSON, the same as "pincite ask --json" prints.
        """
        _check(question)
        if risk is not None and not 0 < risk <= 1:
            raise _refused("The risk must be above 0 and at most 1.")

        def make() -> str:
            try:
                known = self._assistant.index.sources() if documents else ()
                within = limit(documents or (), (from_year, to_year), known)
            except ValueError as problem:
                raise _refused(str(problem)) from problem
            answer = self._assistant.ask(question, history or (), risk=risk, within=within)
            return to_json_line(answer, texts_of(self._assistant.index))

        return await self._line.work(make)

    async def search_passages(self, question: str, limit: int = 5) -> str:
        """Find the passages of the indexed documents that are nearest to a question, best first.

        They are what the reader read, whether or not they answer the question.

        Args:
            question: The question, in full sentences or in key words.
            limit: How many passages, from 1 to 20.

        Returns:
            JSON: a list of the "passages" of the Answer record, each with its text, its document's
            title and its pages.
        """
        _check(question)
        if not 1 <= limit <= MOST_PASSAGES:
            raise _refused(f"The limit must be from 1 to {MOST_PASSAGES}.")

        def make() -> str:
            found = found_passages(self._assistant.index, self._assistant.ask(question), limit)
            return PASSAGES.dump_json(found).decode()

        return await self._line.work(make)

    async def list_documents(self, words: str = "", limit: int = 100, offset: int = 0) -> str:
        """List the indexed documents, by source, with title, authors, year, journal and DOI.

        Args:
            words: Only documents in whose title, authors, journal, year or source all of these
                words stand; empty for all.
            limit: How many documents, at most 1000.
            offset: How many to pass over.

        Returns:
            JSON: "total", and "documents", each as a citation of the Answer record has it.
        """

        def make() -> str:
            return listing(self._assistant.index.sources(), words, limit, offset).model_dump_json()

        return await self._line.work(make)


def add_endpoints(assistant: chat.Chats) -> None:
    """Add the endpoints to the page that is being laid out.

    None of them stands in Gradio's queue: an MCP call of one that does would make the server ask
    itself over HTTP, and it has no password of its own.

    Args:
        assistant: answers the questions.
    """
    made = Endpoints(assistant)
    for endpoint in (made.ask, made.search_passages, made.list_documents):
        api(_checked(endpoint), api_name=endpoint.__name__, queue=False)


def _checked(endpoint: Callable[..., Awaitable[str]]) -> Callable[..., Awaitable[str]]:
    """The endpoint, which refuses values of other types than it names in a sentence."""
    typed = validate_call(endpoint)
    named = signature(endpoint)

    @wraps(endpoint)
    async def call(*values: object, **given: object) -> str:
        try:
            return await typed(**named.bind(*values, **given).arguments)
        except ValidationError as error:
            first = error.errors()[0]
            where = ", ".join(map(str, first["loc"]))
            raise _refused(f"What was given for {where} is wrong: {first['msg']}.") from error

    return call


def _check(question: str) -> None:
    if not question.strip():
        raise _refused("The question is empty.")


def _refused(sentence: str) -> gr.Error:
    return gr.Error(sentence, print_exception=False)
