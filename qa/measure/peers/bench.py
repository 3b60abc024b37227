"""Pincite and its peers in one run: same files, same embedder, one judge.

    python -m qa.measure.peers.bench ../shared/bench OUT

Three parts, each system in its own process and environment. *quality*: all papers of COVID-QA,
every dev question, once. *paired*: a few papers and questions, again and again, the systems in
alternating order. *scale*: full texts of Evidence Inference, once. The figures are kept after
every step in OUT/result.json; ``qa.measure.peers.page`` makes the page of them.
"""

from __future__ import annotations

import datetime
import logging
import os
import platform
import shutil
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import typer

from index.embed import Embedder, load_embedder, packaged_folder
from qa.measure.peers.judging import Judge, Nearest
from qa.measure.peers.pairing import order
from qa.measure.peers.protocol import Request, read_paper
from qa.measure.peers.reader_model import write_reader_model
from qa.measure.peers.results import Judged, Machine, Part, Result, Run, Sizes, read, write
from qa.measure.peers.running import PATIENCE, RunnerFailed, run_ask, run_ingest, size_of
from qa.measure.peers.systems import System, chosen, install
from qa.question_set import Question, read_questions
from qa.training import covidqa

log = logging.getLogger(__name__)

READER = Path(__file__).parents[2] / "models" / "reader-1.onnx"
RESULT = "result.json"
LEAST = 200
"""Bytes below which a full text holds no more than its title: three of them, left out."""


@dataclass(frozen=True, slots=True)
class Task:
    """What a system is put to in one part.

    Attributes:
        part: the part's name.
        papers: folder of text files.
        questions: to be asked.
        judge: judges the finds; None where only the time counts.
    """

    part: Part
    papers: Path
    questions: Sequence[Question]
    judge: Judge | None = None


class Bench:
    """Runs systems and keeps what came of them.

    Args:
        out: folder for environments, stores and the result.
        result: what there is already; runs are added to it.
        cores: how many threads each system's libraries may use; 0 for their own choice.
        environments: folder of the virtual environments.
        patience: minutes after which a system that still ingests is given up.
        keep: whether what the systems store is kept.
    """

    def __init__(
        self,
        out: Path,
        result: Result,
        cores: int,
        environments: Path,
        *,
        patience: float = PATIENCE,
        keep: bool = False,
    ) -> None:
        self.out = out
        self.result = result
        self._cores = cores
        self._environments = environments
        self._patience = patience
        self._keep = keep
        self._reader = out / "reader"

    def run(self, system: System, task: Task, round_: int = 0) -> None:
        """Let a system do a task, unless the result holds that already; keep the figures."""
        key = (task.part, round_, system.name)
        if any((run.part, run.round, run.system) == key for run in self.result.runs):
            return
        log.info("%s: %s, round %d", task.part, system.title, round_ + 1)
        try:
            run = self._measured(system, task, round_)
        except (RunnerFailed, RuntimeError) as reason:
            log.warning("%s came to nothing: %s", system.title, reason)
            run = Run(part=task.part, round=round_, system=system.name, failed=str(reason))
        self.result.runs.append(run)
        write(self.result, self.out / RESULT)

    def _measured(self, system: System, task: Task, round_: int) -> Run:
        install(system, self._environments)
        if system.variant == "reader" and not self._reader.is_dir():
            write_reader_model(READER, self._reader)
        store = self.out / "stores" / f"{task.part}-{system.name}"
        shutil.rmtree(store, ignore_errors=True)
        ingest = Request(
            "ingest",
            papers=str(task.papers.resolve()),
            store=str(store.resolve()),
            model=str(packaged_folder()),
            variant=system.variant,
            reader=str(self._reader.resolve()),
        )
        asked = tuple(question.question for question in task.questions)
        ask = replace(ingest, step="ask", questions=asked)
        where = self._environments
        load = os.getloadavg()[0]
        ready, stored, memory = run_ingest(system, ingest, where, self._cores, self._patience)
        disk = size_of(store)
        answers, first, memory_ask = run_ask(system, ask, where, self._cores)
        if not self._keep:
            shutil.rmtree(store, ignore_errors=True)
        judged: tuple[Judged, ...] = ()
        if task.judge is not None:
            pairs = zip(task.questions, answers, strict=True)
            judged = tuple(task.judge.judge(q, f, system.sentences) for q, (_, f) in pairs)
        return Run(
            part=task.part,
            round=round_,
            system=system.name,
            versions=ready.said["versions"],
            documents=stored.said["documents"],
            passages=stored.said["passages"],
            ready=round(ready.at, 3),
            ingest=round(stored.said["seconds"], 3),
            first=round(first, 3),
            seconds=tuple(round(seconds, 4) for seconds, _ in answers[1:]),
            memory_ingest=memory,
            memory_ask=memory_ask,
            disk=disk,
            load=round(load, 2),
            judged=judged,
        )


def nearest_by(embedder: Embedder) -> Nearest:
    """The rule for systems that choose no sentence: the vector nearest to the question's."""

    def nearest(question: str, sentences: Sequence[str]) -> int:
        near = embedder.embed_passages(sentences) @ embedder.embed_queries([question])[0]
        return int(near.argmax())

    return nearest


