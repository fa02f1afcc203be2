"""MPT: LayerNorm before each half, ALiBi positions; q, k and v stand on top of each other in `Wqkv`."""

from __future__ import annotations

from ...errors import ModelError
from ..architecture import Architecture
from ..config import Config
from ..layer import Layer, Reader
from .family import Family


def architecture(config: Config) -> Architecture:
    """Sizes of an MPT-type config.

    Raises:
        ModelError: as for every family; or the attention has shared keys, or norms on queries and keys.

    """
    attention = config.fields.get("attn_config") or {}
    if not isinstance(attention, dict):
        raise ModelError(f"{config.where}: attn_config is not an object")
    if attention.get("attn_type", "multihead_attention") != "multihead_attention" or attention.get("qk_ln"):
        raise ModelError(f"{config.where}: attn_config: only multihead_attention without qk_ln can be read")
    hidden, heads = config.size("d_model"), config.size("n_heads")
    return Architecture(
        hidden=hidden,
        heads=heads,
        kv_heads=heads,
        head_dim=config.head_size(hidden, heads),
        ffn=config.size("expansion_ratio", default=4) * hidden,
        layers=config.layer_count("n_layers"),
        vocab=config.size("vocab_size"),
        layer_norm=True,
    )


def layer(reader: Reader, index: int) -> Layer:
    """Layer `index`, taken apart."""
    a, at = reader.architecture, f"blocks.{index}."
    q, k, v = reader.matrix(at + "attn.Wqkv.weight", 3 * a.hidden, a.hidden).split([a.hidden] * 3)
    return Layer(
        q=q,
        k=k,
        v=v,
        o=reader.matrix(at + "attn.out_proj.weight", a.hidden, a.hidden),
        up=(reader.matrix(at + "ffn.up_proj.weight", a.ffn, a.hidden),),
        down=(reader.matrix(at + "ffn.down_proj.weight", a.hidden, a.ffn),),
        attention_norm=reader.vector(at + "norm_1.weight"),
        ffn_norm=reader.vector(at + "norm_2.weight"),
    )


FAMILY = Family("mpt", ("mpt",), ("transformer.", ""), "wte.weight", architecture, layer)
