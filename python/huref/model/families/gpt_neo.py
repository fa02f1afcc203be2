"""GPT-Neo: GPT-2's network with ordinary linear layers and separate q, k and v."""

from __future__ import annotations

from ..architecture import Architecture
from ..config import Config
from ..layer import Layer, Reader
from .family import Family


def architecture(config: Config) -> Architecture:
    """Sizes of a GPT-Neo-type config. `intermediate_size` null means 4 d."""
    hidden, heads = config.size("hidden_size"), config.size("num_heads")
    return Architecture(
        hidden=hidden,
        heads=heads,
        kv_heads=heads,
        head_dim=config.head_size(hidden, heads),
        ffn=config.size("intermediate_size", default=4 * hidden),
        layers=config.layer_count("num_layers"),
        vocab=config.size("vocab_size"),
        layer_norm=True,
    )


def layer(reader: Reader, index: int) -> Layer:
    """Layer `index`, read as it stands."""
    a, at = reader.architecture, f"h.{index}."
    return Layer(
        q=reader.matrix(at + "attn.attention.q_proj.weight", a.hidden, a.hidden),
        k=reader.matrix(at + "attn.attention.k_proj.weight", a.hidden, a.hidden),
        v=reader.matrix(at + "attn.attention.v_proj.weight", a.hidden, a.hidden),
        o=reader.matrix(at + "attn.attention.out_proj.weight", a.hidden, a.hidden),
        up=(reader.matrix(at + "mlp.c_fc.weight", a.ffn, a.hidden),),
        down=(reader.matrix(at + "mlp.c_proj.weight", a.hidden, a.ffn),),
        attention_norm=reader.vector(at + "ln_1.weight"),
        ffn_norm=reader.vector(at + "ln_2.weight"),
    )


FAMILY = Family("gpt_neo", ("gpt_neo",), ("transformer.", ""), "wte.weight", architecture, layer)
