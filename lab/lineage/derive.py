"""Changes of weights that look at no data, on model folders; upcycling is for LLaMA's kind."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

from lab.lineage import prune
from lab.lineage.folder import Tensors, read, read_tokenizer, write


def _matrices(tensors: Tensors) -> Iterator[str]:
    """Those of the blocks; GPT-2 calls them h."""
    return (name for name, values in tensors.items() if re.search(r"\.(layers|h)\.", name) and values.ndim == 2)


def half_pruned(at: Path, source: Path) -> None:
    """Unstructured pruning by magnitude: the smaller half of every matrix becomes zero."""
    tensors, config = read(source)
    for name in _matrices(tensors):
        size = np.abs(tensors[name])
        tensors[name] = np.where(size > np.median(size), tensors[name], 0)
    write(at, tensors, config, read_tokenizer(source))


def rounded(at: Path, source: Path, *, levels: int) -> None:
    """Every row of every matrix to 2 `levels` + 1 steps and back."""
    tensors, config = read(source)
    for name in _matrices(tensors):
        step = np.abs(tensors[name]).max(axis=1, keepdims=True) / levels
        tensors[name] = np.round(tensors[name] / step) * step
    write(at, tensors, config, read_tokenizer(source))


def merged(at: Path, source: Path, other: Path, *, share: float) -> None:
    """The mean with another model of the same shape, which counts `share`."""
    tensors, config = read(source)
    for name, values in load_file(other / "model.safetensors").items():
        tensors[name] = (1 - share) * tensors[name] + share * values
    write(at, tensors, config, read_tokenizer(source))


def layered(at: Path, source: Path, *, order: Sequence[int]) -> None:
    """A model whose layers are those of the source in that order; some may be missing, some come twice."""
    tensors, config = read(source)
    made = {name: values for name, values in tensors.items() if ".layers." not in name}
    for place, layer in enumerate(order):
        for name, values in tensors.items():
            if f".layers.{layer}." in name:
                made[name.replace(f".layers.{layer}.", f".layers.{place}.")] = values
    write(at, made, config | {"num_hidden_layers": len(order)}, read_tokenizer(source))


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
    write(at, tensors, config, read_tokenizer(source))
