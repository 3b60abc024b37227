"""The rules of the house that no linter knows: where imports may point, how long things may be."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ORDER = ("corpus", "index", "qa", "app")
SOURCES = [
    *sorted(path for part in ("corpus", "index", "qa") for path in (ROOT / part).rglob("*.py")),
    ROOT / "app.py",
]


def part_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imported(tree: ast.AST) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_folder_imports_only_from_folders_to_its_left(path: Path) -> None:
    own = ORDER.index(part_of(path))
    for name in imported(ast.parse(path.read_text("utf-8"))):
        top = name.split(".")[0]
        assert top not in ORDER or ORDER.index(top) <= own, f"{path.name} imports {name}"


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_files_and_functions_stay_short(path: Path) -> None:
    text = path.read_text("utf-8")
    assert text.count("\n") <= 420
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            assert node.end_lineno - node.lineno < 70, f"{node.name} in {path.name}"


def test_no_variable_of_the_makefile_is_set_twice() -> None:
    """Recipes see the last value only, also those that stand before it."""
    lines = (ROOT / "Makefile").read_text("utf-8").splitlines()
    names = [found[1] for line in lines if (found := re.match(r"(\w+)\s*[?:]?=", line))]
    assert names
    assert not [name for name, times in Counter(names).items() if times > 1]


def test_no_file_is_called_utils() -> None:
    assert not [path for path in SOURCES if path.stem in {"utils", "util", "helpers", "misc"}]


def test_shipped_models_fit_into_the_repository() -> None:
    folders = (ROOT / "qa" / "models", ROOT / "index" / "models")
    found = (path for folder in folders for path in folder.rglob("*") if path.is_file())
    assert sum(path.stat().st_size for path in found) <= 25_000_000


def test_the_encoders_graphs_do_not_say_where_they_were_made() -> None:
    graphs = sorted((ROOT / "index" / "models").glob("*.onnx"))
    assert graphs
    assert not [path.name for path in graphs if b".py" in path.read_bytes()]
