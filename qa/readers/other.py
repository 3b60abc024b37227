"""Readers that a person names: a cross-encoder or an extractive question-answering model.

The two kinds (``qa/readers/other_models.py``) are told apart by the ``architectures`` of a model's
``config.json``. Either gives each sentence log-odds that it answers. A sentence's score is their
logistic, a passage is as relevant as its best sentence, and the confidence is the best sentence's
score. That confidence is **not calibrated**: nobody has compared it with right and wrong answers.
Until a person does, it is taken at its word.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ValidationError

from index.base import Hit, IndexProblem
from index.weights import prepare_libraries
from qa.reader import Judgement, Reader, Reading, ScoredSentence
from qa.readers.other_models import NO_SPAN, WINDOW, Judged, Model, Reranker, SpanFinder
from qa.readers.ranking import logistic

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

QUESTION_CHARACTERS = 1000
"""What is beyond these of a question is cut."""

RERANKER_PIECES = 512
"""Most word pieces in one forward pass of a cross-encoder."""

SCORE_DIGITS = 6
"""Decimals of a sentence's score. These models are often sure of several sentences: with four
decimals the best ones would tie."""
CONFIDENCE_DIGITS = 4


class _Config(BaseModel):
    """What of a model's ``config.json`` tells its kind."""

    architectures: tuple[str, ...] | None = None
    id2label: dict[str, object] | None = None
    num_labels: int = 2


class OtherReader(Reader):
    """Reads with a model that lies in a folder or, where a person names one, on a hub.

    A folder's configuration is looked at when the reader is made; the weights, and everything of a
    model on a hub, are loaded when the first passage comes. Weights are read from safetensors
    only, and code that comes with a model is never run.

    Args:
        location: folder of a model, or its name on a hub.

    Raises:
        IndexProblem: the folder holds no model of either kind.
    """

    def __init__(self, location: str | Path) -> None:
        self._location = str(location)
        self._local = Path(location).is_dir()
        self._name = name_of(Path(location)) if self._local else self._location
        self._model: Model | None = None
        # Two threads must neither load the model twice nor share a fast tokenizer, which is not
        # safe for use by several threads at once.
        self._lock = threading.Lock()
        if self._local:
            config = _config_in(Path(location))
            # transformers writes the names of the labels unless there are two of them.
            labels = config.num_labels if config.id2label is None else len(config.id2label)
            kind_of(config.architectures, labels, self._location)
        else:
            # The packaged embedder keeps the libraries off the network unless told otherwise, and
            # they read this once: whoever names a model on a hub wants it fetched.
            os.environ.setdefault("HF_HUB_OFFLINE", "0")
            os.environ.setdefault("TRANSFORMERS_OFFLINE", "0")

    @property
    def name(self) -> str:
        """A folder's own name with the start of its weights' sha256; a name on a hub as it is."""
        return self._name

    @property
    def default_risk(self) -> float:
        """One half: the best sentence must be likelier to answer than not."""
        return 0.5

    def threshold(self, risk: float) -> float:
        """``1 - risk``: at that probability or above, at most ``risk`` of the answers are wrong.

        That holds as far as the confidence is the probability it is taken for; see the module.
        """
        return round(1.0 - min(risk, 1.0), CONFIDENCE_DIGITS)

    def read(self, question: str, hits: Sequence[Hit], least: float = 0.0) -> Judgement:
        """Judge every sentence of every hit; see ``Reader.read``.

        Raises:
            IndexProblem: the model cannot be loaded.
        """
        if not hits:
            return Judgement((), 0.0)
        with self._lock:
            if self._model is None:
                self._model = _load(self._location, local=self._local)
            judged = self._model.judge(question[:QUESTION_CHARACTERS], hits)
        readings = [_reading(hit, found) for hit, found in zip(hits, judged, strict=True)]
        best = max((s.score for r in readings for s in r.sentences), default=0.0)
        return Judgement(
            tuple(sorted(readings, key=lambda r: -r.relevance)), round(best, CONFIDENCE_DIGITS)
        )


