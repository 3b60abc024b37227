"""``pincite copy``: an index and its calibration, from one place to another."""

from __future__ import annotations

from pathlib import Path

from qa.opening import WrongUse, opened
from qa.risk import calibration
from qa.terminal import count, progress, stdout


def run(index: Path, target: Path) -> None:
    """Copy an index and say what was done.

    Args:
        index: the index's folder or address.
        target: where to.

    Raises:
        WrongUse: there is no index, or both places are one.
        IndexProblem: one of the two cannot be used.
        CalibrationProblem: the calibration cannot be read or written.
    """
    from index import open_index
    from index.copying import copy
    from index.location import beside, milvus_address, shown

    if (milvus_address(index) or index.resolve()) == (milvus_address(target) or target.resolve()):
        raise WrongUse(f"{shown(target)} is the index itself.")
    with (
        opened(index, existing=True) as (source, embedder),
        # With the same embedder, whatever a new index would be made with here.
        open_index(target, embedder) as copied,
        progress("Copying") as tell,
    ):
        report = copy(source, copied, tell)
        stats = copied.stats()
    found = calibration.load(beside(index))
    if found is not None:
        calibration.save(found, beside(target))
    before = f" ({report.known} were there)" if report.known else ""
    done = f"{count(report.copied, 'source')} copied{before}"
    stdout().print(f"{done}. {shown(target)}: {count(stats.documents, 'document')}.")
    if not report.same:
        stdout().print("It holds other documents too, so its answers may differ.")
