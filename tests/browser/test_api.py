"""The HTTP API and the MCP server of the web chat, asked by their own clients."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CallToolResult, TextContent, Tool

import app
from index.embed import Embedder
from index.ingest import ingest
from qa.answer import Answer, PassageRef
from qa.answer_parts import PASSAGES, Listing
from qa.assistant import Assistant
from qa.starting import Starting
from tests.browser.conftest import finished

# Gradio leaves event loops behind when it starts, and uses pandas in ways that pandas regrets.
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::Warning:gradio"),
]

SHARP = "What was the median overall survival with sorafenib in the SHARP trial?"
FOLLOW_UP = "And in the Asia-Pacific trial?"


@pytest.fixture(scope="module")
def client(address: str) -> Client:
    return Client(address, verbose=False, analytics_enabled=False)


def test_the_api_returns_the_record_that_every_other_way_in_returns(
    client: Client, assistant: Assistant
) -> None:
    line = client.predict(SHARP, api_name="/ask")
    assert line == assistant.ask(SHARP).model_dump_json()
    assert Answer.model_validate_json(line).quotes


def test_the_api_resolves_a_follow_up_from_the_history(client: Client) -> None:
    line = client.predict(question=FOLLOW_UP, history=[SHARP], risk=1.0, api_name="/ask")
    answer = Answer.model_validate_json(line)
    assert answer.question == FOLLOW_UP
    assert "median overall survival" in answer.understood_as
    assert answer.status == "answered"


def test_the_api_limits_a_question_to_documents_and_years(client: Client) -> None:
    line = client.predict(
        question=SHARP, risk=1.0, documents=["thalidomide-hcc.md"], to_year=2100, api_name="/ask"
    )
    answer = Answer.model_validate_json(line)
    assert {Path(passage.source).name for passage in answer.passages} <= {"thalidomide-hcc.md"}
    assert answer.within is not None
    assert answer.within.to_year == 2100
    with pytest.raises(AppError, match=r"coffee\.md is not in the index"):
        client.predict(question=SHARP, documents=["coffee.md"], api_name="/ask")
    with pytest.raises(AppError, match="comes after the last"):
        client.predict(question=SHARP, from_year=2004, to_year=1998, api_name="/ask")


@pytest.mark.parametrize(
    ("question", "risk", "reason"),
    [("  ", None, "question is empty"), (SHARP, 2.0, "at most 1"), (SHARP, 0.0, "above 0")],
)
def test_wrong_use_is_refused_in_a_sentence(
    client: Client, question: str, risk: float | None, reason: str
) -> None:
    with pytest.raises(AppError, match=reason):
        client.predict(question, None, risk, api_name="/ask")


@pytest.mark.parametrize(
    ("call", "given", "reason"),
    [
        ("search_passages", {"question": SHARP, "limit": "a few"}, "limit is wrong"),
        ("ask", {"question": SHARP, "history": [1]}, "history, 0 is wrong"),
        ("ask", {"question": 7}, "question is wrong"),
        ("list_documents", {"words": 7}, "words is wrong"),
    ],
)
def test_values_of_another_type_are_refused_in_a_sentence(
    address: str, call: str, given: dict[str, object], reason: str
) -> None:
    place = f"{address}gradio_api/call/v2/{call}"
    event = httpx.post(place, json=given).json()["event_id"]
    said = httpx.get(f"{place}/{event}", timeout=60).text
    assert said.startswith("event: error")
    assert reason in said
    assert "Traceback" not in said


def test_the_page_s_own_events_are_no_part_of_the_api(client: Client) -> None:
    assert list(client.view_api(return_format="dict")["named_endpoints"]) == [
        "/ask",
        "/search_passages",
        "/list_documents",
    ]


def test_several_people_can_ask_at_once(address: str, assistant: Assistant) -> None:
    questions = [SHARP, "Does tamoxifen help?", "What is PIAF?", "What is ceritinib?"]

    def ask(question: str) -> str:
        own = Client(address, verbose=False, analytics_enabled=False)
        return str(own.predict(question, api_name="/ask"))

    with ThreadPoolExecutor(len(questions)) as people:
        lines = list(people.map(ask, questions))
    assert lines == [assistant.ask(question).model_dump_json() for question in questions]


def call_tool(address: str, tool: str, **arguments: object) -> CallToolResult:
    """Call a tool of the MCP server with a client of the protocol."""

    async def call() -> CallToolResult:
        async with (
            streamable_http_client(f"{address}gradio_api/mcp/") as (read, write, _),
            ClientSession(read, write) as session,
        ):
            await session.initialize()
            return await session.call_tool(tool, arguments)

    return finished(call())


def text_of(result: CallToolResult) -> str:
    assert not result.isError
    (content,) = result.content
    assert isinstance(content, TextContent)
    return content.text


def test_an_mcp_client_finds_the_tools_with_what_they_do_and_take(address: str) -> None:
    async def tools() -> list[Tool]:
        async with (
            streamable_http_client(f"{address}gradio_api/mcp/") as (read, write, _),
            ClientSession(read, write) as session,
        ):
            await session.initialize()
            return (await session.list_tools()).tools

    ask, search, listing = finished(tools())
    assert (ask.name, search.name, listing.name) == ("ask", "search_passages", "list_documents")
    assert "verbatim quotes" in (ask.description or "")
    assert "nearest to a question" in (search.description or "")
    assert "indexed documents" in (listing.description or "")
    assert {"question", "history", "risk"} <= set(ask.inputSchema["properties"])
    assert "follow-up" in ask.inputSchema["properties"]["history"]["description"]


def test_an_mcp_client_is_given_the_same_answer(address: str, assistant: Assistant) -> None:
    line = text_of(call_tool(address, "ask", question=SHARP))
    assert line == assistant.ask(SHARP).model_dump_json()


def test_an_mcp_client_is_given_the_passages_that_were_read_with_their_words(
    address: str, assistant: Assistant
) -> None:
    said = text_of(call_tool(address, "search_passages", question=SHARP, limit=3))
    found = PASSAGES.validate_json(said)
    assert len(found) == 3
    bare = [
        PassageRef(**passage.model_dump(include=set(PassageRef.model_fields))) for passage in found
    ]
    assert bare == list(assistant.ask(SHARP).passages[:3])
    with assistant.index.view() as view:
        for passage in found:
            document = view.document(passage.document)
            assert passage.text == document.text[passage.start : passage.end]
            assert passage.title == document.info.title


def test_an_mcp_client_is_given_the_documents(address: str, assistant: Assistant) -> None:
    every = Listing.model_validate_json(text_of(call_tool(address, "list_documents")))
    assert every.total == len(every.documents) == assistant.index.stats().documents
    named = Listing.model_validate_json(
        text_of(call_tool(address, "list_documents", words="sharp"))
    )
    assert [Path(document.source).name for document in named.documents] == ["sharp-trial.md"]
    cited = assistant.ask(SHARP).citations[0].document
    assert cited in every.documents


@pytest.mark.parametrize(
    ("tool", "arguments", "reason"),
    [
        ("ask", {"question": " "}, "question is empty"),
        ("ask", {"question": SHARP, "risk": 0}, "above 0"),
        ("search_passages", {"question": SHARP, "limit": 0}, "from 1 to 20"),
        ("search_passages", {"question": ""}, "question is empty"),
        ("search_passages", {"question": SHARP, "limit": "a few"}, "not of type|is wrong"),
        ("ask", {"question": SHARP, "history": [1]}, "not of type|is wrong"),
    ],
)
def test_an_mcp_client_that_asks_wrongly_is_told_in_a_sentence(
    address: str, tool: str, arguments: dict[str, object], reason: str
) -> None:
    result = call_tool(address, tool, **arguments)
    assert result.isError
    (content,) = result.content
    assert isinstance(content, TextContent)
    # Once a client has asked for the tools, the protocol's own library checks the types before us.
    assert re.search(reason, content.text)
    assert "Traceback" not in content.text


def test_neither_the_index_nor_the_papers_are_served_as_files(
    address: str, assistant: Assistant, folder: Path
) -> None:
    for path in (folder / "pincite.sqlite", assistant.index.sources()[0].path):
        assert Path(path).is_file()
        assert httpx.get(f"{address}gradio_api/file={path}").status_code == 403


def test_a_request_under_a_foreign_name_is_refused(address: str) -> None:
    assert httpx.get(address, headers={"host": "evil.example"}).status_code == 400
    assert httpx.get(address).status_code == 200


def test_an_empty_index_is_served_with_the_starter_documents_and_a_filled_one_as_it_is(
    tmp_path: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    served: list[list[str]] = []

    def look(assistant: Starting, *_: object, **__: object) -> None:
        assistant.start()
        list(assistant.stages())
        served.append([Path(record.source).name for record in assistant.index.sources()])

    monkeypatch.setattr(app, "launch", look)
    with Assistant.open(tmp_path / "own") as own:
        paper = tmp_path / "lake.md"
        paper.write_text("# The lake\n\nThe lake is 251 metres deep.\n", encoding="utf-8")
        ingest(own.index, embedder, [paper])
    app.serve(tmp_path / "own", port=0)
    app.serve(tmp_path / "empty", port=0)
    assert served[0] == ["lake.md"]
    assert sorted(served[1]) == sorted(path.name for path in app.STARTER.glob("*.md"))


def test_a_taken_port_is_noticed_before_anything_is_loaded(address: str, tmp_path: Path) -> None:
    port = httpx.URL(address).port
    assert port
    with pytest.raises(OSError, match="in use"):
        app.serve(tmp_path / "index", port=port)
    assert not (tmp_path / "index").exists()
