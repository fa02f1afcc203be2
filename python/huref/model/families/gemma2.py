"""Gemma 2: Gemma with norms on both sides of each half.

    h = h + norm_b(o(attention(norm_a(h))));  h = h + norm_d(down(act(gate(norm_c(h))) * up(norm_c(h))))

In tensor names a to d are input, post_attention, pre_feedforward and post_feedforward.
"""

from __future__ import annotations

from dataclasses import replace

from ..layer import Layer, Reader
from . import gemma, llama


def layer(reader: Reader, index: int) -> Layer:
    """Layer `index` with its four norms."""
    at = f"layers.{index}."
    return replace(
        llama.layer(reader, index),
        attention_norm=1 + reader.vector(at + "input_layernorm.weight"),
        attention_out_norm=1 + reader.vector(at + "post_attention_layernorm.weight"),
        ffn_norm=1 + reader.vector(at + "pre_feedforward_layernorm.weight"),
        ffn_out_norm=1 + reader.vector(at + "post_feedforward_layernorm.weight"),
    )


FAMILY = replace(gemma.FAMILY, name="gemma2", types=("gemma2",), layer=layer)
