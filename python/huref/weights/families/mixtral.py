"""Mixtral: LLaMA's attention; the feed-forward block is a mixture of experts w2(act(w1(x)) * w3(x)).

Experts are concatenated: their terms add up, whatever their order.
"""

from __future__ import annotations

from dataclasses import replace

from ..architecture import Architecture
from ..config import Config
from ..layer import Layer, Matrix, Reader
from . import llama


def _experts(reader: Reader, index: int, name: str, rows: int, columns: int) -> tuple[Matrix, ...]:
    at = f"layers.{index}.block_sparse_moe.experts."
    count = reader.config.size("num_local_experts")
    return tuple(reader.matrix(f"{at}{expert}.{name}.weight", rows, columns) for expert in range(count))


def architecture(config: Config) -> Architecture:
    """Sizes of a Mixtral-type config; `intermediate_size` is that of one expert."""
    a = llama.architecture(config)
    return replace(a, ffn=a.ffn * config.size("num_local_experts"))


def layer(reader: Reader, index: int) -> Layer:
    """Layer `index` with all its experts."""
    hidden, neurons = reader.architecture.hidden, reader.config.size("intermediate_size")
    up = _experts(reader, index, "w3", neurons, hidden)
    down = _experts(reader, index, "w2", hidden, neurons)
    return llama.normed(reader, index, llama.attention(reader, index, up, down))


def gate(reader: Reader, index: int) -> tuple[Matrix, ...]:
    """The gates of layer `index`: those inside the experts, not the router."""
    return _experts(reader, index, "w1", reader.config.size("intermediate_size"), reader.architecture.hidden)


FAMILY = replace(llama.FAMILY, name="mixtral", types=("mixtral",), architecture=architecture, layer=layer, gate=gate)
