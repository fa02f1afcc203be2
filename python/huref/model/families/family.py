"""What a family is: where a layer keeps its matrices and norms, as data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

#: Names of the parts of a pattern that has a `*`.
ATTENTION, GATED = ("q", "k", "v", "o"), ("gate", "up", "down")


@dataclass(frozen=True)
class Family:
    """One architecture family.

    Names are given without `.weight` and, inside layers, without what stands before them: `layers` and the number. Of
    alternatives, `a|b`, the first that a layer has is taken; what begins with `?` may be missing. `*` stands for each
    of q, k, v, o or of gate, up, down.

    `types`: the values of `model_type` that are read so, `type:heads` with the library's default number of heads for
    configs that leave it out. `attention`: q, k, v and o; or q, k, v in one matrix, and o.
    `ffn`: blocks of a layer, of which those that are there are put side by side: gate, up and down; or up and down; or
    both in one matrix (`halves`), and down; `#` stands for the number of an expert, and matrices of three axes hold an
    expert in each entry of the first. `norms`: before and behind attention, before and behind the feed-forward block
    (`-`: none). `head_norms`: on queries and on keys.
    """

    name: str
    types: str
    attention: str = "self_attn.*_proj"
    ffn: tuple[str, ...] = ("mlp.*_proj",)
    norms: str = "input_layernorm - post_attention_layernorm -"
    head_norms: str = ""
    #: On what the output matrices of attention and of the feed-forward block read.
    inner_norms: str = ""
    embedding: str = "embed_tokens"
    #: Matrix between a narrower embedding, with its norm, and the hidden state; may be missing.
    projection: str = ""
    #: Layers are made of fewer groups of weights, each used several times in a row.
    repeated: bool = False
    #: Rows of the embedding beyond the vocabulary that the config states.
    further_rows: int = 0
    #: What stands before the number of a layer; of several stacks that read the embedding, one after the other.
    layers: str = "layers.|blocks.|encoder.layers."
    #: In the fused matrix q, k, v stand together for each key/value head.
    grouped: bool = False
    #: `q_proj` holds, for each head, its queries and the gates of its outputs.
    gated_queries: bool = False
    #: Queries, keys and values go through matrices of low rank (`latent`).
    latent: bool = False
    #: What a matrix of gate and up holds: "gate up", "up gate" or, line by line, "interleaved".
    halves: str = "gate up"
    #: The config counts the neurons of gate and up together.
    doubled: bool = False
    #: ... and layers in pairs.
    paired: bool = False
    #: Layers differ in their number of heads; those with as many as the config says are read.
    alike: bool = False
    #: `down` is stored `f x d`.
    turned: bool = False
    #: Matrices are stored `in x out`.
    transposed: bool = False
    #: LayerNorm, which subtracts a mean; otherwise RMSNorm.
    layer_norm: bool = False
    #: A norm multiplies by this plus its weight.
    added: float = 0.0
    #: Norms stand behind the halves and the residual stream, so q, k, v read the last norm of the layer before.
    post_norm: bool = False
    #: Behind the embedding, one for each stack: what q, k, v of its first layer read, if that has no norm before them.
    embedding_norm: str = ""
    #: Queries and keys of each head are divided by their lengths: "always", or in layers with rotary positions if this
    #: field of the config says so.
    bare_head_norms: str = ""
    #: A norm stands directly behind the embedding with nothing added in between.
    unit_rows: bool = False
    #: Layers differ in their sizes of heads, numbers of key/value heads and neurons; the smaller are filled up.
    varying: bool = False
    #: A norm without weights stands on the values of each head.
    sized_values: bool = False
    #: Field of the config, and its default: so many of the last layers have no keys and values of their own.
    borrowing: tuple[str, int] | None = None
    #: Some layers have no attention of this kind, or no feed-forward block; only the others are read.
    partial: bool = False
    #: Fields of the config that must be missing or one of these values, and why.
    require: tuple[tuple[str, tuple[object, ...], str], ...] = ()
    #: Parts of names of further norms and experts of a layer that are in no term.
    beside: tuple[str, ...] = ()
    #: What the table of models says beside the norms.
    note: str = ""

    @property
    def heads(self) -> dict[str, int | None]:
        """`model_type` -> heads where a config does not say, None if it has to."""
        pairs = (kind.partition(":") for kind in self.types.split())
        return {kind: int(heads) if heads else None for kind, _, heads in pairs}

    @property
    def mixture(self) -> bool:
        """Whether layers may differ in the number of their neurons: by experts."""
        return any("expert" in block or "moe" in block for block in self.ffn)


def expanded(pattern: str, letters: Sequence[str]) -> list[str]:
    """The names that a pattern stands for."""
    names = pattern.split()
    if len(names) == 1 and "*" in pattern:
        return [pattern.replace("*", letter) for letter in letters]
    return names
