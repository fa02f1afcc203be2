"""Gemma 3: Gemma 2 with an RMSNorm on every query head and every key head, again as 1 + weight."""

from __future__ import annotations

from dataclasses import replace

from ..layer import Layer, Reader
from . import gemma2


def layer(reader: Reader, index: int) -> Layer:
    """Layer `index` with its six norms."""
    at, size = f"layers.{index}.self_attn.", reader.architecture.head_dim
    return replace(
        gemma2.layer(reader, index),
        q_norm=1 + reader.vector(at + "q_norm.weight", size),
        k_norm=1 + reader.vector(at + "k_norm.weight", size),
    )


FAMILY = replace(gemma2.FAMILY, name="gemma3", types=("gemma3_text",), layer=layer)
