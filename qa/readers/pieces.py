"""What the trained reader sees of a question and a passage: word pieces, and what belongs to what.

    [CLS] question [SEP] heading [SEP] passage [SEP]

The heading is the title and section of the passage; of a table row, also its caption and column
names. Beside its id and segment each word piece carries whether it stands on the other side too: a
small encoder is spared finding out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from corpus.document import DocumentInfo, Passage

Offsets = tuple[int, int]
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]

QUESTION_PIECES = 48
HEADING_PIECES = 32
PASSAGE_PIECES = 300
"""What is beyond these is cut. Of COVID-QA's passages of up to 1,000 characters none in a thousand
has more; a table row's heading holds its column names and is given the passage's room."""

_CLS, _SEP, _PAD = 101, 102, 0
_COMMON = frozenset(
    """a an the of in on at to for from by with as and or but not no is are was were be been being
    do does did has have had can could may might will would should there this that these those it
    its they their he she his her we our you i which who what when where why how than also s
    """.split()
)
_WORD = re.compile(r"\w")


@dataclass(frozen=True, slots=True)
class Encoded:
    """One question with one passage.

    Attributes:
        ids, segments, matches: of shape (pieces,); ``matches`` is 1 where a telling word piece of
            the question stands in heading or passage too, and the other way round.
        sentence: of shape (pieces,): the passage's sentence that a piece belongs to, else -1.
        offsets: of shape (pieces, 2): the piece's characters in the passage; (0, 0) elsewhere.
    """

    ids: Ints
    segments: Ints
    matches: Ints
    sentence: Ints
    offsets: Ints

    def __len__(self) -> int:
        """Number of word pieces."""
        return len(self.ids)


def heading_of(info: DocumentInfo, passage: Passage) -> str:
    """The words above a passage: title, the nearest section; of a table row, caption and columns.

    Of a row the columns come first, as the end is what is cut.
    """
    section = (passage.section or "").rpartition(" › ")[2]
    row = (passage.header_text, passage.context, section, info.title)
    parts = (info.title[:120], section) if passage.header_text is None else row
    return " | ".join(part for part in parts if part)


class Pieces:
    """Cuts texts into word pieces.

    Args:
        tokenizer: the encoder's own; neither pads nor truncates.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._telling = np.array(
            [
                bool(_WORD.search(piece)) and piece.removeprefix("##") not in _COMMON
                for piece, _ in sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
            ]
        )
        self._cut = lru_cache(maxsize=4096)(self._cut_uncached)

    def encode(
        self,
        question: str,
        heading: str,
        text: str,
        sentences: Sequence[Offsets],
        most: int = QUESTION_PIECES,
    ) -> Encoded:
        """Put a question and a passage together.

        Args:
            question: in full.
            heading: from ``heading_of``.
            text: the passage.
            sentences: ``[start, end)`` of its sentences in ``text``, ascending.
            most: pieces of the question; what is beyond is cut.
        """
        asked, _ = self._cut(question)
        above, _ = self._cut(heading)
        inside, places = self._cut(text)
        asked = asked[:most]
        inside, places = inside[:PASSAGE_PIECES], places[:PASSAGE_PIECES]
        above = above[: max(HEADING_PIECES, PASSAGE_PIECES // 2 - len(inside))]
        first, second = len(asked) + 2, len(asked) + len(above) + 3
        total = second + len(inside) + 1
        ids = np.full(total, _SEP, dtype=np.int64)
        ids[0] = _CLS
        ids[1 : first - 1], ids[first : second - 1], ids[second:-1] = asked, above, inside
        segments = (np.arange(total) >= first).astype(np.int64)
        offsets = np.zeros((total, 2), dtype=np.int64)
        offsets[second:-1] = places
        return Encoded(
            ids, segments, self._matches(ids, first), self._sentences(offsets, sentences), offsets
        )

    def _matches(self, ids: Ints, first: int) -> Ints:
        telling = self._telling[ids]
        both = np.intersect1d(ids[:first], ids[first:])
        found: Ints = (np.isin(ids, both) & telling & (ids != _SEP)).astype(np.int64)
        return found

    def _sentences(self, offsets: Ints, sentences: Sequence[Offsets]) -> Ints:
        starts = np.array([start for start, _ in sentences], dtype=np.int64)
        ends = np.array([end for _, end in sentences], dtype=np.int64)
        found = np.full(len(offsets), -1, dtype=np.int64)
        if len(starts):
            at = np.searchsorted(starts, offsets[:, 0], side="right") - 1
            inside = (at >= 0) & (offsets[:, 1] > 0) & (offsets[:, 0] < ends[np.maximum(at, 0)])
            found[inside] = at[inside]
        return found

    def _cut_uncached(self, text: str) -> tuple[Ints, Ints]:
        cut = self._tokenizer.encode(text, add_special_tokens=False)
        ids = np.array(cut.ids, dtype=np.int64)
        return ids, np.array(cut.offsets, dtype=np.int64).reshape(len(ids), 2)


@dataclass(frozen=True, slots=True)
class Batch:
    """Encoded passages side by side, padded to the longest.

    Attributes:
        ids, segments, matches: int64 of shape (passages, pieces).
        mask: int64 of shape (passages, pieces): 1 where a piece stands, 0 where padding does.
        sentence: int64 of shape (passages, pieces): the sentence a piece belongs to, numbered
            through the whole batch; -1 elsewhere.
        passage_of: int64 of shape (sentences,): the passage a sentence stands in.
    """

    ids: Ints
    segments: Ints
    matches: Ints
    mask: Ints
    sentence: Ints
    passage_of: Ints


def collate(encoded: Sequence[Encoded], sentences: Iterable[int], multiple: int = 1) -> Batch:
    """Make a batch.

    Args:
        encoded: the passages.
        sentences: how many sentences each has (those that were cut off count too).
        multiple: of what the padded length is a multiple.
    """
    longest = -(-max(map(len, encoded)) // multiple) * multiple
    shape = (len(encoded), longest)
    ids, segments = np.full(shape, _PAD, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    matches, mask = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    sentence = np.full(shape, -1, dtype=np.int64)
    passage_of: list[int] = []
    for i, (one, count) in enumerate(zip(encoded, sentences, strict=True)):
        n = len(one)
        ids[i, :n], segments[i, :n], matches[i, :n], mask[i, :n] = (
            one.ids,
            one.segments,
            one.matches,
            1,
        )
        sentence[i, :n] = np.where(one.sentence >= 0, one.sentence + len(passage_of), -1)
        passage_of += [i] * count
    return Batch(ids, segments, matches, mask, sentence, np.array(passage_of, dtype=np.int64))
