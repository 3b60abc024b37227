"""A fuzzer for the way into the index: damaged and malicious files beside good ones.

``python -m index.measure.fuzz SHARED OUT`` indexes them with the real reading process and an
embedder that costs nothing, and says what went wrong; every file's fate goes to ``OUT/fuzz.txt``.
"""

from __future__ import annotations

import os
import resource
import shutil
import socket
import tempfile
import threading
import time
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import numpy as np

from corpus.measure import bombs, damage
from corpus.measure.command import run
from corpus.measure.damage import Harm
from corpus.measure.figures import Figure
from index import open_index
from index.base import PassageIndex, Vectors
from index.embed import Embedder
from index.ingest import Failure, IngestReport, Progress, ingest
from index.reading import Limits, Worker

SEED = 20261123
VARIANTS = 200
LIMITS = Limits(seconds=30.0, memory=1400)
WORKER = ("-m", "index.worker")
MOST_MEMORY = 1500
"""MB that the parent and the reading process may each hold."""
HIDDEN = "Xyzzy was the word that opened the cave."
GOOD = "# Mice {n}\n\nIn house {n} the mice ate {n} grains of rice. They slept well.\n"
_BETWEEN = 20


class Unlearned(Embedder):
    """An embedder that costs nothing: a text's checksum chooses its vector."""

    @property
    def name(self) -> str:
        """A name."""
        return "unlearned"

    @property
    def dimensions(self) -> int:
        """Length of a vector."""
        return 8

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Vectors of passages."""
        chosen = [zlib.crc32(text.encode("utf-8", "replace")) % 8 for text in texts]
        return np.eye(8, dtype=np.float32)[chosen]

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Vectors of questions."""
        return self.embed_passages(texts)


@dataclass(slots=True)
class Finding:
    """What one run showed.

    Attributes:
        harms: the files that were made.
        good: good files beside them, and how many of them are indexed.
        report: what the run said.
        seconds: how long each file kept the run, the longest first.
        parent, child: the most memory that either process held, in MB.
        calls: connections to the trap, and attempts that the process refused.
        written: files that were changed or made outside the index.
        leaked: documents that hold words of a file which only an entity names.
        wrong: reasons that are no plain sentence.
    """

    harms: list[Harm]
    good: int
    indexed: int = 0
    report: IngestReport = field(default_factory=IngestReport)
    seconds: list[tuple[float, str]] = field(default_factory=list)
    parent: float = 0.0
    child: float = 0.0
    calls: int = 0
    written: list[str] = field(default_factory=list)
    leaked: list[str] = field(default_factory=list)
    wrong: list[Failure] = field(default_factory=list)

    @property
    def too_slow(self) -> int:
        """How many files were given up for their time."""
        return sum(failure.reason.startswith("cannot be read within") for failure in self.failed)

    @property
    def failed(self) -> list[Failure]:
        """Files that were refused, records of files not counted."""
        return [failure for failure in self.report.failed if failure.record_of is None]


def fuzz(inputs: Path, folder: Path, *, every: int = 1, variants: int = VARIANTS) -> Finding:
    """Make files under ``folder``, index them, and see what happens.

    Args:
        inputs: a folder of real files of all formats.
        folder: an empty folder.
        every: takes only every so-many-th of the made files.
        variants: how many variants of real files there would be without ``every``.
    """
    papers, hidden = folder / "papers", folder / "hidden.txt"
    papers.mkdir()
    hidden.write_text(HIDDEN, "utf-8")
    with _trap() as (address, calls), _elsewhere(folder / "temporary"):
        harms = _make(inputs, papers, address, hidden, every, variants)
        found = Finding(harms, _good_between(papers))
        before = _tree(folder)
        files = sorted({harm.path for harm in harms if harm.path.is_file()})
        with open_index(folder / "index", Unlearned()) as index:
            _index(index, [papers, *files], found)
            _inspect(index, found)
        changed = {name for name, _ in before.items() ^ _tree(folder).items()}
        found.written = sorted(
            name for name in changed if name != "index" and not name.startswith("index/")
        )
        found.calls += calls[0]
    return found


def _make(
    inputs: Path, papers: Path, address: str, hidden: Path, every: int, variants: int
) -> list[Harm]:
    originals = sorted(path for path in inputs.rglob("*") if path.is_file())
    made = list(damage.variants(originals, papers, variants, SEED))
    for harm in made:
        if made.index(harm) % every:
            harm.path.unlink()
    harms = made[::every]
    contents = sorted(bombs.contents(address, hidden).items())
    for name, content in contents[::every]:
        path = papers / f"x-{name}"
        path.write_bytes(content())
        harms.append(Harm(path, "made to do harm"))
    for makers in (damage.names, damage.no_files):
        room = papers / makers.__name__
        room.mkdir()
        harms += makers(room)
    return harms


