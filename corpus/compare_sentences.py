"""Measure sentence boundaries against a gold file: ``python -m corpus.compare_sentences``.

The two libraries that are compared with belong to the development extra. All systems are scored
alike: a boundary is the number of characters before it that are not white space, so that it does
not matter to which sentence a system gives the space between two of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from corpus.sentences import sentence_spans

GOLD = Path("tests/corpus/gold_sentences.txt")
MARK = "‖"

Splitter = Callable[[str], list[int]]
"""From a paragraph to the offsets at which its sentences end, the last one included."""


class GoldProblem(Exception):
    """A gold file that cannot be read; the message names the file and the cause."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of the gold file: its text, and the offsets at which its sentences begin."""

    text: str
    starts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """Boundaries found rightly, found wrongly, and missed."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    def __add__(self, other: Score) -> Score:
        """The score over both."""
        return Score(self.right + other.right, self.wrong + other.wrong, self.missed + other.missed)

    @property
    def precision(self) -> float:
        """The share of found boundaries that are right; 1 where none was found."""
        return self.right / found if (found := self.right + self.wrong) else 1.0

    @property
    def recall(self) -> float:
        """The share of gold boundaries that were found; 1 where there are none."""
        return self.right / gold if (gold := self.right + self.missed) else 1.0

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        return 2 * self.right / (2 * self.right + self.wrong + self.missed or 1)


def read_gold(path: Path) -> dict[str, list[Paragraph]]:
    """Read a gold file: a paragraph a line, ``‖`` before each sentence but the first.

    Returns:
        The paragraphs of each split; ``== NAME`` opens one, ``#`` a remark.

    Raises:
        GoldProblem: the file cannot be read, or a paragraph stands before the first split.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise GoldProblem(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise GoldProblem(f"{path} cannot be read: it is not UTF-8 text.") from error
    splits: dict[str, list[Paragraph]] = {}
    current: list[Paragraph] | None = None
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        if line.startswith("== "):
            current = splits.setdefault(line[3:].strip(), [])
        elif current is None:
            raise GoldProblem(f"{path}, line {number}: a paragraph stands before any '== NAME'.")
        else:
            current.append(_paragraph(line))
    return splits


def _paragraph(line: str) -> Paragraph:
    starts: list[int] = []
    text = ""
    for part in line.strip().split(MARK):
        if text:
            starts.append(len(text))
        text += part
    return Paragraph(text, tuple(starts))


def score(split: Splitter, paragraphs: Iterable[Paragraph]) -> Score:
    """Score a splitter over paragraphs; a paragraph's end is not counted as a boundary."""
    total = Score()
    for paragraph in paragraphs:
        text = paragraph.text
        whole = _solid(text, len(text))
        gold = {_solid(text, start) for start in paragraph.starts}
        found = {_solid(text, end) for end in split(text)} - {0, whole}
        total += Score(len(gold & found), len(found - gold), len(gold - found))
    return total


def _solid(text: str, at: int) -> int:
    """How many characters before ``at`` are not white space."""
    return sum(not c.isspace() for c in text[:at])


def with_pincite(text: str) -> list[int]:
    """Sentence ends by this project's rules."""
    return [span.end for span in sentence_spans(text)]


def with_pysbd(text: str) -> list[int]:
    """Sentence ends by pysbd, which must be installed."""
    import pysbd

    segmenter = pysbd.Segmenter(language="en", clean=False, char_span=True)
    return [int(span.end) for span in segmenter.segment(text)]


def with_syntok(text: str) -> list[int]:
    """Sentence ends by syntok, which must be installed."""
    from syntok import segmenter

    return [
        int(sentence[-1].offset) + len(sentence[-1].value)
        for paragraph in segmenter.analyze(text)
        for sentence in paragraph
        if sentence
    ]


SYSTEMS: dict[str, Splitter] = {
    "pincite": with_pincite,
    "pysbd": with_pysbd,
    "syntok": with_syntok,
}


app = typer.Typer(add_completion=False)


@app.command()
def main(
    gold: Annotated[Path, typer.Argument(help="The gold file.")] = GOLD,
    errors: Annotated[
        str | None, typer.Option(help="Also show what pincite cuts wrongly on this split.")
    ] = None,
) -> None:
    """Print precision, recall and F1 of sentence boundaries for each system and split."""
    console = Console()
    try:
        splits = read_gold(gold)
    except GoldProblem as problem:
        Console(stderr=True).print(str(problem), style="red", markup=False, soft_wrap=True)
        raise typer.Exit(2) from problem
    table = Table("split", "system", "boundaries", "precision", "recall", "F1", "wrong", "missed")
    for name, paragraphs in splits.items():
        for system, split in SYSTEMS.items():
            try:
                s = score(split, paragraphs)
            except ImportError:
                table.add_row(name, system, "not installed")
                continue
            figures = (f"{v:.3f}" for v in (s.precision, s.recall, s.f1))
            count = str(s.right + s.missed)
            table.add_row(name, system, count, *figures, str(s.wrong), str(s.missed))
    console.print(table)
    for paragraph in splits.get(errors or "", []):
        spans = sentence_spans(paragraph.text)
        if tuple(span.start for span in spans[1:]) != paragraph.starts:
            shown = MARK.join(paragraph.text[span.start : span.end] for span in spans)
            console.print(shown, markup=False, highlight=False, soft_wrap=True)


if __name__ == "__main__":
    app()
