"""Two kinds of transformers model that can be made to read: what is asked of each, and how.

- A cross-encoder (Nogueira and Cho 2019, "Passage Re-ranking with BERT") scores texts as a whole,
  so a sentence is given the mean of its own log-odds and those of its passage: what a sentence
  leaves to its passage ("the drug") is then not lost.
- An extractive question-answering model (Devlin et al. 2019, "BERT"; Rajpurkar et al. 2018,
  "Know What You Don't Know") says for each word piece whether an answer starts or ends there. A
  sentence is given the log-odds of the best span inside it against "no answer", whose logits stand
  at the first piece; the span is the short answer.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from corpus.document import Span
from index.base import Hit

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder
    from transformers import BatchEncoding, PreTrainedModel, PreTrainedTokenizerFast

BATCH = 32
"""Texts in one forward pass; fixed, because padding moves the last bits of a score."""

QUESTION_PIECES = 64
WINDOW, STRIDE, LONGEST_ANSWER = 384, 128, 30
"""Word pieces of a question, of question and passage together, that two windows of a long passage
share, and of a short answer: as BERT's own SQuAD code has them (Devlin et al. 2019)."""

HEADING_CHARACTERS = 600
"""What is beyond these of a heading is cut, so that the passage keeps its room."""

NO_SPAN = -30.0
"""Log-odds of a sentence of which the model saw no piece."""

Logits = npt.NDArray[np.float64]


class Judged(NamedTuple):
    """Log-odds that a sentence answers, and the words inside it that do (document offsets)."""

    log_odds: float
    short_answer: Span | None = None


class Model(ABC):
    """A loaded model that judges sentences."""

    @abstractmethod
    def judge(self, question: str, hits: Sequence[Hit]) -> list[list[Judged]]:
        """Judge each sentence of each hit's passage, in order."""


class Reranker(Model):
    """A cross-encoder: one score for question and text.

    Args:
        model: loaded; its scores are log-odds.
    """

    def __init__(self, model: CrossEncoder) -> None:
        self._model = model

    def judge(self, question: str, hits: Sequence[Hit]) -> list[list[Judged]]:
        """Judge each sentence by its own log-odds and its passage's."""
        whole = [heading(hit) + hit.passage.text for hit in hits]
        parts = [
            [heading(hit) + hit.passage.sentence_text(s) for s in hit.passage.sentences]
            for hit in hits
        ]
        # A table row is its own passage, and papers repeat themselves: each text is scored once.
        texts = list(dict.fromkeys([*whole, *(text for part in parts for text in part)]))
        scores = self._model.predict(
            [(question, text) for text in texts], batch_size=BATCH, show_progress_bar=False
        )
        of = dict(zip(texts, map(float, scores), strict=True))
        return [
            [Judged((of[passage] + of[text]) / 2) for text in part]
            for passage, part in zip(whole, parts, strict=True)
        ]