def _good_between(papers: Path) -> int:
    """Write good files so that they come before, between and after all others."""
    others = sorted(path.name for path in papers.iterdir())
    for n in range(_BETWEEN):
        name = others[n * len(others) // _BETWEEN]
        (papers / f"{name[:40]}-good-{n}.md").write_text(GOOD.format(n=n), "utf-8")
    return _BETWEEN


def _index(index: PassageIndex, paths: list[Path], found: Finding) -> None:
    steps: list[tuple[float, str]] = []

    def tell(step: Progress) -> None:
        steps.append((time.monotonic(), os.fsencode(step.path).decode("utf-8", "replace")))

    reading = Worker(LIMITS, WORKER)
    found.report = ingest(index, Unlearned(), paths, progress=tell, reading=reading)
    durations = ((after[0] - begun[0], begun[1]) for begun, after in pairwise(steps))
    found.seconds = sorted(durations, reverse=True)
    found.parent = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    found.child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1000


def _inspect(index: PassageIndex, found: Finding) -> None:
    sources = index.sources()
    with index.view() as view:
        for record in sources:
            if record.document is None or record.state != "indexed":
                continue
            found.indexed += "-good-" in record.source
            if HIDDEN[:20] in view.document(record.document.id).text:
                found.leaked.append(record.source)
    for failure in found.report.failed:
        reason = failure.reason
        if "Traceback" in reason or "\n" in reason or not 5 < len(reason) < 400:
            found.wrong.append(failure)
        found.calls += "does not need" in reason


@contextmanager
def _trap() -> Iterator[tuple[str, list[int]]]:
    """A server on this machine that counts who calls it."""
    calls = [0]
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        over = threading.Event()

        def listen() -> None:
            while not over.is_set():
                try:
                    server.accept()[0].close()
                    calls[0] += 1
                except TimeoutError:
                    continue

        thread = threading.Thread(target=listen)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}", calls
        finally:
            over.set()
            thread.join()


@contextmanager
def _elsewhere(temporary: Path) -> Iterator[None]:
    """Let temporary files go where they are seen."""
    temporary.mkdir()
    before = os.environ.get("TMPDIR")
    os.environ["TMPDIR"] = str(temporary)
    tempfile.tempdir = None
    try:
        yield
    finally:
        tempfile.tempdir = None
        if before is None:
            del os.environ["TMPDIR"]
        else:
            os.environ["TMPDIR"] = before


def _tree(folder: Path) -> dict[str, tuple[int, int]]:
    """Every file under a folder with its size and the time of its last change."""
    out: dict[str, tuple[int, int]] = {}
    for root, folders, files in os.walk(folder):
        for name in (*folders, *files):
            path = Path(root, name)
            status = path.lstat()
            changed = 0 if path.is_dir() else status.st_mtime_ns
            shown = os.fsencode(path.relative_to(folder)).decode("utf-8", "replace")
            out[shown] = (status.st_size if changed else 0, changed)
    return out


def measure(shared: Path, out: Path) -> list[Figure]:
    """Fuzz with variants of ``SHARED/inputs`` in a temporary folder."""
    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
    try:
        found = fuzz(shared / "inputs", folder)
    finally:
        damage.open_doors(folder / "papers" / damage.no_files.__name__)
        shutil.rmtree(folder, ignore_errors=True)
    (out / "fuzz.txt").write_text(_told(found), "utf-8")
    made = f"{len(found.harms)} damaged or malicious files, {found.good} good ones beside them"
    slowest, name = found.seconds[0]
    return [
        Figure("good files indexed", f"{found.indexed} of {found.good}", made),
        Figure("harmful files refused with a reason", f"{len(found.failed)}", made),
        Figure("reasons that are no plain sentence", f"{len(found.wrong)}"),
        Figure("files given up for their time", f"{found.too_slow}", f"{LIMITS.seconds:.0f} s"),
        Figure("slowest file", f"{slowest:.1f} s", Path(name).name),
        Figure("calls to the network", f"{found.calls}"),
        Figure("files written outside the index", f"{len(found.written)}"),
        Figure("documents with words from elsewhere", f"{len(found.leaked)}"),
        Figure("peak memory", f"{found.parent:.0f} MB", "of the parent"),
        Figure("peak memory", f"{found.child:.0f} MB", "of the reading process"),
    ]


def _told(found: Finding) -> str:
    reasons = {failure.source: failure.reason for failure in found.failed}
    lines = [f"{harm.path.name}\t{harm.what}\t{_fate(reasons, harm)}" for harm in found.harms]
    kinds = Counter(reason.split(" (")[0] for reason in reasons.values())
    summary = [f"{count}\t{reason}" for reason, count in kinds.most_common()]
    slow = [f"{seconds:.1f} s\t{Path(name).name}" for seconds, name in found.seconds[:20]]
    parts = [lines, summary, slow, found.written, found.leaked, [str(w) for w in found.wrong]]
    text = "\n\n".join("\n".join(part) for part in parts)
    return text.encode("utf-8", "replace").decode() + "\n"


def _fate(reasons: dict[str, str], harm: Harm) -> str:
    return reasons.get(str(harm.path), "read")


if __name__ == "__main__":
    run(measure)
