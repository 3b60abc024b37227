"""An index of real texts in passages of another length, so that there are as many as are wanted.

    python -m index.measure.real TEXTS OUT --least 250 --most 400

TEXTS is a folder of files; OUT becomes an index. Reading, embedding and storing are as always, only
:mod:`corpus.passages` is given other lengths: shorter passages are more, and every one is real.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from corpus.load import LoadError, load
from corpus.passages import PassageSize, passages
from index.embed import Embedder, load_embedder
from index.local import LocalIndex
from index.weights import sha256_of
from index.words import search_text

log = logging.getLogger(__name__)

TOLD_EVERY = 100
"""Files between two lines of progress."""


def store(index: LocalIndex, embedder: Embedder, files: Iterable[Path], size: PassageSize) -> int:
    """Read files, cut them into passages of a size, embed and store them.

    Args:
        index: takes the documents; its search indexes are brought up to them at the end.
        embedder: makes the vectors.
        files: one document each; what cannot be read is told and left out.
        size: of the passages.

    Returns:
        How many passages were stored.
    """
    stored, began = 0, time.monotonic()
    for number, path in enumerate(files, 1):
        try:
            document = load(path)
        except LoadError as problem:
            log.warning("%s: %s", path.name, problem)
            continue
        cut = passages(document, size)
        vectors = embedder.embed_passages([search_text(document.info, one) for one in cut])
        index.add(document, cut, vectors, path=str(path.resolve()), sha256=sha256_of(path))
        stored += len(cut)
        if number % TOLD_EVERY == 0:
            log.info("%d files, %d passages, %.0f s", number, stored, time.monotonic() - began)
    index.sync()
    return stored


def main(
    texts: Annotated[Path, typer.Argument(help="Folder of files.")],
    out: Annotated[Path, typer.Argument(help="Folder of the index; made anew.")],
    least: Annotated[int, typer.Option(help="Characters from which a passage may end.")] = 250,
    most: Annotated[int, typer.Option(help="Characters beyond which it does not grow.")] = 400,
) -> None:
    """Make the index."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    if out.exists():
        raise typer.BadParameter(f"{out} is there already.")
    embedder = load_embedder()
    files = sorted(path for path in texts.iterdir() if path.is_file())
    with LocalIndex(out, embedder) as index:
        stored = store(index, embedder, files, PassageSize(least, most))
    typer.echo(f"{stored} passages in {out}")


if __name__ == "__main__":
    typer.run(main)
