"""The packaged encoder written out in torch, in the form in which it is exported."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from index.encoder import HEADS, LAYERS, SIZE

EPSILON = 1e-12
"""Of the normalizing layers, as BERT's configuration has it."""


class Product(nn.Module):
    """A matrix of the shape (inputs, outputs), so that it is exported as it is used, and a bias."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(inputs, outputs))
        self.bias = nn.Parameter(torch.zeros(outputs))

    def forward(self, x: Tensor) -> Tensor:
        """From shape (…, inputs) to (…, outputs)."""
        return x @ self.weight + self.bias


class PlainLayer(nn.Module):
    """A layer without masks. Query, key and value are one matrix, which holds the scale too."""

    def __init__(self) -> None:
        super().__init__()
        self.mixed = Product(SIZE, 3 * SIZE)
        self.dense = Product(SIZE, SIZE)
        self.wide = Product(SIZE, 4 * SIZE)
        self.narrow = Product(4 * SIZE, SIZE)
        self.first = nn.LayerNorm(SIZE, eps=EPSILON)
        self.second = nn.LayerNorm(SIZE, eps=EPSILON)

    def forward(self, x: Tensor) -> Tensor:
        """From and to vectors of shape (texts, pieces, size)."""
        texts, pieces, size = x.shape
        query, key, value = (
            part.view(texts, pieces, HEADS, size // HEADS).transpose(1, 2)
            for part in self.mixed(x).split(size, dim=-1)
        )
        seen = torch.softmax(query @ key.transpose(-1, -2), dim=-1) @ value
        x = self.first(self.dense(seen.transpose(1, 2).reshape(x.shape)) + x)
        y: Tensor = self.second(self.narrow(nn.functional.gelu(self.wide(x))) + x)
        return y


class PlainEncoder(nn.Module):
    """The encoder for texts of one length: what their embeddings sum to in, unit vectors out.

    Its parameters have the names that :func:`index.encoder.parameters` gives.
    """

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(SIZE, eps=EPSILON)
        self.layers = nn.ModuleList(PlainLayer() for _ in range(LAYERS))

    def forward(self, summed: Tensor) -> Tensor:
        """From shape (texts, pieces, size) to (texts, size): the mean of the last layer's rows."""
        x: Tensor = self.norm(summed)
        for layer in self.layers:
            x = layer(x)
        mean = x.mean(dim=1)
        return mean / torch.sqrt((mean * mean).sum(dim=-1, keepdim=True))
