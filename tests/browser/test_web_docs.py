"""The examples in docs/web.md do what the page says, run as they stand there."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from qa.answer import Answer
from qa.answer_parts import PASSAGES

# Gradio leaves event loops behind when it starts, and uses pandas in ways that pandas regrets.
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::Warning:gradio"),
]

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "web.md").read_text("utf-8")


def example(language: str, word: str, address: str) -> str:
    """The only example in a language that has this word, for the server of the test."""
    blocks = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    (found,) = [block for block in blocks if word in block]
    return (
        str(found)
        .replace("http://127.0.0.1:7860/", address)
        .replace("http://127.0.0.1:7860", address.rstrip("/"))
    )


def output(*command: str) -> str:
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_example_for_gradio_s_client_gives_an_answer(address: str) -> None:
    code = example("python", "gradio_client", address)
    said = output(sys.executable, "-c", code + "\nprint(answer.quotes[0].text)\n")
    assert "10.7 months" in said


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl on this machine")
def test_the_example_for_curl_gives_an_answer(address: str) -> None:
    said = output("bash", "-c", example("bash", "curl", address))
    assert "event: complete" in said
    data = said.partition("data: ")[2]
    (line,) = json.loads(data)
    assert Answer.model_validate_json(line).status == "answered"


def test_the_example_for_mcp_gives_passages(address: str) -> None:
    found = PASSAGES.validate_json(output(sys.executable, "-c", example("python", "mcp", address)))
    assert len(found) == 2
    assert "PIAF" in found[0].text
