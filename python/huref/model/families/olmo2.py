"""OLMo 2: LLaMA's matrices; norms stand behind each half, and one each on all queries and on all keys.

h = h + norm_a(o(attention(h)));  h = h + norm_f(down(act(gate(h)) * up(h)))
"""

from __future__ import annotations

from dataclasses import replace

from ..layer import Layer, Reader
from . import llama


def layer(reader: Reader, index: int) -> Layer:
    """Layer `index` with its four norms."""
    a, at = reader.architecture, f"layers.{index}."
    return replace(
        llama.matrices(reader, index),
        attention_out_norm=reader.vector(at + "post_attention_layernorm.weight"),
        ffn_out_norm=reader.vector(at + "post_feedforward_layernorm.weight"),
        q_norm=reader.vector(at + "self_attn.q_norm.weight", a.query_rows),
        k_norm=reader.vector(at + "self_attn.k_norm.weight", a.kv_rows),
    )


FAMILY = replace(llama.FAMILY, name="olmo2", types=("olmo2",), layer=layer)
