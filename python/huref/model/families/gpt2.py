"""GPT-2: LayerNorm before each half, learnt positions, ungated feed-forward block.

    h = h + o(attention(norm1(h)));  h = h + down(act(up(norm2(h))))

Its `Conv1D` layers store `in x out`, so every matrix is transposed; q, k and v stand side by side in `c_attn`.
"""

from __future__ import annotations

from ..architecture import Architecture
from ..config import Config
from ..layer import Layer, Reader
from .family import Family


def architecture(config: Config) -> Architecture:
    """Sizes of a GPT-2-type config. `n_inner` null means 4 d."""
    hidden, heads = config.size("n_embd"), config.size("n_head")
    return Architecture(
        hidden=hidden,
        heads=heads,
        kv_heads=heads,
        head_dim=config.head_size(hidden, heads),
        ffn=config.size("n_inner", default=4 * hidden),
        layers=config.layer_count("n_layer"),
        vocab=config.size("vocab_size"),
        layer_norm=True,
    )


def layer(reader: Reader, index: int) -> Layer:
    """Layer `index`, transposed and taken apart."""
    a, at = reader.architecture, f"h.{index}."
    q, k, v = reader.matrix(at + "attn.c_attn.weight", a.hidden, 3 * a.hidden).transposed.split([a.hidden] * 3)
    return Layer(
        q=q,
        k=k,
        v=v,
        o=reader.matrix(at + "attn.c_proj.weight", a.hidden, a.hidden).transposed,
        up=(reader.matrix(at + "mlp.c_fc.weight", a.hidden, a.ffn).transposed,),
        down=(reader.matrix(at + "mlp.c_proj.weight", a.ffn, a.hidden).transposed,),
        attention_norm=reader.vector(at + "ln_1.weight"),
        ffn_norm=reader.vector(at + "ln_2.weight"),
    )


FAMILY = Family("gpt2", ("gpt2",), ("transformer.", ""), "wte.weight", architecture, layer)
