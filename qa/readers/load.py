"""Which reader a name in the settings means."""

from __future__ import annotations

import re
from pathlib import Path

from index.base import IndexProblem
from index.embed import Embedder
from qa.reader import Reader
from qa.readers.overlap import OverlapReader
from qa.readers.trained import NUMBERS, USUAL, TrainedReader, trained_reader

SHIPPED = ("", "reader-1")
"""Names of the reader that comes with Pincite."""

OVERLAP = ("overlap", "overlap-1")
"""Names of the first reader."""

_ON_A_HUB = re.compile(r"\w[\w.-]*/\w[\w.-]*")


def load_reader(name: str, embedder: Embedder) -> Reader:
    """The reader of that name.

    Args:
        name: empty for the one that comes with Pincite, ``overlap`` for the first one, the path of
            a folder with a model or with what ``make train`` writes, or ``owner/model`` on a hub.
            Only a name of this form that is no folder is looked up on a hub, when the first
            question comes.
        embedder: what the index was embedded with.

    Raises:
        IndexProblem: no reader has this name, or the folder holds no model that can read.
    """
    if name in SHIPPED:
        return TrainedReader(cascade=USUAL)
    if name in OVERLAP:
        return OverlapReader(embedder)
    if (Path(name) / NUMBERS).is_file():
        try:
            return trained_reader(Path(name))
        except ValueError as error:
            raise IndexProblem(
                f"The folder {name} (PINCITE_READER) holds a reader that this version cannot use."
            ) from error
    if Path(name).is_dir() or _ON_A_HUB.fullmatch(name):
        from qa.readers.other import OtherReader

        return OtherReader(name)
    raise IndexProblem(
        f"There is no reader {name} (PINCITE_READER): it is neither overlap, nor a folder, nor a "
        "name on a hub such as owner/model."
    )
