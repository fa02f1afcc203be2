"""Qwen2-MoE: Qwen2's attention; a mixture of experts, and one expert more that all tokens share.

Layers that the config takes out of the mixture have an ordinary feed-forward block of `intermediate_size`.
"""

from __future__ import annotations

from dataclasses import replace

from ..architecture import Architecture
from ..config import Config
from ..layer import Layer, Matrix, Reader
from . import experts, llama


def groups(config: Config, index: int) -> list[experts.Group]:
    """The experts of layer `index`, or its one ordinary block."""
    at = f"layers.{index}.mlp."
    if index in config.integers("mlp_only_layers") or (index + 1) % config.size("decoder_sparse_step", default=1):
        return [experts.Group(at, config.size("intermediate_size"))]
    found = [
        experts.Group(
            at + "experts.", config.size("moe_intermediate_size"), config.size("num_experts", "num_local_experts")
        )
    ]
    if config.has("shared_expert_intermediate_size"):
        found.append(experts.Group(at + "shared_expert.", config.size("shared_expert_intermediate_size")))
    return found


def mixture(config: Config, plain: Architecture) -> Architecture:
    """`plain` with as many neurons as its largest layer has."""
    sizes = (experts.neurons(groups(config, index)) for index in range(plain.layers))
    return replace(plain, ffn=max(sizes))


def architecture(config: Config) -> Architecture:
    """Sizes of a Qwen2-MoE-type config."""
    return mixture(config, llama.architecture(config))


def layer(reader: Reader, index: int) -> Layer:
    """Layer `index` with all its experts."""
    return experts.layer(reader, index, groups(reader.config, index))


def gate(reader: Reader, index: int) -> tuple[Matrix, ...]:
    """The gates inside the experts of layer `index`."""
    return experts.gates(reader, groups(reader.config, index))


FAMILY = replace(
    llama.FAMILY, name="qwen2_moe", types=("qwen2_moe",), architecture=architecture, layer=layer, gate=gate
)
