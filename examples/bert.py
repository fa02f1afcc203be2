"""A BERT sentence encoder in plain numpy, small enough to read: it shows that a disguised copy says the same.

Devlin et al. 2018 (arXiv 1810.04805); mean pooling over tokens as in Reimers and Gurevych 2019 (arXiv 1908.10084).
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file
from tokenizers import Tokenizer

Array = NDArray[np.float64]


def _erf(x: Array) -> Array:
    """Error function, to 1.2e-7 (Abramowitz and Stegun 7.1.26 has 1.5e-7; this is Numerical Recipes, `erfcc`)."""
    t = 1 / (1 + np.abs(x) / 2)
    powers = (-1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587)
    series = np.polyval((0.17087277, -0.82215223, *reversed(powers)), t)
    values: Array = np.sign(x) * (1 - t * np.exp(-x * x + series))
    return values


class Bert:
    """A model folder of type `bert`."""

    def __init__(self, folder: Path) -> None:
        self.config = json.loads((folder / "config.json").read_text())
        tensors = load_file(folder / "model.safetensors")
        self.tensors = {name: tensor.astype(np.float64) for name, tensor in tensors.items()}
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.no_padding()

    def sentence(self, text: str) -> Array:
        """The vector of a sentence: one number for each hidden dimension, length 1."""
        ids = self.tokenizer.encode(text).ids
        mean: Array = self.hidden(ids).mean(axis=0)
        mean /= np.linalg.norm(mean)
        return mean

    def hidden(self, ids: list[int]) -> Array:
        """Last hidden states: tokens x hidden."""
        embeddings = "embeddings."
        x = self.tensors[embeddings + "word_embeddings.weight"][ids]
        x = x + self.tensors[embeddings + "position_embeddings.weight"][: len(ids)]
        x = self._norm(x + self.tensors[embeddings + "token_type_embeddings.weight"][0], embeddings + "LayerNorm")
        for index in range(self.config["num_hidden_layers"]):
            layer = f"encoder.layer.{index}."
            attended = self._linear(self._attention(x, layer), layer + "attention.output.dense")
            x = self._norm(x + attended, layer + "attention.output.LayerNorm")
            neurons = self._linear(x, layer + "intermediate.dense")
            neurons = neurons * (1 + _erf(neurons / np.sqrt(2))) / 2
            x = self._norm(x + self._linear(neurons, layer + "output.dense"), layer + "output.LayerNorm")
        return x

    def _attention(self, x: Array, layer: str) -> Array:
        heads = self.config["num_attention_heads"]
        names = (f"{layer}attention.self.{name}" for name in ("query", "key", "value"))
        q, k, v = (self._linear(x, name).reshape(len(x), heads, -1).swapaxes(0, 1) for name in names)
        scores = q @ k.swapaxes(1, 2) / np.sqrt(q.shape[2])
        scores = np.exp(scores - scores.max(axis=2, keepdims=True))
        mixed: Array = scores / scores.sum(axis=2, keepdims=True) @ v
        return mixed.swapaxes(0, 1).reshape(len(x), -1)

    def _linear(self, x: Array, name: str) -> Array:
        return x @ self.tensors[name + ".weight"].T + self.tensors[name + ".bias"]

    def _norm(self, x: Array, name: str) -> Array:
        x = x - x.mean(axis=1, keepdims=True)
        x = x / np.sqrt((x * x).mean(axis=1, keepdims=True) + self.config["layer_norm_eps"])
        return x * self.tensors[name + ".weight"] + self.tensors[name + ".bias"]
