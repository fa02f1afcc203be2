"""How the names of GGUF files follow from those of transformers, architecture by architecture.

A GGUF file names every tensor alike for all architectures (`blk.3.attn_q.weight`); families look for the names that
transformers gives them. llama.cpp also changes some values when it converts a model; what it does is undone:

* *interleaved*: rows of q and k where its rotary positions turn neighbours and those of transformers the two halves
* *norms plus one*: weights of norms that transformers adds 1 to
* *experts*: the matrices of all experts in one tensor
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

#: Of most architectures.
ATTENTION = {
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_qkv": "self_attn.qkv_proj",
    "attn_output": "self_attn.o_proj",
    "attn_q_norm": "self_attn.q_norm",
    "attn_k_norm": "self_attn.k_norm",
}
NORMS = {"attn_norm": "input_layernorm", "ffn_norm": "post_attention_layernorm"}
#: Norms before and behind both halves.
FOUR_NORMS = {
    "attn_norm": "input_layernorm",
    "post_attention_norm": "post_attention_layernorm",
    "ffn_norm": "pre_feedforward_layernorm",
    "post_ffw_norm": "post_feedforward_layernorm",
}
MLP = {"ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj", "ffn_down": "mlp.down_proj"}
SHARED = {f"{name}_shexp": place.replace("mlp.", "mlp.shared_expert.") for name, place in MLP.items()}
TOP = {"token_embd": "model.embed_tokens", "output_norm": "model.norm", "output": "lm_head"}


@dataclass(frozen=True)
class Layout:
    """An architecture of GGUF: `model_type` of transformers, the names of whole-model tensors and of a layer's.

    `experts`: what stands before the number of an expert, and the names behind it of gate, up and down; `stacks`: names
    of tensors that hold all experts, of gate and up together and of down, instead, `neurons_alternate` between gate and
    up. `grouped`: q, k and v are in one matrix, group by group in transformers.
    """

    model_type: str
    layer: str = "model.layers.{}."
    parts: Mapping[str, str] = field(default_factory=lambda: ATTENTION | NORMS | MLP)
    top: Mapping[str, str] = field(default_factory=lambda: TOP)
    interleaved: bool = False
    norms_plus_one: bool = False
    transposed: bool = False
    experts: tuple[str, str, str, str] = ("mlp.experts.", "gate_proj", "up_proj", "down_proj")
    stacks: tuple[str, str] | None = None
    neurons_alternate: bool = False
    grouped: bool = False
    #: An encoder and a decoder, whose blocks are named apart (`of_t5`).
    two_stacks: bool = False


def of_t5(stack: str, number: int, part: str, gated: bool) -> str:
    """What transformers calls a part of block `number` of T5's encoder ("enc") or decoder ("dec")."""
    decoder = stack == "dec"
    at, half = f"{'decoder' if decoder else 'encoder'}.block.{number}.layer.", 1 + decoder
    if part.endswith("norm"):
        return f"{at}{ {'attn_norm': 0, 'cross_attn_norm': 1}.get(part, half) }.layer_norm.weight"
    kind, _, letter = part.rpartition("_")
    if kind == "ffn":
        names = {"gate": "wi_0", "up": "wi_1" if gated else "wi", "down": "wo"}
        return f"{at}{half}.DenseReluDense.{names.get(letter, letter)}.weight"
    return f"{at}{'1.EncDecAttention' if kind == 'cross_attn' else '0.SelfAttention'}.{letter}.weight"
