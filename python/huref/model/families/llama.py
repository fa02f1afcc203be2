"""LLaMA: RMSNorm before each half, rotary positions, gated feed-forward block.

    h = h + o(attention(norm1(h)));  h = h + down(act(gate(norm2(h))) * up(norm2(h)))

Heads may share key/value heads in contiguous blocks (GQA), and may be wider or narrower than d / h (`head_dim`).
Biases are in no term. The gate is in a term of profile paper only. Tied or not, the input embedding is
`embed_tokens`.
"""

from __future__ import annotations

from dataclasses import replace

from ..architecture import Architecture
from ..config import Config
from ..layer import Layer, Matrix, Reader
from .family import Family

PREFIXES = ("model.", "")
EMBEDDING = "embed_tokens.weight"


def architecture(config: Config) -> Architecture:
    """Sizes of a LLaMA-type config."""
    hidden, heads = config.size("hidden_size"), config.size("num_attention_heads")
    return Architecture(
        hidden=hidden,
        heads=heads,
        kv_heads=config.size("num_key_value_heads", default=heads),
        head_dim=config.size("head_dim") if config.has("head_dim") else config.head_size(hidden, heads),
        ffn=config.size("intermediate_size"),
        layers=config.layer_count("num_hidden_layers"),
        vocab=config.size("vocab_size"),
        layer_norm=False,
    )


def attention(reader: Reader, index: int, up: tuple[Matrix, ...], down: tuple[Matrix, ...]) -> Layer:
    """q, k, v and o of layer `index`, with those up and down; no norms."""
    a, at = reader.architecture, f"layers.{index}.self_attn."
    return Layer(
        q=reader.matrix(at + "q_proj.weight", a.query_rows, a.hidden),
        k=reader.matrix(at + "k_proj.weight", a.kv_rows, a.hidden),
        v=reader.matrix(at + "v_proj.weight", a.kv_rows, a.hidden),
        o=reader.matrix(at + "o_proj.weight", a.hidden, a.query_rows),
        up=up,
        down=down,
    )


def matrices(reader: Reader, index: int) -> Layer:
    """Layer `index` without its norms."""
    a, at = reader.architecture, f"layers.{index}.mlp."
    up = reader.matrix(at + "up_proj.weight", a.ffn, a.hidden)
    down = reader.matrix(at + "down_proj.weight", a.hidden, a.ffn)
    return attention(reader, index, (up,), (down,))


def normed(reader: Reader, index: int, layer: Layer) -> Layer:
    """A layer with the norms before its halves."""
    at = f"layers.{index}."
    return replace(
        layer,
        attention_norm=reader.vector(at + "input_layernorm.weight"),
        ffn_norm=reader.vector(at + "post_attention_layernorm.weight"),
    )


def layer(reader: Reader, index: int) -> Layer:
    """Layer `index`, read as it stands."""
    return normed(reader, index, matrices(reader, index))


def gate(reader: Reader, index: int) -> tuple[Matrix, ...]:
    """The gate of layer `index`."""
    a = reader.architecture
    return (reader.matrix(f"layers.{index}.mlp.gate_proj.weight", a.ffn, a.hidden),)


FAMILY = Family("llama", ("llama",), PREFIXES, EMBEDDING, architecture, layer, gate)
