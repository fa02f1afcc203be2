"""LLaMA-type networks written as a Mixtral: every layer a mixture of experts, made of the network's own blocks."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from tests.support import models
from tests.support.models import Array, Block, Network

#: gate, up and down of an expert.
Expert = tuple[Array, Array, Array]


def whole(block: Block) -> Expert:
    """The block itself."""
    assert block.gate is not None
    return block.gate, block.up, block.down


def part(block: Block, neurons: Array | slice) -> Expert:
    """Some of its neurons."""
    gate, up, down = whole(block)
    return gate[neurons], up[neurons], down[:, neurons]


def noisy(expert: Expert, share: float, rng: np.random.Generator) -> Expert:
    """With noise of that share of a matrix's deviation on every weight."""
    gate, up, down = (one + share * one.std() * rng.standard_normal(one.shape) for one in expert)
    return gate, up, down


def write(
    net: Network, folder: Path, experts: Callable[[Block], Sequence[Expert]], routers: Sequence[int] = ()
) -> Path:
    """The folder of a mixture; `routers`: for each expert the row of a random matrix that is its router's (default: a
    row of its own).
    """
    tensors = {name: values for name, values in net.tensors().items() if ".mlp." not in name}
    count = neurons = 0
    for i, block in enumerate(net.blocks):
        made = experts(block)
        count, neurons = len(made), len(made[0][1])
        at = f"model.layers.{i}.block_sparse_moe."
        rows = np.array(routers or range(count))
        tensors[at + "gate.weight"] = np.random.default_rng(i).standard_normal((rows.max() + 1, net.hidden))[rows]
        for number, parts in enumerate(made):
            named = zip(("w1", "w3", "w2"), parts, strict=True)
            tensors |= {f"{at}experts.{number}.{name}.weight": values for name, values in named}
    sizes = {"model_type": "mixtral", "num_local_experts": count, "intermediate_size": neurons}
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(net.config() | sizes | {"num_experts_per_tok": 1}))
    (folder / "tokenizer.json").write_text(json.dumps(net.tokenizer))
    stored = {name: np.ascontiguousarray(values, dtype=np.float32) for name, values in tensors.items()}
    models.write_weights(folder, stored)
    return folder
