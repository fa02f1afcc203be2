"""Gemma: LLaMA's layout; a norm multiplies by 1 + weight. Embeddings are scaled by one number, which is not felt."""

from __future__ import annotations

from dataclasses import replace

from ..architecture import Architecture
from ..config import Config
from ..layer import Layer, Reader
from . import llama


def architecture(config: Config) -> Architecture:
    """Sizes of a Gemma-type config. A missing `head_dim` means 256."""
    return replace(llama.architecture(config), head_dim=config.size("head_dim", default=256))


def layer(reader: Reader, index: int) -> Layer:
    """Layer `index`, norms as the factors that they are."""
    at = f"layers.{index}."
    return replace(
        llama.layer(reader, index),
        attention_norm=1 + reader.vector(at + "input_layernorm.weight"),
        ffn_norm=1 + reader.vector(at + "post_attention_layernorm.weight"),
    )


FAMILY = replace(llama.FAMILY, name="gemma", types=("gemma",), architecture=architecture, layer=layer)
