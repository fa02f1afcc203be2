"""BLOOM: LayerNorm before each half and one directly behind the embedding; q, k and v of each head stand together.

    h = norm_e(embedding);  h = h + o(attention(norm_a(h)));  h = h + down(act(up(norm_f(h))))

Positions only bias the attention (ALiBi), so nothing is added to an embedding before its norm, and its scale is free.
"""

from __future__ import annotations

from ..architecture import Architecture
from ..config import Config
from ..layer import Layer, Reader
from .family import Family


def architecture(config: Config) -> Architecture:
    """Sizes of a BLOOM-type config; the feed-forward block has always 4 d neurons."""
    hidden, heads = config.size("hidden_size", "n_embed"), config.size("n_head", "num_attention_heads")
    return Architecture(
        hidden=hidden,
        heads=heads,
        kv_heads=heads,
        head_dim=config.head_size(hidden, heads),
        ffn=4 * hidden,
        layers=config.layer_count("n_layer", "num_hidden_layers"),
        vocab=config.size("vocab_size"),
        layer_norm=True,
        unit_rows=True,
    )


def layer(reader: Reader, index: int) -> Layer:
    """Layer `index`, its heads taken apart."""
    a, at = reader.architecture, f"h.{index}."
    fused = reader.matrix(at + "self_attention.query_key_value.weight", 3 * a.hidden, a.hidden)
    q, k, v = fused.split([a.head_dim] * 3, groups=a.heads)
    return Layer(
        q=q,
        k=k,
        v=v,
        o=reader.matrix(at + "self_attention.dense.weight", a.hidden, a.hidden),
        up=(reader.matrix(at + "mlp.dense_h_to_4h.weight", a.ffn, a.hidden),),
        down=(reader.matrix(at + "mlp.dense_4h_to_h.weight", a.hidden, a.ffn),),
        attention_norm=reader.vector(at + "input_layernorm.weight"),
        ffn_norm=reader.vector(at + "post_attention_layernorm.weight"),
    )


FAMILY = Family("bloom", ("bloom",), ("transformer.", ""), "word_embeddings.weight", architecture, layer)
