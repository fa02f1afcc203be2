"""InternLM2: LLaMA's network under other names; `wqkv` holds, for each key/value head, its query heads, k and v."""

from __future__ import annotations

from ..layer import Layer, Matrix, Reader
from . import llama
from .family import Family


def layer(reader: Reader, index: int) -> Layer:
    """Layer `index`, its groups taken apart."""
    a, at = reader.architecture, f"layers.{index}."
    fused = reader.matrix(at + "attention.wqkv.weight", a.query_rows + 2 * a.kv_rows, a.hidden)
    q, k, v = fused.split([a.query_rows // a.kv_heads, a.head_dim, a.head_dim], groups=a.kv_heads)
    return Layer(
        q=q,
        k=k,
        v=v,
        o=reader.matrix(at + "attention.wo.weight", a.hidden, a.query_rows),
        up=(reader.matrix(at + "feed_forward.w3.weight", a.ffn, a.hidden),),
        down=(reader.matrix(at + "feed_forward.w2.weight", a.hidden, a.ffn),),
        attention_norm=reader.vector(at + "attention_norm.weight"),
        ffn_norm=reader.vector(at + "ffn_norm.weight"),
    )


def gate(reader: Reader, index: int) -> tuple[Matrix, ...]:
    """The gate of layer `index`."""
    a = reader.architecture
    return (reader.matrix(f"layers.{index}.feed_forward.w1.weight", a.ffn, a.hidden),)


FAMILY = Family("internlm2", ("internlm2",), ("model.", ""), "tok_embeddings.weight", llama.architecture, layer, gate)
