"""What the running server keeps to itself: files, its reach, and, behind a login, everything."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from gradio_client import Client
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client
from playwright.sync_api import Browser, Error, expect

import app
from qa.accounts import Accounts
from qa.answer import Answer
from qa.assistant import Assistant
from tests.browser.conftest import finished

# Gradio leaves event loops behind when it starts, and uses pandas in ways that pandas regrets.
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::Warning:gradio"),
]

SHARP = "What was the median overall survival with sorafenib in the SHARP trial?"
ADA = ("ada", "correct horse")
SECRET = "The lake of the test is 251 metres deep."


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that has nothing to do with the index, and a link to it."""
    folder = tmp_path_factory.mktemp("outside")
    file = folder / "secret.txt"
    file.write_text(SECRET, "utf-8")
    (folder / "link.txt").symlink_to(file)
    return file


@pytest.fixture(scope="module")
def guarded(assistant: Assistant, folder: Path) -> Iterator[str]:
    """Where a web chat is served that ada and ben may use."""
    accounts = Accounts({ADA[0]: ADA[1], "ben": "battery staple"})
    blocks = app.launch(assistant, folder, port=0, accounts=accounts, wait=False)
    yield str(blocks.local_url)
    blocks.close()


# Files.

WAYS: dict[str, Callable[[Path], str]] = {
    "as it is": lambda path: f"file={path}",
    "twice rooted": lambda path: f"file=/{path}",
    "coded": lambda path: "file=" + "".join(f"%{byte:02x}" for byte in str(path).encode()),
    "climbing": lambda path: f"file=../../../../../../../../..{path}",
    "climbing, coded": lambda path: f"file=..%2f..%2f..%2f..%2f..%2f..%2f..%2f..{path}",
    "climbing out of the uploads": lambda path: f"file=/tmp/gradio/../..{path}",
    "by its address": lambda path: f"file=file://{path}",
    "with a NUL": lambda path: f"file={path}%00.png",
    "NUL first": lambda path: f"file=%00{path}",
    "with a dot": lambda path: f"file={path}/.",
    "in the old way": lambda path: f"file/{path}",
    "through the proxy": lambda path: f"proxy=file://{path}",
    "as a part of the page": lambda path: f"custom_component/x/client/..%2f..{path}/y",
    "as a stream": lambda path: f"stream/x/0/..%2f..{path}/playlist-file",
    "static": lambda path: f"../static/../../../../../../../..{path}",
    "static, coded": lambda path: f"../static/..%2f..%2f..%2f..%2f..%2f..%2f..%2f..{path}",
    "an asset": lambda path: f"../assets/..%2f..%2f..%2f..%2f..%2f..%2f..%2f..{path}",
    "a part of the frame": lambda path: f"../svelte/..%2f..%2f..%2f..%2f..%2f..%2f..{path}",
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("which", ["store", "upload", "paper", "outside", "link", "passwords"])
def test_no_file_is_given_out_whatever_way_it_is_asked_for(
    address: str, assistant: Assistant, folder: Path, outside: Path, way: str, which: str
) -> None:
    (folder / "uploads").mkdir(exist_ok=True)
    upload = folder / "uploads" / "kept.txt"
    upload.write_text(SECRET, "utf-8")
    path = {
        "store": folder / "pincite.sqlite",
        "upload": upload,
        "paper": Path(assistant.index.sources()[0].path),
        "outside": outside,
        "link": outside.with_name("link.txt"),
        "passwords": Path("/etc/passwd"),
    }[which]
    assert path.is_file()
    # As it stands: a client that tidied the address up would never send it.
    port = httpx.URL(address).port
    answer = _raw(port or 0, f"/gradio_api/{WAYS[way](path)}")
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.split()[1] in (b"400", b"403", b"404"), head
    # The store is not opened here: closing it would drop the locks that SQLite holds on it.
    begins = b"SQLite format 3" if which == "store" else path.read_bytes()[:60]
    assert begins not in body
    upload.unlink()


def _raw(port: int, path: str) -> bytes:
    """What the server says to exactly this path."""
    lines = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        line.sendall(lines.encode())
        with line.makefile("rb") as said:
            return said.read()


def _events(address: str) -> list[dict[str, Any]]:
    """The events of the page, as a browser is told of them."""
    config = httpx.get(f"{address}config").json()
    found: list[dict[str, Any]] = config["dependencies"]
    return found


def _add_event(address: str) -> int:
    """The number of the event that takes uploads."""
    events = _events(address)
    return int(next(event["id"] for event in events if event["targets"][0][1] == "upload"))


def _join(address: str, event: int, data: list[object]) -> str:
    """Set an event off as the page would, and give all that comes back."""
    session = f"probe{event}{abs(hash(str(data)))}"
    body = {"data": data, "fn_index": event, "session_hash": session}
    with httpx.Client(base_url=address, timeout=30) as client:
        joined = client.post("gradio_api/queue/join", json=body)
        assert joined.status_code == 200, joined.text
        said = ""
        query = {"session_hash": session}
        with client.stream("GET", "gradio_api/queue/data", params=query) as lines:
            for line in lines.iter_lines():
                said += line
                if "process_completed" in line or "close_stream" in line:
                    break
        return said


@pytest.mark.parametrize(
    "named",
    [
        *(
            "{outside}",
            "{store}",
            "/etc/passwd",
            "{link}",
            "../{outside}",
            "/tmp/gradio/..{outside}",
        ),
        *("{outside}\x00.txt", "file://{outside}", "https://evil.example/x.txt"),
        *("http://127.0.0.1:1/x.txt", "//evil.example/x.txt"),
    ],
)
def test_only_what_was_really_uploaded_is_taken_as_an_upload(
    address: str, assistant: Assistant, folder: Path, outside: Path, named: str
) -> None:
    before = assistant.index.stats().documents
    path = named.format(
        outside=outside, store=folder / "pincite.sqlite", link=outside.with_name("link.txt")
    )
    file = {"path": path, "orig_name": "x.txt", "meta": {"_type": "gradio.FileData"}}
    said = _join(address, _add_event(address), [[file]])
    assert '"success":false' in said.replace(" ", "")
    assert SECRET not in said
    assert outside.read_text("utf-8") == SECRET, "it was moved away"
    assert (folder / "pincite.sqlite").is_file()
    assert assistant.index.stats().documents == before


def test_an_upload_of_another_kind_or_under_a_climbing_name_goes_nowhere(
    address: str, assistant: Assistant, folder: Path, outside: Path
) -> None:
    before = assistant.index.stats().documents
    name = f"../../../../../..{outside.parent}/climbed.exe"
    sent = httpx.post(f"{address}gradio_api/upload", files={"files": (name, b"MZ\x00\x01")})
    (path,) = sent.json()
    assert not outside.with_name("climbed.exe").exists()
    assert "/../" not in path
    file = {"path": path, "orig_name": name, "meta": {"_type": "gradio.FileData"}}
    said = _join(address, _add_event(address), [[file]])
    assert '"success":false' in said.replace(" ", "")
    assert assistant.index.stats().documents == before
    assert "climbed" not in " ".join(kept.name for kept in (folder / "uploads").glob("*"))


def test_a_file_that_is_too_large_is_refused_while_it_comes_in(
    assistant: Assistant, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "LARGEST_UPLOAD", "1kb")
    blocks = app.launch(assistant, folder, port=0, wait=False)
    try:
        target = f"{blocks.local_url}gradio_api/upload"
        assert httpx.post(target, files={"files": ("a.txt", b"a" * 900)}).status_code == 200
        assert httpx.post(target, files={"files": ("a.txt", b"a" * 5000)}).status_code == 413
    finally:
        blocks.close()


@pytest.mark.parametrize(
    "wanted",
    [
        "/etc/passwd",
        {"document": "../../etc/passwd", "start": 0, "end": 9},
        {"document": "/etc/passwd", "start": 0, "end": 9, "path": "/etc/passwd"},
        {"document": "\x00", "start": 0, "end": 9},
        {"document": 7, "start": "0", "end": None},
        [{"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}],
    ],
)
def test_the_page_s_own_function_shows_documents_of_the_index_and_nothing_else(
    address: str, wanted: object
) -> None:
    config = httpx.get(f"{address}config").json()
    (component,) = [
        part["id"]
        for part in config["components"]
        if "show_original" in (part["props"].get("server_fns") or [])
    ]
    body = {
        "data": wanted,
        "component_id": component,
        "fn_name": "show_original",
        "session_hash": "probe",
    }
    said = httpx.post(f"{address}gradio_api/component_server", json=body)
    assert "root:" not in said.text
    assert said.status_code != 200 or "pc-problem" in said.text or "pc-gone" in said.text, said.text
    other = httpx.post(
        f"{address}gradio_api/component_server", json=body | {"fn_name": "__class__"}
    )
    assert other.status_code == 404


def test_the_server_reaches_out_to_no_other_machine(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached: list[object] = []
    resolve: Callable[..., object] = socket.getaddrinfo

    def look_up(host: object, *rest: object, **named: object) -> object:
        if host not in ("127.0.0.1", "localhost", b"127.0.0.1", None):
            reached.append(host)
            raise socket.gaierror("no such host")
        return resolve(host, *rest, **named)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    for path in ("file=https://evil.example/x", "proxy=https://evil.example/x"):
        httpx.get(f"{address}gradio_api/{path}")
    file = {"path": "https://evil.example/x.txt", "meta": {"_type": "gradio.FileData"}}
    said = _join(address, _add_event(address), [[file]])
    assert "fetches nothing from elsewhere" in said
    assert reached == []


# The login.


@pytest.mark.parametrize(
    "path",
    [
        *("", "config", "theme.css", "assets/x.js", "static/img/logo.svg", "login", "docs"),
        *("gradio_api/info", "gradio_api/mcp/", "gradio_api/mcp/sse", "gradio_api/startup-events"),
        *("gradio_api/heartbeat/abc", "gradio_api/queue/data?session_hash=a", "gradio_api/token"),
        *("gradio_api/file=/tmp/x", "gradio_api/call/ask/1f", "gradio_api/app_id"),
    ],
)
def test_nothing_is_read_without_the_login(guarded: str, path: str) -> None:
    answer = httpx.get(f"{guarded}{path}")
    assert answer.status_code == 401
    assert "sorafenib" not in answer.text


@pytest.mark.parametrize(
    "path",
    [
        *("gradio_api/run/ask", "gradio_api/call/ask", "gradio_api/call/v2/ask"),
        *("gradio_api/queue/join", "gradio_api/upload", "gradio_api/component_server"),
        *("gradio_api/mcp/", "gradio_api/mcp/messages/", "gradio_api/cancel", "login"),
    ],
)
def test_nothing_is_sent_without_the_login(guarded: str, path: str) -> None:
    body = {"data": [SHARP, None, None], "question": SHARP}
    assert httpx.post(f"{guarded}{path}", json=body).status_code == 401
    wrong = httpx.post(f"{guarded}{path}", json=body, auth=("ada", "correct house"))
    assert wrong.status_code == 401


def test_the_api_s_client_is_answered_with_the_login(guarded: str, assistant: Assistant) -> None:
    client = Client(guarded, verbose=False, analytics_enabled=False, httpx_kwargs={"auth": ADA})
    line = client.predict(SHARP, api_name="/ask")
    assert line == assistant.ask(SHARP).model_dump_json()


def test_an_mcp_client_is_answered_with_the_login(guarded: str, assistant: Assistant) -> None:
    async def call() -> str:
        async with (
            httpx.AsyncClient(auth=ADA, timeout=60) as http,
            streamable_http_client(f"{guarded}gradio_api/mcp/", http_client=http) as (
                read,
                write,
                _,
            ),
            ClientSession(read, write) as session,
        ):
            await session.initialize()
            result = await session.call_tool("ask", {"question": SHARP})
            return str(result.content[0].model_dump()["text"])

    line = finished(call())
    assert Answer.model_validate_json(line) == assistant.ask(SHARP)


def test_what_is_sent_for_another_site_is_refused_even_with_the_login(guarded: str) -> None:
    body = json.dumps({"data": [SHARP, None, None]})
    headers = {"origin": "https://evil.example", "content-type": "text/plain"}
    sent = httpx.post(f"{guarded}gradio_api/run/ask", content=body, headers=headers, auth=ADA)
    assert sent.status_code == 403


@pytest.mark.browser
def test_a_browser_is_let_in_with_the_login_and_keeps_a_user_s_conversations_apart(
    guarded: str, browser: Browser
) -> None:
    ada = browser.new_context(http_credentials={"username": ADA[0], "password": ADA[1]})
    ben = browser.new_context(http_credentials={"username": "ben", "password": "battery staple"})
    eve = browser.new_context()
    try:
        page = ada.new_page()
        page.goto(guarded)
        page.get_by_role("textbox", name="Question").fill(SHARP)
        page.get_by_role("button", name="Ask", exact=True).click()
        page.locator(".pc-answer").wait_for(timeout=30_000)
        # On another machine of hers the conversation is there; on somebody else's it is not.
        again = browser.new_context(http_credentials={"username": ADA[0], "password": ADA[1]})
        other = again.new_page()
        other.goto(guarded)
        expect(other.locator(".pc-turn")).to_contain_text(SHARP, timeout=15_000)
        again.close()
        his = ben.new_page()
        his.goto(guarded)
        his.locator(".pc-welcome").wait_for()
        expect(his.locator(".pc-turn")).to_have_count(0)
        with pytest.raises(Error, match="INVALID_AUTH_CREDENTIALS"):
            eve.new_page().goto(guarded)
    finally:
        for context in (ada, ben, eve):
            context.close()
