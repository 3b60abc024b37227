"""Opening an index for the command line, with one clear sentence where that cannot be done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from index.base import IndexStats, PassageIndex
    from index.embed import Embedder
    from index.settings import Settings
    from qa.assistant import Assistant
    from qa.question_set import QuestionSet


class WrongUse(Exception):
    """Something that was asked for cannot be done as asked; the message is for the person."""


def must_exist(index: Path) -> None:
    """Refuse a folder without an index: opening it would make an empty one.

    Raises:
        WrongUse: there is no index there.
    """
    from index.schema import STORE_NAME

    if not (index / STORE_NAME).is_file():
        raise WrongUse(
            f"There is no index at {index}. Make one with 'pincite index PATH…', "
            "or choose another with --index."
        )


@contextmanager
def opened(index: Path, *, existing: bool = False) -> Iterator[tuple[PassageIndex, Embedder]]:
    """Hold an index and its embedder open.

    Args:
        index: the index's folder.
        existing: whether it must be there already.

    Raises:
        WrongUse: it is not there, or a setting is wrong.
        IndexProblem: it cannot be opened.
    """
    if existing:
        must_exist(index)
    settings = _settings()
    from index import open_index
    from index.embed import load_embedder

    embedder = load_embedder(settings.embedder, index, settings.device)
    with open_index(index, embedder) as store:
        yield store, embedder


@contextmanager
def assistant_on(index: Path, risk: float | None) -> Iterator[Assistant]:
    """Hold an assistant open on an index that is there already.

    Args:
        index: the index's folder.
        risk: accepted share of wrong answers among the given ones; None for the setting.

    Raises:
        WrongUse: there is no index, or the risk or a setting is wrong.
        IndexProblem: the index cannot be opened.
    """
    if risk is not None and not 0 < risk <= 1:
        raise WrongUse(f"--risk must be above 0 and at most 1, not {risk:g}.")
    must_exist(index)
    settings = _settings()
    if risk is not None:
        settings = settings.model_copy(update={"risk": risk})
    from qa.assistant import Assistant

    with Assistant.open(index, settings) as assistant:
        yield assistant


def known_paths(index: Path) -> dict[str, str]:
    """The absolute path of each source that an index knows; none where there is no index."""
    from index.base import IndexProblem

    with suppress(IndexProblem, WrongUse), opened(index, existing=True) as (store, _):
        return {record.source: record.path for record in store.sources()}
    return {}


def questions_of(path: Path, *outputs: Path | None) -> QuestionSet:
    """Read a question file, once it is clear that the outputs can be written.

    Raises:
        WrongUse: an output is the question file itself, or its folder is not there.
        QuestionFileProblem: the question file cannot be read.
    """
    from qa.question_set import read_questions

    for out in outputs:
        if out is not None and out.exists() and path.exists() and out.samefile(path):
            raise WrongUse(
                f"{out} is the question file itself; choose another name for the output."
            )
        if out is not None and not out.parent.is_dir():
            raise WrongUse(f"{out} cannot be written: there is no folder {out.parent}.")
    return read_questions(path)


def calibration_of(index: Path, stats: IndexStats) -> str | None:
    """Say what is known of an index's calibration; None where there is none.

    Args:
        index: the index's folder.
        stats: what the index holds now.

    Raises:
        WrongUse: a setting is wrong.
        IndexProblem: the index cannot be opened with the reader of the settings.
    """
    from qa.risk.calibration import CalibrationProblem, load, uncalibrated

    try:
        found = load(index)
    except CalibrationProblem as problem:
        return str(problem)
    if found is None:
        return None
    with assistant_on(index, None) as assistant:
        return found.describe(uncalibrated(assistant.reader).name, stats.fingerprint)


def _settings() -> Settings:
    from pydantic import ValidationError

    from index.settings import Settings

    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = f"PINCITE_{str(first['loc'][0]).upper()}"
        raise WrongUse(f"The environment's {name} is wrong: {first['msg']}.") from None
