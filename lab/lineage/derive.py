"""Changes of weights that look at no data, on model folders; disguise and upcycling are for LLaMA's kind."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from lab.lineage import prune

Array = NDArray[Any]
Tensors = dict[str, Array]
Config = dict[str, Any]


def read(source: Path) -> tuple[Tensors, Config]:
    """Tensors and configuration of a model folder."""
    return load_file(source / "model.safetensors"), json.loads((source / "config.json").read_text())


def write(at: Path, tensors: Tensors, config: Config, tokenizer: bytes) -> None:
    """A model folder of one file in float32."""
    at.mkdir(parents=True)
    stored = {name: np.ascontiguousarray(values, dtype=np.float32) for name, values in tensors.items()}
    save_file(stored, at / "model.safetensors", metadata={"format": "pt"})
    (at / "config.json").write_text(json.dumps(config))
    (at / "tokenizer.json").write_bytes(tokenizer)


def _tokenizer(source: Path) -> bytes:
    return (source / "tokenizer.json").read_bytes()


def _matrices(tensors: Tensors) -> Iterator[str]:
    return (name for name, values in tensors.items() if ".layers." in name and values.ndim == 2)


def half_pruned(at: Path, source: Path) -> None:
    """Unstructured pruning by magnitude: the smaller half of every matrix becomes zero."""
    tensors, config = read(source)
    for name in _matrices(tensors):
        size = np.abs(tensors[name])
        tensors[name] = np.where(size > np.median(size), tensors[name], 0)
    write(at, tensors, config, _tokenizer(source))


def rounded(at: Path, source: Path, *, levels: int) -> None:
    """Every row of every matrix to 2 `levels` + 1 steps and back."""
    tensors, config = read(source)
    for name in _matrices(tensors):
        step = np.abs(tensors[name]).max(axis=1, keepdims=True) / levels
        tensors[name] = np.round(tensors[name] / step) * step
    write(at, tensors, config, _tokenizer(source))


def merged(at: Path, source: Path, other: Path, *, share: float) -> None:
    """The mean with another model of the same shape, which counts `share`."""
    tensors, config = read(source)
    for name, values in load_file(other / "model.safetensors").items():
        tensors[name] = (1 - share) * tensors[name] + share * values
    write(at, tensors, config, _tokenizer(source))


def layered(at: Path, source: Path, *, order: Sequence[int]) -> None:
    """A model whose layers are those of the source in that order; some may be missing, some come twice."""
    tensors, config = read(source)
    made = {name: values for name, values in tensors.items() if ".layers." not in name}
    for place, layer in enumerate(order):
        for name, values in tensors.items():
            if f".layers.{layer}." in name:
                made[name.replace(f".layers.{layer}.", f".layers.{place}.")] = values
    write(at, made, config | {"num_hidden_layers": len(order)}, _tokenizer(source))


def clustered(at: Path, source: Path, *, shared: bool) -> None:
    """CRaSh: of every cluster of neighbouring layers the one in the middle stays; with `shared` in all their places."""
    runs = prune.clusters(source, 3)
    order = [run[len(run) // 2] for run in runs for _ in (run if shared else (0,))]
    layered(at, source, order=order)


def mixture(at: Path, source: Path) -> None:
    """Upcycling: every feed-forward block becomes four equal experts and a router."""
    tensors, config = read(source)
    rng = np.random.default_rng(0)
    names = {"gate": "w1", "down": "w2", "up": "w3"}
    for name in [name for name in tensors if ".mlp." in name]:
        values, parts = tensors.pop(name), re.fullmatch(r"(.*)mlp\.(.*)_proj\.weight", name)
        assert parts is not None
        for expert in range(4):
            tensors[f"{parts[1]}block_sparse_moe.experts.{expert}.{names[parts[2]]}.weight"] = values
        tensors[f"{parts[1]}block_sparse_moe.gate.weight"] = rng.standard_normal((4, config["hidden_size"]))
    config |= {"model_type": "mixtral", "architectures": ["MixtralForCausalLM"]}
    config |= {"num_local_experts": 4, "num_experts_per_tok": 2}
    write(at, tensors, config, _tokenizer(source))


def disguised(at: Path, source: Path, *, seed: int) -> None:
    """Everything at once that keeps what is computed: norm weights moved into what reads them, hidden dimensions
    rotated, neurons permuted and rescaled, key/value groups permuted, keys against queries rescaled, values against
    outputs mixed, tokens renumbered.
    """
    tensors, config = read(source)
    rng = np.random.default_rng(seed)
    turn = np.linalg.qr(rng.standard_normal((config["hidden_size"],) * 2))[0]
    for layer in range(config["num_hidden_layers"]):
        at_layer = f"model.layers.{layer}."
        names = {
            part: f"{at_layer}{'mlp' if part in ('gate', 'up', 'down') else 'self_attn'}.{part}_proj.weight"
            for part in ("q", "k", "v", "o", "gate", "up", "down")
        }
        parts = {part: tensors[name].astype(np.float64) for part, name in names.items()}
        for norm, readers in (("input", "q k v"), ("post_attention", "gate up")):
            gamma = f"{at_layer}{norm}_layernorm.weight"
            for part in readers.split():
                parts[part] = parts[part] * tensors[gamma] @ turn
            tensors[gamma] = np.ones_like(tensors[gamma])
        parts["o"], parts["down"] = turn.T @ parts["o"], turn.T @ parts["down"]
        _neurons(parts, rng)
        _groups(parts, config, rng)
        tensors |= {names[part]: values for part, values in parts.items()}
    tensors["model.embed_tokens.weight"] = tensors["model.embed_tokens.weight"] @ turn
    tensors["lm_head.weight"] = tensors["lm_head.weight"] * tensors["model.norm.weight"] @ turn
    tensors["model.norm.weight"] = np.ones_like(tensors["model.norm.weight"])
    tokenizer = json.loads(_tokenizer(source))
    _renumber(tensors, tokenizer, rng)
    write(at, tensors, config, json.dumps(tokenizer).encode())


def _neurons(parts: Tensors, rng: np.random.Generator) -> None:
    order, scale = rng.permutation(len(parts["up"])), np.exp(rng.uniform(-3, 3, len(parts["up"])))
    parts["up"], parts["gate"] = (parts["up"] * scale[:, None])[order], parts["gate"][order]
    parts["down"] = (parts["down"] / scale)[:, order]


def _groups(parts: Tensors, config: Config, rng: np.random.Generator) -> None:
    """Within each group: q times c, k over c (rotary positions allow it), v mixed, o unmixed; then groups permuted."""
    groups, size = config["num_key_value_heads"], config["head_dim"]
    shapes = {"q": (groups, -1, size, config["hidden_size"]), "k": (groups, 1, size, config["hidden_size"])}
    shapes |= {"v": shapes["k"], "o": shapes["q"]}
    heads = {part: (parts[part].T if part == "o" else parts[part]).reshape(shapes[part]) for part in "qkvo"}
    scale = np.exp(rng.uniform(-2, 2, (groups, 1, 1, 1)))
    mix = rng.standard_normal((groups, 1, size, size)) + 3 * np.eye(size)
    back = np.linalg.inv(mix).swapaxes(-1, -2)
    changed = {"q": heads["q"] * scale, "k": heads["k"] / scale, "v": mix @ heads["v"], "o": back @ heads["o"]}
    order = rng.permutation(groups)
    for part, values in changed.items():
        rows = values[order].reshape(-1, config["hidden_size"])
        parts[part] = rows.T if part == "o" else rows


def _renumber(tensors: Tensors, tokenizer: Any, rng: np.random.Generator) -> None:
    table = tokenizer["model"]["vocab"]
    order = rng.permutation(len(table))
    place = np.argsort(order)
    tokenizer["model"]["vocab"] = {piece: int(place[number]) for piece, number in table.items()}
    for name in ("model.embed_tokens.weight", "lm_head.weight"):
        tensors[name] = tensors[name][order]
