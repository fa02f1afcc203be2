"""GPT-NeoX (Pythia): LayerNorm before each half; q, k and v of each head stand together in `query_key_value`.

serial:    h = h + o(attention(norm_a(h)));  h = h + down(act(up(norm_f(h))))
parallel:  h = h + o(attention(norm_a(h))) + down(act(up(norm_f(h))))
"""

from __future__ import annotations

from ..architecture import Architecture
from ..config import Config
from ..layer import Layer, Reader
from .family import Family


def architecture(config: Config) -> Architecture:
    """Sizes of a GPT-NeoX-type config."""
    hidden, heads = config.size("hidden_size"), config.size("num_attention_heads")
    return Architecture(
        hidden=hidden,
        heads=heads,
        kv_heads=heads,
        head_dim=config.head_size(hidden, heads),
        ffn=config.size("intermediate_size"),
        layers=config.layer_count("num_hidden_layers"),
        vocab=config.size("vocab_size"),
        layer_norm=True,
    )


def layer(reader: Reader, index: int) -> Layer:
    """Layer `index`, its heads taken apart."""
    a, at = reader.architecture, f"layers.{index}."
    fused = reader.matrix(at + "attention.query_key_value.weight", 3 * a.hidden, a.hidden)
    q, k, v = fused.split([a.head_dim] * 3, groups=a.heads)
    return Layer(
        q=q,
        k=k,
        v=v,
        o=reader.matrix(at + "attention.dense.weight", a.hidden, a.hidden),
        up=(reader.matrix(at + "mlp.dense_h_to_4h.weight", a.ffn, a.hidden),),
        down=(reader.matrix(at + "mlp.dense_4h_to_h.weight", a.hidden, a.ffn),),
        attention_norm=reader.vector(at + "input_layernorm.weight"),
        ffn_norm=reader.vector(at + "post_attention_layernorm.weight"),
    )


FAMILY = Family("gpt_neox", ("gpt_neox",), ("gpt_neox.", ""), "embed_in.weight", architecture, layer)
