"""Whose a page is: the browser's token's, an account's, or its own where there is neither."""

from __future__ import annotations

import gradio as gr
import pytest

from qa.web.parts import new_owner, owner_of

TOKEN = "0123456789abcdef0123456789abcdef"


def of(page: str | None, name: str | None = None) -> gr.Request:
    return gr.Request(session_hash=page, username=name)


def test_a_browser_keeps_its_token() -> None:
    assert new_owner(TOKEN, of("a-page")) == TOKEN
    assert owner_of(TOKEN, of("a-page")) == TOKEN


def test_a_question_sent_before_the_token_came_belongs_to_who_gets_the_token() -> None:
    asked = owner_of(None, of("early"))
    assert new_owner(None, of("early")) == asked
    assert new_owner(None, of("late")) == owner_of(None, of("late"))


def test_two_pages_without_a_token_are_two_owners() -> None:
    assert owner_of(None, of("one")) != owner_of(None, of("two"))


def test_what_is_no_token_of_ours_is_replaced_on_opening_and_refused_afterwards() -> None:
    assert new_owner("../../etc", of("three")) != "../../etc"
    with pytest.raises(gr.Error, match="keeps no storage"):
        owner_of("../../etc", of("three"))


def test_nobody_is_somebody_without_a_page() -> None:
    with pytest.raises(gr.Error, match="keeps no storage"):
        owner_of(None, of(None))


def test_an_account_counts_whatever_the_browser_keeps() -> None:
    assert (
        owner_of(TOKEN, of("a-page", "ann")) == owner_of(None, of("b-page", "ann")) == "user-616e6e"
    )
