"""Qwen3: LLaMA's layout with an RMSNorm on every query head and every key head, whose weight all heads share."""

from __future__ import annotations

from dataclasses import replace

from ..architecture import Architecture
from ..config import Config
from ..layer import Layer, Reader
from . import llama


def architecture(config: Config) -> Architecture:
    """Sizes of a Qwen3-type config. A missing `head_dim` means 128."""
    return replace(llama.architecture(config), head_dim=config.size("head_dim", default=128))


def head_normed(reader: Reader, index: int, layer: Layer) -> Layer:
    """A layer with the norms on its heads."""
    at, size = f"layers.{index}.self_attn.", reader.architecture.head_dim
    return replace(
        layer,
        q_norm=reader.vector(at + "q_norm.weight", size),
        k_norm=reader.vector(at + "k_norm.weight", size),
    )


def layer(reader: Reader, index: int) -> Layer:
    """Layer `index` with its two head norms."""
    return head_normed(reader, index, llama.layer(reader, index))


FAMILY = replace(llama.FAMILY, name="qwen3", types=("qwen3", "qwen3_vl_text"), architecture=architecture, layer=layer)
