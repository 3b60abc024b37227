"""The trained reader's network at work: word pieces in, logits of sentences and passages out.

The encoder runs in ONNX Runtime on 8-bit integers; the word embeddings it starts from are those of
the packaged embedder and are only mapped into memory; the heads are a few small matrices.
``qa/training/network.py`` is the same network as it was trained.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load_file

from corpus.document import Passage
from index.base import Hit
from index.embed import WEIGHTS, packaged_folder
from index.encoder import WORDS, session
from index.weights import check_weights, cores, on_disk
from qa.readers.pieces import Encoded, Pieces, heading_of

if TYPE_CHECKING:
    from onnxruntime import RunOptions

Floats = npt.NDArray[np.float32]

LONGEST_ANSWER = 40
"""Word pieces of a short answer, at most."""
OUTSIDE = np.float32(-30.0)
"""Logit of a sentence none of whose words was read: it stood behind the part that is read."""


class Files(NamedTuple):
    """The files of a network, and what the sha256 of each must be."""

    encoder: Path
    encoder_sha256: str
    heads: Path
    heads_sha256: str


class Encoder(Protocol):
    """What runs the encoder."""

    def __call__(self, summed: Floats, run: RunOptions) -> Floats:
        """The last layer's vectors, of the shape of ``summed`` (passages, pieces, size).

        What it gives, or raises, after ``run.terminate`` was set is looked at by nobody.
        """


@dataclass(frozen=True, slots=True)
class PassageScores:
    """What the network says of one passage, as logits.

    Attributes:
        passage: that the passage answers, against that none does.
        sentences: of shape (sentences,): that the sentence answers, against that none does.
        answers: of shape (sentences,): log-probability of the best short answer in the sentence,
            among all short answers in the passage.
        places: of shape (sentences, 2): that short answer's characters in the passage's text;
            (0, 0) where there is none.
    """

    passage: float
    sentences: Floats
    answers: Floats
    places: npt.NDArray[np.int64]


class Network:
    """Scores passages for a question. Loaded when the first question comes.

    Args:
        files: the network's weights.
        encoder: makes what runs the encoder from its file; ONNX Runtime if left out.
    """

    def __init__(self, files: Files, encoder: Callable[[Path], Encoder] | None = None) -> None:
        self._files = files
        self._encoder = encoder or onnx_encoder
        self._lock = threading.Lock()
        self._loaded: _Loaded | None = None

    def score(self, question: str, hits: Sequence[Hit]) -> list[PassageScores]:
        """Score passages for a question; see :meth:`reading`."""
        with self.reading(question) as read:
            return [scores.result() for scores in [read(hit) for hit in hits]]

    @contextmanager
    def reading(self, question: str) -> Iterator[Callable[[Hit], Future[PassageScores]]]:
        """Read passages, under their titles, for a question, on all cores.

        Gives a function that has a passage read as soon as a core is free, those given first before
        the others. Where the question was put into the words of a passage's document
        (``Hit.question``), those are read. What has not been read at the end is given up.

        Raises:
            IndexProblem: the weights are missing or not the expected ones.
        """
        loaded = self._load()
        from onnxruntime import RunOptions

        run = RunOptions()
        begun: list[Future[PassageScores]] = []

        def read(hit: Hit) -> Future[PassageScores]:
            begun.append(loaded.pool.submit(loaded.read, hit.question or question, hit, run))
            return begun[-1]

        try:
            yield read
        finally:
            run.terminate = True
            for one in begun:
                one.cancel()

    def _load(self) -> _Loaded:
        with self._lock:
            if self._loaded is None:
                self._loaded = _Loaded(self._files, self._encoder)
            return self._loaded


class _Loaded:
    """The weights in memory."""

    def __init__(self, files: Files, encoder: Callable[[Path], Encoder]) -> None:
        # Here: a page that is being started has no use for either yet.
        from scipy.special import erf
        from threadpoolctl import threadpool_limits
        from tokenizers import Tokenizer

        # Of the whole process: the threads of numpy's products and those that read passages would
        # stand in each other's way. Twenty passages take 0.26 s, or 0.42.
        threadpool_limits(1, user_api="blas")
        self._erf: Callable[[Floats], Floats] = erf
        check_weights(files.encoder, files.encoder_sha256, "reader", "Pincite")
        check_weights(files.heads, files.heads_sha256, "reader", "Pincite")
        folder = packaged_folder()
        self._cutting = threading.Lock()
        self._pieces = Pieces(Tokenizer.from_file(str(folder / "tokenizer.json")))
        self._words = on_disk(folder / WEIGHTS, WORDS)
        self._heads = {k: v.astype(np.float32) for k, v in load_file(files.heads).items()}
        self._encode = encoder(files.encoder)
        self.pool = ThreadPoolExecutor(cores(), thread_name_prefix="pincite-reader")

    def encoded(self, question: str, hit: Hit) -> Encoded:
        """The word pieces of a question with a passage under its title."""
        heading = heading_of(hit.document, hit.passage)
        # A fast tokenizer is not safe for use by several threads at once.
        with self._cutting:
            return self._pieces.encode(question, heading, hit.passage.text, _spans(hit.passage))

    def read(self, question: str, hit: Hit, run: RunOptions) -> PassageScores:
        """What the network says of a passage."""
        encoded = self.encoded(question, hit)
        return self.judge(encoded, self.encode(encoded, run), len(hit.passage.sentences))

    def encode(self, one: Encoded, run: RunOptions) -> Floats:
        """The vectors of a passage's pieces, of shape (pieces, size)."""
        heads = self._heads
        summed = self._words[one.ids] + heads["positions"][: len(one)]
        summed += heads["segments"][one.segments]
        marked = np.flatnonzero(one.matches)
        summed[marked] += heads["match"][one.segments[marked]]
        hidden: Floats = self._encode(summed[None], run)[0]
        return hidden

    def judge(self, one: Encoded, hidden: Floats, count: int) -> PassageScores:
        """What the vectors say of a passage of ``count`` sentences."""
        heads = self._heads
        inside = np.flatnonzero(one.sentence >= 0)
        share = np.zeros((count, len(one)), dtype=np.float32)
        share[one.sentence[inside], inside] = 1.0
        read = share.sum(axis=1)
        share /= np.maximum(read, 1.0)[:, None]
        both = np.concatenate([share @ hidden, np.tile(hidden[0], (count, 1))], axis=1)
        wide = both @ heads["sentence_hidden.weight"].T + heads["sentence_hidden.bias"]
        wide = wide * (1 + self._erf(wide / np.sqrt(2, dtype=np.float32))) / 2
        scores = wide @ heads["sentence_score.weight"][0] + heads["sentence_score.bias"][0]
        passage = hidden[0] @ heads["passage_score.weight"][0] + heads["passage_score.bias"][0]
        spans = hidden @ heads["span.weight"].T + heads["span.bias"]
        answers, places = _answers(one, spans, count)
        return PassageScores(float(passage), np.where(read > 0, scores, OUTSIDE), answers, places)


