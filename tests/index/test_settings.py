"""Tests of the settings."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from index.settings import Settings


def test_without_an_environment_the_defaults_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"PINCITE_{name.upper()}", raising=False)
    settings = Settings()
    assert (settings.index, settings.embedder, settings.reader) == (Path(".pincite"), "", "")
    assert (settings.candidates, settings.risk) == (20, None)


def test_the_environment_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PINCITE_INDEX", "/srv/papers")
    monkeypatch.setenv("PINCITE_RISK", "0.05")
    assert (Settings().index, Settings().risk) == (Path("/srv/papers"), 0.05)


@pytest.mark.parametrize(("name", "value"), [("RISK", "0"), ("RISK", "1.1"), ("CANDIDATES", "0")])
def test_senseless_values_are_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"PINCITE_{name}", value)
    with pytest.raises(ValidationError):
        Settings()
