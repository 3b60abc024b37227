"""How well JATS articles are read, held against text that others took from the same articles.

The twins of Evidence Inference 2.0 (DeYoung et al. 2020) are all characters between the tags, one
paragraph, table cell or list item a line, headings in capitals. Only white space is folded before
the comparison; a sentence that differs in one character is not found.
"""

from __future__ import annotations

import re
import tarfile
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from corpus.document import QUOTABLE, BlockKind, Document
from corpus.load import load_bytes
from corpus.measure.command import run
from corpus.measure.figures import Figure
from corpus.sentences import sentence_spans

_HEADING = re.compile(r"(?:TITLE|ABSTRACT|BODY)\b[^a-z]*:\s*")
_MARK = re.compile(r"(?<=[^\W\d_]|[.,;:)\]%’”\"'])\[?\d{1,3}(?:\s?[,–-]\s?\d{1,3})*\]?(?!\w)")
_PROSE_WORDS = 6
_MAX_PLACES = 40


@dataclass(slots=True)
class Compared:
    """Sentences of one article: of the twin, which stand in ours, and the other way round.

    Attributes:
        total, found, ordered: the twin's sentences, those that stand in our text, and the most of
            them that do so in the twin's order.
        cells, cells_found: the twin's shorter lines, nearly all of them table cells.
        missed: the twin's sentences that were not found.
        own, foreign: our sentences, and those of them that do not stand in the twin.
    """

    total: int = 0
    found: int = 0
    ordered: int = 0
    cells: int = 0
    cells_found: int = 0
    missed: list[str] = field(default_factory=list)
    own: int = 0
    foreign: list[str] = field(default_factory=list)


def fold(text: str) -> str:
    """The text with every run of white space as one space."""
    return " ".join(text.split())


def twin_lines(twin: str) -> Iterator[str]:
    """The twin's lines without those that its makers put in as headings."""
    for line in twin.splitlines():
        if (text := fold(line)) and not _HEADING.fullmatch(text):
            yield text


def compare(document: Document, twin: str) -> Compared:
    """Hold a document against its twin."""
    result = Compared()
    ours = fold(document.text)
    places: list[list[int]] = []
    for line in twin_lines(twin):
        for start, end in sentence_spans(line, 0, len(line)):
            sentence = line[start:end]
            found = _places(sentence, ours)
            if len(sentence.split()) < _PROSE_WORDS:
                result.cells += 1
                result.cells_found += bool(found)
                continue
            result.total += 1
            places.append(found)
            if not found:
                result.missed.append(sentence)
    result.found = sum(map(bool, places))
    result.ordered = _longest_in_order(places)
    whole = fold(twin)
    for sentence in _own_sentences(document):
        result.own += 1
        if fold(sentence) not in whole:
            result.foreign.append(sentence)
    return result


def _own_sentences(document: Document) -> Iterator[str]:
    """The sentences that could be quoted, table rows apart."""
    for block in document.blocks:
        if block.kind in QUOTABLE and block.kind is not BlockKind.TABLE_ROW:
            for start, end in sentence_spans(document.text, block.start, block.end):
                yield document.text[start:end]


def _places(sentence: str, text: str) -> list[int]:
    out: list[int] = []
    at = text.find(sentence)
    while at >= 0 and len(out) < _MAX_PLACES:
        out.append(at)
        at = text.find(sentence, at + 1)
    return out


def _longest_in_order(places: Sequence[Sequence[int]]) -> int:
    """How many can be found one behind the other (Hunt and Szymanski, 1977)."""
    ends: list[int] = []
    for found in places:
        for place in reversed(found):
            at = bisect_left(ends, place)
            ends[at : at + 1] = [place]
    return len(ends)


def pairs(shared: Path) -> Iterator[tuple[str, bytes, str]]:
    """Name, JATS bytes and twin of every article that has a twin."""
    folder = shared / "bench" / "evidence_inference"
    with tarfile.open(folder / "jats.tar.gz") as archive:
        for member in archive:
            twin = folder / "validation_text" / f"{Path(member.name).stem}.txt"
            file = archive.extractfile(member) if twin.is_file() else None
            if file is not None:
                yield twin.stem, file.read(), twin.read_text("utf-8")


def cause(sentence: str, text: str) -> str:
    """Why a sentence does not stand in a text letter for letter.

    Args:
        sentence: a sentence of the one side.
        text: all of the other side.
    """
    if _unspaced(sentence) in _unspaced(text):
        return "white space only (one side joins a label to its caption, or cell to cell)"
    if _unspaced(_MARK.sub("", sentence)) in _unspaced(_MARK.sub("", text)):
        return "raised reference numbers, which we leave out"
    if "BODY." in sentence or "Click here" in sentence:
        return "headings and file links that the makers of the twin put in"
    return "other"


def _unspaced(text: str) -> str:
    return re.sub(r"\s+", "", text)


def measure(shared: Path, out: Path) -> list[Figure]:
    """Compare every article with its twin.

    Args:
        shared: the folder that holds ``bench/evidence_inference``.
        out: ``jats_twins_missed.txt`` and ``jats_twins_foreign.txt`` are written there.
    """
    results: list[Compared] = []
    missed: list[tuple[str, str, str]] = []
    foreign: list[tuple[str, str, str]] = []
    for name, data, twin in pairs(shared):
        document = load_bytes(data, name)
        result = compare(document, twin)
        results.append(result)
        missed += [(name, cause(text, document.text), text) for text in result.missed]
        foreign += [(name, cause(text, twin), text) for text in result.foreign]
    for lines, file in ((missed, "missed"), (foreign, "foreign")):
        text = "".join("\t".join(line) + "\n" for line in lines)
        (out / f"jats_twins_{file}.txt").write_text(text, "utf-8")
    return _figures(results, missed, foreign)


def _figures(
    results: list[Compared],
    missed: list[tuple[str, str, str]],
    foreign: list[tuple[str, str, str]],
) -> list[Figure]:
    total, own = sum(r.total for r in results), sum(r.own for r in results)
    cells = sum(r.cells for r in results)
    of, of_own = f"{total:,} sentences of {len(results)} articles", f"{own:,} sentences"
    return [
        Figure("twin's sentences found", f"{sum(r.found for r in results) / total:.4f}", of),
        Figure("… and in order", f"{sum(r.ordered for r in results) / total:.4f}", of),
        *(
            Figure(f"… not found: {why}", f"{count / total:.4f}", f"{count:,}")
            for why, count in Counter(why for _, why, _ in missed).most_common()
        ),
        Figure(
            "twin's short lines (cells) found",
            f"{sum(r.cells_found for r in results) / cells:.4f}",
            f"{cells:,} lines",
        ),
        Figure("own sentences that the twin has not", f"{len(foreign) / own:.4f}", of_own),
        *(
            Figure(f"… of them: {why}", f"{count / own:.4f}", f"{count:,}")
            for why, count in Counter(why for _, why, _ in foreign).most_common()
        ),
    ]


if __name__ == "__main__":
    run(measure)