def spread(questions: Sequence[Question], count: int) -> list[Question]:
    """So many of the questions, at even distances; all of them where there are no more."""
    if count >= len(questions):
        return list(questions)
    return [questions[i * len(questions) // count] for i in range(count)]


def few_papers(
    papers: Path, questions: Sequence[Question], count: int, out: Path
) -> tuple[Path, list[Question]]:
    """The first papers, by name, that questions are asked of, in a folder of their own.

    Returns:
        The folder, and the questions whose evidence stands in it.
    """
    asked_of = sorted({evidence.source for q in questions for evidence in q.evidence})[:count]
    _fresh(out)
    for name in asked_of:
        shutil.copyfile(papers / name, out / name)
    kept = set(asked_of)
    return out, [q for q in questions if all(e.source in kept for e in q.evidence)]


def full_texts(archive: Path, count: int, out: Path) -> Path:
    """The first full texts of the archive, by name, that hold more than a title, in a folder."""
    _fresh(out)
    with tarfile.open(archive) as opened:
        members = sorted(
            (
                m
                for m in opened.getmembers()
                if m.isfile() and m.name.endswith(".txt") and m.size >= LEAST
            ),
            key=lambda member: member.name,
        )
        for member in members[:count]:
            file = opened.extractfile(member)
            if file is not None:
                (out / Path(member.name).name).write_bytes(file.read())
    return out


def machine(cores: int) -> Machine:
    """The machine, as the page tells of it."""
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return Machine(
        processor=_processor(),
        cores=cores,
        memory_gb=round(pages / 2**30, 1),
        system=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
        date=datetime.datetime.now(datetime.UTC).date().isoformat(),
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _fresh(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)


def _limit(cores: int) -> int:
    """Keep this process, and all it starts, to so many cores; how many it has now."""
    if not hasattr(os, "sched_setaffinity"):
        return os.cpu_count() or 1
    own = sorted(os.sched_getaffinity(0))
    if cores:
        os.sched_setaffinity(0, own[:cores])
    return len(os.sched_getaffinity(0))


def _tasks(data: Path, out: Path, sizes: Sizes) -> list[Task]:
    """The work of the three parts, written out as files."""
    covidqa.main(data / "covidqa", out / "covidqa")
    papers = out / "covidqa" / "papers"
    questions = read_questions(out / "covidqa" / "questions.jsonl").questions
    every = papers
    if sizes.quality_papers < len(list(papers.glob("*.txt"))):
        every, questions_there = few_papers(
            papers, questions, sizes.quality_papers, out / "quality-papers"
        )
    else:
        questions_there = list(questions)
    judge = Judge(
        {p.name: read_paper(p) for p in papers.glob("*.txt")}, nearest_by(load_embedder())
    )
    quality = Task("quality", every, spread(questions_there, sizes.quality_questions), judge)
    few, few_questions = few_papers(papers, questions, sizes.paired_papers, out / "paired-papers")
    paired = Task("paired", few, spread(few_questions, sizes.paired_questions))
    tasks = [quality, paired]
    if sizes.scale_texts:
        archive = data / "evidence_inference" / "fulltext.tar.gz"
        texts = full_texts(archive, sizes.scale_texts, out / "scale-texts")
        tasks.append(Task("scale", texts, spread(questions, sizes.scale_questions)))
    return tasks


def main(
    data: Annotated[Path, typer.Argument(help="Folder of the data sets.")],
    out: Annotated[Path, typer.Argument(help="Folder for environments, stores and the result.")],
    rounds: Annotated[int, typer.Option(help="Paired runs.")] = 5,
    papers: Annotated[int, typer.Option(help="Papers of a paired run.")] = 10,
    questions: Annotated[int, typer.Option(help="Questions of a paired run.")] = 20,
    quality_papers: Annotated[int, typer.Option(help="Papers of the quality part.")] = 78,
    quality_questions: Annotated[int, typer.Option(help="Its questions.")] = 200,
    evidence: Annotated[int, typer.Option(help="Full texts of Evidence Inference; 0: none.")] = 100,
    system: Annotated[list[str] | None, typer.Option(help="Only this system; repeatable.")] = None,
    cores: Annotated[int, typer.Option(help="Cores of each system; 0: all.")] = 0,
    environments: Annotated[
        Path | None,
        typer.Option(help="Folder of virtual environments; OUT/environments if left out."),
    ] = None,
    part: Annotated[Part | None, typer.Option(help="Only this part.")] = None,
    patience: Annotated[
        float, typer.Option(help="Minutes after which a system that still ingests is given up.")
    ] = PATIENCE,
    keep: Annotated[bool, typer.Option(help="Keep what the systems store, in OUT/stores.")] = False,
    resume: Annotated[bool, typer.Option(help="Go on from OUT/result.json.")] = False,
) -> None:
    """Measure every system; what is there of an earlier run is done again unless --resume."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s")
    log.setLevel(logging.INFO)
    systems = chosen(system or [])
    out.mkdir(parents=True, exist_ok=True)
    has = _limit(cores)
    sizes = Sizes(
        quality_papers=quality_papers,
        quality_questions=quality_questions,
        rounds=rounds,
        paired_papers=papers,
        paired_questions=questions,
        scale_texts=evidence,
        scale_questions=questions,
    )
    result = Result(machine=machine(has), sizes=sizes)
    if resume and (out / RESULT).is_file():
        result = read(out / RESULT)
        if result.sizes != sizes:
            raise typer.BadParameter("OUT/result.json is of other sizes; leave --resume out.")
    where = environments or out / "environments"
    bench = Bench(out, result, cores, where, patience=patience, keep=keep)
    for task in _tasks(data, out, sizes):
        if part not in (None, task.part):
            continue
        for round_ in range(rounds if task.part == "paired" else 1):
            for one in order(systems, round_):
                bench.run(one, task, round_)
    typer.echo(f"{out / RESULT}")


if __name__ == "__main__":
    typer.run(main)
