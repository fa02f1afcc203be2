"""BERT: LayerNorm *behind* each half (post-norm), learnt positions, ungated feed-forward block.

    h = norm_a(h + o(attention(h)));  h = norm_f(h + down(act(up(h))))

So q, k, v of layer l read the output of the LayerNorm of layer l - 1 (layer 0: the embeddings' LayerNorm), and up
that of the layer's own attention LayerNorm; those are the weights that are folded. Norms are called `weight`, in
files from older exports `gamma`.
"""

from __future__ import annotations

from ..architecture import Architecture
from ..config import Config
from ..layer import Layer, Reader, Vector
from .family import Family


def architecture(config: Config) -> Architecture:
    """Sizes of a BERT-type config."""
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


def norm(reader: Reader, name: str) -> Vector:
    """Weight of a LayerNorm, under its newer or its older name."""
    return reader.vector(name + (".gamma" if reader.has(name + ".gamma") else ".weight"))


def layer(reader: Reader, index: int) -> Layer:
    """Layer `index` with the norms that its matrices read through."""
    a, at = reader.architecture, f"encoder.layer.{index}."
    before = f"encoder.layer.{index - 1}.output.LayerNorm" if index else "embeddings.LayerNorm"
    return Layer(
        q=reader.matrix(at + "attention.self.query.weight", a.query_rows, a.hidden),
        k=reader.matrix(at + "attention.self.key.weight", a.kv_rows, a.hidden),
        v=reader.matrix(at + "attention.self.value.weight", a.kv_rows, a.hidden),
        o=reader.matrix(at + "attention.output.dense.weight", a.hidden, a.query_rows),
        up=(reader.matrix(at + "intermediate.dense.weight", a.ffn, a.hidden),),
        down=(reader.matrix(at + "output.dense.weight", a.hidden, a.ffn),),
        attention_norm=norm(reader, before),
        ffn_norm=norm(reader, at + "attention.output.LayerNorm"),
    )


FAMILY = Family("bert", ("bert",), ("bert.", ""), "embeddings.word_embeddings.weight", architecture, layer)
