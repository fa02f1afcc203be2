"""Mixtral: LLaMA's attention; the feed-forward block is a mixture of experts w2(act(w1(x)) * w3(x))."""

from __future__ import annotations

from dataclasses import replace

from ..architecture import Architecture
from ..config import Config
from ..layer import Layer, Matrix, Reader
from . import experts, llama

NAMES = ("w1", "w3", "w2")


def architecture(config: Config) -> Architecture:
    """Sizes of a Mixtral-type config; `intermediate_size` is that of one expert."""
    a = llama.architecture(config)
    return replace(a, ffn=a.ffn * config.size("num_local_experts"))


def _groups(reader: Reader, index: int) -> list[experts.Group]:
    config, at = reader.config, f"layers.{index}.block_sparse_moe.experts."
    return [experts.Group(at, config.size("intermediate_size"), config.size("num_local_experts"))]


def layer(reader: Reader, index: int) -> Layer:
    """Layer `index` with all its experts."""
    return experts.layer(reader, index, _groups(reader, index), NAMES)


def gate(reader: Reader, index: int) -> tuple[Matrix, ...]:
    """The gates inside the experts of layer `index`."""
    return experts.gates(reader, _groups(reader, index), NAMES)


FAMILY = replace(llama.FAMILY, name="mixtral", types=("mixtral",), architecture=architecture, layer=layer, gate=gate)
