"""DistilBERT: BERT's network (norms behind each half) under other names."""

from __future__ import annotations

from ..architecture import Architecture
from ..config import Config
from ..layer import Layer, Reader
from .family import Family


def architecture(config: Config) -> Architecture:
    """Sizes of a DistilBERT-type config."""
    hidden, heads = config.size("dim"), config.size("n_heads")
    return Architecture(
        hidden=hidden,
        heads=heads,
        kv_heads=heads,
        head_dim=config.head_size(hidden, heads),
        ffn=config.size("hidden_dim"),
        layers=config.layer_count("n_layers"),
        vocab=config.size("vocab_size"),
        layer_norm=True,
    )


def layer(reader: Reader, index: int) -> Layer:
    """Layer `index` with the norms that its matrices read through."""
    a, at = reader.architecture, f"transformer.layer.{index}."
    before = f"transformer.layer.{index - 1}.output_layer_norm" if index else "embeddings.LayerNorm"
    return Layer(
        q=reader.matrix(at + "attention.q_lin.weight", a.hidden, a.hidden),
        k=reader.matrix(at + "attention.k_lin.weight", a.hidden, a.hidden),
        v=reader.matrix(at + "attention.v_lin.weight", a.hidden, a.hidden),
        o=reader.matrix(at + "attention.out_lin.weight", a.hidden, a.hidden),
        up=(reader.matrix(at + "ffn.lin1.weight", a.ffn, a.hidden),),
        down=(reader.matrix(at + "ffn.lin2.weight", a.hidden, a.ffn),),
        attention_norm=reader.vector(before + ".weight"),
        ffn_norm=reader.vector(at + "sa_layer_norm.weight"),
    )


EMBEDDING = "embeddings.word_embeddings.weight"
FAMILY = Family("distilbert", ("distilbert",), ("distilbert.", ""), EMBEDDING, architecture, layer)
