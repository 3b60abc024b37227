"""How long ``pincite serve`` takes until its port is open, its page usable, its first answer there.

    python -m qa.measure.start -o OUT

The server is a process of its own, started anew each time, on an index of the starter corpus that
an earlier start made. The page is usable when a Chromium that was running already shows the
question box and what is indexed. Then the first question is asked, so it waits for the models.
"""

from __future__ import annotations

import math
import os
import shutil
import socket
import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from qa.measure.served import PATIENCE, Served, served, until

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
QUESTION = "What was the median overall survival with sorafenib in the SHARP trial?"


class Start(NamedTuple):
    """Seconds from the start of the process.

    Attributes:
        port: until its port is open.
        page: until the page is sent.
        usable: until a browser shows it.
        answer: until a question is answered that was asked then.
        work: processor time until the page was sent, which a busy machine does not make longer.
    """

    port: float
    page: float
    usable: float
    answer: float
    work: float


def one_start(index: Path, log: Path) -> Start:
    """Start a server and time it; it is ended again.

    Raises:
        RuntimeError: there is no Chromium, or the server ended.
    """
    with served(index, log) as server:
        port = _port(server)
        page = until(server, "")
        work = _worked(server.process.pid)
        usable = page + _drawn(server, log.with_name("profile"))
        with server.client() as client:
            server.ask(client, QUESTION)
        return Start(port, page, usable, time.monotonic() - server.began, work)


def _port(server: Served) -> float:
    number = int(server.address.rpartition(":")[2].strip("/"))
    while time.monotonic() - server.began < PATIENCE:
        with socket.socket() as trial:
            if trial.connect_ex(("127.0.0.1", number)) == 0:
                return time.monotonic() - server.began
        time.sleep(0.02)
    raise RuntimeError("the port is not opened")


def _worked(process: int) -> float:
    """Processor seconds of a process so far; nan where the system does not tell."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text("ascii").rpartition(")")[2].split()
    except OSError:
        return math.nan
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _drawn(server: Served, profile: Path) -> float:
    """Seconds that a running browser needs from the address to the question box and the head.

    Its profile is kept from start to start, as a person's is, and with it what it has cached.
    """
    from playwright.sync_api import sync_playwright

    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        raise RuntimeError("no Chromium on this machine; apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch_persistent_context(
            profile, executable_path=program, args=["--no-sandbox"]
        )
        page = browser.new_page()
        began = time.monotonic()
        page.goto(server.address)
        page.locator("#pc-question textarea").wait_for(timeout=PATIENCE * 1000)
        page.locator(".pc-status").wait_for(timeout=PATIENCE * 1000)
        took = time.monotonic() - began
        browser.close()
    return took


def table(starts: Sequence[Start]) -> str:
    """The figures as Markdown: the median, the least and the most of each."""
    lines = ["| from the start of the process until | median | least | most |", "|---|---|---|---|"]
    names = (
        "the port is open",
        "the page is sent",
        "the page is usable",
        "the first answer",
        "the page is sent, in processor time",
    )
    for name, values in zip(names, zip(*starts, strict=True), strict=True):
        cells = (statistics.median(values), min(values), max(values))
        lines.append(f"| {name} | {' | '.join(f'{seconds:.1f} s' for seconds in cells)} |")
    return "\n".join(lines) + "\n"


def main(
    out: Annotated[Path, typer.Option("-o", "--out", help="Folder of index, log and table.")],
    times: Annotated[int, typer.Option(help="How often.")] = 5,
) -> None:
    """Measure; the first start, which makes the index and fills the caches, does not count."""
    out.mkdir(parents=True, exist_ok=True)
    every = [one_start(out / "start-index", out / "server.log") for _ in range(times + 1)]
    written = table(every[1:])
    (out / "start.md").write_text(written, "utf-8")
    typer.echo(written)


if __name__ == "__main__":
    typer.run(main)