class SpanFinder(Model):
    """An extractive question-answering model: where an answer starts and where it ends.

    Args:
        model: loaded; called with a batch, it gives ``start_logits`` and ``end_logits``.
        tokenizer: its own, a fast one: only those say where in the text a word piece stands.
        window: most word pieces in one forward pass.
    """

    def __init__(
        self, model: PreTrainedModel, tokenizer: PreTrainedTokenizerFast, window: int
    ) -> None:
        self._model = model
        self._tokenizer = tokenizer
        self._window = window

    def judge(self, question: str, hits: Sequence[Hit]) -> list[list[Judged]]:
        """Judge each sentence by the best span inside it."""
        found = [[Judged(NO_SPAN) for _ in hit.passage.sentences] for hit in hits]
        for first in range(0, len(hits), BATCH):
            for i, judged in self._windows(self._shortened(question), hits[first : first + BATCH]):
                # A sentence that stands in two windows keeps the better of its spans.
                pairs = zip(found[first + i], judged, strict=True)
                found[first + i] = [max(pair, key=lambda one: one.log_odds) for pair in pairs]
        return found

    def _windows(self, question: str, hits: Sequence[Hit]) -> Iterator[tuple[int, list[Judged]]]:
        """Each window of each passage: the hit's number, and its sentences as judged in it."""
        import torch

        batch: BatchEncoding = self._tokenizer(
            [question] * len(hits),
            [heading(hit) + hit.passage.text for hit in hits],
            truncation="only_second",
            max_length=self._window,
            stride=min(STRIDE, self._window // 4),
            return_overflowing_tokens=True,
            return_offsets_mapping=True,
            padding=True,
            return_tensors="pt",
        )
        hit_of = batch.pop("overflow_to_sample_mapping").tolist()
        offsets = batch.pop("offset_mapping").numpy()
        with torch.inference_mode():
            out = self._model(**batch)
        starts, ends = (v.double().numpy() for v in (out.start_logits, out.end_logits))
        for row, i in enumerate(hit_of):
            places = offsets[row].copy()
            places[[side != 1 for side in batch.sequence_ids(row)]] = 0
            yield i, _best_spans(hits[i], places, starts[row], ends[row], self._null(batch, row))

    def _null(self, batch: BatchEncoding, row: int) -> int:
        """Where the logits of "no answer" stand: at the first [CLS] (last in XLNet's texts)."""
        ids = batch["input_ids"][row].tolist()
        mark = self._tokenizer.cls_token_id
        return ids.index(mark) if mark in ids else 0

    def _shortened(self, question: str) -> str:
        """What the first pieces of a question spell, so that the passage keeps its room."""
        most = min(QUESTION_PIECES, self._window // 4)
        cut = self._tokenizer(question, add_special_tokens=False, return_offsets_mapping=True)
        offsets = cut["offset_mapping"]
        return question if len(offsets) <= most else question[: offsets[most - 1][1]]


def heading(hit: Hit) -> str:
    """What is read before a passage, each on a line: title, section, table caption, column names.

    Empty where there is none of these, else it ends with a line break.
    """
    passage = hit.passage
    parts = (hit.document.title, passage.section, passage.context, passage.header_text)
    known = "\n".join(part for part in parts if part)[:HEADING_CHARACTERS]
    return f"{known}\n" if known else ""


def _best_spans(
    hit: Hit, places: npt.NDArray[np.int64], starts: Logits, ends: Logits, null: int
) -> list[Judged]:
    """The best span of each sentence in one window.

    Args:
        hit: its passage's sentences are looked at.
        places: of shape (pieces, 2): where in heading and passage a piece stands; 0 elsewhere.
        starts: of shape (pieces,), logits of a start at each.
        ends: of shape (pieces,), logits of an end at each.
        null: the piece whose logits mean "no answer".
    """
    before = hit.passage.start - len(heading(hit))
    places = np.where(places[:, 1:] > 0, places + before, hit.passage.start - 1)
    no_answer = starts[null] + ends[null]
    out: list[Judged] = []
    for sentence in hit.passage.sentences:
        inside = np.flatnonzero((places[:, 1] > sentence.start) & (places[:, 1] <= sentence.end))
        if not len(inside):
            out.append(Judged(NO_SPAN))
            continue
        size = len(inside)
        sums = starts[inside][:, None] + ends[inside][None, :]
        length = np.arange(size)[None, :] - np.arange(size)[:, None]
        allowed = (length >= 0) & (length < LONGEST_ANSWER)
        i, j = np.unravel_index(np.argmax(np.where(allowed, sums, -np.inf)), sums.shape)
        # Half of it: the mean of what start and end say, else these models are never in doubt.
        log_odds = float(sums[i, j] - no_answer) / 2
        start = max(int(places[inside[i], 0]), sentence.start)
        out.append(Judged(log_odds, _trimmed(hit, Span(start, int(places[inside[j], 1])))))
    return out


def _trimmed(hit: Hit, span: Span) -> Span | None:
    """The span without the white space that some tokenizers count as part of a word."""
    text = hit.passage.sentence_text(span)
    start = span.start + len(text) - len(text.lstrip())
    return Span(start, start + len(text.strip())) if text.strip() else None
