"""Qwen3-MoE: Qwen3's attention with its head norms; Qwen2-MoE's mixture without the shared expert."""

from __future__ import annotations

from dataclasses import replace

from ..architecture import Architecture
from ..config import Config
from ..layer import Layer, Reader
from . import qwen2_moe, qwen3


def architecture(config: Config) -> Architecture:
    """Sizes of a Qwen3-MoE-type config."""
    return qwen2_moe.mixture(config, qwen3.architecture(config))


def layer(reader: Reader, index: int) -> Layer:
    """Layer `index` with all its experts and its two head norms."""
    return qwen3.head_normed(reader, index, qwen2_moe.layer(reader, index))


FAMILY = replace(qwen2_moe.FAMILY, name="qwen3_moe", types=("qwen3_moe",), architecture=architecture, layer=layer)