def kind_of(architectures: Sequence[str] | None, labels: int, location: str) -> type[Model]:
    """Which kind of model a configuration describes.

    Args:
        architectures: as in ``config.json``.
        labels: how many classes it tells apart.
        location: named in the error.

    Raises:
        IndexProblem: neither a reranker nor a question-answering model.
    """
    name = architectures[0] if architectures else "no architecture"
    if name.endswith("ForQuestionAnswering"):
        return SpanFinder
    if name.endswith("ForSequenceClassification") and labels == 1:
        return Reranker
    what = f"{name} with {labels} labels" if name.endswith("ForSequenceClassification") else name
    raise IndexProblem(
        f"The model {location} (PINCITE_READER) cannot read: its config.json names {what}; a "
        "reader is a question-answering model or a cross-encoder with one label."
    )


def name_of(folder: Path) -> str:
    """The folder's own name and the start of the sha256 of its safetensors files, in order."""
    digest = hashlib.sha256()
    weights = sorted(folder.glob("*.safetensors"))
    for path in weights:
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    return folder.resolve().name + (f"@{digest.hexdigest()[:12]}" if weights else "")


def _reading(hit: Hit, judged: Sequence[Judged]) -> Reading:
    sentences = tuple(
        ScoredSentence(span, round(logistic(j.log_odds), SCORE_DIGITS), j.short_answer)
        for span, j in zip(hit.passage.sentences, judged, strict=True)
    )
    relevance = max((j.log_odds for j in judged), default=NO_SPAN)
    return Reading(hit, round(relevance, SCORE_DIGITS), sentences)


def _config_in(folder: Path) -> _Config:
    path = folder / "config.json"
    try:
        return _Config.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise IndexProblem(
            f"The folder {folder} (PINCITE_READER) holds no model: it has no config.json."
        ) from None
    except OSError as error:
        cause = error.strerror or str(error)
    except ValidationError as error:
        first = error.errors()[0]
        cause = ": ".join([*map(str, first["loc"]), first["msg"]])
    raise IndexProblem(f"The file {path} (PINCITE_READER) does not describe a model: {cause}.")


def _load(location: str, *, local: bool) -> Model:
    prepare_libraries(local=local)
    from transformers import AutoConfig

    try:
        config = AutoConfig.from_pretrained(location, local_files_only=local)
        kind = kind_of(config.architectures, config.num_labels, location)
        load = _load_reranker if kind is Reranker else _load_span_finder
        return load(location, local)
    except IndexProblem:
        raise
    except Exception as error:
        # Damaged weights, a missing tokenizer, an unknown architecture, no network: each part of
        # the libraries has its own kind of error, and the person is told the same of all.
        first = (str(error).strip() or type(error).__name__).splitlines()[0]
        where = "" if local else ", which is no folder here,"
        raise IndexProblem(
            f"The model {location}{where} (PINCITE_READER) cannot be loaded: {first}"
        ) from error


def _load_reranker(location: str, local: bool) -> Model:
    from sentence_transformers import CrossEncoder
    from torch.nn import Identity

    model = CrossEncoder(
        location,
        device="cpu",
        local_files_only=local,
        model_kwargs={"use_safetensors": True},
        activation_fn=Identity(),
    )
    _must_know_words(model.tokenizer)
    model.max_seq_length = min(model.max_seq_length or RERANKER_PIECES, RERANKER_PIECES)
    return Reranker(model)


def _load_span_finder(location: str, local: bool) -> Model:
    from transformers import (
        AutoModelForQuestionAnswering,
        AutoTokenizer,
        PreTrainedTokenizerFast,
    )

    tokenizer = AutoTokenizer.from_pretrained(location, local_files_only=local)
    if not isinstance(tokenizer, PreTrainedTokenizerFast):
        raise ValueError("its tokenizer does not say where in a text a word piece stands.")
    _must_know_words(tokenizer)
    model = AutoModelForQuestionAnswering.from_pretrained(
        location, local_files_only=local, use_safetensors=True
    ).eval()
    room = getattr(model.config, "max_position_embeddings", WINDOW)
    return SpanFinder(model, tokenizer, min(WINDOW, tokenizer.model_max_length, room))


def _must_know_words(tokenizer: PreTrainedTokenizerBase) -> None:
    # Where a model's folder lacks the vocabulary, transformers makes one up that is empty.
    pieces = tokenizer("Which patients were treated?", add_special_tokens=False)["input_ids"]
    if set(pieces) <= {tokenizer.unk_token_id}:
        raise ValueError("its tokenizer knows no words.")
