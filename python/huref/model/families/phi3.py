"""Phi-3 and Phi-4: LLaMA's network; q, k, v stand on top of each other in `qkv_proj`, gate and up in `gate_up_proj`."""

from __future__ import annotations

from dataclasses import replace

from ..layer import Layer, Matrix, Reader
from . import llama


def _gate_and_up(reader: Reader, index: int) -> tuple[Matrix, ...]:
    a = reader.architecture
    return reader.matrix(f"layers.{index}.mlp.gate_up_proj.weight", 2 * a.ffn, a.hidden).split([a.ffn, a.ffn])


def layer(reader: Reader, index: int) -> Layer:
    """Layer `index`, taken apart."""
    a, at = reader.architecture, f"layers.{index}."
    sizes = [a.query_rows, a.kv_rows, a.kv_rows]
    q, k, v = reader.matrix(at + "self_attn.qkv_proj.weight", sum(sizes), a.hidden).split(sizes)
    plain = Layer(
        q=q,
        k=k,
        v=v,
        o=reader.matrix(at + "self_attn.o_proj.weight", a.hidden, a.query_rows),
        up=(_gate_and_up(reader, index)[1],),
        down=(reader.matrix(at + "mlp.down_proj.weight", a.hidden, a.ffn),),
    )
    return llama.normed(reader, index, plain)


def gate(reader: Reader, index: int) -> tuple[Matrix, ...]:
    """The gate of layer `index`."""
    return (_gate_and_up(reader, index)[0],)


FAMILY = replace(llama.FAMILY, name="phi3", types=("phi3",), layer=layer, gate=gate)
