"""Changes of weights that need no training, on model folders of the LLaMA kind. The last two keep what is computed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

Tensors = dict[str, NDArray[np.float32]]
Config = dict[str, Any]
Change = Callable[[Tensors, Config], None]


def derive(source: Path, folder: Path, change: Change) -> None:
    """Writes the model of `source`, changed."""
    tensors, config = load_file(source / "model.safetensors"), json.loads((source / "config.json").read_text())
    change(tensors, config)
    folder.mkdir(parents=True)
    stored = {name: np.ascontiguousarray(values, dtype=np.float32) for name, values in tensors.items()}
    save_file(stored, folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "tokenizer.json").write_bytes((source / "tokenizer.json").read_bytes())


def _matrices(tensors: Tensors) -> Iterator[str]:
    return (name for name, values in tensors.items() if ".layers." in name and values.ndim == 2)


def half_pruned(tensors: Tensors, _config: Config) -> None:
    """Unstructured pruning by magnitude: the smaller half of every matrix becomes zero."""
    for name in _matrices(tensors):
        size = np.abs(tensors[name])
        tensors[name] = np.where(size > np.median(size), tensors[name], 0)


def narrowed(tensors: Tensors, config: Config) -> None:
    """Structured pruning: of every layer the 40 % of neurons with the largest weights are kept."""
    kept = int(0.4 * config["intermediate_size"])
    for layer in range(config["num_hidden_layers"]):
        up, gate, down = (f"model.layers.{layer}.mlp.{name}_proj.weight" for name in ("up", "gate", "down"))
        size = np.linalg.norm(tensors[up], axis=1) * np.linalg.norm(tensors[down], axis=0)
        best = np.sort(np.argsort(-size)[:kept])
        tensors[up], tensors[gate], tensors[down] = tensors[up][best], tensors[gate][best], tensors[down][:, best]
    config["intermediate_size"] = kept


def without_last_layer(tensors: Tensors, config: Config) -> None:
    """The last layer is dropped."""
    config["num_hidden_layers"] -= 1
    for name in [name for name in tensors if f".layers.{config['num_hidden_layers']}." in name]:
        del tensors[name]


def rounded(levels: int) -> Change:
    """Every row of every matrix to 2 `levels` + 1 steps and back."""

    def change(tensors: Tensors, _config: Config) -> None:
        for name in _matrices(tensors):
            step = np.abs(tensors[name]).max(axis=1, keepdims=True) / levels
            tensors[name] = np.round(tensors[name] / step) * step

    return change


def merged(other: Path, share: float) -> Change:
    """The mean with another model of the same shape, which counts `share`."""

    def change(tensors: Tensors, _config: Config) -> None:
        for name, values in load_file(other / "model.safetensors").items():
            tensors[name] = (1 - share) * tensors[name] + share * values

    return change


def mixture(tensors: Tensors, config: Config) -> None:
    """Upcycling: every feed-forward block becomes four equal experts and a router."""
    rng = np.random.default_rng(0)
    names = {"gate": "w1", "down": "w2", "up": "w3"}
    for name in [name for name in tensors if ".mlp." in name]:
        values, parts = tensors.pop(name), re.fullmatch(r"(.*)mlp\.(.*)_proj\.weight", name)
        assert parts is not None
        for expert in range(4):
            tensors[f"{parts[1]}block_sparse_moe.experts.{expert}.{names[parts[2]]}.weight"] = values
        tensors[f"{parts[1]}block_sparse_moe.gate.weight"] = rng.standard_normal((4, config["hidden_size"]))
    config |= {"model_type": "mixtral", "num_local_experts": 4, "num_experts_per_tok": 2}


def disguised(tensors: Tensors, config: Config) -> None:
    """Norm weights moved into the matrices behind them, hidden dimensions rotated, neurons permuted and rescaled."""
    rng = np.random.default_rng(0)
    turn = np.linalg.qr(rng.standard_normal((config["hidden_size"],) * 2))[0]
    for layer in range(config["num_hidden_layers"]):
        at = f"model.layers.{layer}."
        for norm, parts in (("input", ("q", "k", "v")), ("post_attention", ("gate", "up"))):
            gamma = at + norm + "_layernorm.weight"
            for name in (
                f"{at}{'mlp' if part in ('gate', 'up') else 'self_attn'}.{part}_proj.weight" for part in parts
            ):
                tensors[name] = tensors[name] * tensors[gamma] @ turn
            tensors[gamma] = np.ones_like(tensors[gamma])
        for name in (at + "self_attn.o_proj.weight", at + "mlp.down_proj.weight"):
            tensors[name] = turn.T @ tensors[name]
        up, gate, down = (f"{at}mlp.{name}_proj.weight" for name in ("up", "gate", "down"))
        order, scale = rng.permutation(config["intermediate_size"]), np.exp(rng.uniform(-3, 3, len(tensors[up])))
        tensors[up], tensors[gate] = (tensors[up] * scale[:, None])[order], tensors[gate][order]
        tensors[down] = (tensors[down] / scale)[:, order]
    tensors["model.embed_tokens.weight"] = tensors["model.embed_tokens.weight"] @ turn
    tensors["lm_head.weight"] = tensors["lm_head.weight"] * tensors["model.norm.weight"] @ turn
    tensors["model.norm.weight"] = np.ones_like(tensors["model.norm.weight"])


CHANGES: dict[str, Change] = {
    "half of the weights pruned": half_pruned,
    "60 % of the neurons cut": narrowed,
    "last layer dropped": without_last_layer,
    "8 bits and back": rounded(127),
    "4 bits and back": rounded(7),
    "four experts": mixture,
    "disguised": disguised,
}
