"""How well copies of one article are told from other articles.

``python -m index.measure.copies SHARED OUT``: the JATS articles of Evidence Inference and their
text twins, made by somebody else's reader of the same files, are copies; everything else is not.
Words are changed at random as bad text layers change them, and all numbers as a later report does.
"""

from __future__ import annotations

import re
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

import numpy as np

from corpus.document import Block, BlockKind, Document
from corpus.load import LoadError, load_bytes
from corpus.measure.command import run
from corpus.measure.figures import Figure
from index import sketch
from index.sketch import Sketch

SEED = 7
LEAST_ABSTRACT = 50
_NUMBER = re.compile(r"\d{1,9}")
Change = Callable[[str, np.random.Generator], str]


@dataclass(frozen=True, slots=True)
class Article:
    """An article by name: the sketches of its JATS file, of its text twin and of its abstract."""

    name: str
    jats: Document
    full: Sketch
    twin: Sketch | None
    abstract: Document | None


def articles(folder: Path) -> Iterator[Article]:
    """The articles of ``evidence_inference``; those that cannot be read are left out."""
    twins = folder / "validation_text"
    with tarfile.open(folder / "jats.tar.gz") as archive:
        for member in sorted(archive.getmembers(), key=lambda member: member.name):
            file = archive.extractfile(member) if member.isfile() else None
            if file is None:
                continue
            name = Path(member.name).stem
            try:
                document = load_bytes(file.read(), member.name)
            except LoadError:
                continue
            text = twins / f"{name}.txt"
            twin = load_bytes(text.read_bytes(), text.name) if text.exists() else None
            yield Article(
                name,
                document,
                sketch.of(document),
                sketch.of(twin) if twin else None,
                _abstract(document),
            )


def _abstract(document: Document) -> Document | None:
    """The abstract alone, as a list of abstracts would have it."""
    parts = [
        document.text[block.start : block.end]
        for block in document.blocks
        if block.kind is BlockKind.PARAGRAPH and "abstract" in (block.section or "").lower()
    ]
    text = "\n\n".join(parts)
    if len(text.split()) < LEAST_ABSTRACT:
        return None
    return _of_text(document, text)


def _of_text(document: Document, text: str) -> Document:
    block = Block(0, len(text), BlockKind.PARAGRAPH)
    return replace(document, text=text, blocks=(block,))


def changed(document: Document, change: Change, dice: np.random.Generator) -> Sketch:
    """The sketch of a document's paragraphs with every word changed in a way."""
    prose = (
        document.text[block.start : block.end]
        for block in document.blocks
        if block.kind in (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM)
    )
    text = " ".join(change(word, dice) for part in prose for word in part.split())
    return sketch.of(_of_text(document, text))


def misread(share: float) -> Change:
    """Some of the words with a letter more."""
    return lambda word, dice: f"{word}x" if dice.random() < share else word


def other_number(word: str, dice: np.random.Generator) -> str:
    """Another number for each number, and everything else as it is."""
    return _NUMBER.sub(lambda match: str(dice.integers(10 ** len(match.group()))), word)


def nameless(made: Sketch) -> Sketch:
    """The sketch of the same text in a file that states no identifiers."""
    return made._replace(doi=None, pmid=None)


def named(made: Sketch, name: str) -> Sketch:
    """The sketch of the same text in a file that states the article's DOI."""
    return made._replace(doi=f"10.1/{name}", pmid=None)


def measure(shared: Path, out: Path) -> list[Figure]:
    """Compare all pairs of the set, with and without a DOI that both state.

    Args:
        shared: holds ``bench/evidence_inference``.
        out: the twins' similarities go to ``copies.txt``.
    """
    dice = np.random.default_rng(SEED)
    found = list(articles(shared / "bench" / "evidence_inference"))
    twins = [(a, a.twin) for a in found if a.twin is not None]
    pairs = [(nameless(a.full), nameless(twin)) for a, twin in twins]
    similar = sorted(
        (sketch.overlap(*pair), a.name) for (a, _), pair in zip(twins, pairs, strict=True)
    )
    (out / "copies.txt").write_text(
        "".join(f"{name}\t{j:.3f}\t{within:.3f}\n" for (j, within), name in similar), "utf-8"
    )
    brought = sum(bool(set(sketch.bands(one)) & set(sketch.bands(two))) for one, two in pairs)
    everyone = [(a.name, nameless(a.full)) for a in found]
    everyone += [(a.name, nameless(twin)) for a, twin in twins]
    strangers = [(one, two) for (a, one), (b, two) in combinations(everyone, 2) if a != b]
    of = f"{len(twins)} articles, JATS and text"
    figures = [
        Figure("copies found by their text", _share([sketch.are_copies(*p) for p in pairs]), of),
        Figure("copies that the MinHash bands bring up", f"{brought} of {len(pairs)}", of),
        Figure("least similarity of copies", f"{similar[0][0][0]:.2f}", of),
        Figure(
            "greatest similarity of different articles",
            f"{max(sketch.overlap(*pair)[0] for pair in strangers):.2f}",
            f"{len(strangers):,} pairs",
        ),
        Figure(
            "different articles taken for copies",
            _share([sketch.are_copies(*pair) for pair in strangers]),
        ),
    ]
    return figures + _changes(found, dice) + _abstracts(found)


def _changes(found: list[Article], dice: np.random.Generator) -> list[Figure]:
    figures = []
    for share in (0.01, 0.02, 0.05):
        bad = [(a, changed(a.jats, misread(share), dice)) for a in found]
        of = f"{share:.0%} of the words misread"
        figures += [
            Figure(
                "copies found by their text",
                _share([sketch.are_copies(nameless(a.full), nameless(b)) for a, b in bad]),
                of,
            ),
            Figure(
                "copies found with their DOI",
                _share(
                    [sketch.are_copies(named(a.full, a.name), named(b, a.name)) for a, b in bad]
                ),
                of,
            ),
        ]
    later = [(a.full, changed(a.jats, other_number, dice)) for a in found]
    short = [
        (sketch.of(a.abstract), changed(a.abstract, other_number, dice))
        for a in found
        if a.abstract
    ]
    for what, pairs in (("articles", later), ("abstracts", short)):
        verdicts = [sketch.are_copies(nameless(one), nameless(two)) for one, two in pairs]
        figures.append(Figure(f"{what} with other numbers taken for copies", _share(verdicts)))
    return figures


def _abstracts(found: list[Article]) -> list[Figure]:
    own, others = [], []
    for i, article in enumerate(found):
        if article.abstract is None:
            continue
        abstract = named(sketch.of(article.abstract), article.name)
        full = article.twin or article.full
        other = found[i - 1]
        own.append(sketch.are_copies(abstract, named(full, article.name)))
        others.append(sketch.are_copies(abstract, named(other.full, article.name)))
    return [
        Figure("abstracts found in their article, same DOI", _share(own)),
        Figure("abstracts found in another article, same DOI", _share(others)),
    ]


def _share(verdicts: list[bool]) -> str:
    return f"{sum(verdicts):,} of {len(verdicts):,}"


if __name__ == "__main__":
    run(measure)
