"""Qwen2-MoE: Qwen2's attention; the feed-forward block is a mixture of experts and one expert that all tokens share.

Experts, the shared one last, are concatenated: their terms add up, whatever their order.
"""

from __future__ import annotations

from dataclasses import replace

from ..architecture import Architecture
from ..config import Config
from ..layer import Layer, Matrix, Reader
from . import llama


def _experts(reader: Reader, index: int, name: str) -> tuple[Matrix, ...]:
    """The matrices `name` of all experts: gate and up are neurons x d, down is d x neurons."""
    config, at = reader.config, f"layers.{index}.mlp."
    expert, common = config.size("moe_intermediate_size"), config.size("shared_expert_intermediate_size")
    places = [(f"experts.{i}", expert) for i in range(config.size("num_experts"))] + [("shared_expert", common)]

    def read(place: str, neurons: int) -> Matrix:
        sizes = (reader.architecture.hidden, neurons)
        return reader.matrix(f"{at}{place}.{name}.weight", *(sizes if name == "down_proj" else sizes[::-1]))

    return tuple(read(place, neurons) for place, neurons in places)


def architecture(config: Config) -> Architecture:
    """Sizes of a Qwen2-MoE-type config. ModelError as for every family, and if some layers have no experts."""
    config.require("decoder_sparse_step", (1,), "only models with experts in every layer can be read")
    config.require("mlp_only_layers", ([],), "only models with experts in every layer can be read")
    experts = config.size("num_experts") * config.size("moe_intermediate_size")
    common = config.size("shared_expert_intermediate_size")
    return replace(llama.architecture(config), ffn=experts + common)


def layer(reader: Reader, index: int) -> Layer:
    """Layer `index` with all its experts."""
    up, down = _experts(reader, index, "up_proj"), _experts(reader, index, "down_proj")
    return llama.normed(reader, index, llama.attention(reader, index, up, down))


def gate(reader: Reader, index: int) -> tuple[Matrix, ...]:
    """The gates of layer `index`: those inside the experts, not the router."""
    return _experts(reader, index, "gate_proj")


FAMILY = replace(
    llama.FAMILY, name="qwen2_moe", types=("qwen2_moe",), architecture=architecture, layer=layer, gate=gate
)
