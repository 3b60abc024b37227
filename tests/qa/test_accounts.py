"""Who may log in, and where their passwords come from."""

from __future__ import annotations

from pathlib import Path

import pytest

from qa.accounts import Accounts, accounts_for
from qa.opening import WrongUse


def never(name: str) -> str:
    raise AssertionError(f"{name} was asked for")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "passwords"
    path.write_text("# the ward\nada:correct horse: battery\n\nben:staple of ours\n", "utf-8")
    path.chmod(0o600)
    return path


def test_only_a_user_s_own_password_lets_them_in() -> None:
    accounts = Accounts({"ada": "correct horse", "ben": "battery staple"})
    assert accounts.admit("ada", "correct horse") == "ada"
    assert accounts.admit("ada", "battery staple") is None
    assert accounts.admit("ada", "correct hors") is None
    assert accounts.admit("eve", "correct horse") is None
    assert accounts.admit("", "") is None


def test_a_name_is_the_same_however_its_accents_are_typed() -> None:
    accounts = Accounts({"Zo\u00eb": "caf\u00e9 au lait"})
    assert accounts.admit("Zoe\u0308", "cafe\u0301 au lait") == "Zo\u00eb"


def test_a_password_is_held_nowhere_in_the_clear() -> None:
    accounts = Accounts({"ada": "correct horse"})
    assert "correct" not in repr(vars(accounts))


def test_this_machine_alone_needs_no_login_and_every_other_address_does() -> None:
    assert accounts_for("127.0.0.1", [], None, never, {}) is None
    assert accounts_for("localhost", [], None, never, {}) is None
    for host in ("0.0.0.0", "::", "192.168.1.7", "ward-7.example"):
        with pytest.raises(WrongUse, match="name who may log in with --auth"):
            accounts_for(host, [], None, never, {})


def test_a_login_may_be_asked_for_on_this_machine_too(file: Path) -> None:
    accounts = accounts_for("127.0.0.1", [], file, never, {})
    assert accounts is not None
    assert accounts.names == ("ada", "ben")


def test_a_file_has_a_password_a_line_which_may_hold_colons(file: Path) -> None:
    accounts = accounts_for("0.0.0.0", [], file, never, {})
    assert accounts is not None
    assert accounts.admit("ada", "correct horse: battery") == "ada"


def test_only_the_named_users_of_a_file_may_log_in(file: Path) -> None:
    accounts = accounts_for("0.0.0.0", ["ben"], file, never, {})
    assert accounts is not None
    assert accounts.names == ("ben",)


def test_the_environment_has_the_password_of_one_user() -> None:
    given = {"PINCITE_PASSWORD": "correct horse"}
    accounts = accounts_for("0.0.0.0", ["ada"], None, never, given)
    assert accounts is not None
    assert accounts.admit("ada", "correct horse") == "ada"
    with pytest.raises(WrongUse, match="one password, for 2 users"):
        accounts_for("0.0.0.0", ["ada", "ben"], None, never, given)


def test_at_a_terminal_each_password_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    accounts = accounts_for("0.0.0.0", ["ada", "ben"], None, lambda name: f"{name} says so", {})
    assert accounts is not None
    assert accounts.admit("ben", "ben says so") == "ben"


def test_without_a_terminal_nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: False)
    with pytest.raises(WrongUse, match=r"no password for ada: set PINCITE_PASSWORD"):
        accounts_for("0.0.0.0", ["ada"], None, never, {})


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("ada\n", "line 1: it must read USER:PASSWORD"),
        (":correct horse\n", "line 1: it must read USER:PASSWORD"),
        ("ada:short\n", "shorter than 8 characters"),
        ("# nobody\n", "no passwords in"),
    ],
)
def test_a_file_that_says_too_little_is_refused(file: Path, text: str, reason: str) -> None:
    file.write_text(text, "utf-8")
    with pytest.raises(WrongUse, match=reason):
        accounts_for("0.0.0.0", [], file, never, {})


def test_a_file_that_others_can_read_is_refused(file: Path) -> None:
    file.chmod(0o644)
    with pytest.raises(WrongUse, match="can be read by others: chmod 600"):
        accounts_for("0.0.0.0", [], file, never, {})


def test_a_file_that_is_no_text_is_refused(file: Path) -> None:
    file.write_bytes(b"ada:\xff\xfe\xfd\xfc\xfb\xfa\xf9\xf8")
    with pytest.raises(WrongUse, match="it is not UTF-8 text"):
        accounts_for("0.0.0.0", [], file, never, {})


@pytest.mark.parametrize("name", ["", "a:b"])
def test_a_name_that_cannot_be_sent_is_refused(name: str) -> None:
    with pytest.raises(WrongUse, match="must not be empty or contain a colon"):
        accounts_for("0.0.0.0", [name], None, never, {"PINCITE_PASSWORD": "correct horse"})
