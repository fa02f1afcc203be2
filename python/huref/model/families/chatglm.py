"""ChatGLM 2 and 3: RMSNorm before each half, rotary positions, keys and values shared by groups of heads.

`query_key_value` holds all queries, then all keys, then all values; `dense_h_to_4h` the gate, then up. (The first
generation, with other norms and layouts, is refused.)
"""

from __future__ import annotations

from ..architecture import Architecture
from ..config import Config
from ..layer import Layer, Matrix, Reader
from .family import Family


def architecture(config: Config) -> Architecture:
    """Sizes of a ChatGLM-type config. ModelError as for every family, and for LayerNorm or norms behind each half."""
    config.require("rmsnorm", (True,), "only ChatGLM models with RMSNorm can be read")
    config.require("apply_residual_connection_post_layernorm", (False,), "only norms before each half can be read")
    heads = config.size("num_attention_heads")
    shared = config.flag("multi_query_attention", False)
    return Architecture(
        hidden=config.size("hidden_size"),
        heads=heads,
        kv_heads=config.size("multi_query_group_num") if shared else heads,
        head_dim=config.size("kv_channels"),
        ffn=config.size("ffn_hidden_size"),
        layers=config.layer_count("num_layers"),
        vocab=config.size("padded_vocab_size"),
        layer_norm=False,
    )


def _gate_and_up(reader: Reader, index: int) -> tuple[Matrix, ...]:
    a, name = reader.architecture, f"encoder.layers.{index}.mlp.dense_h_to_4h.weight"
    return reader.matrix(name, 2 * a.ffn, a.hidden).split([a.ffn, a.ffn])


def layer(reader: Reader, index: int) -> Layer:
    """Layer `index`, taken apart."""
    a, at = reader.architecture, f"encoder.layers.{index}."
    sizes = [a.query_rows, a.kv_rows, a.kv_rows]
    q, k, v = reader.matrix(at + "self_attention.query_key_value.weight", sum(sizes), a.hidden).split(sizes)
    return Layer(
        q=q,
        k=k,
        v=v,
        o=reader.matrix(at + "self_attention.dense.weight", a.hidden, a.query_rows),
        up=(_gate_and_up(reader, index)[1],),
        down=(reader.matrix(at + "mlp.dense_4h_to_h.weight", a.hidden, a.ffn),),
        attention_norm=reader.vector(at + "input_layernorm.weight"),
        ffn_norm=reader.vector(at + "post_attention_layernorm.weight"),
    )


def gate(reader: Reader, index: int) -> tuple[Matrix, ...]:
    """The gate of layer `index`."""
    return (_gate_and_up(reader, index)[0],)


EMBEDDING = "embedding.word_embeddings.weight"
FAMILY = Family("chatglm", ("chatglm",), ("transformer.", ""), EMBEDDING, architecture, layer, gate)
