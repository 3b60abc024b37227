"""What keeps the page on this machine."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from qa.guard import guards


def client(host: str) -> TestClient:
    def hello(_: Request) -> PlainTextResponse:
        return PlainTextResponse("hello")

    site = Starlette(routes=[Route("/", hello)], middleware=guards(host))
    return TestClient(site, base_url="http://127.0.0.1:7860")


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
