"""What a thief can do to a BERT model without changing what it computes, and a model that has nothing to do with it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

Tensors = dict[str, NDArray[np.float32]]
WORDS = "embeddings.word_embeddings.weight"


def disguise(source: Path, target: Path, rng: np.random.Generator) -> None:
    """Write a copy of a BERT folder whose numbers all differ and whose sentence similarities do not.

    Hidden dimensions and neurons are permuted, queries and keys rescaled against each other, the vocabulary renumbered.
    """
    tensors = _copy(source, target)
    config = json.loads((source / "config.json").read_text())
    _permute_hidden(tensors, rng.permutation(config["hidden_size"]))
    for index in range(config["num_hidden_layers"]):
        layer = f"encoder.layer.{index}."
        _permute_neurons(tensors, layer, rng.permutation(config["intermediate_size"]))
        _rescale_heads(tensors, layer, rng, config["num_attention_heads"])
    new = rng.permutation(config["vocab_size"])  # old id -> new id
    tensors[WORDS][new] = tensors[WORDS].copy()
    _renumber(target, new)
    _save(tensors, target)


def independent(source: Path, target: Path, rng: np.random.Generator) -> None:
    """Write a model of the same shapes and tokenizer, each tensor drawn afresh with the old mean and spread."""
    tensors = _copy(source, target)
    for name, tensor in tensors.items():
        if tensor.dtype == np.float32:
            tensors[name] = rng.normal(tensor.mean(), tensor.std() + 1e-3, tensor.shape).astype(np.float32)
    _save(tensors, target)


def _copy(source: Path, target: Path) -> Tensors:
    target.mkdir(parents=True)
    for name in ("config.json", "tokenizer.json", "vocab.txt"):
        shutil.copyfile(source / name, target / name)
    return load_file(source / "model.safetensors")


def _save(tensors: Tensors, target: Path) -> None:
    """The library writes memory as it lies there, so every array must lie in C order."""
    save_file({name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}, target / "model.safetensors")


def _permute_hidden(tensors: Tensors, order: NDArray[np.int64]) -> None:
    """Every tensor with a hidden index: rows of what writes the residual stream, columns of what reads it."""
    for name, tensor in tensors.items():
        if name.endswith("position_ids") or name.startswith("pooler."):
            continue
        if "embeddings" in name or "LayerNorm" in name or name.endswith("output.dense.bias"):
            tensors[name] = tensor[..., order]
        elif name.endswith("output.dense.weight"):
            tensors[name] = tensor[order]
        elif name.endswith(("query.weight", "key.weight", "value.weight", "intermediate.dense.weight")):
            tensors[name] = tensor[:, order]
    if "pooler.dense.weight" in tensors:
        tensors["pooler.dense.weight"] = tensors["pooler.dense.weight"][:, order]


def _permute_neurons(tensors: Tensors, layer: str, order: NDArray[np.int64]) -> None:
    for name in (layer + "intermediate.dense.weight", layer + "intermediate.dense.bias"):
        tensors[name] = tensors[name][order]
    tensors[layer + "output.dense.weight"] = tensors[layer + "output.dense.weight"][:, order]


def _rescale_heads(tensors: Tensors, layer: str, rng: np.random.Generator, heads: int) -> None:
    """Each head: q times s, k divided by s. s is between 1/8 and 8."""
    size = len(tensors[layer + "attention.self.query.bias"]) // heads
    scale = np.exp2(rng.uniform(-3, 3, heads)).repeat(size).astype(np.float32)
    for part, factor in (("query", scale), ("key", 1 / scale)):
        tensors[f"{layer}attention.self.{part}.weight"] *= factor[:, None]
        tensors[f"{layer}attention.self.{part}.bias"] *= factor


def _renumber(target: Path, new: NDArray[np.int64]) -> None:
    """The tokenizer files under new ids."""
    path = target / "tokenizer.json"
    tokenizer = json.loads(path.read_text())
    vocabulary = tokenizer["model"]["vocab"]
    tokenizer["model"]["vocab"] = {word: int(new[old]) for word, old in vocabulary.items()}
    for token in tokenizer["added_tokens"]:
        token["id"] = int(new[token["id"]])
    tokenizer["added_tokens"].sort(key=lambda token: token["id"])
    for token in tokenizer["post_processor"]["special_tokens"].values():
        token["ids"] = [int(new[old]) for old in token["ids"]]
    path.write_text(json.dumps(tokenizer))
    words = sorted(tokenizer["model"]["vocab"].items(), key=lambda item: item[1])
    (target / "vocab.txt").write_text("".join(f"{word}\n" for word, _ in words))
    config = json.loads((target / "config.json").read_text())
    config["pad_token_id"] = int(new[config["pad_token_id"]])
    (target / "config.json").write_text(json.dumps(config, indent=2))
