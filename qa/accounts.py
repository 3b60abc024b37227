"""Who may use the web chat where it is open to others than this machine, and their passwords.

A password is never an argument: other people of a machine can see a command line. It is read from a
file, from the environment, or asked at the terminal, and held in memory as a keyed digest.
"""

from __future__ import annotations

import hmac
import os
import secrets
import sys
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from qa.guard import LOOPBACK
from qa.opening import WrongUse

VARIABLE = "PINCITE_PASSWORD"
"""The environment's variable with the password, where one person may log in."""

SHORTEST = 8
"""Characters of a password."""

Asks = Callable[[str], str]
"""Asks a person for the password of the user with this name."""


class Accounts:
    """Names and passwords.

    Args:
        passwords: each user's.
    """

    def __init__(self, passwords: Mapping[str, str]) -> None:
        self._key = secrets.token_bytes(32)
        self._digests = {_same(name): self._digest(word) for name, word in passwords.items()}
        self._none = secrets.token_bytes(32)

    @property
    def names(self) -> tuple[str, ...]:
        """Who may log in, sorted."""
        return tuple(sorted(self._digests))

    def admit(self, name: str, password: str) -> str | None:
        """Give the user's name if the password is theirs, else None; either takes as long."""
        held = self._digests.get(_same(name))
        right = hmac.compare_digest(self._none if held is None else held, self._digest(password))
        return _same(name) if right and held is not None else None

    def _digest(self, password: str) -> bytes:
        return hmac.digest(self._key, _same(password).encode("utf-8", "replace"), "sha256")


def accounts_for(
    host: str,
    names: Sequence[str],
    file: Path | None,
    ask: Asks,
    environment: Mapping[str, str] = os.environ,
) -> Accounts | None:
    """Find who may log in to a server that listens on ``host``.

    Args:
        host: the address.
        names: users named on the command line.
        file: lines of ``USER:PASSWORD``; where names are given too, only theirs count.
        ask: asks for a password where neither file nor environment has it.
        environment: the process's.

    Returns:
        The accounts; None where this machine alone is let in and no login was asked for.

    Raises:
        WrongUse: a password is required and there is none, or one cannot be used.
    """
    if not names and file is None:
        if host in LOOPBACK:
            return None
        raise WrongUse(
            f"On {host} others could read the collection: name who may log in with --auth USER, "
            "or a file of passwords with --passwords."
        )
    for name in names:
        if not _same(name) or ":" in name:
            raise WrongUse(f"A user's name must not be empty or contain a colon: {name!r}.")
    found = _of_file(file) if file is not None else {}
    chosen = [_same(name) for name in names] or list(found)
    passwords = {name: found.get(name) or _other(name, chosen, ask, environment) for name in chosen}
    for name, password in passwords.items():
        if len(password) < SHORTEST:
            raise WrongUse(f"The password of {name} is shorter than {SHORTEST} characters.")
    return Accounts(passwords)


def _other(name: str, chosen: Sequence[str], ask: Asks, environment: Mapping[str, str]) -> str:
    """A password that stands in no file."""
    given = environment.get(VARIABLE)
    if given and len(chosen) == 1:
        return given
    if given:
        raise WrongUse(f"{VARIABLE} holds one password, for {len(chosen)} users: use --passwords.")
    if not sys.stdin.isatty():
        raise WrongUse(
            f"There is no password for {name}: set {VARIABLE}, use --passwords FILE, or start "
            "Pincite at a terminal to be asked."
        )
    return ask(name)


def _of_file(path: Path) -> dict[str, str]:
    try:
        mode, text = path.stat().st_mode, path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        said = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise WrongUse(f"The passwords in {path} cannot be read: {said}.") from error
    if os.name == "posix" and mode & 0o077:
        raise WrongUse(f"The passwords in {path} can be read by others: chmod 600 {path}")
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        name, colon, password = line.partition(":")
        if not colon or not _same(name):
            raise WrongUse(f"{path}, line {number}: it must read USER:PASSWORD.")
        found[_same(name)] = password
    if not found:
        raise WrongUse(f"There are no passwords in {path}.")
    return found


def _same(words: str) -> str:
    """The one spelling of what can be typed in several ways."""
    return unicodedata.normalize("NFC", words).strip()
