"""What keeps the page on this machine, and strangers out."""

from __future__ import annotations

import asyncio
import base64
from concurrent.futures import ThreadPoolExecutor

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from qa import guard
from qa.accounts import Accounts
from qa.guard import Login, guards

PASSWORDS = {"ada": "correct horse", "Zoë": "naïve café"}


def client(host: str, login: Login | None = None) -> TestClient:
    def hello(request: Request) -> PlainTextResponse:
        return PlainTextResponse(request.user.display_name if login else "hello")

    every = Route("/{rest:path}", hello, methods=["GET", "POST"])
    site = Starlette(routes=[every], middleware=guards(host, login))
    return TestClient(site, base_url="http://127.0.0.1:7860")


@pytest.fixture
def locked(monkeypatch: pytest.MonkeyPatch) -> TestClient:
    monkeypatch.setattr(guard, "WRONG_SECONDS", 0.05)
    login = Login(Accounts(PASSWORDS).admit)
    login.starting = False
    return client("0.0.0.0", login)


def test_the_browser_is_told_to_load_and_send_nothing_elsewhere() -> None:
    policy = client("127.0.0.1").get("/").headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "http" not in policy
    assert "*" not in policy


@pytest.mark.parametrize("name", ["evil.example", "evil.example:7860", "127.0.0.1.evil.example"])
def test_a_page_that_points_its_own_name_here_gets_no_answer(name: str) -> None:
    assert client("127.0.0.1").get("/", headers={"host": name}).status_code == 400


@pytest.mark.parametrize("name", ["127.0.0.1:7860", "localhost:7860"])
def test_this_machine_s_own_names_are_answered(name: str) -> None:
    assert client("127.0.0.1").get("/", headers={"host": name}).text == "hello"


def test_a_server_opened_to_the_network_is_reached_by_any_name() -> None:
    assert client("0.0.0.0").get("/", headers={"host": "ward-7.example"}).text == "hello"


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "http://127.0.0.1:8000", "null", "http://localhost:7860"]
)
def test_what_another_site_s_page_sends_is_refused(origin: str) -> None:
    here = client("127.0.0.1")
    sent = here.post("/gradio_api/upload", headers={"origin": origin})
    assert sent.status_code == 403
    assert sent.text == "This request comes from another site."


def test_what_the_own_page_and_programs_send_is_taken() -> None:
    here = client("127.0.0.1")
    for headers in ({"origin": "http://127.0.0.1:7860"}, {}):
        assert here.post("/gradio_api/upload", headers=headers).text == "hello"


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/config", "/theme.css", "/assets/index.js", "/static/img/logo.svg"),
        *(
            "/gradio_api/info",
            "/gradio_api/app_id",
            "/gradio_api/queue/join",
            "/gradio_api/queue/data",
        ),
        *("/gradio_api/call/ask", "/gradio_api/call/v2/ask/1f", "/gradio_api/run/ask"),
        *("/gradio_api/heartbeat/abc", "/gradio_api/upload", "/gradio_api/component_server"),
        *("/gradio_api/mcp/", "/gradio_api/file=/tmp/gradio/1f/paper.pdf"),
    ],
)
def test_what_the_page_and_its_programs_need_is_open(path: str) -> None:
    assert client("127.0.0.1").get(path).text == "hello"


@pytest.mark.parametrize(
    "path",
    [
        *("/gradio_api/proxy=https://evil.example/", "/gradio_api/file=https://evil.example/x"),
        *("/gradio_api/file=HTTP://evil.example", "/gradio_api/file=ftp://evil.example/x"),
        *("/gradio_api/file=//evil.example/x", "/gradio_api/file/etc/passwd", "/monitoring"),
        *("/gradio_api/vibe-edit", "/gradio_api/process_recording", "/gradio_api/dev/reload"),
        *("/gradio_api/custom_component/x/client/y/z.py", "/docs", "/gradio_api/token"),
        *("/gradio_api/stream/a/b/c/playlist-file", "/gradio_api/profiling/traces"),
    ],
)
def test_what_nobody_needs_is_closed(path: str) -> None:
    assert client("127.0.0.1").get(path).status_code == 404


def test_who_does_not_say_who_they_are_is_asked(locked: TestClient) -> None:
    for path in ("/", "/gradio_api/mcp/", guard.STARTING, "/no/such/page"):
        answer = locked.get(path)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith('Basic realm="Pincite"')


def test_who_logs_in_is_known_by_name(locked: TestClient) -> None:
    assert locked.get("/", auth=("ada", "correct horse")).text == "ada"
    coded = base64.b64encode("Zoe\u0308:naïve café".encode()).decode()
    answer = locked.get("/", headers={"authorization": f"Basic {coded}"})
    assert answer.text == "Zoë"


@pytest.mark.parametrize(
    "header",
    [
        *("Basic", "Basic !!!", "Bearer abc", "Basic YWRh", "Basic /////w=="),
        f"Basic {base64.b64encode(b'ada:wrong horse').decode()}",
        f"Basic {base64.b64encode(b'eve:correct horse').decode()}",
        f"Basic {base64.b64encode(b'ada:').decode()}",
    ],
)
def test_a_wrong_login_is_refused(locked: TestClient, header: str) -> None:
    assert locked.get("/", headers={"authorization": header}).status_code == 401


def test_many_wrong_passwords_at_once_are_told_so_one_after_the_other(
    locked: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[int] = []
    thinking = 0
    sleep = asyncio.sleep

    async def think(seconds: float) -> None:
        nonlocal thinking
        thinking += 1
        told.append(thinking)
        await sleep(seconds)
        thinking -= 1

    monkeypatch.setattr("qa.guard.asyncio.sleep", think)
    with locked, ThreadPoolExecutor(4) as guesses:
        answers = list(guesses.map(lambda i: locked.get("/", auth=("ada", f"guess {i}")), range(4)))
    assert {answer.status_code for answer in answers} == {401}
    assert told == [1, 1, 1, 1]


def test_while_the_server_starts_only_its_own_call_needs_no_login() -> None:
    starting = client("0.0.0.0", Login(Accounts(PASSWORDS).admit))
    assert starting.get(guard.STARTING).status_code == 200
    assert starting.get("/").status_code == 401
