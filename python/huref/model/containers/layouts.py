"""How the names of GGUF files follow from those of transformers, architecture by architecture.

A GGUF file names every tensor alike for all architectures (`blk.3.attn_q.weight`); families look for the names that
transformers gives them. llama.cpp also changes some values when it converts a model; what it does is undone:

* *interleaved*: rows of q and k where its rotary positions turn neighbours and those of transformers the two halves
* *norms plus one*: weights of norms that transformers adds 1 to
* *experts*: the matrices of all experts in one tensor
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

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

    `experts`: what stands before the number of an expert, and the names behind it of gate, up and down. `fields`: of
    the configuration, besides those that every architecture has.
    """

    model_type: str
    layer: str = "model.layers.{}."
    parts: Mapping[str, str] = field(default_factory=lambda: ATTENTION | NORMS | MLP)
    top: Mapping[str, str] = field(default_factory=lambda: TOP)
    interleaved: bool = False
    norms_plus_one: bool = False
    transposed: bool = False
    experts: tuple[str, str, str, str] = ("mlp.experts.", "gate_proj", "up_proj", "down_proj")
    fields: Mapping[str, object] = field(default_factory=dict)


_LLAMA = Layout("llama", interleaved=True)
_MIXTRAL = ("block_sparse_moe.experts.", "w1", "w3", "w2")
_DEEPSEEK = {f"{name}_shexp": place.replace("mlp.", "mlp.shared_experts.") for name, place in MLP.items()}
_GEMMA = Layout("gemma", norms_plus_one=True)
_GEMMA2 = replace(_GEMMA, model_type="gemma2", parts=ATTENTION | FOUR_NORMS | MLP)
_OLMO2 = Layout("olmo2", parts=ATTENTION | FOUR_NORMS | MLP)

#: `general.architecture` -> layout. A file of Mixtral says "llama" and has experts.
LAYOUTS: Mapping[str, Layout] = {
    "llama": _LLAMA,
    "mixtral": replace(_LLAMA, model_type="mixtral", experts=_MIXTRAL),
    "mistral3": replace(_LLAMA, model_type="ministral3"),
    "smollm3": replace(_LLAMA, model_type="smollm3"),
    "granite": replace(_LLAMA, model_type="granite"),
    "arcee": replace(_LLAMA, model_type="arcee"),
    "olmo": replace(_LLAMA, model_type="olmo"),
    "deepseek": replace(_LLAMA, model_type="deepseek", parts=ATTENTION | NORMS | MLP | _DEEPSEEK),
    "qwen2": Layout("qwen2"),
    "qwen2vl": Layout("qwen2_vl"),
    "qwen3": Layout("qwen3"),
    "qwen3vl": Layout("qwen3_vl_text"),
    "qwen2moe": Layout("qwen2_moe", parts=ATTENTION | NORMS | MLP | SHARED),
    "qwen3moe": Layout("qwen3_moe"),
    "seed_oss": Layout("seed_oss"),
    "ernie4_5": Layout("ernie4_5"),
    "gemma": _GEMMA,
    "gemma2": _GEMMA2,
    "gemma3": replace(_GEMMA2, model_type="gemma3_text"),
    "phi3": Layout("phi3", parts=ATTENTION | NORMS | {"ffn_up": "mlp.gate_up_proj", "ffn_down": "mlp.down_proj"}),
    "olmo2": _OLMO2,
    "stablelm": Layout("stablelm"),
    "command-r": Layout("cohere"),
    "cohere2": Layout("cohere2"),
    "gpt2": Layout(
        "gpt2",
        "transformer.h.{}.",
        {
            "attn_qkv": "attn.c_attn",
            "attn_output": "attn.c_proj",
            "attn_norm": "ln_1",
            "ffn_norm": "ln_2",
            "ffn_up": "mlp.c_fc",
            "ffn_down": "mlp.c_proj",
        },
        {"token_embd": "transformer.wte", "position_embd": "transformer.wpe", "output_norm": "transformer.ln_f"},
        transposed=True,
    ),
    "bert": Layout(
        "bert",
        "encoder.layer.{}.",
        {
            "attn_q": "attention.self.query",
            "attn_k": "attention.self.key",
            "attn_v": "attention.self.value",
            "attn_output": "attention.output.dense",
            "attn_output_norm": "attention.output.LayerNorm",
            "ffn_up": "intermediate.dense",
            "ffn_down": "output.dense",
            "layer_output_norm": "output.LayerNorm",
        },
        {
            "token_embd": "embeddings.word_embeddings",
            "position_embd": "embeddings.position_embeddings",
            "token_types": "embeddings.token_type_embeddings",
            "token_embd_norm": "embeddings.LayerNorm",
        },
    ),
}
