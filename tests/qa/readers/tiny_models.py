"""Models that know nothing and weigh nothing, for tests of what is done with a model's figures."""

from __future__ import annotations

from pathlib import Path

from index.embed import packaged_folder


def tiny_reranker(folder: Path) -> Path:
    """Write a cross-encoder of random weights into ``folder``."""
    from transformers import BertForSequenceClassification

    return _written(folder, BertForSequenceClassification, labels=1)


def tiny_span_finder(folder: Path) -> Path:
    """Write a question-answering model of random weights into ``folder``."""
    from transformers import BertForQuestionAnswering

    return _written(folder, BertForQuestionAnswering, labels=2)


def _written(folder: Path, kind: type, labels: int) -> Path:
    import torch
    from transformers import AutoTokenizer, BertConfig

    tokenizer = AutoTokenizer.from_pretrained(packaged_folder(), local_files_only=True)
    tokenizer.model_max_length = 512
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        # Large enough that different texts get clearly different figures.
        initializer_range=0.3,
    )
    config.num_labels = labels
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(7)
        model = kind(config)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