def _answers(one: Encoded, spans: Floats, sentences: int) -> tuple[Floats, npt.NDArray[np.int64]]:
    """The best short answer of each sentence: start and end apart, as in Devlin et al. 2019."""
    answers = np.full(sentences, OUTSIDE, dtype=np.float32)
    places = np.zeros((sentences, 2), dtype=np.int64)
    inside = np.flatnonzero(one.sentence >= 0)
    if not len(inside):
        return answers, places
    start, end = (_log_softmax(spans[inside, side]) for side in (0, 1))
    belongs = one.sentence[inside]
    for sentence in np.unique(belongs):
        mine = np.flatnonzero(belongs == sentence)
        together = start[mine][:, None] + end[mine][None, :]
        # From the diagonal, where the answer is one piece, to the longest that is allowed.
        allowed = np.triu(np.ones_like(together)) - np.triu(np.ones_like(together), LONGEST_ANSWER)
        together = np.where(allowed > 0, together, -np.inf)
        first, last = np.unravel_index(int(np.argmax(together)), together.shape)
        answers[sentence] = together[first, last]
        pieces = inside[mine]
        places[sentence] = one.offsets[pieces[first]][0], one.offsets[pieces[last]][1]
    return answers, places


def _log_softmax(logits: Floats) -> Floats:
    shifted = logits - logits.max()
    return np.asarray(shifted - np.log(np.exp(shifted).sum()))


def _spans(passage: Passage) -> list[tuple[int, int]]:
    return [(s.start - passage.start, s.end - passage.start) for s in passage.sentences]


def onnx_encoder(path: Path) -> Encoder:
    """The encoder in ONNX Runtime, on the thread that calls it.

    One passage a thread is faster than all passages in one call: 0.15 against 0.54 seconds for
    twenty passages on two cores. It also makes a passage's scores independent of what is read
    beside it.
    """
    running = session(path, wide=True)

    def encode(summed: Floats, run: RunOptions) -> Floats:
        (hidden,) = running.run(None, {"summed": summed}, run)
        return np.asarray(hidden)

    return encode
