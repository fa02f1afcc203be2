"""OPT: LayerNorm before each half, learnt positions. The 350M model, whose norms stand behind, is refused."""

from __future__ import annotations

from ..architecture import Architecture
from ..config import Config
from ..layer import Layer, Reader
from .family import Family


def architecture(config: Config) -> Architecture:
    """Sizes of an OPT-type config.

    Raises:
        ModelError: as for every family; or norms stand behind each half, or embeddings have a different width.

    """
    hidden, heads = config.size("hidden_size"), config.size("num_attention_heads")
    config.require("do_layer_norm_before", (True,), "only OPT models with norms before each half can be read")
    config.require("word_embed_proj_dim", (hidden,), "only OPT models whose embedding has the hidden size can be read")
    return Architecture(
        hidden=hidden,
        heads=heads,
        kv_heads=heads,
        head_dim=config.head_size(hidden, heads),
        ffn=config.size("ffn_dim"),
        layers=config.layer_count("num_hidden_layers"),
        vocab=config.size("vocab_size"),
        layer_norm=True,
    )


def layer(reader: Reader, index: int) -> Layer:
    """Layer `index`, read as it stands; `final_layer_norm` is the one before its feed-forward block."""
    a, at = reader.architecture, f"layers.{index}."
    return Layer(
        q=reader.matrix(at + "self_attn.q_proj.weight", a.hidden, a.hidden),
        k=reader.matrix(at + "self_attn.k_proj.weight", a.hidden, a.hidden),
        v=reader.matrix(at + "self_attn.v_proj.weight", a.hidden, a.hidden),
        o=reader.matrix(at + "self_attn.out_proj.weight", a.hidden, a.hidden),
        up=(reader.matrix(at + "fc1.weight", a.ffn, a.hidden),),
        down=(reader.matrix(at + "fc2.weight", a.hidden, a.ffn),),
        attention_norm=reader.vector(at + "self_attn_layer_norm.weight"),
        ffn_norm=reader.vector(at + "final_layer_norm.weight"),
    )


FAMILY = Family("opt", ("opt",), ("model.decoder.", "decoder.", ""), "embed_tokens.weight", architecture, layer)
