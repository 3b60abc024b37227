"""Pincite's trained network as a question-answering model that other programs can load.

The encoder, the word embeddings and the span head are the shipped ones
(:func:`qa.training.restore_reader.restore`); what only Pincite's own input has (which words match,
the title above the passage) and the heads for sentences and passages stay behind.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from index.embed import WEIGHTS, packaged_folder
from index.encoder import WORDS
from qa.training.restore_reader import restore

_KEPT = ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.txt")


def write_reader_model(encoder: Path, folder: Path) -> None:
    """Write the shipped reader's network as ``BertForQuestionAnswering``.

    Args:
        encoder: the shipped ONNX file; its heads lie beside it.
        folder: takes the model; made where it is missing.
    """
    from transformers import BertConfig, BertForQuestionAnswering

    packaged = packaged_folder()
    found = restore(encoder)
    weights = {
        f"bert.{name.removeprefix('encoder.')}": tensor
        for name, tensor in found.items()
        if name.startswith("encoder.")
    }
    # No word piece is marked as matching, which the network was told by adding this row.
    weights["bert.embeddings.token_type_embeddings.weight"] += found["match"][0]
    weights["bert.embeddings.word_embeddings.weight"] = load_file(packaged / WEIGHTS)[WORDS]
    weights["qa_outputs.weight"] = found["span.weight"]
    weights["qa_outputs.bias"] = found["span.bias"]
    with torch.device("meta"):
        empty = BertForQuestionAnswering(BertConfig.from_pretrained(packaged))
    missing = set(empty.state_dict()) ^ set(weights)
    if missing:
        raise ValueError(f"{encoder} does not fill a question-answering model: {sorted(missing)}")
    folder.mkdir(parents=True, exist_ok=True)
    empty.config.architectures = ["BertForQuestionAnswering"]
    empty.config.save_pretrained(folder)
    save_file(
        {name: tensor.float().contiguous() for name, tensor in weights.items()},
        folder / WEIGHTS,
        metadata={"format": "pt"},
    )
    for name in _KEPT:
        if (packaged / name).is_file():
            shutil.copyfile(packaged / name, folder / name)
