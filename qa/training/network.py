"""The reader's network: the packaged sentence encoder read as a cross-encoder, with four heads."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, nn
from transformers import AutoModel

from qa.readers.pieces import Batch


class Scores(NamedTuple):
    """What the network says of a batch, as logits.

    Attributes:
        sentence: of shape (sentences,); 0 is the logit of "no sentence answers".
        passage: of shape (passages,); 0 is the logit of "no passage answers".
        start, end: of shape (passages, pieces); -inf outside the sentences.
    """

    sentence: Tensor
    passage: Tensor
    start: Tensor
    end: Tensor


class ReaderNetwork(nn.Module):
    """Encoder and heads.

    The word embeddings stay as they are in the package, so that they need not be shipped. Dropout
    is off: an example is seen a few times at most, and without it a step takes 40 % of the time on
    a CPU. There, plain attention learns faster than the fused one, above all on short texts.

    Args:
        encoder: folder of a BERT-like encoder.
    """

    def __init__(self, encoder: Path | str) -> None:
        super().__init__()
        self.encoder = AutoModel.from_pretrained(
            encoder, attn_implementation="sdpa", add_pooling_layer=False
        )
        for module in self.encoder.modules():
            if isinstance(module, nn.Dropout):
                module.p = 0.0
        self.words = self.encoder.embeddings.word_embeddings
        self.words.weight.requires_grad_(False)
        size = self.encoder.config.hidden_size
        self.match = nn.Parameter(torch.zeros(2, size))
        self.sentence_hidden = nn.Linear(2 * size, size)
        self.sentence_score = nn.Linear(size, 1)
        self.passage_score = nn.Linear(size, 1)
        self.span = nn.Linear(size, 2)

    def forward(self, batch: Batch) -> Scores:
        """Score a batch; see ``Scores``."""
        hidden = self.encoder(
            inputs_embeds=self._marked(batch),
            attention_mask=torch.from_numpy(batch.mask),
            token_type_ids=torch.from_numpy(batch.segments),
        ).last_hidden_state
        return self.heads(hidden, batch)

    def summed(self, batch: Batch) -> Tensor:
        """What the encoder begins with: words, matches, places and segments added up."""
        embeddings = self.encoder.embeddings
        places = embeddings.position_embeddings.weight[: batch.ids.shape[1]]
        segments: Tensor = embeddings.token_type_embeddings(torch.from_numpy(batch.segments))
        summed: Tensor = self._marked(batch) + places + segments
        return summed

    def _marked(self, batch: Batch) -> Tensor:
        segments, matches = torch.from_numpy(batch.segments), torch.from_numpy(batch.matches)
        words: Tensor = self.words(torch.from_numpy(batch.ids))
        marked: Tensor = words + self.match[segments] * matches[..., None]
        return marked

    def heads(self, hidden: Tensor, batch: Batch) -> Scores:
        """Score what the encoder made: ``hidden`` has shape (passages, pieces, size)."""
        whole = hidden[:, 0]
        sentence = torch.from_numpy(batch.sentence)
        inside = sentence >= 0
        count = len(batch.passage_of)
        belongs = sentence[inside]
        pooled = hidden.new_zeros(count, hidden.shape[-1]).index_add(0, belongs, hidden[inside])
        pieces = torch.bincount(belongs, minlength=count).clamp(min=1)
        pooled = pooled / pieces[:, None].to(pooled.dtype)
        both = torch.cat([pooled, whole[torch.from_numpy(batch.passage_of)]], dim=-1)
        scores = self.sentence_score(nn.functional.gelu(self.sentence_hidden(both)))[:, 0]
        spans = self.span(hidden).float().masked_fill(~inside[..., None], float("-inf"))
        return Scores(
            scores.float(), self.passage_score(whole)[:, 0].float(), spans[..., 0], spans[..., 1]
        )
