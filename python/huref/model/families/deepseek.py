"""DeepSeek: the first generation's mixture of experts, with LLaMA's attention. (Its dense models call themselves
llama.)

The first `first_k_dense_replace` layers have an ordinary feed-forward block, the others experts and shared experts.
Later generations compress keys and values together (multi-head latent attention); they are refused.
"""

from __future__ import annotations

from dataclasses import replace

from ...errors import ModelError
from ..architecture import Architecture
from ..config import Config
from ..layer import Layer, Matrix, Reader
from . import experts, llama

LATENT = ("deepseek_v2", "deepseek_v3", "deepseek_v32")


def _groups(config: Config, index: int) -> list[experts.Group]:
    at, neurons = f"layers.{index}.mlp.", config.size("moe_intermediate_size")
    first = max(config.integers("first_k_dense_replace"), default=0)
    if not config.has("n_routed_experts") or index < first or index % config.size("moe_layer_freq", default=1):
        return [experts.Group(at, config.size("intermediate_size"))]
    found = [experts.Group(at + "experts.", neurons, config.size("n_routed_experts"))]
    if config.has("n_shared_experts"):
        found.append(experts.Group(at + "shared_experts.", config.size("n_shared_experts") * neurons))
    return found


def architecture(config: Config) -> Architecture:
    """Sizes of a DeepSeek-type config. ModelError as for every family, and for multi-head latent attention."""
    if config.model_type in LATENT:
        raise ModelError(
            f"{config.where}: {config.model_type} has multi-head latent attention, whose keys and values "
            "are compressed together and cannot be read"
        )
    plain = llama.architecture(config)
    sizes = (experts.neurons(_groups(config, index)) for index in range(plain.layers))
    return replace(plain, ffn=max(sizes))


def layer(reader: Reader, index: int) -> Layer:
    """Layer `index` with all its experts."""
    return experts.layer(reader, index, _groups(reader.config, index))


def gate(reader: Reader, index: int) -> tuple[Matrix, ...]:
    """The gates inside the experts of layer `index`."""
    return experts.gates(reader, _groups(reader.config, index))


FAMILY = replace(
    llama.FAMILY,
    name="deepseek",
    types=("deepseek", *LATENT),
    architecture=architecture,
    layer=layer,
    gate=gate,
)
