"""Falcon: LayerNorm, attention and feed-forward block side by side or one after the other, fused q, k and v.

Three layouts of `query_key_value`:

    new (40B, 180B):             for each key/value head, its query heads, then k, then v
    multi-query (7B):            all query heads, then the one k, then the one v
    neither (RW):                for each head, q, k, v

and of norms: one for both halves (parallel, 7B), one each (`ln_attn`, `ln_mlp`; new), or one before each half in turn
(RW).
"""

from __future__ import annotations

from ..architecture import Architecture
from ..config import Config
from ..layer import Layer, Reader
from .family import Family


def architecture(config: Config) -> Architecture:
    """Sizes of a Falcon-type config."""
    hidden, heads = config.size("hidden_size"), config.size("num_attention_heads", "n_head")
    if config.flag("new_decoder_architecture", config.has("n_head_kv")):  # configs from before the flag
        kv_heads = config.size("num_kv_heads", "n_head_kv", default=heads)
    else:
        kv_heads = 1 if config.flag("multi_query", True) else heads
    return Architecture(
        hidden=hidden,
        heads=heads,
        kv_heads=kv_heads,
        head_dim=config.head_size(hidden, heads),
        ffn=config.size("ffn_hidden_size", default=4 * hidden),
        layers=config.layer_count("num_hidden_layers", "n_layer"),
        vocab=config.size("vocab_size"),
        layer_norm=True,
    )


def layer(reader: Reader, index: int) -> Layer:
    """Layer `index`, its groups taken apart: each of the three layouts is one of `kv_heads` groups of q, k, v."""
    a, at = reader.architecture, f"h.{index}."
    fused = reader.matrix(at + "self_attention.query_key_value.weight", a.query_rows + 2 * a.kv_rows, a.hidden)
    q, k, v = fused.split([a.query_rows // a.kv_heads, a.head_dim, a.head_dim], groups=a.kv_heads)
    two = reader.has(at + "ln_attn.weight")
    first = at + ("ln_attn.weight" if two else "input_layernorm.weight")
    if two:
        second = at + "ln_mlp.weight"
    else:
        second = first if reader.config.flag("parallel_attn", True) else at + "post_attention_layernorm.weight"
    return Layer(
        q=q,
        k=k,
        v=v,
        o=reader.matrix(at + "self_attention.dense.weight", a.hidden, a.query_rows),
        up=(reader.matrix(at + "mlp.dense_h_to_4h.weight", a.ffn, a.hidden),),
        down=(reader.matrix(at + "mlp.dense_4h_to_h.weight", a.hidden, a.ffn),),
        attention_norm=reader.vector(first),
        ffn_norm=reader.vector(second),
    )


TYPES = ("falcon", "RefinedWeb", "RefinedWebModel")
FAMILY = Family("falcon", TYPES, ("transformer.", ""), "word_embeddings.weight", architecture, layer)
