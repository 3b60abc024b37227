"""The web chat as a process of its own, asked over HTTP as its page and its programs ask it."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[2]
PATIENCE = 600.0
"""Seconds after which the server is given up."""


@dataclass(frozen=True, slots=True)
class Served:
    """A running web chat.

    Attributes:
        address: where it is, with a slash at its end.
        process: the server.
        began: when it was started, on the clock of ``time.monotonic``.
    """

    address: str
    process: subprocess.Popen[bytes]
    began: float

    def ask(self, client: httpx.Client, question: str) -> str:
        """Ask through the HTTP API.

        Returns:
            The answer's line of JSON.

        Raises:
            RuntimeError: the server refused, with its reason.
        """
        started = client.post("gradio_api/call/v2/ask", json={"question": question})
        event = started.raise_for_status().json()["event_id"]
        said = client.get(f"gradio_api/call/v2/ask/{event}").raise_for_status().text
        kind, _, data = said.strip().rpartition("\n\n")[2].partition("\ndata: ")
        if kind != "event: complete":
            raise RuntimeError(data)
        return str(json.loads(data)[0])

    def upload(self, client: httpx.Client, files: Sequence[Path]) -> str:
        """Hand files over as the page does, and wait until they are indexed.

        Returns:
            What the page shows of it.
        """
        paths: list[dict[str, object]] = []
        for file in files:
            sent = client.post(
                "gradio_api/upload", files={"files": (file.name, file.read_bytes())}
            ).raise_for_status()
            meta = {"_type": "gradio.FileData"}
            paths.append({"path": sent.json()[0], "orig_name": file.name, "meta": meta})
        events = client.get("config").raise_for_status().json()["dependencies"]
        event = next(event["id"] for event in events if event["targets"][0][1] == "upload")
        session = uuid.uuid4().hex
        body = {"data": [paths], "fn_index": event, "session_hash": session}
        client.post("gradio_api/queue/join", json=body).raise_for_status()
        with client.stream(
            "GET", "gradio_api/queue/data", params={"session_hash": session}
        ) as sent:
            for line in sent.iter_lines():
                message = json.loads(line[6:]) if line.startswith("data: ") else {}
                if message.get("msg") == "process_completed":
                    if not message["success"]:
                        raise RuntimeError(f"the upload failed: {message['output']}")
                    return str(message["output"]["data"][1])
        raise RuntimeError("the upload came to no end")

    def client(self) -> httpx.Client:
        """A client of its own for each person."""
        return httpx.Client(base_url=self.address, timeout=PATIENCE)


@contextlib.contextmanager
def served(index: Path, log: Path) -> Iterator[Served]:
    """Run ``pincite serve`` on an index, in a process of its own, until the block ends.

    Args:
        index: the index's folder.
        log: takes what the server says.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = ["-m", "qa.cli", "serve", "--port", str(port), "--index", str(index)]
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    environment = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
    with log.open("wb") as said:
        began = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, *command],
            env={**environment, "PYTHONPATH": path},
            stdout=said,
            stderr=subprocess.STDOUT,
        )
    try:
        yield Served(f"http://127.0.0.1:{port}/", process, began)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def until(served: Served, path: str, step: float = 0.02) -> float:
    """Wait until a path is answered; gives the seconds since the server was started.

    Raises:
        RuntimeError: the server ended.
    """
    while time.monotonic() - served.began < PATIENCE:
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(served.address + path, timeout=PATIENCE).is_success:
                return time.monotonic() - served.began
        if served.process.poll() is not None:
            raise RuntimeError(f"the server ended with code {served.process.returncode}")
        time.sleep(step)
    raise RuntimeError("the server does not answer")
