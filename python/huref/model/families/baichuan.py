"""Baichuan: LLaMA's network; q, k and v stand on top of each other in `W_pack`."""

from __future__ import annotations

from dataclasses import replace

from ..layer import Layer, Reader
from . import llama


def layer(reader: Reader, index: int) -> Layer:
    """Layer `index`, taken apart."""
    a, at = reader.architecture, f"layers.{index}."
    q, k, v = reader.matrix(at + "self_attn.W_pack.weight", 3 * a.hidden, a.hidden).split([a.hidden] * 3)
    plain = Layer(
        q=q,
        k=k,
        v=v,
        o=reader.matrix(at + "self_attn.o_proj.weight", a.hidden, a.hidden),
        up=(reader.matrix(at + "mlp.up_proj.weight", a.ffn, a.hidden),),
        down=(reader.matrix(at + "mlp.down_proj.weight", a.hidden, a.ffn),),
    )
    return llama.normed(reader, index, plain)


FAMILY = replace(llama.FAMILY, name="baichuan", types=("baichuan",), layer=layer)
